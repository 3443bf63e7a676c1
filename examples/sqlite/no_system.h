/* What SQLite needs of a system, where there is none: a heap of fixed size; no file, no clock, no random numbers. For one file of
 * a program, which is compiled with -DSQLITE_OS_OTHER=1 and -DSQLITE_ENABLE_MEMSYS5. */
#ifndef NO_SYSTEM_H
#define NO_SYSTEM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <sqlite3.h>

/* All memory of SQLite, and what its program asks it for: SQLite's own allocator, memsys5, hands it out. */
static uint64_t heap[128 * 1024];

/* No file system: whatever is opened is refused, and temporary tables live in memory (SQLITE_TEMP_STORE=3). */
static int no_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
    (void)vfs, (void)name, (void)flags, (void)out;
    file->pMethods = NULL;
    return SQLITE_CANTOPEN;
}

static int no_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    (void)vfs, (void)name, (void)sync;
    return SQLITE_OK;
}

static int no_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
    (void)vfs, (void)name, (void)flags;
    *out = 0;
    return SQLITE_OK;
}

static int same_path(sqlite3_vfs *vfs, const char *name, int room, char *out) {
    (void)vfs;
    sqlite3_snprintf(room, out, "%s", name);
    return SQLITE_OK;
}

/* The same numbers every time. */
static int no_randomness(sqlite3_vfs *vfs, int length, char *out) {
    (void)vfs;
    memset(out, 0, (size_t)length);
    return length;
}

static int no_sleep(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs, (void)microseconds;
    return 0;
}

/* The first of January 2000, noon, in milliseconds of Julian days. */
static int no_time(sqlite3_vfs *vfs, sqlite3_int64 *out) {
    (void)vfs;
    *out = 2451545 * INT64_C(86400000);
    return SQLITE_OK;
}

static int no_day(sqlite3_vfs *vfs, double *out) {
    (void)vfs;
    *out = 2451545;
    return SQLITE_OK;
}

static sqlite3_vfs none = {
    .iVersion = 2,
    .szOsFile = sizeof(sqlite3_file),
    .mxPathname = 64,
    .zName = "none",
    .xOpen = no_open,
    .xDelete = no_delete,
    .xAccess = no_access,
    .xFullPathname = same_path,
    .xRandomness = no_randomness,
    .xSleep = no_sleep,
    .xCurrentTime = no_day,
    .xCurrentTimeInt64 = no_time,
};

int sqlite3_os_init(void) { return sqlite3_vfs_register(&none, 1); }
int sqlite3_os_end(void) { return SQLITE_OK; }

/* Makes SQLite ready, once; whether it is. */
static int ready(void) {
    static int is_ready;
    if (!is_ready)
        is_ready = sqlite3_config(SQLITE_CONFIG_HEAP, heap, (int)sizeof heap, 64) == SQLITE_OK &&
                   sqlite3_initialize() == SQLITE_OK;
    return is_ready;
}

#endif
