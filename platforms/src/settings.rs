//! What both sides read: a resolved platform as plain numbers, so that it can be a constant on a device.

use crate::cpu::CpuFeatures;
use crate::features::{FeatureBits, WasmFeatures};

/// Prints a value as the Rust expression that makes it; the embedding's build script writes constants with it.
pub trait RustLiteral {
    /// The expression, with paths as `minplat_platform::settings` has them.
    fn literal(&self, out: &mut dyn core::fmt::Write) -> core::fmt::Result;
}

macro_rules! display_literal {
    ($($t:ty)*) => {$(
        impl RustLiteral for $t {
            fn literal(&self, out: &mut dyn core::fmt::Write) -> core::fmt::Result {
                write!(out, "{self}")
            }
        }
    )*};
}
display_literal!(bool u8 u32 u64);

impl RustLiteral for WasmFeatures {
    fn literal(&self, out: &mut dyn core::fmt::Write) -> core::fmt::Result {
        write!(out, "minplat_platform::features::{self:?}")
    }
}

impl RustLiteral for CpuFeatures {
    fn literal(&self, out: &mut dyn core::fmt::Write) -> core::fmt::Result {
        write!(out, "minplat_platform::cpu::{self:?}")
    }
}

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// The texts that a platform file may give, in order.
            pub const NAMES: &'static [&'static str] = &[$($text),*];

            /// The text in a platform file.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// The value behind a text of [`Self::NAMES`].
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)* _ => None }
            }
        }

        impl RustLiteral for $name {
            fn literal(&self, out: &mut dyn core::fmt::Write) -> core::fmt::Result {
                write!(out, concat!("minplat_platform::settings::", stringify!($name), "::{:?}"), self)
            }
        }
    };
}

choices! {
    /// The instruction set of the machine.
    Architecture {
        /// 64-bit x86.
        X86_64 = "x86_64",
        /// 64-bit Arm.
        Aarch64 = "aarch64",
        /// 64-bit RISC-V.
        Riscv64 = "riscv64",
        /// 32-bit Arm (Thumb).
        Arm = "arm",
        /// 32-bit RISC-V.
        Riscv32 = "riscv32",
    }
}
choices! {
    /// What a module is compiled to.
    Code {
        /// Machine code of the target.
        Native = "native",
        /// Pulley bytecode for 32-bit machines.
        Pulley32 = "pulley32",
        /// Pulley bytecode for 64-bit machines.
        Pulley64 = "pulley64",
    }
}
choices! {
    /// How a running guest can be stopped from outside.
    Interruption {
        /// It cannot.
        None = "none",
        /// It runs out of fuel (`Config::consume_fuel`).
        Fuel = "fuel",
        /// An epoch passes (`Config::epoch_interruption`); needs 64-bit atomics.
        Epoch = "epoch",
    }
}
choices! {
    /// The garbage collector (`wasmtime::Collector`).
    Collector {
        /// Deferred reference counting.
        Drc = "drc",
        /// A semi-space copying collector.
        Copying = "copying",
        /// Allocates and never frees.
        Null = "null",
    }
}
choices! {
    /// Cranelift's optimisation level (`wasmtime::OptLevel`).
    OptLevel {
        /// Compile fast.
        None = "none",
        /// Code that runs fast.
        Speed = "speed",
        /// Code that runs fast and is small.
        Size = "size",
    }
}

/// What wasm may have of the native stack, bytes: `memory.native-stack`, and an engine's own wish.
pub const NATIVE_STACK: core::ops::RangeInclusive<u64> = 4 << 10..=1 << 20;

macro_rules! settings {
    ($($(#[$doc:meta])* $field:ident: $t:ty,)*) => {
        /// A resolved platform. See the keys of the same names for what each means.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub struct Settings { $($(#[$doc])* pub $field: $t,)* }

        impl RustLiteral for Settings {
            fn literal(&self, out: &mut dyn core::fmt::Write) -> core::fmt::Result {
                write!(out, "minplat_platform::settings::Settings {{")?;
                $(
                    write!(out, concat!(" ", stringify!($field), ": "))?;
                    self.$field.literal(out)?;
                    write!(out, ",")?;
                )*
                write!(out, " }}")
            }
        }
    };
}

settings! {
    /// Instruction set of `target.rust`.
    architecture: Architecture,
    /// Whether the Rust target of a 64-bit machine passes floats in general registers (`x86_64-unknown-none`).
    soft_float: bool,
    /// `target.code`.
    code: Code,
    /// `target.cpu`.
    cpu: CpuFeatures,
    /// `offers.virtual-memory`.
    virtual_memory: bool,
    /// `offers.traps`.
    traps: bool,
    /// `offers.multi-thread`.
    multi_thread: bool,
    /// `offers.page-size`, bytes; 0 where there is no virtual memory.
    page_size: u64,
    /// `memory.reservation`, bytes.
    memory_reservation: u64,
    /// `memory.guard`, bytes.
    memory_guard: u64,
    /// `memory.guard-before`.
    guard_before: bool,
    /// `memory.growth-reservation`, bytes.
    growth_reservation: u64,
    /// `memory.may-move`.
    memory_may_move: bool,
    /// `memory.images`.
    images: bool,
    /// `memory.native-stack`, bytes.
    native_stack: u64,
    /// `gc.reservation`, bytes.
    gc_reservation: u64,
    /// `gc.guard`, bytes.
    gc_guard: u64,
    /// `gc.growth-reservation`, bytes.
    gc_growth_reservation: u64,
    /// `gc.may-move`.
    gc_may_move: bool,
    /// `gc.initial-size`, bytes.
    gc_initial_size: u64,
    /// `gc.collector`.
    collector: Collector,
    /// `wasm.interruption`.
    interruption: Interruption,
    /// `wasm.*`.
    features: WasmFeatures,
    /// `wasm.relaxed-simd-deterministic`.
    relaxed_simd_deterministic: bool,
    /// `compile.opt-level`.
    opt_level: OptLevel,
    /// `compile.inlining`.
    inlining: bool,
    /// `compile.table-lazy-init`.
    table_lazy_init: bool,
    /// `compile.spectre`.
    spectre: bool,
    /// `compile.nan-canonicalization`.
    nan_canonicalization: bool,
    /// `compile.address-map`.
    address_map: bool,
    /// `compile.symbols`.
    symbols: bool,
    /// `compile.unwind-info`.
    unwind_info: bool,
    /// `build.digest`.
    digest: bool,
    /// `runtime.gc`.
    gc: bool,
    /// `runtime.component-model`.
    component_model: bool,
    /// `runtime.debug`.
    debug: bool,
    /// `runtime.async`.
    async_calls: bool,
    /// `runtime.async-stack`, bytes.
    async_stack: u64,
}

impl Settings {
    /// Whether linear memories come from the library's heap: where nothing about them wants pages (Wasmtime's `create_memory`). Else
    /// each is a mapping of its own.
    pub const fn memories_on_heap(&self) -> bool {
        !self.traps && self.memory_reservation == 0 && self.memory_guard == 0 && !self.images
    }

    /// What modules of this platform may use, and what its devices have.
    pub const fn feature_bits(&self) -> FeatureBits {
        let mut bits = self.features.0;
        if self.gc {
            bits |= FeatureBits::GC_TYPES | FeatureBits::COLLECTORS << self.collector as u32;
        }
        if self.component_model {
            bits |= FeatureBits::COMPONENTS;
        }
        FeatureBits(bits)
    }
}
