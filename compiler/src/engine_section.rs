//! What Wasmtime records in a `.cwasm` about the engine that made it, and compares when it loads one.
//!
//! Wasmtime keeps the type private (`wasmtime::engine::serialization::Metadata`), so this mirrors it; the test
//! `agreement` compiles for every shipped platform and compares. A field that is new in Wasmtime breaks the build
//! here, because `tunables` names every one.

use anyhow::{Context, bail};
use serde::Deserialize;
use wasmtime_environ::wasmparser::WasmFeatures;
use wasmtime_environ::{Collector, FlagValue, Inlining, Tunables, obj};

use crate::elf::Elf;

/// The decoded section `.wasmtime.engine`.
#[derive(Debug)]
pub struct EngineSection {
    /// Wasmtime's major version as it wrote it, `48`.
    pub version: String,
    /// The target triple.
    pub target: String,
    /// Cranelift's settings for every machine; none in an artifact.
    pub shared_flags: Vec<(String, String)>,
    /// Cranelift's settings for the target: CPU features; in an artifact those that are on.
    pub isa_flags: Vec<(String, String)>,
    /// Wasmtime's settings that must agree: name and value.
    pub settings: Vec<(&'static str, String)>,
    /// Wasmtime's settings that need not agree.
    pub free: Vec<(&'static str, String)>,
    /// The wasm features that were on.
    pub features: WasmFeatures,
}

/// What [`trimmed`] looks at: the target, and the settings of Cranelift for every machine and for this one.
type Head<'a> = (&'a str, Flags<'a>, Flags<'a>);
type Flags<'a> = Vec<(&'a str, FlagValue<'a>)>;

/// A section without what no device has to compare: Cranelift's settings for every machine, since Wasmtime's compiler takes no
/// others than those that its runtime demands or does not care for, and the CPU features that the code does without. A device
/// decodes and compares the rest whenever it loads.
///
/// # Errors
/// It is damaged, or of another Wasmtime.
pub(crate) fn trimmed(section: &[u8]) -> anyhow::Result<Vec<u8>> {
    let start = 2 + EngineSection::version_of(section)?.len();
    let ((target, _, mut cpu), rest): (Head<'_>, _) =
        postcard::take_from_bytes(&section[start..]).context("the engine section is damaged")?;
    cpu.retain(|(_, value)| *value != FlagValue::Bool(false));
    let head = postcard::to_allocvec::<Head<'_>>(&(target, Vec::new(), cpu))?;
    Ok([&section[..start], &head, rest].concat())
}

/// Wasmtime's private `Metadata`, field by field.
#[derive(Deserialize)]
struct Metadata<'a> {
    target: String,
    #[serde(borrow)]
    shared_flags: Vec<(&'a str, FlagValue<'a>)>,
    #[serde(borrow)]
    isa_flags: Vec<(&'a str, FlagValue<'a>)>,
    tunables: Tunables,
    features: u64,
}

impl EngineSection {
    /// Decodes the section of an image.
    ///
    /// # Errors
    /// The image has no such section, or one of another Wasmtime.
    pub fn of_image(image: &[u8]) -> anyhow::Result<Self> {
        let elf = Elf::parse(image)?;
        let section = elf.section(obj::ELF_WASM_ENGINE).context("it has no section .wasmtime.engine")?;
        Self::of_section(section.data)
    }

    /// The version that a section names, which can be read for every Wasmtime.
    ///
    /// # Errors
    /// The section is cut off.
    pub fn version_of(section: &[u8]) -> anyhow::Result<&str> {
        let [0, len, rest @ ..] = section else { bail!("the engine section has an unknown layout") };
        let version = rest.get(..usize::from(*len)).context("the engine section is cut off")?;
        std::str::from_utf8(version).context("the engine section's version is no text")
    }

    /// Decodes the bytes of the section.
    ///
    /// # Errors
    /// They are damaged, or of another Wasmtime.
    pub fn of_section(section: &[u8]) -> anyhow::Result<Self> {
        let version = Self::version_of(section)?;
        let ours = minplat_platform::WASMTIME_MAJOR.to_string();
        if version != ours {
            bail!(
                "it was compiled by Wasmtime {version}, this tool reads Wasmtime {ours}; use the minplat-inspect of the \
                 release that compiled it"
            );
        }
        let metadata: Metadata<'_> =
            postcard::from_bytes(&section[2 + version.len()..]).context("the engine section is damaged")?;
        let text = |flags: Vec<(&str, FlagValue<'_>)>| {
            flags.into_iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
        };
        let (settings, free) = tunables(metadata.tunables);
        Ok(Self {
            version: version.to_string(),
            target: metadata.target,
            shared_flags: text(metadata.shared_flags),
            isa_flags: text(metadata.isa_flags),
            settings,
            free,
            features: WasmFeatures::from_bits_truncate(metadata.features),
        })
    }

    /// The CPU features that the code may use: the flags of the target that are on.
    pub fn cpu_flags(&self) -> Vec<&str> {
        self.isa_flags.iter().filter(|(_, value)| value == "true").map(|(name, _)| name.as_str()).collect()
    }

    /// The names of the wasm features that were on, as Wasmtime's messages have them (lower case). Two encodings that
    /// every platform has on are left out: they are parts of larger features, and listed only where those are off.
    pub fn feature_names(&self) -> Vec<String> {
        let always = WasmFeatures::BULK_MEMORY_OPT | WasmFeatures::CALL_INDIRECT_OVERLONG;
        let named = self.features.iter_names().filter(|(_, flag)| !always.contains(*flag));
        named.map(|(name, _)| name.to_ascii_lowercase()).collect()
    }

    /// Architecture and operating system of the target: the parts that must agree.
    pub fn machine(&self) -> (String, String) {
        let mut parts = self.target.split('-');
        let architecture = parts.next().unwrap_or_default().to_string();
        let system = parts.nth(1).unwrap_or("unknown").to_string();
        (architecture, system)
    }
}

type Values = Vec<(&'static str, String)>;

/// Every field of Wasmtime's tunables: those that must agree, those that need not.
fn tunables(tunables: Tunables) -> (Values, Values) {
    // No `..`: a new field has to be sorted into one of the lists.
    let Tunables {
        collector,
        memory_reservation,
        memory_guard_size,
        memory_reservation_for_growth,
        debug_native,
        debug_guest,
        debug_symbols,
        parse_wasm_debuginfo,
        consume_fuel,
        operator_cost,
        epoch_interruption,
        memory_may_move,
        guard_before_linear_memory,
        table_lazy_init,
        generate_address_map,
        debug_adapter_modules,
        relaxed_simd_deterministic,
        winch_callable,
        signals_based_traps,
        memory_init_cow,
        inlining,
        inlining_small_callee_size,
        inlining_sum_size_threshold,
        concurrency_support,
        recording,
        gc_zeal_alloc_counter,
        gc_heap_reservation,
        gc_heap_guard_size,
        gc_heap_reservation_for_growth,
        gc_heap_initial_size,
        gc_heap_may_move,
        metadata_for_internal_asserts,
        metadata_for_gc_heap_corruption,
        branch_hinting,
    } = tunables;
    let collector = match collector {
        None => "none",
        Some(Collector::DeferredReferenceCounting) => "drc",
        Some(Collector::Null) => "null",
        Some(Collector::Copying) => "copying",
    };
    let inlining = match inlining {
        Inlining::No => "no",
        Inlining::Yes => "yes",
        Inlining::Intrinsics => "intrinsics",
        Inlining::InterModule => "inter-module",
        Inlining::InterModuleAndIntraGc => "inter-module-and-intra-gc",
    };
    let operator_cost = match operator_cost {
        wasmtime_environ::OperatorCostStrategy::Default => "default",
        wasmtime_environ::OperatorCostStrategy::Table(_) => "table",
    };
    macro_rules! values {
        ($($name:ident)*) => { vec![$((stringify!($name), $name.to_string())),*] };
    }
    let agreeing = values! {
        collector memory_reservation memory_guard_size debug_native debug_guest debug_symbols parse_wasm_debuginfo
        consume_fuel operator_cost epoch_interruption memory_may_move guard_before_linear_memory table_lazy_init
        relaxed_simd_deterministic winch_callable signals_based_traps memory_init_cow inlining
        inlining_small_callee_size inlining_sum_size_threshold concurrency_support recording gc_heap_reservation
        gc_heap_guard_size gc_heap_initial_size gc_heap_may_move
    };
    let gc_zeal_alloc_counter = gc_zeal_alloc_counter.map_or("none".to_string(), |n| n.to_string());
    let free = values! {
        memory_reservation_for_growth generate_address_map debug_adapter_modules gc_zeal_alloc_counter
        gc_heap_reservation_for_growth metadata_for_internal_asserts metadata_for_gc_heap_corruption branch_hinting
    };
    (agreeing, free)
}
