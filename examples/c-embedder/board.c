#include "board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void must(const char *what, minplat_error_t *error) {
    if (!error)
        return;
    fprintf(stderr, "%s failed\n", what);
    report(error);
    exit(1);
}

void report(minplat_error_t *error) {
    minplat_trap_code_t trap;
    minplat_frame_t frame;
    size_t len;
    const uint8_t *message = minplat_error_message(error, &len);
    if (minplat_error_trap_code(error, &trap))
        printf("  trap %d: %s\n", (int)trap, minplat_trap_text(trap));
    else
        printf("  error %d: %.*s\n", (int)minplat_error_code(error), (int)len, (const char *)message);
    for (size_t i = 0; minplat_error_frame(error, i, &frame); i++)
        printf("    %zu: function %u %.*s\n", i, (unsigned)frame.function_index, (int)frame.function_name_len,
               frame.function_name ? (const char *)frame.function_name : "");
    minplat_error_delete(error);
}

/* board.sample: () -> (i32) */
static minplat_error_t *sample(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                               minplat_value_t *results, size_t results_len) {
    board_t *board = env;
    (void)caller, (void)args, (void)args_len, (void)results_len;
    if (board->next == board->count)
        return minplat_error_new(TEXT("the sensor has no more samples"));
    results[0].of.i32 = board->samples[board->next++];
    return NULL;
}

/* board.print: (address, length) of text in the guest's memory. What a guest says is checked before it is used. */
static minplat_error_t *print(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                              minplat_value_t *results, size_t results_len) {
    minplat_extern_t memory;
    uint32_t address = (uint32_t)args[0].of.i32, length = (uint32_t)args[1].of.i32;
    (void)env, (void)args_len, (void)results, (void)results_len;
    if (!minplat_caller_export(caller, TEXT("memory"), &memory) || memory.kind != MINPLAT_EXTERN_MEMORY)
        return minplat_error_new(TEXT("print: the guest exports no memory"));
    const uint8_t *bytes = minplat_memory_range(minplat_caller_context(caller), &memory.of.memory, address, length);
    if (!bytes)
        return minplat_error_new(TEXT("print: the text lies outside the guest's memory"));
    printf("  guest: %.*s\n", (int)length, (const char *)bytes);
    return NULL;
}

void define_board(minplat_linker_t *linker, board_t *board) {
    static const minplat_kind_t two[] = {MINPLAT_I32, MINPLAT_I32};
    must("defining board.sample", minplat_linker_define_func(linker, TEXT("board"), TEXT("sample"), NULL, 0, two, 1,
                                                             sample, board, NULL));
    must("defining board.print", minplat_linker_define_func(linker, TEXT("board"), TEXT("print"), two, 2, NULL, 0,
                                                            print, board, NULL));
}

minplat_func_t exported(minplat_context_t *context, const minplat_instance_t *instance, const char *name) {
    minplat_extern_t item;
    if (!minplat_instance_export(context, instance, (const uint8_t *)name, strlen(name), &item) ||
        item.kind != MINPLAT_EXTERN_FUNC) {
        fprintf(stderr, "the module exports no function %s\n", name);
        exit(1);
    }
    return item.of.func;
}
