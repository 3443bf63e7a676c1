//! The device side of a platform: Cargo features, symbols, build flags, budgets of its library.

use std::string::String;
use std::vec::Vec;

use crate::platform::Platform;
use crate::settings::{Architecture, Code};
use crate::value::Value;

/// What a platform can bound, the keys of `[budget]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Text, data and bss of the size probe with what it reaches of the library.
    Library,
    /// Of those, what lies in flash.
    Flash,
    /// Of those, variables.
    Ram,
    /// An artifact as it is stored.
    Module,
    /// What the library needs of the native stack.
    Stack,
}

impl Budget {
    /// Its key.
    pub fn key(self) -> &'static str {
        match self {
            Budget::Library => "budget.library",
            Budget::Flash => "budget.flash",
            Budget::Ram => "budget.ram",
            Budget::Module => "budget.module",
            Budget::Stack => "budget.stack",
        }
    }
}

const VIRTUAL_MEMORY: &[&str] = &[
    "wasmtime_memory_image_free",
    "wasmtime_memory_image_map_at",
    "wasmtime_memory_image_new",
    "wasmtime_mmap_new",
    "wasmtime_mprotect",
    "wasmtime_munmap",
    "wasmtime_page_size",
];
const TRAPS: &[&str] = &["wasmtime_init_traps"];
const MULTI_THREAD: &[&str] = &[
    "wasmtime_sync_lock_acquire",
    "wasmtime_sync_lock_free",
    "wasmtime_sync_lock_release",
    "wasmtime_sync_rwlock_free",
    "wasmtime_sync_rwlock_read",
    "wasmtime_sync_rwlock_read_release",
    "wasmtime_sync_rwlock_write",
    "wasmtime_sync_rwlock_write_release",
    "wasmtime_tls_get",
    "wasmtime_tls_set",
];

/// Levels of `build.log-level`, each with its Cargo feature.
const LOG: &[(&str, &str)] = &[
    ("off", "log-off"),
    ("error", "log-error"),
    ("warn", "log-warn"),
    ("info", "log-info"),
    ("debug", "log-debug"),
    ("trace", "log-trace"),
];

/// What a program in Rust gives besides; the library for C programs has its own, one thread's.
const TLS: &[&str] = &["wasmtime_tls_get", "wasmtime_tls_set"];
const FIBERS: &[&str] = &["wasmtime_fiber_init", "wasmtime_fiber_switch"];

/// How the library is built; see the keys of the `[build]` table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// rustc's optimisation level: `1`, `2`, `3`, `s` or `z`.
    pub opt_level: String,
    /// Whether the library has an interpreter of bytecode that is optimised for speed, with explicit tail calls (unstable).
    pub fast_interpreter: bool,
    /// `fat` or `thin`.
    pub lto: String,
    /// Whether a panic stops at once, without a text (`-Cpanic=immediate-abort`, unstable).
    pub immediate_abort: bool,
    /// Whether the panic hook gets the text of a panic.
    pub panic_message: bool,
    /// Whether panics know file and line; off is `-Zlocation-detail=none`.
    pub location_detail: bool,
    /// Whether `{:?}` prints something; off is `-Zfmt-debug=none`.
    pub format_detail: bool,
    /// The standard library's feature `optimize_for_size`; needs its source.
    pub optimize_for_size: bool,
    /// Whether the C library checks how it is called.
    pub debug_assertions: bool,
    /// Further flags, last in line.
    pub rustc_flags: Vec<String>,
}

impl Build {
    /// Whether a stable rustc with its prebuilt standard library can do it.
    pub fn is_stable(&self) -> bool {
        !(self.immediate_abort || self.optimize_for_size || self.fast_interpreter)
            && self.location_detail
            && self.format_detail
    }
}

impl Platform {
    /// The Cargo features of `minplat-capi` for this platform.
    pub fn cargo_features(&self) -> Vec<&'static str> {
        let mut features = self.program_features();
        features.extend([
            "panic-handler",
            "tls",
            if self.values.text("build.heap") == "tlsf" { "tlsf" } else { "talc" },
        ]);
        if self.build().panic_message {
            features.push("panic-message");
        }
        features
    }

    /// The Cargo features of `minplat`, for programs in Rust.
    pub fn program_features(&self) -> Vec<&'static str> {
        let s = self.settings();
        let mut features = Vec::new();
        let mut add = |on: bool, name| {
            if on {
                features.push(name);
            }
        };
        add(s.virtual_memory, "virtual-memory");
        add(s.traps, "traps");
        add(s.multi_thread, "multi-thread");
        add(s.code != Code::Native, "pulley");
        let level = self.values.text("build.log-level");
        features.push(LOG.iter().find(|(name, _)| *name == level).map_or("log-off", |(_, feature)| *feature));
        let mut add = |on: bool, name| {
            if on {
                features.push(name);
            }
        };
        add(
            s.gc,
            match s.collector {
                crate::settings::Collector::Drc => "gc-drc",
                crate::settings::Collector::Copying => "gc-copying",
                crate::settings::Collector::Null => "gc-null",
            },
        );
        add(s.component_model, "component-model");
        add(s.async_calls, "async");
        add(s.debug, "debug");
        add(self.gives_fibers(), "custom-fiber");
        add(self.values.bool("build.platform-checks"), "platform-checks");
        add(self.values.bool("build.unpack"), "unpack");
        features
    }

    /// Whether the platform switches stacks for calls that wait, because Wasmtime cannot.
    fn gives_fibers(&self) -> bool {
        let s = self.settings();
        s.async_calls && !crate::fibers::built_in(self.rust_target(), s.architecture)
    }

    /// What a program in Rust on this platform defines, exactly these, sorted: what the machine offers, and Wasmtime's
    /// thread-local pointer.
    pub fn program_symbols(&self) -> Vec<&'static str> {
        let mut symbols = self.symbols();
        symbols.extend(TLS.iter().filter(|name| !self.symbols().contains(name)));
        symbols.sort_unstable();
        symbols
    }

    /// The undefined symbols of the library for C programs, exactly these, sorted.
    pub fn symbols(&self) -> Vec<&'static str> {
        let s = self.settings();
        let mut symbols = Vec::new();
        for (offered, names) in [
            (s.virtual_memory, VIRTUAL_MEMORY),
            (s.traps, TRAPS),
            (s.multi_thread, MULTI_THREAD),
            (self.gives_fibers(), FIBERS),
        ] {
            if offered {
                symbols.extend(names);
            }
        }
        symbols.sort_unstable();
        symbols
    }

    /// How the library is built.
    pub fn build(&self) -> Build {
        let v = &self.values;
        Build {
            opt_level: v.text("build.opt-level").into(),
            fast_interpreter: v.bool("build.fast-interpreter") && self.settings().code != Code::Native,
            lto: v.text("build.lto").into(),
            immediate_abort: v.text("build.panic") == "immediate-abort",
            panic_message: v.text("build.panic") == "abort",
            location_detail: v.bool("build.location-detail"),
            format_detail: v.bool("build.format-detail"),
            optimize_for_size: v.bool("build.optimize-for-size"),
            debug_assertions: v.bool("build.debug-assertions"),
            rustc_flags: v.list("build.rustc-flags").to_vec(),
        }
    }

    /// A budget in bytes; none where the platform has none.
    pub fn budget(&self, budget: Budget) -> Option<u64> {
        match self.values.find(budget.key()) {
            Some(Value::Bytes(n)) => Some(*n),
            _ => None,
        }
    }

    /// The alignment, in bytes, at which a device can use an artifact in place: a page where it becomes executable or is
    /// mapped, else what a bytecode interpreter reads with.
    pub fn in_place_alignment(&self) -> u64 {
        let settings = self.settings();
        if settings.code == Code::Native || settings.images { settings.page_size.max(16) } else { 16 }
    }

    /// Bytes of the machine's pointers.
    pub fn pointer_bytes(&self) -> u32 {
        match self.settings().architecture {
            Architecture::Arm | Architecture::Riscv32 => 4,
            Architecture::X86_64 | Architecture::Aarch64 | Architecture::Riscv64 => 8,
        }
    }

    /// Whether a Linux process on x86_64 can load the library and play the device.
    pub fn host_loadable(&self) -> bool {
        self.settings().architecture == Architecture::X86_64 && self.settings().virtual_memory
    }
}
