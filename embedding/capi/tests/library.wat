;; The guest of library.c: takes memory, table and stack as it is told to.
(module
  (memory (export "memory") 1)
  (table (export "table") 4 funcref)
  (global $depth (export "depth") (mut i32) (i32.const 0))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "grow_table") (param i32) (result i32) (table.grow 0 (ref.null func) (local.get 0)))
  (func $deep (export "deep") (param i32) (result i32)
    (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
    (i32.add (call $deep (local.get 0)) (i32.const 1))))
