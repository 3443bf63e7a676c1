//! The only place that calls a method of `wasmtime::Config`, but for the device's own hooks in `embedding/src/config.rs`.
//! Every setting that must agree is set on both sides, by the same lines, so that no default of Wasmtime (which depends on
//! target, features and side) is left to decide.

use wasmtime::{Config, WasmBacktraceDetails};

#[cfg(feature = "gc")]
use crate::settings::Collector;
use crate::settings::{Code, Interruption, Settings};

/// The configuration of the running side. What depends on the machine is added by the embedding: `detect_host_feature`,
/// `with_custom_code_memory`.
pub fn running_config(settings: &Settings) -> Config {
    let mut config = Config::new();
    agreed(settings, &mut config);
    // Read by the running side alone.
    config.memory_reservation_for_growth(settings.growth_reservation);
    config.gc_heap_reservation_for_growth(settings.gc_growth_reservation);
    native_stack(&mut config, settings.native_stack as usize);
    #[cfg(feature = "async")]
    async_stack(&mut config, settings.async_stack as usize);
    match settings.code {
        Code::Native => {}
        // Without this a 64-bit runtime expects machine code.
        Code::Pulley64 => pulley(&mut config, "pulley64"),
        Code::Pulley32 => pulley(&mut config, "pulley32"),
    }
    config
}

/// Bytes of the native stack that wasm may use; Pulley's stack has this size. Nothing on the compiling side depends on it, so
/// engines may differ in it.
pub fn native_stack(config: &mut Config, bytes: usize) {
    config.max_wasm_stack(bytes);
}

/// Bytes of the stack that a call which may wait runs on, wasm's part and the host functions'.
#[cfg(feature = "async")]
pub fn async_stack(config: &mut Config, bytes: usize) {
    config.async_stack_size(bytes);
}

fn pulley(config: &mut Config, target: &str) {
    config.target(target).expect("a Pulley target is a valid triple");
}

/// What `wasmtime::engine::serialization` compares when a module is loaded.
fn agreed(settings: &Settings, config: &mut Config) {
    let mut on = always_on();
    let mut off = wasmparser::WasmFeatures::all() - always_on();
    for (i, flag) in crate::features::PARSER_FLAGS.iter().enumerate() {
        if settings.features.0 & (1 << i) != 0 {
            on |= *flag;
        }
    }
    if settings.gc {
        on |= wasmparser::WasmFeatures::GC_TYPES;
    }
    if settings.component_model {
        on |= wasmparser::WasmFeatures::COMPONENT_MODEL;
    }
    off -= on;
    config.wasm_features(off, false);
    config.wasm_features(on, true);
    config.relaxed_simd_deterministic(settings.relaxed_simd_deterministic);

    #[cfg(feature = "gc")]
    config.collector(match settings.collector {
        Collector::Drc => wasmtime::Collector::DeferredReferenceCounting,
        Collector::Copying => wasmtime::Collector::Copying,
        Collector::Null => wasmtime::Collector::Null,
    });
    config.signals_based_traps(settings.traps);
    config.memory_reservation(settings.memory_reservation);
    config.memory_guard_size(settings.memory_guard);
    config.guard_before_linear_memory(settings.guard_before);
    config.memory_may_move(settings.memory_may_move);
    config.memory_init_cow(settings.images);
    config.gc_heap_reservation(settings.gc_reservation);
    config.gc_heap_guard_size(settings.gc_guard);
    config.gc_heap_may_move(settings.gc_may_move);
    config.gc_heap_initial_size(settings.gc_initial_size);

    config.consume_fuel(settings.interruption == Interruption::Fuel);
    config.epoch_interruption(settings.interruption == Interruption::Epoch);

    config.table_lazy_init(settings.table_lazy_init);
    config.compiler_inlining(if settings.inlining { wasmtime::Inlining::Yes } else { wasmtime::Inlining::No });
    config.generate_address_map(settings.address_map);
    config.debug_symbols(settings.symbols);
    // DWARF of the guest stays on the desk, in the file of `minplat-compile --debug-file`.
    config.debug_info(false);
    config.wasm_backtrace_details(WasmBacktraceDetails::Disable);
    #[cfg(feature = "debug")]
    config.guest_debug(settings.debug);
    // Only components with async functions of their own (WASI 0.3) need it, which no platform has.
    config.concurrency_support(false);
}

/// WebAssembly 1.0, with the encodings that every later feature builds on. The parser counts `GC_TYPES` to 1.0; Wasmtime
/// takes it as the wish for a collector, which is `runtime.gc`.
fn always_on() -> wasmparser::WasmFeatures {
    let on = wasmparser::WasmFeatures::WASM1
        | wasmparser::WasmFeatures::FLOATS
        | wasmparser::WasmFeatures::CALL_INDIRECT_OVERLONG
        | wasmparser::WasmFeatures::BULK_MEMORY_OPT;
    on - wasmparser::WasmFeatures::GC_TYPES
}

/// What one compilation may choose by itself: none of it needs to agree with the device.
#[cfg(feature = "compiler")]
#[derive(Clone, Debug)]
pub struct CompileOptions {
    /// Instead of `compile.opt-level`.
    pub opt_level: Option<crate::settings::OptLevel>,
    /// Instead of `compile.address-map`.
    pub address_map: Option<bool>,
    /// Compile the functions of a module on all cores.
    pub parallel: bool,
    /// Where functions that were compiled before are kept.
    pub cache: Option<std::sync::Arc<dyn wasmtime::CacheStore>>,
}

#[cfg(feature = "compiler")]
impl Default for CompileOptions {
    fn default() -> Self {
        Self { opt_level: None, address_map: None, parallel: true, cache: None }
    }
}

/// The configuration of the compiling side, for the triple that [`crate::Platform::compile_triple`] gives.
///
/// # Errors
/// Wasmtime does not know the triple.
#[cfg(feature = "compiler")]
pub fn compiling_config(settings: &Settings, triple: &str, options: CompileOptions) -> wasmtime::Result<Config> {
    use crate::settings::OptLevel;

    let mut config = Config::new();
    config.target(triple)?;
    agreed(settings, &mut config);
    config.generate_address_map(options.address_map.unwrap_or(settings.address_map));
    config.native_unwind_info(settings.unwind_info);
    config.parallel_compilation(options.parallel);
    if let Some(cache) = options.cache {
        config.enable_incremental_compilation(cache)?;
    }
    config.cranelift_opt_level(match options.opt_level.unwrap_or(settings.opt_level) {
        OptLevel::None => wasmtime::OptLevel::None,
        OptLevel::Speed => wasmtime::OptLevel::Speed,
        OptLevel::Size => wasmtime::OptLevel::SpeedAndSize,
    });
    config.cranelift_nan_canonicalization(settings.nan_canonicalization);
    if settings.code == Code::Native {
        let spectre = if settings.spectre { "true" } else { "false" };
        // SAFETY: these flags change how bounds checks are speculated on, not what they check.
        unsafe {
            config.cranelift_flag_set("enable_heap_access_spectre_mitigation", spectre);
            config.cranelift_flag_set("enable_table_access_spectre_mitigation", spectre);
        }
        for feature in settings.cpu.iter() {
            // SAFETY: the flag is recorded in the artifact, and the running side asks the CPU for it before loading.
            unsafe { config.cranelift_flag_enable(feature.flag) };
        }
    }
    Ok(config)
}
