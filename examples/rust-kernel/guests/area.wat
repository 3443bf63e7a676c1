;; A module that says what it does, and can trap.
(module
  (import "env" "print" (func $print (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "the guest multiplies")
  (func (export "area") (param $width i32) (param $height i32) (result i32)
    (call $print (i32.const 0) (i32.const 20))
    (i32.mul (local.get $width) (local.get $height)))
  (func $quotient (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1)))
  (func (export "divide") (param i32 i32) (result i32)
    (call $quotient (local.get 0) (local.get 1))))
