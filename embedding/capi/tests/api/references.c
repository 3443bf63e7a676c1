/* References of every kind, scopes, exceptions; on a platform without a collector, that each function says so. */
#include "api.h"

static minplat_module_t *guest;
static minplat_linker_t *names;
static minplat_instance_t of;
static minplat_tag_t tag;
static int ended;

static void end(void *data) { ++*(int *)data; }

static minplat_error_t *invoke(const char *name, minplat_value_t *args, size_t args_len, minplat_value_t *results,
                               size_t results_len) {
    minplat_extern_t found = {.kind = MINPLAT_EXTERN_NONE};
    CHECK(minplat_instance_export(context, &of, (const uint8_t *)name, strlen(name), &found));
    return minplat_func_call(context, &found.of.func, args, args_len, results, results_len);
}

static minplat_value_t externref(minplat_ref_t reference) {
    return (minplat_value_t){.kind = MINPLAT_EXTERNREF, .of = {.reference = reference}};
}

static bool equal(const minplat_value_t *one, const minplat_value_t *other) {
    bool answer = false;
    OK(minplat_ref_equal(context, &one->of.reference, &other->of.reference, &answer));
    return answer;
}

static minplat_error_t *keep(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                             minplat_value_t *results, size_t results_len) {
    (void)env, (void)args_len, (void)results_len;
    void *data = NULL;
    if (args[0].of.reference.store)
        OK(minplat_externref_data(minplat_caller_context(caller), &args[0].of.reference, &data));
    CHECK(data == NULL || data == &ended);
    results[0].of = args[0].of;
    return NULL;
}

static minplat_error_t *throw(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                              minplat_value_t *results, size_t results_len) {
    (void)env, (void)args_len, (void)results, (void)results_len;
    minplat_value_t carried[2] = {args[0], i64(args[0].of.i32 * INT64_C(1000))};
    minplat_ref_t exception;
    minplat_context_t *here = minplat_caller_context(caller);
    FAILS(minplat_exception_new(here, &tag, carried, 1, &exception), TYPE, "number of values");
    FAILS(minplat_exception_new(here, &tag, &carried[1], 2, &exception), TYPE, "type");
    OK(minplat_exception_new(here, &tag, carried, 2, &exception));
    return minplat_throw(here, &exception);
}

static bool takes;

/* Calls a guest that throws, and hands the error on as it is; before that it may take the exception. */
static minplat_error_t *again(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                              minplat_value_t *results, size_t results_len) {
    (void)env, (void)args, (void)args_len, (void)results, (void)results_len;
    minplat_extern_t found;
    minplat_value_t carried[2] = {i32(5), i64(6)};
    CHECK(minplat_caller_export(caller, TEXT("uncaught"), &found));
    minplat_error_t *error = minplat_func_call(minplat_caller_context(caller), &found.of.func, carried, 2, NULL, 0);
    minplat_ref_t exception;
    if (takes)
        OK(minplat_context_take_exception(minplat_caller_context(caller), &exception));
    return error;
}

static void setup(const uint8_t *bytes, size_t len) {
    const minplat_kind_t carried[] = {MINPLAT_I32, MINPLAT_I64}, reference = MINPLAT_EXTERNREF;
    minplat_extern_t item = {.kind = MINPLAT_EXTERN_TAG};
    OK(minplat_module_load(engine, bytes, len, &guest));
    OK(minplat_tag_new(context, carried, 2, &tag));
    item.of.tag = tag;
    OK(minplat_linker_new(engine, &names));
    OK(minplat_linker_define(names, context, TEXT("host"), TEXT("tag"), &item));
    OK(minplat_linker_define_func(names, TEXT("host"), TEXT("keep"), &reference, 1, &reference, 1, keep, NULL, NULL));
    OK(minplat_linker_define_func(names, TEXT("host"), TEXT("throw"), carried, 1, NULL, 0, throw, NULL, NULL));
    OK(minplat_linker_define_func(names, TEXT("host"), TEXT("again"), NULL, 0, NULL, 0, again, NULL, NULL));
    OK(minplat_linker_instantiate(names, context, guest, &of));

    minplat_externtype_t *type;
    OK(minplat_extern_type(context, &item, &type));
    CHECK(minplat_externtype_kind(type) == MINPLAT_EXTERN_TAG && minplat_externtype_param(type, 1) == MINPLAT_I64);
    minplat_externtype_delete(type);
    minplat_valtype_t value;
    OK(minplat_module_export(guest, 6, &type)); /* "bytes" */
    CHECK(minplat_externtype_result_type(type, 0, &value) && value.kind == MINPLAT_ANYREF);
    CHECK(value.heap == MINPLAT_HEAP_TYPED_ARRAY && !value.is_nullable);
    minplat_externtype_delete(type);
}

static void externrefs(void) {
    minplat_scope_t scope;
    minplat_ref_t reference;
    minplat_value_t value, back;
    void *data;
    OK(minplat_scope_enter(context, &scope));
    OK(minplat_externref_new(context, &ended, end, &reference));
    OK(minplat_externref_data(context, &reference, &data));
    CHECK(data == &ended);
    value = externref(reference);
    OK(invoke("pass", &value, 1, &back, 1));
    CHECK(back.kind == MINPLAT_EXTERNREF && equal(&value, &back));
    OK(minplat_externref_data(context, &back.of.reference, &data));
    CHECK(data == &ended);
    minplat_value_t null = {.kind = MINPLAT_EXTERNREF};
    OK(invoke("pass", &null, 1, &back, 1));
    CHECK(back.of.reference.store == 0 && !equal(&value, &back) && equal(&null, &back));

    /* A root outlives the scope; a handle does not. */
    minplat_root_t *root;
    OK(minplat_root_new(context, &value, &root));
    FAILS(minplat_root_new(context, &null, &root), TYPE, NULL);
    minplat_scope_leave(&scope);
    minplat_scope_leave(&scope);
    minplat_scope_leave(NULL);
    OK(minplat_context_collect(context));
    CHECK(ended == 0);
    FAILS(minplat_externref_data(context, &reference, &data), ARGUMENT, NULL);
    FAILS(invoke("pass", &value, 1, &back, 1), ARGUMENT, NULL);
    OK(minplat_scope_enter(context, &scope));
    OK(minplat_root_get(context, root, &back));
    FAILS(minplat_root_get(another, root, &back), ARGUMENT, "another store");
    OK(minplat_externref_data(context, &back.of.reference, &data));
    CHECK(data == &ended);
    /* In a global it lives on too. */
    minplat_extern_t kept;
    CHECK(minplat_instance_export(context, &of, TEXT("kept"), &kept));
    OK(minplat_global_set(context, &kept.of.global, &back));
    minplat_root_delete(root);
    minplat_root_delete(NULL);
    minplat_scope_leave(&scope);
    OK(minplat_context_collect(context));
    CHECK(ended == 0);
    OK(minplat_global_set(context, &kept.of.global, &null));
    OK(minplat_context_collect(context));
    CHECK(ended == 1);
    FAILS(minplat_externref_new(context, &ended, end, NULL), ARGUMENT, "NULL");
    CHECK(ended == 2);

    /* A reference is no function, and a function no reference. */
    minplat_extern_t func;
    CHECK(minplat_instance_export(context, &of, TEXT("of-i31"), &func) && func.kind == MINPLAT_EXTERN_FUNC);
    OK(minplat_externref_new(context, &ended, NULL, &reference));
    value = externref(reference);
    FAILS(minplat_func_call(context, &value.of.funcref, NULL, 0, NULL, 0), ARGUMENT, "another kind");
    value.of.funcref = func.of.func;
    FAILS(minplat_global_set(context, &kept.of.global, &value), ARGUMENT, "another kind");
    FAILS(minplat_externref_data(context, &value.of.reference, &data), ARGUMENT, "another kind");

    /* Nor is one of a hierarchy one of another. */
    size_t values;
    int32_t integer;
    FAILS(minplat_exception_len(context, &reference, &values), ARGUMENT, "another kind");
    FAILS(minplat_throw(context, &reference), ARGUMENT, "another kind");
    FAILS(minplat_i31_get(context, &reference, &integer), ARGUMENT, "another kind");
    minplat_ref_t seven;
    OK(minplat_i31_new(context, 7, &seven));
    FAILS(minplat_externref_data(context, &seven, &data), ARGUMENT, "another kind");
    value = externref(seven);
    FAILS(minplat_global_set(context, &kept.of.global, &value), ARGUMENT, "another kind");
    value = (minplat_value_t){.kind = MINPLAT_EXNREF, .of = {.reference = reference}};
    minplat_root_t *none;
    FAILS(minplat_root_new(context, &value, &none), ARGUMENT, "another kind");
}

static void anyrefs(void) {
    minplat_scope_t scope;
    minplat_heap_t heap;
    minplat_value_t args[2] = {i32(11), f64(2.5)}, value, back, i31;
    uint32_t len;
    int32_t number;
    OK(minplat_scope_enter(context, &scope));
    OK(invoke("point", args, 2, &value, 1));
    CHECK(value.kind == MINPLAT_ANYREF && value.of.reference.store != 0);
    OK(minplat_anyref_heap(context, &value.of.reference, &heap));
    CHECK(heap == MINPLAT_HEAP_TYPED_STRUCT);
    OK(minplat_anyref_len(context, &value.of.reference, &len));
    CHECK(len == 3);
    OK(minplat_anyref_get(context, &value.of.reference, 1, &back));
    CHECK(back.kind == MINPLAT_F64 && back.of.f64 == 2.5);
    OK(minplat_anyref_get(context, &value.of.reference, 2, &back));
    CHECK(back.kind == MINPLAT_I32 && back.of.i32 == 200);
    FAILS(minplat_anyref_get(context, &value.of.reference, 3, &back), NOT_FOUND, NULL);
    FAILS(minplat_i31_get(context, &value.of.reference, &number), TYPE, "minplat_anyref_heap");
    OK(invoke("sum", &value, 1, &back, 1));
    CHECK(back.of.i32 == 11);

    args[0] = i32(5);
    OK(invoke("bytes", args, 1, &value, 1));
    OK(minplat_anyref_heap(context, &value.of.reference, &heap));
    OK(minplat_anyref_len(context, &value.of.reference, &len));
    CHECK(heap == MINPLAT_HEAP_TYPED_ARRAY && len == 5);
    OK(minplat_anyref_get(context, &value.of.reference, 4, &back));
    CHECK(back.of.i32 == 7);
    FAILS(minplat_anyref_get(context, &value.of.reference, 5, &back), NOT_FOUND, NULL);
    FAILS(invoke("sum", &value, 1, &back, 1), TYPE, "type"); /* an array where a struct is wanted */

    args[0] = i32(-3);
    OK(invoke("i31", args, 1, &i31, 1));
    OK(minplat_anyref_heap(context, &i31.of.reference, &heap));
    OK(minplat_i31_get(context, &i31.of.reference, &number));
    CHECK(heap == MINPLAT_HEAP_I31 && number == -3);
    FAILS(minplat_anyref_len(context, &i31.of.reference, &len), TYPE, NULL);
    value = (minplat_value_t){.kind = MINPLAT_ANYREF};
    OK(minplat_i31_new(context, -3, &value.of.reference));
    CHECK(equal(&value, &i31));
    OK(invoke("of-i31", &value, 1, &back, 1));
    CHECK(back.of.i32 == -3);

    minplat_ref_t reference;
    OK(minplat_externref_new(context, NULL, NULL, &reference));
    value = externref(reference);
    OK(invoke("convert", &value, 1, &back, 1));
    OK(minplat_anyref_heap(context, &back.of.reference, &heap));
    CHECK(back.kind == MINPLAT_ANYREF && heap == MINPLAT_HEAP_ANY);

    minplat_extern_t table;
    CHECK(minplat_instance_export(context, &of, TEXT("any"), &table));
    OK(minplat_table_set(context, &table.of.table, 1, &i31));
    OK(minplat_table_get(context, &table.of.table, 1, &back));
    CHECK(back.kind == MINPLAT_ANYREF && equal(&back, &i31));
    minplat_limits_type_t limits = {.minimum = 1, .maximum = 1};
    minplat_table_t own;
    OK(minplat_table_new(context, MINPLAT_ANYREF, &limits, &i31, &own));
    OK(minplat_table_get(context, &own, 0, &back));
    CHECK(equal(&back, &i31));

    minplat_raw_t raw[2];
    minplat_prepared_t ready;
    const minplat_kind_t kinds[] = {MINPLAT_EXTERNREF, MINPLAT_ANYREF, MINPLAT_EXTERNREF};
    CHECK(minplat_instance_export(context, &of, TEXT("raw-pass"), &table));
    OK(minplat_func_prepare(context, &table.of.func, kinds, 2, kinds + 1, 2, &ready));
    OK(minplat_ref_to_raw(context, &reference, &raw[0]));
    OK(minplat_ref_to_raw(context, &i31.of.reference, &raw[1]));
    OK(minplat_prepared_call(context, &ready, raw, 2));
    OK(minplat_ref_from_raw(context, MINPLAT_ANYREF, &raw[0], &back));
    CHECK(equal(&back, &i31));
    OK(minplat_ref_from_raw(context, MINPLAT_EXTERNREF, &raw[1], &back));
    CHECK(equal(&back, &value));
    FAILS(minplat_ref_from_raw(context, MINPLAT_I32, &raw[1], &back), TYPE, NULL);
    minplat_scope_leave(&scope);
}

static void uncaught(minplat_error_t *error, int32_t first, int64_t second) {
    minplat_ref_t exception;
    minplat_tag_t thrown;
    minplat_value_t value;
    size_t len;
    minplat_trap_code_t code;
    CHECK(!minplat_error_trap_code(error, &code) && minplat_error_frame_count(error) >= 1);
    CHECK(is(error, MINPLAT_ERROR_EXCEPTION, "minplat_context_take_exception"));
    OK(minplat_context_take_exception(context, &exception));
    FAILS(minplat_context_take_exception(context, &exception), NOT_FOUND, NULL);
    OK(minplat_exception_tag(context, &exception, &thrown));
    CHECK(minplat_tag_equal(context, &thrown, &tag) && !minplat_tag_equal(another, &thrown, &tag));
    OK(minplat_exception_len(context, &exception, &len));
    CHECK(len == 2);
    OK(minplat_exception_get(context, &exception, 0, &value));
    CHECK(value.kind == MINPLAT_I32 && value.of.i32 == first);
    OK(minplat_exception_get(context, &exception, 1, &value));
    CHECK(value.kind == MINPLAT_I64 && value.of.i64 == second);
    FAILS(minplat_exception_get(context, &exception, 2, &value), NOT_FOUND, NULL);
}

static void exceptions(void) {
    minplat_scope_t scope;
    minplat_value_t args[2] = {i32(1), i64(2)}, value, back;
    minplat_ref_t exception;
    OK(minplat_scope_enter(context, &scope));
    uncaught(invoke("uncaught", args, 2, NULL, 0), 1, 2);
    uncaught(invoke("not-caught", args, 1, NULL, 0), 1, 1000);
    uncaught(invoke("through", NULL, 0, NULL, 0), 5, 6);
    takes = true; /* then nothing is on its way */
    FAILS(invoke("through", NULL, 0, NULL, 0), EXCEPTION, "taken before");
    FAILS(minplat_context_take_exception(context, &exception), NOT_FOUND, NULL);
    takes = false;
    value = i32(9);
    OK(invoke("catch", &value, 1, &back, 1)); /* what the host threw */
    CHECK(back.of.i32 == 9);
    FAILS(minplat_context_take_exception(context, &exception), NOT_FOUND, NULL);

    OK(invoke("exnref", &value, 1, &back, 1));
    CHECK(back.kind == MINPLAT_EXNREF && back.of.reference.store != 0);
    uncaught(invoke("rethrow", &back, 1, NULL, 0), 9, 9000);

    minplat_value_t own[2] = {f64(0.5), {.kind = MINPLAT_EXTERNREF}};
    OK(minplat_externref_new(context, &ended, NULL, &own[1].of.reference));
    FAILS(invoke("own-uncaught", own, 2, NULL, 0), EXCEPTION, NULL);
    OK(minplat_context_take_exception(context, &exception));
    minplat_tag_t thrown;
    OK(minplat_exception_tag(context, &exception, &thrown));
    CHECK(!minplat_tag_equal(context, &thrown, &tag));
    OK(minplat_exception_get(context, &exception, 1, &value));
    CHECK(equal(&value, &own[1]));
    minplat_scope_leave(&scope);
    /* The store goes on. */
    value = i32(3);
    OK(invoke("catch", &value, 1, &back, 1));
    CHECK(back.of.i32 == 3);
    /* More than the collector's heap ever holds at once. */
    OK(invoke("fill", NULL, 0, NULL, 0));
}

static bool store_ended;

static void end_store(void *data) {
    CHECK(*(int *)data == 1);
    store_ended = true;
}

/* A collector's heap counts; what is in it ends before its store's own data. */
static void heaps(void) {
    int ends = 0;
    minplat_store_t *fresh;
    minplat_store_stats_t has;
    minplat_ref_t reference;
    OK(minplat_store_new(engine, &ends, end_store, &fresh));
    OK(minplat_externref_new(minplat_store_context(fresh), &ends, end, &reference));
    minplat_store_stats(fresh, &has);
    CHECK(has.memory_bytes >= 65536 && ends == 0);
    minplat_store_delete(fresh);
    CHECK(store_ended);
    /* One that may not be made does not. */
    minplat_limits_t none = minplat_limits_none();
    none.memory_bytes = 0;
    OK(minplat_store_new(engine, NULL, NULL, &fresh));
    minplat_store_set_limits(fresh, &none);
    minplat_error_t *error = minplat_externref_new(minplat_store_context(fresh), NULL, NULL, &reference);
    CHECK(minplat_error_code(error) == MINPLAT_ERROR_LIMIT || minplat_error_code(error) == MINPLAT_ERROR_OUT_OF_MEMORY);
    minplat_error_delete(error);
    minplat_store_stats(fresh, &has);
    CHECK(has.memory_bytes == 0);
    minplat_store_delete(fresh);
}

static void absent(void) {
    minplat_ref_t reference = {0, 0};
    minplat_value_t value = {.kind = MINPLAT_EXTERNREF};
    minplat_scope_t scope = {.is_open = false};
    minplat_root_t *root = NULL;
    minplat_raw_t raw;
    minplat_heap_t heap;
    void *data;
    int32_t number;
    uint32_t len;
    size_t size;
    bool answer;
    FAILS(minplat_externref_new(context, &ended, end, &reference), UNSUPPORTED, "runtime.gc");
    CHECK(ended == 1);
    FAILS(minplat_externref_data(context, &reference, &data), UNSUPPORTED, "runtime.gc");
    FAILS(minplat_anyref_heap(context, &reference, &heap), UNSUPPORTED, "runtime.gc");
    FAILS(minplat_i31_new(context, 1, &reference), UNSUPPORTED, "runtime.gc");
    FAILS(minplat_i31_get(context, &reference, &number), UNSUPPORTED, "runtime.gc");
    FAILS(minplat_anyref_len(context, &reference, &len), UNSUPPORTED, "runtime.gc");
    FAILS(minplat_anyref_get(context, &reference, 0, &value), UNSUPPORTED, "runtime.gc");
    FAILS(minplat_ref_equal(context, &reference, &reference, &answer), UNSUPPORTED, "runtime.gc");
    FAILS(minplat_ref_to_raw(context, &reference, &raw), UNSUPPORTED, "runtime.gc");
    FAILS(minplat_ref_from_raw(context, MINPLAT_EXTERNREF, &raw, &value), UNSUPPORTED, "runtime.gc");
    FAILS(minplat_scope_enter(context, &scope), UNSUPPORTED, "runtime.gc");
    minplat_scope_leave(&scope);
    FAILS(minplat_root_new(context, &value, &root), UNSUPPORTED, "runtime.gc");
    FAILS(minplat_root_get(context, root, &value), UNSUPPORTED, "runtime.gc");
    minplat_root_delete(root);
    FAILS(minplat_context_collect(context), UNSUPPORTED, "runtime.gc");
    FAILS(minplat_tag_new(context, NULL, 0, &tag), UNSUPPORTED, "runtime.gc");
    CHECK(!minplat_tag_equal(context, &tag, &tag));
    FAILS(minplat_exception_new(context, &tag, NULL, 0, &reference), UNSUPPORTED, "runtime.gc");
    FAILS(minplat_throw(context, &reference), UNSUPPORTED, "runtime.gc");
    FAILS(minplat_context_take_exception(context, &reference), UNSUPPORTED, "runtime.gc");
    FAILS(minplat_exception_tag(context, &reference, &tag), UNSUPPORTED, "runtime.gc");
    FAILS(minplat_exception_len(context, &reference, &size), UNSUPPORTED, "runtime.gc");
    FAILS(minplat_exception_get(context, &reference, 0, &value), UNSUPPORTED, "runtime.gc");
}

void references(const uint8_t *bytes, size_t len) {
    if (!bytes) {
        absent();
        return;
    }
    setup(bytes, len);
    externrefs();
    anyrefs();
    exceptions();
    heaps();
    minplat_linker_delete(names);
    minplat_module_delete(guest);
}
