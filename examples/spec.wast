;; A test script: modules, calls, and what they must come to. It is the official tests' own format.
;;   minplat-wast examples/spec.wast

(module $counter
  (memory (export "memory") 1)
  (global $count (mut i32) (i32.const 0))
  (func (export "next") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (global.get $count))
  (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "root") (param f64) (result f64) (f64.sqrt (local.get 0)))
  (func $deep (export "deep") (call $deep)))

(assert_return (invoke "next") (i32.const 1))
(assert_return (invoke "divide" (i32.const 7) (i32.const 2)) (i32.const 3))
(assert_return (invoke "root" (f64.const -1)) (f64.const nan:canonical))
(assert_trap (invoke "divide" (i32.const 1) (i32.const 0)) "integer divide by zero")
(assert_exhaustion (invoke "deep") "call stack exhausted")

;; Instances see each other under the names that `register` gives; `spectest` is there from the start.
(register "counter" $counter)
(module $user
  (import "counter" "next" (func $next (result i32)))
  (import "spectest" "print_i32" (func $print (param i32)))
  (func (export "twice") (result i32) (call $print (call $next)) (call $next)))

(assert_return (invoke "twice") (i32.const 3))
(assert_return (invoke $counter "next") (i32.const 4))

;; What must be refused: by the linker, by the compiler.
(assert_unlinkable (module (import "counter" "previous" (func))) "unknown import")
(assert_unlinkable (module (import "counter" "next" (func (param i64)))) "incompatible import type")
(assert_invalid (module (func (result i32) (i64.const 0))) "type mismatch")
(assert_malformed (module quote "(func (result i31))") "unexpected token")
