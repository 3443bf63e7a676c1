/*
 * The smallest program that does everything: it loads a module, links one host function, calls an export, and prints a trap.
 * `minplat-build` links it statically with unused sections collected, and the size is what `budget.library` limits.
 *
 *   cc size-probe.c -I PREFIX/include PREFIX/lib/libminplat.a
 *
 * It calls nothing of a C library, so it links for a machine without one: what the machine offers comes from outside, the
 * functions of `wasmtime-platform.h` and the three below.
 *
 * With `MINPLAT_PROBE_BY_INDEX` imports and exports are found by their place in the module instead of their names: what a program
 * takes whose modules are known.
 */
#include "minplat.h"

/* The module, `minplat_probe_size` bytes, and a way to print. */
extern const uint8_t minplat_probe_start[];
extern const size_t minplat_probe_size;
void minplat_probe_print(const char *text, size_t len);

static void print_error(const minplat_error_t *error) {
    size_t len;
    const uint8_t *message = minplat_error_message(error, &len);
    minplat_probe_print((const char *)message, len);
    minplat_probe_print("\n", 1);
}

/* Imported by the module as "host" "twice": (i32) -> (i32). */
static minplat_error_t *twice(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                              minplat_value_t *results, size_t results_len) {
    (void)env, (void)caller, (void)args_len, (void)results_len;
    results[0].of.i32 = 2 * args[0].of.i32;
    return NULL;
}

#define NAME(text) (const uint8_t *)text, sizeof text - 1

#ifdef MINPLAT_PROBE_BY_INDEX

/* The one import is `twice`, and the first export is `run`. */
static minplat_error_t *link_module(const minplat_engine_t *engine, minplat_context_t *context,
                                    const minplat_module_t *module, minplat_instance_t *instance,
                                    minplat_extern_t *run) {
    static const minplat_kind_t i32 = MINPLAT_I32;
    minplat_extern_t import = {.kind = MINPLAT_EXTERN_FUNC};
    const uint8_t *name;
    size_t len;
    minplat_error_t *error;
    (void)engine;
    if (!(error = minplat_func_new(context, &i32, 1, &i32, 1, twice, NULL, NULL, &import.of.func)) &&
        !(error = minplat_instance_new(context, module, &import, 1, instance)))
        minplat_instance_export_at(context, instance, 0, &name, &len, run);
    return error;
}

#else

static minplat_error_t *link_module(const minplat_engine_t *engine, minplat_context_t *context,
                                    const minplat_module_t *module, minplat_instance_t *instance,
                                    minplat_extern_t *run) {
    static const minplat_kind_t i32 = MINPLAT_I32;
    minplat_linker_t *linker = NULL;
    minplat_error_t *error;
    if (!(error = minplat_linker_new(engine, &linker)) &&
        !(error = minplat_linker_define_func(linker, NAME("host"), NAME("twice"), &i32, 1, &i32, 1, twice, NULL, NULL)) &&
        !(error = minplat_linker_instantiate(linker, context, module, instance)))
        minplat_instance_export(context, instance, NAME("run"), run);
    minplat_linker_delete(linker);
    return error;
}

#endif

/* Calls "run" of the module with one number: it gives back a number, or traps. 0: done; 1: an error was printed. */
int minplat_probe_main(int32_t number, int32_t *answer) {
    minplat_engine_t *engine = NULL;
    minplat_store_t *store = NULL;
    minplat_module_t *module = NULL;
    minplat_instance_t instance;
    minplat_extern_t run = {.kind = MINPLAT_EXTERN_MEMORY};
    minplat_error_t *error;

    if (!(error = minplat_engine_new(&engine)) && !(error = minplat_store_new(engine, NULL, NULL, &store)) &&
        !(error = minplat_module_load(engine, minplat_probe_start, minplat_probe_size, &module))) {
        minplat_context_t *context = minplat_store_context(store);
        error = link_module(engine, context, module, &instance, &run);
        if (!error && run.kind == MINPLAT_EXTERN_FUNC) {
            minplat_value_t value = {.kind = MINPLAT_I32, .of = {.i32 = number}};
            error = minplat_func_call(context, &run.of.func, &value, 1, &value, 1);
            *answer = value.of.i32;
        }
    }
    if (error)
        print_error(error);
    int failed = error != NULL;

    minplat_error_delete(error);
    minplat_module_delete(module);
    minplat_store_delete(store);
    minplat_engine_delete(engine);
    return failed;
}
