/* What makes an engine of a program whose kernel is linked in: the commands that `minplat-bench` sends, and the answers. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdint.h>

/* Writes `ready`, then answers each line `run N` with the nanoseconds that `run(N)` took and its result, until the input ends.
 * The exit code of the program: 0, or 1 where a line is none of these, which standard error then says. */
int drive(int32_t (*run)(int32_t units));

#endif
