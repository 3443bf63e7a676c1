//! The checks between Cargo's output and the prefix, on a library of a few bytes in place of the real one.

use minplat_platform::Platform;
use object::write::{Object, Relocation, Symbol, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SectionKind, SymbolFlags, SymbolKind, SymbolScope, elf,
};

use tempfile::TempDir;

use super::folder::wait_for;
use super::*;

const NAME: &str = "x86_64-minplat";

/// A job whose work folder is ready for [`Job::link`].
struct Bench {
    job: Job,
    dir: TempDir,
}

impl Bench {
    /// None where no toolchain here can build the platform; where the libraries are built for tests, one can.
    fn new(sets: &[&str]) -> Option<Self> {
        let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
        let platform = Platform::load(NAME, &sets).unwrap();
        let choice = match crate::toolchain::choose(&platform, &crate::toolchain::list(None)) {
            Ok(choice) => choice,
            Err(error) if std::env::var_os("MINPLAT_TEST_DEVICE").is_none() => {
                eprintln!("skipped: {error}");
                return None;
            }
            Err(error) => panic!("{error}"),
        };
        let dir = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::open(dir.path()).unwrap();
        let source = Source::find(None).unwrap();
        let job = Job::new((NAME, platform), &sets, (&source, choice), &artifacts, Options::default()).unwrap();
        Some(Self { job, dir })
    }

    /// What [`Job::link`] makes of a library that calls `calls` and says that it has `fingerprint`.
    fn link(&self, calls: &[&str], fingerprint: [u8; 32]) -> Result<BTreeMap<String, Vec<u8>>> {
        let object = library(calls, &format!("fingerprint={}\n", crate::manifest::hex(&fingerprint)));
        fs::write(self.dir.path().join("rust.a"), archive::archive(&object).unwrap()).unwrap();
        // What Cargo would have compiled; any folder has a licence that will do.
        let dir = self.job.cargo.source.root.clone();
        let compiled = |package: &Package| Compiled {
            name: package.name.clone(),
            version: package.version.clone(),
            dir: dir.clone(),
        };
        let compiled: Vec<_> = self.job.packages.iter().map(compiled).collect();
        self.job.link(self.dir.path(), &compiled)
    }

    #[track_caller]
    fn refuses(&self, calls: &[&str], fingerprint: [u8; 32], words: &[&str]) {
        let result = self.link(calls, fingerprint).map(|files| files.into_keys().collect::<Vec<_>>());
        let error = format!("{:#}", result.unwrap_err());
        for word in words {
            assert!(error.contains(word), "{word:?} is not in: {error}");
        }
    }
}

/// An object with one function of the API, which calls others.
fn library(calls: &[&str], identity: &str) -> Vec<u8> {
    let mut object = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
    let symbol = |name: &str, section, value| Symbol {
        name: name.into(),
        value,
        size: 0,
        kind: SymbolKind::Text,
        scope: SymbolScope::Dynamic,
        weak: false,
        section,
        flags: SymbolFlags::None,
    };
    let text = object.add_section(Vec::new(), b".text.minplat_engine_new".to_vec(), SectionKind::Text);
    for call in calls {
        let callee = object.add_symbol(symbol(call, SymbolSection::Undefined, 0));
        let at = object.append_section_data(text, &[0xe8, 0, 0, 0, 0], 1);
        let flags = RelocationFlags::Elf { r_type: elf::R_X86_64_PLT32 };
        object.add_relocation(text, Relocation { offset: at + 1, symbol: callee, addend: -4, flags }).unwrap();
    }
    object.append_section_data(text, &[0x90; 2048], 1);
    let end = object.append_section_data(text, &[0xc3], 1);
    object.add_symbol(symbol("minplat_engine_new", SymbolSection::Section(text), 0));
    // What the library has for itself, under a name that firmware may have too.
    object.add_symbol(symbol("memcpy", SymbolSection::Section(text), end));
    let section = object.add_section(Vec::new(), b".minplat.platform".to_vec(), SectionKind::Other);
    object.append_section_data(section, identity.as_bytes(), 1);
    object.write().unwrap()
}

#[test]
fn a_library_within_its_platform_passes_every_check() {
    let Some(bench) = Bench::new(&[]) else { return };
    let files = bench.link(&bench.job.platform.symbols(), bench.job.platform.fingerprint()).unwrap();
    let symbols = Symbols::read(&files["lib/libminplat.so"]).unwrap();
    assert_eq!(symbols.defined, ["minplat_engine_new"]);
    assert!(files.contains_key(MANIFEST));
}

#[test]
fn a_symbol_outside_the_platform_fails() {
    let Some(bench) = Bench::new(&[]) else { return };
    let platform = &bench.job.platform;
    let with = [platform.symbols(), vec!["fmod"]].concat();
    bench.refuses(&with, platform.fingerprint(), &["asks for fmod, which x86_64-minplat does not offer"]);
    let without = &platform.symbols()[1..];
    bench.refuses(without, platform.fingerprint(), &["does not ask for", platform.symbols()[0]]);
}

#[test]
fn a_library_for_another_platform_fails() {
    let Some(bench) = Bench::new(&[]) else { return };
    bench.refuses(&bench.job.platform.symbols(), [7; 32], &["was built for another x86_64-minplat", "of the checkout"]);
}

#[test]
fn a_library_over_its_budget_fails_with_both_numbers() {
    let Some(bench) = Bench::new(&["budget.library=1 KiB"]) else { return };
    let words = ["too large", "budget.library is 1024", "minplat-size report"];
    bench.refuses(&bench.job.platform.symbols(), bench.job.platform.fingerprint(), &words);
}

#[test]
fn a_lock_that_is_taken_is_waited_for_and_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lock");
    let (mine, other) = (File::create(&path).unwrap(), File::open(&path).unwrap());
    other.lock().unwrap();
    let mut told = false;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(150));
            other.unlock().unwrap();
        });
        wait_for(&mine, || told = true).unwrap();
    });
    assert!(told);
}
