/* A tick of the epoch from an interrupt, which on Linux is a signal, while a guest runs. */
#define _POSIX_C_SOURCE 200809L
#include "api.h"

#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t ticks;

static void tick(int number) {
    (void)number;
    ticks++;
    if (minplat_engine_increment_epoch(engine) != NULL)
        _exit(3);
}

void interrupt(void) {
    struct sigaction action = {.sa_handler = tick}, before;
    CHECK(sigaction(SIGALRM, &action, &before) == 0);
    OK(minplat_context_set_epoch_deadline(context, 1));
    alarm(1);
    minplat_error_t *error = call("forever", NULL, 0, NULL, 0);
    minplat_trap_code_t code;
    CHECK(ticks == 1 && minplat_error_trap_code(error, &code) && code == MINPLAT_TRAP_INTERRUPT);
    CHECK(is(error, MINPLAT_ERROR_INTERRUPTED, "interrupt"));
    OK(minplat_context_set_epoch_deadline(context, UINT64_MAX));
    CHECK(sigaction(SIGALRM, &before, NULL) == 0);
}
