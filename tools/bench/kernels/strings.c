/* Copies, moves and fills of many sizes below 4 KiB, and bytes looked for: bulk memory operators where the engine has them. */
#include "kernel.h"

enum { ROOM = 16 * 1024, POWERS = 12, ROUNDS = 600 };

static char from[ROOM], to[ROOM];

/* The distance to the next zero. */
static uint32_t length(const char *text) {
    uint32_t at = 0;
    while (text[at])
        at++;
    return at;
}

/* How the bytes order, as of memcmp: below zero, zero, above. */
static int32_t compare(const char *a, const char *b, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (a[i] != b[i])
            return (uint8_t)a[i] - (uint8_t)b[i];
    return 0;
}

uint32_t unit(uint32_t number) {
    uint32_t seed = number + 1, sum = 0;
    for (uint32_t i = 0; i < ROOM; i++)
        from[i] = (char)((i + 1) % 512 ? (number + i * i) | 1 : 0);
    __builtin_memset(to, 0, ROOM);
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t size = random_size(&seed, POWERS);
        uint32_t source = random_next(&seed) % (ROOM / 2);
        uint32_t target = random_next(&seed) % (ROOM / 2);
        __builtin_memcpy(to + target, from + source, size);
        __builtin_memmove(from + source, from + source + size / 4, size);
        __builtin_memset(to + source, round, size / 2);
        sum = mix(sum, length(from + target));
        sum = mix(sum, (uint32_t)compare(from + target, to + target, size));
    }
    for (uint32_t i = 0; i < ROOM; i += 4)
        sum = mix(sum, (uint32_t)(uint8_t)from[i] << 8 | (uint8_t)to[i]);
    return sum;
}
