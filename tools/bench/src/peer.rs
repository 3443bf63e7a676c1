//! The engines that take part, each by the name that tables give it.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use minplat_platform::Platform;
use minplat_platform::settings::Interruption;

use crate::given::Given;

/// The platform for speed without what lets guests be interrupted, and without the digest of artifacts, which were verified before.
pub(crate) const FAST: &str = "x86_64-minplat-traps+wasm.interruption=none+build.digest=false";
/// The platforms whose code is compared with the same settings in Wasmtime on Linux.
pub(crate) const COMPARED: [&str; 3] = ["x86_64-minplat", FAST, "x86_64-minplat-traps"];

/// An engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// The kernel as native code.
    Native,
    /// The kernel's module as C, by the same compiler.
    Wasm2c,
    /// What this program can be itself, in another process: see [`crate::engine`].
    Inside(String),
    /// A program that the user has.
    Given(Given),
}

impl Peer {
    /// As tables have it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Native => "native".into(),
            Self::Wasm2c => "wasm2c".into(),
            Self::Inside(name) => name.clone(),
            Self::Given(given) => given.name().into(),
        }
    }

    /// Whether it is a platform of minplat.
    pub(crate) fn is_platform(&self) -> bool {
        matches!(self, Self::Inside(name) if is_platform(name))
    }

    /// Whether it is code of this program, which can be asked for more than to run.
    pub(crate) fn is_inside(&self) -> bool {
        matches!(self, Self::Inside(_))
    }

    /// The program that is this engine with a kernel, where it is one that was built with the kernels.
    pub(crate) fn program(&self, kernels: &Path, kernel: &str) -> Option<PathBuf> {
        match self {
            Self::Native => Some(kernels.join(format!("{kernel}.native"))),
            Self::Wasm2c => Some(kernels.join(format!("{kernel}.wasm2c"))),
            Self::Inside(_) | Self::Given(_) => None,
        }
    }
}

fn is_platform(engine: &str) -> bool {
    !engine.starts_with("wasm")
}

/// All that can take part in this process's machine, in the order of tables.
pub(crate) fn all(given: &[Given]) -> Vec<Peer> {
    let mut all = vec![Peer::Native, Peer::Wasm2c];
    all.extend(given.iter().cloned().map(Peer::Given));
    let inside = |name: &str| Peer::Inside(name.to_string());
    all.extend(["wasmtime", "wasmtime-checks"].map(inside));
    all.extend(COMPARED.map(|platform| inside(&format!("wasmtime:{platform}"))));
    all.extend(platforms().iter().map(|platform| inside(platform)));
    all.push(inside("wasmi"));
    all
}

/// The platforms that this machine can play.
fn platforms() -> Vec<String> {
    let loadable = |name: &&str| Platform::load(name, &[]).is_ok_and(|platform| platform.host_loadable());
    let mut all: Vec<_> = Platform::shipped().filter(loadable).map(str::to_string).collect();
    let at = all.iter().position(|name| name == "x86_64-minplat-traps").unwrap_or(0);
    all.insert(at, FAST.into());
    all
}

/// An engine by its name, of those that are made of any platform: the platform, or Wasmtime with its settings (`wasmtime:PLATFORM`).
///
/// # Errors
/// There is no such platform, or this machine cannot play it.
pub(crate) fn named(name: &str) -> Result<Peer> {
    let platform = Platform::load(name.strip_prefix("wasmtime:").unwrap_or(name), &[])?;
    ensure!(
        platform.host_loadable(),
        "{} is another machine than this computer, which cannot play it",
        platform.name()
    );
    Ok(Peer::Inside(name.to_string()))
}

/// What interrupts guests on a platform, in a word for a table; nothing for an engine that is none.
pub(crate) fn interruption(engine: &str) -> &'static str {
    let platform = engine.strip_prefix("wasmtime:").unwrap_or(engine);
    let settings = Platform::load(platform, &[]).map(|platform| platform.settings().interruption);
    match settings {
        Ok(Interruption::Fuel) => "fuel",
        Ok(Interruption::Epoch) => "epochs",
        Ok(Interruption::None) | Err(_) => "",
    }
}
