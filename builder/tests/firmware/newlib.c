/* Firmware for a Cortex-M with newlib: it and the library each have a malloc and a memcpy of their own. */
#include <minplat.h>
#include <minplat_add.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the core begins: the end of the stack, and newlib's start. */
extern void _start(void);
__attribute__((section(".vectors"))) void *const vectors[16] = {(void *)0x00400000, (void *)_start};

int main(void) {
    minplat_config_t config;
    minplat_engine_t *engine;
    minplat_module_t *module;
    minplat_store_t *store;
    minplat_linker_t *linker;
    minplat_instance_t instance;
    minplat_extern_t add;
    minplat_value_t args[2] = {{.kind = MINPLAT_I32, .of.i32 = 2}, {.kind = MINPLAT_I32, .of.i32 = 3}}, sum;
    minplat_pool_t pool = {malloc(200 * 1024), 200 * 1024};
    memset(&config, 0, sizeof config);
    config.pools = &pool;
    config.pools_len = 1;
    if (minplat_init(&config) || minplat_engine_new(&engine) || minplat_add_load(engine, &module) ||
        minplat_store_new(engine, NULL, NULL, &store) || minplat_linker_new(engine, &linker))
        return 1;
    minplat_context_t *context = minplat_store_context(store);
    if (minplat_linker_instantiate(linker, context, module, &instance) ||
        !minplat_instance_export(context, &instance, (const uint8_t *)"add", 3, &add) ||
        minplat_func_call(context, &add.of.func, args, 2, &sum, 1))
        return 2;
    printf("%s: 2 + 3 = %d\n", minplat_platform_name(), (int)sum.of.i32);
    return 0;
}
