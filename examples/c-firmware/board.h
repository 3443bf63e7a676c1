/* What a board gives: a console, an end, and memory for the library. */
#ifndef BOARD_H
#define BOARD_H

#include <stddef.h>

void board_print(const char *text, size_t len);
__attribute__((noreturn)) void board_exit(int code);

/* The RAM that is nobody's: all but what the stack may take. */
void board_pool(void **start, size_t *size);

#endif
