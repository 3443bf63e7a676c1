/* See driver.h. */
#define _POSIX_C_SOURCE 199309L
#include "driver.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The time that this thread has had a core: what others take of it meanwhile is not in it. */
static int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* By its name callgrind knows what to count. */
__attribute__((noinline)) int32_t drive_counted(int32_t (*run)(int32_t units), int32_t units);
int32_t drive_counted(int32_t (*run)(int32_t units), int32_t units) { return run(units); }

int drive(int32_t (*run)(int32_t units)) {
    char line[64];
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        int32_t units;
        char rest;
        if (sscanf(line, "run %" SCNd32 " %c", &units, &rest) != 1) {
            line[strcspn(line, "\n")] = 0;
            fprintf(stderr, "error: \"%s\" is not a command; this engine knows: run N\n", line);
            return 1;
        }
        int64_t begin = nanoseconds();
        int32_t result = drive_counted(run, units);
        int64_t end = nanoseconds();
        printf("%" PRId64 " %" PRId32 "\n", end - begin, result);
        fflush(stdout);
    }
    return 0;
}
