/*
 * The Linux platform with one thing wrong, `wrong`; none, if that is "nothing". The test `checks.rs` says which check finds
 * which.
 */
#include "right.h"

#include <string.h>

#include "wrong.h"

const char *wrong = "nothing";
int is_known;

static bool is(const char *what)
{
    if (strcmp(wrong, what) != 0)
        return false;
    is_known = 1;
    return true;
}

static size_t rounded_down(size_t size)
{
    return size & ~((size_t)sysconf(_SC_PAGESIZE) - 1);
}

/* ------------------------------------------------------------------------------------------------------ memory */

static int mappings;       /* that are there now */
static int large, odd;     /* how many were ever given out: of 1 MiB or more, and of 5, 7, 9 … pages */
static uint8_t *protected; /* the start of what was protected last */

int32_t wasmtime_mmap_new(size_t size, uint32_t prot_flags, uint8_t **ret)
{
    if (is("mmap-few") && mappings >= 20)
        return ENOMEM;
    if (is("mmap-small") && size > (size_t)1 << 30)
        return ENOMEM;
    /* A free list that takes nothing back of a size that it has no place for. */
    if (is("munmap-loses-large") && size >= (size_t)1 << 20 && size < (size_t)1 << 30 && ++large > 64)
        return ENOMEM;
    if (is("munmap-loses-odd") && size > 4 * right_page_size() && size / right_page_size() % 2 == 1 && ++odd > 6)
        return ENOMEM;
    if (is("mmap-overflows") && size > SIZE_MAX / 4)
        size = 1 << 16; /* as if a sum had wrapped around */
    if (is("mmap-always-exec") && prot_flags != 0)
        prot_flags |= WASMTIME_PROT_EXEC;
    if (is("mmap-ignores-protection"))
        prot_flags = WASMTIME_PROT_READ | WASMTIME_PROT_WRITE;
    size_t page = right_page_size(), more = is("page-size-large") ? page : 0;
    int32_t code = right_mmap_new(size + more, prot_flags, ret);
    if (code != 0)
        return code;
    if (more != 0) { /* a page of Linux's in front or behind goes, so that the start is never a multiple of the large one */
        bool is_multiple = (uintptr_t)*ret % (2 * page) == 0;
        right_munmap(is_multiple ? *ret : *ret + size, page);
        *ret += is_multiple ? page : 0;
    }
    mappings++;
    if (is("mmap-dirty") && (prot_flags & WASMTIME_PROT_WRITE))
        memset(*ret + size - 8, 0xa5, 8);
    return 0;
}

int32_t wasmtime_mmap_remap(uint8_t *addr, size_t size, uint32_t prot_flags)
{
    if (is("remap-keeps"))
        return right_mprotect(addr, size, prot_flags);
    if (is("remap-ignores-protection"))
        prot_flags = WASMTIME_PROT_READ | WASMTIME_PROT_WRITE;
    return right_mmap_remap(addr, size, prot_flags);
}

int32_t wasmtime_munmap(uint8_t *ptr, size_t size)
{
    mappings--;
    if (is("munmap-nothing"))
        return 0;
    int32_t code = right_munmap(ptr, size);
    /* What keeps a record of mappings, and does not find one that was split since. */
    if (is("munmap-of-parts") && protected >= ptr + right_page_size() && protected < ptr + size)
        return EINVAL;
    return code;
}

extern char __bss_start[], _end[];

static uint8_t *code_place, old_code[8];

int32_t wasmtime_mprotect(uint8_t *ptr, size_t size, uint32_t prot_flags)
{
    protected = ptr;
    if (is("mprotect-nothing"))
        return 0;
    if (is("mprotect-rounds-down")) {
        size = rounded_down(size);
        return size == 0 ? 0 : right_mprotect(ptr, size, prot_flags);
    }
    if (is("mprotect-too-far")) {
        right_mprotect(ptr, size + right_page_size(), prot_flags);
        return 0;
    }
    if (is("mprotect-maps-anew"))
        return right_mmap_remap(ptr, size, prot_flags);
    if (is("mprotect-read-is-write") && (prot_flags & WASMTIME_PROT_READ) && !(prot_flags & WASMTIME_PROT_EXEC))
        prot_flags |= WASMTIME_PROT_WRITE;
    if (is("mprotect-always-exec") && prot_flags != 0)
        prot_flags |= WASMTIME_PROT_EXEC;
    if (is("mprotect-own-pages-only") && (char *)ptr >= __bss_start && (char *)ptr < _end)
        return EINVAL;
    if (is("mprotect-not-in-handler")) {
        stack_t now;
        if (sigaltstack(NULL, &now) == 0 && (now.ss_flags & SS_ONSTACK))
            return EBUSY;
    }
    if (is("code-stale") && (prot_flags & WASMTIME_PROT_EXEC) && size == 8) {
        if (code_place == ptr)
            memcpy(ptr, old_code, 8); /* the instruction cache holds the old ones */
        code_place = ptr;
        memcpy(old_code, ptr, 8);
    }
    return right_mprotect(ptr, size, prot_flags);
}

size_t wasmtime_page_size(void)
{
    static size_t calls;
    if (is("page-size-large"))
        return 2 * right_page_size();
    if (is("page-size-small"))
        return right_page_size() / 2;
    if (is("page-size-odd"))
        return 5000;
    if (is("page-size-varies") && ++calls == 2)
        return 2 * right_page_size();
    return right_page_size();
}

/* ------------------------------------------------------------------------------------------------------ images */

static const uint8_t *borrowed;

int32_t wasmtime_memory_image_new(const uint8_t *ptr, size_t len, struct wasmtime_memory_image **ret)
{
    if (is("images-none")) { /* which is right */
        *ret = NULL;
        return 0;
    }
    borrowed = ptr;
    return right_image_new(ptr, len, ret);
}

int32_t wasmtime_memory_image_map_at(struct wasmtime_memory_image *image, uint8_t *addr, size_t len)
{
    if (is("images-shared")) {
        void *memory = mmap(addr, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, image->fd, 0);
        return memory == MAP_FAILED ? errno : 0;
    }
    if (is("images-borrow")) {
        unsigned char there;
        int32_t code = right_mprotect(addr, len, WASMTIME_PROT_READ | WASMTIME_PROT_WRITE);
        /* What the image was made from may be gone. */
        if (code == 0 && mincore((void *)borrowed, 1, &there) == 0)
            memcpy(addr, borrowed, len);
        return code;
    }
    if (is("images-whole")) { /* whatever the length says */
        int32_t code = right_image_map_at(image, addr, len);
        return code != 0 ? code : right_image_map_at(image, addr, 3 * right_page_size());
    }
    if (is("images-read-only"))
        return right_image_map_at(image, addr, len) || right_mprotect(addr, len, WASMTIME_PROT_READ);
    return right_image_map_at(image, addr, len);
}

void wasmtime_memory_image_free(struct wasmtime_memory_image *image)
{
    if (is("images-die") && ftruncate(image->fd, 0) != 0)
        abort();
    right_image_free(image);
}

/* ------------------------------------------------------------------------------------------------------- traps */

static wasmtime_trap_handler_t handler;

/* Where the library's handler is told something else. */
static void lies(uintptr_t ip, uintptr_t fp, bool has_faulting_addr, uintptr_t faulting_addr)
{
    static uintptr_t last_addr, depth;
    uintptr_t here = (uintptr_t)&here;
    if (is("trap-once")) {
        /* As a handler that is left for good with the signal blocked. */
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, NULL);
    }
    if (is("trap-next-instruction"))
        ip += 2;
    if (is("trap-own-frame"))
        fp = (uintptr_t)__builtin_frame_address(0);
    if (is("trap-page-address"))
        faulting_addr &= ~(uintptr_t)0xfff;
    if (is("trap-no-address"))
        has_faulting_addr = false;
    if (is("trap-old-address") && !has_faulting_addr) {
        has_faulting_addr = true;
        faulting_addr = last_addr;
    }
    last_addr = faulting_addr;
    if (is("trap-one-level")) { /* a fault in the handler starts its stack anew, or is lost */
        if (depth == 0)
            depth = here;
        if (here < depth)
            return;
    }
    if (is("trap-other-threads") && gettid() != getpid())
        ip = fp = faulting_addr = 0;
    handler(ip, fp, has_faulting_addr, faulting_addr);
}

int32_t wasmtime_init_traps(wasmtime_trap_handler_t given)
{
    handler = given;
    if (is("trap-never"))
        return 0;
    if (is("trap-refused"))
        return 38;
    return right_init_traps(lies);
}

/* --------------------------------------------------------------------------------------------- thread-local slots */

static uint8_t *global_slots[2];

uint8_t *wasmtime_tls_get(size_t slot)
{
    if (is("tls-global"))
        return global_slots[slot];
    if (is("tls-swapped"))
        return right_tls_get(1 - slot);
    return right_tls_get(is("tls-one-slot") ? 0 : slot);
}

void wasmtime_tls_set(size_t slot, uint8_t *ptr)
{
    if (is("tls-global"))
        global_slots[slot] = ptr;
    else
        right_tls_set(is("tls-one-slot") ? 0 : slot, ptr);
}

/* ------------------------------------------------------------------------------------------------------- locks */

void wasmtime_sync_lock_acquire(uintptr_t *lock)
{
    if (!is("lock-nothing"))
        right_lock_acquire(lock);
}
void wasmtime_sync_lock_release(uintptr_t *lock)
{
    if (!is("lock-nothing"))
        right_lock_release(lock);
}
void wasmtime_sync_lock_free(uintptr_t *lock)
{
    if (is("lock-frees-used-only") && *lock == 0)
        abort(); /* as an assertion that there is something to free */
    right_lock_free(lock);
}
void wasmtime_sync_rwlock_read(uintptr_t *lock)
{
    if (is("rwlock-plain"))
        right_rwlock_write(lock);
    else if (!is("rwlock-no-readers"))
        right_rwlock_read(lock);
}
void wasmtime_sync_rwlock_read_release(uintptr_t *lock)
{
    if (is("rwlock-plain"))
        right_rwlock_write_release(lock);
    else if (!is("rwlock-no-readers"))
        right_rwlock_read_release(lock);
}
void wasmtime_sync_rwlock_write(uintptr_t *lock)
{
    if (is("rwlock-no-writers"))
        right_rwlock_read(lock);
    else
        right_rwlock_write(lock);
}
void wasmtime_sync_rwlock_write_release(uintptr_t *lock)
{
    if (is("rwlock-no-writers"))
        right_rwlock_read_release(lock);
    else
        right_rwlock_write_release(lock);
}
void wasmtime_sync_rwlock_free(uintptr_t *lock)
{
    right_rwlock_free(lock);
}
