//! What a module and a device must agree on, as Wasmtime names it, and the fingerprint over it.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use sha2::{Digest, Sha256};

use crate::platform::Platform;
use crate::settings::{Code, Interruption};

/// One setting that must agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// Wasmtime's name for it, as in an artifact's `.wasmtime.engine`.
    pub name: String,
    /// The key of a platform file that decides it.
    pub key: String,
    /// The value, as text.
    pub value: String,
}

/// Whether a setting of an agreement, by its name, is a feature: what a module has, a device must have; a device may have more.
/// All others must be equal.
pub fn is_feature(name: &str) -> bool {
    name == "collector" || name.starts_with("wasm_feature.")
}

impl Platform {
    /// Every setting that must agree, in a fixed order. An artifact compiled for this platform records the same.
    pub fn agreement(&self) -> Vec<Agreed> {
        let s = self.settings();
        let mut all = Vec::new();
        let mut add = |name: &str, key: &str, value: String| {
            all.push(Agreed { name: name.into(), key: key.into(), value });
        };
        let target = self.compile_target();
        add("architecture", "target.rust", target.architecture.to_string());
        add("operating_system", "target.rust", target.operating_system.to_string());
        for (name, key, value) in [
            ("memory_reservation", "memory.reservation", s.memory_reservation),
            ("memory_guard_size", "memory.guard", s.memory_guard),
            ("gc_heap_reservation", "gc.reservation", s.gc_reservation),
            ("gc_heap_guard_size", "gc.guard", s.gc_guard),
            ("gc_heap_initial_size", "gc.initial-size", s.gc_initial_size),
        ] {
            add(name, key, value.to_string());
        }
        for (name, key, value) in [
            ("signals_based_traps", "offers.traps", s.traps),
            ("guard_before_linear_memory", "memory.guard-before", s.guard_before),
            ("memory_may_move", "memory.may-move", s.memory_may_move),
            ("memory_init_cow", "memory.images", s.images),
            ("gc_heap_may_move", "gc.may-move", s.gc_may_move),
            ("consume_fuel", "wasm.interruption", s.interruption == Interruption::Fuel),
            ("epoch_interruption", "wasm.interruption", s.interruption == Interruption::Epoch),
            ("relaxed_simd_deterministic", "wasm.relaxed-simd-deterministic", s.relaxed_simd_deterministic),
            ("table_lazy_init", "compile.table-lazy-init", s.table_lazy_init),
            ("debug_symbols", "compile.symbols", s.symbols),
        ] {
            add(name, key, value.to_string());
        }
        add("inlining", "compile.inlining", if s.inlining { "yes" } else { "no" }.into());
        let collector = if s.gc { s.collector.name() } else { "none" };
        add("collector", if s.gc { "gc.collector" } else { "runtime.gc" }, collector.into());
        for feature in s.features.iter() {
            let name = format!("wasm_feature.{}", feature.flag.to_ascii_lowercase());
            add(&name, &format!("wasm.{}", feature.key), "true".into());
        }
        if s.gc {
            add("wasm_feature.gc_types", "runtime.gc", "true".into());
        }
        // Listed only where they are on: platforms that never heard of these keys keep their fingerprints.
        if s.component_model {
            add("wasm_feature.component_model", "runtime.component-model", "true".into());
        }
        if s.debug {
            add("debug_guest", "runtime.debug", "true".into());
        }
        for feature in s.cpu.iter() {
            add(&format!("cpu.{}", feature.flag), "target.cpu", "true".into());
        }
        all
    }

    /// A digest of the Wasmtime major and of [`Self::agreement`]: two platforms with one fingerprint take each other's
    /// modules, whatever they are called.
    pub fn fingerprint(&self) -> [u8; 32] {
        self.digest(|_| true)
    }

    /// The start of a digest as [`Self::fingerprint`], over what must be equal: features are left out.
    pub fn base_fingerprint(&self) -> [u8; 8] {
        *self.digest(|name| !is_feature(name)).first_chunk().expect("a digest is longer")
    }

    /// Whether a device of this platform loads the modules of another: it has what they may use, and all else is equal.
    pub fn loads_modules_of(&self, other: &Self) -> bool {
        let lacking = other.settings().feature_bits().without(self.settings().feature_bits());
        self.base_fingerprint() == other.base_fingerprint() && lacking.0 == 0
    }

    fn digest(&self, covers: impl Fn(&str) -> bool) -> [u8; 32] {
        let mut text = format!("minplat platform\nwasmtime={}\n", crate::WASMTIME_MAJOR);
        for setting in self.agreement().iter().filter(|setting| covers(&setting.name)) {
            text += &format!("{}={}\n", setting.name, setting.value);
        }
        Sha256::digest(text).into()
    }

    /// The triple for the compiling side: the Rust target's, or Pulley's.
    pub fn compile_triple(&self) -> String {
        match self.settings().code {
            Code::Native => self.rust_target().triple().into(),
            pulley => pulley.name().into(),
        }
    }

    fn compile_target(&self) -> target_lexicon::Triple {
        match self.settings().code {
            Code::Native => self.triple.clone(),
            pulley => pulley.name().parse().expect("Pulley's names are triples"),
        }
    }
}
