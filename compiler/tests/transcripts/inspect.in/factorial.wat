;; Recursion and 64-bit integers: n! for n up to 20; and the same as a loop.
;;   minplat-host run examples/factorial.cwasm --invoke factorial 20
(module
  (func $factorial (export "factorial") (param $n i64) (result i64)
    (if (result i64) (i64.le_s (local.get $n) (i64.const 1))
      (then (i64.const 1))
      (else
        (i64.mul
          (local.get $n)
          (call $factorial (i64.sub (local.get $n) (i64.const 1)))))))

  (func $factorial_loop (export "factorial_loop") (param $n i64) (result i64)
    (local $product i64)
    (local.set $product (i64.const 1))
    (loop $next
      (if (i64.gt_s (local.get $n) (i64.const 1))
        (then
          (local.set $product (i64.mul (local.get $product) (local.get $n)))
          (local.set $n (i64.sub (local.get $n) (i64.const 1)))
          (br $next))))
    (local.get $product)))
