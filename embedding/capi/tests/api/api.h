/* What the parts of the test share. */
#ifndef API_H
#define API_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "minplat.h"

#define CHECK(condition) check(condition, __FILE__, __LINE__, #condition)
void check(bool holds, const char *file, int line, const char *condition);

/* Whether the error has this code and, unless NULL, this in its text; deletes it. */
bool is(minplat_error_t *error, minplat_error_code_t code, const char *part);
#define OK(call) CHECK(is(call, MINPLAT_OK, NULL))
#define FAILS(call, code, part) CHECK(is(call, MINPLAT_ERROR_##code, part))

#define TEXT(text) (const uint8_t *)text, sizeof text - 1

static inline minplat_value_t i32(int32_t n) { return (minplat_value_t){.kind = MINPLAT_I32, .of = {.i32 = n}}; }
static inline minplat_value_t i64(int64_t n) { return (minplat_value_t){.kind = MINPLAT_I64, .of = {.i64 = n}}; }
static inline minplat_value_t f32(float n) { return (minplat_value_t){.kind = MINPLAT_F32, .of = {.f32 = n}}; }
static inline minplat_value_t f64(double n) { return (minplat_value_t){.kind = MINPLAT_F64, .of = {.f64 = n}}; }

/* The one of each that most of the test is about; `another` is a store of another engine. */
extern minplat_engine_t *engine;
extern minplat_store_t *store;
extern minplat_context_t *context, *another;
extern minplat_linker_t *linker;
extern minplat_module_t *module;
extern minplat_instance_t instance;
/* Whether modules are native code. */
extern bool native;

/* host.c: a host function as "host" `name`; kinds are digits. The guest's five. */
minplat_error_t *define(const char *name, const char *params, const char *results, minplat_callback_t callback);
void define_all(const char *results_of_add);
minplat_error_t *many(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                      minplat_value_t *results, size_t results_len);
void finalize(void *env);
/* What goes wrong in "fail". */
extern enum failing { A_TRAP, A_LINK, A_LIMIT, A_TYPE, AN_ARGUMENT } failing;
/* How many definitions have not ended. */
int alive(void);

/* call.c: an export of `instance`; a call of it. */
minplat_extern_t export(const char *name);
minplat_error_t *call(const char *name, minplat_value_t *args, size_t args_len, minplat_value_t *results,
                      size_t results_len);

void loading(const uint8_t *bytes, size_t len);
void reflection(void);
void linking(void);
void calling(void);
void traps(void);
void memories(void);
void limits(void);
void tables_and_globals(void);
void foreign_handles(void);

/* main.c calls them: more.c, references.c (without a guest where there is no collector), interrupt.c. */
void second_guest(const uint8_t *bytes, size_t len);
void references(const uint8_t *bytes, size_t len);
void interrupt(void);

/* prepared.c. */
minplat_error_t *raw_host(void *env, minplat_caller_t *caller, minplat_raw_t *values, size_t values_len);
minplat_error_t *own_host(void *env, minplat_caller_t *caller, const minplat_value_t *args, size_t args_len,
                          minplat_value_t *results, size_t results_len);
void prepared(const minplat_instance_t *of, minplat_linker_t *names);
void functions(const minplat_instance_t *of, const minplat_table_t *table);
int functions_ended(void);

#endif
