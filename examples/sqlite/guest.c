/* SQLite as a guest: a database in memory, in a heap of fixed size, with no system below: no file, no clock, no random numbers.
 * Answers are what `sqlite3` prints: a row a line, a bar between columns. */
#include "../c/guest.h"

#include "no_system.h"

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
