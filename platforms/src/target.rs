//! The Rust target behind `target.rust`: a built-in triple, or a JSON file.

use std::format;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};

use target_lexicon::Triple;

use crate::settings::Architecture;

/// What the library is built for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RustTarget {
    /// A target that rustc knows by name.
    BuiltIn(String),
    /// A target that a JSON file describes.
    Json {
        /// The file's stem, which rustc makes the triple.
        triple: String,
        /// The file's name.
        file_name: String,
        /// The file's contents.
        contents: String,
        /// Where it was read from; none for a shipped one.
        path: Option<PathBuf>,
    },
}

impl RustTarget {
    /// The triple, as Wasmtime sees it on both sides.
    pub fn triple(&self) -> &str {
        match self {
            Self::BuiltIn(triple) | Self::Json { triple, .. } => triple,
        }
    }

    /// Reads what `target.rust` names. `dir` is the folder of the file that says so; none for a shipped one. A bare name that
    /// is not in that folder may be a shipped target: so a printed platform needs no file beside it.
    pub(crate) fn read(text: &str, dir: Option<&Path>) -> Result<Self, (String, String)> {
        if !text.ends_with(".json") {
            return Ok(Self::BuiltIn(text.to_string()));
        }
        let file_name = Path::new(text).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let triple = file_name.trim_end_matches(".json").to_string();
        let (contents, path) = match dir {
            None => {
                let contents = crate::shipped::target(&file_name).ok_or_else(|| {
                    (format!("no shipped target is called {file_name}"), "give a path from the platform file".into())
                })?;
                (contents.to_string(), None)
            }
            Some(dir) => {
                let path = dir.join(text);
                match (std::fs::read_to_string(&path), crate::shipped::target(text)) {
                    (Ok(contents), _) => (contents, Some(path)),
                    (Err(e), Some(shipped)) if e.kind() == std::io::ErrorKind::NotFound => (shipped.to_string(), None),
                    (Err(e), _) => {
                        return Err((
                            format!("cannot read the Rust target {}: {e}", path.display()),
                            "give a path from the platform file's folder to a target JSON, or a built-in triple".into(),
                        ));
                    }
                }
            }
        };
        Ok(Self::Json { triple, file_name, contents, path })
    }

    /// The parsed triple and its architecture.
    pub(crate) fn parse(&self) -> Result<(Triple, Architecture), (String, String)> {
        let text = self.triple();
        let triple: Triple = text.parse().map_err(|e| {
            (
                format!("\"{text}\" is not a target triple: {e}"),
                "name the file so that its stem starts with an architecture, as x86_64-mymachine.json does".to_string(),
            )
        })?;
        use target_lexicon::Architecture as A;
        let arch = match triple.architecture {
            A::X86_64 => Architecture::X86_64,
            A::Aarch64(_) => Architecture::Aarch64,
            A::Riscv64(_) => Architecture::Riscv64,
            A::Arm(_) => Architecture::Arm,
            A::Riscv32(_) => Architecture::Riscv32,
            other => {
                return Err((
                    format!("the architecture {other} is not one that minplat knows"),
                    format!("use one of {}", Architecture::NAMES.join(", ")),
                ));
            }
        };
        Ok((triple, arch))
    }
}

/// Whether a pointer of this architecture has 64 bits.
pub(crate) fn is_64_bit(arch: Architecture) -> bool {
    matches!(arch, Architecture::X86_64 | Architecture::Aarch64 | Architecture::Riscv64)
}
