//! Any bytes as an image to rewrite: it is refused, or what stays lies as it must, whole, and is the same when it is rewritten again.
#![no_main]

// The one file: its crate is minutes of compiling.
#[path = "../../compiler/src/rewrite.rs"]
mod rewrite;

use libfuzzer_sys::fuzz_target;
use minplat_format::elf::Image;
use rewrite::{Plan, rewrite};

/// Comes in place of the engine's section: nothing looks at what is in it.
const ENGINE: &[u8] = b"the engine";

/// They name sections by number, or are the names of fewer.
const REWRITTEN: [&str; 2] = [".symtab", ".shstrtab"];

fuzz_target!(|input: (u8, u16, &[u8])| {
    let (switches, code, image) = input;
    let on = |bit: u8| switches >> bit & 1 == 1;
    let page = if on(3) { 1 << 12 } else { 1 << 4 };
    let plan = Plan { page, engine: ENGINE, code: code.into(), symbols: on(0), unwind: on(1), traps: on(2) };
    let Ok(new) = rewrite(image, &plan) else { return };
    // Of Wasmtime's kind or not, it is rewritten; a device reads Wasmtime's alone.
    let Ok(old) = Image::parse(image) else { return };
    let file = Image::parse(&new).expect("what was rewritten can be read");
    assert_eq!(file.length(), Ok(new.len()), "bytes follow the image");
    for section in file.sections() {
        let data = file.data(&section).expect("its bytes are there");
        // The unwind tables lie where the code says.
        if !data.is_empty() && section.name != ".eh_frame" {
            assert!(section.offset.is_multiple_of(section.alignment.max(1)), "{section:?} does not lie as it says");
        }
        if section.name == ".wasmtime.engine" {
            assert!(data == ENGINE, "{section:?} is not what the plan says");
        } else if !REWRITTEN.contains(&section.name) {
            let mut others = old.sections().filter(|other| other.name == section.name);
            let whole = others.any(|other| old.data(&other).is_some_and(|all| all.starts_with(data)));
            assert!(whole || is_symbols(&new, section.offset), "{section:?} has other bytes");
        }
    }
    let again = rewrite(&new, &plan).expect("what was rewritten can be again");
    assert!(again == new, "rewriting it again changes it");
});

/// Whether the section that lies here is a symbol table, by whatever name.
fn is_symbols(image: &[u8], offset: u64) -> bool {
    let number = |at: usize| u64::from_le_bytes(image[at..at + 8].try_into().expect("eight bytes"));
    let headers = number(40) as usize;
    let count = usize::from(u16::from_le_bytes([image[60], image[61]]));
    (0..count).map(|at| headers + 64 * at).any(|at| number(at + 24) == offset && image[at + 4..at + 8] == [2, 0, 0, 0])
}
