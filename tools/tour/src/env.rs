//! The host functions that examples import, all from the module `env`.

use std::cell::RefCell;
use std::rc::Rc;

use minplat_host::{Error, ErrorCode, Extern, FuncType, Kind, Linker, Value};

/// What guests printed since it was last taken.
#[derive(Clone, Default)]
pub(crate) struct Printed(Rc<RefCell<String>>);

impl Printed {
    /// Takes it.
    pub(crate) fn take(&self) -> String {
        self.0.take()
    }
}

/// Defines `env.multiply` and `env.print`.
///
/// # Errors
/// The device has no memory left.
pub(crate) fn define(linker: &mut Linker) -> Result<Printed, Error> {
    let multiply = FuncType { params: vec![Kind::I32, Kind::I32], results: vec![Kind::I32] };
    linker.define_func("env", "multiply", &multiply, |_, args, results| {
        let [Value::I32(a), Value::I32(b)] = args else { return Err(mistyped("multiply")) };
        results[0] = Value::I32(a.wrapping_mul(*b));
        Ok(())
    })?;

    let printed = Printed::default();
    let ours = printed.clone();
    let print = FuncType { params: vec![Kind::I32, Kind::I32], results: vec![] };
    linker.define_func("env", "print", &print, move |caller, args, _| {
        let [Value::I32(address), Value::I32(length)] = args else { return Err(mistyped("print")) };
        let memory = caller.export("memory").and_then(Extern::memory).ok_or_else(|| no("memory is exported"))?;
        let bytes = memory.data(caller)?;
        let begin = address.cast_unsigned() as usize;
        // The numbers are the guest's: nothing outside its memory is read, whatever they are.
        let text = begin.checked_add(length.cast_unsigned() as usize).and_then(|end| bytes.get(begin..end));
        let text = text.ok_or_else(|| no("memory is at that address"))?;
        ours.0.borrow_mut().push_str(&String::from_utf8_lossy(text));
        Ok(())
    })?;
    Ok(printed)
}

fn mistyped(name: &str) -> Error {
    Error::new(ErrorCode::TYPE, format!("env.{name} was called with arguments that are not its own"))
}

fn no(what: &str) -> Error {
    Error::new(ErrorCode::HOST, format!("env.print was asked for text, but no {what}"))
}
