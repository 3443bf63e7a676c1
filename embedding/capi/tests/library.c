/*
 * What a program decides for the whole library: the heap's source, the hooks, engines with a stack of their own; and what it
 * learns: where an artifact ends, what memory is used for. One part each run, since the heap has one source in a process:
 *
 *   cc library.c -I PREFIX/include PREFIX/lib/libminplat.a -o library -pthread
 *   minplat-compile --platform PLATFORM library.wat && ./library PART library.cwasm
 *
 * PART is pages, pools, functions, frugal (no realloc), late, stack, interpreter (bytecode's stack), silent or heard (the panic hook), log or no-log. Every line that fails
 * names itself; the exit code counts.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "minplat.h"

#define wasmtime_munmap the_platforms_munmap
#define wasmtime_mmap_new the_platforms_mmap_new
#include "wasmtime-platform.c"
#undef wasmtime_munmap
#undef wasmtime_mmap_new

#define TEXT(text) (const uint8_t *)text, sizeof text - 1
#define CHECK(condition) check(condition, __LINE__, #condition)
#define OK(call) CHECK(is(call, MINPLAT_OK, NULL))
#define FAILS(call, code, part) CHECK(is(call, MINPLAT_ERROR_##code, part))

static int passed, failed;
static void check(bool holds, int line, const char *condition) {
    passed += holds;
    failed += !holds;
    if (!holds)
        printf("library.c:%d: not so: %s\n", line, condition);
}

static bool is(minplat_error_t *error, minplat_error_code_t code, const char *part) {
    size_t len = 0;
    const uint8_t *said = minplat_error_message(error, &len);
    char text[1024] = "";
    if (said)
        memcpy(text, said, len < sizeof text ? len : sizeof text - 1);
    bool fits = minplat_error_code(error) == code && (!part || strstr(text, part));
    if (!fits)
        printf("  got error %u: %s\n", (unsigned)minplat_error_code(error), text);
    minplat_error_delete(error);
    return fits;
}

/* ------------------------------------------------------------------------------------------------- the platform */

static bool refuses_munmap;
static size_t mapped_pages;

int32_t wasmtime_munmap(uint8_t *ptr, size_t size) { return refuses_munmap ? EINVAL : the_platforms_munmap(ptr, size); }
int32_t wasmtime_mmap_new(size_t size, uint32_t prot_flags, uint8_t **ret) {
    mapped_pages += size;
    return the_platforms_mmap_new(size, prot_flags, ret);
}

/* ----------------------------------------------------------------------------------------------- the program's heap */

static size_t given, most_given, aligned_wrongly, reallocs;

static void *give(void *env, size_t size, size_t align) {
    CHECK(env == &given && size != 0 && align != 0 && (align & (align - 1)) == 0);
    void *new = NULL;
    if (posix_memalign(&new, align < sizeof new ? sizeof new : align, size) != 0)
        return NULL;
    aligned_wrongly += (uintptr_t)new % align != 0;
    given += size;
    most_given = given > most_given ? given : most_given;
    memset(new, 0xa5, size); /* nothing may rely on zeros */
    return new;
}
static void take(void *env, void *ptr, size_t size, size_t align) {
    (void)env, (void)align;
    memset(ptr, 0x5a, size);
    given -= size;
    free(ptr);
}
static void *change(void *env, void *ptr, size_t old_size, size_t align, size_t new_size) {
    reallocs++;
    void *new = give(env, new_size, align);
    if (new) {
        memcpy(new, ptr, old_size < new_size ? old_size : new_size);
        take(env, ptr, old_size, align);
    }
    return new;
}

/* ---------------------------------------------------------------------------------------------------- what is run */

static uint8_t bytes[1 << 20];
static size_t len;
static minplat_engine_t *engine;
static minplat_store_t *store;
static minplat_context_t *context;
static minplat_linker_t *linker;
static minplat_module_t *module;
static minplat_instance_t instance;
static int ended;

static void end(void *env) {
    CHECK(env == &ended);
    ended++;
}

static minplat_error_t *call(const char *name, int32_t *number) {
    minplat_extern_t function;
    CHECK(minplat_instance_export(context, &instance, (const uint8_t *)name, strlen(name), &function));
    minplat_value_t value = {.kind = MINPLAT_I32, .of = {.i32 = *number}};
    minplat_error_t *error = minplat_func_call(context, &function.of.func, &value, 1, &value, 1);
    *number = value.of.i32;
    return error;
}

static int32_t grow(const char *name, int32_t more) {
    OK(call(name, &more));
    return more;
}

static void start(void) {
    OK(minplat_engine_new(&engine));
    OK(minplat_store_new(engine, &ended, end, &store));
    context = minplat_store_context(store);
    CHECK(minplat_context_data(context) == &ended);
    OK(minplat_module_load(engine, bytes, len, &module));
    OK(minplat_linker_new(engine, &linker));
    OK(minplat_linker_instantiate(linker, context, module, &instance));
}

static void stop(void) {
    minplat_linker_delete(linker);
    minplat_module_delete(module);
    minplat_engine_delete(engine);
    CHECK(ended == 0);
    minplat_store_delete(store);
    CHECK(ended == 1);
    ended = 0;
}

static minplat_stats_t stats(void) {
    minplat_stats_t now;
    minplat_heap_stats_t heap;
    minplat_stats(&now);
    minplat_heap_stats(&heap);
    CHECK(now.total == now.code + now.memories + now.tables + now.instances + now.types + now.metadata + now.other + now.waste);
    CHECK(now.heap == heap.mapped && now.heap_peak == heap.peak && now.waste == heap.mapped - heap.used);
    return now;
}

/* ----------------------------------------------------------------------------------------------------------- parts */

/* A store's limits and statistics, whatever the heap is made of. */
static void limits(void) {
    minplat_store_stats_t has, had;
    minplat_store_stats(store, &had);
    CHECK(had.memory_bytes == 65536 && had.table_elements == 4 && had.instances == 1);
    minplat_stats_t before = stats();
    CHECK(before.memories == 65536 && before.tables == 4 * sizeof(void *));

    /* Two memories may have four pages together, and each as much as it likes. */
    minplat_limits_t most = minplat_limits_none();
    CHECK(most.memories == UINT64_MAX && most.total_memory_bytes == UINT64_MAX);
    most.total_memory_bytes = 4 * 65536;
    minplat_store_set_limits(store, &most);
    minplat_memory_t second;
    minplat_limits_type_t type = {.minimum = 2, .maximum = 8, .page_size_log2 = 16};
    OK(minplat_memory_new(context, &type, &second));
    CHECK(grow("grow", 2) == -1 && grow("grow", 1) == 1 && grow("grow", 1) == -1);
    FAILS(minplat_memory_grow(context, &second, 1, NULL), LIMIT, NULL);
    FAILS(minplat_memory_new(context, &type, &second), LIMIT, "memory limits");
    /* What a type forbids was never counted, so it gives nothing back. */
    CHECK(grow("grow", 65536) == -1 && grow("grow", 65535) == -1 && grow("grow", 1) == -1);
    minplat_store_stats(store, &has);
    CHECK(has.memory_bytes == 4 * 65536 && stats().memories == 4 * 65536);

    /* An instance that cannot be made counts for nothing, though its memory was announced. */
    most.total_memory_bytes = 5 * 65536;
    most.table_elements = 3;
    minplat_store_set_limits(store, &most);
    minplat_instance_t other;
    for (int i = 0; i < 3; i++)
        FAILS(minplat_linker_instantiate(linker, context, module, &other), LIMIT, "table limits");
    minplat_store_stats(store, &has);
    CHECK(has.memory_bytes == 4 * 65536 && has.instances == 1 && has.table_elements == had.table_elements);
    CHECK(stats().memories == 4 * 65536);
    most.table_elements = 8;
    minplat_store_set_limits(store, &most);
    CHECK(grow("grow_table", 4) == 4 && grow("grow_table", 1) == -1);
    OK(minplat_linker_instantiate(linker, context, module, &other));
    minplat_store_stats(store, &has);
    CHECK(has.memory_bytes == 5 * 65536 && has.instances == 2 && has.table_elements == 12);
    minplat_stats_t after = stats();
    CHECK(after.memories == 5 * 65536 && after.tables == 12 * sizeof(void *));
    CHECK(after.instances > before.instances && after.code == before.code && after.metadata == before.metadata);

    /* A size that no number holds was not counted either, whatever had grown before. */
    minplat_table_t wide;
    minplat_value_t null = {.kind = MINPLAT_FUNCREF};
    minplat_limits_type_t elements = {.minimum = 1, .maximum = UINT64_MAX, .is_64 = true};
    OK(minplat_table_new(context, MINPLAT_FUNCREF, &elements, &null, &wide));
    for (int i = 0; i < 2; i++) {
        OK(minplat_table_grow(context, &wide, 2, &null, NULL));
        FAILS(minplat_table_grow(context, &wide, UINT64_MAX, &null, NULL), LIMIT, NULL);
    }
    minplat_store_stats(store, &has);
    CHECK(has.memory_bytes == 5 * 65536 && has.table_elements == 12 + 5);
    minplat_store_stats(NULL, &has);
    minplat_store_stats(store, NULL);
    minplat_stats(NULL);
}

static minplat_error_t *never(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                              minplat_value_t *results, size_t results_len) {
    (void)env, (void)caller, (void)args, (void)args_len, (void)results, (void)results_len;
    return NULL;
}

/* What a store holds ends before the store's own data, which it may need. */
static int functions_ended;

static void end_function(void *env) {
    CHECK(env == &functions_ended && ended == 0);
    functions_ended++;
}

/* Loads, runs and gives back: everything is accounted for at every step. */
static void everything(void) {
    minplat_stats_t now, first = stats();
    start();
    now = stats();
    CHECK(now.code >= len / 2 && now.metadata > 0 && now.instances > 0 && now.other > first.other);
    minplat_kind_t kind = MINPLAT_I64;
    CHECK(now.types == 0);
    OK(minplat_linker_define_func(linker, TEXT("host"), TEXT("never"), &kind, 1, &kind, 1, never, NULL, NULL));
    CHECK(stats().types > 0);
    limits();
    /* A module's code stays as long as a store needs it, and no longer. */
    size_t code = now.code;
    minplat_module_t *twice;
    OK(minplat_module_load(engine, bytes, len, &twice));
    CHECK(stats().code == 2 * code);
    minplat_module_delete(twice);
    CHECK(stats().code == code);
    minplat_func_t function;
    functions_ended = 0;
    OK(minplat_func_new(context, &kind, 1, &kind, 1, never, &functions_ended, end_function, &function));
    CHECK(functions_ended == 0);
    stop();
    CHECK(functions_ended == 1);
    now = stats();
    CHECK(now.code == 0 && now.memories == 0 && now.tables == 0 && now.instances == 0 && now.types == 0);

    /* The artifact's length, in a slot with something behind it; cut; none. */
    size_t length = 0;
    memset(bytes + len, 0xff, 4096);
    OK(minplat_artifact_length(bytes, len + 4096, &length));
    CHECK(length == len);
    FAILS(minplat_artifact_length(bytes, len - 1, &length), ARTIFACT_DAMAGED, "cannot tell the length");
    FAILS(minplat_artifact_length(TEXT("hello, world"), &length), WRONG_FORMAT, NULL);
    FAILS(minplat_artifact_length(bytes, 0, &length), WRONG_FORMAT, NULL);
    FAILS(minplat_artifact_length(NULL, 1, &length), ARGUMENT, "NULL");
    FAILS(minplat_artifact_length(bytes, len, NULL), ARGUMENT, "NULL");
    CHECK(length == len);
}

static int32_t depth(size_t native_stack) {
    minplat_engine_config_t config = {.native_stack = native_stack};
    OK(minplat_engine_new_with(&config, &engine));
    OK(minplat_store_new(engine, &ended, end, &store));
    context = minplat_store_context(store);
    OK(minplat_module_load(engine, bytes, len, &module));
    OK(minplat_linker_new(engine, &linker));
    OK(minplat_linker_instantiate(linker, context, module, &instance));
    int32_t number = 0;
    minplat_trap_code_t trap;
    minplat_error_t *error = call("deep", &number);
    CHECK(minplat_error_trap_code(error, &trap) && trap == MINPLAT_TRAP_STACK_OVERFLOW);
    minplat_error_delete(error);
    minplat_extern_t global;
    minplat_value_t value;
    CHECK(minplat_instance_export(context, &instance, TEXT("depth"), &global));
    OK(minplat_global_get(context, &global.of.global, &value));
    return value.of.i32;
}

/* Several engines at once, each with its own stack. */
static void engines(void) {
    minplat_engine_config_t config = {.native_stack = 4095};
    minplat_engine_t *none = NULL;
    FAILS(minplat_engine_new_with(&config, &none), ARGUMENT, "4 KiB to 1 MiB");
    config.native_stack = (1 << 20) + 1;
    FAILS(minplat_engine_new_with(&config, &none), ARGUMENT, "4 KiB to 1 MiB");
    FAILS(minplat_engine_new_with(NULL, &none), ARGUMENT, "NULL");
    config.native_stack = 0;
    FAILS(minplat_engine_new_with(&config, NULL), ARGUMENT, "NULL");
    CHECK(none == NULL);

    int32_t small = depth(8 << 10);
    minplat_engine_t *first = engine;
    minplat_store_t *first_store = store;
    minplat_linker_t *first_linker = linker;
    minplat_module_t *first_module = module;
    int32_t large = depth(256 << 10);
    CHECK(small > 0 && large > 20 * small);
    /* The first is as it was, and neither takes what the other made. */
    minplat_instance_t other;
    FAILS(minplat_linker_instantiate(first_linker, context, module, &other), ARGUMENT, "different engines");
    FAILS(minplat_linker_instantiate(linker, context, first_module, &other), ARGUMENT, "different engines");
    OK(minplat_linker_instantiate(first_linker, minplat_store_context(first_store), first_module, &other));
    minplat_linker_delete(first_linker);
    minplat_module_delete(first_module);
    minplat_engine_delete(first);
    minplat_store_delete(first_store);
    CHECK(ended == 1);
    ended = 0;
    stop();
    int32_t usual = depth(0);
    CHECK(usual > small);
    stop();
    FAILS(minplat_store_new(NULL, &ended, end, &store), ARGUMENT, "NULL");
    CHECK(ended == 1); /* ended, though there never was a store */
    ended = 0;
}

/* How deep a stack was used: a recursion of 64 KiB shows, and what happened before the painting does not. */
static void *on_a_task(void *lowest) {
    static size_t unused[3];
    minplat_stack_paint(lowest);
    unused[0] = minplat_stack_unused(lowest);
    start();
    unused[1] = minplat_stack_unused(lowest);
    int32_t number = 0;
    FAILS(call("deep", &number), TRAP, NULL);
    unused[2] = minplat_stack_unused(lowest);
    stop();
    return unused;
}

static void stack(bool is_bytecode) {
    enum { SIZE = 1 << 20 };
    static _Alignas(65536) uint8_t stack[SIZE];
    pthread_attr_t attributes;
    pthread_t task;
    void *answer;
    CHECK(pthread_attr_init(&attributes) == 0 && pthread_attr_setstack(&attributes, stack, SIZE) == 0);
    CHECK(pthread_create(&task, &attributes, on_a_task, stack) == 0 && pthread_join(task, &answer) == 0);
    const size_t *unused = answer;
    CHECK(unused[0] > SIZE - (64 << 10) && unused[1] < unused[0] && unused[0] - unused[1] < 64 << 10);
    /* A trap needs more than what was before, and wasm's part shows unless it is on the heap. */
    CHECK(is_bytecode || unused[1] - unused[2] > 48 << 10);
    CHECK(unused[1] - unused[2] < 80 << 10);
    minplat_stack_paint(NULL);
    CHECK(minplat_stack_unused(NULL) == 0);
}

static uint8_t pool[3][1 << 19];

static void pools(void) {
    minplat_pool_t given_pools[2] = {{pool[0] + 3, sizeof pool[0] - 3}, {pool[1], sizeof pool[1]}};
    minplat_config_t config = {.pools = given_pools, .pools_len = 2};
    config.alloc = give, config.free = take, config.alloc_env = &given;
    FAILS(minplat_init(&config), ARGUMENT, "one source");
    config.alloc = NULL;
    FAILS(minplat_init(&config), ARGUMENT, "alloc and free");
    config.free = NULL;
    minplat_pool_t tiny = {pool[2], 64};
    config.pools = &tiny, config.pools_len = 1;
    FAILS(minplat_init(&config), OUT_OF_MEMORY, "too small");
    config.pools = given_pools, config.pools_len = 2;
    OK(minplat_init(&config));
    CHECK(stats().heap == sizeof pool[0] - 3 + sizeof pool[1] && mapped_pages == 0);
    everything();
    engines();
    /* The platform gave pages for copies of modules alone. */
    minplat_config_t more = {.pools = &(minplat_pool_t){pool[2], sizeof pool[2]}, .pools_len = 1};
    OK(minplat_init(&more));
    CHECK(stats().heap == sizeof pool - 3);
    config.pools_len = 0;
    config.alloc = give, config.free = take;
    FAILS(minplat_init(&config), ARGUMENT, "once");
    /* A pool that is used up is an error like any other. */
    start();
    int32_t too_many = 1 << 18;
    FAILS(call("grow_table", &too_many), OUT_OF_MEMORY, NULL);
    stop();
}

static void functions(bool has_realloc) {
    minplat_config_t config = {.alloc = give, .realloc = has_realloc ? change : NULL, .alloc_env = &given};
    FAILS(minplat_init(&config), ARGUMENT, "alloc and free");
    config.free = take;
    OK(minplat_init(&config));
    everything();
    engines();
    CHECK(most_given > 2 * 65536 && aligned_wrongly == 0 && has_realloc == (reallocs != 0));
    CHECK(given < 2048 && stats().heap <= given);
    FAILS(minplat_init(&config), ARGUMENT, "once");
}

static void late(void) {
    start();
    stop();
    minplat_config_t config = {.alloc = give, .free = take, .alloc_env = &given};
    FAILS(minplat_init(&config), ARGUMENT, "before anything else");
    minplat_config_t with_pool = {.pools = &(minplat_pool_t){pool[0], sizeof pool[0]}, .pools_len = 1};
    FAILS(minplat_init(&with_pool), ARGUMENT, "before anything else");
    minplat_config_t nothing = {0};
    OK(minplat_init(&nothing));
    FAILS(minplat_init(NULL), ARGUMENT, "NULL");
    everything();
}

/* What Wasmtime takes for granted fails: a panic. */
static bool is_heard;

static void heard(void *env, const minplat_panic_t *info) {
    CHECK(env == &is_heard && info->code == MINPLAT_FATAL_PANIC);
    printf("panic at %.*s:%u: %.*s\n", (int)info->file_len, (const char *)info->file, (unsigned)info->line,
           (int)info->message_len, (const char *)info->message);
    CHECK(is_heard);
    printf("%d passed, %d failed\n", passed, failed);
    fflush(stdout);
    _exit(failed != 0);
}

static void stopped(int signal) {
    (void)signal;
    CHECK(!is_heard); /* the instruction that ends a library whose panics nobody hears */
    printf("%d passed, %d failed\n", passed, failed);
    fflush(stdout);
    _exit(failed != 0);
}

static void panics(bool shall_be_heard) {
    is_heard = shall_be_heard;
    minplat_config_t config = {.panic = heard, .panic_env = &is_heard};
    OK(minplat_init(&config));
    signal(SIGILL, stopped);
    start();
    refuses_munmap = true;
    minplat_module_delete(module);
    minplat_store_delete(store);
    CHECK(!"the library went on");
}

static size_t lines;
static void hear(void *env, minplat_log_level_t level, const uint8_t *target, size_t target_len, const uint8_t *message,
                 size_t message_len) {
    CHECK(env == &lines && level >= MINPLAT_LOG_ERROR && level <= MINPLAT_LOG_DEBUG && message_len > 0);
    CHECK(target_len > 8 && !memcmp(target, "wasmtime", 8));
    if (lines++ < 3)
        printf("%u %.*s: %.*s\n", (unsigned)level, (int)target_len, (const char *)target, (int)message_len,
               (const char *)message);
}

static void log_lines(bool has_log) {
    minplat_config_t config = {.log = hear, .log_env = &lines};
    if (!has_log) {
        FAILS(minplat_init(&config), UNSUPPORTED, "build.log-level");
        return;
    }
    OK(minplat_init(&config));
    start();
    CHECK(grow("grow", 65536) == -1);
    CHECK(lines > 0);
    config.log = NULL;
    OK(minplat_init(&config));
    size_t until_now = lines;
    stop();
    CHECK(lines == until_now);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: library PART library.cwasm\n");
        return 2;
    }
    FILE *file = fopen(argv[2], "rb");
    if (!file) {
        perror(argv[2]);
        return 2;
    }
    len = fread(bytes, 1, sizeof bytes - 4096, file);
    fclose(file);
    const char *part = argv[1];
    if (!strcmp(part, "pages")) {
        everything();
        engines();
    } else if (!strcmp(part, "pools")) {
        pools();
    } else if (!strcmp(part, "functions") || !strcmp(part, "frugal")) {
        functions(part[1] == 'u');
    } else if (!strcmp(part, "stack") || !strcmp(part, "interpreter")) {
        stack(part[0] == 'i');
    } else if (!strcmp(part, "late")) {
        late();
    } else if (!strcmp(part, "silent") || !strcmp(part, "heard")) {
        panics(part[0] == 'h');
    } else if (!strcmp(part, "log") || !strcmp(part, "no-log")) {
        log_lines(part[0] == 'l');
    } else {
        return 2;
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
