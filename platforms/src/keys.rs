//! Every key of a platform file, defined once: kind, default, meaning. Parsing, `--set`, the resolved file, the reference
//! page and the tests that flip each setting all read this table.

use std::format;
use std::string::String;
use std::sync::LazyLock;
use std::vec::Vec;

use crate::features::FEATURES;
use crate::resolve::Values;
use crate::settings::{Code, Collector, Interruption, OptLevel};
use crate::value::{Kind, Value};

/// What a key has where no file gives it.
#[derive(Clone, Copy)]
pub enum Fallback {
    /// Nothing: a platform must give it.
    Required,
    /// Nothing, and that is a value: no budget, no flags.
    Absent,
    /// This text, parsed by the key's kind.
    Is(&'static str),
    /// What other keys make of it; the text is the rule in words.
    Rule(&'static str, fn(&Values) -> Value),
}

/// One key.
pub struct Key {
    /// `table.key`.
    pub path: String,
    /// What it takes.
    pub kind: Kind,
    /// What it is where nobody says.
    pub default: Fallback,
    /// Whether device and module must agree on it: be equal, or for a feature ([`Key::is_feature`]) not be on in the
    /// module alone. Such keys are in the fingerprint.
    pub agrees: bool,
    /// Meaning and unit, one sentence or two.
    pub doc: String,
}

impl Key {
    /// Whether a module may have it off where the device has it on.
    pub fn is_feature(&self) -> bool {
        let wasm = self.path.strip_prefix("wasm.").is_some_and(|key| FEATURES.iter().any(|f| f.key == key));
        wasm || matches!(self.path.as_str(), "runtime.gc" | "runtime.component-model")
    }
}

/// The tables of a platform file, in the order in which they are written.
pub const TABLES: &[(&str, &str)] = &[
    ("target", "what the library and the modules are built for"),
    ("offers", "what the machine gives"),
    ("memory", "linear memories, and the stack that wasm runs on"),
    ("wasm", "what modules may use"),
    ("compile", "how modules are compiled"),
    ("runtime", "parts of Wasmtime's runtime that are off unless named"),
    ("gc", "the heap of the garbage collector, where `runtime.gc` is on"),
    ("build", "how the library is built"),
    ("budget", "what must not be exceeded: the build fails with what grew"),
];

/// The key with this path.
pub fn find(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|k| k.path == path)
}

/// Every key, by table, in the order in which they are written.
pub static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let mut keys = Vec::new();
    let mut key = |path: &str, kind, default, agrees, doc: &str| {
        keys.push(Key { path: path.into(), kind, default, agrees, doc: doc.into() });
    };
    use Fallback::{Absent, Is, Required, Rule};
    use Kind::{Bool, Bytes, Choice, List, Text};
    const AGREES: bool = true;
    const FREE: bool = false;

    key(
        "target.rust",
        Text,
        Required,
        AGREES,
        "What the library is built for: a built-in Rust target triple, or a JSON file beside the platform file, whose stem is a triple (architecture first). Architecture and operating system must agree.",
    );
    key(
        "target.code",
        Choice(Code::NAMES),
        Is("native"),
        AGREES,
        "What modules are compiled to: machine code, or bytecode for Pulley, Wasmtime's interpreter, of the machine's pointer width.",
    );
    key(
        "target.cpu",
        List,
        Is(""),
        AGREES,
        "CPU features that native code may use, and levels: \"x86-64-v2\", \"x86-64-v3\", \"rv64gc\". The CPU must have at least these; on x86_64 and aarch64 the device asks it before it loads a module.",
    );

    key(
        "offers.virtual-memory",
        Bool,
        Is("true"),
        FREE,
        "Pages can be mapped, protected and unmapped (`wasmtime_mmap_new` and its kin). Without it the library lives in pools of memory, or in what the program's functions give.",
    );
    key(
        "offers.traps",
        Bool,
        Is("false"),
        AGREES,
        "Machine traps reach the library (`wasmtime_init_traps`), so guard pages can stand for checks (`Config::signals_based_traps`).",
    );
    key(
        "offers.multi-thread",
        Bool,
        Is("false"),
        FREE,
        "The platform gives thread-local storage and locks, so stores can run on several threads. Without it all calls are serialised by the caller.",
    );
    key(
        "offers.page-size",
        Bytes,
        Rule("4 KiB with virtual memory, else 0", |v| {
            Value::Bytes(if v.bool("offers.virtual-memory") { 4096 } else { 0 })
        }),
        FREE,
        "The size of a page of virtual memory. Embedded modules are aligned to it. Native code of x86_64 and riscv64 needs 4 KiB; native code of aarch64, and bytecode, work with pages up to 64 KiB.",
    );

    key(
        "memory.reservation",
        Bytes,
        Rule("4 GiB with traps on a 64-bit machine, else 0", |v| {
            Value::Bytes(if v.bool("offers.traps") { 4 << 30 } else { 0 })
        }),
        AGREES,
        "Address space set aside for each linear memory (`Config::memory_reservation`).",
    );
    key(
        "memory.guard",
        Bytes,
        Rule("32 MiB with traps, else 0", |v| Value::Bytes(if v.bool("offers.traps") { 32 << 20 } else { 0 })),
        AGREES,
        "Inaccessible bytes behind each linear memory (`Config::memory_guard_size`).",
    );
    key(
        "memory.guard-before",
        Bool,
        Rule("as offers.traps", |v| v.get("offers.traps").clone()),
        AGREES,
        "A guard before each linear memory too: defence in depth (`Config::guard_before_linear_memory`).",
    );
    key(
        "memory.growth-reservation",
        Bytes,
        Is("0"),
        FREE,
        "Room left behind a memory that had to move, so that it need not move again soon (`Config::memory_reservation_for_growth`).",
    );
    key(
        "memory.may-move",
        Bool,
        Is("true"),
        AGREES,
        "A memory may move when it grows past its reservation (`Config::memory_may_move`).",
    );
    key(
        "memory.images",
        Bool,
        Rule("as offers.traps", |v| v.get("offers.traps").clone()),
        AGREES,
        "Data segments become copy-on-write images (`Config::memory_init_cow`): faster instances, larger files.",
    );
    key(
        "memory.native-stack",
        Bytes,
        Is("64 KiB"),
        FREE,
        "Bytes of the caller's stack that wasm may use (`Config::max_wasm_stack`); Pulley allocates them on the heap.",
    );

    key(
        "wasm.interruption",
        Choice(Interruption::NAMES),
        Is("none"),
        AGREES,
        "How a running guest is stopped from outside: not at all, by fuel, or by epochs.",
    );
    for feature in FEATURES {
        let default = if feature.default { "true" } else { "false" };
        key(&format!("wasm.{}", feature.key), Bool, Is(default), AGREES, feature.doc);
    }
    key(
        "wasm.relaxed-simd-deterministic",
        Bool,
        Is("false"),
        AGREES,
        "Relaxed vector operators give the same results on every machine, at some cost.",
    );

    key("compile.opt-level", Choice(OptLevel::NAMES), Is("speed"), FREE, "Cranelift's optimisation level.");
    key(
        "compile.inlining",
        Bool,
        Is("false"),
        AGREES,
        "Functions are inlined across calls (`Config::compiler_inlining`).",
    );
    key(
        "compile.table-lazy-init",
        Bool,
        Is("true"),
        AGREES,
        "Tables are filled as they are used: faster instances, slightly slower indirect calls.",
    );
    key(
        "compile.spectre",
        Bool,
        Rule("as offers.traps", |v| v.get("offers.traps").clone()),
        FREE,
        "Bounds checks also hold under speculation; needs offers.traps.",
    );
    key(
        "compile.nan-canonicalization",
        Bool,
        Is("false"),
        FREE,
        "Every NaN that arithmetic gives has one bit pattern.",
    );
    key(
        "compile.address-map",
        Bool,
        Is("true"),
        FREE,
        "The module carries a map from machine code to wasm offsets, so that a backtrace on the device has them.",
    );
    key(
        "compile.symbols",
        Bool,
        Is("false"),
        AGREES,
        "The module carries an ELF symbol table (`Config::debug_symbols`); the device never reads it.",
    );
    key(
        "compile.unwind-info",
        Bool,
        Is("false"),
        FREE,
        "The module carries unwind tables for native debuggers; the device never reads them.",
    );

    key(
        "runtime.gc",
        Bool,
        Is("false"),
        AGREES,
        "Garbage-collected types and exceptions: Wasmtime's `gc` feature, larger by tens of kilobytes. `externref` needs it too.",
    );
    key(
        "runtime.component-model",
        Bool,
        Is("false"),
        AGREES,
        "Components: Wasmtime's `component-model` feature, for programs in Rust. `minplat-compile` then takes components too.",
    );
    key(
        "runtime.debug",
        Bool,
        Is("false"),
        AGREES,
        "Guests can be debugged (`Config::guest_debug`): Wasmtime's `debug` feature, for programs in Rust. Code is larger and slower; needs offers.traps off.",
    );
    key(
        "runtime.async",
        Bool,
        Rule("as runtime.debug", |v| v.get("runtime.debug").clone()),
        FREE,
        "Guests run on stacks of their own and can wait: Wasmtime's `async` feature, for programs in Rust. Where Wasmtime has no stack switch for the machine (32-bit RISC-V with F or V) the platform gives one, `wasmtime_fiber_init` and `wasmtime_fiber_switch`.",
    );
    key(
        "runtime.async-stack",
        Bytes,
        Rule("64 KiB more than memory.native-stack", |v| {
            Value::Bytes(v.bytes("memory.native-stack").saturating_add(64 << 10))
        }),
        FREE,
        "Bytes of each such stack, which comes from the heap (`Config::async_stack_size`). What is more than memory.native-stack is for host functions.",
    );
    key("gc.collector", Choice(Collector::NAMES), Is("drc"), AGREES, "The collector (`Config::collector`).");
    key(
        "gc.reservation",
        Bytes,
        Rule("as memory.reservation", |v| v.get("memory.reservation").clone()),
        AGREES,
        "Address space set aside for each store's heap (`Config::gc_heap_reservation`).",
    );
    key(
        "gc.guard",
        Bytes,
        Rule("as memory.guard", |v| v.get("memory.guard").clone()),
        AGREES,
        "Inaccessible bytes behind each heap (`Config::gc_heap_guard_size`).",
    );
    key("gc.growth-reservation", Bytes, Is("0"), FREE, "As memory.growth-reservation, for heaps.");
    key(
        "gc.may-move",
        Bool,
        Rule("as memory.may-move", |v| v.get("memory.may-move").clone()),
        AGREES,
        "A heap may move when it grows (`Config::gc_heap_may_move`).",
    );
    key(
        "gc.initial-size",
        Bytes,
        Is("0"),
        AGREES,
        "Bytes that a heap starts with, a multiple of 64 KiB, at most 4 GiB (`Config::gc_heap_initial_size`).",
    );

    key("build.opt-level", Choice(&["1", "2", "3", "s", "z"]), Is("z"), FREE, "rustc's optimisation level.");
    key(
        "build.fast-interpreter",
        Bool,
        Is("false"),
        FREE,
        "Where code is bytecode: its interpreter is optimised for speed, and each instruction jumps to the next, which takes a feature of rustc that is unstable and not complete (`become`). docs/performance.md has what it gives and takes.",
    );
    key("build.lto", Choice(&["fat", "thin"]), Is("fat"), FREE, "Link-time optimisation.");
    key(
        "build.panic",
        Choice(&["immediate-abort", "code", "abort"]),
        Is("immediate-abort"),
        FREE,
        "What a panic does: stop at once, and nobody hears of it (needs an unstable rustc flag); tell the panic hook of `minplat_init` that it was one; or tell it the text too. docs/reliability.md has the bytes of each.",
    );
    key(
        "build.location-detail",
        Bool,
        Is("false"),
        FREE,
        "Panics know file and line; off needs an unstable rustc flag.",
    );
    key("build.format-detail", Bool, Is("false"), FREE, "`{:?}` prints something; off needs an unstable rustc flag.");
    key(
        "build.log-level",
        Choice(&["off", "error", "warn", "info", "debug", "trace"]),
        Is("off"),
        FREE,
        "What Wasmtime logs to the log hook of `minplat_init`, this important and more; off costs nothing.",
    );
    key(
        "build.heap",
        Choice(&["talc", "tlsf"]),
        Is("talc"),
        FREE,
        "The C library's allocator: the smallest, or one whose every allocation takes a bounded time (two-level segregated fit). Programs that give `minplat_init` functions of their own use neither.",
    );
    key(
        "build.optimize-for-size",
        Bool,
        Is("true"),
        FREE,
        "The standard library's smaller algorithms; needs its source.",
    );
    key(
        "build.debug-assertions",
        Bool,
        Is("false"),
        FREE,
        "The C library checks how it is called, at some cost: where the machine offers no multi-thread, a call that comes while another task is in the library stops it, by the panic hook.",
    );
    key(
        "build.digest",
        Bool,
        Is("true"),
        FREE,
        "The library compares an artifact's digest before it loads it. Off saves the digest's code and, at each load, reading the artifact once; for modules that are linked in and that the firmware's own checksum covers: docs/trust.md.",
    );
    key(
        "build.platform-checks",
        Bool,
        Is("false"),
        FREE,
        "The library can check the machine: `minplat_check_platform` tries out what wasmtime-platform.h asks for. For a port under work; a program that does not call it is not larger.",
    );
    key(
        "build.unpack",
        Bool,
        Is("false"),
        FREE,
        "The library loads packed artifacts (`minplat-compile --pack`) too: it expands them in its heap, and loads the copy. docs/artifacts.md has what that takes.",
    );
    key("build.rustc-flags", List, Is(""), FREE, "Further flags for rustc, last in line.");

    key(
        "budget.library",
        Bytes,
        Absent,
        FREE,
        "Text, data and bss of a program that loads, links one function, calls and prints a trap (`examples/size-probe.c`), linked statically with unused sections collected. No budget is inherited: what extends a platform, or changes it by `--set`, gives its own or has none.",
    );
    key("budget.flash", Bytes, Absent, FREE, "What that program takes in flash: text, and the first values of data.");
    key(
        "budget.ram",
        Bytes,
        Absent,
        FREE,
        "What that program takes in RAM before it runs: data and bss. Heap and pages come on top: `minplat-host run --stats`.",
    );
    key(
        "budget.module",
        Bytes,
        Absent,
        FREE,
        "An artifact as it is stored, trailer and all, packed where it is packed: `minplat-compile` writes none that is larger.",
    );
    key(
        "budget.stack",
        Bytes,
        Absent,
        FREE,
        "Bytes of the native stack that any call of the C API may need besides wasm's own part; `examples/stack/measure.sh` measures it, `minplat-host stack` too where a Linux process can load the library.",
    );
    keys
});
