;; Bulk memory: fill, copy (overlapping too), and a passive segment that is placed by the program and then dropped.
;;   minplat-host run examples/bulk.cwasm --invoke place
(module
  (memory (export "memory") 1)
  (data $digits "0123456789")

  (func $byte (export "byte") (param $address i32) (result i32)
    (i32.load8_u (local.get $address)))

  ;; Puts "0123456789" at 100, moves it up by two over itself, and answers the byte at 111: '9'.
  (func $place (export "place") (result i32)
    (memory.init $digits (i32.const 100) (i32.const 0) (i32.const 10))
    (memory.copy (i32.const 102) (i32.const 100) (i32.const 10))
    (call $byte (i32.const 111)))

  (func $fill (export "fill") (param $address i32) (param $byte i32) (param $length i32)
    (memory.fill (local.get $address) (local.get $byte) (local.get $length)))

  ;; After this, `place` traps: the segment is gone.
  (func $drop_digits (export "drop_digits")
    (data.drop $digits)))
