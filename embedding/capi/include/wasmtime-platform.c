/*
 * What `wasmtime-platform.h` asks for, on Linux (x86_64, aarch64, riscv64; glibc or musl). The contracts are there.
 *
 * A port to another machine keeps the shape: five functions over its page tables, a fault handler, a per-thread array,
 * two locks. Images can be left out (store NULL), and so can whole sections that the platform file does not offer; mapped files are
 * this one's own, with the first lines of `wasmtime_mprotect` and of `wasmtime_memory_image_new`.
 */
#define _GNU_SOURCE
#include "wasmtime-platform.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <ucontext.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------------------------- mapped files */

/*
 * For programs that have artifacts in files. One that is mapped with this, and loaded in place, needs no copy of its memories'
 * contents: images are the pages of the file. Nor is anything done to make its code executable: all of the file can be read and
 * executed, and never be written, as in flash. (From a file system without execution, `noexec`, it is mapped as any memory, so
 * bytecode can be used, and native code is refused.) It is not asked for by the library, so no header has it:
 *
 *   int32_t minplat_linux_map_file(int fd, off_t offset, uint8_t *addr, size_t size, uint8_t **ret);
 *   int32_t minplat_linux_unmap_file(uint8_t *base);
 *
 * The first maps `size` bytes from `offset` on, a multiple of the page size; at `addr`, in place of what is mapped there, or anywhere
 * if that is NULL. Until the second has unmapped them the descriptor
 * stays open, and nobody changes them, in the file or in memory. They are unmapped when no module of theirs is left, and no store
 * with an instance. Both return 0, or errno.
 */
struct mapped_file {
    struct mapped_file *next;
    uint8_t *base;
    size_t size;
    int fd;
    off_t offset;
    bool executable;
};

static struct mapped_file *mapped_files; /* changed under the lock, accessed atomically */
static uintptr_t mapped_files_lock;

int32_t minplat_linux_map_file(int fd, off_t offset, uint8_t *addr, size_t size, uint8_t **ret);
int32_t minplat_linux_unmap_file(uint8_t *base);

int32_t minplat_linux_map_file(int fd, off_t offset, uint8_t *addr, size_t size, uint8_t **ret)
{
    struct mapped_file *file = malloc(sizeof *file);
    if (file == NULL)
        return ENOMEM;
    int flags = MAP_PRIVATE | (addr == NULL ? 0 : MAP_FIXED);
    void *memory = mmap(addr, size, PROT_READ | PROT_EXEC, flags, fd, offset);
    bool executable = memory != MAP_FAILED;
    if (!executable && (errno == EPERM || errno == EACCES))
        memory = mmap(addr, size, PROT_READ | PROT_WRITE, flags, fd, offset);
    if (memory == MAP_FAILED) {
        int error = errno;
        free(file);
        return error;
    }
    wasmtime_sync_lock_acquire(&mapped_files_lock);
    *file = (struct mapped_file) { mapped_files, memory, size, fd, offset, executable };
    __atomic_store_n(&mapped_files, file, __ATOMIC_RELEASE);
    wasmtime_sync_lock_release(&mapped_files_lock);
    *ret = memory;
    return 0;
}

int32_t minplat_linux_unmap_file(uint8_t *base)
{
    wasmtime_sync_lock_acquire(&mapped_files_lock);
    struct mapped_file **link = &mapped_files;
    while (*link != NULL && (*link)->base != base)
        link = &(*link)->next;
    struct mapped_file *file = *link;
    if (file != NULL)
        __atomic_store_n(link, file->next, __ATOMIC_RELEASE);
    wasmtime_sync_lock_release(&mapped_files_lock);

    if (file == NULL)
        return EINVAL;
    int error = munmap(file->base, file->size) == 0 ? 0 : errno;
    free(file);
    return error;
}

/* Whether the bytes are those of a file that the program has mapped; and which. */
static bool is_in_a_file(const uint8_t *ptr, size_t len, struct mapped_file *found)
{
    if (__atomic_load_n(&mapped_files, __ATOMIC_ACQUIRE) == NULL)
        return false;
    wasmtime_sync_lock_acquire(&mapped_files_lock);
    const struct mapped_file *file = mapped_files;
    while (file != NULL && (uintptr_t)ptr - (uintptr_t)file->base >= file->size)
        file = file->next;
    bool is = file != NULL && len <= file->size - (size_t)(ptr - file->base);
    if (is)
        *found = *file;
    wasmtime_sync_lock_release(&mapped_files_lock);
    return is;
}

/*
 * Whether code may run there as it is. Nobody has written it at these addresses: the kernel saw to the caches when it mapped the
 * file's pages to be executed.
 */
static bool is_executable_file(const uint8_t *ptr, size_t size)
{
    struct mapped_file file;
    return is_in_a_file(ptr, size, &file) && file.executable;
}

/* ------------------------------------------------------------------------------------------------------ memory */

static int posix_protection(uint32_t prot_flags)
{
    int prot = PROT_NONE;
    if (prot_flags & WASMTIME_PROT_READ)
        prot |= PROT_READ;
    if (prot_flags & WASMTIME_PROT_WRITE)
        prot |= PROT_WRITE;
    if (prot_flags & WASMTIME_PROT_EXEC)
        prot |= PROT_EXEC;
    return prot;
}

int32_t wasmtime_mmap_new(size_t size, uint32_t prot_flags, uint8_t **ret)
{
    void *memory = mmap(NULL, size, posix_protection(prot_flags), MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return errno;
    *ret = memory;
    return 0;
}

int32_t wasmtime_mmap_remap(uint8_t *addr, size_t size, uint32_t prot_flags)
{
    void *memory = mmap(addr, size, posix_protection(prot_flags), MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    return memory == MAP_FAILED ? errno : 0;
}

int32_t wasmtime_munmap(uint8_t *ptr, size_t size)
{
    if (munmap(ptr, size) == 0)
        return 0;
    /*
     * The kernel merges neighbouring mappings; taking one out splits them again, which it refuses (ENOMEM) to a process
     * that has as many as it may. Giving the memory back needs no split, and the address space is not missed.
     */
    if (errno == ENOMEM && madvise(ptr, size, MADV_DONTNEED) == 0)
        return 0;
    return errno;
}

/* Makes the other cores drop what they have fetched already; the caches are coherent by now. */
static int synchronize_cores(void)
{
#if defined(__aarch64__)
    enum { GLOBAL = 1, SYNC_CORE = 1 << 5, REGISTER_SYNC_CORE = 1 << 6 }; /* <linux/membarrier.h>, where it is new enough */
    if (syscall(SYS_membarrier, SYNC_CORE, 0, 0) == 0)
        return 0;
    if (errno == EPERM /* the first time in this process */ && syscall(SYS_membarrier, REGISTER_SYNC_CORE, 0, 0) == 0
        && syscall(SYS_membarrier, SYNC_CORE, 0, 0) == 0)
        return 0;
    return syscall(SYS_membarrier, GLOBAL, 0, 0) == 0 ? 0 : errno; /* slow, on kernels before 4.16 */
#else
    return 0; /* x86_64: the mprotect did it; riscv64: __builtin___clear_cache asks the kernel to do it on every core */
#endif
}

int32_t wasmtime_mprotect(uint8_t *ptr, size_t size, uint32_t prot_flags)
{
    if (is_executable_file(ptr, size))
        return 0;
    if (mprotect(ptr, size, posix_protection(prot_flags)) != 0)
        return errno;
    if (prot_flags & WASMTIME_PROT_EXEC) {
        __builtin___clear_cache((char *)ptr, (char *)ptr + size);
        return synchronize_cores();
    }
    return 0;
}

size_t wasmtime_page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* ------------------------------------------------------------------------------------------------------ images */

struct wasmtime_memory_image {
    int fd; /* a file with the contents: an unnamed one in memory, or one that the program has mapped */
    off_t offset; /* where they begin in it */
    bool is_ours;
};

static int write_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t written = write(fd, bytes, len);
        if (written < 0 && errno != EINTR)
            return errno;
        if (written > 0) {
            bytes += written;
            len -= (size_t)written;
        }
    }
    return 0;
}

/* A file in memory with these contents; -1 on a kernel that has none. */
static int copied_to_a_file(const uint8_t *ptr, size_t len, int *fd)
{
    *fd = memfd_create("wasm-memory-image", MFD_CLOEXEC);
    if (*fd < 0)
        return errno == ENOSYS ? 0 : errno;
    int error = write_all(*fd, ptr, len);
    if (error != 0)
        close(*fd);
    return error;
}

int32_t wasmtime_memory_image_new(const uint8_t *ptr, size_t len, struct wasmtime_memory_image **ret)
{
    *ret = NULL;
    struct wasmtime_memory_image *image = malloc(sizeof *image);
    if (image == NULL)
        return ENOMEM;
    struct mapped_file file;
    if (is_in_a_file(ptr, len, &file)) {
        *image = (struct wasmtime_memory_image) { file.fd, file.offset + (ptr - file.base), false };
    } else {
        *image = (struct wasmtime_memory_image) { .is_ours = true };
        int error = copied_to_a_file(ptr, len, &image->fd);
        if (error != 0 || image->fd < 0) {
            free(image);
            return error; /* or no images */
        }
    }
    *ret = image;
    return 0;
}

int32_t wasmtime_memory_image_map_at(struct wasmtime_memory_image *image, uint8_t *addr, size_t len)
{
    void *memory = mmap(addr, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, image->fd, image->offset);
    return memory == MAP_FAILED ? errno : 0;
}

void wasmtime_memory_image_free(struct wasmtime_memory_image *image)
{
    if (image->is_ours)
        close(image->fd); /* mappings keep the file alive */
    free(image);
}

/* ------------------------------------------------------------------------------------------------------- traps */

static const int trap_signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE };
enum { TRAP_SIGNALS = sizeof trap_signals / sizeof trap_signals[0] };

static wasmtime_trap_handler_t trap_handler; /* accessed atomically */
static struct sigaction previous_actions[TRAP_SIGNALS];

/* Gives a fault that is not wasm's to whoever would have got it without us. */
static void pass_on(int signal, siginfo_t *info, void *context)
{
    int i = 0;
    while (trap_signals[i] != signal)
        i++;
    const struct sigaction *previous = &previous_actions[i];

    if (previous->sa_flags & SA_SIGINFO)
        previous->sa_sigaction(signal, info, context);
    else if (previous->sa_handler != SIG_DFL && previous->sa_handler != SIG_IGN)
        previous->sa_handler(signal);
    else if (info->si_code > 0)
        sigaction(signal, previous, NULL); /* a fault: on return it happens again, and ends the process */
    else if (previous->sa_handler == SIG_DFL) {
        sigaction(signal, previous, NULL); /* sent by kill: does not happen again by itself */
        raise(signal);
    }
}

static void on_signal(int signal, siginfo_t *info, void *context)
{
    const ucontext_t *thread = context;
#if defined(__x86_64__)
    uintptr_t ip = (uintptr_t)thread->uc_mcontext.gregs[REG_RIP];
    uintptr_t fp = (uintptr_t)thread->uc_mcontext.gregs[REG_RBP];
#elif defined(__aarch64__)
    uintptr_t ip = (uintptr_t)thread->uc_mcontext.pc;
    uintptr_t fp = (uintptr_t)thread->uc_mcontext.regs[29];
#elif defined(__riscv) && __riscv_xlen == 64
    uintptr_t ip = (uintptr_t)thread->uc_mcontext.__gregs[REG_PC];
    uintptr_t fp = (uintptr_t)thread->uc_mcontext.__gregs[REG_S0];
#else
#error "tell wasmtime-platform.c where this machine's signal context keeps the program counter and the frame pointer"
#endif

    /* A positive code is the kernel's: the instruction at `ip` faulted. Wasm is not to answer for signals sent by others. */
    if (info->si_code > 0) {
        bool access = signal == SIGSEGV || signal == SIGBUS;
        wasmtime_trap_handler_t handler = __atomic_load_n(&trap_handler, __ATOMIC_ACQUIRE);
        handler(ip, fp, access, access ? (uintptr_t)info->si_addr : 0); /* does not return if wasm faulted */
    }
    pass_on(signal, info, context);
}

/* Takes the signals over. The handlers of before are kept first: from the first signal on they may be asked for. */
static int take_signals(void)
{
    for (int i = 0; i < TRAP_SIGNALS; i++)
        if (sigaction(trap_signals[i], NULL, &previous_actions[i]) != 0)
            return errno;

    /*
     * SA_NODEFER: the handler leaves by a jump into the library, never through the kernel, which would therefore keep the
     *   signal blocked.
     * SA_ONSTACK: a thread that ran out of its own stack can still be told about it by the previous handler. It runs on
     *   the thread's alternate stack (sigaltstack) then, if the thread has one: 64 KiB is ample, MINSIGSTKSZ is not.
     */
    struct sigaction action = { 0 };
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < TRAP_SIGNALS; i++) {
        if (sigaction(trap_signals[i], &action, NULL) != 0) {
            int error = errno;
            while (i-- > 0)
                sigaction(trap_signals[i], &previous_actions[i], NULL);
            return error;
        }
    }
    return 0;
}

int32_t wasmtime_init_traps(wasmtime_trap_handler_t handler)
{
    enum { THEIRS, CHANGING, OURS };
    static int signals = THEIRS; /* accessed atomically */

    __atomic_store_n(&trap_handler, handler, __ATOMIC_RELEASE);
    /* Taken once: a second time would make us our own predecessor. Who comes while it is done waits until it is. */
    int state = THEIRS;
    while (!__atomic_compare_exchange_n(&signals, &state, CHANGING, false, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
        if (state == OURS)
            return 0;
        sched_yield();
        state = THEIRS;
    }
    int error = take_signals();
    __atomic_store_n(&signals, error == 0 ? OURS : THEIRS, __ATOMIC_RELEASE);
    return error;
}

/* --------------------------------------------------------------------------------------------- thread-local slots */

static __thread uint8_t *tls_slots[2];

uint8_t *wasmtime_tls_get(size_t slot)
{
    return tls_slots[slot];
}

void wasmtime_tls_set(size_t slot, uint8_t *ptr)
{
    tls_slots[slot] = ptr;
}

/* ------------------------------------------------------------------------------------------------------- locks */

/*
 * The word itself is the lock: futexes need no memory of their own. A futex is 32 bits wide; on a 64-bit machine the lower
 * half is used, which comes first on the little-endian machines that this file is for.
 */
static uint32_t *word(uintptr_t *lock)
{
    return (uint32_t *)lock;
}

/* Sleeps until woken, unless `*futex` is not `expected` any more. Returns early at times: callers look again. */
static void sleep_while(uint32_t *futex, uint32_t expected)
{
    syscall(SYS_futex, futex, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

static void wake(uint32_t *futex, int how_many)
{
    syscall(SYS_futex, futex, FUTEX_WAKE_PRIVATE, how_many, NULL, NULL, 0);
}

enum { FREE = 0, HELD = 1, HELD_AND_AWAITED = 2 };

void wasmtime_sync_lock_acquire(uintptr_t *lock)
{
    uint32_t state = FREE;
    if (__atomic_compare_exchange_n(word(lock), &state, HELD, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    /* Whoever has slept cannot know who else sleeps, so it takes the lock as awaited: at worst one wake too many. */
    while (__atomic_exchange_n(word(lock), HELD_AND_AWAITED, __ATOMIC_ACQUIRE) != FREE)
        sleep_while(word(lock), HELD_AND_AWAITED);
}

void wasmtime_sync_lock_release(uintptr_t *lock)
{
    if (__atomic_exchange_n(word(lock), FREE, __ATOMIC_RELEASE) == HELD_AND_AWAITED)
        wake(word(lock), 1);
}

void wasmtime_sync_lock_free(uintptr_t *lock)
{
    (void)lock;
}

/* The reader-writer lock: the number of readers, and two bits. Readers come first: a writer waits until there are none. */
#define AWAITED (UINT32_C(1) << 31)
#define WRITING (UINT32_C(1) << 30)
#define READERS (WRITING - 1)

/* Takes the lock by adding `ours` once none of the bits of `obstacles` is set. */
static void rwlock_take(uint32_t *rwlock, uint32_t obstacles, uint32_t ours)
{
    uint32_t state = __atomic_load_n(rwlock, __ATOMIC_RELAXED);
    for (;;) {
        if ((state & obstacles) == 0) {
            if (__atomic_compare_exchange_n(rwlock, &state, state + ours, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
                return;
        } else if ((state & AWAITED)
            || __atomic_compare_exchange_n(rwlock, &state, state | AWAITED, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            sleep_while(rwlock, state | AWAITED);
            state = __atomic_load_n(rwlock, __ATOMIC_RELAXED);
        }
    }
}

void wasmtime_sync_rwlock_read(uintptr_t *lock)
{
    rwlock_take(word(lock), WRITING, 1);
}

void wasmtime_sync_rwlock_read_release(uintptr_t *lock)
{
    uint32_t state = __atomic_sub_fetch(word(lock), 1, __ATOMIC_RELEASE);
    /* The last reader wakes the writers. If somebody took the lock in between, its release will do it. */
    if (state == AWAITED
        && __atomic_compare_exchange_n(word(lock), &state, 0, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        wake(word(lock), INT_MAX);
}

void wasmtime_sync_rwlock_write(uintptr_t *lock)
{
    rwlock_take(word(lock), WRITING | READERS, WRITING);
}

void wasmtime_sync_rwlock_write_release(uintptr_t *lock)
{
    if (__atomic_exchange_n(word(lock), 0, __ATOMIC_RELEASE) & AWAITED)
        wake(word(lock), INT_MAX);
}

void wasmtime_sync_rwlock_free(uintptr_t *lock)
{
    (void)lock;
}
