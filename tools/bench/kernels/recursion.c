/* Calls that do little but call: Fibonacci's numbers and the functions of Takeuchi and of Ackermann. */
#include "kernel.h"

static uint32_t fibonacci(uint32_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

static int32_t takeuchi(int32_t x, int32_t y, int32_t z) {
    return y < x ? takeuchi(takeuchi(x - 1, y, z), takeuchi(y - 1, z, x), takeuchi(z - 1, x, y)) : z;
}

static uint32_t ackermann(uint32_t m, uint32_t n) {
    if (m == 0)
        return n + 1;
    return ackermann(m - 1, n ? ackermann(m, n - 1) : 1);
}

uint32_t unit(uint32_t number) {
    uint32_t sum = mix(number, fibonacci(26 + number % 2));
    sum = mix(sum, (uint32_t)takeuchi(14, 9 - (int32_t)(number % 2), 4));
    return mix(sum, ackermann(2, 80 + number % 16));
}
