;; A guest that does not come back, and one that takes as long as it is told to.
;; On a platform with fuel or epochs the embedder ends it; elsewhere only `--deadline` does, from outside.
;;   minplat-host run --fuel 100000 examples/loop.cwasm --invoke forever    # compiled for x86_64-minplat-metered
(module
  (func $forever (export "forever")
    (loop $again
      br $again))

  (func $rounds (export "rounds") (param $n i32) (result i32)
    (local $done i32)
    (loop $again
      (local.set $done (i32.add (local.get $done) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $done) (local.get $n))))
    (local.get $done)))
