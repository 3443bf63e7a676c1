/*
 * Firmware without a C library, on Linux's kernel: the size probe, linked statically with nothing but the library and what
 * is here. It has functions of the names that the library keeps inside itself (memcpy, an allocator, Rust's panic handler),
 * and none of them may be called by the library.
 *
 *   minplat-compile --emit obj --symbol minplat_probe examples/size-probe.wat -o guest.o
 *   cc -ffreestanding -nostdlib -static -fno-builtin firmware.c examples/size-probe.c guest.o libminplat.a
 */
#include <minplat.h>
#include <wasmtime-platform.h>

int minplat_probe_main(int32_t number, int32_t *answer);

/* --------------------------------------------------------------------------------------------- the kernel */

static long kernel(long number, long a, long b, long c, long d, long e) {
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = 0;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static _Noreturn void end(int code) {
    for (;;)
        kernel(60, code, 0, 0, 0, 0);
}

/* ------------------------------------------------------------------------------------------- the platform */

int32_t wasmtime_mmap_new(size_t size, uint32_t prot_flags, uint8_t **ret) {
    long address = kernel(9, 0, (long)size, (long)prot_flags, 0x22, -1);
    if (address < 0 && address > -4096)
        return (int32_t)-address;
    *ret = (uint8_t *)address;
    return 0;
}

int32_t wasmtime_munmap(uint8_t *ptr, size_t size) { return (int32_t)-kernel(11, (long)ptr, (long)size, 0, 0, 0); }

int32_t wasmtime_mprotect(uint8_t *ptr, size_t size, uint32_t prot_flags) {
    return (int32_t)-kernel(10, (long)ptr, (long)size, (long)prot_flags, 0, 0);
}

size_t wasmtime_page_size(void) { return 4096; }

int32_t wasmtime_memory_image_new(const uint8_t *ptr, size_t len, struct wasmtime_memory_image **ret) {
    (void)ptr, (void)len;
    *ret = NULL; /* none: the library copies */
    return 0;
}
int32_t wasmtime_memory_image_map_at(struct wasmtime_memory_image *image, uint8_t *addr, size_t len) {
    (void)image, (void)addr, (void)len;
    end(20);
}
void wasmtime_memory_image_free(struct wasmtime_memory_image *image) {
    (void)image;
    end(21);
}

/* ------------------------------------------------------------ names that the library has too, for itself alone */

#define OURS(name, code) \
    void *name(void);    \
    void *name(void) { end(code); }

OURS(memcpy, 30)
OURS(memmove, 31)
OURS(memset, 32)
OURS(memcmp, 33)
OURS(bcmp, 34)
OURS(strlen, 35)
OURS(malloc, 36)
OURS(calloc, 37)
OURS(realloc, 38)
OURS(free, 39)
OURS(abort, 40)
OURS(rust_begin_unwind, 41)
OURS(rust_eh_personality, 42)
OURS(_Unwind_Resume, 43)
OURS(__rust_alloc, 44)
OURS(__rust_dealloc, 45)
OURS(__rust_realloc, 46)
OURS(__rust_alloc_error_handler, 47)
OURS(fmod, 50)
OURS(fma, 51)
OURS(trunc, 52)
OURS(__udivti3, 53)

/* On this platform the library has its own. */
uint8_t *wasmtime_tls_get(size_t slot) {
    (void)slot;
    end(48);
}
void wasmtime_tls_set(size_t slot, uint8_t *ptr) {
    (void)slot, (void)ptr;
    end(49);
}

/* ------------------------------------------------------------------------------------------------- the program */

static char printed[512];
static size_t printed_len;

void minplat_probe_print(const char *text, size_t len) {
    for (size_t i = 0; i < len && printed_len < sizeof printed; i++)
        printed[printed_len++] = text[i];
    kernel(1, 1, (long)text, (long)len, 0, 0);
}

static bool has_printed(const char *text) {
    for (size_t i = 0; i < printed_len; i++) {
        size_t n = 0;
        while (text[n] && i + n < printed_len && printed[i + n] == text[n])
            n++;
        if (!text[n])
            return true;
    }
    return false;
}

static _Noreturn void start(void) __attribute__((used));
static _Noreturn void start(void) {
    int32_t answer = 0;
    if (minplat_probe_main(20, &answer) != 0)
        end(1);
    if (answer != 41)
        end(2);
    if (minplat_probe_main(0, &answer) != 1)
        end(3);
    end(has_printed("unreachable") ? 0 : 4);
}

/* The stack comes aligned; a call makes it what a function expects. */
__asm__(".globl _start\n_start:\n\tcall start\n\thlt\n");
