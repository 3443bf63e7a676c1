//! Files appear whole or not at all.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::refusal::Refusal;

/// Writes a file by making a temporary one beside it and renaming that. A symbolic link stays, and the file that it leads to
/// is replaced. What is no regular file (a device, a FIFO) stays too, and is written to. `-` is standard output.
///
/// # Errors
/// The directory is missing, or cannot be written; what was at `path` is then unchanged. A directory is there.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Refusal> {
    if path.as_os_str() == "-" {
        let mut out = std::io::stdout().lock();
        return out
            .write_all(bytes)
            .and_then(|()| out.flush())
            .map_err(|e| Refusal::io("write", Path::new("<stdout>"), &e));
    }
    let failed = |e: std::io::Error| Refusal::io("write", path, &e);
    match std::fs::metadata(path) {
        Ok(there) if there.is_dir() => {
            Err(Refusal::new(path.display().to_string(), "is a directory, a file was to be written there")
                .remedy("name a file, or remove the directory"))
        }
        Ok(there) if there.is_file() => {
            let real = path.canonicalize().map_err(failed)?;
            replace(&real, bytes, Some(&there)).map_err(failed)
        }
        Ok(_) => {
            std::fs::OpenOptions::new().write(true).open(path).and_then(|mut f| f.write_all(bytes)).map_err(failed)
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => replace(&end_of_links(path), bytes, None).map_err(failed),
        Err(e) => Err(failed(e)),
    }
}

/// Whether something lies at `path` that is written to and never replaced: a device, a FIFO. It takes several outputs.
pub fn is_special(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir())
}

/// Where a link that leads nowhere would lead; the path itself if it is none. A loop of links is no such case.
fn end_of_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    while let Ok(to) = std::fs::read_link(&path) {
        path = path.parent().unwrap_or(Path::new("")).join(to);
    }
    path
}

/// Puts a file into the place of another (`old`), or where none is.
fn replace(path: &Path, bytes: &[u8], old: Option<&std::fs::Metadata>) -> std::io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new().prefix(".minplat-").tempfile_in(directory)?;
    file.write_all(bytes)?;
    // A temporary file is private; an output is as readable as any other new file.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = old.map_or_else(|| 0o666 & !umask(), |old| old.permissions().mode() & 0o7777);
        file.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    file.persist(path)?;
    Ok(())
}

/// The permissions that new files lack, as Linux tells without changing them; elsewhere the usual ones.
#[cfg(unix)]
fn umask() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("Umask:"));
    mask.and_then(|mask| u32::from_str_radix(mask.trim(), 8).ok()).unwrap_or(0o022)
}

/// Makes a directory and those above it.
///
/// # Errors
/// It cannot be made, or a file is in its place.
pub fn make_directory(path: &Path) -> Result<(), Refusal> {
    if path.as_os_str().is_empty() {
        return Ok(());
    }
    std::fs::create_dir_all(path).map_err(|e| Refusal::io("make", path, &e))
}

/// A rule in make's syntax: `outputs` are made from `inputs`.
pub fn depfile(outputs: &[&Path], inputs: &[&Path]) -> String {
    let join = |paths: &[&Path]| paths.iter().map(|p| escape(p)).collect::<Vec<_>>();
    let mut text = format!("{}: {}\n", join(outputs).join(" "), join(inputs).join(" \\\n  "));
    // An empty rule each, so that make goes on after an input was deleted.
    for input in join(inputs) {
        text += &format!("\n{input}:\n");
    }
    text
}

/// A path as make and ninja read it.
fn escape(path: &Path) -> String {
    let mut out = String::new();
    for c in path.display().to_string().chars() {
        match c {
            ' ' | '#' | ':' => out.extend(['\\', c]),
            '$' => out.push_str("$$"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depfile_escapes_what_make_reads() {
        let text = depfile(&[Path::new("a b.cwasm")], &[Path::new("x$y#.wat"), Path::new("p.toml")]);
        assert_eq!(text, "a\\ b.cwasm: x$$y\\#.wat \\\n  p.toml\n\nx$$y\\#.wat:\n\np.toml:\n");
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let dir = tempfile::tempdir().unwrap();
        let missing = dir.path().join("no/such/file");
        assert!(write(&missing, b"x").unwrap_err().remedy.is_some());
        let path = dir.path().join("out");
        write(&path, b"1").unwrap();
        write(&path, b"22").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"22");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_and_what_they_lead_to_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("real")).unwrap();
        let (real, link) = (dir.path().join("real/out"), dir.path().join("link"));
        std::os::unix::fs::symlink("second", &link).unwrap();
        std::os::unix::fs::symlink("real/out", dir.path().join("second")).unwrap();
        // At first they lead nowhere.
        for bytes in [b"1", b"2"] {
            write(&link, bytes).unwrap();
            assert!(link.is_symlink() && dir.path().join("second").is_symlink());
            assert!(!real.is_symlink());
            assert_eq!(std::fs::read(&real).unwrap(), bytes);
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 3);
        assert_eq!(std::fs::read_dir(dir.path().join("real")).unwrap().count(), 1);
        // In a circle.
        std::os::unix::fs::symlink("b", dir.path().join("a")).unwrap();
        std::os::unix::fs::symlink("a", dir.path().join("b")).unwrap();
        write(&dir.path().join("a"), b"x").unwrap_err();
        // To a directory.
        std::os::unix::fs::symlink("real", dir.path().join("folder")).unwrap();
        assert!(write(&dir.path().join("folder"), b"x").unwrap_err().problem.contains("is a directory"));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_written_in_place() {
        use std::os::unix::fs::FileTypeExt;
        let dir = tempfile::tempdir().unwrap();
        let fifo = dir.path().join("fifo");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let reader = std::thread::spawn({
            let fifo = fifo.clone();
            move || std::fs::read(fifo).unwrap()
        });
        // More than a pipe holds.
        let bytes = vec![7; 200_000];
        write(&fifo, &bytes).unwrap();
        assert!(reader.join().unwrap() == bytes);
        assert!(std::fs::symlink_metadata(&fifo).unwrap().file_type().is_fifo());
        // A link to a device; the link is in a directory of ours, should it be replaced.
        let null = dir.path().join("null");
        std::os::unix::fs::symlink("/dev/null", &null).unwrap();
        write(&null, b"x").unwrap();
        assert!(null.is_symlink() && is_special(&null));
        write(Path::new("/dev/null"), b"x").unwrap();
        assert!(std::fs::symlink_metadata("/dev/null").unwrap().file_type().is_char_device());
    }
}
