//! Text in and out of this guest's memory.

/// Room for `length` bytes, which the embedder fills; the call that it is passed to frees it.
#[no_mangle]
pub extern "C" fn allocate(length: usize) -> *mut u8 {
    Box::into_raw(vec![0u8; length].into_boxed_slice()).cast()
}

/// Takes back what `allocate` gave out and the embedder filled. Anything but UTF-8 becomes U+FFFD.
pub fn text(address: *const u8, length: usize) -> String {
    let bytes = std::ptr::slice_from_raw_parts_mut(address.cast_mut(), length);
    // SAFETY: the embedder passes an address of `allocate` with the length that it asked for, once. If it does not, it
    // damages this guest's own memory and nothing else.
    let bytes = unsafe { Box::from_raw(bytes) };
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Gives `text` to the embedder: the address in the upper half, the length in the lower. It stays until the instance ends.
pub fn give(text: String) -> u64 {
    let text: &'static str = text.leak();
    (text.as_ptr() as u64) << 32 | text.len() as u64
}
