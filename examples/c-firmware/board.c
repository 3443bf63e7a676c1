/* A board that has no UART to speak of: the debugger, or QEMU, prints (semihosting). Put your board's own functions here. */
#include "board.h"

#include <stdint.h>

/* The library's functions need 5 KiB (budget.stack of the platform), the rest is this program's. Bytecode has a stack of its own. */
enum { STACK = 8 << 10 };

static int semihosting(int operation, const void *argument) {
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void board_print(const char *text, size_t len) {
    static int console = -1;
    if (console < 0) {
        const uintptr_t open[] = {(uintptr_t)":tt", 4, 3}; /* to write */
        console = semihosting(0x01, open);
    }
    const uintptr_t write[] = {(uintptr_t)console, (uintptr_t)text, len};
    semihosting(0x05, write);
}

void board_exit(int code) {
    const uintptr_t end[] = {0x20026, (uintptr_t)code}; /* the program ends by itself */
    semihosting(0x20, end);
    for (;;)
        ;
}

void board_pool(void **start, size_t *size) {
    extern uint8_t pool_start[], ram_end[];
    *start = pool_start;
    *size = (size_t)(ram_end - pool_start) - STACK;
}
