(module
  (import "test" "enter" (func $enter))
  ;; Calls the host once.
  (func (export "once") call $enter)
  ;; Calls the host, and never ends.
  (func (export "forever") call $enter (loop $again br $again)))
