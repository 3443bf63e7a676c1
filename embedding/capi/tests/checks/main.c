/*
 * Checks a platform by minplat_check_platform: Linux, with one thing wrong if its name is given (wrong.c).
 *
 *   checks [WRONG [CHECK]]
 *
 * Prints a line for each check that begins, and one for its outcome. Exit code: 0 nothing failed, 1 something did, 2 the
 * library refused, 3 the wrong thing is not known.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "minplat.h"
#include "wasmtime-platform.h"
#include "wrong.h"

static void told(void *env, const minplat_check_t *check)
{
    static const char *const outcomes[] = { "begins", "passed", "failed", "not-checkable" };
    (void)env;
    printf("%s %.*s", outcomes[check->outcome], (int)check->name_len, (const char *)check->name);
    if (check->detail_len > 0)
        printf(": %.*s", (int)check->detail_len, (const char *)check->detail);
    puts("");
    fflush(stdout);
}

struct thread {
    pthread_t thread;
    minplat_thread_job_t job;
    void *arg;
    size_t number;
};

static void *begin(void *arg)
{
    const struct thread *thread = arg;
    thread->job(thread->arg, thread->number);
    return NULL;
}

static bool run_threads(void *env, size_t count, minplat_thread_job_t job, void *arg)
{
    struct thread threads[3];
    (void)env;
    if (count > 3)
        return false;
    for (size_t i = 0; i < count; i++) {
        threads[i] = (struct thread) { .job = job, .arg = arg, .number = i };
        if (pthread_create(&threads[i].thread, NULL, begin, &threads[i]) != 0)
            abort();
    }
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i].thread, NULL);
    return true;
}

int main(int argc, char **argv)
{
    static char handler_stack[1 << 17];
    stack_t stack = { .ss_sp = handler_stack, .ss_size = sizeof handler_stack };
    sigaltstack(&stack, NULL);

    wrong = argc > 1 ? argv[1] : wrong;
    minplat_check_config_t config = { .hook = told, .run_threads = run_threads, .mmap_remap = wasmtime_mmap_remap };
    if (argc > 2) {
        config.only = (const uint8_t *)argv[2];
        config.only_len = strlen(argv[2]);
    }
    if (strcmp(wrong, "late") == 0) {
        minplat_engine_t *engine;
        if (minplat_engine_new(&engine) != NULL)
            return 4;
    }
    size_t failed = 0;
    minplat_error_t *error = minplat_check_platform(&config, &failed);
    if (error != NULL) {
        size_t len;
        const uint8_t *text = minplat_error_message(error, &len);
        printf("%u: %.*s\n", (unsigned)minplat_error_code(error), (int)len, (const char *)text);
        minplat_error_delete(error);
        return 2;
    }
    if (strcmp(wrong, "nothing") != 0 && !is_known)
        return 3;
    return failed != 0;
}
