//! Building firmware.

use std::fs::{self, File, TryLockError};
use std::io::{Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use minplat_builder::cargo::target_argument;
use minplat_builder::inputs::Inputs;
use minplat_builder::interrupt;
use minplat_builder::job::LIBRARY;
use minplat_builder::progress::{Detail, Progress};
use minplat_builder::source::Source;
use minplat_builder::toolchain::{Choice, Method, choose, list};
use minplat_compiler::emit::obj;
use minplat_platform::{Platform, RustTarget};
use serde_json::Value;

use crate::library;
use crate::port::Port;

/// What firmware is built of.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// The checkout.
    pub source: &'a Source,
    /// The machine.
    pub port: &'a Port,
    /// The platform.
    pub platform: &'a Platform,
    /// What the user called it.
    pub called: &'a str,
    /// Artifacts to link in, by number.
    pub linked: &'a [Vec<u8>],
    /// Without what test scripts and platform checks need.
    pub lean: bool,
    /// How much to say.
    pub detail: Detail,
}

/// The folders besides the port's own that firmware is made of.
const SHARED: &[&str] = &[
    "ports/build",
    "ports/firmware",
    "ports/frames",
    "ports/paged",
    "tools/qemu/bundle/src",
    "embedding/capi/sys/src",
];

/// What the linker writes besides, in Cargo's folder for the port's build script; the crate of the build scripts names it.
const MAP: &str = "firmware.map";

/// Builds the firmware, and the library where there is none; gives the file. Beside it lies the linker's map, `.map` instead of
/// `.elf`. What is there and was made of the same is taken as it is.
///
/// # Errors
/// No toolchain can do it, or something does not build.
pub fn build(order: &Order<'_>) -> Result<PathBuf> {
    let prefix = library::prefix(order.source, (order.called, order.platform), order.detail)?;
    let choice = choose(order.platform, &list(None))?;
    let out = library::artifacts()?.join("ports").join(&order.port.name).join(order.platform.name());
    fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    let folder = folder(order.source);
    // Cargo's output has one place for a port, whatever is linked in: nobody else may build until it was taken from there.
    let _alone = lock(&folder)?;
    let inputs = inputs(order, &choice, &prefix)?;
    let mut name = String::from(if order.lean { "lean" } else { "firmware" });
    if !order.linked.is_empty() {
        // Somebody may be starting one with other modules.
        name += &format!("-{}", &inputs[..8]);
        forget_old(&out, order.detail);
    }
    let [elf, map, stamp] = ["elf", "map", "stamp"].map(|kind| out.join(format!("{name}.{kind}")));
    if elf.is_file() && fs::read_to_string(&stamp).is_ok_and(|old| old == inputs) {
        return Ok(elf);
    }
    Progress { detail: order.detail, alone: true }.say(&order.port.name, "building the firmware");
    let objects = tempfile::tempdir().context("cannot make a temporary folder")?;
    let mut linked = Vec::new();
    for (number, artifact) in order.linked.iter().enumerate() {
        let symbol = format!("minplat_linked_{number}");
        let align = order.platform.in_place_alignment();
        let object = obj::write(order.platform, artifact, &format!(".rodata.{symbol}"), &symbol, align)?;
        let path = objects.path().join(format!("{number}.o"));
        fs::write(&path, object).with_context(|| format!("cannot write {}", path.display()))?;
        linked.push(path.display().to_string());
    }
    let messages = cargo(order, &choice, (&prefix, &linked.join(":")), (&folder, &BUILD))?;
    let built = Built::of(order, &folder, &messages)?;
    // In one step: another run may be starting it.
    let stage =
        tempfile::NamedTempFile::new_in(&out).with_context(|| format!("cannot write into {}", out.display()))?;
    let put = || -> std::io::Result<()> {
        fs::copy(&built.elf, stage.path())?;
        _ = fs::remove_file(&stamp);
        fs::copy(&built.map, &map)?;
        stage.persist(&elf)?;
        fs::write(&stamp, &inputs)
    };
    put().with_context(|| format!("cannot write {}", elf.display()))?;
    Ok(elf)
}

/// Lints the firmware of a port for the platform's target. Nothing is linked, so there need be no
/// library.
///
/// # Errors
/// No toolchain can do it, or something is not clean: the text has what Clippy says.
pub fn lint(order: &Order<'_>) -> Result<()> {
    let choice = choose(order.platform, &list(None))?;
    let prefix = tempfile::tempdir().context("cannot make a temporary folder")?;
    let library = prefix.path().join(LIBRARY);
    // The port's build script wants to see it.
    let put = || fs::create_dir_all(prefix.path().join("lib")).and_then(|()| fs::write(&library, ""));
    put().with_context(|| format!("cannot write {}", library.display()))?;
    let folder = folder(order.source);
    let _alone = lock(&folder)?;
    Progress { detail: order.detail, alone: true }.say(&order.port.name, "linting the firmware");
    cargo(order, &choice, (prefix.path(), ""), (&folder, &LINT)).map(drop)
}

/// Where Cargo puts what it makes of firmware.
fn folder(source: &Source) -> PathBuf {
    source.device_dir().with_file_name("ports")
}

/// What Cargo is asked to do.
struct Verb {
    /// Which of the toolchain's programs is asked.
    program: &'static str,
    name: &'static str,
    /// What stands behind its own arguments.
    rest: &'static [&'static str],
    /// What it could not do, where it fails.
    attempt: &'static str,
}

const BUILD: Verb = Verb { program: "cargo", name: "build", rest: &[], attempt: "build" };
const LINT: Verb = Verb { program: "cargo-clippy", name: "clippy", rest: &["--", "-D", "warnings"], attempt: "lint" };

/// Everything that the firmware is made of, as a digest.
fn inputs(order: &Order<'_>, choice: &Choice, prefix: &Path) -> Result<String> {
    let root = &order.source.root;
    let mut inputs = Inputs::default();
    for shared in SHARED {
        inputs.add_folder(&root.join(shared))?;
    }
    inputs.add_folder(&order.port.folder)?;
    for file in ["ports/Cargo.toml", "ports/Cargo.lock"] {
        inputs.add_file(&root.join(file))?;
    }
    inputs.add_file(&prefix.join(LIBRARY))?;
    inputs.add("lean", &[u8::from(order.lean)]);
    inputs.add("flags", flags(choice).join(" ").as_bytes());
    inputs.add("toolchain", format!("{} {}", choice.toolchain.release, choice.toolchain.commit).as_bytes());
    for (number, artifact) in order.linked.iter().enumerate() {
        inputs.add(&number.to_string(), artifact);
    }
    Ok(inputs.digest().hex())
}

/// How long firmware with modules linked in is kept.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// Removes firmware with modules linked in that nobody has built for long: each set of modules has a file of its own.
fn forget_old(out: &Path, detail: Detail) {
    let linked = fs::read_dir(out).into_iter().flatten().flatten().filter(|entry| {
        let is_old = || entry.metadata()?.modified().map(|time| time.elapsed().is_ok_and(|age| age > KEPT));
        entry.file_name().to_string_lossy().contains('-') && is_old().unwrap_or(false)
    });
    for entry in linked {
        // What cannot be removed is in nobody's way.
        if let Err(error) = fs::remove_file(entry.path()) {
            let text = format!("cannot remove {}: {error}", entry.path().display());
            Progress { detail, alone: true }.say("old firmware", &text);
        }
    }
}

/// Waits until no other process builds firmware in this folder, or the user wants it to end; others wait for as long as the file
/// lives.
fn lock(folder: &Path) -> Result<File> {
    let attempt = || format!("cannot lock {}; set CARGO_TARGET_DIR to a folder that can be written", folder.display());
    fs::create_dir_all(folder).with_context(attempt)?;
    let file = File::create(folder.join("firmware.lock")).with_context(attempt)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {
                interrupt::check()?;
                std::thread::sleep(Duration::from_millis(100));
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(attempt),
        }
    }
}

fn from_source(choice: &Choice) -> bool {
    matches!(choice.method, Method::Source { .. })
}

/// Flags of rustc.
fn flags(choice: &Choice) -> Vec<&'static str> {
    if from_source(choice) {
        // A panic is an invalid instruction, which the port's traps tell of: texts and unwinding would be kilobytes.
        vec!["-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none", "-Zfmt-debug=none"]
    } else {
        Vec::new()
    }
}

/// What Cargo built, in its folder.
struct Built {
    elf: PathBuf,
    map: PathBuf,
}

impl Built {
    /// By Cargo's messages.
    fn of(order: &Order<'_>, folder: &Path, messages: &str) -> Result<Self> {
        let package = format!("minplat-{}", order.port.name);
        let out = script_folder(messages, &package)
            .with_context(|| format!("cargo told no folder of {package}'s build script"))?;
        let elf = folder.join(order.platform.rust_target().triple()).join("release").join(&order.port.name);
        Ok(Self { elf, map: out.join(MAP) })
    }
}

/// The folder that the build script of a package wrote to, by Cargo's messages, an object a line.
fn script_folder(messages: &str, package: &str) -> Option<PathBuf> {
    messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        // `path+file:///folder#name@version`
        let (_, id) = message["package_id"].as_str()?.split_once('#')?;
        let is_it = message["reason"] == "build-script-executed" && id.split('@').next() == Some(package);
        is_it.then(|| message["out_dir"].as_str().map(PathBuf::from))?
    })
}

/// Has Cargo do it, with its output in a folder; gives its messages.
fn cargo(
    order: &Order<'_>,
    choice: &Choice,
    (prefix, linked): (&Path, &str),
    (folder, verb): (&Path, &Verb),
) -> Result<String> {
    // The one beside the compiler: Cargo would look for its subcommands where another toolchain's may be first.
    let program = choice.toolchain.cargo.with_file_name(verb.program);
    if !program.is_file() {
        bail!(
            "{} is missing: the toolchain that builds the firmware of {} needs it; install it (Debian: rust-web-clippy, rustup: \
             component add clippy)",
            program.display(),
            order.port.name
        );
    }
    let mut command = Command::new(program);
    command.env("CARGO", &choice.toolchain.cargo);
    command
        .args([verb.name, "--release", "--locked"])
        .current_dir(order.source.root.join("ports"))
        .stdin(Stdio::null());
    // Flags and profiles are this function's.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let ours = ["CARGO_PROFILE_", "CARGO_BUILD_", "CARGO_UNSTABLE_", "CARGO_TARGET_"];
        if ours.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    for name in ["RUSTFLAGS", "CARGO_INCREMENTAL", "RUSTC_WORKSPACE_WRAPPER", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(name);
    }
    command.env("RUSTC", &choice.toolchain.rustc);
    command.env("CARGO_ENCODED_RUSTFLAGS", flags(choice).join("\u{1f}"));
    command.env("MINPLAT_PREFIX", prefix).env("MINPLAT_LINKED", linked);
    if choice.method == (Method::Source { bootstrap: true }) {
        command.env("RUSTC_BOOTSTRAP", "1");
    }
    if from_source(choice) {
        command.args(["-Zbuild-std=core", "-Zbuild-std-features=compiler-builtins-mem"]);
        if matches!(order.platform.rust_target(), RustTarget::Json { .. }) {
            command.arg("-Zjson-target-spec");
        }
    }
    command.arg("--target").arg(target_argument(order.platform, folder)?).arg("--target-dir").arg(folder);
    command.args(["-p", &format!("minplat-{}", order.port.name)]);
    if order.lean {
        command.arg("--no-default-features");
    }
    command.arg("--message-format=json-render-diagnostics");
    command.args(verb.rest);
    let mut messages = tempfile::tempfile().context("cannot make a temporary file")?;
    command.stdout(messages.try_clone().context("cannot use a temporary file")?);
    if order.detail != Detail::Verbose {
        command.stderr(Stdio::piped());
    }
    let mut told = Vec::new();
    let status = interrupt::run(&mut command, |child| {
        if let Some(mut errors) = child.stderr.take() {
            // What cannot be read is only missing from a message.
            _ = errors.read_to_end(&mut told);
        }
    })?;
    if !status.success() {
        bail!(
            "cargo could not {} the firmware of {} with {}\n{}",
            verb.attempt,
            order.port.name,
            choice.toolchain.label(),
            String::from_utf8_lossy(&told).trim_end()
        );
    }
    let mut text = String::new();
    messages.rewind().and_then(|()| messages.read_to_string(&mut text)).context("cannot read what cargo did")?;
    Ok(text)
}
