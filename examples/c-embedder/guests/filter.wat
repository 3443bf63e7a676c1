;; A filter for a sensor: asks the host for samples, keeps a running mean, reports through the host.
(module
  (import "board" "sample" (func $sample (result i32)))
  (import "board" "print" (func $print (param $address i32) (param $length i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "filter: a sample was out of range")
  (global $mean (mut i32) (i32.const 0))

  ;; Takes `count` samples into the mean, an eighth of each, and gives the mean.
  (func (export "run") (param $count i32) (result i32)
    (local $value i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (local.set $value (call $sample))
        (if (i32.gt_u (local.get $value) (i32.const 4095))
          (then
            (call $print (i32.const 16) (i32.const 33))
            (br $next)))
        (global.set $mean
          (i32.add (global.get $mean)
                   (i32.shr_s (i32.sub (local.get $value) (global.get $mean)) (i32.const 3))))
        (br $next)))
    (global.get $mean)))
