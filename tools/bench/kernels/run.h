/* The functions of a kernel that an engine calls: exports of a module, or functions of a native program. */
#ifndef RUN_H
#define RUN_H

#include <stdint.h>

#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(name)))
#else
#define EXPORT(name)
#endif

/* Works so many units; the result depends on all of them, and on nothing else. */
EXPORT("run") int32_t run(int32_t units);

/* Returns at once: what a call takes, and what a start takes until the first call returns. */
EXPORT("nothing") void nothing(void);

#endif
