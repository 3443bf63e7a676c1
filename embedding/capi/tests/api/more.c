/* The second guest: custom sections, instances with and without a linker, several of a module, what a trap leaves. */
#include "api.h"

static minplat_module_t *more;
static minplat_linker_t *names;
static minplat_instance_t first;
static minplat_memory_t memory;
static minplat_table_t table;
static minplat_global_t global;

static bool same(const uint8_t *bytes, size_t len, const char *text, size_t text_len) {
    return len == text_len && !memcmp(bytes, text, len);
}

static void sections_of(const minplat_module_t *of, const uint8_t *bytes, size_t len, bool in_place) {
    minplat_section_t section;
    CHECK(minplat_module_section_count(of) == 3 && minplat_module_section_count(NULL) == 0);
    CHECK(minplat_module_section(of, 0, &section));
    CHECK(same(section.name, section.name_len, "notes", 5) && same(section.data, section.data_len, "the first note", 14));
    CHECK(in_place == (section.data > bytes && section.data < bytes + len));
    CHECK((in_place ? (uintptr_t)(section.data - bytes) : (uintptr_t)section.data) % 16 == 0);
    CHECK(minplat_module_section(of, 1, &section));
    CHECK(same(section.name, section.name_len, "marks", 5) && same(section.data, section.data_len, "\0\1\2", 3));
    CHECK(minplat_module_section(of, 2, &section) && section.name_len == 5 && section.data_len == 0);
    CHECK(!minplat_module_section(of, 3, &section) && !minplat_module_section(NULL, 0, &section));
    CHECK(!minplat_module_section(of, 0, NULL));
}

static void sections(const uint8_t *bytes, size_t len) {
    uint8_t *flash = aligned_alloc(4096, (len + 4095) / 4096 * 4096);
    minplat_module_t *in_place;
    memcpy(flash, bytes, len);
    OK(minplat_module_load_in_place(engine, flash, len, &in_place));
    sections_of(in_place, flash, len, true);
    minplat_module_t *again;
    FAILS(minplat_module_load_in_place(engine, flash, len, &again), ARGUMENT, "in use");
    minplat_module_delete(in_place);
    OK(minplat_module_load_in_place(engine, flash, len, &again));
    minplat_module_delete(again);
    OK(minplat_module_load(engine, flash, len, &more));
    memset(flash, 0, len); /* a copy needs the bytes no longer */
    sections_of(more, flash, len, false);
    free(flash);
    CHECK(minplat_module_section_count(module) == 0);
}


/* An extern of a kind. */
static minplat_extern_t item(minplat_extern_kind_t kind) {
    minplat_extern_t found = {.kind = kind};
    if (kind == MINPLAT_EXTERN_MEMORY)
        found.of.memory = memory;
    else if (kind == MINPLAT_EXTERN_TABLE)
        found.of.table = table;
    else
        found.of.global = global;
    return found;
}

static void host_made(void) {
    minplat_value_t null = {.kind = MINPLAT_FUNCREF}, zero = i64(0);
    minplat_limits_type_t pages = {.minimum = 1, .maximum = 4, .page_size_log2 = 16}, elements = {.minimum = 2, .maximum = 8};
    OK(minplat_memory_new(context, &pages, &memory));
    OK(minplat_table_new(context, MINPLAT_FUNCREF, &elements, &null, &table));
    OK(minplat_global_new(context, MINPLAT_I64, true, &zero, &global));
    OK(minplat_linker_new(engine, &names));
    minplat_extern_t found = item(MINPLAT_EXTERN_MEMORY);
    OK(minplat_linker_define(names, context, TEXT("host"), TEXT("memory"), &found));
    found = item(MINPLAT_EXTERN_TABLE);
    OK(minplat_linker_define(names, context, TEXT("host"), TEXT("table"), &found));
    found = item(MINPLAT_EXTERN_GLOBAL);
    OK(minplat_linker_define(names, context, TEXT("host"), TEXT("global"), &found));
}

static void imports(void) {
    static int ends;
    minplat_externtype_t *raw, *own, *third;
    minplat_valtype_t type;
    OK(minplat_module_import(more, 0, &raw));
    OK(minplat_module_import(more, 1, &own));
    OK(minplat_module_import(more, 2, &third));
    CHECK(minplat_externtype_param_type(raw, 4, &type) && type.kind == MINPLAT_V128 && type.heap == MINPLAT_NO_HEAP);
    CHECK(minplat_externtype_param_type(raw, 5, &type) && type.heap == MINPLAT_HEAP_FUNC && type.is_nullable);
    CHECK(minplat_externtype_result_type(own, 0, &type) && type.kind == MINPLAT_FUNCREF);
    CHECK(type.heap == MINPLAT_HEAP_TYPED_FUNC && type.is_nullable);
    CHECK(!minplat_externtype_result_type(own, 1, &type) && !minplat_externtype_param_type(third, 0, &type));
    CHECK(!minplat_externtype_param_type(raw, 0, NULL) && !minplat_externtype_content_type(third, &type));

    OK(minplat_linker_define_import_raw(names, raw, raw_host, &ends, finalize));
    FAILS(minplat_linker_define_import_raw(names, raw, raw_host, &ends, finalize), LINK, "raw");
    CHECK(ends == 1);
    FAILS(minplat_linker_define_import_raw(names, raw, NULL, &ends, finalize), ARGUMENT, "NULL");
    FAILS(minplat_linker_define_import(names, third, own_host, &ends, finalize), TYPE, "no function");
    CHECK(ends == 3);
    minplat_instance_t none;
    /* A funcref is not the type that the import has; what is made of the import is. */
    minplat_kind_t funcref = MINPLAT_FUNCREF;
    OK(minplat_linker_define_func(names, TEXT("host"), TEXT("own"), &funcref, 1, &funcref, 1, own_host, &ends, finalize));
    FAILS(minplat_linker_instantiate(names, context, more, &none), LINK, "own");
    FAILS(minplat_linker_define_import(names, own, own_host, &ends, finalize), LINK, "own");
    minplat_linker_allow_shadowing(names, true);
    OK(minplat_linker_define_import(names, own, own_host, &ends, finalize));
    minplat_linker_allow_shadowing(names, false);
    minplat_linker_allow_shadowing(NULL, true);
    FAILS(minplat_linker_define_import(names, own, own_host, &ends, finalize), LINK, "own");
    CHECK(ends == 6); /* one of them was shadowed */
    minplat_externtype_delete(raw);
    minplat_externtype_delete(own);
    minplat_externtype_delete(third);
}

/* A linker with a memory, a table or a global of one store is for that store alone. */
static void one_store_a_linker(void) {
    minplat_store_t *second;
    minplat_instance_t none;
    minplat_extern_t found = item(MINPLAT_EXTERN_MEMORY);
    OK(minplat_store_new(engine, NULL, NULL, &second));
    minplat_context_t *theirs = minplat_store_context(second);
    FAILS(minplat_linker_instantiate(names, theirs, more, &none), ARGUMENT, "another store");
    FAILS(minplat_linker_define(names, theirs, TEXT("host"), TEXT("second"), &found), ARGUMENT, "another store");
    FAILS(minplat_linker_define_instance(names, theirs, TEXT("host"), &instance), ARGUMENT, "another store");
    FAILS(minplat_linker_get(names, theirs, TEXT("host"), TEXT("memory"), &found), ARGUMENT, "another store");
    OK(minplat_linker_get(names, context, TEXT("host"), TEXT("memory"), &found));
    minplat_store_delete(second);
}

/* A thing of one kind in the place of every other. */
static void kinds(void) {
    const minplat_extern_kind_t all[] = {MINPLAT_EXTERN_FUNC, MINPLAT_EXTERN_TABLE, MINPLAT_EXTERN_MEMORY, MINPLAT_EXTERN_GLOBAL};
    minplat_externtype_t *type;
    minplat_value_t value = i32(1);
    minplat_extern_t func = {.kind = MINPLAT_EXTERN_FUNC};
    OK(minplat_linker_get(names, context, TEXT("host"), TEXT("own"), &func));
    for (size_t from = 0; from < 4; from++)
        for (size_t to = 0; to < 4; to++) {
            minplat_extern_t found = all[from] == MINPLAT_EXTERN_FUNC ? func : item(all[from]);
            CHECK(found.kind == all[from]);
            found.kind = all[to];
            if (from == to) {
                OK(minplat_extern_type(context, &found, &type));
                minplat_externtype_delete(type);
                continue;
            }
            FAILS(minplat_extern_type(context, &found, &type), ARGUMENT, "another kind");
            FAILS(minplat_linker_define(names, context, TEXT("host"), TEXT("wrong"), &found), ARGUMENT, "another kind");
        }
    minplat_extern_t wrong = item(MINPLAT_EXTERN_MEMORY);
    FAILS(minplat_func_call(context, &wrong.of.func, &value, 1, &value, 1), ARGUMENT, "another kind");
    FAILS(minplat_table_get(context, &wrong.of.table, 0, &value), ARGUMENT, "another kind");
    FAILS(minplat_global_get(context, &wrong.of.global, &value), ARGUMENT, "another kind");
    FAILS(minplat_memory_grow(context, &func.of.memory, 1, NULL), ARGUMENT, "another kind");
    value = (minplat_value_t){.kind = MINPLAT_FUNCREF, .of = {.funcref = wrong.of.func}};
    FAILS(minplat_table_set(context, &table, 0, &value), ARGUMENT, "another kind");
}

static int32_t number(const minplat_instance_t *of, const char *name) {
    minplat_extern_t found;
    minplat_value_t value = i32(-1);
    CHECK(minplat_instance_export(context, of, (const uint8_t *)name, strlen(name), &found));
    OK(minplat_func_call(context, &found.of.func, NULL, 0, &value, 1));
    return value.of.i32;
}

static void instances(void) {
    minplat_instance_t second, third;
    minplat_extern_t given[5];
    minplat_value_t value = i64(-1);
    minplat_trap_code_t code;
    /* A trap in the start function is a trap, and no instance. */
    OK(minplat_global_set(context, &global, &value));
    minplat_error_t *error = minplat_linker_instantiate(names, context, more, &first);
    CHECK(minplat_error_trap_code(error, &code) && code == MINPLAT_TRAP_UNREACHABLE);
    CHECK(minplat_error_frame_count(error) == 1 && !minplat_error_frames_truncated(error));
    CHECK(is(error, MINPLAT_ERROR_TRAP, "unreachable"));
    value = i64(0);
    OK(minplat_global_set(context, &global, &value));

    OK(minplat_linker_instantiate(names, context, more, &first));
    OK(minplat_linker_instantiate(names, context, more, &second));
    CHECK(number(&first, "next") == 1 && number(&first, "next") == 2 && number(&second, "next") == 1);

    OK(minplat_linker_get(names, context, TEXT("host"), TEXT("raw"), &given[0]));
    OK(minplat_linker_get(names, context, TEXT("host"), TEXT("own"), &given[1]));
    FAILS(minplat_linker_get(names, context, TEXT("host"), TEXT("nothing"), &given[1]), NOT_FOUND, "nothing");
    FAILS(minplat_linker_get(names, another, TEXT("host"), TEXT("own"), &given[1]), ARGUMENT, "engine");
    given[2] = item(MINPLAT_EXTERN_MEMORY);
    given[3] = item(MINPLAT_EXTERN_TABLE);
    given[4] = item(MINPLAT_EXTERN_GLOBAL);
    OK(minplat_instance_new(context, more, given, 5, &third));
    CHECK(number(&third, "next") == 1 && number(&third, "own") == 5);
    FAILS(minplat_instance_new(context, more, given, 4, &third), LINK, "another number");
    given[2] = given[3];
    FAILS(minplat_instance_new(context, more, given, 5, &third), LINK, "incompatible import type");
    given[2].kind = 77;
    FAILS(minplat_instance_new(context, more, given, 5, &third), ARGUMENT, "kind");
    FAILS(minplat_instance_new(another, more, given, 5, &third), ARGUMENT, "engine");
    FAILS(minplat_instance_new(context, more, given, 5, NULL), ARGUMENT, "NULL");
    minplat_extern_t mine = item(MINPLAT_EXTERN_MEMORY);
    FAILS(minplat_linker_define(names, another, TEXT("host"), TEXT("theirs"), &mine), ARGUMENT, "engine");
    FAILS(minplat_linker_define_instance(names, another, TEXT("theirs"), &first), ARGUMENT, "engine");

    const uint8_t *name;
    size_t len;
    minplat_extern_t found;
    CHECK(minplat_instance_export_at(context, &first, 0, &name, &len, &found) && same(name, len, "memory", 6));
    CHECK(found.kind == MINPLAT_EXTERN_MEMORY);
    CHECK(minplat_instance_export_at(context, &first, 3, &name, &len, &found) && same(name, len, "five", 4));
    CHECK(!minplat_instance_export_at(context, &first, 10, &name, &len, &found));
    CHECK(!minplat_instance_export_at(context, &first, 0, NULL, &len, &found));
    minplat_externtype_t *type;
    minplat_limits_type_t limits;
    found = item(MINPLAT_EXTERN_MEMORY);
    OK(minplat_extern_type(context, &found, &type));
    CHECK(minplat_externtype_limits(type, &limits) && limits.maximum == 4);
    minplat_externtype_delete(type);
    minplat_valtype_t content;
    found = item(MINPLAT_EXTERN_TABLE);
    OK(minplat_extern_type(context, &found, &type));
    CHECK(minplat_externtype_content_type(type, &content) && content.heap == MINPLAT_HEAP_FUNC);
    minplat_externtype_delete(type);
    FAILS(minplat_extern_type(another, &found, &type), ARGUMENT, "another store");
}

static void ranges(void) {
    uint8_t *start = minplat_memory_data(context, &memory, NULL);
    CHECK(minplat_memory_range(context, &memory, 0, 65536) == start);
    CHECK(minplat_memory_range(context, &memory, 65532, 4) == start + 65532);
    CHECK(minplat_memory_range(context, &memory, 65536, 0) == start + 65536);
    CHECK(minplat_memory_range(context, &memory, 65533, 4) == NULL);
    CHECK(minplat_memory_range(context, &memory, 65537, 0) == NULL);
    CHECK(minplat_memory_range(context, &memory, UINT64_MAX, 1) == NULL);
    CHECK(minplat_memory_range(context, &memory, 1, UINT64_MAX) == NULL);
    CHECK(minplat_memory_range(context, &memory, UINT64_C(1) << 32, 1) == NULL);
    CHECK(minplat_memory_range(another, &memory, 0, 1) == NULL && minplat_memory_range(context, NULL, 0, 1) == NULL);
    start[3] = 99;
    OK(minplat_memory_grow(context, &memory, 1, NULL));
    uint8_t *grown = minplat_memory_range(context, &memory, 65536, 65536);
    CHECK(grown && grown[0] == 0 && *minplat_memory_range(context, &memory, 3, 1) == 99);
}

/* What a trap leaves: what was written before it, and a store that goes on. */
static void after_a_trap(void) {
    minplat_extern_t spoil;
    minplat_value_t value = i32(41);
    CHECK(minplat_instance_export(context, &first, TEXT("spoil"), &spoil));
    FAILS(minplat_func_call(context, &spoil.of.func, &value, 1, NULL, 0), TRAP, "unreachable");
    CHECK(*minplat_memory_range(context, &memory, 8, 1) == 41 && number(&first, "next") == 42);
    /* After memory ran out too, and after a limit was reached. */
    minplat_limits_type_t huge = {.minimum = UINT64_C(1) << 31, .maximum = UINT64_MAX, .page_size_log2 = 16, .is_64 = true};
    minplat_memory_t too_large;
    FAILS(minplat_memory_new(context, &huge, &too_large), OUT_OF_MEMORY, NULL);
    CHECK(number(&first, "next") == 43);
    minplat_limits_t all = minplat_limits_none(), none = all;
    none.instances = 1;
    minplat_instance_t refused;
    minplat_store_set_limits(store, &none);
    FAILS(minplat_linker_instantiate(names, context, more, &refused), LIMIT, NULL);
    minplat_store_set_limits(store, &all);
    CHECK(number(&first, "next") == 44);
}

/* Two stores of one engine: a linker that one defined things in gives them to the other no more than handles do. */
static void two_stores(const uint8_t *bytes, size_t len) {
    minplat_store_t *second;
    minplat_extern_t found;
    minplat_externtype_t *type;
    OK(minplat_store_new(engine, NULL, NULL, &second));
    minplat_context_t *other = minplat_store_context(second);
    FAILS(minplat_linker_get(names, other, TEXT("host"), TEXT("memory"), &found), ARGUMENT, "another store");
    FAILS(minplat_linker_get(names, other, TEXT("host"), TEXT("global"), &found), ARGUMENT, "another store");
    CHECK(minplat_memory_size(other, &memory) == 0 && minplat_memory_size(context, &memory) != 0);
    /* A host function is no store's, and so is a linker that has nothing else. */
    minplat_linker_t *free_of_stores;
    OK(minplat_linker_new(engine, &free_of_stores));
    OK(minplat_linker_define_func(free_of_stores, TEXT("host"), TEXT("raw"), NULL, 0, NULL, 0, many, NULL, NULL));
    OK(minplat_linker_get(free_of_stores, context, TEXT("host"), TEXT("raw"), &found));
    OK(minplat_linker_get(free_of_stores, other, TEXT("host"), TEXT("raw"), &found));
    minplat_linker_delete(free_of_stores);
    OK(minplat_extern_type(other, &found, &type));
    minplat_externtype_delete(type);
    FAILS(minplat_extern_type(context, &found, &type), ARGUMENT, "another store");
    FAILS(minplat_linker_get(names, other, TEXT("host"), TEXT("table"), &found), ARGUMENT, "another store");

    /* A module whose imports do not fit is not kept, and not counted. */
    minplat_linker_t *empty;
    minplat_module_t *loaded;
    minplat_instance_t none;
    minplat_stats_t before, after;
    minplat_stats(&before);
    OK(minplat_linker_new(engine, &empty));
    OK(minplat_module_load(engine, bytes, len, &loaded));
    FAILS(minplat_linker_instantiate(empty, other, loaded, &none), LINK, NULL);
    minplat_module_delete(loaded);
    minplat_linker_delete(empty);
    minplat_stats(&after);
    CHECK(after.code == before.code);
    minplat_store_delete(second);
}

void second_guest(const uint8_t *bytes, size_t len) {
    sections(bytes, len);
    host_made();
    imports();
    one_store_a_linker();
    kinds();
    instances();
    ranges();
    prepared(&first, names);
    functions(&first, &table);
    after_a_trap();
    two_stores(bytes, len);
    minplat_linker_delete(names);
    minplat_module_delete(more);
}
