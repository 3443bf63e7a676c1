;; f32 and f64: the same bits on every platform, with or without a floating-point unit.
;; `nearest` rounds halves to even; ceil, floor, trunc and nearest are one instruction each with SSE4.1.
;;   minplat-host run examples/floats.cwasm --invoke hypotenuse 3 4   # 5
(module
  (func $hypotenuse (export "hypotenuse") (param $a f64) (param $b f64) (result f64)
    (f64.sqrt
      (f64.add
        (f64.mul (local.get $a) (local.get $a))
        (f64.mul (local.get $b) (local.get $b)))))

  (func $ceil (export "ceil") (param f32) (result f32)
    (f32.ceil (local.get 0)))
  (func $floor (export "floor") (param f64) (result f64)
    (f64.floor (local.get 0)))
  (func $nearest (export "nearest") (param f64) (result f64)
    (f64.nearest (local.get 0)))
  (func $minimum (export "minimum") (param f32 f32) (result f32)
    (f32.min (local.get 0) (local.get 1)))

  ;; Saturates where `i32.trunc_f64_s` would trap.
  (func $to_integer (export "to_integer") (param f64) (result i32)
    (i32.trunc_sat_f64_s (local.get 0)))

  ;; The bits, so that the sign of a zero can be seen.
  (func $bits (export "bits") (param f64) (result i64)
    (i64.reinterpret_f64 (local.get 0))))
