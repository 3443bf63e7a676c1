;; A plug-in that nobody trusts: it takes all the memory that it is given, divides by what it is told, and never ends.
(module
  (memory (export "memory") 1)

  ;; Grows the memory page by page until that is refused; gives the pages that it got in the end.
  (func (export "hoard") (result i32)
    (loop $more
      (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (memory.size))

  (func $ratio (param $a i32) (param $b i32) (result i32)
    (i32.div_u (local.get $a) (local.get $b)))
  (func $scale (export "scale") (param $a i32) (param $b i32) (result i32)
    (i32.mul (call $ratio (local.get $a) (local.get $b)) (i32.const 100)))

  (func $forever (export "forever")
    (loop $again
      (br $again))))
