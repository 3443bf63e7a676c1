//! The library itself, through C, on the machine that the tests run on: the programs of `minplat-capi`'s folder `tests`.
//!
//! It takes libraries that `minplat-build` made, in `$MINPLAT_ARTIFACTS` or `artifacts`, and `minplat-compile`; so it runs
//! where `MINPLAT_TEST_DEVICE` is set, as `./build.sh test` does.

mod checks;
#[path = "../common/mod.rs"]
mod common;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use common::{STRICT, capi, cc, root, run, succeeds};
use minplat_platform::settings::{Code, Interruption};
use minplat_platform::{DEFAULT, Platform};

/// A library that checks how it is called.
const CHECKED: &str = "x86_64-minplat+build.debug-assertions=true";

/// Whether the libraries are there to be tested.
fn has_device() -> bool {
    let is_set = std::env::var_os("MINPLAT_TEST_DEVICE").is_some();
    if !is_set {
        eprintln!("left out: MINPLAT_TEST_DEVICE is not set; ./build.sh test sets it when the libraries are built");
    }
    is_set
}

/// A file of a platform's build.
fn built(platform: &str, file: &str) -> String {
    let artifacts = std::env::var_os("MINPLAT_ARTIFACTS").filter(|dir| !dir.is_empty());
    let path = root().join(artifacts.map_or_else(|| "artifacts".into(), PathBuf::from)).join(platform).join(file);
    assert!(path.exists(), "{} is missing: run minplat-build {platform}", path.display());
    path.display().to_string()
}

/// Compiles WebAssembly; `output` is in the folder.
fn compile(platform: &str, input: &Path, output: &str, more: &[&str], folder: &Path) {
    // This file is `TARGET/release/deps/device-…`.
    let own = std::env::current_exe().expect("a program knows where it is");
    let beside = own.ancestors().nth(2).expect("it lies in deps").join("minplat-compile");
    let program = if beside.exists() { beside } else { root().join("target/release/minplat-compile") };
    assert!(program.exists(), "{} is missing: run cargo build --release", program.display());
    let input = input.display().to_string();
    let arguments = [&["--quiet", "--platform", platform, "-o", output, &input], more].concat();
    succeeds(program.as_os_str(), &arguments, folder);
}

/// The whole of minplat.h, on each platform whose library a Linux process can hold.
#[test]
fn the_api_keeps_its_promises() {
    if !has_device() {
        return;
    }
    let program = capi().join("tests/api");
    let sources: Vec<String> =
        ["main", "host", "module", "call", "things", "more", "prepared", "references", "interrupt"]
            .iter()
            .map(|name| program.join(name).with_extension("c").display().to_string())
            .collect();
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    for name in Platform::shipped().chain([CHECKED]) {
        let platform = Platform::load(name, &[]).expect("a shipped platform is right");
        if !platform.host_loadable() {
            continue;
        }
        let folder = tempfile::tempdir().expect("a folder can be made");
        compile(name, &program.join("guest.wat"), "guest.cwasm", &[], folder.path());
        let other = if [DEFAULT, CHECKED].contains(&name) { "x86_64-minplat-metered" } else { DEFAULT };
        compile(other, &program.join("guest.wat"), "other.cwasm", &[], folder.path());

        let keep = ["--keep-section", "notes", "--keep-section", "marks"];
        compile(name, &program.join("more.wat"), "more.cwasm", &keep, folder.path());
        let mut arguments = vec!["guest.cwasm", "other.cwasm", "more.cwasm"];
        if platform.settings().gc {
            compile(name, &program.join("references.wat"), "references.cwasm", &[], folder.path());
            arguments.push("references.cwasm");
        }

        let include = format!("-I{}", built(name, "include"));
        let inputs = [built(name, "include/wasmtime-platform.c"), built(name, "lib/libminplat.a")];
        let fixed = ["-std=c11", "-O1", "-g", "-o", "api", &include];
        cc(&[&fixed, STRICT, &sources, &[&inputs[0], &inputs[1]]].concat(), folder.path());
        let interruption = match platform.settings().interruption {
            Interruption::None => "none",
            Interruption::Fuel => "fuel",
            Interruption::Epoch => "epoch",
        };
        let api = folder.path().join("api");
        let said = succeeds(api.as_os_str(), &[&[name, interruption], &arguments[..]].concat(), folder.path());
        assert!(said.contains(" passed, 0 failed"), "{name}: {said}");
    }
}

/// What a program decides for the whole library, and learns of it: heap, hooks, engines, statistics.
#[test]
fn the_library_is_the_programs_to_arrange() {
    if !has_device() {
        return;
    }
    for name in Platform::shipped().chain([CHECKED]) {
        let platform = Platform::load(name, &[]).expect("a shipped platform is right");
        if !platform.host_loadable() {
            continue;
        }
        let folder = tempfile::tempdir().expect("a folder can be made");
        compile(name, &capi().join("tests/library.wat"), "library.cwasm", &[], folder.path());
        let program = capi().join("tests/library.c").display().to_string();
        let (include, library) = (format!("-I{}", built(name, "include")), built(name, "lib/libminplat.a"));
        cc(
            &[&["-std=gnu11", "-O1", "-pthread", "-o", "library", &include, &program, &library], STRICT].concat(),
            folder.path(),
        );
        let panics = if platform.build().immediate_abort { "silent" } else { "heard" };
        let logs = if platform.cargo_features().contains(&"log-off") { "no-log" } else { "log" };
        let stack = if platform.settings().code == Code::Native { "stack" } else { "interpreter" };
        for part in ["pages", "pools", "functions", "frugal", "late", stack, panics, logs] {
            let library = folder.path().join("library");
            let said = succeeds(library.as_os_str(), &[part, "library.cwasm"], folder.path());
            assert!(said.contains(" passed, 0 failed"), "{name}, {part}: {said}");
            // With the text, unless `build.panic` keeps it away.
            assert!(part != "heard" || platform.build().panic_message == said.contains("unwrap"), "{name}: {said}");
        }
    }
}

/// Memory that runs out, at every point, is an error; where Wasmtime knows none, docs/reliability.md says so.
#[test]
fn memory_that_runs_out_is_an_error() {
    if !has_device() {
        return;
    }
    for name in ["x86_64-minplat", "x86_64-minplat-traps"] {
        let folder = tempfile::tempdir().expect("a folder can be made");
        compile(name, &capi().join("tests/exhaustion.wat"), "exhaustion.cwasm", &[], folder.path());
        let program = capi().join("tests/exhaustion.c").display().to_string();
        let (include, library) = (format!("-I{}", built(name, "include")), built(name, "lib/libminplat.a"));
        let arguments = ["-std=gnu11", "-O1", "-o", "exhaustion", &include, &program, &library];
        cc(&[&arguments, STRICT].concat(), folder.path());
        let said = succeeds(folder.path().join("exhaustion").as_os_str(), &["exhaustion.cwasm"], folder.path());
        assert!(said.contains("minplat_engine_new"), "{name}: {said}");
    }
}

/// Firmware that has a memcpy, a malloc and a panic handler of its own links, and the library never calls them.
#[test]
fn firmware_without_a_c_library_runs() {
    if !has_device() {
        return;
    }
    let name = DEFAULT;
    let folder = tempfile::tempdir().expect("a folder can be made");
    let symbol = ["--emit", "obj", "--symbol", "minplat_probe"];
    compile(name, &root().join("examples/size-probe.wat"), "guest.o", &symbol, folder.path());

    let include = format!("-I{}", built(name, "include"));
    let firmware = capi().join("tests/firmware.c").display().to_string();
    let probe = root().join("examples/size-probe.c").display().to_string();
    let library = built(name, "lib/libminplat.a");
    let bare =
        ["-ffreestanding", "-fno-builtin", "-fno-stack-protector", "-nostdlib", "-static", "-fno-pie", "-no-pie"];
    let files = ["-std=gnu11", "-O1", "-o", "firmware", &include, &firmware, &probe, "guest.o", &library];
    for more in [&[][..], &["-Wl,--gc-sections"], &["-DMINPLAT_PROBE_BY_INDEX"]] {
        cc(&[&bare, &files[..], &["-Wall", "-Wextra", "-Werror"], more].concat(), folder.path());
        let output = run(OsStr::new(&folder.path().join("firmware")), &[], folder.path());
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "firmware.c says what its codes mean; it printed {said}");
        assert!(said.contains("unreachable"), "{said}");
    }
}

/// A library that checks how it is called notices a second task, and nothing that a program may do.
#[test]
fn a_second_task_is_noticed() {
    if !has_device() {
        return;
    }
    let name = CHECKED;
    let folder = tempfile::tempdir().expect("a folder can be made");
    compile(name, &capi().join("tests/tasks.wat"), "tasks.cwasm", &[], folder.path());
    let program = capi().join("tests/tasks.c").display().to_string();
    let (include, library) = (format!("-I{}", built(name, "include")), built(name, "lib/libminplat.a"));
    let platform = built(name, "include/wasmtime-platform.c");
    let arguments = ["-std=c11", "-O1", "-pthread", "-o", "tasks", &include, &program, &platform, &library];
    cc(&[&arguments, STRICT].concat(), folder.path());
    for (what, code) in [("lawful", 0), ("guest", 42), ("callback", 42), ("returned", 42)] {
        let output = run(folder.path().join("tasks").as_os_str(), &[what], folder.path());
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{what}: {said}");
        assert_eq!(said.contains("offers.multi-thread"), code == 42, "{what}: {said}");
    }
}
