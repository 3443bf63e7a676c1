/* The same 4096 numbers sorted twice: quicksort and heapsort, which have to agree. Compares, swaps, branches that nobody can foretell. */
#include "kernel.h"

enum { COUNT = 4096 };

static int32_t quick[COUNT], heap[COUNT];

static void swap(int32_t *a, int32_t *b) {
    int32_t kept = *a;
    *a = *b;
    *b = kept;
}

static void insertion_sort(int32_t *values, int32_t count) {
    for (int32_t i = 1; i < count; i++) {
        int32_t value = values[i], hole = i;
        for (; hole && values[hole - 1] > value; hole--)
            values[hole] = values[hole - 1];
        values[hole] = value;
    }
}

/* Parts at the median of three (Hoare), the smaller part first, so the calls are as deep as the logarithm of the count. */
static void quick_sort(int32_t *values, int32_t count) {
    while (count > 16) {
        int32_t *middle = values + count / 2, *last = values + count - 1;
        if (*middle < *values)
            swap(middle, values);
        if (*last < *middle)
            swap(last, middle);
        if (*middle < *values)
            swap(middle, values);
        int32_t pivot = *middle, up = -1, down = count;
        for (;;) {
            do
                up++;
            while (values[up] < pivot);
            do
                down--;
            while (values[down] > pivot);
            if (up >= down)
                break;
            swap(values + up, values + down);
        }
        int32_t lower = down + 1;
        if (lower < count - lower) {
            quick_sort(values, lower);
            values += lower, count -= lower;
        } else {
            quick_sort(values + lower, count - lower);
            count = lower;
        }
    }
    insertion_sort(values, count);
}

/* Lets the value at the root sink to its place. */
static void sink(int32_t *values, int32_t root, int32_t count) {
    int32_t value = values[root];
    for (int32_t child; (child = 2 * root + 1) < count; root = child) {
        child += child + 1 < count && values[child] < values[child + 1];
        if (values[child] <= value)
            break;
        values[root] = values[child];
    }
    values[root] = value;
}

static void heap_sort(int32_t *values, int32_t count) {
    for (int32_t root = count / 2; root-- > 0;)
        sink(values, root, count);
    while (--count > 0) {
        swap(values, values + count);
        sink(values, 0, count);
    }
}

uint32_t unit(uint32_t number) {
    uint32_t seed = number + 1, sum = 0;
    for (int i = 0; i < COUNT; i++)
        quick[i] = heap[i] = (int32_t)random_next(&seed);
    quick_sort(quick, COUNT);
    heap_sort(heap, COUNT);
    for (int i = 0; i < COUNT; i++) {
        if (quick[i] != heap[i])
            __builtin_trap();
        sum = mix(sum, (uint32_t)quick[i]);
    }
    return sum;
}
