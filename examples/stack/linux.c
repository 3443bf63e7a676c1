/*
 * Linux, for stack.c: the library's platform is wasmtime-platform.c, a stack is memory above pages that nobody may access.
 */
#define _GNU_SOURCE
#include "port.h"

#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

/* More than any frame, so that none steps over it. */
#define GUARD ((size_t)1 << 20)

void port_config(minplat_config_t *config) {
    /* Where the machine delivers traps, the handler has a stack of its own. */
    static uint8_t handler[64 << 10];
    stack_t signals = {.ss_sp = handler, .ss_size = sizeof handler};
    sigaltstack(&signals, NULL);
    (void)config; /* the heap lives on the platform's pages */
}

void *port_stack(size_t bytes) {
    static uint8_t *memory;
    static size_t length;
    if (memory)
        munmap(memory, length);
    length = GUARD + bytes;
    memory = mmap(NULL, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return memory = NULL;
    return mprotect(memory + GUARD, bytes, PROT_READ | PROT_WRITE) == 0 ? memory + GUARD : NULL;
}

static struct {
    void (*job)(void *);
    void *env;
} next;

static void begin(void) { next.job(next.env); }

void port_run(void *lowest, size_t bytes, void (*job)(void *env), void *env) {
    ucontext_t here, there;
    next.job = job;
    next.env = env;
    if (getcontext(&there) != 0)
        return;
    there.uc_stack.ss_sp = lowest;
    there.uc_stack.ss_size = bytes;
    there.uc_link = &here;
    makecontext(&there, begin, 0);
    swapcontext(&here, &there);
}
