;; Several results, from functions and from blocks.
;;   minplat-host run examples/multi.cwasm --invoke divide 17 5   # 3 and 2
(module
  (func $divide (export "divide") (param $a i32) (param $b i32) (result i32 i32)
    (i32.div_s (local.get $a) (local.get $b))
    (i32.rem_s (local.get $a) (local.get $b)))

  (func $swap (export "swap") (param i32 i64) (result i64 i32)
    local.get 1
    local.get 0)

  ;; A block with two results: the smaller and the larger.
  (func $order (export "order") (param $a i32) (param $b i32) (result i32 i32)
    (if (result i32 i32) (i32.lt_s (local.get $a) (local.get $b))
      (then (local.get $a) (local.get $b))
      (else (local.get $b) (local.get $a)))))
