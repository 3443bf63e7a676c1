/*
 * Firmware with two modules in it, on Linux: a filter that is trusted and runs where it lies, and a plug-in that is not
 * trusted: it is copied, gets a limit, and its trap is an error with a backtrace. Prints what happens; the exit code
 * is 0 if all of it went as it should.
 */
#include "board.h"

#include <minplat_filter.h>
#include <minplat_plugin.h>
#include <stdio.h>

static int wrong;

static void expect(const char *what, int32_t got, int32_t wanted) {
    printf("%s: %d\n", what, (int)got);
    if (got != wanted) {
        printf("  WRONG: %d was expected\n", (int)wanted);
        wrong = 1;
    }
}

/* Calls a function of two numbers at most that gives one. */
static minplat_error_t *call(minplat_context_t *context, minplat_func_t func, size_t count, int32_t a, int32_t b,
                             int32_t *result) {
    minplat_value_t args[2] = {{.kind = MINPLAT_I32, .of = {.i32 = a}}, {.kind = MINPLAT_I32, .of = {.i32 = b}}};
    minplat_value_t value;
    minplat_error_t *error = minplat_func_call(context, &func, args, count, &value, 1);
    if (!error)
        *result = value.of.i32;
    return error;
}

/* The filter on some samples, one of them out of range. */
static int32_t filter(const minplat_engine_t *engine, const minplat_module_t *module) {
    static const int32_t samples[] = {800, 1600, 5000, 2400};
    board_t board = {samples, sizeof samples / sizeof *samples, 0};
    minplat_store_t *store;
    minplat_linker_t *linker;
    minplat_instance_t instance;
    int32_t mean = 0;
    must("making a store", minplat_store_new(engine, NULL, NULL, &store));
    must("making a linker", minplat_linker_new(engine, &linker));
    define_board(linker, &board);
    minplat_context_t *context = minplat_store_context(store);
    must("instantiating the filter", minplat_linker_instantiate(linker, context, module, &instance));
    must("calling the filter", call(context, exported(context, &instance, "run"), 1, 4, 0, &mean));
    /* One sample more than there is: the host function's error ends the guest's call. */
    int32_t none;
    minplat_error_t *error = call(context, exported(context, &instance, "run"), 1, 1, 0, &none);
    expect("one sample too many, error code", (int32_t)minplat_error_code(error), MINPLAT_ERROR_HOST);
    report(error);
    minplat_linker_delete(linker);
    minplat_store_delete(store);
    return mean;
}

/* The plug-in: what it may take, and what becomes of its mistakes. */
static void plugin(const minplat_engine_t *engine, const minplat_module_t *module) {
    minplat_limits_t limits = {.memory_bytes = 5 * 65536, .total_memory_bytes = 5 * 65536, .memories = 1,
                               .table_elements = 100, .tables = 1, .instances = 1};
    minplat_store_t *store;
    minplat_linker_t *linker;
    minplat_instance_t instance, another;
    minplat_trap_code_t trap = MINPLAT_TRAP_OTHER;
    int32_t result = 0;
    must("making a store", minplat_store_new(engine, NULL, NULL, &store));
    must("making a linker", minplat_linker_new(engine, &linker));
    minplat_store_set_limits(store, &limits);
    minplat_context_t *context = minplat_store_context(store);
    must("instantiating the plug-in", minplat_linker_instantiate(linker, context, module, &instance));

    must("hoarding", call(context, exported(context, &instance, "hoard"), 0, 0, 0, &result));
    expect("pages that the plug-in got, of 5", result, 5);
    minplat_error_t *error = minplat_linker_instantiate(linker, context, module, &another);
    expect("a second instance in its store, error code", (int32_t)minplat_error_code(error), MINPLAT_ERROR_LIMIT);
    minplat_error_delete(error);

    error = call(context, exported(context, &instance, "scale"), 2, 1, 0, &result);
    minplat_error_trap_code(error, &trap);
    expect("scale(1, 0), trap", (int32_t)trap, MINPLAT_TRAP_INTEGER_DIVISION_BY_ZERO);
    report(error);
    must("calling it again", call(context, exported(context, &instance, "scale"), 2, 42, 6, &result));
    expect("scale(42, 6)", result, 700);

    /* Ending a guest that does not end takes a platform with wasm.interruption = "fuel" (or "epoch"). */
    error = minplat_context_set_fuel(context, 100000);
    if (minplat_error_code(error) == MINPLAT_ERROR_UNSUPPORTED) {
        printf("this platform has no fuel\n");
        minplat_error_delete(error);
    } else {
        must("giving fuel", error);
        minplat_func_t forever = exported(context, &instance, "forever");
        error = minplat_func_call(context, &forever, NULL, 0, NULL, 0);
        expect("forever, error code", (int32_t)minplat_error_code(error), MINPLAT_ERROR_OUT_OF_FUEL);
        report(error);
    }
    minplat_linker_delete(linker);
    minplat_store_delete(store);
}

int main(void) {
    minplat_engine_t *engine;
    minplat_module_t *in_place, *copied, *untrusted;
    printf("minplat %s for %s\n", minplat_version(), minplat_platform_name());
    must("making an engine", minplat_engine_new(&engine));

    /* As the build linked it: where it lies. The same bytes can be copied too. */
    must("loading the filter in place", minplat_filter_load(engine, &in_place));
    must("copying the filter", minplat_module_load(engine, minplat_filter_start, minplat_filter_size, &copied));
    expect("mean, filter in place", filter(engine, in_place), 551);
    expect("mean, filter copied", filter(engine, copied), 551);

    must("loading the plug-in", minplat_plugin_load(engine, &untrusted));
    plugin(engine, untrusted);

    minplat_module_delete(in_place);
    minplat_module_delete(copied);
    minplat_module_delete(untrusted);
    minplat_engine_delete(engine);
    return wrong;
}
