/* An interpreter of a small machine with sixteen registers: each instruction is a function in a table, called through it. What it
 * runs is a program that fills memory with a sequence and then counts, for each word, the steps of the Collatz problem. */
#include "kernel.h"

/* What an instruction works on: three registers, or one and a number. */
struct instruction {
    uint8_t code, to, a, b;
    int32_t number;
};

enum { WORDS = 256 };

struct machine {
    uint32_t registers[16], memory[WORDS];
    const struct instruction *next;
    int is_running;
};

typedef void operation(struct machine *machine, const struct instruction *it);

#define TO machine->registers[it->to]
#define A machine->registers[it->a]
#define B machine->registers[it->b]

static void op_stop(struct machine *machine, const struct instruction *it) {
    (void)it;
    machine->is_running = 0;
}
static void op_set(struct machine *machine, const struct instruction *it) { TO = (uint32_t)it->number; }
static void op_add(struct machine *machine, const struct instruction *it) { TO = A + B; }
static void op_add_number(struct machine *machine, const struct instruction *it) { TO = A + (uint32_t)it->number; }
static void op_multiply(struct machine *machine, const struct instruction *it) { TO = A * B; }
static void op_xor(struct machine *machine, const struct instruction *it) { TO = A ^ B; }
static void op_and_number(struct machine *machine, const struct instruction *it) { TO = A & (uint32_t)it->number; }
static void op_shift(struct machine *machine, const struct instruction *it) { TO = A >> it->number; }
static void op_load(struct machine *machine, const struct instruction *it) { TO = machine->memory[A % WORDS]; }
static void op_store(struct machine *machine, const struct instruction *it) { machine->memory[A % WORDS] = B; }
static void op_jump(struct machine *machine, const struct instruction *it) { machine->next += it->number; }
static void op_jump_if(struct machine *machine, const struct instruction *it) {
    if (A)
        machine->next += it->number;
}
static void op_jump_unless_below(struct machine *machine, const struct instruction *it) {
    if (A >= B)
        machine->next += it->number;
}

enum { STOP, SET, ADD, ADD_NUMBER, MULTIPLY, XOR, AND_NUMBER, SHIFT, LOAD, STORE, JUMP, JUMP_IF, JUMP_UNLESS_BELOW };

static operation *const OPERATIONS[] = {
    [STOP] = op_stop,
    [SET] = op_set,
    [ADD] = op_add,
    [ADD_NUMBER] = op_add_number,
    [MULTIPLY] = op_multiply,
    [XOR] = op_xor,
    [AND_NUMBER] = op_and_number,
    [SHIFT] = op_shift,
    [LOAD] = op_load,
    [STORE] = op_store,
    [JUMP] = op_jump,
    [JUMP_IF] = op_jump_if,
    [JUMP_UNLESS_BELOW] = op_jump_unless_below,
};

/* Registers: 0 the number of the unit, 1 index, 2 word, 3 steps in all, 4 count of words, 5 factor, 6 low bit, 7 three, 8 rest.
 * Jumps count from the instruction behind them. */
static const struct instruction PROGRAM[] = {
    {SET, 4, 0, 0, WORDS},
    {SET, 5, 0, 0, 1664525},
    {SET, 7, 0, 0, 3},
    /* Fills memory. */
    {MULTIPLY, 0, 0, 5, 0},
    {ADD_NUMBER, 0, 0, 0, 1013904223},
    {STORE, 0, 1, 0, 0},
    {ADD_NUMBER, 1, 1, 0, 1},
    {JUMP_UNLESS_BELOW, 0, 1, 4, 1},
    {JUMP, 0, 0, 0, -6},
    {SET, 1, 0, 0, 0},
    /* The next word: its upper bits, at least 1. */
    {LOAD, 2, 1, 0, 0},
    {SHIFT, 2, 2, 0, 22},
    {ADD_NUMBER, 2, 2, 0, 1},
    /* A step: half of it, or three times it and one. */
    {ADD_NUMBER, 8, 2, 0, -1},
    {JUMP_IF, 0, 8, 0, 1},
    {JUMP, 0, 0, 0, 8},
    {ADD_NUMBER, 3, 3, 0, 1},
    {AND_NUMBER, 6, 2, 0, 1},
    {JUMP_IF, 0, 6, 0, 2},
    {SHIFT, 2, 2, 0, 1},
    {JUMP, 0, 0, 0, -8},
    {MULTIPLY, 2, 2, 7, 0},
    {ADD_NUMBER, 2, 2, 0, 1},
    {JUMP, 0, 0, 0, -11},
    /* At 1. */
    {LOAD, 2, 1, 0, 0},
    {XOR, 2, 2, 3, 0},
    {STORE, 0, 1, 2, 0},
    {ADD, 9, 9, 2, 0},
    {ADD_NUMBER, 1, 1, 0, 1},
    {JUMP_UNLESS_BELOW, 0, 1, 4, 1},
    {JUMP, 0, 0, 0, -21},
    {STOP, 0, 0, 0, 0},
};

uint32_t unit(uint32_t number) {
    static struct machine machine;
    for (int i = 0; i < 16; i++)
        machine.registers[i] = 0;
    machine.registers[0] = number;
    machine.next = PROGRAM;
    machine.is_running = 1;
    while (machine.is_running) {
        const struct instruction *it = machine.next++;
        OPERATIONS[it->code](&machine, it);
    }
    return mix(machine.registers[3], machine.registers[9]);
}
