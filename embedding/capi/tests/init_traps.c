/*
 * `wasmtime_init_traps` of wasmtime-platform.c, called by two threads at once, with a handler of before that is needed at
 * the worst moment. It says on which line what went wrong; else nothing.
 *
 *   cc init_traps.c wasmtime-platform.c -I ../include -pthread -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "wasmtime-platform.h"

static int installed;   /* signals taken over; accessed atomically */
static bool is_slow;    /* from now on takings take their time */
static int refused;     /* the signal that the kernel does not give, or 0 */
static volatile sig_atomic_t before, handled;

/* In front of the C library's: slow, so that the other thread comes in between. */
int sigaction(int signal, const struct sigaction *action, struct sigaction *old) {
    int (*real)(int, const struct sigaction *, struct sigaction *);
    *(void **)&real = dlsym(RTLD_NEXT, "sigaction");
    if (!is_slow || action == NULL)
        return real(signal, action, old);
    if (signal == refused) {
        errno = EINVAL;
        return -1;
    }
    usleep(20000);
    struct sigaction former;
    int result = real(signal, action, &former);
    /* A signal before the caller knows whose it was. */
    if (signal == SIGSEGV && refused == 0)
        raise(SIGSEGV);
    if (old)
        *old = former;
    __atomic_add_fetch(&installed, 1, __ATOMIC_SEQ_CST);
    return result;
}

static void of_before(int signal) { before += signal == SIGSEGV; }

static void first(uintptr_t ip, uintptr_t fp, bool has_address, uintptr_t address) {
    (void)ip, (void)fp, (void)has_address, (void)address;
    handled = 1;
}

static void last(uintptr_t ip, uintptr_t fp, bool has_address, uintptr_t address) {
    (void)ip, (void)fp, (void)has_address, (void)address;
    handled = 2;
    _exit(before == 1 ? 0 : 2);
}

static void *init(void *unused) {
    CHECK(wasmtime_init_traps(first) == 0);
    CHECK(__atomic_load_n(&installed, __ATOMIC_SEQ_CST) == 4); /* not before all of them are */
    return unused;
}

int main(void) {
    struct sigaction theirs = {0}, now;
    theirs.sa_handler = of_before;
    CHECK(sigaction(SIGSEGV, &theirs, NULL) == 0);
    is_slow = true;

    /* What the kernel refuses is as before, and may be tried again. */
    refused = SIGFPE;
    CHECK(wasmtime_init_traps(first) != 0);
    CHECK(sigaction(SIGSEGV, NULL, &now) == 0 && now.sa_handler == of_before);
    refused = 0;
    installed = 0;

    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        CHECK(pthread_create(&threads[i], NULL, init, NULL) == 0);
    for (int i = 0; i < 2; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(installed == 4 && before == 1);

    /* The last handler counts. */
    CHECK(wasmtime_init_traps(last) == 0 && installed == 4);
    *(volatile int *)8 = 0;
    return 3;
}
