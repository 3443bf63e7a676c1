;; A component: text in and out, and a host function that the guest waits for.
(component
  (import "next-number" (func $next-number (result u32)))
  (core func $next (canon lower (func $next-number)))

  (core module $module
    (import "host" "next" (func $next (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 16) "hello, ")
    (global $free (mut i32) (i32.const 1024))

    ;; Room for the host's arguments; memory that was given is never taken back.
    (func $room (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
      (global.set $free (i32.add (local.get $at) (local.get $new)))
      (if (i32.gt_u (global.get $free) (i32.const 65536)) (then unreachable))
      (local.get $at))

    ;; "hello, " and the name; address and length of the result are at 0.
    (func (export "greet") (param $name i32) (param $length i32) (result i32)
      (local $at i32)
      (local.set $at (call $room (i32.const 0) (i32.const 0) (i32.const 1) (i32.add (local.get $length) (i32.const 7))))
      (memory.copy (local.get $at) (i32.const 16) (i32.const 7))
      (memory.copy (i32.add (local.get $at) (i32.const 7)) (local.get $name) (local.get $length))
      (i32.store (i32.const 0) (local.get $at))
      (i32.store (i32.const 4) (i32.add (local.get $length) (i32.const 7)))
      (i32.const 0))

    ;; The sum of as many numbers of the host as it is told.
    (func (export "sum") (param $count i32) (result i32)
      (local $sum i32)
      (block $done
        (loop $more
          (br_if $done (i32.eqz (local.get $count)))
          (local.set $sum (i32.add (local.get $sum) (call $next)))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (br $more)))
      (local.get $sum)))

  (core instance $instance (instantiate $module (with "host" (instance (export "next" (func $next))))))
  (alias core export $instance "memory" (core memory $memory))
  (alias core export $instance "realloc" (core func $realloc))
  (func (export "greet") (param "name" string) (result string)
    (canon lift (core func $instance "greet") (memory $memory) (realloc (core func $realloc))))
  (func (export "sum") (param "count" u32) (result u32)
    (canon lift (core func $instance "sum"))))
