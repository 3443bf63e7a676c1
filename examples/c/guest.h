/* How text crosses the border between the embedder and a guest; see ../README.md. */
#ifndef GUEST_H
#define GUEST_H

#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

/* A text result: the address in the upper half, the length in the lower. */
static inline uint64_t text_result(const char *text, uint32_t length) {
    return (uint64_t)(uintptr_t)text << 32 | length;
}

#endif
