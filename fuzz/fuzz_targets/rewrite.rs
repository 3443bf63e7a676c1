//! Any bytes as an image to rewrite: it is refused, or what stays lies as it must, whole, and is the same when it is rewritten again.
#![no_main]

// The one file: its crate is minutes of compiling.
#[path = "../../compiler/src/rewrite.rs"]
mod rewrite;

use libfuzzer_sys::fuzz_target;
use object::{Object, ObjectSection, SectionKind};
use rewrite::{Plan, rewrite};

fuzz_target!(|input: (u8, u16, &[u8])| {
    let (switches, code, image) = input;
    let on = |bit: u8| switches >> bit & 1 == 1;
    let page = if on(3) { 1 << 12 } else { 1 << 4 };
    let plan = Plan { page, code: code.into(), symbols: on(0), unwind: on(1), traps: on(2) };
    let Ok(new) = rewrite(image, &plan) else { return };
    let file = object::File::parse(&*new).expect("what was rewritten can be read");
    // What went may have been damaged.
    let Ok(old) = object::File::parse(image) else { return };
    for section in file.sections() {
        let data = section.data().expect("its bytes are there");
        let (offset, _) = section.file_range().expect("it has bytes in the file");
        let name = section.name_bytes().expect("it has a name");
        // The unwind tables lie where the code says.
        if !data.is_empty() && name != b".eh_frame" {
            assert_eq!(offset % section.align().max(1), 0, "{section:?} does not lie as it says");
        }
        // Symbol tables name sections by new numbers, and the names of sections are fewer.
        if section.kind() != SectionKind::Metadata {
            let same = |other: object::Section<'_, '_>| {
                other.name_bytes().is_ok_and(|n| n == name) && other.data().is_ok_and(|all| all.starts_with(data))
            };
            assert!(old.sections().any(same), "{section:?} has other bytes");
        }
    }
    let again = rewrite(&new, &plan).expect("what was rewritten can be again");
    assert!(again == new, "rewriting it again changes it");
});
