/*
 * How much native stack the library needs on the machine that this runs on, call by call, and that a guest never leaves what
 * it was given: docs/stack.md. Everything runs on a stack that was painted before (minplat_stack_paint), and afterwards tells
 * how deep it was used (minplat_stack_unused). The machine is behind port.h.
 *
 *   examples/stack/measure.sh PLATFORM...     builds it with a compiler and runs it in an emulator
 *
 * NATIVE_STACK is the platform's memory.native-stack, STACK_BUDGET its budget.stack (0: not known yet), bytes. Ends with 1
 * where a call takes more than the budget, or ends otherwise than it must.
 */
#include "gauge.h"
#include "port.h"

#include <stdio.h>
#include <string.h>

/* Room for anything. */
#define AMPLE (NATIVE_STACK + (32 << 10))

guest_t guest = {.back = "trap"};

/* ------------------------------------------------------------------------------------------------ the guest's life */

/* A host function that does nothing. */
static minplat_error_t *leaf(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                             minplat_value_t *results, size_t results_len) {
    (void)env, (void)caller, (void)args, (void)args_len, (void)results, (void)results_len;
    return NULL;
}

/* One that calls its caller back. */
static minplat_error_t *again(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                              minplat_value_t *results, size_t results_len) {
    (void)env, (void)args, (void)args_len, (void)results, (void)results_len;
    minplat_extern_t export;
    if (!minplat_caller_export(caller, (const uint8_t *)guest.back, strlen(guest.back), &export))
        return minplat_error_new(TEXT("the guest is not examples/stack.wat"));
    return minplat_func_call(minplat_caller_context(caller), &export.of.func, NULL, 0, NULL, 0);
}

minplat_error_t *make_engine(void) { return minplat_engine_new(&guest.engine); }

minplat_error_t *load(void) {
    return minplat_module_load(guest.engine, minplat_stack_start, minplat_stack_size, &guest.module);
}

minplat_error_t *make_store(void) { return minplat_store_new(guest.engine, NULL, NULL, &guest.store); }

minplat_error_t *make_linker(void) {
    guest.context = minplat_store_context(guest.store);
    return minplat_linker_new(guest.engine, &guest.linker);
}

minplat_error_t *define(void) {
    minplat_error_t *error =
        minplat_linker_define_func(guest.linker, TEXT("host"), TEXT("leaf"), NULL, 0, NULL, 0, leaf, NULL, NULL);
    if (!error)
        error = minplat_linker_define_func(guest.linker, TEXT("host"), TEXT("again"), NULL, 0, NULL, 0, again, NULL, NULL);
    return error;
}

minplat_error_t *instantiate(void) {
    return minplat_linker_instantiate(guest.linker, guest.context, guest.module, &guest.instance);
}

minplat_error_t *call(const char *name) {
    minplat_extern_t export;
    if (!minplat_instance_export(guest.context, &guest.instance, (const uint8_t *)name, strlen(name), &export))
        return minplat_error_new(TEXT("the guest is not examples/stack.wat"));
    return minplat_func_call(guest.context, &export.of.func, NULL, 0, NULL, 0);
}

void finish(void) {
    minplat_linker_delete(guest.linker);
    minplat_module_delete(guest.module);
    minplat_store_delete(guest.store);
    minplat_engine_delete(guest.engine);
}

/* Reads an error, as firmware would. */
static minplat_error_t *read(minplat_error_t *error) {
    size_t len;
    minplat_trap_code_t code;
    minplat_frame_t frame;
    minplat_error_message(error, &len);
    minplat_error_trap_code(error, &code);
    minplat_error_frame(error, 0, &frame);
    return error;
}

static minplat_error_t *call_nothing(void) { return call("nothing"); }
static minplat_error_t *call_grow(void) { return call("grow"); }
static minplat_error_t *call_host(void) { return call("host"); }
static minplat_error_t *call_trap(void) { return read(call("trap")); }
static minplat_error_t *call_back(void) { return read(call("back")); }

/* From nothing to the end of a recursion that has none. */
static const char *recursion;
static minplat_error_t *recurse(void) {
    memset(&guest, 0, sizeof guest);
    guest.back = "bounce";
    minplat_error_t *error = make_engine();
    if (!error)
        error = load();
    if (!error)
        error = make_store();
    if (!error)
        error = make_linker();
    if (!error)
        error = define();
    if (!error)
        error = instantiate();
    return error ? error : read(call(recursion));
}

/* --------------------------------------------------------------------------------------------------- the measuring */

static bool is_fine = true;
static size_t most;

typedef struct {
    call_t run;
    void *lowest;
    minplat_error_t *error;
} job_t;

static void paint_and_run(void *env) {
    job_t *job = env;
    minplat_stack_paint(job->lowest);
    job->error = job->run();
}

/* Bytes of the stack that a call takes, of `bytes` that it has. Tells of an end that is not the one that it must have; with
   EACH, of every call. */
static size_t measure(const char *name, size_t bytes, call_t run, minplat_error_code_t ends) {
    job_t job = {run, port_stack(bytes), NULL};
    size_t len;
    if (!job.lowest) {
        printf("no room for a stack of %lu bytes\n", (unsigned long)bytes);
        is_fine = false;
        return 0;
    }
    fflush(stdout); /* who leaves the stack does not come back */
    port_run(job.lowest, bytes, paint_and_run, &job);
    size_t used = bytes - minplat_stack_unused(job.lowest);
    minplat_error_code_t code = minplat_error_code(job.error);
    if (code != ends && code != MINPLAT_ERROR_UNSUPPORTED) {
        const uint8_t *text = minplat_error_message(job.error, &len);
        printf("%s: error %u, not %u: %.*s\n", name, (unsigned)code, (unsigned)ends, (int)len, text ? (const char *)text : "");
        is_fine = false;
    }
#ifdef EACH
    if (bytes == AMPLE && code != MINPLAT_ERROR_UNSUPPORTED)
        printf("each %lu: %s\n", (unsigned long)used, name);
#endif
    minplat_error_delete(job.error);
    return used;
}

static size_t larger(size_t one, size_t other) { return one > other ? one : other; }

static void row(const char *name, size_t bytes, const char *more) {
    printf("  %-34s%12lu%s%s\n", name, (unsigned long)bytes, *more ? " " : "", more);
    most = larger(most, bytes);
}

static void show_calls(void) {
    size_t bytes = measure("minplat_engine_new", AMPLE, make_engine, MINPLAT_OK);
    size_t loading = measure("minplat_module_load", AMPLE, load, MINPLAT_OK);
    bytes = larger(bytes, measure("minplat_store_new", AMPLE, make_store, MINPLAT_OK));
    bytes = larger(bytes, measure("minplat_linker_new, minplat_store_context", AMPLE, make_linker, MINPLAT_OK));
    row("prepare", larger(bytes, measure("minplat_linker_define_func", AMPLE, define, MINPLAT_OK)), "");
    row("load", loading, "");
    row("instantiate", measure("minplat_linker_instantiate", AMPLE, instantiate, MINPLAT_OK), "");
    bytes = measure("minplat_func_call", AMPLE, call_nothing, MINPLAT_OK);
    row("call", larger(bytes, measure("minplat_func_call, memory.grow", AMPLE, call_grow, MINPLAT_OK)), "");
    row("host call", measure("minplat_func_call, host function", AMPLE, call_host, MINPLAT_OK), "");
    row("trap", measure("minplat_func_call, trap", AMPLE, call_trap, MINPLAT_ERROR_TRAP), "");
    row("nested trap", measure("minplat_func_call, nested trap", AMPLE, call_back, MINPLAT_ERROR_TRAP), "");

    size_t deepest = 0;
    const char *name = "";
    for (size_t i = 0; i < other_calls_len; i++) {
        const named_call_t *other = &other_calls[i];
        bytes = measure(other->name, AMPLE, other->run, other->ends);
        if (bytes > deepest) {
            deepest = bytes;
            name = other->name;
        }
    }
    row("others", deepest, name);
}

static void show_recursion(const char *name, const char *export, size_t bytes) {
    recursion = export;
    size_t used = measure(name, bytes, recurse, MINPLAT_ERROR_TRAP);
    printf("  %-34s%12lu used, then the trap\n", name, (unsigned long)used);
    is_fine = is_fine && used < bytes;
    finish();
}

int main(void) {
    minplat_config_t config;
    memset(&config, 0, sizeof config);
    port_config(&config);
    minplat_error_t *error = minplat_init(&config);
    if (error)
        return 2;
    printf("%s: native stack besides wasm's own part, bytes\n", minplat_platform_name());
    show_calls();
    printf("  %-34s%12lu of %lu\n", "at most", (unsigned long)most, (unsigned long)STACK_BUDGET);
    if (STACK_BUDGET != 0 && most > STACK_BUDGET) {
        printf("more than budget.stack: docs/stack.md has what each took, so what grew: shorten it, or raise the budget\n");
        is_fine = false;
    }
    size_t besides = larger(STACK_BUDGET, (most + 15) & ~(size_t)15);
    printf("recursion without end, on %lu + %lu bytes above a guard\n", (unsigned long)NATIVE_STACK, (unsigned long)besides);
    show_recursion("wasm", "deep", NATIVE_STACK + besides);
    show_recursion("wasm, host, wasm", "bounce", NATIVE_STACK + besides);
    printf(is_fine ? "as promised\n" : "not as promised\n");
    return !is_fine;
}
