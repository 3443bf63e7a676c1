//! Any bytes as a packed artifact: it is refused, or so many bytes come out as its head says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use minplat_format::packed::head;
use minplat_format::{is_packed, read, unpack_any};

fuzz_target!(|bytes: &[u8]| {
    let Ok(head) = head(bytes) else { return };
    assert!(is_packed(bytes));
    // Memory is the device's to refuse.
    if head.expanded > 1 << 20 {
        return;
    }
    let Ok(out) = unpack_any(bytes) else { return };
    assert_eq!(out.len(), head.expanded);
    let _ = read(&out);
});
