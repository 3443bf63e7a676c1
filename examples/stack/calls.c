/*
 * The calls that have no column of their own: those that make things without a linker, ask, read, write, grow and end, and
 * refusals, whose texts are made on the stack too.
 */
#include "gauge.h"

#include <string.h>

static minplat_extern_t memory, leaf, again;
static minplat_prepared_t prepared;
static minplat_table_t table;
static minplat_externtype_t *exported[4];
static minplat_error_t *failure;

/* As an import or a callback; never called. */
static minplat_error_t *nothing(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                                minplat_value_t *results, size_t results_len) {
    (void)env, (void)caller, (void)args, (void)args_len, (void)results, (void)results_len;
    return NULL;
}
static minplat_error_t *raw_nothing(void *env, minplat_caller_t *caller, minplat_raw_t *values, size_t values_len) {
    (void)env, (void)caller, (void)values, (void)values_len;
    return NULL;
}

/* Reads the text of an error, as firmware would. */
static minplat_error_t *told(minplat_error_t *error) {
    size_t len;
    minplat_error_message(error, &len);
    return error;
}

/* ------------------------------------------------------------------------------------------- engines and modules */

static minplat_error_t *engine_with(void) {
    minplat_engine_config_t config = {.native_stack = 4096};
    minplat_engine_t *engine;
    minplat_error_t *error = minplat_engine_new_with(&config, &engine);
    if (!error)
        minplat_engine_delete(engine);
    return error;
}
static minplat_error_t *engine_refused(void) {
    minplat_engine_config_t config = {.native_stack = 1};
    minplat_engine_t *engine;
    return told(minplat_engine_new_with(&config, &engine));
}
static minplat_error_t *increment_epoch(void) { return minplat_engine_increment_epoch(guest.engine); }
static minplat_error_t *artifact_length(void) {
    size_t len;
    return minplat_artifact_length(minplat_stack_start, minplat_stack_size, &len);
}
static minplat_error_t *load_in_place(void) {
    minplat_module_t *module;
    minplat_error_t *error = minplat_module_load_in_place(guest.engine, minplat_stack_start, minplat_stack_size, &module);
    if (!error)
        minplat_module_delete(module);
    return error;
}
static minplat_error_t *load_cut(void) {
    minplat_module_t *module;
    return told(minplat_module_load(guest.engine, minplat_stack_start, minplat_stack_size - 1, &module));
}
static minplat_error_t *load_nothing(void) {
    minplat_module_t *module;
    return told(minplat_module_load(guest.engine, TEXT("no artifact of minplat-compile at all, though as long as one might be"), &module));
}
static minplat_error_t *module_types(void) {
    minplat_externtype_t *type;
    minplat_error_t *error = minplat_module_import(guest.module, 0, &type);
    if (error)
        return error;
    minplat_externtype_delete(type);
    for (size_t i = 0; i < 4 && !error; i++)
        error = minplat_module_export(guest.module, i, &exported[i]);
    return error;
}
static minplat_error_t *module_counts(void) {
    (void)(minplat_module_import_count(guest.module) + minplat_module_export_count(guest.module));
    return NULL;
}
/* What there is to ask of types, a memory's and functions', and their end. */
static minplat_error_t *type_names(void) {
    size_t len;
    for (size_t i = 0; i < 4; i++) {
        minplat_externtype_module(exported[i], &len);
        minplat_externtype_name(exported[i], &len);
        minplat_externtype_kind(exported[i]);
        minplat_externtype_param_count(exported[i]);
        minplat_externtype_result_count(exported[i]);
        minplat_externtype_mutable(exported[i]);
    }
    return NULL;
}
static minplat_error_t *type_content(void) {
    minplat_valtype_t of;
    minplat_limits_type_t limits;
    for (size_t i = 0; i < 4; i++) {
        minplat_externtype_param(exported[i], 0);
        minplat_externtype_result(exported[i], 0);
        minplat_externtype_param_type(exported[i], 0, &of);
        minplat_externtype_result_type(exported[i], 0, &of);
        minplat_externtype_content_type(exported[i], &of);
        minplat_externtype_content(exported[i]);
        minplat_externtype_limits(exported[i], &limits);
    }
    return NULL;
}
static minplat_error_t *type_delete(void) {
    for (size_t i = 0; i < 4; i++)
        minplat_externtype_delete(exported[i]);
    return NULL;
}
/* The same of an error. */
static minplat_error_t *error_new(void) { return failure = call("trap"), NULL; }
static minplat_error_t *error_read(void) {
    minplat_trap_code_t code;
    minplat_error_code(failure);
    minplat_error_trap_code(failure, &code);
    minplat_trap_text(code);
    minplat_error_frame_count(failure);
    minplat_error_frames_truncated(failure);
    return NULL;
}
static minplat_error_t *error_message(void) { return told(failure), NULL; }
static minplat_error_t *error_frame(void) {
    minplat_frame_t frame;
    minplat_error_frame(failure, 0, &frame);
    return NULL;
}
static minplat_error_t *error_made(void) {
    minplat_error_delete(failure);
    minplat_error_delete(minplat_error_new(TEXT("a host function's own")));
    return NULL;
}
static minplat_error_t *module_section(void) {
    minplat_section_t section;
    minplat_module_section(guest.module, minplat_module_section_count(guest.module), &section);
    return NULL;
}

/* ------------------------------------------------------------------------------------------- linkers and instances */

static minplat_error_t *linker_get(void) {
    minplat_error_t *error = minplat_linker_get(guest.linker, guest.context, TEXT("host"), TEXT("leaf"), &leaf);
    return error ? error : minplat_linker_get(guest.linker, guest.context, TEXT("host"), TEXT("again"), &again);
}
static minplat_error_t *linker_get_nothing(void) {
    minplat_extern_t found;
    return told(minplat_linker_get(guest.linker, guest.context, TEXT("host"), TEXT("nobody"), &found));
}
static minplat_error_t *linker_define(void) {
    return minplat_linker_define(guest.linker, guest.context, TEXT("other"), TEXT("leaf"), &leaf);
}
static minplat_error_t *linker_define_twice(void) { return told(linker_define()); }
static minplat_error_t *linker_define_raw(void) {
    const minplat_kind_t kinds[] = {MINPLAT_I32, MINPLAT_I64};
    return minplat_linker_define_func_raw(guest.linker, TEXT("other"), TEXT("raw"), kinds, 2, kinds, 1, raw_nothing, NULL, NULL);
}
static minplat_error_t *linker_define_import(void) {
    minplat_externtype_t *import;
    minplat_error_t *error = minplat_module_import(guest.module, 0, &import);
    if (error)
        return error;
    minplat_linker_allow_shadowing(guest.linker, true);
    error = minplat_linker_define_import(guest.linker, import, nothing, NULL, NULL);
    if (!error)
        error = minplat_linker_define_import_raw(guest.linker, import, raw_nothing, NULL, NULL);
    minplat_externtype_delete(import);
    return error;
}
static minplat_error_t *linker_define_instance(void) {
    return minplat_linker_define_instance(guest.linker, guest.context, TEXT("guest"), &guest.instance);
}
static minplat_error_t *instance_new(void) {
    const minplat_extern_t imports[] = {leaf, again};
    minplat_instance_t instance;
    return minplat_instance_new(guest.context, guest.module, imports, 2, &instance);
}
static minplat_error_t *instance_new_refused(void) {
    minplat_extern_t imports[2];
    minplat_instance_t instance;
    imports[0] = leaf;
    imports[1] = memory;
    return told(minplat_instance_new(guest.context, guest.module, imports, 2, &instance));
}
static minplat_error_t *instantiate_unlinked(void) {
    minplat_linker_t *linker;
    minplat_instance_t instance;
    minplat_error_t *error = minplat_linker_new(guest.engine, &linker);
    if (error)
        return error;
    error = told(minplat_linker_instantiate(linker, guest.context, guest.module, &instance));
    minplat_linker_delete(linker);
    return error;
}
static minplat_error_t *instantiate_past_limits(void) {
    minplat_limits_t limits = minplat_limits_none();
    limits.instances = 0;
    minplat_store_set_limits(guest.store, &limits);
    minplat_instance_t instance;
    minplat_error_t *error = told(minplat_linker_instantiate(guest.linker, guest.context, guest.module, &instance));
    limits.instances = UINT64_MAX;
    minplat_store_set_limits(guest.store, &limits);
    return error;
}
static minplat_error_t *instance_exports(void) {
    const uint8_t *name;
    size_t len;
    minplat_extern_t found;
    for (size_t i = 0; minplat_instance_export_at(guest.context, &guest.instance, i, &name, &len, &found); i++)
        continue;
    minplat_instance_export(guest.context, &guest.instance, TEXT("memory"), &memory);
    return NULL;
}
static minplat_error_t *extern_type(void) {
    minplat_externtype_t *type;
    minplat_error_t *error = minplat_extern_type(guest.context, &memory, &type);
    if (!error)
        minplat_externtype_delete(type);
    return error;
}

/* ------------------------------------------------------------------------------------------------------ functions */

static minplat_error_t *func_new(void) {
    const minplat_kind_t kinds[] = {MINPLAT_I32, MINPLAT_I64};
    minplat_func_t func;
    minplat_externtype_t *type;
    minplat_error_t *error = minplat_func_new(guest.context, kinds, 2, kinds, 1, nothing, NULL, NULL, &func);
    if (!error)
        error = minplat_func_type(guest.context, &func, &type);
    if (!error)
        minplat_externtype_delete(type);
    return error;
}
static minplat_error_t *func_new_raw(void) {
    const minplat_kind_t kinds[] = {MINPLAT_I32, MINPLAT_I64};
    minplat_func_t func, same;
    minplat_error_t *error = minplat_func_new_raw(guest.context, kinds, 2, kinds, 1, raw_nothing, NULL, NULL, &func);
    return error ? error : minplat_func_from_raw(guest.context, minplat_func_to_raw(guest.context, &func), &same);
}
static minplat_error_t *func_prepare(void) {
    return minplat_func_prepare(guest.context, &leaf.of.func, NULL, 0, NULL, 0, &prepared);
}
static minplat_error_t *prepared_call(void) { return minplat_prepared_call(guest.context, &prepared, NULL, 0); }
static minplat_error_t *func_prepare_refused(void) {
    const minplat_kind_t kinds[] = {MINPLAT_I32};
    minplat_prepared_t other;
    return told(minplat_func_prepare(guest.context, &leaf.of.func, kinds, 1, kinds, 1, &other));
}
static minplat_error_t *func_call_refused(void) {
    minplat_value_t value = {.kind = MINPLAT_I32};
    return told(minplat_func_call(guest.context, &leaf.of.func, &value, 1, NULL, 0));
}
/* A guest without fuel, or past its deadline. */
static minplat_error_t *interrupted(void) {
    minplat_error_t *fuel = minplat_context_set_fuel(guest.context, 0);
    minplat_error_t *epoch = minplat_context_set_epoch_deadline(guest.context, 0);
    minplat_error_delete(fuel);
    minplat_error_delete(epoch);
    minplat_error_t *error = told(call("nothing"));
    minplat_error_delete(minplat_context_set_fuel(guest.context, UINT64_MAX));
    minplat_error_delete(minplat_context_set_epoch_deadline(guest.context, UINT32_MAX));
    minplat_error_code_t code = minplat_error_code(error);
    bool stopped = code == MINPLAT_ERROR_OUT_OF_FUEL || code == MINPLAT_ERROR_INTERRUPTED;
    if (!stopped || (fuel != NULL && epoch != NULL))
        return error;
    minplat_error_delete(error);
    return NULL;
}

/* ------------------------------------------------------------------------------------ memories, tables, globals, tags */

static minplat_error_t *memory_new(void) {
    const minplat_limits_type_t limits = {.minimum = 1, .maximum = 2, .page_size_log2 = 0};
    minplat_memory_t new;
    minplat_error_t *error = minplat_memory_new(guest.context, &limits, &new);
    return error ? error : minplat_memory_grow(guest.context, &new, 1, NULL);
}
static minplat_error_t *memory_grow(void) { return minplat_memory_grow(guest.context, &memory.of.memory, 1, NULL); }
static minplat_error_t *memory_grow_refused(void) {
    return told(minplat_memory_grow(guest.context, &memory.of.memory, 1000, NULL));
}
static minplat_error_t *memory_range(void) {
    size_t len;
    minplat_memory_data(guest.context, &memory.of.memory, &len);
    minplat_memory_range(guest.context, &memory.of.memory, 8, 8);
    minplat_memory_size(guest.context, &memory.of.memory);
    return NULL;
}
static minplat_error_t *table_new(void) {
    const minplat_limits_type_t limits = {.minimum = 2, .maximum = 10};
    const minplat_value_t null = {.kind = MINPLAT_FUNCREF};
    return minplat_table_new(guest.context, MINPLAT_FUNCREF, &limits, &null, &table);
}
static minplat_error_t *table_grow(void) {
    const minplat_value_t null = {.kind = MINPLAT_FUNCREF};
    return minplat_table_grow(guest.context, &table, 2, &null, NULL);
}
static minplat_error_t *table_use(void) {
    minplat_value_t value = {.kind = MINPLAT_FUNCREF};
    minplat_table_size(guest.context, &table);
    minplat_error_t *error = minplat_table_set(guest.context, &table, 3, &value);
    return error ? error : minplat_table_get(guest.context, &table, 3, &value);
}
static minplat_error_t *global_new(void) {
    minplat_value_t value = {.kind = MINPLAT_I64, .of = {.i64 = 1}};
    minplat_global_t global;
    minplat_error_t *error = minplat_global_new(guest.context, MINPLAT_I64, true, &value, &global);
    if (!error)
        error = minplat_global_set(guest.context, &global, &value);
    return error ? error : minplat_global_get(guest.context, &global, &value);
}

/* -------------------------------------------------------------------------------- what the collector has, and exceptions */

static minplat_error_t *externref(void) {
    minplat_value_t value = {.kind = MINPLAT_EXTERNREF};
    minplat_scope_t scope;
    minplat_root_t *root;
    void *data;
    memset(&scope, 0, sizeof scope);
    minplat_error_t *error = minplat_scope_enter(guest.context, &scope);
    if (!error)
        error = minplat_externref_new(guest.context, &leaf, NULL, &value.of.reference);
    if (!error)
        error = minplat_externref_data(guest.context, &value.of.reference, &data);
    if (!error)
        error = minplat_root_new(guest.context, &value, &root);
    if (!error) {
        error = minplat_root_get(guest.context, root, &value);
        minplat_root_delete(root);
    }
    minplat_scope_leave(&scope);
    return error;
}
static minplat_error_t *integer(void) {
    minplat_value_t value = {.kind = MINPLAT_ANYREF};
    minplat_raw_t raw;
    minplat_heap_t heap;
    int32_t back;
    bool equal;
    minplat_error_t *error = minplat_i31_new(guest.context, 7, &value.of.reference);
    if (!error)
        error = minplat_i31_get(guest.context, &value.of.reference, &back);
    if (!error)
        error = minplat_anyref_heap(guest.context, &value.of.reference, &heap);
    if (!error)
        error = minplat_ref_equal(guest.context, &value.of.reference, &value.of.reference, &equal);
    if (!error)
        error = minplat_ref_to_raw(guest.context, &value.of.reference, &raw);
    return error ? error : minplat_ref_from_raw(guest.context, MINPLAT_ANYREF, &raw, &value);
}
static minplat_error_t *aggregate_refused(void) {
    minplat_value_t value;
    minplat_ref_t seven;
    uint32_t len;
    minplat_error_t *error = minplat_i31_new(guest.context, 7, &seven);
    if (error)
        return error;
    minplat_error_delete(told(minplat_anyref_len(guest.context, &seven, &len)));
    return told(minplat_anyref_get(guest.context, &seven, 0, &value));
}
static minplat_error_t *collect(void) { return minplat_context_collect(guest.context); }
static minplat_tag_t tag;
static minplat_ref_t thrown;
static minplat_error_t *tag_new(void) {
    const minplat_kind_t kinds[] = {MINPLAT_I32};
    minplat_error_t *error = minplat_tag_new(guest.context, kinds, 1, &tag);
    minplat_tag_equal(guest.context, &tag, &tag);
    return error;
}
static minplat_error_t *exception_new(void) {
    const minplat_value_t value = {.kind = MINPLAT_I32};
    return minplat_exception_new(guest.context, &tag, &value, 1, &thrown);
}
static minplat_error_t *throw(void) { return told(minplat_throw(guest.context, &thrown)); }
static minplat_error_t *exception_read(void) {
    minplat_value_t carried;
    minplat_tag_t same;
    size_t len;
    minplat_error_t *error = minplat_context_take_exception(guest.context, &thrown);
    if (!error)
        error = minplat_exception_tag(guest.context, &thrown, &same);
    if (!error)
        error = minplat_exception_len(guest.context, &thrown, &len);
    return error ? error : minplat_exception_get(guest.context, &thrown, 0, &carried);
}

/* -------------------------------------------------------------------------------------------------- figures, and the end */

static minplat_error_t *stats(void) {
    minplat_stats_t library;
    minplat_store_stats_t store;
    minplat_heap_stats_t heap;
    minplat_stats(&library);
    minplat_store_stats(guest.store, &store);
    minplat_heap_stats(&heap);
    return NULL;
}
static minplat_error_t *about(void) {
    minplat_version();
    minplat_wasmtime_major();
    minplat_platform_name();
    minplat_platform_fingerprint();
    minplat_page_size();
    minplat_context_data(guest.context);
    minplat_limits_none();
    return NULL;
}
static minplat_error_t *limits_set(void) {
    minplat_limits_t limits = minplat_limits_none();
    minplat_store_set_limits(guest.store, &limits);
    return NULL;
}
static minplat_error_t *fuel_set(void) { return minplat_context_set_fuel(guest.context, UINT64_MAX); }
static minplat_error_t *deadline_set(void) { return minplat_context_set_epoch_deadline(guest.context, UINT32_MAX); }
static minplat_error_t *fuel_left(void) {
    uint64_t fuel;
    return minplat_context_get_fuel(guest.context, &fuel);
}
static minplat_error_t *init(void) {
    minplat_config_t config;
    memset(&config, 0, sizeof config);
    return minplat_init(&config);
}
static minplat_error_t *linker_delete(void) { return minplat_linker_delete(guest.linker), NULL; }
static minplat_error_t *module_delete(void) { return minplat_module_delete(guest.module), NULL; }
static minplat_error_t *store_delete(void) { return minplat_store_delete(guest.store), NULL; }
static minplat_error_t *engine_delete(void) { return minplat_engine_delete(guest.engine), NULL; }

/* Each by the functions that it calls, and what comes of it if that is no success. */
const named_call_t other_calls[] = {
    {"minplat_init", init, MINPLAT_OK},
    {"minplat_version, minplat_wasmtime_major, minplat_platform_name, minplat_platform_fingerprint, minplat_page_size, "
     "minplat_context_data, minplat_limits_none", about, MINPLAT_OK},
    {"minplat_engine_new_with", engine_with, MINPLAT_OK},
    {"minplat_engine_new_with, refused", engine_refused, MINPLAT_ERROR_ARGUMENT},
    {"minplat_engine_increment_epoch", increment_epoch, MINPLAT_OK},
    {"minplat_artifact_length", artifact_length, MINPLAT_OK},
    {"minplat_module_load_in_place", load_in_place, MINPLAT_OK},
    {"minplat_module_load, damaged", load_cut, MINPLAT_ERROR_ARTIFACT_DAMAGED},
    {"minplat_module_load, refused", load_nothing, MINPLAT_ERROR_WRONG_FORMAT},
    {"minplat_module_import, minplat_module_export", module_types, MINPLAT_OK},
    {"minplat_module_import_count, minplat_module_export_count", module_counts, MINPLAT_OK},
    {"minplat_externtype_module, minplat_externtype_name, minplat_externtype_kind, minplat_externtype_param_count, "
     "minplat_externtype_result_count, minplat_externtype_mutable", type_names, MINPLAT_OK},
    {"minplat_externtype_param, minplat_externtype_result, minplat_externtype_param_type, minplat_externtype_result_type, "
     "minplat_externtype_content_type, minplat_externtype_content, minplat_externtype_limits", type_content, MINPLAT_OK},
    {"minplat_externtype_delete", type_delete, MINPLAT_OK},
    {"minplat_module_section, minplat_module_section_count", module_section, MINPLAT_OK},
    {"minplat_instance_export, minplat_instance_export_at", instance_exports, MINPLAT_OK},
    {"minplat_extern_type", extern_type, MINPLAT_OK},
    {"minplat_func_call, trap that is kept", error_new, MINPLAT_OK},
    {"minplat_error_code, minplat_error_trap_code, minplat_trap_text, minplat_error_frame_count, "
     "minplat_error_frames_truncated", error_read, MINPLAT_OK},
    {"minplat_error_message", error_message, MINPLAT_OK},
    {"minplat_error_frame", error_frame, MINPLAT_OK},
    {"minplat_error_new, minplat_error_delete", error_made, MINPLAT_OK},
    {"minplat_linker_get", linker_get, MINPLAT_OK},
    {"minplat_linker_get, refused", linker_get_nothing, MINPLAT_ERROR_NOT_FOUND},
    {"minplat_linker_define", linker_define, MINPLAT_OK},
    {"minplat_linker_define, refused", linker_define_twice, MINPLAT_ERROR_LINK},
    {"minplat_linker_define_func_raw", linker_define_raw, MINPLAT_OK},
    {"minplat_linker_define_instance", linker_define_instance, MINPLAT_OK},
    {"minplat_instance_new", instance_new, MINPLAT_OK},
    {"minplat_instance_new, refused", instance_new_refused, MINPLAT_ERROR_LINK},
    {"minplat_linker_instantiate, unlinked", instantiate_unlinked, MINPLAT_ERROR_LINK},
    {"minplat_store_set_limits", limits_set, MINPLAT_OK},
    {"minplat_linker_instantiate, refused", instantiate_past_limits, MINPLAT_ERROR_LIMIT},
    {"minplat_linker_define_import, minplat_linker_define_import_raw, minplat_linker_allow_shadowing", linker_define_import,
     MINPLAT_OK},
    {"minplat_func_new, minplat_func_type", func_new, MINPLAT_OK},
    {"minplat_func_new_raw, minplat_func_from_raw, minplat_func_to_raw", func_new_raw, MINPLAT_OK},
    {"minplat_func_prepare", func_prepare, MINPLAT_OK},
    {"minplat_func_prepare, refused", func_prepare_refused, MINPLAT_ERROR_TYPE},
    {"minplat_prepared_call", prepared_call, MINPLAT_OK},
    {"minplat_func_call, refused", func_call_refused, MINPLAT_ERROR_TYPE},
    {"minplat_context_get_fuel", fuel_left, MINPLAT_OK},
    {"minplat_context_set_fuel", fuel_set, MINPLAT_OK},
    {"minplat_context_set_epoch_deadline", deadline_set, MINPLAT_OK},
    {"minplat_func_call, interrupted", interrupted, MINPLAT_OK},
    {"minplat_memory_new", memory_new, MINPLAT_OK},
    {"minplat_memory_grow", memory_grow, MINPLAT_OK},
    {"minplat_memory_grow, refused", memory_grow_refused, MINPLAT_ERROR_LIMIT},
    {"minplat_memory_data, minplat_memory_range, minplat_memory_size", memory_range, MINPLAT_OK},
    {"minplat_table_new", table_new, MINPLAT_OK},
    {"minplat_table_grow", table_grow, MINPLAT_OK},
    {"minplat_table_get, minplat_table_set, minplat_table_size", table_use, MINPLAT_OK},
    {"minplat_global_new, minplat_global_get, minplat_global_set", global_new, MINPLAT_OK},
    {"minplat_externref_new, minplat_externref_data, minplat_root_new, minplat_root_get, minplat_root_delete, "
     "minplat_scope_enter, minplat_scope_leave", externref, MINPLAT_OK},
    {"minplat_i31_new, minplat_i31_get, minplat_anyref_heap, minplat_ref_equal, minplat_ref_to_raw, minplat_ref_from_raw",
     integer, MINPLAT_OK},
    {"minplat_anyref_len, minplat_anyref_get, refused", aggregate_refused, MINPLAT_ERROR_TYPE},
    {"minplat_tag_new, minplat_tag_equal", tag_new, MINPLAT_OK},
    {"minplat_exception_new", exception_new, MINPLAT_OK},
    {"minplat_throw", throw, MINPLAT_ERROR_EXCEPTION},
    {"minplat_context_take_exception, minplat_exception_tag, minplat_exception_len, minplat_exception_get", exception_read,
     MINPLAT_OK},
    {"minplat_context_collect", collect, MINPLAT_OK},
    {"minplat_stats, minplat_store_stats, minplat_heap_stats", stats, MINPLAT_OK},
    {"minplat_linker_delete", linker_delete, MINPLAT_OK},
    {"minplat_module_delete", module_delete, MINPLAT_OK},
    {"minplat_store_delete", store_delete, MINPLAT_OK},
    {"minplat_engine_delete", engine_delete, MINPLAT_OK},
};
const size_t other_calls_len = sizeof other_calls / sizeof other_calls[0];
