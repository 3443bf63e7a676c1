//! Wasmtime's image, rewritten: what stays and what goes for each setting, where it lies, and how many bytes an artifact may take.
//! That what is left runs, and gives the same answers, the examples and scripts show on every platform.

mod common;

use common::{ALL_KINDS, Budget};
use minplat_compiler::elf::Elf;
use minplat_compiler::engine_section::EngineSection;
use minplat_compiler::{Options, compile};
use minplat_platform::settings::Code;
use minplat_platform::{CompileOptions, Platform, compiling_config};
use object::{Object, ObjectSection, ObjectSymbol};
use wasmtime_environ::{CompiledTrap, Trap, iterate_traps};

/// What Wasmtime's compiler writes.
fn wasmtimes(platform: &Platform, wasm: &[u8]) -> Vec<u8> {
    let config = compiling_config(platform.settings(), &platform.compile_triple(), CompileOptions::default()).unwrap();
    wasmtime::Engine::new(&config).unwrap().precompile_module(wasm).unwrap()
}

/// What minplat's compiler makes of it, without the trailer.
fn ours(platform: &Platform, wasm: &[u8]) -> Vec<u8> {
    let compiled = compile(platform, wasm, Options::default()).unwrap();
    compiled.artifact[..compiled.image_len].to_vec()
}

/// Runs `look` on both images of a module, for each shipped platform with these settings changed.
fn on_each(sets: &[&str], look: impl Fn(&Platform, &Elf<'_>, &Elf<'_>)) {
    let wasm = wat::parse_str(ALL_KINDS).unwrap();
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    for name in Platform::shipped() {
        let platform = Platform::load(name, &sets).unwrap();
        let (theirs, ours) = (wasmtimes(&platform, &wasm), ours(&platform, &wasm));
        look(&platform, &Elf::parse(&theirs).unwrap(), &Elf::parse(&ours).unwrap());
    }
}

fn names(elf: &Elf<'_>) -> Vec<String> {
    let mut names: Vec<_> = elf.sections.iter().map(|section| section.name.to_string()).collect();
    names.sort();
    names
}

#[test]
fn what_a_setting_asks_for_stays_and_what_no_device_reads_goes() {
    let sets: &[&[&str]] = &[
        &[],
        &["compile.symbols=true"],
        &["compile.unwind-info=true"],
        &["compile.address-map=false"],
        &["compile.symbols=true", "compile.unwind-info=true", "compile.address-map=true"],
    ];
    for sets in sets {
        on_each(sets, |platform, theirs, ours| {
            let settings = platform.settings();
            let native = settings.code == Code::Native;
            let mut expected = vec![
                ".name.wasm",
                ".rodata.wasm",
                ".shstrtab",
                ".text",
                ".wasmtime.bti",
                ".wasmtime.engine",
                ".wasmtime.exceptions",
                ".wasmtime.info",
            ];
            let optional = [
                (".eh_frame", settings.unwind_info && native),
                (".strtab", settings.symbols),
                (".symtab", settings.symbols),
                (".wasmtime.addrmap", settings.address_map),
                (".wasmtime.traps", settings.traps || !native),
            ];
            expected.extend(optional.iter().filter(|(_, stays)| *stays).map(|(name, _)| *name));
            expected.sort_unstable();
            let name = platform.name();
            assert_eq!(names(ours), expected, "{name} with {sets:?}");
            let others = [".shstrtab", ".symtab", ".wasmtime.engine"];
            for section in ours.sections.iter().filter(|s| !others.contains(&s.name)) {
                let (mine, all) = (section.data, theirs.data(section.name));
                assert!(all.starts_with(mine), "{name} with {sets:?}: {} has other bytes", section.name);
                let rest = &all[mine.len()..];
                let is_code = section.name == ".text";
                assert!(rest.is_empty() || is_code && rest.iter().all(|b| *b == 0), "{name}: {} is cut", section.name);
            }
            assert_eq!((ours.machine, ours.flags), (theirs.machine, theirs.flags), "{name}");
        });
    }
}

/// What Wasmtime demands of Cranelift's settings for every machine when it loads (`Engine::check_compatible_with_shared_flag`). Artifacts
/// do not say it, so nobody but this test compares.
const DEMANDED: &[(&str, &str)] = &[
    ("enable_llvm_abi_extensions", "false"),
    ("enable_multi_ret_implicit_sret", "true"),
    ("enable_pinned_reg", "false"),
    ("enable_probestack", "true"),
    ("libcall_call_conv", "isa_default"),
    ("preserve_frame_pointers", "true"),
    ("probestack_strategy", "inline"),
    ("use_colocated_libcalls", "false"),
    ("use_pinned_reg_as_heap_base", "false"),
];
/// And what it does not care for: on no platform of ours, that is, for two of them: unwinding is Windows' and switching stacks is off.
const OF_NO_MATTER: &[&str] = &[
    "bb_padding_log2_minus_one",
    "enable_alias_analysis",
    "enable_atomics",
    "enable_compact_unwind_abi",
    "enable_float",
    "enable_heap_access_spectre_mitigation",
    "enable_incremental_compilation_cache_checks",
    "enable_nan_canonicalization",
    "enable_table_access_spectre_mitigation",
    "enable_verifier",
    "is_pic",
    "log2_min_function_alignment",
    "machine_code_cfg_info",
    "opt_level",
    "probestack_size_log2",
    "regalloc",
    "regalloc_algorithm",
    "regalloc_checker",
    "regalloc_verbose_logs",
    "stack_switch_model",
    "tls_model",
    "unwind_info",
];

#[test]
fn of_the_engine_stays_what_a_device_has_to_compare() {
    on_each(&[], |platform, theirs, ours| {
        let [theirs, ours] = [theirs, ours].map(|elf| EngineSection::of_section(elf.data(".wasmtime.engine")).unwrap());
        let name = platform.name();
        assert_eq!(ours.shared_flags, []);
        for (flag, value) in &theirs.shared_flags {
            let demanded = DEMANDED.iter().find(|(name, _)| name == flag).map(|(_, value)| *value);
            let is_known = demanded.is_some() || OF_NO_MATTER.contains(&flag.as_str());
            assert!(is_known && demanded.is_none_or(|demanded| value == demanded), "{name}: {flag} is {value}");
        }
        assert!(theirs.shared_flags.len() > DEMANDED.len(), "{name}: {:?}", theirs.shared_flags);
        let of_use = theirs.isa_flags.iter().filter(|(_, value)| value != "false");
        assert_eq!(ours.isa_flags, of_use.cloned().collect::<Vec<_>>(), "{name}");
        let rest = |section: EngineSection| {
            (section.version, section.target, section.settings, section.free, section.features)
        };
        assert_eq!(rest(ours), rest(theirs), "{name}");
    });
}

#[test]
fn code_comes_last_on_a_page_of_the_device() {
    for sets in [&[][..], &["memory.images=true", "offers.traps=true"], &["offers.page-size=\"64 KiB\""]] {
        let wasm = wat::parse_str(ALL_KINDS).unwrap();
        let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
        // What a machine cannot offer is no platform: 32-bit cores have no pages, x86_64 has those of 4 KiB.
        for platform in Platform::shipped().filter_map(|name| Platform::load(name, &sets).ok()) {
            let (name, settings) = (platform.name(), platform.settings());
            let image = ours(&platform, &wasm);
            let elf = Elf::parse(&image).unwrap();
            let text = elf.section(".text").unwrap();
            assert_eq!(text.offset + text.size, image.len() as u64, "{name}: bytes follow the code");
            let before: Vec<_> = elf.sections.iter().filter(|s| s.name != ".text").collect();
            let end = before.iter().map(|s| s.offset + s.size).max().unwrap().max(elf.section_headers.end);
            let page = if settings.code == Code::Native { settings.page_size } else { 1 };
            assert_eq!(text.offset, end.next_multiple_of(page), "{name}: padding before the code");
            assert_eq!(text.align, page, "{name}");
            let data = elf.section(".rodata.wasm").unwrap();
            if settings.images {
                assert!(data.offset.is_multiple_of(settings.page_size), "{name}: an image at {:#x}", data.offset);
            }
            let others = before.iter().filter(|s| s.name != ".rodata.wasm").map(|s| s.offset + s.size).max().unwrap();
            assert!(others < 4096, "{name}: {others} bytes of tables");
        }
    }
}

#[test]
fn the_padding_of_large_pages_goes() {
    // Each is 64 KiB and more as Wasmtime writes it.
    for name in ["aarch64-minplat", "aarch64-minplat-traps", "aarch64-minplat-threads"] {
        let platform = Platform::load(name, &[]).unwrap();
        let wasm = wat::parse_str("(module (func (export \"f\")))").unwrap();
        assert!(wasmtimes(&platform, &wasm).len() > 128 << 10);
        assert!(ours(&platform, &wasm).len() < 5 << 10, "{name}");
    }
}

#[test]
fn unwind_tables_keep_their_distance_from_the_code() {
    on_each(&["compile.unwind-info=true"], |platform, theirs, ours| {
        let distance =
            |elf: &Elf<'_>| Some(elf.section(".eh_frame")?.offset.checked_sub(elf.section(".text")?.offset).unwrap());
        assert_eq!(distance(ours), distance(theirs), "{}", platform.name());
        assert_eq!(distance(ours).is_some(), platform.settings().code == Code::Native, "{}", platform.name());
    });
}

#[test]
fn symbols_name_the_code_where_it_is_now() {
    let platform = Platform::load("riscv64-minplat-traps", &["compile.symbols=true".into()]).unwrap();
    let wasm = wat::parse_str(ALL_KINDS).unwrap();
    let seen = |image: &[u8]| {
        let file = object::File::parse(image).unwrap();
        let name = |s: object::Symbol<'_, '_>| {
            let section = s.section_index().map(|i| file.section_by_index(i).unwrap().name().unwrap().to_string());
            (s.name().unwrap().to_string(), s.address(), s.size(), section)
        };
        file.symbols().map(name).collect::<Vec<_>>()
    };
    let ours = seen(&ours(&platform, &wasm));
    assert_eq!(ours, seen(&wasmtimes(&platform, &wasm)));
    assert!(
        ours.iter().any(|(name, _, size, section)| {
            name.contains("fib") && *size > 0 && section.as_deref() == Some(".text")
        })
    );
}

#[test]
fn a_module_without_code_is_a_module() {
    for name in Platform::shipped() {
        let platform = Platform::load(name, &[]).unwrap();
        let image = ours(&platform, b"\0asm\x01\0\0\0");
        assert!(Elf::parse(&image).unwrap().section(".text").is_some(), "{name}");
    }
}

/// Bytes that an artifact may have without its trailer: guest, platform, settings, budget. Images are off; SQLite has no address
/// map. Made smaller, a budget here follows.
const BUDGETS: &[Budget] = &[
    ("size-probe.wat", "x86_64-minplat", &[], 4_600),
    ("size-probe.wat", "aarch64-minplat", &[], 4_700),
    ("size-probe.wat", "riscv64-minplat", &[], 4_600),
    ("size-probe.wat", "pulley32-thumbv7em", &[], 1_600),
    ("sha256.wasm", "x86_64-minplat", &[], 6_800),
    ("sha256.wasm", "aarch64-minplat", &[], 6_800),
    ("sqlite.wasm", "x86_64-minplat", &["compile.address-map=false"], 3_500_000),
    ("sqlite.wasm", "aarch64-minplat", &["compile.address-map=false"], 3_150_000),
    ("sqlite.wasm", "x86_64-minplat-traps", &["compile.address-map=false", "memory.images=false"], 2_080_000),
];

#[test]
fn artifacts_keep_their_budgets() {
    common::keep(BUDGETS, |platform, wasm| {
        (ours(platform, wasm).len(), format!("{} as Wasmtime writes it", wasmtimes(platform, wasm).len()))
    });
}

/// The code of SQLite with checks in place of guard pages, by the accesses to memory that are checked: what docs/artifacts.md says.
#[test]
fn a_checked_access_takes_the_bytes_that_the_document_says() {
    let Some(wasm) = common::built("sqlite.wasm") else { return };
    let document = include_str!("../../docs/artifacts.md");
    let mut missing = Vec::new();
    for machine in ["x86_64", "aarch64", "riscv64"] {
        let image = |name: String, sets: &[&str]| {
            let sets: Vec<_> = sets.iter().map(ToString::to_string).collect();
            wasmtimes(&Platform::load(&name, &sets).unwrap(), &wasm)
        };
        let checks = image(format!("{machine}-minplat"), &[]);
        let guards = image(
            format!("{machine}-minplat-traps"),
            &["memory.images=false", "wasm.interruption=none", "compile.spectre=false"],
        );
        let (checks, guards) = (Elf::parse(&checks).unwrap(), Elf::parse(&guards).unwrap());
        let traps = iterate_traps(checks.data(".wasmtime.traps")).unwrap();
        let count = traps.filter(|(_, trap)| *trap == CompiledTrap::Normal(Trap::MemoryOutOfBounds)).count();
        let code = |elf: &Elf<'_>| elf.data(".text").len();
        let bytes = (code(&checks) - code(&guards)) as f64 / count as f64;
        let row = format!("| `{machine}-minplat` | {count} | {bytes:.1} |");
        println!("{row}");
        missing.extend((!document.contains(&row)).then_some(row));
    }
    assert!(missing.is_empty(), "docs/artifacts.md does not have {missing:#?}");
}
