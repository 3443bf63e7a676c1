/* From the reset to main: nothing but what a Cortex-M needs. */
#include "board.h"

#include <stdint.h>

extern uint32_t data_start[], data_end[], data_in_flash[], bss_start[], bss_end[], ram_end[];
extern int main(void);

__attribute__((noreturn, used)) void reset(void) {
    const uint32_t *from = data_in_flash;
    for (uint32_t *to = data_start; to < data_end;)
        *to++ = *from++;
    for (uint32_t *to = bss_start; to < bss_end;)
        *to++ = 0;
    board_exit(main());
}

static __attribute__((noreturn)) void fault(void) {
    board_print("fault\n", 6);
    board_exit(101);
}

/* Where the core begins: the end of the stack, the reset, and the faults. Interrupts of a board follow. */
__attribute__((section(".vectors"), used)) void (*const vectors[16])(void) = {
    (void (*)(void))ram_end, reset, fault, fault, fault, fault, fault};

/* The compiler calls these by itself. The library has its own. */
void *memcpy(void *restrict to, const void *restrict from, size_t len) {
    for (size_t i = 0; i < len; i++)
        ((volatile uint8_t *)to)[i] = ((const uint8_t *)from)[i];
    return to;
}

void *memset(void *to, int byte, size_t len) {
    for (size_t i = 0; i < len; i++)
        ((volatile uint8_t *)to)[i] = (uint8_t)byte;
    return to;
}
