(module
  (@custom "notes" "written with care")
  (@custom "licence" "Apache-2.0")
  (func (export "nothing")))
