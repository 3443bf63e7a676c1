/* A Linux process around a runtime's probe: `PROGRAM NUMBER` prints the answer, or lets the probe print why there is none. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int minplat_probe_main(int32_t number, int32_t *answer);

uint8_t minplat_probe_heap_start[8 << 20];
const size_t minplat_probe_heap_size = sizeof minplat_probe_heap_start;

void minplat_probe_print(const char *text, size_t len) { fwrite(text, 1, len, stdout); }

int main(int argc, char **argv) {
    int32_t answer = 0;
    int failed = minplat_probe_main(argc > 1 ? atoi(argv[1]) : 0, &answer);
    if (!failed)
        printf("%d\n", answer);
    return failed;
}
