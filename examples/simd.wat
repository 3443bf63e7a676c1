;; 128-bit vectors: four 32-bit numbers at a time.
;;   minplat-host run examples/simd.cwasm --invoke dot 1 2 3 4    # 1·1 + 2·2 + 3·3 + 4·4 = 30
(module
  (memory 1)
  (func $splat (export "splat") (param i32) (result v128)
    (i32x4.splat (local.get 0)))

  (func $add (export "add") (param v128 v128) (result v128)
    (i32x4.add (local.get 0) (local.get 1)))

  (func $sum (param $v v128) (result i32)
    (i32.add
      (i32.add
        (i32x4.extract_lane 0 (local.get $v)) (i32x4.extract_lane 1 (local.get $v)))
      (i32.add
        (i32x4.extract_lane 2 (local.get $v)) (i32x4.extract_lane 3 (local.get $v)))))

  ;; The scalar product of a vector with itself.
  (func $dot (export "dot") (param i32 i32 i32 i32) (result i32)
    (i32.store offset=0 (i32.const 0) (local.get 0))
    (i32.store offset=4 (i32.const 0) (local.get 1))
    (i32.store offset=8 (i32.const 0) (local.get 2))
    (i32.store offset=12 (i32.const 0) (local.get 3))
    (call $sum (i32x4.mul (v128.load (i32.const 0)) (v128.load (i32.const 0)))))

  (func $reverse_bytes (export "reverse_bytes") (param v128) (result v128)
    (i8x16.shuffle 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0
      (local.get 0) (local.get 0))))
