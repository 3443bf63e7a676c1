;; Indirect calls: operations chosen by number, as a C switch over function pointers compiles to.
;; A number outside the table, or an entry of another type, is a trap.
;;   minplat-host run examples/table.cwasm --invoke apply 2 6 7   # 42
(module
  (type $binary (func (param i32 i32) (result i32)))
  (table $operations (export "operations") 6 funcref)
  (elem (table $operations) (i32.const 0) func $add $subtract $multiply $divide $negate)

  (func $add (type $binary) (i32.add (local.get 0) (local.get 1)))
  (func $subtract (type $binary) (i32.sub (local.get 0) (local.get 1)))
  (func $multiply (type $binary) (i32.mul (local.get 0) (local.get 1)))
  (func $divide (type $binary) (i32.div_s (local.get 0) (local.get 1)))
  (func $negate (param i32) (result i32) (i32.sub (i32.const 0) (local.get 0)))

  (func $apply (export "apply")
    (param $operation i32) (param $a i32) (param $b i32) (result i32)
    (call_indirect $operations (type $binary)
      (local.get $a) (local.get $b) (local.get $operation))))
