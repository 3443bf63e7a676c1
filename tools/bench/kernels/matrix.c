/* A product of matrices of 200×200 numbers in f64, twenty rows of it at a time. */
#include "kernel.h"

enum { SIZE = 200, ROWS = 20 };

static double left[SIZE][SIZE], right[SIZE][SIZE], product[ROWS][SIZE];

/* Numbers between -1 and 1. */
static void fill(double matrix[SIZE][SIZE], uint32_t seed) {
    for (int row = 0; row < SIZE; row++)
        for (int column = 0; column < SIZE; column++)
            matrix[row][column] = (int32_t)random_next(&seed) / 2147483648.0;
}

uint32_t unit(uint32_t number) {
    static int is_ready;
    if (!is_ready) {
        fill(left, 1);
        fill(right, 2);
        is_ready = 1;
    }
    uint32_t first = number % (SIZE / ROWS) * ROWS, sum = 0;
    for (uint32_t row = 0; row < ROWS; row++) {
        double *to = product[row];
        for (int column = 0; column < SIZE; column++)
            to[column] = 0;
        for (int i = 0; i < SIZE; i++) {
            double factor = left[first + row][i];
            for (int column = 0; column < SIZE; column++)
                to[column] += factor * right[i][column];
        }
    }
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < SIZE; column++)
            sum = mix(sum, (uint32_t)(int32_t)(product[row][column] * 1048576));
    return sum;
}
