;; The guest of exhaustion.c.
(module
  (import "host" "twice" (func $twice (param i32) (result i32)))
  (memory (export "memory") 1)
  (table (export "table") 2 funcref)
  (global (export "global") (mut i32) (i32.const 1))
  (data (i32.const 8) "data")
  (elem (i32.const 0) $call)
  (func $call (export "call") (param i32) (result i32) (call $twice (local.get 0)))
  (func $a_name_that_is_long_enough_to_need_room_of_its_own_when_the_heap_has_none (export "trap") (param i32) (result i32) (unreachable)))
