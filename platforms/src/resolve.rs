//! From given values to a complete set: defaults, rules, and the typed [`Settings`].

use std::collections::BTreeMap;
use std::string::String;
use std::vec::Vec;

use crate::cpu::{CPU_FEATURES, CPU_LEVELS, CpuFeatures};
use crate::features::{FEATURES, WasmFeatures};
use crate::keys::{Fallback, KEYS};
use crate::settings::{Architecture, Settings};
use crate::value::Value;

/// The values of all keys that have one.
#[derive(Clone, Debug)]
pub struct Values(BTreeMap<&'static str, Value>);

impl Values {
    /// Completes what files and `--set` give. Rules read only keys that stand before them in the table.
    pub(crate) fn complete(given: BTreeMap<&'static str, Value>) -> Self {
        let mut values = Self(given);
        for key in KEYS.iter() {
            if values.0.contains_key(key.path.as_str()) {
                continue;
            }
            let value = match key.default {
                Fallback::Required | Fallback::Absent => continue,
                Fallback::Is(text) => key.kind.parse(text).expect("a default is of its key's kind"),
                Fallback::Rule(_, rule) => rule(&values),
            };
            values.0.insert(&key.path, value);
        }
        values
    }

    /// The value of a key that always has one.
    pub(crate) fn get(&self, key: &str) -> &Value {
        self.find(key).unwrap_or_else(|| panic!("the key {key} has a default or is required"))
    }

    /// The value of a key, if it has one.
    pub fn find(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    pub(crate) fn bool(&self, key: &str) -> bool {
        matches!(self.get(key), Value::Bool(true))
    }

    pub(crate) fn bytes(&self, key: &str) -> u64 {
        match self.get(key) {
            Value::Bytes(n) => *n,
            other => panic!("the key {key} holds bytes, not {other:?}"),
        }
    }

    pub(crate) fn text(&self, key: &str) -> &str {
        match self.get(key) {
            Value::Text(t) => t,
            other => panic!("the key {key} holds a text, not {other:?}"),
        }
    }

    pub(crate) fn list(&self, key: &str) -> &[String] {
        match self.get(key) {
            Value::List(items) => items,
            other => panic!("the key {key} holds a list, not {other:?}"),
        }
    }
}

/// The CPU features behind `target.cpu`, or the first name that the architecture does not have.
pub(crate) fn cpu(names: &[String], arch: Architecture) -> Result<CpuFeatures, String> {
    let mut set = 0;
    for name in names {
        let single = [name.as_str()];
        let parts = CPU_LEVELS.iter().find(|(level, _)| level == name).map_or(&single[..], |(_, parts)| parts);
        for part in parts {
            let at = CPU_FEATURES.iter().position(|f| f.arch == arch && f.name == *part);
            set |= 1u64 << at.ok_or_else(|| name.clone())?;
        }
    }
    Ok(CpuFeatures(set))
}

/// The names that `target.cpu` may have on an architecture.
pub(crate) fn cpu_names(arch: Architecture) -> Vec<&'static str> {
    let all = CPU_FEATURES.iter().filter(|f| f.arch == arch).map(|f| f.name);
    let levels = CPU_LEVELS
        .iter()
        .filter(|(_, parts)| parts.iter().all(|p| CPU_FEATURES.iter().any(|f| f.arch == arch && f.name == *p)))
        .map(|(level, _)| *level);
    all.chain(levels).collect()
}

/// The typed form of complete, checked values.
pub(crate) fn settings(v: &Values, architecture: Architecture, soft_float: bool, cpu: CpuFeatures) -> Settings {
    // Every choice was checked when it was parsed.
    macro_rules! choice {
        ($key:literal) => {
            FromChoice::from_choice(v.text($key))
        };
    }
    let features = FEATURES
        .iter()
        .enumerate()
        .filter(|(_, f)| v.bool(&std::format!("wasm.{}", f.key)))
        .fold(0, |set, (i, _)| set | 1 << i);
    Settings {
        architecture,
        soft_float,
        code: choice!("target.code"),
        cpu,
        virtual_memory: v.bool("offers.virtual-memory"),
        traps: v.bool("offers.traps"),
        multi_thread: v.bool("offers.multi-thread"),
        page_size: v.bytes("offers.page-size"),
        memory_reservation: v.bytes("memory.reservation"),
        memory_guard: v.bytes("memory.guard"),
        guard_before: v.bool("memory.guard-before"),
        growth_reservation: v.bytes("memory.growth-reservation"),
        memory_may_move: v.bool("memory.may-move"),
        images: v.bool("memory.images"),
        native_stack: v.bytes("memory.native-stack"),
        gc_reservation: v.bytes("gc.reservation"),
        gc_guard: v.bytes("gc.guard"),
        gc_growth_reservation: v.bytes("gc.growth-reservation"),
        gc_may_move: v.bool("gc.may-move"),
        gc_initial_size: v.bytes("gc.initial-size"),
        collector: choice!("gc.collector"),
        interruption: choice!("wasm.interruption"),
        features: WasmFeatures(features),
        relaxed_simd_deterministic: v.bool("wasm.relaxed-simd-deterministic"),
        opt_level: choice!("compile.opt-level"),
        inlining: v.bool("compile.inlining"),
        table_lazy_init: v.bool("compile.table-lazy-init"),
        spectre: v.bool("compile.spectre"),
        nan_canonicalization: v.bool("compile.nan-canonicalization"),
        address_map: v.bool("compile.address-map"),
        symbols: v.bool("compile.symbols"),
        unwind_info: v.bool("compile.unwind-info"),
        digest: v.bool("build.digest"),
        gc: v.bool("runtime.gc"),
        component_model: v.bool("runtime.component-model"),
        debug: v.bool("runtime.debug"),
        async_calls: v.bool("runtime.async"),
        async_stack: v.bytes("runtime.async-stack"),
    }
}

trait FromChoice {
    fn from_choice(name: &str) -> Self;
}

macro_rules! from_choice {
    ($($t:ident)*) => {$(
        impl FromChoice for crate::settings::$t {
            fn from_choice(name: &str) -> Self {
                Self::from_name(name).expect("a choice was checked when it was parsed")
            }
        }
    )*};
}
from_choice!(Code Collector Interruption OptLevel);
