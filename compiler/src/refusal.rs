//! What is said when an input cannot be used.

use std::fmt;
use std::path::Path;

/// An input that cannot be used: which one, why, and what to do about it.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The file, as the user named it.
    pub subject: String,
    /// What is wrong with it; may span lines (a syntax error carries its source line).
    pub problem: String,
    /// What to do.
    pub remedy: Option<String>,
    /// What it comes down to.
    pub reason: Reason,
}

/// What a refusal comes down to, for programs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Reason {
    /// The program is invalid on every platform.
    Invalid,
    /// The program needs what the platform has off: the keys that switch it on, as `wasm.simd` and `runtime.gc`, or the name of
    /// a feature that no platform has, as `threads`.
    Needs(Vec<String>),
    /// Anything else: no such file, no WebAssembly, more than the compiler can do.
    #[default]
    Other,
}

impl Refusal {
    /// A refusal of `subject`.
    pub fn new(subject: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { subject: subject.into(), problem: problem.into(), remedy: None, reason: Reason::Other }
    }

    /// The same with a remedy.
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The same with a reason.
    #[must_use]
    pub fn reason(mut self, reason: Reason) -> Self {
        self.reason = reason;
        self
    }

    /// A failed operation on a file; `verb` completes "cannot … FILE".
    pub fn io(verb: &str, path: &Path, error: &std::io::Error) -> Self {
        let refusal = Self::new(path.display().to_string(), format!("cannot {verb} it: {error}"));
        match error.kind() {
            std::io::ErrorKind::NotFound if verb == "read" => refusal.remedy("check the path; nothing is there"),
            std::io::ErrorKind::NotFound => refusal.remedy("make the directory that it is to lie in"),
            std::io::ErrorKind::PermissionDenied => refusal.remedy("check who may do so, or name another place"),
            std::io::ErrorKind::IsADirectory => refusal.remedy("name a file"),
            _ => refusal,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.problem)?;
        match &self.remedy {
            Some(remedy) => write!(f, "\n  help: {remedy}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}
