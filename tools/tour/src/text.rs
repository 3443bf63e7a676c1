//! Text in and out of a guest, as `examples/README.md` describes: the embedder's side.

use anyhow::{Context, bail};
use minplat_host::{Instance, Store, Value};

/// Puts text into the guest's memory, at an address that it gives; the arguments for a function that takes the text.
///
/// # Errors
/// The guest has no `allocate` or no `memory`, or gives an address outside it.
pub(crate) fn put(store: &mut Store, instance: &Instance, text: &[u8]) -> anyhow::Result<Vec<Value>> {
    let length = Value::I32(i32::try_from(text.len()).context("the text is too long for a 32-bit guest")?);
    let allocate = instance.func(store, "allocate").context("the guest exports no function \"allocate\"")?;
    let address = match allocate.call(store, std::slice::from_ref(&length))?.as_slice() {
        [Value::I32(address)] => *address,
        other => bail!("the guest's \"allocate\" gave {other:?}, not one i32"),
    };
    let memory = instance.memory(store, "memory").context("the guest exports no memory \"memory\"")?;
    let begin = address.cast_unsigned() as usize;
    let bytes = memory.data(store)?;
    let size = bytes.len();
    let place = begin.checked_add(text.len()).and_then(|end| bytes.get_mut(begin..end));
    place
        .with_context(|| format!("\"allocate\" gave {begin:#x}, and {} bytes there are not in its {size}", text.len()))?
        .copy_from_slice(text);
    Ok(vec![Value::I32(address), length])
}

/// The text that a result points to.
///
/// # Errors
/// It is no such result, or points outside the memory.
pub(crate) fn get(store: &mut Store, instance: &Instance, results: &[Value]) -> anyhow::Result<String> {
    let [Value::I64(packed)] = results else { bail!("gave {results:?}, not one i64 that points to text") };
    let packed = packed.cast_unsigned();
    let (begin, length) = ((packed >> 32) as usize, (packed & 0xffff_ffff) as usize);
    let memory = instance.memory(store, "memory").context("the guest exports no memory \"memory\"")?;
    let bytes = memory.data(store)?;
    let text = begin.checked_add(length).and_then(|end| bytes.get(begin..end));
    let text = text.with_context(|| format!("points to {length} bytes at {begin:#x}, outside its memory"))?;
    Ok(String::from_utf8_lossy(text).into_owned())
}
