//! Reads what the user names and hands on a binary module, or refuses it for what it is.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::refusal::Refusal;
use crate::sniff::{self, Kind};

/// One module to compile.
#[derive(Debug)]
pub struct Input {
    /// What the user called it; `<stdin>` for standard input.
    pub name: String,
    /// Where it came from; none for standard input.
    pub path: Option<PathBuf>,
    /// The module in binary form.
    pub wasm: Vec<u8>,
    /// Bytes of the file as it was (text or binary).
    pub source_len: usize,
    /// The text, where it was text: the source that a debug file refers to.
    pub text: Option<String>,
    /// Whether it is a component.
    pub component: bool,
}

/// Reads a file, or standard input for `-`.
///
/// # Errors
/// The file cannot be read, or is no WebAssembly; a syntax error in text carries line, column and source line.
pub fn read(path: &Path) -> Result<Input, Refusal> {
    refuse_directory(path)?;
    let (name, bytes) = file(path)?;
    let from = (path.as_os_str() != "-").then(|| path.to_owned());
    from_bytes(&name, from, bytes)
}

/// The bytes of any file, and what it is called in messages; `-` is standard input, `<stdin>`.
///
/// # Errors
/// It cannot be read, or is a directory.
pub fn file(path: &Path) -> Result<(String, Vec<u8>), Refusal> {
    let name = if path.as_os_str() == "-" { "<stdin>".into() } else { path.display().to_string() };
    if path.is_dir() {
        return Err(Refusal::new(name, "is a directory").remedy("name a file in it"));
    }
    let mut bytes = Vec::new();
    let read = match path.as_os_str() == "-" {
        true => std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes),
        false => std::fs::read(path),
    };
    let bytes = read.map_err(|error| Refusal::io("read", Path::new(&name), &error))?;
    Ok((name, bytes))
}

/// Refuses a directory where a module is to be.
///
/// # Errors
/// It is a directory.
pub fn refuse_directory(path: &Path) -> Result<(), Refusal> {
    if !path.is_dir() {
        return Ok(());
    }
    Err(Refusal::new(path.display().to_string(), "is a directory")
        .remedy("name a .wat or .wasm file, or add --recursive to compile every one below it"))
}

/// [`read`] for bytes that are there already; `name` is used in messages.
///
/// # Errors
/// As for [`read`].
pub fn from_bytes(name: &str, path: Option<PathBuf>, bytes: Vec<u8>) -> Result<Input, Refusal> {
    let refuse = |what: &str, remedy: &str| Err(Refusal::new(name, what).remedy(remedy));
    let source_len = bytes.len();
    let (wasm, text, component) = match sniff::kind(&bytes) {
        Kind::Module => (bytes, None, false),
        Kind::Component => (bytes, None, true),
        Kind::Wat => {
            let wasm = parse_text(name, &bytes)?;
            let component = sniff::kind(&wasm) == Kind::Component;
            (wasm, String::from_utf8(bytes).ok(), component)
        }
        Kind::Empty => return refuse("is empty", "compile a .wat or .wasm file; check what was to write this one"),
        Kind::Cwasm | Kind::Packed => {
            return refuse("is compiled already (a .cwasm)", "run it, or look into it with minplat-inspect");
        }
        Kind::Other(what) if what.starts_with("compressed") => {
            return refuse(&format!("is {what}"), "unpack it first");
        }
        Kind::Other(what) => return refuse(&format!("is {what}"), "compile a .wat or .wasm file"),
    };
    Ok(Input { name: name.into(), path, wasm, source_len, text, component })
}

fn parse_text(name: &str, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let parsed = wat::Parser::new().parse_bytes(Some(Path::new(name)), bytes);
    parsed.map(std::borrow::Cow::into_owned).map_err(|error| {
        // The parser's message has the place and the source line in lines of their own.
        let error = error.to_string();
        let error = error.strip_prefix(&format!("failed to parse `{name}`: ")).unwrap_or(&error);
        Refusal::new(name, format!("cannot be read as WebAssembly text: {error}"))
    })
}

/// Every `.wat` and `.wasm` below a directory, in the order of their paths (not in the file system's).
///
/// # Errors
/// A directory cannot be read.
pub fn below(directory: &Path) -> Result<Vec<PathBuf>, Refusal> {
    let mut found = Vec::new();
    let mut pending = vec![directory.to_owned()];
    while let Some(directory) = pending.pop() {
        let entries = std::fs::read_dir(&directory).map_err(|e| Refusal::io("read", &directory, &e))?;
        for entry in entries {
            let entry = entry.map_err(|e| Refusal::io("read", &directory, &e))?;
            let kind = entry.file_type().map_err(|e| Refusal::io("read", &entry.path(), &e))?;
            let path = entry.path();
            // Links to directories are left alone, so that a loop of links ends.
            if kind.is_dir() {
                pending.push(path);
            } else if matches!(path.extension().and_then(|e| e.to_str()), Some("wat" | "wasm")) && path.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
