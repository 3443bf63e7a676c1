/*
 * What comes of memory running out. Every function of minplat.h that takes memory is called with a heap that has so many
 * bytes left (0, 48, 96 ... 6096) and a platform that gives no more; then a module is loaded and an instance made with the
 * platform refusing one call. Prints how often each ended how, and if a function stopped the library, with how much left
 * it still did. The exit code is 1 if one stopped, or said anything but that memory ran out.
 *
 *   minplat-compile --platform PLATFORM exhaustion.wat
 *   cc exhaustion.c -I PREFIX/include PREFIX/lib/libminplat.a -o exhaustion && ./exhaustion exhaustion.cwasm
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "minplat.h"

#define wasmtime_mmap_new the_platforms_mmap_new
#define wasmtime_mprotect the_platforms_mprotect
#define wasmtime_memory_image_new the_platforms_memory_image_new
#include "wasmtime-platform.c"
#undef wasmtime_mmap_new
#undef wasmtime_mprotect
#undef wasmtime_memory_image_new

#define TEXT(text) (const uint8_t *)text, sizeof text - 1
enum { MOST = 6144, STEP = 48 };
/* How a process ends that had its answer, and that had a wrong one. */
enum { DONE = 10, OUT_OF_MEMORY, TRAP, OTHER };

static bool is_dry;
/* How many calls from now each is refused; 0: never. */
static int refuse_map, refuse_protect, refuse_image;

int32_t wasmtime_mmap_new(size_t size, uint32_t prot_flags, uint8_t **ret) {
    return is_dry || (refuse_map && --refuse_map == 0) ? ENOMEM : the_platforms_mmap_new(size, prot_flags, ret);
}

int32_t wasmtime_mprotect(uint8_t *ptr, size_t size, uint32_t prot_flags) {
    return refuse_protect && --refuse_protect == 0 ? EACCES : the_platforms_mprotect(ptr, size, prot_flags);
}

int32_t wasmtime_memory_image_new(const uint8_t *ptr, size_t size, struct wasmtime_memory_image **ret) {
    return refuse_image && --refuse_image == 0 ? ENOSPC : the_platforms_memory_image_new(ptr, size, ret);
}

static uint8_t bytes[1 << 20], text[1 << 16];
static size_t len;
static minplat_engine_t *engine;
static minplat_store_t *store;
static minplat_context_t *context;
static minplat_linker_t *linker;
static minplat_module_t *module;
static minplat_instance_t instance;
static minplat_extern_t memory, table, call, trap, host_function;
static minplat_error_t *unread;

static void must(minplat_error_t *error) {
    if (error) {
        size_t n;
        const uint8_t *said = minplat_error_message(error, &n);
        fprintf(stderr, "the test cannot start: %.*s\n", (int)n, (const char *)said);
        exit(2);
    }
}

static minplat_error_t *twice(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                              minplat_value_t *results, size_t results_len) {
    (void)env, (void)caller, (void)args_len, (void)results_len;
    results[0].of.i32 = 2 * args[0].of.i32;
    return NULL;
}

static minplat_error_t *define(const char *name) {
    minplat_kind_t i32 = MINPLAT_I32;
    return minplat_linker_define_func(linker, TEXT("host"), (const uint8_t *)name, strlen(name), &i32, 1, &i32, 1, twice,
                                      NULL, NULL);
}

static minplat_error_t *call_of(const minplat_extern_t *function) {
    minplat_value_t value = {.kind = MINPLAT_I32};
    return minplat_func_call(context, &function->of.func, &value, 1, &value, 1);
}

/* ---------------------------------------------------------------------------------------------- what is tried */

static minplat_error_t *try_engine_new(void) { minplat_engine_t *new; return minplat_engine_new(&new); }
static minplat_error_t *try_store_new(void) { minplat_store_t *new; return minplat_store_new(engine, NULL, NULL, &new); }
static minplat_error_t *try_linker_new(void) { minplat_linker_t *new; return minplat_linker_new(engine, &new); }
static minplat_error_t *try_define_func(void) { return define("another"); }
static minplat_error_t *try_define(void) {
    return minplat_linker_define(linker, context, TEXT("a"), TEXT("memory"), &memory);
}
static minplat_error_t *try_define_instance(void) {
    return minplat_linker_define_instance(linker, context, TEXT("guest"), &instance);
}
static minplat_error_t *try_load(void) { minplat_module_t *new; return minplat_module_load(engine, bytes, len, &new); }
static minplat_error_t *try_instantiate(void) {
    minplat_instance_t new;
    return minplat_linker_instantiate(linker, context, module, &new);
}
static minplat_error_t *try_call(void) { return call_of(&call); }
static minplat_error_t *try_trap(void) { return call_of(&trap); }
static minplat_error_t *try_export(void) {
    minplat_extern_t found;
    minplat_instance_export(context, &instance, TEXT("global"), &found);
    return NULL;
}
static minplat_error_t *try_import_type(void) { minplat_externtype_t *type; return minplat_module_import(module, 0, &type); }
static minplat_error_t *try_export_type(void) { minplat_externtype_t *type; return minplat_module_export(module, 3, &type); }
static minplat_error_t *try_func_type(void) {
    minplat_externtype_t *type;
    return minplat_func_type(context, &call.of.func, &type);
}
static minplat_error_t *try_memory_new(void) {
    minplat_memory_t new;
    minplat_limits_type_t limits = {.minimum = 1, .maximum = 1, .page_size_log2 = 0};
    return minplat_memory_new(context, &limits, &new);
}
static minplat_error_t *try_memory_grow(void) { return minplat_memory_grow(context, &memory.of.memory, 1, NULL); }
static minplat_error_t *try_table_new(void) {
    minplat_table_t new;
    minplat_value_t null = {.kind = MINPLAT_FUNCREF};
    minplat_limits_type_t limits = {.minimum = 2, .maximum = 2};
    return minplat_table_new(context, MINPLAT_FUNCREF, &limits, &null, &new);
}
static minplat_error_t *try_table_grow(void) {
    minplat_value_t null = {.kind = MINPLAT_FUNCREF};
    return minplat_table_grow(context, &table.of.table, 8, &null, NULL);
}
static minplat_error_t *try_global_new(void) {
    minplat_global_t new;
    minplat_value_t one = {.kind = MINPLAT_I32, .of = {.i32 = 1}};
    return minplat_global_new(context, MINPLAT_I32, true, &one, &new);
}
static minplat_error_t *try_error_new(void) { return minplat_error_new(TEXT("an error with a text that is not so short")); }
static minplat_error_t *try_message(void) {
    size_t n;
    minplat_error_message(unread, &n);
    return NULL;
}
static minplat_error_t *raw(void *env, minplat_caller_t *caller, minplat_raw_t *values, size_t values_len) {
    (void)env, (void)caller, (void)values, (void)values_len;
    return NULL;
}
static minplat_error_t *try_define_raw(void) {
    return minplat_linker_define_func_raw(linker, TEXT("host"), TEXT("raw"), NULL, 0, NULL, 0, raw, NULL, NULL);
}
static minplat_error_t *try_define_import(void) {
    minplat_externtype_t *import;
    minplat_error_t *error = minplat_module_import(module, 0, &import);
    minplat_linker_allow_shadowing(linker, true);
    return error ? error : minplat_linker_define_import(linker, import, twice, NULL, NULL);
}
static minplat_error_t *try_get(void) {
    minplat_extern_t found;
    return minplat_linker_get(linker, context, TEXT("host"), TEXT("twice"), &found);
}
static minplat_error_t *try_func_new(void) {
    minplat_func_t new;
    return minplat_func_new(context, NULL, 0, NULL, 0, twice, NULL, NULL, &new);
}
static minplat_error_t *try_instance_new(void) {
    minplat_instance_t new;
    return minplat_instance_new(context, module, &host_function, 1, &new);
}
static minplat_error_t *try_extern_type(void) {
    minplat_externtype_t *type;
    return minplat_extern_type(context, &call, &type);
}
static minplat_error_t *try_prepare(void) {
    const minplat_kind_t i32 = MINPLAT_I32;
    minplat_prepared_t ready;
    minplat_raw_t value = {.i32 = 1};
    minplat_error_t *error = minplat_func_prepare(context, &call.of.func, &i32, 1, &i32, 1, &ready);
    return error ? error : minplat_prepared_call(context, &ready, &value, 1);
}
static minplat_error_t *try_epoch(void) {
    minplat_error_t *error = minplat_engine_increment_epoch(engine);
    /* It takes no memory, so it never runs out of it. */
    bool fine = minplat_error_code(error) == MINPLAT_OK || minplat_error_code(error) == MINPLAT_ERROR_UNSUPPORTED;
    if (!fine)
        _exit(OTHER);
    return NULL;
}

/* Everything up to an instance, with a heap that has enough. */
static minplat_error_t *start(void) {
    minplat_error_t *error = minplat_module_load(engine, bytes, len, &module);
    return error ? error : try_instantiate();
}

static const struct {
    const char *name;
    minplat_error_t *(*run)(void);
} tries[] = {
    {"minplat_engine_new", try_engine_new},
    {"minplat_engine_increment_epoch", try_epoch},
    {"minplat_store_new", try_store_new},
    {"minplat_linker_new", try_linker_new},
    {"minplat_linker_define_func", try_define_func},
    {"minplat_linker_define_func_raw", try_define_raw},
    {"minplat_linker_define_import", try_define_import},
    {"minplat_linker_get", try_get},
    {"minplat_linker_define", try_define},
    {"minplat_linker_define_instance", try_define_instance},
    {"minplat_module_load", try_load},
    {"minplat_linker_instantiate", try_instantiate},
    {"minplat_instance_new", try_instance_new},
    {"minplat_extern_type", try_extern_type},
    {"minplat_func_new", try_func_new},
    {"minplat_func_prepare", try_prepare},
    {"minplat_func_call", try_call},
    {"minplat_func_call, a trap", try_trap},
    {"minplat_instance_export", try_export},
    {"minplat_module_import", try_import_type},
    {"minplat_module_export", try_export_type},
    {"minplat_func_type", try_func_type},
    {"minplat_memory_new", try_memory_new},
    {"minplat_memory_grow", try_memory_grow},
    {"minplat_table_new", try_table_new},
    {"minplat_table_grow", try_table_grow},
    {"minplat_global_new", try_global_new},
    {"minplat_error_new", try_error_new},
    {"minplat_error_message", try_message},
};

/* ------------------------------------------------------------------------------------------------ the device */

/* Takes the heap but for a hole of about `left` bytes. */
static void dry(size_t left) {
    minplat_error_t *hole = left ? minplat_error_new(text, left) : NULL;
    is_dry = true;
    for (size_t size = sizeof text; size != 0; size /= 2)
        while (minplat_error_code(minplat_error_new(text, size)) != MINPLAT_ERROR_OUT_OF_MEMORY)
            continue;
    minplat_error_delete(hole);
}

static int answer(minplat_error_t *error) {
    switch (minplat_error_code(error)) {
    case MINPLAT_OK:
        return DONE;
    case MINPLAT_ERROR_OUT_OF_MEMORY:
    case MINPLAT_ERROR_LIMIT: /* a memory that cannot grow */
        return OUT_OF_MEMORY;
    case MINPLAT_ERROR_TRAP:
        return TRAP;
    default:
        return minplat_error_code(error) == MINPLAT_ERROR_HOST ? DONE : OTHER;
    }
}

/* How a child process ends that does this; 0 if it has no answer. */
static int end_of(minplat_error_t *(*run)(void), size_t left) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (left != SIZE_MAX)
            dry(left);
        _exit(answer(run()));
    }
    int status = 0;
    waitpid(child, &status, 0);
    bool has_answer = WIFEXITED(status) && WEXITSTATUS(status) >= DONE && WEXITSTATUS(status) <= OTHER;
    return has_answer ? WEXITSTATUS(status) : 0;
}

/* Whether a start ends well, or for want of memory, whichever call of a platform function is refused. */
static bool refused(const char *name, int *refuse) {
    int count[OTHER + 1] = {0};
    for (int nth = 1; nth <= 8; nth++) {
        *refuse = nth;
        count[end_of(start, SIZE_MAX)]++;
    }
    *refuse = 0;
    printf("%-32s %8d %8d %8d %8d %8d\n", name, count[DONE], count[OUT_OF_MEMORY], count[TRAP], count[OTHER], count[0]);
    return count[DONE] + count[OUT_OF_MEMORY] == 8;
}

int main(int argc, char **argv) {
    int file = argc == 2 ? open(argv[1], O_RDONLY) : -1;
    ssize_t got = file < 0 ? -1 : read(file, bytes, sizeof bytes);
    len = got < 0 ? 0 : (size_t)got;
    memset(text, 'x', sizeof text);
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);

    must(minplat_engine_new(&engine));
    must(minplat_store_new(engine, NULL, NULL, &store));
    context = minplat_store_context(store);
    must(minplat_linker_new(engine, &linker));
    must(minplat_module_load(engine, bytes, len, &module));
    unread = minplat_linker_instantiate(linker, context, module, &instance);
    must(define("twice"));
    must(minplat_linker_get(linker, context, TEXT("host"), TEXT("twice"), &host_function));
    must(minplat_linker_instantiate(linker, context, module, &instance));
    minplat_instance_export(context, &instance, TEXT("memory"), &memory);
    minplat_instance_export(context, &instance, TEXT("table"), &table);
    minplat_instance_export(context, &instance, TEXT("call"), &call);
    minplat_instance_export(context, &instance, TEXT("trap"), &trap);

    bool fine = true;
    printf("%-32s %8s %8s %8s %8s %8s %8s\n", "", "done", "memory", "trap", "other", "stopped", "up to");
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        int count[OTHER + 1] = {0};
        size_t most = 0;
        for (size_t left = 0; left < MOST; left += STEP) {
            int end = end_of(tries[i].run, left);
            count[end]++;
            if (end == 0)
                most = left;
        }
        printf("%-32s %8d %8d %8d %8d %8d", tries[i].name, count[DONE], count[OUT_OF_MEMORY], count[TRAP], count[OTHER],
               count[0]);
        printf(count[0] ? " %8zu\n" : "\n", most);
        fine = fine && count[OTHER] == 0 && count[0] == 0;
    }
    fine &= refused("start, wasmtime_mmap_new refused", &refuse_map);
    fine &= refused("start, _mprotect refused", &refuse_protect);
    fine &= refused("start, _memory_image_new refused", &refuse_image);
    return !fine;
}
