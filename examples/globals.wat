;; State that outlives a call: a mutable global is the instance's own, and an exported one the embedder reads and writes.
;;   minplat-host run examples/globals.cwasm --invoke count    # 1
(module
  (global $step (export "step") i32 (i32.const 1))
  (global $counter (export "counter") (mut i32) (i32.const 0))
  (global $total (mut i64) (i64.const 0))

  (func $count (export "count") (result i32)
    (global.set $counter (i32.add (global.get $counter) (global.get $step)))
    (global.get $counter))

  (func $accumulate (export "accumulate") (param $amount i64) (result i64)
    (global.set $total (i64.add (global.get $total) (local.get $amount)))
    (global.get $total)))
