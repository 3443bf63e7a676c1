/* Vectors of 128 bits, in the notation that GCC and clang share: the Mandelbrot set four points at a time in f32, two images of bytes
 * blended, and a sum of lanes that are multiplied and rotated. */
#include "kernel.h"

#ifdef __wasm__
/* The one kernel that may use vectors of WebAssembly: engines without them can run the others. */
#define VECTORS __attribute__((target("simd128")))
#else
#define VECTORS
#endif

typedef float f32x4 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef uint32_t u32x4 __attribute__((vector_size(16)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));

enum { SIDE = 64, STEPS = 60, BLOCKS = 1024 };

static u8x16 under[BLOCKS], over[BLOCKS];

VECTORS static u32x4 rotate(u32x4 lanes, int by) { return lanes << by | lanes >> (32 - by); }

/* How many steps each of four points stays near, at most STEPS. */
VECTORS static i32x4 steps(f32x4 real, f32x4 imaginary) {
    f32x4 x = {0}, y = {0};
    i32x4 count = {0}, near = {-1, -1, -1, -1};
    for (int i = 0; i < STEPS; i++) {
        f32x4 xx = x * x, yy = y * y;
        /* A point that has left stays away: what it is then does not count. */
        near &= xx + yy <= 4.0f;
        count -= near;
        y = 2.0f * x * y + imaginary;
        x = xx - yy + real;
    }
    return count;
}

VECTORS static u32x4 mandelbrot(uint32_t number) {
    const f32x4 COLUMNS = {0, 1, 2, 3};
    u32x4 sum = {0};
    float shift = (float)(number % 64) / 256;
    for (int row = 0; row < SIDE; row++)
        for (int column = 0; column < SIDE; column += 4) {
            f32x4 real = ((float)column + COLUMNS) * (3.0f / SIDE) - 2.25f + shift;
            f32x4 imaginary = (f32x4){0} + ((float)row * (2.0f / SIDE) - 1.0f);
            sum = rotate(sum, 5) + (u32x4)steps(real, imaginary);
        }
    return sum;
}

/* Half of each image, where the upper one is the brighter; the lanes of all that is summed. */
VECTORS static u32x4 blend(uint32_t number) {
    u32x4 sum = (u32x4){0} + number;
    for (int i = 0; i < BLOCKS; i++) {
        u8x16 brighter = (u8x16)(over[i] > under[i]);
        u8x16 half = (over[i] >> 1) + (under[i] >> 1);
        u8x16 blended = (half & brighter) | (under[i] & ~brighter);
        sum = rotate((sum + (u32x4)blended) * 0x9e3779b1u, 13);
    }
    return sum;
}

VECTORS static void fill(u8x16 *image, uint32_t seed) {
    for (int i = 0; i < BLOCKS; i++)
        for (int lane = 0; lane < 16; lane++)
            image[i][lane] = (uint8_t)random_next(&seed);
}

VECTORS uint32_t unit(uint32_t number) {
    static int is_ready;
    if (!is_ready) {
        fill(under, 1);
        fill(over, 2);
        is_ready = 1;
    }
    u32x4 lanes = mandelbrot(number) ^ blend(number);
    return mix(mix(mix(lanes[0], lanes[1]), lanes[2]), lanes[3]);
}
