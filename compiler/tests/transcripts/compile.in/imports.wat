;; Host functions: what the module asks of its embedder, called back while the module runs.
;; `minplat-host run --stub-imports` answers each with zero and prints the calls.
;;   minplat-host run --stub-imports examples/imports.cwasm --invoke area 6 7
(module
  (import "env" "multiply" (func $multiply (param i32 i32) (result i32)))
  (import "env" "print" (func $print (param $address i32) (param $length i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "area computed by the host")

  (func $area (export "area") (param $width i32) (param $height i32) (result i32)
    (call $print (i32.const 64) (i32.const 25))
    (call $multiply (local.get $width) (local.get $height))))
