;; Text in and out. The embedder asks `allocate` for room, writes there, and calls with address and length.
;; A text result is one i64: the address in the upper half, the length in the lower. The C and Rust examples do the same.
;;   minplat-tour strings
(module
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (data $greeting (i32.const 0) "hello, ")

  ;; A bump allocator: enough for a module that lives for a few calls.
  (func $allocate (export "allocate") (param $length i32) (result i32)
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (local.get $length))))

  (func $greet (export "greet") (param $name i32) (param $length i32) (result i64)
    (local $text i32)
    (local.set $text (call $allocate (i32.add (local.get $length) (i32.const 7))))
    (memory.copy (local.get $text) (i32.const 0) (i32.const 7))
    (memory.copy
      (i32.add (local.get $text) (i32.const 7)) (local.get $name) (local.get $length))
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $text)) (i64.const 32))
      (i64.extend_i32_u (i32.add (local.get $length) (i32.const 7))))))
