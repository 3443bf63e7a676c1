//! The WebAssembly features that a platform can switch, as keys of its `[wasm]` table.

/// One WebAssembly feature.
#[derive(Debug)]
pub struct Feature {
    /// The key in `[wasm]`, also the name in messages.
    pub key: &'static str,
    /// The name of the flag in `wasmparser::WasmFeatures`: what a module records.
    pub flag: &'static str,
    /// Whether it is on where the platform file does not say.
    pub default: bool,
    /// The specification or proposal that defines it.
    pub doc: &'static str,
    /// Whether the running side needs Wasmtime's `gc` feature for it.
    pub needs_gc: bool,
}

/// A set of [`FEATURES`], by position in that table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct WasmFeatures(pub u64);

impl WasmFeatures {
    /// The features of this set, in table order.
    pub fn iter(self) -> impl Iterator<Item = &'static Feature> {
        FEATURES.iter().enumerate().filter(move |(i, _)| self.0 & (1 << i) != 0).map(|(_, f)| f)
    }

    /// Whether the feature with this key is in the set.
    pub fn contains(self, key: &str) -> bool {
        self.iter().any(|f| f.key == key)
    }
}

macro_rules! features {
    ($($key:literal $bit:ident $default:literal $needs_gc:literal $doc:literal;)*) => {
        /// Every feature that a platform can switch.
        pub static FEATURES: &[Feature] = &[$(Feature {
            key: $key, flag: stringify!($bit), default: $default, needs_gc: $needs_gc, doc: $doc,
        }),*];

        /// The keys in [`FEATURES`]' order, without the rest of that table: what a device says.
        static WASM_KEYS: &[&str] = &[$(concat!("wasm.", $key)),*];

        /// The flags in [`FEATURES`]' order, as the validator and Wasmtime know them.
        #[cfg(feature = "runtime")]
        pub static PARSER_FLAGS: &[wasmparser::WasmFeatures] = &[$(wasmparser::WasmFeatures::$bit),*];
    };
}

features! {
    "sign-extension" SIGN_EXTENSION true false "2.0: sign-extension operators";
    "saturating-float-to-int" SATURATING_FLOAT_TO_INT true false "2.0: conversions that saturate instead of trapping";
    "multi-value" MULTI_VALUE true false "2.0: several results of functions and blocks";
    "bulk-memory" BULK_MEMORY true false "2.0: memory.copy, memory.fill, passive segments";
    "reference-types" REFERENCE_TYPES true false "2.0: several tables, table operators, funcref values (externref needs runtime.gc)";
    "simd" SIMD true false "2.0: 128-bit vectors";
    "extended-const" EXTENDED_CONST true false "3.0: arithmetic in constant expressions";
    "tail-call" TAIL_CALL true false "3.0: return_call";
    "multi-memory" MULTI_MEMORY true false "3.0: several memories in a module";
    "memory64" MEMORY64 true false "3.0: 64-bit memories and tables";
    "relaxed-simd" RELAXED_SIMD true false "3.0: vector operators whose result may vary by machine";
    "function-references" FUNCTION_REFERENCES true false "3.0: typed function references";
    "gc" GC false true "3.0: structs, arrays, i31";
    "exceptions" EXCEPTIONS false true "3.0: throw, try_table";
    "custom-page-sizes" CUSTOM_PAGE_SIZES true false "proposal: memories with one-byte pages";
    "wide-arithmetic" WIDE_ARITHMETIC true false "proposal: 128-bit integer arithmetic";
}

/// The key behind a flag name as a module records it (upper or lower case).
pub fn by_flag(flag: &str) -> Option<&'static Feature> {
    FEATURES.iter().find(|f| f.flag.eq_ignore_ascii_case(flag))
}

/// Which feature builds on which: the first is refused where the second is off.
pub static BUILDS_ON: &[(&str, &str)] = &[
    ("relaxed-simd", "simd"),
    ("reference-types", "bulk-memory"),
    ("function-references", "reference-types"),
    ("exceptions", "reference-types"),
    ("gc", "function-references"),
];

/// What a module may use and a device may have, a bit each: in an artifact's trailer, where a bit keeps its meaning for as
/// long as a Wasmtime major does. The low bits are [`FEATURES`]' positions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FeatureBits(pub u64);

impl FeatureBits {
    /// The bit of reference types that need a collector.
    pub const GC_TYPES: u64 = 1 << 48;
    /// The bit of components.
    pub const COMPONENTS: u64 = 1 << 49;
    /// The bit of the first collector, in the order of [`crate::settings::Collector`]; a module with references fits one of them.
    pub const COLLECTORS: u64 = 1 << 56;

    /// Those that are in `self` and not in `device`.
    pub const fn without(self, device: Self) -> Self {
        Self(self.0 & !device.0)
    }

    /// The key of a platform file that decides the first of them, if there is any that is known.
    pub fn first_key(self) -> Option<&'static str> {
        match self.0 {
            bits if bits & Self::GC_TYPES != 0 => Some("runtime.gc"),
            bits if bits & Self::COMPONENTS != 0 => Some("runtime.component-model"),
            bits if bits & (!0 << 56) != 0 => Some("gc.collector"),
            bits => WASM_KEYS.get(bits.trailing_zeros() as usize).copied(),
        }
    }
}
