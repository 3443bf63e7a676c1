//! Things of the host's as `anyref`. The C API makes externrefs; a guest's operators convert them, so a guest does.

use minplat_host::{Error, ErrorCode, Instance, Store, Value};

/// The guest.
pub(crate) const CONVERTER: &str = r#"(module
  (func (export "in") (param externref) (result anyref) (any.convert_extern (local.get 0)))
  (func (export "out") (param anyref) (result externref) (extern.convert_any (local.get 0))))"#;

/// Converts, where the script needs it and the platform has it.
#[derive(Default)]
pub(crate) struct HostRefs {
    converter: Option<Instance>,
}

impl HostRefs {
    pub(crate) fn new(converter: Option<Instance>) -> Self {
        Self { converter }
    }

    /// The host's thing of this number, as anyref.
    ///
    /// # Errors
    /// There is no converter, or no memory.
    pub(crate) fn make(&self, store: &mut Store, number: u32) -> Result<Value, Error> {
        let value = Value::extern_text(store, &number.to_string())?;
        self.convert(store, "in", value)
    }

    /// The number of the host's thing behind an anyref.
    pub(crate) fn number(&self, store: &mut Store, value: &Value) -> Option<u32> {
        let value = self.convert(store, "out", *value).ok()?;
        value.text_behind(store)?.parse().ok()
    }

    fn convert(&self, store: &mut Store, way: &str, value: Value) -> Result<Value, Error> {
        let none = || Error::new(ErrorCode::UNSUPPORTED, "ref.host needs a platform with runtime.gc and wasm.gc");
        let func = self.converter.and_then(|converter| converter.func(store, way)).ok_or_else(none)?;
        func.call(store, &[value])?.pop().ok_or_else(none)
    }
}
