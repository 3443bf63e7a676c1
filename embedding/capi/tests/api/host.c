/* The host functions that the guest imports. */
#include "api.h"

/* Each definition has one for `env`: how often it was ended. */
static int ended[64], defined;
enum failing failing;

void finalize(void *env) { ++*(int *)env; }

int alive(void) {
    int count = 0;
    for (int i = 0; i < defined; i++) {
        CHECK(ended[i] <= 1);
        count += ended[i] == 0;
    }
    return count;
}

static minplat_error_t *add(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                            minplat_value_t *results, size_t results_len) {
    CHECK(*(int *)env == 0 && args_len == 4 && results_len == 1);
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
    /* What a call from here says goes through the outer guest as it is. */
    minplat_context_t *here = minplat_caller_context(caller);
    minplat_extern_t divide, memory, constant;
    CHECK(minplat_caller_export(caller, TEXT("divide"), &divide));
    CHECK(minplat_caller_export(caller, TEXT("memory"), &memory));
    CHECK(minplat_caller_export(caller, TEXT("constant"), &constant));
    minplat_value_t numbers[] = {i32(1), i32(0)};
    if (failing == A_LINK) {
        minplat_linker_t *empty;
        minplat_instance_t none;
        OK(minplat_linker_new(engine, &empty));
        minplat_error_t *error = minplat_linker_instantiate(empty, here, module, &none);
        minplat_linker_delete(empty);
        return error;
    }
    if (failing == A_LIMIT)
        return minplat_memory_grow(here, &memory.of.memory, 100, NULL);
    if (failing == A_TYPE) {
        numbers[0] = f32(1);
        return minplat_global_set(here, &constant.of.global, numbers);
    }
    if (failing == AN_ARGUMENT)
        return minplat_func_call(here, NULL, numbers, 2, numbers, 1);
    return minplat_func_call(here, &divide.of.func, numbers, 2, numbers, 1);
}

minplat_error_t *many(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                      minplat_value_t *results, size_t results_len) {
    (void)env, (void)caller;
    for (size_t i = 0; i < args_len; i++)
        results[results_len - 1 - i].of.i32 = args[i].of.i32 + 1;
    return NULL;
}

minplat_error_t *define(const char *name, const char *params, const char *results, minplat_callback_t callback) {
    minplat_kind_t kinds[2][16];
    for (size_t i = 0; i < strlen(params); i++)
        kinds[0][i] = (minplat_kind_t)(params[i] - '0');
    for (size_t i = 0; i < strlen(results); i++)
        kinds[1][i] = (minplat_kind_t)(results[i] - '0');
    return minplat_linker_define_func(linker, TEXT("host"), (const uint8_t *)name, strlen(name), kinds[0], strlen(params),
                                      kinds[1], strlen(results), callback, &ended[defined++], finalize);
}

void define_all(const char *results_of_add) {
    OK(define("add", "0123", results_of_add, add));
    OK(define("swap", "45", "54", swap));
    OK(define("peek", "0", "0", peek));
    OK(define("fail", "", "", fail));
    OK(define("many", "0000000000", "0000000000", many));
}

