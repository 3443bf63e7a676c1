(module $tour
  (import "env" "measure" (func $measure (param i32 f64) (result i64)))
  (import "env" "limit" (global $limit i32))
  (import "host" "log" (func $log (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "hello from the guest")
  (func (export "run") (result i64)
    (call $log (i32.const 8) (i32.const 20))
    (call $measure (i32.const -7) (f64.const 0.5))))
