/* A program with two static libraries that were written in Rust: the device library, and one with `std`. */
#include <minplat.h>
#include <stdio.h>

extern uint32_t second_count_words(void);

int main(void) {
    minplat_engine_t *engine;
    minplat_store_t *store;
    minplat_module_t *module;
    static const uint8_t nothing[] = "no artifact";
    uint32_t words = second_count_words();
    if (minplat_engine_new(&engine) || minplat_store_new(engine, NULL, NULL, &store))
        return 1;
    minplat_error_t *error = minplat_module_load(engine, nothing, sizeof nothing, &module);
    if (minplat_error_code(error) != MINPLAT_ERROR_WRONG_FORMAT)
        return 2;
    minplat_error_delete(error);
    words += second_count_words();
    minplat_store_delete(store);
    minplat_engine_delete(engine);
    printf("%u words for %s\n", (unsigned)words, minplat_platform_name());
    return words != 8;
}
