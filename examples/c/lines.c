/* Lines of text, sorted and counted with what the C library offers: malloc, qsort, strtok, strcmp.
 * (Its snprintf would do too, but brings the standard streams with it, and so three imports of WASI.) */
#include "guest.h"

#include <stdlib.h>
#include <string.h>

EXPORT("allocate") void *allocate(uint32_t length) { return malloc(length); }
EXPORT("release") void release(void *address) { free(address); }

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A number right-aligned in seven columns, and a blank. */
static char *put_count(char *to, uint32_t count) {
    memset(to, ' ', 8);
    for (char *digit = to + 7; digit > to && count; count /= 10)
        *--digit = (char)('0' + count % 10);
    return to + 8;
}

/* As `sort | uniq -c` prints it: each different line once, in order of its bytes, its count before it.
 * The result is the caller's to release; no room for it, or no input: an empty text. */
EXPORT("count_lines") uint64_t count_lines(const char *bytes, uint32_t length) {
    uint32_t lines = 1;
    if (length > 1u << 28) /* keeps the sums below within 32 bits */
        return text_result(NULL, 0);
    for (uint32_t i = 0; i < length; i++)
        lines += bytes[i] == '\n';

    char *copy = malloc(length + 1), **line = malloc(lines * sizeof *line);
    char *out = malloc(length + lines * 9), *end = out; /* count, blank and line end: 9 */
    uint32_t found = 0;
    if (copy && line && out) {
        memcpy(copy, bytes, length);
        copy[length] = 0;
        for (char *next = strtok(copy, "\n"); next; next = strtok(NULL, "\n"))
            line[found++] = next;
        qsort(line, found, sizeof *line, compare);
        for (uint32_t i = 0, same; i < found; i += same) {
            for (same = 1; i + same < found && !strcmp(line[i], line[i + same]); same++)
                ;
            end = stpcpy(put_count(end, same), line[i]);
            *end++ = '\n';
        }
    }
    free(copy);
    free(line);
    if (end == out) {
        free(out);
        out = end = NULL;
    }
    return text_result(out, (uint32_t)(end - out));
}
