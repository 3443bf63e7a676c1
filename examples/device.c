/*
 * A device in C, on Linux: reads an artifact, gives it one host function, calls an export, prints what became of it.
 * Firmware does the same; it has the artifact in flash, and functions of its own instead of wasmtime-platform.c.
 *
 *   cc examples/device.c artifacts/x86_64-minplat/include/wasmtime-platform.c \
 *      artifacts/x86_64-minplat/lib/libminplat.a -I artifacts/x86_64-minplat/include -o device
 *   ./device examples/imports.cwasm 6 7
 */
#include <minplat.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT(literal) (const uint8_t *)literal, sizeof literal - 1

/* Says what went wrong, where in the guest, and ends the program. */
static void check(minplat_error_t *error) {
    minplat_frame_t frame;
    size_t len;
    if (!error)
        return;
    const uint8_t *message = minplat_error_message(error, &len);
    fprintf(stderr, "%.*s\n", (int)len, message);
    for (size_t i = 0; minplat_error_frame(error, i, &frame); i++)
        fprintf(stderr, "  in %.*s\n", (int)frame.function_name_len, frame.function_name ? (const char *)frame.function_name : "");
    minplat_error_delete(error);
    exit(1);
}

/* Imported by the guest as env.multiply: (i32, i32) -> (i32). */
static minplat_error_t *multiply(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                                 minplat_value_t *results, size_t results_len) {
    (void)env, (void)caller, (void)args_len, (void)results_len;
    results[0].of.i32 = args[0].of.i32 * args[1].of.i32;
    return NULL;
}

/* Imported as env.print: (address, length) of text in the guest's memory. What a guest says is checked before it is used. */
static minplat_error_t *print(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                              minplat_value_t *results, size_t results_len) {
    (void)env, (void)args_len, (void)results, (void)results_len;
    minplat_extern_t memory;
    uint32_t address = (uint32_t)args[0].of.i32, length = (uint32_t)args[1].of.i32;
    if (!minplat_caller_export(caller, TEXT("memory"), &memory) || memory.kind != MINPLAT_EXTERN_MEMORY)
        return minplat_error_new(TEXT("print: the guest exports no memory"));
    const uint8_t *bytes = minplat_memory_range(minplat_caller_context(caller), &memory.of.memory, address, length);
    if (!bytes)
        return minplat_error_new(TEXT("print: the text lies outside the guest's memory"));
    printf("%.*s\n", (int)length, bytes);
    return NULL;
}

int main(int argc, char **argv) {
    static const minplat_kind_t two[] = {MINPLAT_I32, MINPLAT_I32};
    static uint8_t artifact[1 << 20];
    FILE *file = argc == 4 ? fopen(argv[1], "rb") : NULL;
    if (!file) {
        fprintf(stderr, "usage: device FILE.cwasm WIDTH HEIGHT\n");
        return 2;
    }
    size_t len = fread(artifact, 1, sizeof artifact, file);
    fclose(file);

    minplat_engine_t *engine;
    minplat_store_t *store;
    minplat_module_t *module;
    minplat_linker_t *linker;
    minplat_instance_t instance;
    minplat_extern_t area;
    check(minplat_engine_new(&engine));
    check(minplat_store_new(engine, NULL, NULL, &store));
    check(minplat_module_load(engine, artifact, len, &module));
    check(minplat_linker_new(engine, &linker));
    check(minplat_linker_define_func(linker, TEXT("env"), TEXT("multiply"), two, 2, two, 1, multiply, NULL, NULL));
    check(minplat_linker_define_func(linker, TEXT("env"), TEXT("print"), two, 2, NULL, 0, print, NULL, NULL));

    minplat_context_t *context = minplat_store_context(store);
    check(minplat_linker_instantiate(linker, context, module, &instance));
    if (!minplat_instance_export(context, &instance, TEXT("area"), &area) || area.kind != MINPLAT_EXTERN_FUNC) {
        fprintf(stderr, "%s exports no function area\n", argv[1]);
        return 1;
    }
    minplat_value_t args[2] = {{.kind = MINPLAT_I32, .of = {.i32 = atoi(argv[2])}},
                               {.kind = MINPLAT_I32, .of = {.i32 = atoi(argv[3])}}};
    minplat_value_t result;
    check(minplat_func_call(context, &area.of.func, args, 2, &result, 1));
    printf("%d\n", (int)result.of.i32);

    minplat_linker_delete(linker);
    minplat_module_delete(module);
    minplat_store_delete(store);
    minplat_engine_delete(engine);
    return 0;
}
