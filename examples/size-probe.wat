;; The guest of size-probe.c: gives back twice the number, plus one; traps on 0.
(module
  (import "host" "twice" (func $twice (param i32) (result i32)))
  (func (export "run") (param $number i32) (result i32)
    (if (i32.eqz (local.get $number)) (then unreachable))
    (i32.add (call $twice (local.get $number)) (i32.const 1))))
