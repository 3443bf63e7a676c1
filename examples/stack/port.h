/*
 * What stack.c asks of the machine. linux.c answers for Linux, bare.c for a Cortex-M and a 32-bit RISC-V core without an
 * operating system. With an RTOS: port_stack gives the stack of a task, port_run lets that task do the job and waits for it.
 */
#ifndef PORT_H
#define PORT_H

#include <minplat.h>

/* What minplat_init is to be told on this machine; `config` is all zeros. */
void port_config(minplat_config_t *config);

/* The lowest address of a stack of exactly `bytes` bytes, a multiple of 16, with a guard below it: whoever leaves it ends in a
   fault that ends the program. NULL if there is no room. There is one stack: the next call takes it away. */
void *port_stack(size_t bytes);

/* Runs the job on that stack, from its top, and comes back. */
void port_run(void *lowest, size_t bytes, void (*job)(void *env), void *env);

#endif
