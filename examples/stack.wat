;; The guest of `minplat-host stack`: does each thing that takes native stack besides a guest's own frames, and recurses.
;;   minplat-host stack examples/stack.cwasm
(module
  (import "host" "leaf" (func $leaf))
  (import "host" "again" (func $again))
  (memory (export "memory") 1 4)
  (table $table 1 8 funcref)
  (func (export "nothing"))
  (func (export "trap") (unreachable))
  ;; What Wasmtime does for a guest on the guest's stack.
  (func (export "grow")
    (drop (memory.grow (i32.const 1)))
    (drop (table.grow $table (ref.null func) (i32.const 1)))
    (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536))
    (memory.copy (i32.const 16) (i32.const 0) (i32.const 32768)))
  ;; A host function; one that calls `trap`, or `bounce`, of its caller.
  (func (export "host") (call $leaf))
  (func (export "back") (call $again))
  ;; Recursion: in wasm alone, and through the host each time.
  (func $deep (export "deep") (call $deep) (call $leaf))
  (func (export "bounce") (call $again) (call $leaf)))
