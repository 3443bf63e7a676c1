;; The guest of the firmware: asks the board to print, divides, and has a memory of 4,096 bytes, as fits a microcontroller.
(module
  (import "board" "print" (func $print (param i32 i32)))
  (memory (export "memory") 4096 4096 (pagesize 1))
  (data (i32.const 64) "the guest divides")
  (func (export "divide") (param i32 i32) (result i32)
    (call $print (i32.const 64) (i32.const 17))
    (i32.div_s (local.get 0) (local.get 1))))
