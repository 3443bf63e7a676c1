;; As little as a module can be that has memory and a function to call: what a start takes.
(module $tiny
  (memory (export "memory") 1)
  (func $nothing (export "nothing")))
