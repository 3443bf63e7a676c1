/*
 * A core without an operating system, for stack.c: a Cortex-M with an MPU (newlib), or 32-bit RISC-V in machine mode with PMP
 * (picolibc). Both guard the stack, so a job that leaves it is found out. The C library prints through the debugger
 * (semihosting). On a board of yours change the sizes, and with Cortex-M the end of the RAM.
 */
#include "port.h"

#include <stdio.h>
#include <stdlib.h>

/* The guard is larger than any frame of the library, and a power of two. */
enum { POOL = 1 << 20, GUARD = 8 << 10, STACK = 120 << 10 };
static uint8_t pool[POOL];
static _Alignas(GUARD) uint8_t area[GUARD + STACK];

static void guard(void);

void port_config(minplat_config_t *config) {
    static const minplat_pool_t pools = {pool, sizeof pool};
    config->pools = &pools;
    config->pools_len = 1;
    guard();
}

void *port_stack(size_t bytes) { return bytes <= STACK ? area + GUARD : NULL; }

/* Runs on the main stack. */
static __attribute__((used, noreturn)) void fault(void) {
    puts("fault: the job left its stack");
    fflush(stdout);
    abort();
}

#if defined(__arm__)

#define REGISTER(address) (*(volatile uint32_t *)(address))

extern void _start(void);
/* Where the core begins: the end of the RAM, newlib's start, and the faults. */
__attribute__((section(".vectors"), used)) void *const vectors[16] = {
    (void *)0x00400000, (void *)_start, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault};

static void guard(void) {
    REGISTER(0xE000ED98) = 0;                              /* MPU_RNR: region 0 */
    REGISTER(0xE000ED9C) = (uint32_t)(uintptr_t)area;      /* MPU_RBAR */
    REGISTER(0xE000EDA0) = 1u << 28 | (13 - 1) << 1 | 1;   /* MPU_RASR: no access, 1 << 13 bytes */
    REGISTER(0xE000ED94) = 5;                              /* MPU_CTRL: on, everything else as ever */
    __asm__ volatile("dsb\n\tisb" ::: "memory");
}

/* As an RTOS runs its tasks: the job has the process stack, faults and interrupts the main one. */
static __attribute__((naked)) void run_at(void *top, void (*job)(void *env), void *env) {
    (void)top, (void)job, (void)env;
    __asm__("push {r4, lr}\n\tmsr psp, r0\n\tmovs r4, #2\n\tmsr control, r4\n\tisb\n\t"
            "mov r0, r2\n\tblx r1\n\t"
            "movs r4, #0\n\tmsr control, r4\n\tisb\n\tpop {r4, pc}");
}

#elif defined(__riscv) && __riscv_xlen == 32

static uint8_t main_stack[4 << 10] __attribute__((used, aligned(16)));

static __attribute__((naked, aligned(4))) void trap(void) {
    __asm__("la sp, main_stack + 4096\n\tj fault");
}

static void guard(void) {
    uintptr_t address = (uintptr_t)area >> 2 | (GUARD / 8 - 1); /* a naturally aligned range */
    __asm__ volatile(".option push\n\t.option arch, +zicsr\n\t"
                     "csrw mtvec, %0\n\tcsrw pmpaddr0, %1\n\tcsrw pmpcfg0, %2\n\t"
                     ".option pop" ::"r"(trap), "r"(address), "r"(0x98) : "memory"); /* no access, for machine mode too */
}

static __attribute__((naked)) void run_at(void *top, void (*job)(void *env), void *env) {
    (void)top, (void)job, (void)env;
    __asm__("addi sp, sp, -16\n\tsw ra, 12(sp)\n\tsw s0, 8(sp)\n\tmv s0, sp\n\tmv sp, a0\n\t"
            "mv a0, a2\n\tjalr a1\n\t"
            "mv sp, s0\n\tlw s0, 8(sp)\n\tlw ra, 12(sp)\n\taddi sp, sp, 16\n\tret");
}

#else
#error "tell bare.c how this machine guards a stack and changes to it"
#endif

void port_run(void *lowest, size_t bytes, void (*job)(void *env), void *env) { run_at((uint8_t *)lowest + bytes, job, env); }
