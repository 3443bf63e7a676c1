/* The kernel's module as the C that wasm2c made of it, in wasm2c's runtime as it comes: accesses to memory are checked by guard pages
 * and a signal handler. */
#include "driver.h"

#include <stdio.h>

#include "guest.h"
#include "wasm-rt-impl.h"

static Z_guest_instance_t instance;

static int32_t run_in_instance(int32_t units) { return (int32_t)Z_guestZ_run(&instance, (uint32_t)units); }

int main(void) {
    wasm_rt_init();
    wasm_rt_trap_t trap = wasm_rt_impl_try();
    if (trap != WASM_RT_TRAP_NONE) {
        fprintf(stderr, "error: the module trapped: %s\n", wasm_rt_strerror(trap));
        return 1;
    }
    Z_guest_init_module();
    Z_guest_instantiate(&instance);
    return drive(run_in_instance);
}
