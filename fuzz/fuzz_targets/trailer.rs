//! Any bytes as an artifact: what is accepted is what `write` wrote, byte for byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use minplat_format::{CustomSection, Stamp, artifact_length, custom_sections, read, read_unverified, write};

fuzz_target!(|bytes: &[u8]| {
    let _ = artifact_length(bytes);
    if let Ok(found) = custom_sections(bytes) {
        found.for_each(drop);
    }
    if let Ok(found) = read_unverified(bytes) {
        found.sections.for_each(drop);
    }
    let Ok(artifact) = read(bytes) else { return };
    assert_eq!(artifact_length(bytes), Ok(artifact.length));
    let trailer = artifact.trailer;
    let stamp = Stamp {
        platform: trailer.platform,
        fingerprint: trailer.fingerprint,
        base: trailer.base,
        features: trailer.features,
        wasmtime_major: trailer.wasmtime_major,
        names: trailer.names,
    };
    let sections: Vec<CustomSection<'_>> = artifact.sections.collect();
    let again = write(artifact.image.to_vec(), &stamp, &sections).expect("it was written once");
    assert_eq!(again, bytes[..artifact.length]);
});
