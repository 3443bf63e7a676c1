;; The smallest useful module: one exported function.
;;   minplat-host run examples/add.cwasm --invoke add 2 3      # 5
(module
  (func $add (export "add") (param $a i32) (param $b i32) (result i32)
    local.get $a
    local.get $b
    i32.add))
