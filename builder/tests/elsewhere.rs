//! The same checkout in another folder gives the same library; what stands outside of it is as good; what is outside a
//! budget is not put in place. With MINPLAT_TEST_DEVICE=1; costs a build of the library from nothing, which all share.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::device::{self, Prefix};

const PLATFORM: &str = "x86_64-minplat";

/// A copy of the checkout, a folder for Cargo's output, one for its downloads and one to be called from: none is the usual.
struct Elsewhere {
    dir: tempfile::TempDir,
}

impl Elsewhere {
    fn new() -> Self {
        let elsewhere = Self { dir: tempfile::Builder::new().prefix("another place ").tempdir().unwrap() };
        let root = common::checkout();
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(&root)
            .output()
            .unwrap();
        assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
        for name in String::from_utf8(listed.stdout).unwrap().split_terminator('\0') {
            // A file that is tracked and deleted is listed too.
            if root.join(name).is_file() {
                common::write(&elsewhere.source(), name, fs::read(root.join(name)).unwrap());
            }
        }
        fs::create_dir(elsewhere.at("cwd")).unwrap();
        // The downloaded packages themselves, by another way.
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cargo"));
        fs::create_dir(elsewhere.at("packages")).unwrap();
        for entry in fs::read_dir(home).unwrap().map(Result::unwrap).filter(|entry| entry.file_name() != "bin") {
            std::os::unix::fs::symlink(entry.path(), elsewhere.at("packages").join(entry.file_name())).unwrap();
        }
        elsewhere.take_macros(&root);
        elsewhere
    }

    /// Macros and build scripts run here and are no part of the library: those of the first build will do.
    fn take_macros(&self, root: &Path) {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let Ok(folders) = fs::read_dir(target.join("device")) else { return };
        let built = |f: &fs::DirEntry| {
            f.file_name().to_string_lossy().starts_with(PLATFORM) && f.path().join("release/build").is_dir()
        };
        for folder in folders.map(Result::unwrap).filter(built) {
            let to = self.at("target/device").join(folder.file_name());
            for part in [".fingerprint", "build", "deps"] {
                let from = folder.path().join("release").join(part);
                fs::create_dir_all(to.join("release")).unwrap();
                let copied = Command::new("cp").arg("-a").arg(from).arg(to.join("release")).status().unwrap();
                assert!(copied.success(), "{}", folder.path().display());
            }
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn source(&self) -> PathBuf {
        self.at("checkout")
    }

    fn build(&self, args: &[&str]) -> common::Said {
        self.build_into(Path::new("../out"), args)
    }

    fn build_into(&self, out: &Path, args: &[&str]) -> common::Said {
        let mut command = common::command(&self.at("cwd"), ["--locked", "--offline", "--jobs", "3", "-o"]);
        command.arg(out);
        command.arg("--source").arg(self.source()).args(args);
        command.env("CARGO_TARGET_DIR", self.at("target")).env("CARGO_HOME", self.at("packages"));
        command.output().unwrap().into()
    }
}

#[test]
fn another_folder_an_outside_platform_and_a_budget() {
    if !device::wanted("elsewhere") || !device::has_time("elsewhere") {
        return;
    }
    let elsewhere = Elsewhere::new();
    same_bytes(&elsewhere);
    too_large(&elsewhere);
    outside(&elsewhere);
}

/// Every file of the prefix, byte for byte; as the program says itself.
fn same_bytes(elsewhere: &Elsewhere) {
    let here = Prefix::at(PLATFORM, device::artifacts().join(PLATFORM));
    let manifest = here.dir.join("share/minplat/manifest.json");
    let said = elsewhere.build(&["--reproduce", manifest.to_str().unwrap()]).ok();
    assert!(said.out.contains(": reproduced, with what ") && !said.err.contains("warning"), "{}{}", said.out, said.err);
    // The original is not written over.
    let said = elsewhere.build_into(here.dir.parent().unwrap(), &["--reproduce", manifest.to_str().unwrap()]);
    said.fails(1, &["where the original lies", "--out-dir"]);
    let there = Prefix::at(PLATFORM, elsewhere.at("out").join(PLATFORM));
    assert_eq!(here.files(), there.files());
    // The manifest last: it differs where another file does.
    let differing: Vec<_> = here.files().into_iter().filter(|file| here.read(file) != there.read(file)).collect();
    assert_eq!(differing, Vec::<String>::new(), "{} is kept out of the library", elsewhere.dir.path().display());
    for file in there.files() {
        assert!(!device::contains(&there.read(&file), b"another place"), "{file} names the folder it was built in");
    }
}

/// A size probe that grows, as it does when the library grows, is over the budget: the build fails and changes nothing.
fn too_large(elsewhere: &Elsewhere) {
    let before = Prefix::at(PLATFORM, elsewhere.at("out").join(PLATFORM));
    let contents = |prefix: &Prefix| prefix.files().iter().map(|file| prefix.read(file)).collect::<Vec<_>>();
    let (names, bytes) = (common::names(&elsewhere.at("out")), contents(&before));
    let probe = elsewhere.source().join("examples/size-probe.c");
    let text = fs::read_to_string(&probe).unwrap();
    let grown = format!(
        "{text}\nvolatile char minplat_probe_grown[100000] = {{1}};\nvolatile char *minplat_probe_grow(void) {{ return minplat_probe_grown; }}\n"
    );
    fs::write(&probe, grown).unwrap();
    let limit = before.platform.budget(minplat_platform::Budget::Library).unwrap();
    elsewhere.build(&[PLATFORM]).fails(
        1,
        &[
            "the library is too large",
            &format!("budget.library is {limit}"),
            "--set budget.library=",
            ".data grew from ",
        ],
    );
    assert_eq!(common::names(&elsewhere.at("out")), names, "nothing may be left in the folder of results");
    assert!(contents(&before) == bytes, "the library that was there has changed");
    fs::write(&probe, text).unwrap();
    // And it is still known to be fresh.
    let said = elsewhere.build(&[PLATFORM]).ok();
    assert!(said.out.contains("nothing has changed"), "{}", said.out);
}

/// A platform file and a target in a folder of somebody else's.
fn outside(elsewhere: &Elsewhere) {
    let dir = elsewhere.at("cwd");
    let target = common::checkout().join("platforms/targets/x86_64-minplat.json");
    common::write(&dir, "board/x86_64-minplat.json", fs::read(target).unwrap());
    let text = "summary = \"somebody else's machine\"\nextends = \"x86_64-minplat\"\n[target]\nrust = \"x86_64-minplat.json\"\n\
                [memory]\nnative-stack = \"32 KiB\"\n[wasm]\ninterruption = \"epoch\"\n\
                [budget]\nlibrary = \"400 KiB\"\n";
    let file = common::write(&dir, "board/mymachine.toml", text);
    let platform = minplat_platform::Platform::load(file.to_str().unwrap(), &[]).unwrap();
    elsewhere.build(&["board/mymachine.toml"]).ok();
    let prefix = Prefix { platform, dir: elsewhere.at("out/mymachine") };
    let shipped = minplat_platform::Platform::load(PLATFORM, &[]).unwrap();
    assert_ne!(prefix.platform.fingerprint(), shipped.fingerprint());
    let fingerprint: String = prefix.platform.fingerprint().iter().map(|byte| format!("{byte:02x}")).collect();
    for elf in [Some(prefix.object()), prefix.shared()].into_iter().flatten() {
        let lines = device::identity(&elf);
        assert!(lines.contains(&"platform=mymachine".to_string()), "{lines:?}");
        assert!(lines.contains(&format!("fingerprint={fingerprint}")), "{lines:?}");
    }
    let manifest = prefix.manifest();
    assert_eq!(manifest["platform"], "mymachine");
    assert_eq!(manifest["fingerprint"], fingerprint);
    assert_eq!(manifest["symbols"]["undefined"], serde_json::json!(shipped.symbols()));
    assert_eq!(manifest["budgets"]["library"]["limit"], 400 << 10);
}
