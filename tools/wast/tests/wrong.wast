;; Every form of an expectation, met and not met: a directive whose line ends with ";; wrong" must fail, the others must pass.
(module $a
  (type $point (struct (field i32)))
  (type $row (array i32))
  (memory (export "m") 1)
  (global (export "g") i32 (i32.const 5))
  (global (export "n") externref (ref.null extern))
  (tag $e)
  (func (export "v") (result v128) (v128.const f32x4 nan:0x1 1 2 3))
  (func (export "w") (result v128) (v128.const f64x2 1 nan:0x8000000000001))
  (func (export "c") (result v128) (v128.const f32x4 0 nan -nan 3))
  (func (export "l") (result v128) (v128.const i16x8 0 1 2 3 4 5 6 7))
  (func (export "i") (param i32) (result i32) (local.get 0))
  (func (export "two") (result i32 i64) (i32.const 1) (i64.const 2))
  (func $rec (export "rec") (call $rec))
  (func $f (export "f") (result funcref) (ref.func $f))
  (func (export "null_f") (result funcref) (ref.null func))
  (func (export "e") (param externref) (result externref) (local.get 0))
  (func (export "a") (param anyref) (result anyref) (local.get 0))
  (func (export "i31") (result i31ref) (ref.i31 (i32.const 1)))
  (func (export "struct") (result (ref $point)) (struct.new $point (i32.const 1)))
  (func (export "array") (result (ref $row)) (array.new $row (i32.const 1) (i32.const 3)))
  (func (export "null_any") (result anyref) (ref.null none))
  (func (export "throw") (throw $e)))

(assert_return (get "g") (i32.const 5))
(assert_return (get "g") (i32.const 6)) ;; wrong
(assert_return (get "g") (i64.const 5)) ;; wrong
(assert_return (get "n") (ref.null extern))
(assert_return (get "n") (ref.extern 1)) ;; wrong
(assert_return (get $a "missing") (i32.const 5)) ;; wrong

(assert_return (invoke "two") (i32.const 1) (i64.const 2))
(assert_return (invoke "two") (i32.const 1)) ;; wrong
(assert_return (invoke "two") (i64.const 2) (i32.const 1)) ;; wrong
(assert_return (invoke "i" (i32.const 1))) ;; wrong

(assert_return (invoke "v") (v128.const f32x4 nan:0x1 1 2 3))
(assert_return (invoke "v") (v128.const f32x4 nan:canonical 1 2 3)) ;; wrong
(assert_return (invoke "v") (v128.const f32x4 nan:arithmetic 1 2 3)) ;; wrong
(assert_return (invoke "w") (v128.const f64x2 1 nan:arithmetic))
(assert_return (invoke "w") (v128.const f64x2 1 nan:canonical)) ;; wrong
(assert_return (invoke "w") (v128.const f64x2 2 nan:arithmetic)) ;; wrong
(assert_return (invoke "c") (v128.const f32x4 0 nan:canonical nan:canonical 3))
(assert_return (invoke "c") (v128.const f32x4 0 nan:arithmetic nan:canonical 3))
(assert_return (invoke "c") (v128.const f32x4 -0 nan:canonical nan:canonical 3)) ;; wrong
(assert_return (invoke "c") (v128.const f32x4 nan:canonical nan:canonical nan:canonical 3)) ;; wrong
(assert_return (invoke "l") (v128.const i16x8 0 1 2 3 4 5 6 7))
(assert_return (invoke "l") (v128.const i16x8 0 1 2 3 4 5 7 6)) ;; wrong

(assert_return (invoke "i" (i32.const 2)) (either (i32.const 1) (i32.const 2)))
(assert_return (invoke "i" (i32.const 3)) (either (i32.const 1) (i32.const 2))) ;; wrong
(assert_return (invoke "v") (either (v128.const f32x4 nan:canonical 1 2 3) (v128.const f32x4 0 1 2 3))) ;; wrong

(assert_return (invoke "f") (ref.func))
(assert_return (invoke "f") (ref.null func)) ;; wrong
(assert_return (invoke "f") (ref.null)) ;; wrong
(assert_return (invoke "null_f") (ref.null func))
(assert_return (invoke "null_f") (ref.null))
(assert_return (invoke "null_f") (ref.func)) ;; wrong
(assert_return (invoke "null_f") (ref.null extern)) ;; wrong
(assert_return (invoke "e" (ref.extern 7)) (ref.extern 7))
(assert_return (invoke "e" (ref.extern 7)) (ref.extern))
(assert_return (invoke "e" (ref.extern 7)) (ref.extern 8)) ;; wrong
(assert_return (invoke "e" (ref.extern 7)) (ref.null extern)) ;; wrong
(assert_return (invoke "e" (ref.null extern)) (ref.null extern))
(assert_return (invoke "e" (ref.null extern)) (ref.null func)) ;; wrong
(assert_return (invoke "e" (ref.null extern)) (ref.extern)) ;; wrong
(assert_return (invoke "a" (ref.host 7)) (ref.host 7))
(assert_return (invoke "a" (ref.host 7)) (ref.any))
(assert_return (invoke "a" (ref.host 7)) (ref.host 8)) ;; wrong
(assert_return (invoke "a" (ref.host 7)) (ref.eq)) ;; wrong
(assert_return (invoke "i31") (ref.i31))
(assert_return (invoke "i31") (ref.eq))
(assert_return (invoke "i31") (ref.any))
(assert_return (invoke "i31") (ref.struct)) ;; wrong
(assert_return (invoke "i31") (ref.array)) ;; wrong
(assert_return (invoke "i31") (ref.null any)) ;; wrong
(assert_return (invoke "struct") (ref.struct))
(assert_return (invoke "struct") (ref.array)) ;; wrong
(assert_return (invoke "struct") (ref.i31)) ;; wrong
(assert_return (invoke "struct") (ref.host 1)) ;; wrong
(assert_return (invoke "array") (ref.array))
(assert_return (invoke "array") (ref.struct)) ;; wrong
(assert_return (invoke "null_any") (ref.null any))
(assert_return (invoke "null_any") (ref.any)) ;; wrong
(assert_return (invoke "null_any") (ref.null func)) ;; wrong

(assert_exhaustion (invoke "rec") "call stack exhausted")
(assert_exhaustion (invoke "rec") "out of something else") ;; wrong
(assert_exhaustion (invoke "i" (i32.const 1)) "call stack exhausted") ;; wrong
(assert_trap (invoke "rec") "unreachable") ;; wrong
(assert_exception (invoke "throw"))
(assert_exception (invoke "rec")) ;; wrong
(assert_exception (invoke "i" (i32.const 1))) ;; wrong
(assert_trap (invoke "throw") "unreachable") ;; wrong

(module definition $D (func (export "one") (result i32) (i32.const 1)))
(module instance $I $D)
(module instance $J $D)
(module instance $K $missing) ;; wrong
(assert_return (invoke $I "one") (i32.const 1))
(assert_return (invoke $J "one") (i32.const 2)) ;; wrong
(assert_return (invoke $K "one") (i32.const 1)) ;; wrong
(register "J" $J)
(module (import "J" "one" (func $one (result i32))) (func (export "y") (result i32) (i32.add (call $one) (i32.const 1))))
(assert_return (invoke "y") (i32.const 2))
(assert_return (invoke "y") (i32.const 1)) ;; wrong
(module (import "J" "two" (func (result i32)))) ;; wrong
(module quote "(func (export \"q\") (result i32) (i32.const 9))")
(assert_return (invoke "q") (i32.const 9))
(assert_return (invoke "q") (i32.const 8)) ;; wrong
(module quote "(func (result i32))") ;; wrong

(assert_trap (module (func $s unreachable) (start $s)) "unreachable")
(assert_trap (module (func $s unreachable) (start $s)) "integer overflow") ;; wrong
(assert_trap (module (func $s) (start $s)) "unreachable") ;; wrong
(assert_unlinkable (module (import "spectest" "global_i32" (func))) "incompatible import type")
(assert_unlinkable (module (import "spectest" "global_i32" (func))) "unknown import") ;; wrong
(assert_unlinkable (module (import "spectest" "missing" (func))) "unknown import")
(assert_unlinkable (module (import "spectest" "print" (func))) "unknown import") ;; wrong

(assert_invalid (module (func (result i32))) "type mismatch")
(assert_invalid (module (func)) "type mismatch") ;; wrong
(assert_invalid (module quote "(func nonsense!!)") "type mismatch") ;; wrong
(assert_malformed (module quote "(func nonsense!!)") "unknown operator")
(assert_malformed (module quote "(func)") "unexpected token") ;; wrong
(assert_malformed (module binary "\00asm\01\00\00\00\ff\00") "malformed section id")
(assert_malformed (module binary "\00asm\01\00\00\00") "malformed section id") ;; wrong
