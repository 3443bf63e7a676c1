//! What was written reads back; what was not written is refused, byte by byte.

use minplat_format::elf::Image;
use minplat_format::{
    CustomSection, FormatError, Names, Stamp, artifact_length, custom_sections, image_length, read, write,
};
use object::write::{Object, StandardSegment};
use object::{Architecture, BinaryFormat, Endianness, FileFlags, SectionKind};

const FINGERPRINT: [u8; 32] = [0xa5; 32];

/// An ELF of Wasmtime's kind, with the sections given.
fn image(text: &[u8]) -> Vec<u8> {
    let mut obj = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
    obj.flags = FileFlags::Elf { os_abi: 200, abi_version: 0, e_flags: 1 };
    let segment = obj.segment_name(StandardSegment::Text).to_vec();
    let id = obj.add_section(segment, b".text".to_vec(), SectionKind::Text);
    obj.append_section_data(id, text, 4096);
    obj.write().unwrap()
}

const STAMP: Stamp<'static> = Stamp {
    platform: "x86_64-minplat",
    fingerprint: FINGERPRINT,
    base: [1, 2, 3, 4, 5, 6, 7, 8],
    features: 0x8000_0000_0000_0001,
    wasmtime_major: 48,
    names: Names { count: 0x0102_0304, longest: 0x05_0607 },
};

fn artifact() -> Vec<u8> {
    write(image(b"some code"), &STAMP, &[]).unwrap()
}

#[test]
fn what_was_written_reads_back() {
    let image = image(b"some code");
    let bytes = write(image.clone(), &Stamp { platform: "x86_64-minplat+wasm.simd=false", ..STAMP }, &[]).unwrap();
    let artifact = read(&bytes).unwrap();
    assert_eq!(artifact.image, image);
    assert_eq!(artifact.length, bytes.len());
    assert_eq!(artifact.trailer.platform, "x86_64-minplat+wasm.simd=false");
    assert_eq!(artifact.trailer.fingerprint, FINGERPRINT);
    assert_eq!((artifact.trailer.base, artifact.trailer.features), (STAMP.base, STAMP.features));
    assert_eq!(artifact.trailer.names, STAMP.names);
    assert_eq!(artifact.trailer.wasmtime_major, 48);
    assert_eq!(artifact.trailer.image_length as usize, image.len());
}

/// Two sections of one name, an empty one, and lengths on and off the boundary.
const SECTIONS: &[CustomSection<'static>] = &[
    CustomSection { name: "producers", data: b"clang 19" },
    CustomSection { name: "producers", data: b"0123456789abcdef" },
    CustomSection { name: "", data: b"" },
];

fn artifact_with_sections() -> Vec<u8> {
    write(image(b"some code"), &STAMP, SECTIONS).unwrap()
}

#[test]
fn custom_sections_read_back() {
    let mut bytes = artifact_with_sections();
    let length = bytes.len();
    bytes.extend([0xff; 100]);
    let found = read(&bytes).unwrap();
    assert_eq!(found.length, length);
    assert_eq!(found.sections.collect::<Vec<_>>(), SECTIONS);
    assert_eq!(custom_sections(&bytes).unwrap().collect::<Vec<_>>(), SECTIONS);
    for section in found.sections {
        assert_eq!((section.data.as_ptr().addr() - bytes.as_ptr().addr()) % 16, 0);
    }
    assert_eq!(read(&artifact()).unwrap().sections.count(), 0);
}

#[test]
fn an_artifact_is_found_in_a_padded_flash_slot() {
    for pad in [0x00, 0xff] {
        let mut slot = artifact();
        let length = slot.len();
        slot.resize(length + 5000, pad);
        assert_eq!(artifact_length(&slot), Ok(length));
        assert_eq!(read(&slot).unwrap().length, length);
    }
}

#[test]
fn the_image_ends_where_its_headers_say() {
    let mut bytes = image(b"some code");
    let length = bytes.len();
    bytes.extend([7; 100]);
    assert_eq!(image_length(&bytes), Ok(length));
    assert_eq!(write(bytes, &STAMP, &[]), Err(FormatError::BrokenTrailer));
}

#[test]
fn a_section_is_found_by_its_whole_name() {
    let mut obj = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
    obj.flags = FileFlags::Elf { os_abi: 200, abi_version: 0, e_flags: 1 };
    let segment = obj.segment_name(StandardSegment::Text).to_vec();
    for name in [".text.cold", ".text", ".text.hot"] {
        let id = obj.add_section(segment.clone(), name.into(), SectionKind::Text);
        obj.append_section_data(id, name.as_bytes(), 1);
    }
    let bytes = obj.write().unwrap();
    let image = Image::parse(&bytes).unwrap();
    for section in image.sections() {
        assert_eq!(image.section(section.name), Some(section));
    }
    assert_eq!(image.data(&image.section(".text").unwrap()), Some(&b".text"[..]));
    for name in [".tex", ".text.", ".text.colder"] {
        assert_eq!(image.section(name), None);
    }
}

#[test]
fn every_changed_byte_is_refused() {
    for good in [artifact(), artifact_with_sections()] {
        for at in 0..good.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut bad = good.clone();
                bad[at] ^= flip;
                assert!(read(&bad).is_err(), "byte {at} of {} xor {flip:#x} went unnoticed", good.len());
            }
        }
    }
}

#[test]
fn every_truncation_is_refused() {
    for good in [artifact(), artifact_with_sections()] {
        for length in 0..good.len() {
            assert!(read(&good[..length]).is_err(), "cut to {length} of {} went unnoticed", good.len());
            assert!(custom_sections(&good[..length]).is_err());
        }
    }
}

#[test]
fn other_files_are_named_for_what_they_are() {
    let cases: &[(&[u8], FormatError)] = &[
        (b"", FormatError::Empty),
        (b"\0asm\x01\0\0\0", FormatError::Wasm),
        (b"\0asm\x0d\0\x01\0", FormatError::Component),
        (b"(module)", FormatError::NotElf),
        (b"\x7fELF", FormatError::Truncated),
    ];
    for (bytes, expected) in cases {
        assert_eq!(read(bytes).unwrap_err(), *expected);
    }
    assert_eq!(read(&image(b"bare")).unwrap_err(), FormatError::NoTrailer);
    let mut plain = image(b"plain");
    plain[7] = 0;
    assert_eq!(read(&plain).unwrap_err(), FormatError::NotWasmtime);
}
