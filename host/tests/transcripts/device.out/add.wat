(module
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "swap") (param i64 f32 f64 v128 funcref) (result funcref v128 f64 f32 i64)
    (local.get 4) (local.get 3) (local.get 2) (local.get 1) (local.get 0)))
