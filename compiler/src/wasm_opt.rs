//! Binaryen's `wasm-opt` as a pre-pass: a module is optimised as WebAssembly before it is compiled.
//!
//! It may use what the platform has and nothing else. Names stay, and DWARF is carried along as far as Binaryen can; a source
//! that was text is one no longer, so a debug file has the places in the module and no lines of the text.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use minplat_platform::Platform;

use crate::explain::features_used;
use crate::input::Input;
use crate::refusal::Refusal;

/// The variable that names the program, where it is not the one in `PATH`.
const VARIABLE: &str = "WASM_OPT";

/// Features of a platform, and the names that releases of Binaryen have for them.
const NAMES: &[(&str, &[&str])] = &[
    ("sign-extension", &["sign-ext"]),
    ("saturating-float-to-int", &["nontrapping-float-to-int"]),
    ("multi-value", &["multivalue"]),
    ("bulk-memory", &["bulk-memory"]),
    ("reference-types", &["reference-types"]),
    ("simd", &["simd"]),
    ("extended-const", &["extended-const"]),
    ("tail-call", &["tail-call"]),
    ("multi-memory", &["multimemory", "multi-memories"]),
    ("memory64", &["memory64"]),
    ("relaxed-simd", &["relaxed-simd"]),
    // Newer releases have no name for it but that of `gc`.
    ("function-references", &["typed-function-references", "gc"]),
    ("gc", &["gc"]),
    ("exceptions", &["exception-handling"]),
    ("custom-page-sizes", &["custom-page-sizes"]),
    ("wide-arithmetic", &["wide-arithmetic"]),
];

/// Features whose encoding changed before they were finished: what an older release makes of its own accord may be what no
/// runtime reads. They are on only where the module has them already.
const CHANGED: [&str; 3] = ["function-references", "gc", "exceptions"];

/// On wherever WebAssembly runs, and named all the same.
const ALWAYS: [&str; 3] = ["mutable-globals", "bulk-memory-opt", "call-indirect-overlong"];

/// A `wasm-opt` that was found, and what it is to do.
#[derive(Debug)]
pub struct WasmOpt {
    program: PathBuf,
    version: String,
    arguments: Vec<String>,
    /// The names of features that this release knows.
    known: Vec<String>,
    /// The keys of the features that the platform has.
    has: Vec<&'static str>,
}

impl WasmOpt {
    /// Finds the program that `$WASM_OPT` names, or else the one in `PATH`. `arguments` are separated by spaces.
    ///
    /// # Errors
    /// There is none, or it does not run.
    pub fn find(platform: &Platform, arguments: &str) -> Result<Self, Refusal> {
        let program = match std::env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
            Some(named) => PathBuf::from(named),
            None => in_path().ok_or_else(|| missing("wasm-opt", "is not in PATH, and --wasm-opt needs it"))?,
        };
        let said = |argument: &str| -> Result<String, Refusal> {
            let output = run(&program, [argument])?;
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        };
        let version = said("--version")?.trim().to_string();
        let help = said("--help")?;
        let known =
            help.split_whitespace().filter_map(|word| word.strip_prefix("--enable-")).map(String::from).collect();
        let arguments = arguments.split_whitespace().map(String::from).collect();
        let has = platform.settings().features.iter().map(|feature| feature.key).collect();
        Ok(Self { program, version, arguments, known, has })
    }

    /// The program's file.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// What the program calls itself: its name and Binaryen's release.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Optimises a module.
    ///
    /// # Errors
    /// It is a component, or `wasm-opt` refuses it.
    pub fn run(&self, input: &Input) -> Result<Input, Refusal> {
        if input.component {
            return Err(Refusal::new(&input.name, "is a component, and wasm-opt takes core modules only")
                .remedy("leave out --wasm-opt, or optimise the modules before the component is made of them"));
        }
        let failed = |error| Refusal::io("make", &std::env::temp_dir(), &error);
        let folder = tempfile::tempdir().map_err(failed)?;
        let [from, to] = ["in.wasm", "out.wasm"].map(|name| folder.path().join(name));
        std::fs::write(&from, &input.wasm).map_err(|error| Refusal::io("write", &from, &error))?;
        let features = self.features(&input.wasm);
        let own = ["--mvp-features"].into_iter().chain(features.iter().map(String::as_str));
        let own = own.chain(["-g"]).chain(self.arguments.iter().map(String::as_str)).map(OsStr::new);
        let files = [from.as_os_str(), OsStr::new("-o"), to.as_os_str()];
        run(&self.program, own.chain(files)).map_err(|refusal| {
            Refusal::new(&input.name, format!("cannot be optimised: {refusal}"))
                .remedy("leave out --wasm-opt, or give it other arguments: --wasm-opt='-O3 ...'")
        })?;
        let wasm = std::fs::read(&to).map_err(|error| Refusal::io("read", &to, &error))?;
        let Input { name, path, source_len, .. } = input;
        Ok(Input {
            name: name.clone(),
            path: path.clone(),
            wasm,
            source_len: *source_len,
            text: None,
            component: false,
        })
    }

    /// The options that switch on what the module may use.
    fn features(&self, wasm: &[u8]) -> Vec<String> {
        let used = features_used(wasm, wasmtime_environ::wasmparser::WasmFeatures::all());
        let may =
            |key: &str| self.has.contains(&key) && (!CHANGED.contains(&key) || used.iter().any(|used| used == key));
        let names = NAMES.iter().filter(|(key, _)| may(key)).flat_map(|(_, names)| *names);
        let known = |name: &&&str| self.known.iter().any(|known| known == **name);
        ALWAYS.iter().chain(names).filter(known).map(|name| format!("--enable-{name}")).collect()
    }
}

fn in_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("wasm-opt")).find(|file| file.is_file())
}

fn missing(program: impl Into<String>, problem: impl Into<String>) -> Refusal {
    Refusal::new(program, problem).remedy(format!(
        "install Binaryen (Debian: apt-get install binaryen; npm: npm install binaryen), or name the program in ${VARIABLE}"
    ))
}

/// Runs the program to its end. Its last words are the problem where it fails.
fn run<'a>(program: &Path, arguments: impl IntoIterator<Item = impl AsRef<OsStr> + 'a>) -> Result<Output, Refusal> {
    let name = program.display().to_string();
    let mut command = Command::new(program);
    // It would take every core otherwise, whatever --jobs says.
    command.args(arguments).env("BINARYEN_CORES", rayon::current_num_threads().to_string());
    let output = command.output().map_err(|error| missing(&name, format!("cannot be run: {error}")))?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Refusal::new(name, format!("failed ({}): {}", output.status, said.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The options for a module on a platform with one change, where the program knows `known`.
    fn options(set: &str, known: &[&str], module: &str) -> Vec<String> {
        let platform = Platform::load("x86_64-minplat", &[set.to_string()]).unwrap();
        let wasm_opt = WasmOpt {
            program: PathBuf::new(),
            version: String::new(),
            arguments: Vec::new(),
            known: known.iter().map(ToString::to_string).collect(),
            has: platform.settings().features.iter().map(|feature| feature.key).collect(),
        };
        wasm_opt.features(&wat::parse_str(module).unwrap())
    }

    #[test]
    fn only_what_the_platform_has_is_switched_on() {
        let known = ["simd", "threads", "strings", "mutable-globals", "sign-ext"];
        let on = ["--enable-mutable-globals", "--enable-sign-ext", "--enable-simd"];
        assert_eq!(options("wasm.sign-extension=true", &known, "(module)"), on);
        assert_eq!(options("wasm.sign-extension=false", &known, "(module)"), [on[0], on[2]]);
    }

    #[test]
    fn what_changed_its_encoding_is_on_where_the_module_has_it() {
        let uses = "(module (type $t (func)) (func (param (ref $t)) (call_ref $t (local.get 0))))";
        for name in ["typed-function-references", "gc"] {
            assert!(options("wasm.simd=true", &[name], "(module)").is_empty());
            assert_eq!(options("wasm.simd=true", &[name], uses), [format!("--enable-{name}")]);
        }
    }

    #[test]
    fn every_feature_has_a_name() {
        let keys: Vec<_> = NAMES.iter().map(|(key, _)| *key).collect();
        let features: Vec<_> = minplat_platform::features::FEATURES.iter().map(|feature| feature.key).collect();
        assert_eq!(keys, features);
    }
}
