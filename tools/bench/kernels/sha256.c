/* SHA-256 (FIPS 180-4) of 64 KiB: 32-bit arithmetic and rotations, few loads. */
#include "kernel.h"

enum { LENGTH = 64 * 1024 };

static uint8_t message[LENGTH + 64];
static uint32_t initial[8], constant[64];

/* A root that is a whole number and a fraction, to all bits of a double. */
static double square_root(double of) {
    double root = of;
    for (int i = 0; i < 20; i++)
        root = (root + of / root) / 2;
    return root;
}
static double cube_root(double of) {
    double root = of;
    for (int i = 0; i < 30; i++)
        root = (2 * root + of / (root * root)) / 3;
    return root;
}

static uint32_t fraction(double of) { return (uint32_t)((of - (double)(uint32_t)of) * 4294967296.0); }

static int is_prime(uint32_t candidate) {
    for (uint32_t divisor = 2; divisor * divisor <= candidate; divisor++)
        if (candidate % divisor == 0)
            return 0;
    return 1;
}

/* The standard's constants: the first bits of the fractions of roots of the first primes. And the message, with its padding. */
static void prepare(void) {
    uint32_t seed = 1, candidate = 2;
    for (int found = 0; found < 64; candidate++) {
        if (!is_prime(candidate))
            continue;
        if (found < 8)
            initial[found] = fraction(square_root(candidate));
        constant[found++] = fraction(cube_root(candidate));
    }
    for (uint32_t i = 0; i < LENGTH; i++)
        message[i] = (uint8_t)random_next(&seed);
    message[LENGTH] = 0x80;
    for (int i = 0; i < 4; i++)
        message[LENGTH + 60 + i] = (uint8_t)((uint32_t)LENGTH * 8 >> (24 - 8 * i));
}

static uint32_t rotate(uint32_t word, int by) { return word >> by | word << (32 - by); }

static void absorb(uint32_t state[8], const uint8_t *block) {
    uint32_t w[64];
    for (int i = 0; i < 16; i++, block += 4)
        w[i] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 | (uint32_t)block[2] << 8 | block[3];
    for (int i = 16; i < 64; i++) {
        uint32_t early = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t late = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + early + w[i - 7] + late;
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < 64; i++) {
        uint32_t one = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + constant[i] + w[i];
        uint32_t two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + one;
        d = c, c = b, b = a, a = one + two;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

uint32_t unit(uint32_t number) {
    if (!message[LENGTH])
        prepare();
    for (int i = 0; i < 4; i++)
        message[i] = (uint8_t)(number >> 8 * i);
    uint32_t state[8], sum = 0;
    for (int i = 0; i < 8; i++)
        state[i] = initial[i];
    for (uint32_t at = 0; at < sizeof message; at += 64)
        absorb(state, message + at);
    for (int i = 0; i < 8; i++)
        sum = mix(sum, state[i]);
    return sum;
}
