/*
 * Calls every function of minplat.h and compares what it says with what its documentation promises.
 *
 *   cc api.c -I PREFIX/include -L PREFIX/lib -lminplat PREFIX/include/wasmtime-platform.c; ./a.out api.cwasm
 *
 * `run.sh` beside it does that for one platform. Every line that fails names itself; the last line counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "minplat.h"

static int passed, failed;

#define CHECK(condition) check(condition, __LINE__, #condition)
static void check(bool holds, int line, const char *condition) {
    if (holds) {
        passed++;
    } else {
        failed++;
        printf("api.c:%d: not so: %s\n", line, condition);
    }
}

#define TEXT(text) (const uint8_t *)text, sizeof text - 1

/* Whether the error has this code and, unless NULL, this in its text; deletes it. */
static bool is(minplat_error_t *error, minplat_error_code_t code, const char *part) {
    size_t len = 0;
    const uint8_t *text = minplat_error_message(error, &len);
    char *copy = calloc(1, len + 1);
    memcpy(copy, text, text ? len : 0);
    bool fits = minplat_error_code(error) == code && (!part || strstr(copy, part));
    if (!fits)
        printf("  got error %u: %s\n", minplat_error_code(error), copy);
    free(copy);
    minplat_error_delete(error);
    return fits;
}
#define OK(call) CHECK(is(call, MINPLAT_OK, NULL))
#define FAILS(call, code, part) CHECK(is(call, MINPLAT_ERROR_##code, part))

static minplat_value_t i32(int32_t n) { return (minplat_value_t){.kind = MINPLAT_I32, .of = {.i32 = n}}; }
static minplat_value_t i64(int64_t n) { return (minplat_value_t){.kind = MINPLAT_I64, .of = {.i64 = n}}; }
static minplat_value_t f32(float n) { return (minplat_value_t){.kind = MINPLAT_F32, .of = {.f32 = n}}; }
static minplat_value_t f64(double n) { return (minplat_value_t){.kind = MINPLAT_F64, .of = {.f64 = n}}; }

static minplat_engine_t *engine;
static minplat_store_t *store;
static minplat_context_t *context;
static minplat_linker_t *linker;
static minplat_module_t *module;
static minplat_instance_t instance;
static int finalized;

static void finalize(void *env) { finalized += env == &finalized; }

/* -------------------------------------------------------------------------------------------------- host functions */

static minplat_error_t *add(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                            minplat_value_t *results, size_t results_len) {
    CHECK(env == &finalized && args_len == 4 && results_len == 1);
    CHECK(args[0].kind == MINPLAT_I32 && args[1].kind == MINPLAT_I64 && args[2].kind == MINPLAT_F32 &&
          args[3].kind == MINPLAT_F64 && results[0].kind == MINPLAT_F64 && results[0].of.f64 == 0);
    CHECK(minplat_context_data(minplat_caller_context(caller)) == &store);
    results[0].of.f64 = args[0].of.i32 + (double)args[1].of.i64 + args[2].of.f32 + args[3].of.f64;
    return NULL;
}

static minplat_error_t *swap(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                             minplat_value_t *results, size_t results_len) {
    (void)env, (void)caller, (void)args_len, (void)results_len;
    results[0].of = args[1].of;
    results[1].of = args[0].of;
    results[1].of.v128[15] ^= 0xff;
    return NULL;
}

/* A byte of the caller's memory; calls back into the guest on the way. */
static minplat_error_t *peek(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                             minplat_value_t *results, size_t results_len) {
    (void)env, (void)args_len, (void)results_len;
    minplat_context_t *here = minplat_caller_context(caller);
    minplat_extern_t memory, seven;
    CHECK(minplat_caller_export(caller, TEXT("memory"), &memory) && memory.kind == MINPLAT_EXTERN_MEMORY);
    CHECK(!minplat_caller_export(caller, TEXT("nothing"), &seven));
    CHECK(minplat_caller_export(caller, TEXT("seven"), &seven) && seven.kind == MINPLAT_EXTERN_FUNC);
    minplat_value_t answer;
    OK(minplat_func_call(here, &seven.of.func, NULL, 0, &answer, 1));
    CHECK(answer.of.i32 == 7);
    size_t len;
    const uint8_t *bytes = minplat_memory_data(here, &memory.of.memory, &len);
    if ((uint32_t)args[0].of.i32 >= len)
        return minplat_error_new(TEXT("there is no such byte"));
    if (args[0].of.i32 == 99) /* an error of the wrong kind of result */
        results[0].kind = MINPLAT_I64;
    results[0].of.i32 = bytes[args[0].of.i32];
    return NULL;
}

static minplat_error_t *fail(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                             minplat_value_t *results, size_t results_len) {
    (void)env, (void)args, (void)args_len, (void)results, (void)results_len;
    /* A trap in a call from here goes through the outer guest as it is. */
    minplat_extern_t divide;
    CHECK(minplat_caller_export(caller, TEXT("divide"), &divide));
    minplat_value_t numbers[] = {i32(1), i32(0)};
    return minplat_func_call(minplat_caller_context(caller), &divide.of.func, numbers, 2, numbers, 1);
}

static minplat_error_t *many(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                             minplat_value_t *results, size_t results_len) {
    (void)env, (void)caller;
    for (size_t i = 0; i < args_len; i++)
        results[results_len - 1 - i].of.i32 = args[i].of.i32 + 1;
    return NULL;
}

static minplat_error_t *define(const char *name, const char *params, const char *results, minplat_callback_t callback) {
    minplat_kind_t kinds[2][16];
    for (size_t i = 0; i < strlen(params); i++)
        kinds[0][i] = (minplat_kind_t)(params[i] - '0');
    for (size_t i = 0; i < strlen(results); i++)
        kinds[1][i] = (minplat_kind_t)(results[i] - '0');
    return minplat_linker_define_func(linker, TEXT("host"), (const uint8_t *)name, strlen(name), kinds[0], strlen(params),
                                      kinds[1], strlen(results), callback, &finalized, finalize);
}

static void define_all(const char *results_of_add) {
    OK(define("add", "0123", results_of_add, add));
    OK(define("swap", "45", "54", swap));
    OK(define("peek", "0", "0", peek));
    OK(define("fail", "", "", fail));
    OK(define("many", "0000000000", "0000000000", many));
}

/* ----------------------------------------------------------------------------------------------------------- parts */

static minplat_extern_t export(const char *name) {
    minplat_extern_t found = {.kind = MINPLAT_EXTERN_NONE};
    CHECK(minplat_instance_export(context, &instance, (const uint8_t *)name, strlen(name), &found));
    return found;
}

static minplat_error_t *call(const char *name, minplat_value_t *args, size_t args_len, minplat_value_t *results,
                             size_t results_len) {
    minplat_extern_t found = export(name);
    return minplat_func_call(context, &found.of.func, args, args_len, results, results_len);
}

static void loading(uint8_t *bytes, size_t len) {
    minplat_module_t *none = NULL;
    uint8_t *copy = malloc(len);
    memcpy(copy, bytes, len);
    copy[len / 2] ^= 1;
    FAILS(minplat_module_load(engine, copy, len, &none), ARTIFACT_DAMAGED, "damaged");
    FAILS(minplat_module_load(engine, bytes, len - 1, &none), ARTIFACT_DAMAGED, "damaged");
    FAILS(minplat_module_load(engine, TEXT("\0asm\1\0\0\0"), &none), WRONG_FORMAT, "minplat-compile");
    FAILS(minplat_module_load(engine, TEXT("hello, world"), &none), WRONG_FORMAT, NULL);
    FAILS(minplat_module_load(engine, NULL, 0, &none), WRONG_FORMAT, "empty");
    FAILS(minplat_module_load(engine, NULL, 1, &none), ARGUMENT, "NULL");
    FAILS(minplat_module_load(NULL, bytes, len, &none), ARGUMENT, "NULL");
    FAILS(minplat_module_load(engine, bytes, len, NULL), ARGUMENT, "NULL");
    CHECK(none == NULL);
    free(copy);

    OK(minplat_module_load(engine, bytes, len, &module));
    /* In place, a padded slot behind it; off a page native code is refused. */
    size_t page = minplat_page_size() ? minplat_page_size() : 4096;
    size_t slot = (len + 2 * page) / page * page;
    uint8_t *flash = aligned_alloc(page, slot + page);
    memset(flash, 0xff, slot);
    memcpy(flash, bytes, len);
    OK(minplat_module_load_in_place(engine, flash, slot, &none));
    minplat_module_delete(none);
    memmove(flash + 8, flash, len);
    FAILS(minplat_module_load_in_place(engine, flash + 8, len, &none), MISALIGNED, "aligned");
    free(flash);
}

static void reflection(void) {
    CHECK(minplat_module_import_count(module) == 5 && minplat_module_import_count(NULL) == 0);
    CHECK(minplat_module_export_count(module) == 20 && minplat_module_export_count(NULL) == 0);
    minplat_externtype_t *type;
    minplat_limits_type_t limits;
    size_t len;
    OK(minplat_module_import(module, 0, &type));
    CHECK(minplat_externtype_kind(type) == MINPLAT_EXTERN_FUNC);
    const uint8_t *name = minplat_externtype_module(type, &len);
    CHECK(len == 4 && !memcmp(name, "host", 4));
    name = minplat_externtype_name(type, &len);
    CHECK(len == 3 && !memcmp(name, "add", 3));
    CHECK(minplat_externtype_param_count(type) == 4 && minplat_externtype_result_count(type) == 1);
    CHECK(minplat_externtype_param(type, 2) == MINPLAT_F32 && minplat_externtype_result(type, 0) == MINPLAT_F64);
    CHECK(minplat_externtype_param(type, 4) == MINPLAT_NO_KIND && minplat_externtype_result(type, 1) == MINPLAT_NO_KIND);
    CHECK(!minplat_externtype_limits(type, &limits) && minplat_externtype_content(type) == MINPLAT_NO_KIND);
    minplat_externtype_delete(type);
    OK(minplat_module_import(module, 1, &type));
    CHECK(minplat_externtype_param(type, 0) == MINPLAT_V128 && minplat_externtype_result(type, 0) == MINPLAT_FUNCREF);
    minplat_externtype_delete(type);
    FAILS(minplat_module_import(module, 5, &type), NOT_FOUND, NULL);
    FAILS(minplat_module_export(module, 20, &type), NOT_FOUND, NULL);
    FAILS(minplat_module_import(module, 0, NULL), ARGUMENT, "NULL");

    OK(minplat_module_export(module, 0, &type));
    CHECK(minplat_externtype_kind(type) == MINPLAT_EXTERN_MEMORY && minplat_externtype_limits(type, &limits));
    CHECK(limits.minimum == 1 && limits.maximum == 3 && limits.page_size_log2 == 16 && !limits.is_64 && !limits.is_shared);
    minplat_externtype_module(type, &len);
    CHECK(len == 0);
    minplat_externtype_delete(type);
    OK(minplat_module_export(module, 1, &type));
    CHECK(minplat_externtype_kind(type) == MINPLAT_EXTERN_TABLE && minplat_externtype_limits(type, &limits));
    CHECK(limits.minimum == 4 && limits.maximum == 8 && minplat_externtype_content(type) == MINPLAT_FUNCREF);
    minplat_externtype_delete(type);
    OK(minplat_module_export(module, 2, &type));
    CHECK(minplat_externtype_kind(type) == MINPLAT_EXTERN_GLOBAL && minplat_externtype_content(type) == MINPLAT_I64);
    CHECK(minplat_externtype_mutable(type));
    minplat_externtype_delete(type);
    OK(minplat_module_export(module, 3, &type));
    CHECK(minplat_externtype_content(type) == MINPLAT_F32 && !minplat_externtype_mutable(type));
    minplat_externtype_delete(type);
    minplat_externtype_delete(NULL);
    CHECK(minplat_externtype_kind(NULL) == MINPLAT_EXTERN_NONE && minplat_externtype_name(NULL, &len) == NULL);
}

static void linking(void) {
    minplat_instance_t none;
    FAILS(minplat_linker_instantiate(linker, context, module, &none), LINK, "add");
    define_all("0"); /* "add" has another type than the import */
    FAILS(minplat_linker_instantiate(linker, context, module, &none), LINK, "add");
    minplat_linker_delete(linker);
    CHECK(finalized == 5);
    OK(minplat_linker_new(engine, &linker));
    define_all("3");
    finalized = 0;
    FAILS(define("many", "", "", many), LINK, "many");
    FAILS(define("null", "", "", NULL), ARGUMENT, "NULL");
    FAILS(define("odd", "7", "", many), UNSUPPORTED, NULL);
    FAILS(minplat_linker_define_func(linker, TEXT("\xff"), TEXT("x"), NULL, 0, NULL, 0, many, &finalized, finalize), ARGUMENT,
          "UTF-8");
    CHECK(finalized == 4);
    finalized = 0;
    FAILS(minplat_linker_instantiate(linker, context, module, NULL), ARGUMENT, "NULL");
    OK(minplat_linker_instantiate(linker, context, module, &instance));
    minplat_engine_t *other;
    minplat_store_t *elsewhere;
    OK(minplat_engine_new(&other));
    OK(minplat_store_new(other, NULL, &elsewhere));
    FAILS(minplat_linker_instantiate(linker, minplat_store_context(elsewhere), module, &none), ARGUMENT, "engine");
    minplat_extern_t found;
    CHECK(!minplat_instance_export(minplat_store_context(elsewhere), &instance, TEXT("seven"), &found));
    CHECK(!minplat_instance_export(context, &instance, TEXT("eight"), &found));
    CHECK(!minplat_instance_export(context, NULL, TEXT("seven"), &found));
    found = export("seven");
    FAILS(minplat_func_call(minplat_store_context(elsewhere), &found.of.func, NULL, 0, NULL, 0), ARGUMENT, "another store");
    minplat_engine_delete(other);
    minplat_store_delete(elsewhere);
}

static void calling(void) {
    minplat_value_t numbers[4] = {i32(-1), i64(INT64_C(1) << 40), f32(0.5f), f64(0.25)}, result;
    OK(call("numbers", numbers, 4, &result, 1));
    CHECK(result.kind == MINPLAT_F64 && result.of.f64 == (double)(INT64_C(1) << 40) - 0.25);
    FAILS(call("numbers", numbers, 3, &result, 1), TYPE, "number of values");
    FAILS(call("numbers", numbers, 4, &result, 0), TYPE, "number of values");
    numbers[0].kind = MINPLAT_I64;
    FAILS(call("numbers", numbers, 4, &result, 1), TYPE, "type");
    minplat_extern_t seven = export("seven"), divide = export("divide");
    FAILS(minplat_func_call(context, NULL, NULL, 0, NULL, 0), ARGUMENT, "NULL");
    FAILS(minplat_func_call(NULL, &seven.of.func, NULL, 0, NULL, 0), ARGUMENT, "NULL");
    FAILS(minplat_func_call(context, &seven.of.func, NULL, 0, NULL, 1), ARGUMENT, "NULL");

    minplat_value_t swapped[2] = {{.kind = MINPLAT_V128}, {.kind = MINPLAT_FUNCREF}}, back[2];
    for (int i = 0; i < 16; i++)
        swapped[0].of.v128[i] = (uint8_t)i;
    swapped[1].of.funcref = seven.of.func;
    OK(call("swapped", swapped, 2, back, 2));
    CHECK(back[0].kind == MINPLAT_FUNCREF && back[1].kind == MINPLAT_V128);
    CHECK(back[1].of.v128[1] == 1 && back[1].of.v128[15] == (15 ^ 0xff));
    OK(minplat_func_call(context, &back[0].of.funcref, NULL, 0, &result, 1));
    CHECK(result.of.i32 == 7);
    memset(&swapped[1].of, 0, sizeof swapped[1].of);
    OK(call("swapped", swapped, 2, back, 2));
    CHECK(back[0].of.funcref.store == 0 && back[0].of.funcref.opaque == 0);
    swapped[1].of.funcref.store = 12345;
    FAILS(call("swapped", swapped, 2, back, 2), ARGUMENT, "another store");

    minplat_value_t typed = {.kind = MINPLAT_FUNCREF, .of = {.funcref = seven.of.func}};
    OK(call("typed", &typed, 1, &result, 1));
    CHECK(result.of.i32 == 7);
    typed.of.funcref = divide.of.func;
    FAILS(call("typed", &typed, 1, &result, 1), TYPE, "type");

    minplat_value_t ten[10], reversed[10];
    for (int i = 0; i < 10; i++)
        ten[i] = i32(i);
    OK(call("many", ten, 10, reversed, 10));
    for (int i = 0; i < 10; i++)
        CHECK(reversed[i].of.i32 == 10 - i);

    minplat_externtype_t *type;
    OK(minplat_func_type(context, &divide.of.func, &type));
    CHECK(minplat_externtype_param_count(type) == 2 && minplat_externtype_kind(type) == MINPLAT_EXTERN_FUNC);
    minplat_externtype_delete(type);

    result = i32(16);
    OK(call("peek", &result, 1, &result, 1));
    CHECK(result.of.i32 == 'm');
    result = i32(1 << 20);
    FAILS(call("peek", &result, 1, &result, 1), HOST, "there is no such byte");
    result = i32(99);
    FAILS(call("peek", &result, 1, &result, 1), TYPE, "type");
}

static void traps(void) {
    minplat_value_t result = i32(0);
    minplat_trap_code_t code;
    minplat_frame_t frame;
    minplat_error_t *error = call("outer", &result, 1, &result, 1);
    CHECK(minplat_error_trap_code(error, &code) && code == MINPLAT_TRAP_INTEGER_DIVISION_BY_ZERO);
    CHECK(!strcmp(minplat_trap_text(code), "integer divide by zero") && !strcmp(minplat_trap_text(77), "unknown trap"));
    CHECK(minplat_error_frame_count(error) == 2);
    CHECK(minplat_error_frame(error, 0, &frame) && frame.function_name_len == 6 && !memcmp(frame.function_name, "divide", 6));
    CHECK(frame.module_name_len == 3 && !memcmp(frame.module_name, "api", 3));
    CHECK(frame.module_offset != UINT32_MAX && frame.text_offset != UINT32_MAX);
    uint32_t divide = frame.function_index;
    CHECK(minplat_error_frame(error, 1, &frame) && frame.function_index == divide + 1);
    CHECK(!minplat_error_frame(error, 2, &frame) && !minplat_error_frame(error, 0, NULL));
    CHECK(is(error, MINPLAT_ERROR_TRAP, "integer divide by zero"));

    error = call("fail", NULL, 0, NULL, 0);
    CHECK(minplat_error_trap_code(error, &code) && code == MINPLAT_TRAP_INTEGER_DIVISION_BY_ZERO);
    CHECK(is(error, MINPLAT_ERROR_TRAP, "integer divide by zero"));
    result = i32(65533);
    error = call("load", &result, 1, &result, 1);
    CHECK(minplat_error_trap_code(error, &code) && code == MINPLAT_TRAP_MEMORY_OUT_OF_BOUNDS);
    minplat_error_delete(error);
    error = call("deep", &result, 1, &result, 1);
    CHECK(minplat_error_trap_code(error, &code) && code == MINPLAT_TRAP_STACK_OVERFLOW);
    CHECK(minplat_error_frame_count(error) == 20);
    minplat_error_delete(error);
    /* Nothing is broken afterwards. */
    OK(call("seven", NULL, 0, &result, 1));

    error = minplat_error_new(TEXT("a text"));
    CHECK(!minplat_error_trap_code(error, &code) && minplat_error_frame_count(error) == 0 && minplat_error_frame_count(NULL) == 0);
    CHECK(is(error, MINPLAT_ERROR_HOST, "a text"));
    FAILS(minplat_error_new(NULL, 1), ARGUMENT, "NULL");
    CHECK(minplat_error_code(NULL) == MINPLAT_OK && minplat_error_message(NULL, NULL) == NULL);
    minplat_error_delete(NULL);
}

static void memories(void) {
    minplat_extern_t memory = export("memory");
    size_t len;
    uint8_t *bytes = minplat_memory_data(context, &memory.of.memory, &len);
    CHECK(len == 65536 && !memcmp(bytes + 16, "minplat", 7) && minplat_memory_size(context, &memory.of.memory) == 1);
    uint64_t previous = 0;
    OK(minplat_memory_grow(context, &memory.of.memory, 1, &previous));
    CHECK(previous == 1 && minplat_memory_size(context, &memory.of.memory) == 2);
    FAILS(minplat_memory_grow(context, &memory.of.memory, 5, NULL), LIMIT, NULL);
    bytes = minplat_memory_data(context, &memory.of.memory, NULL);
    bytes[65536] = 77;
    minplat_value_t result = i32(65536);
    OK(call("load", &result, 1, &result, 1));
    CHECK(result.of.i32 == 77);
    CHECK(minplat_memory_data(NULL, &memory.of.memory, &len) == NULL && minplat_memory_size(context, NULL) == 0);

    minplat_memory_t new;
    minplat_limits_type_t limits = {.minimum = 1, .maximum = UINT64_MAX, .page_size_log2 = 16};
    OK(minplat_memory_new(context, &limits, &new));
    CHECK(minplat_memory_size(context, &new) == 1);
    limits.page_size_log2 = 3;
    FAILS(minplat_memory_new(context, &limits, &new), TYPE, NULL);

    minplat_limits_t guest = {2 * 65536, 5, 1, UINT64_MAX, UINT64_MAX};
    minplat_store_set_limits(store, &guest);
    result = i32(1);
    OK(call("grow", &result, 1, &result, 1));
    CHECK(result.of.i32 == -1);
    minplat_instance_t second;
    FAILS(minplat_linker_instantiate(linker, context, module, &second), LINK, "limit");
    guest.memory_bytes = guest.instances = UINT64_MAX;
    minplat_store_set_limits(store, &guest);
    minplat_store_set_limits(store, NULL);
    result = i32(1);
    OK(call("grow", &result, 1, &result, 1));
    CHECK(result.of.i32 == 2);
}

static void tables_and_globals(void) {
    minplat_extern_t table = export("table"), counter = export("counter"), constant = export("constant");
    minplat_value_t value, result;
    CHECK(minplat_table_size(context, &table.of.table) == 4);
    OK(minplat_table_get(context, &table.of.table, 0, &value));
    CHECK(value.kind == MINPLAT_FUNCREF && value.of.funcref.store == 0);
    OK(minplat_table_get(context, &table.of.table, 1, &value));
    OK(minplat_func_call(context, &value.of.funcref, NULL, 0, &result, 1));
    CHECK(result.of.i32 == 7);
    OK(minplat_table_set(context, &table.of.table, 3, &value));
    result = i32(3);
    OK(call("indirect", &result, 1, &result, 1));
    CHECK(result.of.i32 == 7);
    result = i32(2);
    FAILS(call("indirect", &result, 1, &result, 1), TRAP, "uninitialized element");
    FAILS(minplat_table_get(context, &table.of.table, 4, &value), NOT_FOUND, NULL);
    FAILS(minplat_table_set(context, &table.of.table, 4, &value), NOT_FOUND, NULL);
    result = i32(1);
    FAILS(minplat_table_set(context, &table.of.table, 0, &result), TYPE, NULL);
    uint64_t previous = 0;
    OK(minplat_table_grow(context, &table.of.table, 1, &value, &previous));
    CHECK(previous == 4 && minplat_table_size(context, &table.of.table) == 5);
    FAILS(minplat_table_grow(context, &table.of.table, 1, &value, NULL), LIMIT, NULL); /* of the store */
    minplat_table_t own;
    minplat_limits_type_t limits = {.minimum = 2, .maximum = 2};
    OK(minplat_table_new(context, MINPLAT_FUNCREF, &limits, &value, &own));
    CHECK(minplat_table_size(context, &own) == 2);
    FAILS(minplat_table_new(context, MINPLAT_I32, &limits, &value, &own), TYPE, NULL);

    OK(minplat_global_get(context, &counter.of.global, &value));
    CHECK(value.kind == MINPLAT_I64 && value.of.i64 == 40);
    value.of.i64 = 1000;
    OK(minplat_global_set(context, &counter.of.global, &value));
    OK(call("count", NULL, 0, &value, 1));
    CHECK(value.of.i64 == 1001);
    value = f32(2);
    FAILS(minplat_global_set(context, &counter.of.global, &value), TYPE, NULL);
    FAILS(minplat_global_set(context, &constant.of.global, &value), TYPE, NULL);
    OK(minplat_global_get(context, &constant.of.global, &value));
    CHECK(value.of.f32 == 1.5f);
    minplat_extern_t vector = export("vector");
    OK(minplat_global_get(context, &vector.of.global, &value));
    CHECK(value.kind == MINPLAT_V128 && value.of.v128[0] == 1 && value.of.v128[12] == 4);
    minplat_global_t fresh;
    OK(minplat_global_new(context, MINPLAT_V128, true, &value, &fresh));
    FAILS(minplat_global_new(context, MINPLAT_I32, true, &value, &fresh), TYPE, NULL);

    minplat_extern_t item = {.kind = MINPLAT_EXTERN_TABLE, .of = {.table = own}};
    OK(minplat_linker_define(linker, context, TEXT("other"), TEXT("table"), &item));
    FAILS(minplat_linker_define(linker, context, TEXT("other"), TEXT("table"), &item), LINK, "table");
    item.kind = 9;
    FAILS(minplat_linker_define(linker, context, TEXT("other"), TEXT("odd"), &item), ARGUMENT, "kind");
    OK(minplat_linker_define_instance(linker, context, TEXT("guest"), &instance));
}

static void interruption(const char *kind) {
    minplat_value_t result;
    uint64_t fuel = 0;
    if (!strcmp(kind, "fuel")) {
        OK(minplat_context_set_fuel(context, 10000));
        OK(call("seven", NULL, 0, &result, 1));
        OK(minplat_context_get_fuel(context, &fuel));
        CHECK(fuel > 9000 && fuel < 10000);
        minplat_trap_code_t code;
        minplat_error_t *error = call("forever", NULL, 0, NULL, 0);
        CHECK(minplat_error_trap_code(error, &code) && code == MINPLAT_TRAP_OUT_OF_FUEL);
        CHECK(is(error, MINPLAT_ERROR_OUT_OF_FUEL, "fuel"));
        OK(minplat_context_set_fuel(context, UINT64_MAX));
    } else {
        FAILS(minplat_context_set_fuel(context, 1), UNSUPPORTED, "wasm.interruption");
        FAILS(minplat_context_get_fuel(context, &fuel), UNSUPPORTED, "wasm.interruption");
    }
    if (!strcmp(kind, "epoch")) {
        OK(minplat_context_set_epoch_deadline(context, 1));
        OK(call("seven", NULL, 0, &result, 1));
        OK(minplat_engine_increment_epoch(engine));
        FAILS(call("forever", NULL, 0, NULL, 0), INTERRUPTED, "interrupt");
        OK(minplat_context_set_epoch_deadline(context, UINT64_MAX));
        OK(call("seven", NULL, 0, &result, 1));
    } else {
        FAILS(minplat_context_set_epoch_deadline(context, 1), UNSUPPORTED, "wasm.interruption");
        FAILS(minplat_engine_increment_epoch(engine), UNSUPPORTED, "wasm.interruption");
    }
}

static void library(const char *name) {
    CHECK(minplat_wasmtime_major() == 48 && strchr(minplat_version(), '.'));
    CHECK(!strcmp(minplat_platform_name(), name) && minplat_platform_fingerprint() != NULL);
    CHECK(minplat_page_size() == 4096);
    minplat_config_t config = {0};
    OK(minplat_init(&config));
    config.pool = &config;
    FAILS(minplat_init(&config), UNSUPPORTED, "pool");
    FAILS(minplat_init(NULL), ARGUMENT, "NULL");
    minplat_set_panic_hook(NULL, NULL);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: api PLATFORM none|fuel|epoch api.cwasm\n");
        return 2;
    }
    FILE *file = fopen(argv[3], "rb");
    if (!file) {
        perror(argv[3]);
        return 1;
    }
    static uint8_t bytes[1 << 20];
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    minplat_heap_stats_t before, after;

    library(argv[1]);
    OK(minplat_engine_new(&engine));
    minplat_heap_stats(&before);
    OK(minplat_store_new(engine, &store, &store));
    context = minplat_store_context(store);
    CHECK(minplat_context_data(context) == &store && minplat_context_data(NULL) == NULL);
    OK(minplat_linker_new(engine, &linker));
    loading(bytes, len);
    reflection();
    linking();
    calling();
    traps();
    memories();
    tables_and_globals();
    interruption(argv[2]);

    minplat_heap_stats(&after);
    CHECK(after.used > before.used && after.peak >= after.used && after.mapped >= after.used);
    minplat_engine_delete(engine); /* the others keep it alive */
    minplat_module_delete(module);
    minplat_linker_delete(linker);
    minplat_store_delete(store);
    CHECK(finalized == 5);
    minplat_heap_stats(&after);
    CHECK(after.used == 0);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
