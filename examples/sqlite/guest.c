/* SQLite as a guest: a database in memory, in a heap of fixed size, with no system below: no file, no clock, no random numbers.
 * Answers are what `sqlite3` prints: a row a line, a bar between columns. */
#include "../c/guest.h"

#include <stddef.h>
#include <string.h>

#include <sqlite3.h>

/* All memory of SQLite, and what the caller of `allocate` gets: SQLite's own allocator, memsys5, hands it out. */
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

/* Makes SQLite ready, once. */
static int ready(void) {
    static int is_ready;
    if (!is_ready)
        is_ready = sqlite3_config(SQLITE_CONFIG_HEAP, heap, (int)sizeof heap, 64) == SQLITE_OK &&
                   sqlite3_initialize() == SQLITE_OK;
    return is_ready;
}

EXPORT("allocate") void *allocate(uint32_t length) { return ready() ? sqlite3_malloc64(length) : NULL; }
EXPORT("release") void release(void *address) { sqlite3_free(address); }

static int put_row(void *to, int columns, char **values, char **names) {
    (void)names;
    for (int i = 0; i < columns; i++)
        sqlite3_str_appendf(to, "%s%s", i ? "|" : "", values[i] ? values[i] : "");
    sqlite3_str_appendchar(to, 1, '\n');
    return 0;
}

/* Runs SQL on the one database, which starts empty. The rows, or the error, are the caller's to release. */
EXPORT("query") uint64_t query(const char *bytes, uint32_t length) {
    static sqlite3 *database;
    if (!ready() || (!database && sqlite3_open(":memory:", &database) != SQLITE_OK))
        return text_result(NULL, 0);
    char *sql = sqlite3_mprintf("%.*s", (int)length, bytes), *error = NULL;
    sqlite3_str *rows = sqlite3_str_new(database);
    if (sqlite3_exec(database, sql, put_row, rows, &error) != SQLITE_OK)
        sqlite3_str_appendf(rows, "error: %s\n", error ? error : sqlite3_errmsg(database));
    sqlite3_free(error);
    sqlite3_free(sql);
    int found = sqlite3_str_length(rows);
    return text_result(sqlite3_str_finish(rows), (uint32_t)found);
}
