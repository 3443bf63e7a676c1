/* An allocator of the buddy kind in an arena of 1 MiB, and a program that allocates, writes, checks and frees: dependent loads and
 * stores, small lists. */
#include "kernel.h"

enum { SMALLEST = 4, LARGEST = 20, SLOTS = 512, STEPS = 12000 };

/* Blocks are known by their place in the arena, so a run is the same where pointers are wider. */
#define NONE UINT32_MAX

static _Alignas(16) uint8_t arena[1 << LARGEST];

/* What stands in a free block: its neighbours in the list of its size. */
struct link {
    uint32_t before, behind;
};

/* The first free block of each size; and, for each place where a block can begin, the power of two that it is long, with FREE. */
static uint32_t lists[LARGEST + 1];
static uint8_t blocks[1 << (LARGEST - SMALLEST)];
enum { FREE = 0x80 };

static struct link *link_at(uint32_t place) { return (struct link *)(void *)(arena + place); }

static void insert(uint32_t place, uint32_t power) {
    uint32_t first = lists[power];
    *link_at(place) = (struct link){NONE, first};
    if (first != NONE)
        link_at(first)->before = place;
    lists[power] = place;
    blocks[place >> SMALLEST] = (uint8_t)(power | FREE);
}

static void take_out(uint32_t place, uint32_t power) {
    struct link *link = link_at(place);
    if (link->before == NONE)
        lists[power] = link->behind;
    else
        link_at(link->before)->behind = link->behind;
    if (link->behind != NONE)
        link_at(link->behind)->before = link->before;
    blocks[place >> SMALLEST] = (uint8_t)power;
}

static void reset(void) {
    __builtin_memset(blocks, 0, sizeof blocks);
    for (uint32_t power = 0; power <= LARGEST; power++)
        lists[power] = NONE;
    insert(0, LARGEST);
}

/* The place of a block of at least so many bytes; NONE if there is none. */
static uint32_t allocate(uint32_t bytes) {
    uint32_t wanted = SMALLEST;
    while (1u << wanted < bytes)
        wanted++;
    uint32_t power = wanted;
    while (power <= LARGEST && lists[power] == NONE)
        power++;
    if (power > LARGEST)
        return NONE;
    uint32_t place = lists[power];
    take_out(place, power);
    while (power > wanted) {
        power--;
        insert(place + (1u << power), power);
    }
    blocks[place >> SMALLEST] = (uint8_t)power;
    return place;
}

static void release(uint32_t place) {
    uint32_t power = blocks[place >> SMALLEST];
    for (; power < LARGEST; power++) {
        uint32_t buddy = place ^ 1u << power;
        if (blocks[buddy >> SMALLEST] != (power | FREE))
            break;
        take_out(buddy, power);
        place &= ~(1u << power);
    }
    insert(place, power);
}

uint32_t unit(uint32_t number) {
    static uint32_t places[SLOTS], sizes[SLOTS];
    uint32_t seed = number + 1, sum = 0;
    reset();
    for (int i = 0; i < SLOTS; i++)
        places[i] = NONE;
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t slot = random_next(&seed) % SLOTS, place = places[slot];
        if (place != NONE) {
            sum = mix(sum, place + arena[place] + arena[place + sizes[slot] - 1]);
            release(place);
            places[slot] = NONE;
            continue;
        }
        /* Small ones more often than large ones. */
        uint32_t size = 1 + random_size(&seed, 11);
        places[slot] = place = allocate(size);
        sizes[slot] = size;
        if (place == NONE)
            __builtin_trap();
        arena[place] = arena[place + size - 1] = (uint8_t)step;
    }
    return sum;
}
