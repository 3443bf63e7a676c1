/* What an engine calls of a kernel. */
#include "kernel.h"
#include "run.h"

int32_t run(int32_t units) {
    uint32_t sum = 0;
    for (int32_t number = 0; number < units; number++)
        sum = mix(sum, unit((uint32_t)number));
    return (int32_t)sum;
}

void nothing(void) {}
