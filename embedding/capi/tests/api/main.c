/*
 * Calls every function of minplat.h and compares what it does with what its documentation promises.
 *
 *   cc *.c -I PREFIX/include PREFIX/include/wasmtime-platform.c PREFIX/lib/libminplat.a -o api
 *   minplat-compile --platform PLATFORM guest.wat
 *   minplat-compile --platform PLATFORM --keep-section notes --keep-section marks more.wat
 *   ./api PLATFORM none|fuel|epoch guest.cwasm OTHER.cwasm more.cwasm [references.cwasm]
 *
 * OTHER.cwasm is a module for another platform; references.cwasm is for platforms with a collector.
 *
 * The test `device` of minplat-header does that. Every line that fails names itself; the exit code counts.
 */
#include "api.h"

minplat_engine_t *engine;
minplat_store_t *store;
minplat_context_t *context, *another;
minplat_linker_t *linker;
minplat_module_t *module;
minplat_instance_t instance;
bool native;

static int passed, failed;

void check(bool holds, const char *file, int line, const char *condition) {
    if (holds) {
        passed++;
    } else {
        failed++;
        printf("%s:%d: not so: %s\n", file, line, condition);
    }
}

bool is(minplat_error_t *error, minplat_error_code_t code, const char *part) {
    size_t len = 0;
    const uint8_t *text = minplat_error_message(error, &len);
    char *copy = calloc(1, len + 1);
    if (text)
        memcpy(copy, text, len);
    bool fits = minplat_error_code(error) == code && (!part || strstr(copy, part));
    if (!fits)
        printf("  got error %u: %s\n", (unsigned)minplat_error_code(error), copy);
    free(copy);
    minplat_error_delete(error);
    return fits;
}

static void interruption(const char *kind) {
    minplat_value_t result;
    uint64_t fuel = 0;
    if (!strcmp(kind, "fuel")) {
        OK(minplat_context_set_fuel(context, 10000));
        OK(call("seven", NULL, 0, &result, 1));
        OK(minplat_context_get_fuel(context, &fuel));
        CHECK(fuel > 9000 && fuel < 10000);
        minplat_trap_code_t code;
        minplat_error_t *error = call("forever", NULL, 0, NULL, 0);
        CHECK(minplat_error_trap_code(error, &code) && code == MINPLAT_TRAP_OUT_OF_FUEL);
        CHECK(is(error, MINPLAT_ERROR_OUT_OF_FUEL, "fuel"));
        OK(minplat_context_set_fuel(context, UINT64_MAX));
    } else {
        FAILS(minplat_context_set_fuel(context, 1), UNSUPPORTED, "wasm.interruption");
        FAILS(minplat_context_get_fuel(context, &fuel), UNSUPPORTED, "wasm.interruption");
    }
    if (!strcmp(kind, "epoch")) {
        OK(minplat_context_set_epoch_deadline(context, 1));
        OK(call("seven", NULL, 0, &result, 1));
        OK(minplat_engine_increment_epoch(engine));
        FAILS(call("forever", NULL, 0, NULL, 0), INTERRUPTED, "interrupt");
        OK(minplat_context_set_epoch_deadline(context, UINT64_MAX));
        OK(call("seven", NULL, 0, &result, 1));
        interrupt();
    } else {
        FAILS(minplat_context_set_epoch_deadline(context, 1), UNSUPPORTED, "wasm.interruption");
        FAILS(minplat_engine_increment_epoch(engine), UNSUPPORTED, "wasm.interruption");
    }
}

static void library(const char *name) {
    CHECK(minplat_wasmtime_major() == 48 && strchr(minplat_version(), '.'));
    CHECK(!strcmp(minplat_platform_name(), name) && minplat_platform_fingerprint() != NULL);
    CHECK(minplat_page_size() == 4096);
}

/* A file's bytes, for good. */
static const uint8_t *bytes_of(const char *path, size_t *len) {
    size_t most = 1 << 20;
    uint8_t *bytes = malloc(most);
    FILE *file = fopen(path, "rb");
    if (!file || !bytes) {
        perror(path);
        exit(1);
    }
    *len = fread(bytes, 1, most, file);
    fclose(file);
    return bytes;
}

int main(int argc, char **argv) {
    if (argc < 6 || argc > 7) {
        fprintf(stderr, "usage: api PLATFORM none|fuel|epoch guest.cwasm OTHER.cwasm more.cwasm [references.cwasm]\n");
        return 2;
    }
    size_t len, other_len, more_len, references_len = 0;
    const uint8_t *bytes = bytes_of(argv[3], &len), *other_bytes = bytes_of(argv[4], &other_len);
    const uint8_t *more_bytes = bytes_of(argv[5], &more_len);
    const uint8_t *references_bytes = argc > 6 ? bytes_of(argv[6], &references_len) : NULL;
    native = strncmp(argv[1], "pulley", 6) != 0;

    library(argv[1]);
    /* What Wasmtime keeps from the first module on, for good, is no leak. */
    minplat_heap_stats_t before, after;
    OK(minplat_engine_new(&engine));
    OK(minplat_module_load(engine, bytes, len, &module));
    minplat_module_delete(module);
    FAILS(minplat_module_load(engine, other_bytes, other_len, &module), PLATFORM_MISMATCH, "minplat-compile");
    FAILS(minplat_module_load(engine, other_bytes, other_len, &module), PLATFORM_MISMATCH, argv[1]);
    minplat_engine_delete(engine);
    minplat_heap_stats(&before);
    CHECK(before.used < 2048);

    minplat_engine_t *other;
    minplat_store_t *elsewhere;
    OK(minplat_engine_new(&other));
    OK(minplat_store_new(other, NULL, NULL, &elsewhere));
    another = minplat_store_context(elsewhere);
    OK(minplat_engine_new(&engine));
    OK(minplat_store_new(engine, &store, NULL, &store));
    context = minplat_store_context(store);
    CHECK(minplat_context_data(context) == &store && minplat_context_data(NULL) == NULL);
    OK(minplat_linker_new(engine, &linker));
    loading(bytes, len);
    reflection();
    linking();
    calling();
    traps();
    memories();
    limits();
    tables_and_globals();
    foreign_handles();
    second_guest(more_bytes, more_len);
    references(references_bytes, references_len);
    interruption(argv[2]);

    minplat_heap_stats(&after);
    CHECK(after.used > before.used && after.peak >= after.used && after.mapped >= after.used);
    /* A store keeps alive what its instances need. */
    minplat_engine_delete(engine);
    minplat_module_delete(module);
    minplat_linker_delete(linker);
    CHECK(alive() == 5);
    minplat_value_t numbers[4] = {i32(1), i64(2), f32(3), f64(4)};
    OK(call("numbers", numbers, 4, numbers, 1));
    CHECK(numbers[0].of.f64 == 10);
    CHECK(functions_ended() == 0);
    minplat_store_delete(store);
    CHECK(alive() == 0 && functions_ended() == 2);
    minplat_store_delete(elsewhere);
    minplat_engine_delete(other);
    minplat_heap_stats(&after);
    CHECK(after.used == before.used);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
