//! The flags of a build, made from platform and toolchain alone: the one place that decides them.

use std::fmt::Write as _;
use std::path::PathBuf;

use minplat_platform::settings::Architecture;
use minplat_platform::{Platform, RustTarget};
use serde::Serialize;

use crate::inputs::Digest;
use crate::source::Source;
use crate::toolchain::{Choice, Method};

/// Crates whose code is made only where it is used, in the library itself (`hint-mostly-unused`). These are large and mostly
/// unused: on thumbv7em it takes a fifth off the build and 12 KB off the library, since each function is seen by the
/// optimiser once, with all of its callers. For small crates, and for `alloc`, it was the other way round; `core` cannot
/// be: `compiler_builtins` may call nothing of it. `minplat` stands between these and the library, and made all of their code
/// once more: 10 KB of x86_64-minplat, and a tenth of a build.
const DEFERRED: &[&str] = &[
    "gimli",
    "hashbrown",
    "indexmap",
    "libm",
    "minplat",
    "object",
    INTERPRETER,
    "serde_core",
    "wasmparser",
    "wasmtime",
    "wasmtime-environ",
];

/// Of bytecode.
const INTERPRETER: &str = "pulley-interpreter";

/// Crates that are optimised for size on every platform, so that platforms of one target share them: what a platform
/// that is built for speed calls often of them is generic, or inlined, and so is compiled with the library itself.
const SHARED: &[&str] = &["core", "alloc"];

/// How a library is built. It names no folder of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recipe {
    /// The target's triple.
    pub target: String,
    /// `prebuilt`, or `source` for a standard library that is built too.
    pub standard_library: &'static str,
    /// The Cargo features of `minplat-capi`.
    pub features: Vec<String>,
    /// Flags of Cargo.
    pub cargo: Vec<String>,
    /// The profile, as `key=value` for `--config`.
    pub profile: Vec<String>,
    /// Flags of rustc, for every crate of the target; folders stand in braces.
    pub rustc: Vec<String>,
    /// Variables of the environment.
    pub environment: Vec<String>,
}

impl Recipe {
    /// The recipe for a platform on a toolchain.
    pub fn new(platform: &Platform, choice: &Choice) -> Self {
        let build = platform.build();
        let from_source = matches!(choice.method, Method::Source { .. });
        let mut cargo = Vec::new();
        let mut rustc = Vec::new();
        let mut profile = profile(&build.opt_level, &build.lto);
        if build.debug_assertions {
            // Of this package alone: the others, large as they are, are shared with the platform without.
            profile.push("profile.release.package.minplat-capi.debug-assertions=true".into());
        }
        if from_source {
            let features = if build.optimize_for_size { ",optimize_for_size" } else { "" };
            cargo.push("-Zbuild-std=core,alloc".into());
            // memcpy and friends come from inside: there is no C library.
            cargo.push(format!("-Zbuild-std-features=compiler-builtins-mem{features}"));
            if matches!(platform.rust_target(), RustTarget::Json { .. }) {
                cargo.push("-Zjson-target-spec".into());
            }
            // With or without a fast interpreter, so that platforms share what they can.
            cargo.extend(["-Zprofile-hint-mostly-unused", "-Zprofile-rustflags"].map(String::from));
            let mut of_package =
                |name: &str, value: &str| profile.push(format!("profile.release.package.{name}.{value}"));
            let is_fast = |name: &str| name == INTERPRETER && build.fast_interpreter;
            for name in DEFERRED.iter().filter(|name| !is_fast(name)) {
                of_package(name, "hint-mostly-unused=true");
            }
            for name in SHARED.iter().chain(DEFERRED).filter(|name| !is_fast(name)) {
                of_package(name, "opt-level=\"z\"");
            }
            if build.fast_interpreter {
                of_package(INTERPRETER, "opt-level=3");
                of_package(INTERPRETER, "rustflags=[\"--cfg=pulley_tail_calls\"]");
            }
            rustc.push("-Zunstable-options".into());
            if build.immediate_abort {
                rustc.push("-Cpanic=immediate-abort".into());
            }
            if !build.location_detail {
                rustc.push("-Zlocation-detail=none".into());
            }
            if !build.format_detail {
                rustc.push("-Zfmt-debug=none".into());
            }
            // Wasmtime then tells of an `Arc` that could not be allocated; stable Rust has no way to.
            rustc.push("--cfg=arc_try_new".into());
        }
        // Else a copy of 65 bytes and more is `rep movsb` where code is optimised for size: one of 80 bytes, at the end of every
        // call into a guest, took a third of the call.
        if from_source && platform.settings().architecture == Architecture::X86_64 {
            rustc.push("-Cllvm-args=--max-store-memcpy=5".into());
        }
        for (what, as_what) in FOLDERS {
            rustc.push(format!("--remap-path-prefix={what}={as_what}"));
        }
        rustc.extend(build.rustc_flags);
        let bootstrap = choice.method == Method::Source { bootstrap: true };
        Self {
            target: platform.rust_target().triple().to_string(),
            standard_library: if from_source { "source" } else { "prebuilt" },
            features: platform.cargo_features().into_iter().map(str::to_string).collect(),
            cargo,
            profile,
            rustc,
            environment: if bootstrap { vec!["RUSTC_BOOTSTRAP=1".into()] } else { Vec::new() },
        }
    }

    /// The flags of rustc with this machine's folders put in.
    pub fn rustc_here(&self, source: &Source, choice: &Choice) -> Vec<String> {
        let library = choice.toolchain.source_dir();
        let folders = [
            ("{source}", source.root.clone()),
            ("{target}", source.device_dir()),
            ("{cargo}", cargo_home()),
            // On Debian the folder is a link, and rustc tells of either.
            ("{rust-link}", library.clone()),
            ("{rust}", library.canonicalize().unwrap_or(library)),
        ];
        let put = |flag: &String| {
            folders.iter().fold(flag.clone(), |flag, (name, dir)| flag.replace(name, &dir.display().to_string()))
        };
        self.rustc.iter().map(put).collect()
    }

    /// Where Cargo puts its output: platforms with the same folder share what they can.
    pub fn folder(&self, platform: &Platform, choice: &Choice) -> String {
        let mut text = format!("{} {:?} {:?} {:?}", choice.toolchain.commit, self.cargo, self.rustc, DEFERRED);
        if let RustTarget::Json { contents, .. } = platform.rust_target() {
            text += contents;
        }
        write!(text, " {} {}", choice.toolchain.release, choice.toolchain.host).expect("a String takes any text");
        format!("{}-{}", self.target, &Digest::of(text.as_bytes()).hex()[..8])
    }
}

/// What a folder of the build is called in the library. A later one wins over an earlier one.
const FOLDERS: &[(&str, &str)] = &[
    ("{cargo}", "/cargo"),
    ("{rust-link}", "/rust"),
    ("{rust}", "/rust"),
    ("{source}", "/minplat"),
    ("{target}", "/target"),
];

fn profile(opt_level: &str, lto: &str) -> Vec<String> {
    let level = if opt_level.parse::<u8>().is_ok() { opt_level.to_string() } else { format!("{opt_level:?}") };
    let values = [
        ("opt-level", level),
        ("lto", format!("{lto:?}")),
        ("codegen-units", "1".into()),
        ("panic", "\"abort\"".into()),
        ("debug", "0".into()),
        ("debug-assertions", "false".into()),
        ("overflow-checks", "false".into()),
        ("incremental", "false".into()),
    ];
    values.iter().map(|(key, value)| format!("profile.release.{key}={value}")).collect()
}

fn cargo_home() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cargo");
    std::env::var_os("CARGO_HOME").filter(|dir| !dir.is_empty()).map_or_else(home, PathBuf::from)
}
