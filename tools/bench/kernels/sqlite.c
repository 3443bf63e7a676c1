/* SQLite with a database in memory: a table is made, filled, indexed, joined with another, summed up, changed and dropped. SQL in,
 * rows out: a large program, with many branches and calls. */
#include "kernel.h"

#include <no_system.h>

/* Goods, once; orders of them, for each unit. */
static const char GOODS[] = "CREATE TABLE goods(id INTEGER PRIMARY KEY, name TEXT, price INTEGER);"
                            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19)"
                            " INSERT INTO goods SELECT i, 'good ' || char(65 + i), 100 + i * 37 % 200 FROM n;";
static const char WORK[] =
    "BEGIN;"
    "CREATE TABLE orders(id INTEGER PRIMARY KEY, good INTEGER, count INTEGER, note TEXT);"
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 149)"
    " INSERT INTO orders SELECT i, (i * i + %u) %% 20, 1 + i * 7919 %% 13, 'order ' || (i + %u) FROM n;"
    "CREATE INDEX by_good ON orders(good, count);"
    "SELECT name, count(*), sum(count * price), max(note) FROM goods JOIN orders ON orders.good = goods.id"
    " GROUP BY goods.id HAVING sum(count) > 5 ORDER BY 3 DESC, name;"
    "UPDATE orders SET count = count + 1 WHERE good IN (SELECT id FROM goods WHERE price > 200);"
    "DELETE FROM orders WHERE note LIKE '%%7';"
    "SELECT avg(count), total(id), group_concat(note, '/') FROM orders WHERE good BETWEEN 3 AND 9;"
    "DROP TABLE orders;"
    "COMMIT;";

/* Takes a row into the sum. */
static int add_row(void *sum, int columns, char **values, char **names) {
    (void)names;
    for (int i = 0; i < columns; i++)
        for (const char *at = values[i]; at && *at; at++)
            *(uint32_t *)sum = *(uint32_t *)sum * 31 + (uint8_t)*at;
    *(uint32_t *)sum = mix(*(uint32_t *)sum, (uint32_t)columns);
    return 0;
}

/* Runs SQL, whose rows go into the sum. What fails ends the module. */
static void execute(sqlite3 *database, const char *sql, uint32_t *sum) {
    if (!sql || sqlite3_exec(database, sql, add_row, sum, NULL) != SQLITE_OK)
        __builtin_trap();
}

uint32_t unit(uint32_t number) {
    static sqlite3 *database;
    uint32_t sum = 0;
    if (!database) {
        if (!ready() || sqlite3_open(":memory:", &database) != SQLITE_OK)
            __builtin_trap();
        execute(database, GOODS, &sum);
    }
    char *sql = sqlite3_mprintf(WORK, number % 1000, number % 1000);
    execute(database, sql, &sum);
    sqlite3_free(sql);
    return sum;
}
