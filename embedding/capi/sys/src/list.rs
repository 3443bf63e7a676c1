//! The functions of `minplat.h`, once.

/// Calls a macro with every function of `minplat.h`, as `fn name(argument: type, …) -> type;`, without the prefix `minplat_`. Types
/// are written as they are called in `core::ffi` and this crate: both are to be in scope where the macro is called.
#[macro_export]
macro_rules! functions {
    ($then:ident) => {
        $then! {
            fn init(config: *const minplat_config_t) -> *mut minplat_error_t;
            fn version() -> *const c_char;
            fn wasmtime_major() -> u32;
            fn platform_name() -> *const c_char;
            fn platform_fingerprint() -> *const u8;
            fn page_size() -> usize;
            fn heap_stats(out: *mut minplat_heap_stats_t);
            fn stats(out: *mut minplat_stats_t);
            fn stack_paint(lowest: *mut c_void);
            fn stack_unused(lowest: *const c_void) -> usize;
            fn artifact_length(bytes: *const u8, capacity: usize, out: *mut usize) -> *mut minplat_error_t;

            fn check_platform(config: *const minplat_check_config_t, failed: *mut usize) -> *mut minplat_error_t;

            fn error_code(error: *const minplat_error_t) -> minplat_error_code_t;
            fn error_message(error: *const minplat_error_t, len: *mut usize) -> *const u8;
            fn error_trap_code(error: *const minplat_error_t, out: *mut minplat_trap_code_t) -> bool;
            fn trap_text(trap: u32) -> *const c_char;
            fn error_frame_count(error: *const minplat_error_t) -> usize;
            fn error_frame(error: *const minplat_error_t, index: usize, out: *mut minplat_frame_t) -> bool;
            fn error_delete(error: *mut minplat_error_t);
            fn error_new(message: *const u8, len: usize) -> *mut minplat_error_t;

            fn engine_new(out: *mut *mut minplat_engine_t) -> *mut minplat_error_t;
            fn engine_new_with(config: *const minplat_engine_config_t, out: *mut *mut minplat_engine_t) -> *mut minplat_error_t;
            fn engine_delete(engine: *mut minplat_engine_t);
            fn engine_increment_epoch(engine: *const minplat_engine_t) -> *mut minplat_error_t;
            fn store_new(
                engine: *const minplat_engine_t, data: *mut c_void, finalizer: Option<minplat_finalizer_t>,
                out: *mut *mut minplat_store_t,
            ) -> *mut minplat_error_t;
            fn store_stats(store: *const minplat_store_t, out: *mut minplat_store_stats_t);
            fn store_delete(store: *mut minplat_store_t);
            fn store_context(store: *mut minplat_store_t) -> *mut minplat_context_t;
            fn context_data(context: *const minplat_context_t) -> *mut c_void;
            fn context_set_fuel(context: *mut minplat_context_t, fuel: u64) -> *mut minplat_error_t;
            fn context_get_fuel(context: *const minplat_context_t, out: *mut u64) -> *mut minplat_error_t;
            fn context_set_epoch_deadline(context: *mut minplat_context_t, ticks: u64) -> *mut minplat_error_t;
            fn store_set_limits(store: *mut minplat_store_t, limits: *const minplat_limits_t);
            fn limits_none() -> minplat_limits_t;

            fn module_load(
                engine: *const minplat_engine_t, bytes: *const u8, len: usize, out: *mut *mut minplat_module_t,
            ) -> *mut minplat_error_t;
            fn module_load_in_place(
                engine: *const minplat_engine_t, bytes: *const u8, len: usize, out: *mut *mut minplat_module_t,
            ) -> *mut minplat_error_t;
            fn module_delete(module: *mut minplat_module_t);
            fn module_import_count(module: *const minplat_module_t) -> usize;
            fn module_export_count(module: *const minplat_module_t) -> usize;
            fn module_import(
                module: *const minplat_module_t, index: usize, out: *mut *mut minplat_externtype_t,
            ) -> *mut minplat_error_t;
            fn module_export(
                module: *const minplat_module_t, index: usize, out: *mut *mut minplat_externtype_t,
            ) -> *mut minplat_error_t;

            fn externtype_module(ty: *const minplat_externtype_t, len: *mut usize) -> *const u8;
            fn externtype_name(ty: *const minplat_externtype_t, len: *mut usize) -> *const u8;
            fn externtype_kind(ty: *const minplat_externtype_t) -> minplat_extern_kind_t;
            fn externtype_param_count(ty: *const minplat_externtype_t) -> usize;
            fn externtype_result_count(ty: *const minplat_externtype_t) -> usize;
            fn externtype_param(ty: *const minplat_externtype_t, index: usize) -> minplat_kind_t;
            fn externtype_result(ty: *const minplat_externtype_t, index: usize) -> minplat_kind_t;
            fn externtype_limits(ty: *const minplat_externtype_t, out: *mut minplat_limits_type_t) -> bool;
            fn externtype_content(ty: *const minplat_externtype_t) -> minplat_kind_t;
            fn externtype_mutable(ty: *const minplat_externtype_t) -> bool;
            fn externtype_delete(ty: *mut minplat_externtype_t);

            fn linker_new(engine: *const minplat_engine_t, out: *mut *mut minplat_linker_t) -> *mut minplat_error_t;
            fn linker_delete(linker: *mut minplat_linker_t);
            fn linker_define_func(
                linker: *mut minplat_linker_t,
                module: *const u8, module_len: usize, name: *const u8, name_len: usize,
                params: *const minplat_kind_t, params_len: usize, results: *const minplat_kind_t, results_len: usize,
                callback: Option<minplat_callback_t>, env: *mut c_void, finalizer: Option<minplat_finalizer_t>,
            ) -> *mut minplat_error_t;
            fn linker_define_func_raw(
                linker: *mut minplat_linker_t,
                module: *const u8, module_len: usize, name: *const u8, name_len: usize,
                params: *const minplat_kind_t, params_len: usize, results: *const minplat_kind_t, results_len: usize,
                callback: Option<minplat_raw_callback_t>, env: *mut c_void, finalizer: Option<minplat_finalizer_t>,
            ) -> *mut minplat_error_t;
            fn linker_allow_shadowing(linker: *mut minplat_linker_t, allow: bool);
            fn linker_get(
                linker: *const minplat_linker_t, context: *mut minplat_context_t,
                module: *const u8, module_len: usize, name: *const u8, name_len: usize, out: *mut minplat_extern_t,
            ) -> *mut minplat_error_t;
            fn linker_define(
                linker: *mut minplat_linker_t, context: *const minplat_context_t,
                module: *const u8, module_len: usize, name: *const u8, name_len: usize, item: *const minplat_extern_t,
            ) -> *mut minplat_error_t;
            fn linker_define_instance(
                linker: *mut minplat_linker_t, context: *mut minplat_context_t,
                module: *const u8, module_len: usize, instance: *const minplat_instance_t,
            ) -> *mut minplat_error_t;
            fn linker_instantiate(
                linker: *const minplat_linker_t, context: *mut minplat_context_t, module: *const minplat_module_t,
                out: *mut minplat_instance_t,
            ) -> *mut minplat_error_t;

            fn caller_context(caller: *mut minplat_caller_t) -> *mut minplat_context_t;
            fn caller_export(
                caller: *mut minplat_caller_t, name: *const u8, name_len: usize, out: *mut minplat_extern_t,
            ) -> bool;
            fn instance_export(
                context: *mut minplat_context_t, instance: *const minplat_instance_t, name: *const u8, name_len: usize,
                out: *mut minplat_extern_t,
            ) -> bool;

            fn func_call(
                context: *mut minplat_context_t, func: *const minplat_func_t,
                args: *const minplat_value_t, args_len: usize, results: *mut minplat_value_t, results_len: usize,
            ) -> *mut minplat_error_t;
            fn func_new(
                context: *mut minplat_context_t,
                params: *const minplat_kind_t, params_len: usize, results: *const minplat_kind_t, results_len: usize,
                callback: Option<minplat_callback_t>, env: *mut c_void, finalizer: Option<minplat_finalizer_t>,
                out: *mut minplat_func_t,
            ) -> *mut minplat_error_t;
            fn func_new_raw(
                context: *mut minplat_context_t,
                params: *const minplat_kind_t, params_len: usize, results: *const minplat_kind_t, results_len: usize,
                callback: Option<minplat_raw_callback_t>, env: *mut c_void, finalizer: Option<minplat_finalizer_t>,
                out: *mut minplat_func_t,
            ) -> *mut minplat_error_t;
            fn func_to_raw(context: *mut minplat_context_t, func: *const minplat_func_t) -> *mut c_void;
            fn func_from_raw(
                context: *mut minplat_context_t, raw: *mut c_void, out: *mut minplat_func_t,
            ) -> *mut minplat_error_t;
            fn func_prepare(
                context: *const minplat_context_t, func: *const minplat_func_t,
                params: *const minplat_kind_t, params_len: usize, results: *const minplat_kind_t, results_len: usize,
                out: *mut minplat_prepared_t,
            ) -> *mut minplat_error_t;
            fn prepared_call(
                context: *mut minplat_context_t, prepared: *const minplat_prepared_t,
                values: *mut minplat_raw_t, values_len: usize,
            ) -> *mut minplat_error_t;
            fn func_type(
                context: *const minplat_context_t, func: *const minplat_func_t, out: *mut *mut minplat_externtype_t,
            ) -> *mut minplat_error_t;

            fn memory_data(context: *mut minplat_context_t, memory: *const minplat_memory_t, len: *mut usize) -> *mut u8;
            fn memory_size(context: *const minplat_context_t, memory: *const minplat_memory_t) -> u64;
            fn memory_grow(
                context: *mut minplat_context_t, memory: *const minplat_memory_t, delta: u64, previous: *mut u64,
            ) -> *mut minplat_error_t;
            fn memory_new(
                context: *mut minplat_context_t, ty: *const minplat_limits_type_t, out: *mut minplat_memory_t,
            ) -> *mut minplat_error_t;

            fn table_size(context: *const minplat_context_t, table: *const minplat_table_t) -> u64;
            fn table_get(
                context: *mut minplat_context_t, table: *const minplat_table_t, index: u64, out: *mut minplat_value_t,
            ) -> *mut minplat_error_t;
            fn table_set(
                context: *mut minplat_context_t, table: *const minplat_table_t, index: u64, value: *const minplat_value_t,
            ) -> *mut minplat_error_t;
            fn table_grow(
                context: *mut minplat_context_t, table: *const minplat_table_t, delta: u64, init: *const minplat_value_t,
                previous: *mut u64,
            ) -> *mut minplat_error_t;
            fn table_new(
                context: *mut minplat_context_t, element: minplat_kind_t, ty: *const minplat_limits_type_t,
                init: *const minplat_value_t, out: *mut minplat_table_t,
            ) -> *mut minplat_error_t;

            fn global_get(
                context: *mut minplat_context_t, global: *const minplat_global_t, out: *mut minplat_value_t,
            ) -> *mut minplat_error_t;
            fn global_set(
                context: *mut minplat_context_t, global: *const minplat_global_t, value: *const minplat_value_t,
            ) -> *mut minplat_error_t;
            fn global_new(
                context: *mut minplat_context_t, content: minplat_kind_t, mutable: bool, init: *const minplat_value_t,
                out: *mut minplat_global_t,
            ) -> *mut minplat_error_t;

            fn error_frames_truncated(error: *const minplat_error_t) -> bool;
            fn instance_export_at(
                context: *mut minplat_context_t, instance: *const minplat_instance_t, index: usize, name: *mut *const u8,
                name_len: *mut usize, export: *mut minplat_extern_t,
            ) -> bool;
            fn instance_new(
                context: *mut minplat_context_t, module: *const minplat_module_t, imports: *const minplat_extern_t,
                imports_len: usize, instance: *mut minplat_instance_t,
            ) -> *mut minplat_error_t;
            fn extern_type(
                context: *const minplat_context_t, item: *const minplat_extern_t, ty: *mut *mut minplat_externtype_t,
            ) -> *mut minplat_error_t;
            fn linker_define_import(
                linker: *mut minplat_linker_t, import: *const minplat_externtype_t, callback: Option<minplat_callback_t>,
                env: *mut c_void, finalizer: Option<minplat_finalizer_t>,
            ) -> *mut minplat_error_t;
            fn linker_define_import_raw(
                linker: *mut minplat_linker_t, import: *const minplat_externtype_t,
                callback: Option<minplat_raw_callback_t>, env: *mut c_void, finalizer: Option<minplat_finalizer_t>,
            ) -> *mut minplat_error_t;
            fn memory_range(
                context: *mut minplat_context_t, memory: *const minplat_memory_t, address: u64, len: u64,
            ) -> *mut u8;
            fn module_section_count(module: *const minplat_module_t) -> usize;
            fn module_section(module: *const minplat_module_t, index: usize, section: *mut minplat_section_t) -> bool;
            fn externref_new(
                context: *mut minplat_context_t, data: *mut c_void, finalizer: Option<minplat_finalizer_t>,
                reference: *mut minplat_ref_t,
            ) -> *mut minplat_error_t;
            fn externref_data(
                context: *const minplat_context_t, reference: *const minplat_ref_t, data: *mut *mut c_void,
            ) -> *mut minplat_error_t;
            fn anyref_heap(
                context: *const minplat_context_t, reference: *const minplat_ref_t, heap: *mut minplat_heap_t,
            ) -> *mut minplat_error_t;
            fn i31_new(context: *mut minplat_context_t, value: i32, reference: *mut minplat_ref_t) -> *mut minplat_error_t;
            fn i31_get(
                context: *const minplat_context_t, reference: *const minplat_ref_t, value: *mut i32,
            ) -> *mut minplat_error_t;
            fn anyref_len(
                context: *const minplat_context_t, reference: *const minplat_ref_t, len: *mut u32,
            ) -> *mut minplat_error_t;
            fn anyref_get(
                context: *mut minplat_context_t, reference: *const minplat_ref_t, index: u32, value: *mut minplat_value_t,
            ) -> *mut minplat_error_t;
            fn ref_equal(
                context: *const minplat_context_t, one: *const minplat_ref_t, other: *const minplat_ref_t, equal: *mut bool,
            ) -> *mut minplat_error_t;
            fn ref_to_raw(
                context: *mut minplat_context_t, reference: *const minplat_ref_t, raw: *mut minplat_raw_t,
            ) -> *mut minplat_error_t;
            fn ref_from_raw(
                context: *mut minplat_context_t, kind: minplat_kind_t, raw: *const minplat_raw_t, value: *mut minplat_value_t,
            ) -> *mut minplat_error_t;
            fn scope_enter(context: *mut minplat_context_t, scope: *mut minplat_scope_t) -> *mut minplat_error_t;
            fn scope_leave(scope: *mut minplat_scope_t);
            fn root_new(
                context: *mut minplat_context_t, value: *const minplat_value_t, root: *mut *mut minplat_root_t,
            ) -> *mut minplat_error_t;
            fn root_get(
                context: *mut minplat_context_t, root: *const minplat_root_t, value: *mut minplat_value_t,
            ) -> *mut minplat_error_t;
            fn root_delete(root: *mut minplat_root_t);
            fn context_collect(context: *mut minplat_context_t) -> *mut minplat_error_t;
            fn exception_new(
                context: *mut minplat_context_t, tag: *const minplat_tag_t, values: *const minplat_value_t,
                values_len: usize, exception: *mut minplat_ref_t,
            ) -> *mut minplat_error_t;
            fn throw(context: *mut minplat_context_t, exception: *const minplat_ref_t) -> *mut minplat_error_t;
            fn context_take_exception(context: *mut minplat_context_t, exception: *mut minplat_ref_t) -> *mut minplat_error_t;
            fn exception_tag(
                context: *mut minplat_context_t, exception: *const minplat_ref_t, tag: *mut minplat_tag_t,
            ) -> *mut minplat_error_t;
            fn exception_len(
                context: *const minplat_context_t, exception: *const minplat_ref_t, len: *mut usize,
            ) -> *mut minplat_error_t;
            fn exception_get(
                context: *mut minplat_context_t, exception: *const minplat_ref_t, index: usize, value: *mut minplat_value_t,
            ) -> *mut minplat_error_t;
            fn tag_new(
                context: *mut minplat_context_t, params: *const minplat_kind_t, params_len: usize, tag: *mut minplat_tag_t,
            ) -> *mut minplat_error_t;
            fn tag_equal(context: *const minplat_context_t, one: *const minplat_tag_t, other: *const minplat_tag_t) -> bool;
            fn externtype_param_type(ty: *const minplat_externtype_t, index: usize, to: *mut minplat_valtype_t) -> bool;
            fn externtype_result_type(ty: *const minplat_externtype_t, index: usize, to: *mut minplat_valtype_t) -> bool;
            fn externtype_content_type(ty: *const minplat_externtype_t, to: *mut minplat_valtype_t) -> bool;
        }
    };
}
