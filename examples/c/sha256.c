/* SHA-256 (FIPS 180-4) of a text of up to 16 KiB, as small as C makes it: no library, one buffer, nothing unrolled. A guest to see
 * what a small module takes on a device; `digest.c` is the one that is written for speed. */
#include "guest.h"

#include <stddef.h>

static const uint32_t ROUND[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* The text, what is behind it, and the digest as 64 hexadecimal digits. */
static _Alignas(4) uint8_t bytes[16384 + 128];
static char text[64];
/* At addresses that the compiler knows, so a device checks none of them. */
static uint32_t state[8], w[64];

static uint32_t rotate(uint32_t word, int by) { return word >> by | word << (32 - by); }

static void absorb(const uint8_t *block) {
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
#pragma clang loop unroll(disable)
    for (int i = 0; i < 64; i++) {
        uint32_t word;
        if (i < 16) {
            word = __builtin_bswap32(((const uint32_t *)block)[i]);
        } else {
            uint32_t x = w[i - 15], y = w[i - 2];
            word = w[i - 16] + (rotate(x, 7) ^ rotate(x, 18) ^ x >> 3) + w[i - 7] +
                   (rotate(y, 17) ^ rotate(y, 19) ^ y >> 10);
        }
        w[i] = word;
        uint32_t one = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + (g ^ (e & (f ^ g))) + ROUND[i] + word;
        uint32_t two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (c & (a ^ b)));
        h = g, g = f, f = e, e = d + one;
        d = c, c = b, b = a, a = one + two;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

/* Room for one text; the one before is gone. */
EXPORT("allocate") uint8_t *allocate(uint32_t length) { return length <= sizeof bytes - 128 ? bytes : NULL; }

/* The digest of what `allocate` gave room for. */
EXPORT("sha256") uint64_t sha256(const uint8_t *from, uint32_t length) {
    (void)from;
    state[0] = 0x6a09e667, state[1] = 0xbb67ae85, state[2] = 0x3c6ef372, state[3] = 0xa54ff53a;
    state[4] = 0x510e527f, state[5] = 0x9b05688c, state[6] = 0x1f83d9ab, state[7] = 0x5be0cd19;
    uint32_t end = (length + 72) & ~63u;
#pragma clang loop unroll(disable)
    for (uint32_t at = length; at < end; at++)
        bytes[at] = 0;
    bytes[length] = 0x80;
    ((uint32_t *)(bytes + end))[-1] = __builtin_bswap32(length << 3);
    for (uint32_t at = 0; at < end; at += 64)
        absorb(bytes + at);
#pragma clang loop unroll(disable)
    for (int i = 64; i-- > 0;) {
        uint32_t digit = state[i / 8] >> (28 - 4 * (i % 8)) & 15;
        text[i] = (char)(digit < 10 ? '0' + digit : 'a' - 10 + digit);
    }
    return text_result(text, sizeof text);
}
