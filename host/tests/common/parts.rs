//! Where things are in an artifact, from the layout of `minplat-format`: nothing here asks that crate, which is what is tested.

use sha2::{Digest, Sha256};

/// Offsets into an artifact.
pub(crate) struct Parts {
    pub(crate) trailer: usize,
    pub(crate) digest: usize,
}

impl Parts {
    pub(crate) fn of(artifact: &[u8]) -> Self {
        let digest = artifact.len() - 16 - 32;
        let trailer = artifact.windows(8).rposition(|bytes| bytes == b"\0minplat").expect("it has a trailer");
        Self { trailer, digest }
    }
}

/// Makes the digest fit what is before it.
pub(crate) fn repair(artifact: &mut [u8], digest: usize) {
    let new = Sha256::digest(&artifact[..digest]);
    artifact[digest..digest + 32].copy_from_slice(&new);
}
