/* Calls without conversions, both ways; host functions without a linker. */
#include "api.h"

static const minplat_kind_t kinds[] = {MINPLAT_I32, MINPLAT_I64, MINPLAT_F32, MINPLAT_F64, MINPLAT_V128, MINPLAT_FUNCREF};
static const minplat_kind_t back[] = {MINPLAT_I64, MINPLAT_V128, MINPLAT_FUNCREF};

/* Imported as "raw": the sum of the numbers, the vector with its first byte changed, the function. */
minplat_error_t *raw_host(void *env, minplat_caller_t *caller, minplat_raw_t *values, size_t values_len) {
    CHECK(*(int *)env >= 0 && values_len == 6);
    if (values[0].i32 == 13)
        return minplat_error_new(TEXT("not thirteen"));
    minplat_raw_t args[6];
    memcpy(args, values, sizeof args);
    values[0].i64 = args[0].i32 + args[1].i64 + (int64_t)args[2].f32 + (int64_t)args[3].f64;
    memcpy(values[1].v128, args[4].v128, 16);
    values[1].v128[0] ^= 0xff;
    minplat_func_t func;
    OK(minplat_func_from_raw(minplat_caller_context(caller), args[5].funcref, &func));
    values[2].funcref = func.store ? minplat_func_to_raw(minplat_caller_context(caller), &func) : NULL;
    return NULL;
}

/* Imported as "own": a reference to a function of the guest's own type. */
minplat_error_t *own_host(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                          minplat_value_t *results, size_t results_len) {
    (void)env, (void)caller;
    CHECK(args_len == 1 && results_len == 1 && args[0].kind == MINPLAT_FUNCREF && results[0].kind == MINPLAT_FUNCREF);
    results[0].of = args[0].of;
    return NULL;
}

static minplat_func_t func(const minplat_instance_t *of, const char *name) {
    minplat_extern_t found = {.kind = MINPLAT_EXTERN_NONE};
    CHECK(minplat_instance_export(context, of, (const uint8_t *)name, strlen(name), &found));
    return found.of.func;
}

void prepared(const minplat_instance_t *of, minplat_linker_t *names) {
    minplat_func_t add = func(of, "add"), raw = func(of, "raw"), spoil = func(of, "spoil"), five = func(of, "five");
    minplat_prepared_t ready, other;
    minplat_raw_t values[6] = {{.i32 = 40}, {.i32 = 2}};
    FAILS(minplat_func_prepare(context, &add, kinds, 2, kinds, 1, &ready), TYPE, "prepared");
    const minplat_kind_t i32s[] = {MINPLAT_I32, MINPLAT_I32, MINPLAT_I32};
    FAILS(minplat_func_prepare(context, &add, i32s, 3, i32s, 1, &ready), TYPE, "prepared");
    FAILS(minplat_func_prepare(context, &add, i32s, 2, i32s, 0, &ready), TYPE, "prepared");
    FAILS(minplat_func_prepare(another, &add, i32s, 2, i32s, 1, &ready), ARGUMENT, "another store");
    OK(minplat_func_prepare(context, &add, i32s, 2, i32s, 1, &ready));
    CHECK(ready.slots == 2);
    OK(minplat_prepared_call(context, &ready, values, 2));
    CHECK(values[0].i32 == 42);
    for (int i = 0; i < 1000; i++)
        OK(minplat_prepared_call(context, &ready, values, 6));
    CHECK(values[0].i32 == 42 + 2000);
    FAILS(minplat_prepared_call(context, &ready, values, 1), ARGUMENT, "slots");
    FAILS(minplat_prepared_call(context, &ready, NULL, 2), ARGUMENT, "NULL");
    FAILS(minplat_prepared_call(context, NULL, values, 2), ARGUMENT, "NULL");
    FAILS(minplat_prepared_call(NULL, &ready, values, 2), ARGUMENT, "NULL");
    FAILS(minplat_prepared_call(another, &ready, values, 2), ARGUMENT, "another store");

    OK(minplat_func_prepare(context, &spoil, i32s, 1, NULL, 0, &other));
    values[0].i32 = 7;
    FAILS(minplat_prepared_call(context, &other, values, 1), TRAP, "unreachable");
    values[0].i32 = 1;
    OK(minplat_prepared_call(context, &ready, values, 2));
    CHECK(values[0].i32 == 3);

    OK(minplat_func_prepare(context, &raw, kinds, 6, back, 3, &other));
    CHECK(other.slots == 6);
    minplat_raw_t all[6] = {{.i32 = -1}, {.i64 = INT64_C(1) << 40}, {.f32 = 2}, {.f64 = 4}, {.v128 = {1, 2, 3}}};
    all[5].funcref = minplat_func_to_raw(context, &five);
    CHECK(all[5].funcref != NULL && minplat_func_to_raw(another, &five) == NULL && minplat_func_to_raw(context, NULL) == NULL);
    OK(minplat_prepared_call(context, &other, all, 6));
    CHECK(all[0].i64 == (INT64_C(1) << 40) + 5 && all[1].v128[0] == (1 ^ 0xff) && all[1].v128[2] == 3);
    minplat_func_t again;
    minplat_value_t value;
    OK(minplat_func_from_raw(context, all[2].funcref, &again));
    OK(minplat_func_call(context, &again, NULL, 0, &value, 1));
    CHECK(value.of.i32 == 5);
    OK(minplat_func_from_raw(context, NULL, &again));
    CHECK(again.store == 0 && again.opaque == 0);
    all[0].i32 = 13;
    all[5].funcref = NULL;
    FAILS(minplat_prepared_call(context, &other, all, 6), HOST, "not thirteen");

    int ends = 0;
    OK(minplat_linker_define_func_raw(names, TEXT("a"), TEXT("b"), kinds, 6, back, 3, raw_host, NULL, NULL));
    FAILS(minplat_linker_define_func_raw(names, TEXT("a"), TEXT("b"), kinds, 6, back, 3, raw_host, &ends, finalize), LINK, "b");
    FAILS(minplat_linker_define_func_raw(names, TEXT("a"), TEXT("c"), kinds, 6, back, 3, NULL, &ends, finalize), ARGUMENT, "NULL");
    CHECK(ends == 2);
}

static int ended_functions;

static minplat_error_t *six(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                            minplat_value_t *results, size_t results_len) {
    (void)env, (void)args;
    CHECK(args_len == 0 && results_len == 1 && minplat_caller_context(caller) != NULL);
    results[0].of.i32 = 6;
    return NULL;
}

static minplat_error_t *eight(void *env, minplat_caller_t *caller, minplat_raw_t *values, size_t values_len) {
    (void)env, (void)caller;
    CHECK(values_len == 1);
    values[0].i32 = 8;
    return NULL;
}

void functions(const minplat_instance_t *of, const minplat_table_t *table) {
    minplat_func_t made, indirect = func(of, "indirect");
    minplat_value_t value = {.kind = MINPLAT_FUNCREF};
    OK(minplat_func_new(context, NULL, 0, kinds, 1, six, &ended_functions, finalize, &made));
    value.of.funcref = made;
    OK(minplat_table_set(context, table, 0, &value));
    OK(minplat_func_new_raw(context, NULL, 0, kinds, 1, eight, &ended_functions, finalize, &made));
    value.of.funcref = made;
    OK(minplat_table_set(context, table, 1, &value));
    value = i32(0);
    OK(minplat_func_call(context, &indirect, &value, 1, &value, 1));
    CHECK(value.of.i32 == 6);
    value = i32(1);
    OK(minplat_func_call(context, &indirect, &value, 1, &value, 1));
    CHECK(value.of.i32 == 8);
    CHECK(ended_functions == 0);
    int ends = 0;
    minplat_kind_t odd = 99;
    FAILS(minplat_func_new(context, NULL, 0, kinds, 1, NULL, &ends, finalize, &made), ARGUMENT, "NULL");
    FAILS(minplat_func_new(context, NULL, 0, kinds, 1, six, &ends, finalize, NULL), ARGUMENT, "NULL");
    FAILS(minplat_func_new(context, &odd, 1, NULL, 0, six, &ends, finalize, &made), UNSUPPORTED, NULL);
    FAILS(minplat_func_new_raw(context, NULL, 0, kinds, 1, NULL, &ends, finalize, &made), ARGUMENT, "NULL");
    CHECK(ends == 4);
}

/* Host functions without a linker end with their store. */
int functions_ended(void) { return ended_functions; }
