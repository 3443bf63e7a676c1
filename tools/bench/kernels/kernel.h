/* What a kernel is: a piece of work in units, the same in every engine. A kernel is one file that has `unit`; `kernel.c` makes of it
 * the functions that an engine calls. Results do not depend on the width of a pointer, nor on what ran before. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdint.h>

/* One unit of work, between 0.1 and 1 ms where a compiler makes native code of it. The number is that of the unit: it changes what
 * the work is done on. The result depends on all of the work. Input may be made once and kept. */
uint32_t unit(uint32_t number);

/* The sum with one more word in it; where the word stands in the order matters. */
static inline uint32_t mix(uint32_t sum, uint32_t word) {
    sum = (sum ^ word) * 0x9e3779b1u;
    return sum ^ sum >> 15;
}

/* The next number of a sequence that looks random. The seed is not zero. One call a statement: C leaves open the order of two. */
static inline uint32_t random_next(uint32_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* A size from the sequence, below 1 << powers: each power of two as often as the others. */
static inline uint32_t random_size(uint32_t *seed, uint32_t powers) {
    uint32_t limit = 2u << random_next(seed) % powers;
    return random_next(seed) % limit;
}

#endif
