//! Files appear whole or not at all.

use std::io::Write;
use std::path::Path;

use crate::refusal::Refusal;

/// Writes a file by making a temporary one beside it and renaming that. `-` is standard output.
///
/// # Errors
/// The directory is missing, or cannot be written; what was at `path` is then unchanged.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Refusal> {
    if path.as_os_str() == "-" {
        let mut out = std::io::stdout().lock();
        return out
            .write_all(bytes)
            .and_then(|()| out.flush())
            .map_err(|e| Refusal::io("write", Path::new("<stdout>"), &e));
    }
    if path.is_dir() {
        return Err(Refusal::new(path.display().to_string(), "is a directory, a file was to be written there")
            .remedy("name a file, or remove the directory"));
    }
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let failed = |e: std::io::Error| Refusal::io("write", path, &e);
    let mut file = tempfile::Builder::new().prefix(".minplat-").tempfile_in(directory).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    // A temporary file is private; an output is as readable as any other new file.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = match std::fs::metadata(path) {
            Ok(old) => old.permissions().mode() & 0o7777,
            Err(_) => 0o666 & !umask(),
        };
        file.as_file().set_permissions(std::fs::Permissions::from_mode(mode)).map_err(failed)?;
    }
    file.persist(path).map_err(|e| failed(e.error))?;
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
}
