/* Loading, and what a module says of itself. */
#include "api.h"

void loading(const uint8_t *bytes, size_t len) {
    minplat_module_t *none = NULL;
    uint8_t *copy = malloc(len);
    memcpy(copy, bytes, len);
    copy[len / 2] ^= 1;
    FAILS(minplat_module_load(engine, copy, len, &none), ARTIFACT_DAMAGED, "damaged");
    FAILS(minplat_module_load(engine, bytes, len - 1, &none), ARTIFACT_DAMAGED, "damaged");
    FAILS(minplat_module_load(engine, TEXT("\0asm\1\0\0\0"), &none), WRONG_FORMAT, "minplat-compile");
    FAILS(minplat_module_load(engine, TEXT("hello, world"), &none), WRONG_FORMAT, NULL);
    FAILS(minplat_module_load(engine, NULL, 0, &none), WRONG_FORMAT, "empty");
    FAILS(minplat_module_load(engine, NULL, 1, &none), ARGUMENT, "NULL");
    FAILS(minplat_module_load(NULL, bytes, len, &none), ARGUMENT, "NULL");
    FAILS(minplat_module_load(engine, bytes, len, NULL), ARGUMENT, "NULL");
    CHECK(none == NULL);
    free(copy);

    OK(minplat_module_load(engine, bytes, len, &module));
    /* A flash slot: the artifact, and what an erased flash reads behind it. */
    size_t page = minplat_page_size() ? minplat_page_size() : 4096;
    size_t slot = (len + 2 * page) / page * page;
    uint8_t *flash = aligned_alloc(page, slot + page);
    memset(flash, 0xff, slot);
    memcpy(flash, bytes, len);
    OK(minplat_module_load(engine, flash, slot, &none));
    minplat_module_delete(none);
    OK(minplat_module_load_in_place(engine, flash, slot, &none));
    minplat_module_delete(none);
    flash[len - 1] ^= 1;
    FAILS(minplat_module_load_in_place(engine, flash, slot, &none), ARTIFACT_DAMAGED, NULL);
    /* A copy may lie anywhere; in place native code starts on a page, anything else on 16 bytes. */
    memcpy(flash + 8, bytes, len);
    none = NULL;
    FAILS(minplat_module_load_in_place(engine, flash + 8, slot, &none), MISALIGNED,
          native ? "the artifact must be aligned to 4096 bytes" : "the artifact must be aligned to 16 bytes");
    CHECK(none == NULL);
    OK(minplat_module_load(engine, flash + 8, slot, &none));
    minplat_module_delete(none);
    free(flash);
}

void reflection(void) {
    CHECK(minplat_module_import_count(module) == 5 && minplat_module_import_count(NULL) == 0);
    CHECK(minplat_module_export_count(module) == 20 && minplat_module_export_count(NULL) == 0);
    minplat_externtype_t *type;
    minplat_limits_type_t limits;
    size_t len;
    OK(minplat_module_import(module, 0, &type));
    CHECK(minplat_externtype_kind(type) == MINPLAT_EXTERN_FUNC);
    const uint8_t *name = minplat_externtype_module(type, &len);
    CHECK(len == 4 && !memcmp(name, "host", 4));
    name = minplat_externtype_name(type, &len);
    CHECK(len == 3 && !memcmp(name, "add", 3));
    CHECK(minplat_externtype_param_count(type) == 4 && minplat_externtype_result_count(type) == 1);
    CHECK(minplat_externtype_param(type, 2) == MINPLAT_F32 && minplat_externtype_result(type, 0) == MINPLAT_F64);
    CHECK(minplat_externtype_param(type, 4) == MINPLAT_NO_KIND && minplat_externtype_result(type, 1) == MINPLAT_NO_KIND);
    CHECK(!minplat_externtype_limits(type, &limits) && minplat_externtype_content(type) == MINPLAT_NO_KIND);
    minplat_externtype_delete(type);
    OK(minplat_module_import(module, 1, &type));
    CHECK(minplat_externtype_param(type, 0) == MINPLAT_V128 && minplat_externtype_result(type, 0) == MINPLAT_FUNCREF);
    minplat_externtype_delete(type);
    FAILS(minplat_module_import(module, 5, &type), NOT_FOUND, NULL);
    FAILS(minplat_module_export(module, 20, &type), NOT_FOUND, NULL);
    FAILS(minplat_module_import(module, 0, NULL), ARGUMENT, "NULL");

    OK(minplat_module_export(module, 0, &type));
    CHECK(minplat_externtype_kind(type) == MINPLAT_EXTERN_MEMORY && minplat_externtype_limits(type, &limits));
    CHECK(limits.minimum == 1 && limits.maximum == 3 && limits.page_size_log2 == 16 && !limits.is_64 && !limits.is_shared);
    minplat_externtype_module(type, &len);
    CHECK(len == 0);
    minplat_externtype_delete(type);
    OK(minplat_module_export(module, 1, &type));
    CHECK(minplat_externtype_kind(type) == MINPLAT_EXTERN_TABLE && minplat_externtype_limits(type, &limits));
    CHECK(limits.minimum == 4 && limits.maximum == 8 && minplat_externtype_content(type) == MINPLAT_FUNCREF);
    minplat_externtype_delete(type);
    OK(minplat_module_export(module, 2, &type));
    CHECK(minplat_externtype_kind(type) == MINPLAT_EXTERN_GLOBAL && minplat_externtype_content(type) == MINPLAT_I64);
    CHECK(minplat_externtype_mutable(type));
    minplat_externtype_delete(type);
    OK(minplat_module_export(module, 3, &type));
    CHECK(minplat_externtype_content(type) == MINPLAT_F32 && !minplat_externtype_mutable(type));
    minplat_externtype_delete(type);
    minplat_externtype_delete(NULL);
    CHECK(minplat_externtype_kind(NULL) == MINPLAT_EXTERN_NONE && minplat_externtype_name(NULL, &len) == NULL);
}

