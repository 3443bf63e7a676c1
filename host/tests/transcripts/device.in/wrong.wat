(module $wrong
  (memory (export "memory") 1)
  (func $read (param $address i32) (result i32) (i32.load (local.get $address)))
  (func (export "load") (param i32) (result i32) (call $read (local.get 0)))
  (func $down (export "down") (param i64) (result i64) (i64.add (i64.const 1) (call $down (local.get 0))))
  (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "forever") (loop $again (br $again))))
