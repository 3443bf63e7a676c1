;; Linear memory: a data segment, loads and stores, and growth.
;; `grow` answers the size before, in pages of 64 KiB, or -1 where the maximum or the machine's memory is reached.
;;   minplat-host run examples/memory.cwasm --invoke sum 0 5   # 1 + 2 + 3 + 4 + 5
(module
  (memory (export "memory") 1 8)
  (data (i32.const 0) "\01\02\03\04\05")

  (func $fill (export "fill") (param $address i32) (param $length i32) (param $byte i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $address) (local.get $length)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $address) (local.get $end)))
        (i32.store8 (local.get $address) (local.get $byte))
        (local.set $address (i32.add (local.get $address) (i32.const 1)))
        (br $next))))

  (func $sum (export "sum") (param $address i32) (param $length i32) (result i32)
    (local $end i32) (local $total i32)
    (local.set $end (i32.add (local.get $address) (local.get $length)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $address) (local.get $end)))
        (local.set $total
          (i32.add (local.get $total) (i32.load8_u (local.get $address))))
        (local.set $address (i32.add (local.get $address) (i32.const 1)))
        (br $next)))
    (local.get $total))

  (func $size (export "size") (result i32)
    memory.size)

  (func $grow (export "grow") (param $pages i32) (result i32)
    (memory.grow (local.get $pages))))
