/*
 * Firmware in C for a Cortex-M4, with its own start-up and linker script and no C library. A module lies in flash and runs there;
 * a host function prints what the guest says; a trap is told, and the guest is called again after it.
 */
#include "board.h"

#include <minplat.h>
#include <minplat_guest.h>

static void print(const char *text) {
    size_t len = 0;
    while (text[len])
        len++;
    board_print(text, len);
}

static void print_number(int32_t number) {
    char digits[12];
    size_t at = sizeof digits;
    uint32_t rest = number < 0 ? 0u - (uint32_t)number : (uint32_t)number;
    do
        digits[--at] = (char)('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (number < 0)
        digits[--at] = '-';
    board_print(digits + at, sizeof digits - at);
}

/* Tells an error and gives it back; whether there was one. */
static bool failed(minplat_error_t *error) {
    if (!error)
        return false;
    size_t len;
    const uint8_t *text = minplat_error_message(error, &len);
    print("error: ");
    board_print((const char *)text, len);
    print("\n");
    minplat_error_delete(error);
    return true;
}

/* board.print(address, length) */
static minplat_error_t *guest_prints(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                                     minplat_value_t *results, size_t results_len) {
    (void)env, (void)args_len, (void)results, (void)results_len;
    minplat_extern_t memory;
    if (!minplat_caller_export(caller, (const uint8_t *)"memory", 6, &memory) || memory.kind != MINPLAT_EXTERN_MEMORY)
        return minplat_error_new((const uint8_t *)"the guest has no memory", 23);
    uint32_t address = (uint32_t)args[0].of.i32, len = (uint32_t)args[1].of.i32;
    const uint8_t *text = minplat_memory_range(minplat_caller_context(caller), &memory.of.memory, address, len);
    if (!text)
        return minplat_error_new((const uint8_t *)"the text is outside of the guest's memory", 41);
    board_print((const char *)text, len);
    print("\n");
    return NULL;
}

static bool divide(minplat_context_t *context, const minplat_func_t *func, int32_t by) {
    minplat_value_t args[2] = {{.kind = MINPLAT_I32, .of.i32 = 42}, {.kind = MINPLAT_I32, .of.i32 = by}}, quotient;
    if (failed(minplat_func_call(context, func, args, 2, &quotient, 1)))
        return false;
    print("42 / ");
    print_number(by);
    print(" = ");
    print_number(quotient.of.i32);
    print("\n");
    return true;
}

int main(void) {
    minplat_pool_t pool;
    board_pool(&pool.start, &pool.size);
    minplat_config_t config = {.pools = &pool, .pools_len = 1};
    minplat_engine_t *engine;
    minplat_module_t *module;
    minplat_store_t *store;
    minplat_linker_t *linker;
    minplat_instance_t instance;
    minplat_extern_t function;
    const minplat_kind_t params[2] = {MINPLAT_I32, MINPLAT_I32};
    if (failed(minplat_init(&config)) || failed(minplat_engine_new(&engine)) ||
        failed(minplat_guest_load(engine, &module)) || failed(minplat_store_new(engine, NULL, NULL, &store)) ||
        failed(minplat_linker_new(engine, &linker)) ||
        failed(minplat_linker_define_func(linker, (const uint8_t *)"board", 5, (const uint8_t *)"print", 5, params, 2, NULL,
                                          0, guest_prints, NULL, NULL)))
        return 1;
    minplat_context_t *context = minplat_store_context(store);
    if (failed(minplat_linker_instantiate(linker, context, module, &instance)))
        return 1;
    if (!minplat_instance_export(context, &instance, (const uint8_t *)"divide", 6, &function) ||
        function.kind != MINPLAT_EXTERN_FUNC)
        return 1;

    print(minplat_platform_name());
    print("\n");
    bool first = divide(context, &function.of.func, 2);
    bool trapped = !divide(context, &function.of.func, 0);
    bool after = divide(context, &function.of.func, -6);

    minplat_stats_t stats;
    minplat_stats(&stats);
    print("bytes of code in RAM: ");
    print_number((int32_t)stats.code);
    print("\n");
    minplat_linker_delete(linker);
    minplat_store_delete(store);
    minplat_module_delete(module);
    minplat_engine_delete(engine);
    return first && trapped && after ? 0 : 1;
}
