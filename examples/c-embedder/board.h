/* What this firmware offers to its guests, and how it talks of errors. */
#ifndef BOARD_H
#define BOARD_H

#include <minplat.h>

/* A string literal as the library takes text: pointer, length. */
#define TEXT(literal) (const uint8_t *)(literal), sizeof(literal) - 1

/* The board: what host functions get as their environment. */
typedef struct {
    const int32_t *samples;
    size_t count, next;
} board_t;

/* Ends the program with the error's text, unless it is NULL. `what` says what was attempted. */
void must(const char *what, minplat_error_t *error);

/* Prints an error with its backtrace, and deletes it. */
void report(minplat_error_t *error);

/* Gives modules the functions of the board: board.sample, board.print. */
void define_board(minplat_linker_t *linker, board_t *board);

/* The function that an instance exports under a name; ends the program if there is none. */
minplat_func_t exported(minplat_context_t *context, const minplat_instance_t *instance, const char *name);

#endif
