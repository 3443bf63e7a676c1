/*
 * What stack.c and calls.c share: the guest with all that it lives in, and the calls that are measured.
 */
#ifndef GAUGE_H
#define GAUGE_H

#include <minplat.h>
#include <minplat_stack.h> /* examples/stack.wat, as minplat-compile --emit obj --header writes it */

#define TEXT(literal) (const uint8_t *)literal, sizeof literal - 1

typedef struct {
    minplat_engine_t *engine;
    minplat_store_t *store;
    minplat_context_t *context;
    minplat_linker_t *linker;
    minplat_module_t *module;
    minplat_instance_t instance;
    /* What the guest's import `again` calls. */
    const char *back;
} guest_t;

/* The one that is measured. */
extern guest_t guest;

/* One call, or the few that belong together. */
typedef minplat_error_t *(*call_t)(void);

typedef struct {
    const char *name;
    call_t run;
    /* How it has to end; MINPLAT_ERROR_UNSUPPORTED where the platform does not have it. */
    minplat_error_code_t ends;
} named_call_t;

/* Everything that is in no column of its own, in an order in which it works. */
extern const named_call_t other_calls[];
extern const size_t other_calls_len;

/* The same as in the guest's own columns. */
minplat_error_t *make_engine(void);
minplat_error_t *load(void);
minplat_error_t *make_store(void);
minplat_error_t *make_linker(void);
minplat_error_t *define(void);
minplat_error_t *instantiate(void);
minplat_error_t *call(const char *name);
void finish(void);

#endif
