;; A start function runs while the module is instantiated, before any call: here it fills a table of squares.
;;   minplat-host run examples/start.cwasm --invoke square 12   # 144
(module
  (memory 1)
  (func $prepare
    (local $n i32)
    (loop $next
      (i32.store
        (i32.shl (local.get $n) (i32.const 2))
        (i32.mul (local.get $n) (local.get $n)))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $n) (i32.const 256)))))
  (start $prepare)

  (func $square (export "square") (param $n i32) (result i32)
    (i32.load (i32.shl (local.get $n) (i32.const 2)))))
