;; What goes wrong in a guest ends in a trap: an error for the embedder, never a crash of the machine.
;; The functions have names and call each other, so that the backtrace has something to tell.
;;   minplat-host run examples/trap.cwasm --invoke divide 1 0
(module
  (memory 1)
  (table 1 funcref)
  (type $nullary (func (result i32)))

  (func $innermost
    unreachable)
  (func $middle
    call $innermost)
  (func $unreachable (export "unreachable")
    call $middle)

  (func $quotient (param $a i32) (param $b i32) (result i32)
    (i32.div_s (local.get $a) (local.get $b)))
  (func $divide (export "divide") (param $a i32) (param $b i32) (result i32)
    (call $quotient (local.get $a) (local.get $b)))

  (func $read (param $address i32) (result i32)
    (i32.load (local.get $address)))
  (func $load (export "load") (param $address i32) (result i32)
    (call $read (local.get $address)))

  (func $descend (param $depth i64) (result i64)
    (i64.add
      (i64.const 1)
      (call $descend (i64.add (local.get $depth) (i64.const 1)))))
  (func $overflow_stack (export "overflow_stack") (result i64)
    (call $descend (i64.const 0)))

  (func $truncate (export "truncate") (param $value f64) (result i32)
    (i32.trunc_f64_s (local.get $value)))

  (func $call_null (export "call_null") (result i32)
    (call_indirect (type $nullary) (i32.const 0))))
