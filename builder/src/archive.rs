//! The static library as a file: an archive of one object, with an index and without a date.

use std::io::Cursor;

use anyhow::{Context, Result};
use ar_archive_writer::{ArchiveKind, DEFAULT_OBJECT_READER, NewArchiveMember, write_archive_to_stream};

/// The name of the object in the archive.
pub const MEMBER: &str = "minplat.o";

/// An archive that holds `object` alone. The same object gives the same bytes.
///
/// # Errors
/// The object's symbols cannot be read.
pub fn archive(object: &[u8]) -> Result<Vec<u8>> {
    let member = NewArchiveMember {
        buf: Box::new(object),
        object_reader: &DEFAULT_OBJECT_READER,
        member_name: MEMBER.to_string(),
        mtime: 0,
        uid: 0,
        gid: 0,
        perms: 0o644,
    };
    let mut out = Cursor::new(Vec::new());
    write_archive_to_stream(&mut out, &[member], ArchiveKind::Gnu, false, None).context("cannot make the archive")?;
    Ok(out.into_inner())
}
