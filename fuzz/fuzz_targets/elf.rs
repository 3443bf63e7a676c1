//! Any bytes as an image: sections lie inside it, and its length holds them all.
#![no_main]

use libfuzzer_sys::fuzz_target;
use minplat_format::{elf::Image, image_length};

fuzz_target!(|bytes: &[u8]| {
    let length = image_length(bytes);
    let Ok(image) = Image::parse(bytes) else { return };
    for section in image.sections() {
        let Some(data) = image.data(&section) else { continue };
        let end = data.as_ptr_range().end.addr() - bytes.as_ptr().addr();
        if let Ok(length) = length
            && !data.is_empty()
        {
            assert!(end <= length, "a section ends behind the image");
        }
    }
    let _ = image.section(".text");
});
