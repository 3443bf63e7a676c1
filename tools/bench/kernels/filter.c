/* A 3×3 filter over an image of 256×256 bytes, with the weights of the unit. */
#include "kernel.h"

enum { SIDE = 256 };

static uint8_t image[SIDE][SIDE], filtered[SIDE][SIDE];

static void prepare(void) {
    uint32_t seed = 1;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            image[y][x] = (uint8_t)((x ^ y) + (int)(random_next(&seed) % 64));
}

/* A pixel and its neighbours on both sides. Written out: compilers differ in what they unroll. */
static int32_t weigh(const int32_t weights[3], const uint8_t *pixel) {
    return weights[0] * pixel[-1] + weights[1] * pixel[0] + weights[2] * pixel[1];
}

/* The weights are in sixteenths; what leaves the range of a byte stays at its end. The outermost pixels are left out. */
static void filter(const int32_t weights[3][3]) {
    for (int y = 1; y < SIDE - 1; y++)
        for (int x = 1; x < SIDE - 1; x++) {
            const uint8_t *above = &image[y - 1][x], *here = &image[y][x], *below = &image[y + 1][x];
            int32_t value = (weigh(weights[0], above) + weigh(weights[1], here) + weigh(weights[2], below) + 8) >> 4;
            filtered[y][x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
        }
}

uint32_t unit(uint32_t number) {
    static int is_ready;
    if (!is_ready) {
        prepare();
        is_ready = 1;
    }
    int32_t side = (int32_t)(number % 5) - 3, corner = (int32_t)(number / 5 % 3) - 1;
    const int32_t weights[3][3] = {
        {corner, side, corner},
        {side, 16 - 4 * (side + corner), side},
        {corner, side, corner},
    };
    filter(weights);
    uint32_t sum = number;
    for (int y = 1; y < SIDE - 1; y++)
        for (int x = 1; x < SIDE - 1; x++)
            sum = sum * 31 + filtered[y][x];
    return sum;
}
