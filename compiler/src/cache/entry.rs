//! One entry: what its file is called, and how the file shows that it is whole.
//!
//! A file holds 32 bytes, SHA-256 over the name's digest and the value, then the value.

use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use crate::debug_file::hex;

/// Whose entries these are: other releases have other names. Changes whenever the layout of an entry does.
const WRITER: [&str; 3] = ["minplat cache 1", env!("CARGO_PKG_VERSION"), wasmtime_environ::VERSION];

/// Bytes of a digest.
const DIGEST: usize = 32;

/// What an entry is called.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Name([u8; DIGEST]);

/// The file is not what was written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Damaged;

impl Name {
    /// The name for a key of Cranelift's.
    pub(super) fn of(key: &[u8]) -> Self {
        let mut digest = Sha256::new();
        for part in WRITER {
            digest.update(part);
            digest.update([0]);
        }
        digest.update(key);
        Self(digest.finalize().into())
    }

    /// The file, below the cache's folder: in one of 256 folders, so that none gets too large.
    pub(super) fn path(&self) -> PathBuf {
        PathBuf::from(hex(&self.0[..1])).join(hex(&self.0[1..]))
    }
}

/// Whether a path's last two parts are such as [`Name::path`] gives.
pub(super) fn is_entry(folder: &str, file: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    folder.len() == 2 && file.len() == 2 * (DIGEST - 1) && is_hex(folder) && is_hex(file)
}

/// What stands before a value. The name is in it, so that a file that was given another's name is found.
pub(super) fn digest(name: &Name, value: &[u8]) -> [u8; DIGEST] {
    Sha256::new().chain_update(name.0).chain_update(value).finalize().into()
}

/// The value of a file.
pub(super) fn open(name: &Name, mut file: Vec<u8>) -> Result<Vec<u8>, Damaged> {
    match file.split_at_checked(DIGEST) {
        Some((stored, value)) if stored == digest(name, value) => {
            file.drain(..DIGEST);
            Ok(file)
        }
        _ => Err(Damaged),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_change_of_a_file_is_found() {
        let (name, other) = (Name::of(b"a"), Name::of(b"b"));
        let file = [&digest(&name, b"value")[..], b"value"].concat();
        assert_eq!(open(&name, file.clone()), Ok(b"value".to_vec()));
        assert_eq!(open(&other, file.clone()), Err(Damaged), "under another name");
        for at in 0..file.len() {
            assert_eq!(open(&name, file[..at].to_vec()), Err(Damaged), "cut off at {at}");
            let mut flipped = file.clone();
            flipped[at] ^= 1;
            assert_eq!(open(&name, flipped), Err(Damaged), "flipped at {at}");
        }
        assert_eq!(open(&name, [&file[..], b"x"].concat()), Err(Damaged), "a byte more");
    }

    #[test]
    fn names_are_known_for_names() {
        let path = Name::of(b"a").path();
        let (folder, file) = (path.parent().unwrap().to_str().unwrap(), path.file_name().unwrap().to_str().unwrap());
        assert!(is_entry(folder, file));
        assert!(!is_entry("src", file) && !is_entry("zz", file) && !is_entry(folder, "main.rs"));
        assert!(!is_entry(folder, &file.to_uppercase().replace(|c: char| c.is_ascii_digit(), "A")));
    }
}
