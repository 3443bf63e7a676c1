//! Packed and expanded again; what is damaged is refused, or is not what the digest is of.
#![cfg(feature = "pack")]

use minplat_format::packed::{HEAD, head};
use minplat_format::{
    FormatError, Machine, Names, PackError, Stamp, UnpackError, pack, read, unpack, unpack_any, write,
};

const MACHINES: [Machine; 4] = [Machine::X86_64, Machine::Aarch64, Machine::Riscv64, Machine::Bytecode];

/// The smallest image, and bytes behind its table of sections.
fn artifact(payload: &[u8]) -> Vec<u8> {
    let mut image = vec![0; 64 + 2 * 64];
    image[..8].copy_from_slice(b"\x7fELF\x02\x01\x01\xc8");
    image[40] = 64;
    image[58] = 64;
    image[60] = 2;
    image[64 + 64 + 4] = 1;
    image[64 + 64 + 24] = 192;
    image[64 + 64 + 32..64 + 64 + 40].copy_from_slice(&(payload.len() as u64).to_le_bytes());
    image.extend(payload);
    let stamp = Stamp {
        platform: "here",
        fingerprint: [7; 32],
        base: [1; 8],
        features: 3,
        wasmtime_major: 48,
        names: Names::default(),
    };
    write(image, &stamp, &[]).unwrap()
}

fn payload(length: usize) -> Vec<u8> {
    // Calls that a filter changes among bytes that do not repeat.
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1664525).wrapping_add(1013904223);
        (state >> 24) as u8
    };
    (0..length)
        .map(|at| {
            if at % 9 == 0 {
                0xe8
            } else if at % 9 > 3 {
                0
            } else {
                next()
            }
        })
        .collect()
}

#[test]
fn what_comes_out_is_what_went_in() {
    for machine in MACHINES {
        for length in [0, 1, 5, 4_000, 70_000, 600_000] {
            let artifact = artifact(&payload(length));
            let packed = pack(&artifact, machine).unwrap();
            assert!(unpack(&packed, machine).unwrap() == artifact, "{machine:?}, {length} bytes");
            assert!(unpack_any(&packed).unwrap() == artifact);
            let padded = [&packed[..], &[0xff; 999]].concat();
            assert!(unpack(&padded, machine).unwrap() == artifact, "{machine:?} in a padded slot");
            let behind = [&artifact[..], &[0xff; 999]].concat();
            assert!(pack(&behind, machine).unwrap() == packed, "what is behind an artifact is not packed");
        }
    }
}

#[test]
fn another_machine_is_refused() {
    let packed = pack(&artifact(b"code"), Machine::Riscv64).unwrap();
    assert_eq!(unpack(&packed, Machine::X86_64), Err(UnpackError::Format(FormatError::Packing(3))));
    let mut unknown = packed.clone();
    unknown[8] = 99;
    assert_eq!(unpack_any(&unknown), Err(UnpackError::Format(FormatError::Packing(99))));
    assert_eq!(unpack_any(&artifact(b"code")), Err(UnpackError::Format(FormatError::NotElf)));
    assert!(matches!(pack(&packed, Machine::Riscv64), Err(PackError::Format(FormatError::Packed))));
}

#[test]
fn every_cut_and_every_changed_byte_is_found() {
    let artifact = artifact(&payload(900));
    let packed = pack(&artifact, Machine::X86_64).unwrap();
    for end in 0..packed.len() {
        assert!(unpack(&packed[..end], Machine::X86_64).is_err(), "cut at {end}");
    }
    for at in 0..packed.len() {
        for bit in [0, 3, 7] {
            let mut bytes = packed.clone();
            bytes[at] ^= 1 << bit;
            // The length that comes out is asked for; what is no memory is an error too.
            if (12..HEAD).contains(&at) && head(&bytes).is_ok_and(|head| head.expanded > 64 << 20) {
                continue;
            }
            let whole = unpack(&bytes, Machine::X86_64).ok().filter(|out| read(out).is_ok());
            // A window may be larger than it must be, and the last bytes of a stream may not matter.
            assert!(whole.is_none_or(|out| out == artifact), "byte {at}, bit {bit}");
        }
    }
}

/// Dictionaries and filters are part of the format: what was packed once can be expanded for ever.
#[test]
fn files_that_were_packed_before_still_expand() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/packed");
    for name in ["x86_64", "aarch64", "riscv64"] {
        let packed = std::fs::read(corpus.join(name)).unwrap();
        let expanded = unpack_any(&packed).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        // With its digest.
        read(&expanded).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}
