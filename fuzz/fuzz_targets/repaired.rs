//! Any bytes with a digest that fits: reading goes on behind the digest, and whatever it finds stays inside the bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use minplat_format::{artifact_length, custom_sections, read};
use sha2::{Digest, Sha256};

fuzz_target!(|bytes: &[u8]| {
    let Ok(length) = artifact_length(bytes) else { return };
    let mut bytes = bytes[..length].to_vec();
    let digest = length - 16 - 32;
    let fits = Sha256::digest(&bytes[..digest]);
    bytes[digest..digest + 32].copy_from_slice(&fits);
    let Ok(artifact) = read(&bytes) else { return };
    let inside = bytes.as_ptr_range();
    for section in artifact.sections {
        for part in [section.name.as_bytes().as_ptr_range(), section.data.as_ptr_range()] {
            assert!(part.start >= inside.start && part.end <= inside.end);
        }
    }
    assert_eq!(custom_sections(&bytes).expect("it was read").count(), artifact.sections.count());
    assert_eq!(artifact.length, bytes.len());
});
