/* Memories, tables and globals, and the limits of a store. */
#include "api.h"

void memories(void) {
    minplat_extern_t memory = export("memory");
    size_t len;
    uint8_t *bytes = minplat_memory_data(context, &memory.of.memory, &len);
    CHECK(len == 65536 && !memcmp(bytes + 16, "minplat", 7) && minplat_memory_size(context, &memory.of.memory) == 1);
    uint64_t previous = 0;
    OK(minplat_memory_grow(context, &memory.of.memory, 1, &previous));
    CHECK(previous == 1 && minplat_memory_size(context, &memory.of.memory) == 2);
    FAILS(minplat_memory_grow(context, &memory.of.memory, 5, NULL), LIMIT, NULL);
    bytes = minplat_memory_data(context, &memory.of.memory, NULL);
    bytes[65536] = 77;
    minplat_value_t result = i32(65536);
    OK(call("load", &result, 1, &result, 1));
    CHECK(result.of.i32 == 77);
    CHECK(minplat_memory_data(NULL, &memory.of.memory, &len) == NULL && minplat_memory_size(context, NULL) == 0);

    minplat_memory_t new;
    minplat_limits_type_t limits = {.minimum = 1, .maximum = UINT64_MAX, .page_size_log2 = 16};
    OK(minplat_memory_new(context, &limits, &new));
    CHECK(minplat_memory_size(context, &new) == 1);
    limits.page_size_log2 = 3;
    FAILS(minplat_memory_new(context, &limits, &new), TYPE, NULL);
}

void limits(void) {
    minplat_value_t result;
    minplat_limits_t guest = minplat_limits_none();
    guest.memory_bytes = 2 * 65536;
    guest.table_elements = 5;
    guest.instances = 1;
    minplat_store_set_limits(store, &guest);
    result = i32(1);
    OK(call("grow", &result, 1, &result, 1));
    CHECK(result.of.i32 == -1);
    minplat_instance_t second;
    FAILS(minplat_linker_instantiate(linker, context, module, &second), LIMIT, "limit");
    guest.instances = UINT64_MAX;
    guest.memory_bytes = 1;
    minplat_store_set_limits(store, &guest);
    FAILS(minplat_linker_instantiate(linker, context, module, &second), LIMIT, "memory limits");
    guest.memory_bytes = UINT64_MAX;
    guest.table_elements = 1;
    minplat_store_set_limits(store, &guest);
    FAILS(minplat_linker_instantiate(linker, context, module, &second), LIMIT, "table limits");
    guest.table_elements = 5;
    minplat_store_set_limits(store, &guest);
    minplat_store_set_limits(store, NULL);
    result = i32(1);
    OK(call("grow", &result, 1, &result, 1));
    CHECK(result.of.i32 == 2);
}

void tables_and_globals(void) {
    minplat_extern_t table = export("table"), counter = export("counter"), constant = export("constant");
    minplat_value_t value, result;
    CHECK(minplat_table_size(context, &table.of.table) == 4);
    OK(minplat_table_get(context, &table.of.table, 0, &value));
    CHECK(value.kind == MINPLAT_FUNCREF && value.of.funcref.store == 0);
    OK(minplat_table_get(context, &table.of.table, 1, &value));
    OK(minplat_func_call(context, &value.of.funcref, NULL, 0, &result, 1));
    CHECK(result.of.i32 == 7);
    OK(minplat_table_set(context, &table.of.table, 3, &value));
    result = i32(3);
    OK(call("indirect", &result, 1, &result, 1));
    CHECK(result.of.i32 == 7);
    result = i32(2);
    FAILS(call("indirect", &result, 1, &result, 1), TRAP, "uninitialized element");
    FAILS(minplat_table_get(context, &table.of.table, 4, &value), NOT_FOUND, NULL);
    FAILS(minplat_table_set(context, &table.of.table, 4, &value), NOT_FOUND, NULL);
    result = i32(1);
    FAILS(minplat_table_set(context, &table.of.table, 0, &result), TYPE, NULL);
    uint64_t previous = 0;
    OK(minplat_table_grow(context, &table.of.table, 1, &value, &previous));
    CHECK(previous == 4 && minplat_table_size(context, &table.of.table) == 5);
    FAILS(minplat_table_grow(context, &table.of.table, 1, &value, NULL), LIMIT, NULL); /* of the store */
    minplat_table_t own;
    minplat_limits_type_t limits = {.minimum = 2, .maximum = 2};
    OK(minplat_table_new(context, MINPLAT_FUNCREF, &limits, &value, &own));
    CHECK(minplat_table_size(context, &own) == 2);
    FAILS(minplat_table_new(context, MINPLAT_I32, &limits, &value, &own), TYPE, NULL);

    OK(minplat_global_get(context, &counter.of.global, &value));
    CHECK(value.kind == MINPLAT_I64 && value.of.i64 == 40);
    value.of.i64 = 1000;
    OK(minplat_global_set(context, &counter.of.global, &value));
    OK(call("count", NULL, 0, &value, 1));
    CHECK(value.of.i64 == 1001);
    value = f32(2);
    FAILS(minplat_global_set(context, &counter.of.global, &value), TYPE, NULL);
    FAILS(minplat_global_set(context, &constant.of.global, &value), TYPE, NULL);
    OK(minplat_global_get(context, &constant.of.global, &value));
    CHECK(value.of.f32 == 1.5f);
    minplat_extern_t vector = export("vector");
    OK(minplat_global_get(context, &vector.of.global, &value));
    CHECK(value.kind == MINPLAT_V128 && value.of.v128[0] == 1 && value.of.v128[12] == 4);
    minplat_global_t fresh;
    OK(minplat_global_new(context, MINPLAT_V128, true, &value, &fresh));
    FAILS(minplat_global_new(context, MINPLAT_I32, true, &value, &fresh), TYPE, NULL);

    minplat_extern_t item = {.kind = MINPLAT_EXTERN_TABLE, .of = {.table = own}};
    OK(minplat_linker_define(linker, context, TEXT("other"), TEXT("table"), &item));
    FAILS(minplat_linker_define(linker, context, TEXT("other"), TEXT("table"), &item), LINK, "table");
    item.kind = 9;
    FAILS(minplat_linker_define(linker, context, TEXT("other"), TEXT("odd"), &item), ARGUMENT, "kind");
    OK(minplat_linker_define_instance(linker, context, TEXT("guest"), &instance));
}


/* A handle is good with its store alone, and a forged one with none. */
void foreign_handles(void) {
    minplat_extern_t seven = export("seven"), memory = export("memory"), table = export("table"), counter = export("counter");
    minplat_value_t value;
    minplat_externtype_t *type;
    minplat_extern_t found;
    size_t len;
    FAILS(minplat_func_call(another, &seven.of.func, NULL, 0, &value, 1), ARGUMENT, "another store");
    FAILS(minplat_func_type(another, &seven.of.func, &type), ARGUMENT, "another store");
    FAILS(minplat_memory_grow(another, &memory.of.memory, 1, NULL), ARGUMENT, "another store");
    FAILS(minplat_table_get(another, &table.of.table, 0, &value), ARGUMENT, "another store");
    FAILS(minplat_global_get(another, &counter.of.global, &value), ARGUMENT, "another store");
    FAILS(minplat_linker_define(linker, another, TEXT("a"), TEXT("b"), &memory), ARGUMENT, "engine");
    FAILS(minplat_linker_define_instance(linker, another, TEXT("a"), &instance), ARGUMENT, "engine");
    CHECK(minplat_memory_data(another, &memory.of.memory, &len) == NULL && minplat_memory_size(another, &memory.of.memory) == 0);
    CHECK(minplat_table_size(another, &table.of.table) == 0);
    CHECK(!minplat_instance_export(another, &instance, TEXT("seven"), &found));
    memset(&seven, 0, sizeof seven);
    FAILS(minplat_func_call(context, &seven.of.func, NULL, 0, &value, 1), ARGUMENT, "empty");
}
