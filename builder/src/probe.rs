//! The size that a budget is about: a small program that does everything once, linked with the library, unused sections
//! dropped.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use minplat_platform::{Platform, RustTarget};
use object::{Object, ObjectSymbol};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::linker::Linker;
use crate::prelink::PREFIX;
use crate::sizes::Sizes;
use crate::toolchain::{Toolchain, in_path, output};

/// Where the probe lies in a checkout.
pub const SOURCE: &str = "examples/size-probe.c";

/// What was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// The probe and what it reaches of the library.
    pub sizes: Sizes,
    /// How: the compiler and its flags, or why there was none.
    pub how: String,
    /// The linker's arguments.
    pub link: Vec<String>,
}

/// What the probe is compiled and linked with besides what is always so: for studies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct More {
    /// The C compiler's arguments.
    pub compile: Vec<String>,
    /// The linker's.
    pub link: Vec<String>,
}

/// Measures the archive `library`, a file in `dir`, with the probe of a checkout. Where no C compiler here makes code for the
/// platform, what the probe calls is linked without the probe: a few hundred bytes less.
///
/// # Errors
/// The probe cannot be read, or not linked.
pub fn measure(
    platform: &Platform,
    toolchain: &Toolchain,
    linker: &Linker,
    checkout: &Path,
    (dir, library): (&Path, &str),
    more: &More,
) -> Result<Measured> {
    let source = checkout.join(SOURCE);
    let text =
        fs::read_to_string(&source).with_context(|| format!("cannot read the size probe {}", source.display()))?;
    let mut args: Vec<String> =
        ["-static", "-z", "norelro", "--gc-sections", "--unresolved-symbols=ignore-all"].map(String::from).into();
    args.extend(more.link.iter().cloned());
    let include = checkout.join("embedding/capi/include");
    let (how, roots) = match compile(&flags(platform, toolchain)?, &more.compile, &source, &include, dir) {
        Ok(how) => (how, globals(&fs::read(dir.join("probe.o"))?)?),
        Err(reason) if !more.compile.is_empty() => bail!("the size probe with {}: {reason}", more.compile.join(" ")),
        Err(reason) => (format!("without the probe's own code: {reason}"), called(&text)),
    };
    for name in &roots {
        args.extend(["-u".into(), name.clone()]);
    }
    if let Some(root) = roots.first() {
        args.extend(["-e".into(), root.clone()]);
    }
    args.extend(["-o".into(), "probe.elf".into()]);
    if dir.join("probe.o").is_file() {
        args.push("probe.o".into());
    }
    args.push(library.into());
    linker.run(dir, "linking the size probe", &args)?;
    let elf = fs::read(dir.join("probe.elf")).context("cannot read the linked size probe")?;
    Ok(Measured { sizes: Sizes::read(&elf)?, how, link: args })
}

/// Compiles the probe to `probe.o`; the compiler and its flags, for the manifest. The error is a sentence.
fn compile(flags: &[String], more: &[String], source: &Path, include: &Path, dir: &Path) -> Result<String, String> {
    let names = (15..40).rev().map(|n| format!("clang-{n}"));
    let Some((name, clang)) =
        ["clang".to_string()].into_iter().chain(names).find_map(|name| in_path(&name).map(|path| (name, path)))
    else {
        return Err("there is no clang here".into());
    };
    let fixed =
        ["-c", "-Os", "-ffreestanding", "-ffunction-sections", "-fdata-sections", "-fno-asynchronous-unwind-tables"];
    let mut command = Command::new(&clang);
    command
        .args(flags)
        .args(fixed)
        .args(more)
        .arg("-I")
        .arg(include)
        .arg(source)
        .args(["-o", "probe.o"])
        .current_dir(dir);
    let result = command.output().map_err(|e| format!("{name} cannot be run: {e}"))?;
    if !result.status.success() {
        let text = String::from_utf8_lossy(&result.stderr);
        let line = text.lines().find(|line| line.contains("error")).unwrap_or("no message");
        return Err(format!("{name} cannot compile it: {line}"));
    }
    let version = output(&clang, &["--version"])?;
    let version = version.lines().next().unwrap_or_default().trim();
    let flags: Vec<_> = flags.iter().map(String::as_str).chain(fixed).chain(more.iter().map(String::as_str)).collect();
    Ok(format!("{version}: {}", flags.join(" ")))
}

/// What tells clang of the platform's target; from the same description that rustc goes by.
fn flags(platform: &Platform, toolchain: &Toolchain) -> Result<Vec<String>> {
    let json = match platform.rust_target() {
        RustTarget::Json { contents, .. } => contents.clone(),
        RustTarget::BuiltIn(triple) => {
            let mut command = Command::new(&toolchain.rustc);
            command.env("RUSTC_BOOTSTRAP", "1");
            command.args(["-Zunstable-options", "--print", "target-spec-json", "--target", triple]);
            let output = command.output().context("cannot run rustc")?;
            String::from_utf8_lossy(&output.stdout).into_owned()
        }
    };
    let target: Value = serde_json::from_str(&json).context("the Rust target is no JSON")?;
    let text = |key: &str| target[key].as_str().unwrap_or_default();
    let features = text("features");
    let mut flags = vec![format!("--target={}", text("llvm-target"))];
    match text("arch") {
        arch @ ("riscv32" | "riscv64") => {
            let letters: String =
                "mafdc".chars().filter(|l| features.split(',').any(|f| f == format!("+{l}"))).collect();
            flags.push(format!("-march=rv{}i{letters}", &arch[5..]));
            flags.push(format!("-mabi={}", text("llvm-abiname")));
            flags.push("-mcmodel=medany".into());
        }
        "x86_64" => {
            if features.contains("soft-float") {
                flags.push("-mgeneral-regs-only".into());
            }
            flags.push("-mno-red-zone".into());
            if text("code-model") == "kernel" {
                flags.push("-mcmodel=kernel".into());
            }
        }
        "arm" => flags.push(format!("-mfloat-abi={}", text("llvm-floatabi"))),
        _ => {}
    }
    Ok(flags)
}

/// The global functions of the compiled probe.
fn globals(object: &[u8]) -> Result<Vec<String>> {
    let object = object::File::parse(object).context("the compiled size probe cannot be read")?;
    let symbols = object.symbols().filter(|symbol| symbol.is_global() && symbol.is_definition());
    Ok(symbols.filter_map(|symbol| symbol.name().ok().map(str::to_string)).collect())
}

/// The functions of the API that the probe's text calls where no macro is defined; its own, and the types, are no symbols of the
/// library and do no harm.
fn called(text: &str) -> Vec<String> {
    let mut is_left_out = false;
    let kept = |line: &&str| {
        let word = line.trim();
        if word.starts_with("#ifdef") || word == "#else" || word == "#endif" {
            is_left_out = word.starts_with("#ifdef");
        }
        !is_left_out
    };
    let text = text.lines().filter(kept).collect::<Vec<_>>().join("\n");
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let mut names: Vec<_> = words.filter(|word| word.starts_with(PREFIX)).map(str::to_string).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| !name.ends_with("_t") && !name.starts_with("minplat_probe_"));
    names
}

#[cfg(test)]
mod tests {
    use super::called;

    #[test]
    fn what_the_probe_calls_is_found_in_its_text() {
        let text = "minplat_engine_t *e; if ((x = minplat_engine_new(&e))) minplat_probe_print(minplat_engine_new(0));";
        assert_eq!(called(text), ["minplat_engine_new"]);
        let probe = include_str!("../../examples/size-probe.c");
        let names = called(probe);
        assert!(names.iter().any(|name| name == "minplat_linker_instantiate"), "{names:?}");
        assert!(!names.iter().any(|name| name == "minplat_instance_new"), "that is the other probe's: {names:?}");
    }
}
