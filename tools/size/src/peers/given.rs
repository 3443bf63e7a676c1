//! Files that the user names: what is loaded of them, and what kind of file that was measured of.

use std::fs;

use anyhow::{Context, Result, bail};
use minplat_builder::sizes::Sizes;
use object::read::archive::ArchiveFile;
use object::{Object, ObjectKind};

use super::{Named, Row};

/// The row of a file.
///
/// # Errors
/// It cannot be read, or is neither an ELF file nor an archive of such.
pub(crate) fn row(named: &Named) -> Result<Row> {
    let path = named.path.display();
    let bytes = fs::read(&named.path).with_context(|| format!("cannot read {path}; check the path"))?;
    let (sizes, what) = measure(&bytes).with_context(|| format!("{}: {path}", named.name))?;
    Ok(Row {
        name: named.name.clone(),
        version: None,
        runs: None,
        sizes: Some(sizes),
        remark: Some(format!("given: {what}")),
    })
}

/// What is loaded of a file, and what it is.
fn measure(bytes: &[u8]) -> Result<(Sizes, String)> {
    let (sizes, what) = if bytes.starts_with(b"!<arch>\n") {
        archive(bytes)?
    } else if bytes.starts_with(b"!<thin>\n") {
        bail!("it is a thin archive, which has names of objects and no objects; make it without `ar`'s T")
    } else if bytes.starts_with(b"\x7fELF") {
        let file = object::File::parse(bytes).context("it cannot be read")?;
        let what = match file.kind() {
            ObjectKind::Executable => "a program",
            ObjectKind::Dynamic => "a program that can lie anywhere, or a shared object",
            _ => "an object, all of it, not linked",
        };
        (Sizes::read(bytes)?, format!("{what}, for {}", machine(&file)))
    } else {
        bail!("it is neither an ELF file nor an archive; name a linked program, an object or a .a")
    };
    if sizes.total == 0 {
        bail!("nothing of it is loaded");
    }
    Ok((sizes, what))
}

/// All objects of an archive, each whole.
fn archive(bytes: &[u8]) -> Result<(Sizes, String)> {
    let archive = ArchiveFile::parse(bytes).context("the archive's headers cannot be read")?;
    let mut all = Sizes::default();
    let (mut count, mut machines) = (0, Vec::new());
    for member in archive.members() {
        let member = member.context("a member of the archive is damaged")?;
        let data = member.data(bytes).context("a member of the archive is cut off")?;
        // What is no object is a text, or metadata of a compiler.
        let Ok(file) = object::File::parse(data) else { continue };
        let sizes = Sizes::read(data)?;
        count += 1;
        machines.push(machine(&file));
        all.text += sizes.text;
        all.data += sizes.data;
        all.bss += sizes.bss;
        all.total += sizes.total;
        for (name, bytes) in sizes.sections {
            *all.sections.entry(name).or_default() += bytes;
        }
    }
    if count == 0 {
        bail!("no member of the archive is an ELF object");
    }
    machines.dedup();
    Ok((all, format!("an archive, all of its {count} objects, not linked, for {}", machines.join(" and "))))
}

fn machine(file: &object::File<'_>) -> String {
    format!("{:?}", file.architecture()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::measure;

    #[test]
    fn this_very_program_is_measured() {
        let bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let (sizes, what) = measure(&bytes).unwrap();
        assert!(what.starts_with("a program"), "{what}");
        assert!(sizes.text > sizes.data && sizes.total == sizes.text + sizes.data + sizes.bss);
    }

    #[test]
    fn what_is_something_else_is_refused() {
        for (bytes, word) in [
            (&b""[..], "neither an ELF file nor an archive"),
            (b"\0asm\x01\0\0\0", "neither"),
            (b"\x7fELF\x02\x01\x01", "cannot be read"),
            (b"!<arch>\n", "no member"),
            (b"!<thin>\n", "without `ar`'s T"),
        ] {
            let error = format!("{:#}", measure(bytes).unwrap_err());
            assert!(error.contains(word), "{error}");
        }
    }
}
