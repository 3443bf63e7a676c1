/*
 * `minplat_linux_map_file` of wasmtime-platform.c: images of what is mapped so are pages of the file, and need no descriptor
 * of their own. It says on which line what went wrong; else nothing.
 *
 *   cc mapped_file.c wasmtime-platform.c -I ../include
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/types.h>
#include <unistd.h>

#include "check.h"
#include "wasmtime-platform.h"

int32_t minplat_linux_map_file(int fd, off_t offset, uint8_t *addr, size_t size, uint8_t **ret);
int32_t minplat_linux_unmap_file(uint8_t *base);

/* The number that the next descriptor gets. */
static int next_descriptor(void) {
    int fd = dup(0);
    close(fd);
    return fd;
}

/* The protection of the page at this address. */
static int access_of(const uint8_t *address) {
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(maps != NULL);
    char line[512], access[5];
    unsigned long start, end;
    int found = -1;
    while (fgets(line, sizeof line, maps) != NULL)
        if (sscanf(line, "%lx-%lx %4s", &start, &end, access) == 3 && start <= (unsigned long)address && (unsigned long)address < end)
            found = (access[0] == 'r' ? PROT_READ : 0) | (access[1] == 'w' ? PROT_WRITE : 0) | (access[2] == 'x' ? PROT_EXEC : 0);
    fclose(maps);
    return found;
}

/* Whether an image has these bytes wherever it is mapped, and changes are the mapping's own. */
static void holds(struct wasmtime_memory_image *image, const uint8_t *bytes, size_t len) {
    uint8_t *memory[2];
    for (int i = 0; i < 2; i++) {
        CHECK(wasmtime_mmap_new(len, 0, &memory[i]) == 0);
        CHECK(wasmtime_memory_image_map_at(image, memory[i], len) == 0);
    }
    CHECK(memcmp(memory[0], bytes, len) == 0);
    memset(memory[0], 'x', len);
    CHECK(memcmp(memory[1], bytes, len) == 0);
    wasmtime_memory_image_free(image);
    CHECK(memcmp(memory[1], bytes, len) == 0);
    for (int i = 0; i < 2; i++)
        CHECK(wasmtime_munmap(memory[i], len) == 0);
}

/* A file system without execution, in a namespace of our own, which root alone can have: mapped to be written, and code in it is refused. */
static void without_execution(size_t page) {
    if (unshare(CLONE_NEWNS) != 0) {
        CHECK(errno == EPERM);
        return;
    }
    CHECK(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
    CHECK(mount("tmpfs", "/tmp", "tmpfs", MS_NOEXEC, NULL) == 0);
    int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    uint8_t *there;
    CHECK(fd >= 0 && ftruncate(fd, (off_t)page) == 0 && minplat_linux_map_file(fd, 0, NULL, page, &there) == 0);
    CHECK(access_of(there) == (PROT_READ | PROT_WRITE));
    CHECK(wasmtime_mprotect(there, page, WASMTIME_PROT_READ | WASMTIME_PROT_EXEC) == EACCES);
    CHECK(minplat_linux_unmap_file(there) == 0 && close(fd) == 0);
}

int main(void) {
    size_t page = wasmtime_page_size();
    uint8_t *contents = aligned_alloc(page, 4 * page);
    int fd = memfd_create("artifacts", 0);
    CHECK(contents != NULL && fd >= 0);
    for (size_t i = 0; i < 4; i++)
        memset(contents + i * page, 'a' + (int)i, page);
    CHECK(write(fd, contents, 4 * page) == (ssize_t)(4 * page));

    uint8_t *all, *end;
    CHECK(minplat_linux_map_file(fd, 0, NULL, 4 * page, &all) == 0);
    CHECK(minplat_linux_map_file(fd, (off_t)(2 * page), NULL, 2 * page, &end) == 0);
    CHECK(memcmp(all, contents, 4 * page) == 0 && memcmp(end, contents + 2 * page, 2 * page) == 0);
    CHECK(minplat_linux_map_file(fd, 1, NULL, page, &all) == EINVAL);
    CHECK(minplat_linux_map_file(-1, 0, NULL, page, &all) == EBADF);

    /* It can be executed as it is, and never be written, whatever is asked for; what lies elsewhere is changed. */
    CHECK(wasmtime_mprotect(all, page, WASMTIME_PROT_READ | WASMTIME_PROT_EXEC) == 0 && access_of(all) == (PROT_READ | PROT_EXEC));
    CHECK(wasmtime_mprotect(all, page, WASMTIME_PROT_READ | WASMTIME_PROT_WRITE) == 0 && access_of(all) == (PROT_READ | PROT_EXEC));
    CHECK(wasmtime_mprotect(contents, page, WASMTIME_PROT_READ) == 0 && access_of(contents) == PROT_READ);
    CHECK(wasmtime_mprotect(contents, page, WASMTIME_PROT_READ | WASMTIME_PROT_WRITE) == 0);

    /* From the beginning, the middle and the end; no descriptor is opened. */
    int next = next_descriptor();
    struct wasmtime_memory_image *image;
    for (size_t i = 0; i < 4; i++) {
        CHECK(wasmtime_memory_image_new(all + i * page, page, &image) == 0 && next_descriptor() == next);
        holds(image, contents + i * page, page);
    }
    CHECK(wasmtime_memory_image_new(end, 2 * page, &image) == 0 && next_descriptor() == next);
    holds(image, contents + 2 * page, 2 * page);

    /* What lies elsewhere is copied. */
    CHECK(wasmtime_memory_image_new(contents + page, page, &image) == 0 && next_descriptor() != next);
    memset(contents + page, 'y', page);
    holds(image, all + page, page);
    CHECK(next_descriptor() == next);

    /* In place of other memory. */
    uint8_t *there, *same;
    CHECK(wasmtime_mmap_new(2 * page, 0, &there) == 0);
    CHECK(minplat_linux_map_file(fd, (off_t)page, there + page, page, &same) == 0 && same == there + page && *same == 'b');
    CHECK(wasmtime_memory_image_new(same, page, &image) == 0 && next_descriptor() == next);
    holds(image, all + page, page);
    CHECK(minplat_linux_unmap_file(same) == 0 && wasmtime_munmap(there, page) == 0);

    CHECK(minplat_linux_unmap_file(all + page) == EINVAL);
    CHECK(minplat_linux_unmap_file(all) == 0 && minplat_linux_unmap_file(all) == EINVAL);
    CHECK(end[0] == 'c' && minplat_linux_unmap_file(end) == 0);
    without_execution(page);
    return 0;
}
