/* Linking, calls with values of every kind, traps. */
#include "api.h"

minplat_extern_t export(const char *name) {
    minplat_extern_t found = {.kind = MINPLAT_EXTERN_NONE};
    CHECK(minplat_instance_export(context, &instance, (const uint8_t *)name, strlen(name), &found));
    return found;
}

minplat_error_t *call(const char *name, minplat_value_t *args, size_t args_len, minplat_value_t *results,
                             size_t results_len) {
    minplat_extern_t found = export(name);
    return minplat_func_call(context, &found.of.func, args, args_len, results, results_len);
}

void linking(void) {
    minplat_instance_t none;
    FAILS(minplat_linker_instantiate(linker, context, module, &none), LINK, "add");
    define_all("0"); /* "add" has another type than the import */
    FAILS(minplat_linker_instantiate(linker, context, module, &none), LINK, "add");
    minplat_linker_delete(linker);
    CHECK(alive() == 0);
    OK(minplat_linker_new(engine, &linker));
    define_all("3");
    CHECK(alive() == 5);
    FAILS(define("many", "", "", many), LINK, "many");
    FAILS(define("null", "", "", NULL), ARGUMENT, "NULL");
    FAILS(define("odd", "7", "", many), UNSUPPORTED, "runtime.gc");
    CHECK(alive() == 5); /* what is not defined has ended */
    int ends = 0;
    FAILS(minplat_linker_define_func(linker, TEXT("\xff"), TEXT("x"), NULL, 0, NULL, 0, many, &ends, finalize), ARGUMENT,
          "UTF-8");
    CHECK(ends == 1);
    OK(minplat_linker_define_func(linker, TEXT("no"), TEXT("finalizer"), NULL, 0, NULL, 0, many, NULL, NULL));
    FAILS(minplat_linker_instantiate(linker, context, module, NULL), ARGUMENT, "NULL");
    OK(minplat_linker_instantiate(linker, context, module, &instance));
    FAILS(minplat_linker_instantiate(linker, another, module, &none), ARGUMENT, "engine");
    minplat_extern_t found;
    CHECK(!minplat_instance_export(context, &instance, TEXT("eight"), &found));
    CHECK(!minplat_instance_export(context, NULL, TEXT("seven"), &found));
}

void calling(void) {
    minplat_value_t numbers[4] = {i32(-1), i64(INT64_C(1) << 40), f32(0.5f), f64(0.25)}, result;
    OK(call("numbers", numbers, 4, &result, 1));
    CHECK(result.kind == MINPLAT_F64 && result.of.f64 == (double)(INT64_C(1) << 40) - 0.25);
    FAILS(call("numbers", numbers, 3, &result, 1), TYPE, "number of values");
    FAILS(call("numbers", numbers, 4, &result, 0), TYPE, "number of values");
    numbers[0].kind = MINPLAT_I64;
    FAILS(call("numbers", numbers, 4, &result, 1), TYPE, "type");
    minplat_extern_t seven = export("seven"), divide = export("divide");
    FAILS(minplat_func_call(context, NULL, NULL, 0, NULL, 0), ARGUMENT, "NULL");
    FAILS(minplat_func_call(NULL, &seven.of.func, NULL, 0, NULL, 0), ARGUMENT, "NULL");
    FAILS(minplat_func_call(context, &seven.of.func, NULL, 0, NULL, 1), ARGUMENT, "NULL");

    minplat_value_t swapped[2] = {{.kind = MINPLAT_V128}, {.kind = MINPLAT_FUNCREF}}, back[2];
    for (int i = 0; i < 16; i++)
        swapped[0].of.v128[i] = (uint8_t)i;
    swapped[1].of.funcref = seven.of.func;
    OK(call("swapped", swapped, 2, back, 2));
    CHECK(back[0].kind == MINPLAT_FUNCREF && back[1].kind == MINPLAT_V128);
    CHECK(back[1].of.v128[1] == 1 && back[1].of.v128[15] == (15 ^ 0xff));
    OK(minplat_func_call(context, &back[0].of.funcref, NULL, 0, &result, 1));
    CHECK(result.of.i32 == 7);
    memset(&swapped[1].of, 0, sizeof swapped[1].of);
    OK(call("swapped", swapped, 2, back, 2));
    CHECK(back[0].of.funcref.store == 0 && back[0].of.funcref.opaque == 0);
    swapped[1].of.funcref.store = 12345;
    FAILS(call("swapped", swapped, 2, back, 2), ARGUMENT, "another store");

    minplat_value_t typed = {.kind = MINPLAT_FUNCREF, .of = {.funcref = seven.of.func}};
    OK(call("typed", &typed, 1, &result, 1));
    CHECK(result.of.i32 == 7);
    typed.of.funcref = divide.of.func;
    FAILS(call("typed", &typed, 1, &result, 1), TYPE, "type");

    minplat_value_t ten[10], reversed[10];
    for (int i = 0; i < 10; i++)
        ten[i] = i32(i);
    OK(call("many", ten, 10, reversed, 10));
    for (int i = 0; i < 10; i++)
        CHECK(reversed[i].of.i32 == 10 - i);

    minplat_externtype_t *type;
    OK(minplat_func_type(context, &divide.of.func, &type));
    CHECK(minplat_externtype_param_count(type) == 2 && minplat_externtype_kind(type) == MINPLAT_EXTERN_FUNC);
    minplat_externtype_delete(type);

    result = i32(16);
    OK(call("peek", &result, 1, &result, 1));
    CHECK(result.of.i32 == 'm');
    result = i32(1 << 20);
    minplat_error_t *error = call("peek", &result, 1, &result, 1);
    minplat_frame_t frame;
    CHECK(minplat_error_frame_count(error) == 1 && minplat_error_frame(error, 0, &frame) && frame.function_name == NULL);
    CHECK(is(error, MINPLAT_ERROR_HOST, "there is no such byte"));
    result = i32(99);
    FAILS(call("peek", &result, 1, &result, 1), TYPE, "type");
}

void traps(void) {
    minplat_value_t result = i32(0);
    minplat_trap_code_t code;
    minplat_frame_t frame;
    minplat_error_t *error = call("outer", &result, 1, &result, 1);
    CHECK(minplat_error_trap_code(error, &code) && code == MINPLAT_TRAP_INTEGER_DIVISION_BY_ZERO);
    CHECK(!strcmp(minplat_trap_text(code), "integer divide by zero") && !strcmp(minplat_trap_text(77), "unknown trap"));
    CHECK(minplat_error_frame_count(error) == 2);
    CHECK(minplat_error_frame(error, 0, &frame) && frame.function_name_len == 6 && !memcmp(frame.function_name, "divide", 6));
    CHECK(frame.module_name_len == 3 && !memcmp(frame.module_name, "api", 3));
    CHECK(frame.module_offset != UINT32_MAX && frame.text_offset != UINT32_MAX);
    uint32_t divide = frame.function_index;
    CHECK(minplat_error_frame(error, 1, &frame) && frame.function_index == divide + 1);
    CHECK(!minplat_error_frame(error, 2, &frame) && !minplat_error_frame(error, 0, NULL));
    CHECK(is(error, MINPLAT_ERROR_TRAP, "integer divide by zero"));

    error = call("fail", NULL, 0, NULL, 0);
    CHECK(minplat_error_trap_code(error, &code) && code == MINPLAT_TRAP_INTEGER_DIVISION_BY_ZERO);
    CHECK(is(error, MINPLAT_ERROR_TRAP, "integer divide by zero"));
    failing = A_LINK;
    FAILS(call("fail", NULL, 0, NULL, 0), LINK, "add");
    failing = A_LIMIT;
    FAILS(call("fail", NULL, 0, NULL, 0), LIMIT, "grow");
    failing = A_TYPE;
    FAILS(call("fail", NULL, 0, NULL, 0), TYPE, "immutable");
    failing = AN_ARGUMENT;
    FAILS(call("fail", NULL, 0, NULL, 0), ARGUMENT, "NULL");
    failing = A_TRAP;
    result = i32(65533);
    error = call("load", &result, 1, &result, 1);
    CHECK(minplat_error_trap_code(error, &code) && code == MINPLAT_TRAP_MEMORY_OUT_OF_BOUNDS);
    minplat_error_delete(error);
    error = call("deep", &result, 1, &result, 1);
    CHECK(minplat_error_trap_code(error, &code) && code == MINPLAT_TRAP_STACK_OVERFLOW);
    CHECK(minplat_error_frame_count(error) == 20 && minplat_error_frames_truncated(error));
    CHECK(!minplat_error_frame(error, 20, &frame) && !minplat_error_frames_truncated(NULL));
    minplat_error_delete(error);
    /* Nothing is broken afterwards. */
    OK(call("seven", NULL, 0, &result, 1));

    error = minplat_error_new(TEXT("a text"));
    CHECK(!minplat_error_trap_code(error, &code) && minplat_error_frame_count(error) == 0 && minplat_error_frame_count(NULL) == 0);
    CHECK(is(error, MINPLAT_ERROR_HOST, "a text"));
    FAILS(minplat_error_new(NULL, 1), ARGUMENT, "NULL");
    CHECK(minplat_error_code(NULL) == MINPLAT_OK && minplat_error_message(NULL, NULL) == NULL);
    minplat_error_delete(NULL);
}

