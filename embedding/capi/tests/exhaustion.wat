;; The guest of exhaustion.c.
(module
  (import "host" "twice" (func $twice (param i32) (result i32)))
  (memory (export "memory") 1)
  (table (export "table") 2 funcref)
  (global (export "global") (mut i32) (i32.const 1))
  (data (i32.const 8) "data")
  (elem (i32.const 0) $call)
  (func $call (export "call") (param i32) (result i32) (call $twice (local.get 0)))
  (func (export "trap") (param i32) (result i32) (unreachable)))
