//! Which toolchain builds a platform's library.

use anyhow::{Result, bail};
use minplat_platform::{Platform, RustTarget};

use super::list::Listed;
use super::{OLDEST, Origin, Toolchain};

/// How the standard library comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// It is installed for the target.
    Prebuilt,
    /// It is built from its source.
    Source {
        /// rustc has to be told, by `RUSTC_BOOTSTRAP`, to take unstable flags.
        bootstrap: bool,
    },
}

/// A toolchain, and why.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The toolchain.
    pub toolchain: Toolchain,
    /// How it gets its standard library.
    pub method: Method,
    /// In a sentence, for people.
    pub why: String,
}

/// Chooses, in this order: one with the target's standard library installed, where platform and target need nothing
/// unstable; a nightly of rustup's with the library's source; any other with it, rustup's first.
///
/// # Errors
/// None can do it: what each lacks, and what to install.
pub fn choose(platform: &Platform, listed: &Listed) -> Result<Choice> {
    let mut lacks = listed.rejected.clone();
    let mut able = Vec::new();
    for toolchain in &listed.found {
        match ability(platform, toolchain) {
            Ok(choice) => able.push(choice),
            Err(reason) => lacks.push(format!("{}: {reason}", toolchain.label())),
        }
    }
    // The sort is stable: among equals the first of the list stays first.
    able.sort_by_key(|choice| match (choice.method, choice.toolchain.origin) {
        (Method::Prebuilt, _) => 0,
        (Method::Source { bootstrap: false }, _) => 1,
        (Method::Source { bootstrap: true }, Origin::Rustup) => 2,
        (Method::Source { bootstrap: true }, Origin::Other) => 3,
    });
    if let Some(choice) = able.into_iter().next() {
        return Ok(choice);
    }
    let lacks = if lacks.is_empty() { "there is none on this machine".into() } else { lacks.join("\n  ") };
    let which = match &listed.wanted {
        Some(wanted) => format!("the Rust toolchain {wanted} cannot"),
        None => "no Rust toolchain here can".to_string(),
    };
    bail!(
        "{which} build {} for the target {}:\n  {lacks}\n{}",
        platform.name(),
        platform.rust_target().triple(),
        advice(listed)
    )
}

fn ability(platform: &Platform, toolchain: &Toolchain) -> Result<Choice, String> {
    if toolchain.version() < OLDEST {
        return Err(format!("older than {}.{}, which Wasmtime needs", OLDEST.0, OLDEST.1));
    }
    let choice = |method, why: String| Ok(Choice { toolchain: toolchain.clone(), method, why });
    if let RustTarget::BuiltIn(triple) = platform.rust_target() {
        if !toolchain.knows(triple) {
            return Err(format!("knows no target {triple}"));
        }
        if platform.build().is_stable() && toolchain.has_prebuilt(triple) {
            return choice(
                Method::Prebuilt,
                format!("it has {triple} installed, and the platform asks for nothing unstable"),
            );
        }
    }
    if !toolchain.has_source() {
        return Err(match toolchain.origin {
            Origin::Rustup => format!(
                "lacks the standard library's source (rustup component add rust-src --toolchain {})",
                toolchain.name
            ),
            Origin::Other => "lacks the standard library's source".to_string(),
        });
    }
    if toolchain.is_nightly() {
        choice(Method::Source { bootstrap: false }, "a nightly with the standard library's source".into())
    } else {
        choice(
            Method::Source { bootstrap: true },
            "it has the standard library's source; RUSTC_BOOTSTRAP opens it".into(),
        )
    }
}

/// What to install, for this machine.
fn advice(listed: &Listed) -> String {
    let other = if listed.wanted.is_some() { "Leave out --toolchain, or install" } else { "Install" };
    let mut lines = vec![format!("{other} one of:")];
    if listed.has_rustup {
        lines.push("  rustup toolchain install nightly --component rust-src".into());
    }
    if std::path::Path::new("/etc/debian_version").exists() {
        lines.push("  apt-get install rustc-web cargo-web rust-web-src rust-web-llvm lld-22".into());
    }
    if lines.len() == 1 {
        lines.push("  rustup (https://rustup.rs), then: rustup toolchain install nightly --component rust-src".into());
    }
    lines.join("\n")
}
