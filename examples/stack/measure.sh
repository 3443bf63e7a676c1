#!/usr/bin/env bash
# Measures the native stack that built libraries need (docs/stack.md): builds stack.c for each platform's machine, and runs it
# there, or in an emulator. With --table: one row of the document's table each. With --each: every call's bytes too.
#   examples/stack/measure.sh [--table | --each] PLATFORM...
# PLATFORM is a folder in $MINPLAT_ARTIFACTS (artifacts/), as minplat-build names it. The platform file in it says how much
# stack there is; BUDGET=BYTES stands in for its budget.stack, NATIVE_STACK=BYTES for its memory.native-stack.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
artifacts=${MINPLAT_ARTIFACTS:-$root/artifacts}
compile=${MINPLAT_COMPILE:-$(command -v minplat-compile || echo "$root/target/release/minplat-compile")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "measure.sh: $*" >&2 && exit 1; }

# bytes FILE KEY: a size in a resolved platform file, in bytes; 0 if it is not there.
bytes() {
    sed -nE "s/^$2 = \"?([0-9]+) ?(KiB|MiB)?\"?( .*)?$/\1 \2/p" "$1" | {
        read -r number unit || true
        case ${unit:-} in
        KiB) echo $((number * 1024)) ;;
        MiB) echo $((number * 1024 * 1024)) ;;
        *) echo "${number:-0}" ;;
        esac
    }
}

# measure PLATFORM: prints what stack.c says.
measure() {
    local prefix=$artifacts/$1 file cc run sources=("$here/stack.c" "$here/calls.c")
    file=$prefix/share/minplat/platform.toml
    [ -f "$file" ] || fail "$file is missing: run minplat-build $1"
    local linux=("$here/linux.c" "$prefix/include/wasmtime-platform.c")
    case $(sed -n 's/^rust = "\(.*\)"/\1/p' "$file") in
    x86_64*) cc=(cc -static) run=(env) sources+=("${linux[@]}") ;;
    aarch64*) cc=(aarch64-linux-gnu-gcc -static) run=(qemu-aarch64 -cpu max) sources+=("${linux[@]}") ;;
    riscv64*) cc=(riscv64-linux-gnu-gcc -static) run=(qemu-riscv64 -cpu "rv64,v=true,vext_spec=v1.0") sources+=("${linux[@]}") ;;
    thumbv7em*)
        cc=(arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -mfloat-abi=soft --specs=rdimon.specs "-Wl,--section-start=.vectors=0" "-Wl,--no-warn-execstack")
        run=(qemu-system-arm -M mps2-an386 -nographic -semihosting -kernel) sources+=("$here/bare.c")
        ;;
    riscv32imac*)
        cc=(riscv64-unknown-elf-gcc -march=rv32imac -mabi=ilp32 --specs=picolibc.specs --oslib=semihost --crt0=semihost
            "-Wl,--defsym=__flash=0x80000000,--defsym=__flash_size=4M"
            "-Wl,--defsym=__ram=0x80400000,--defsym=__ram_size=4M,--defsym=__stack_size=16K")
        run=(qemu-system-riscv32 -M virt -bios none -display none -monitor none -serial none
            -chardev "stdio,id=out" -semihosting-config "enable=on,chardev=out" -kernel) sources+=("$here/bare.c")
        ;;
    *) fail "no compiler and no emulator are known for $1; add them here" ;;
    esac
    # A bare core has no locks and no TLS of its own.
    if grep -q '^multi-thread = true' "$file" && ! grep -q '^virtual-memory = true' "$file"; then
        sources+=("$here/one-core.c")
    fi
    "$compile" --quiet --platform "$file" --emit obj --header "$work/minplat_stack.h" -o "$work/stack.o" "$root/examples/stack.wat"
    "${cc[@]}" -std=gnu11 -O2 -Wall -Wextra -Wshadow -Werror -I"$work" -I"$prefix/include" \
        "${each[@]}" -DNATIVE_STACK="${NATIVE_STACK:-$(bytes "$file" native-stack)}" -DSTACK_BUDGET="${BUDGET:-$(bytes "$file" stack)}" \
        "${sources[@]}" "$work/stack.o" "$prefix/lib/libminplat.a" -o "$work/stack"
    # An emulator of a whole machine ends with the program, unless that hangs.
    timeout 120 "${run[@]}" "$work/stack" </dev/null
}

# row: what stack.c says, as a row of the table.
row() {
    awk '
        function grouped(n) { return n < 1000 ? n : grouped(int(n / 1000)) "," sprintf("%03d", n % 1000) }
        /native stack besides/ { sub(":", "", $1); line = "| " $1 }
        /^  (prepare|load|instantiate|call|trap|others) / { line = line " | " grouped($2) }
        /^  (host call|nested trap) / { line = line " | " grouped($3) }
        /^  at most / { line = line " | " grouped($3) " | " grouped($5) " |" }
        END { print line }'
}

table=no each=()
case ${1:-} in
--table) table=yes && shift ;;
--each) each=(-DEACH) && shift ;;
esac
[ $# -gt 0 ] || fail "usage: measure.sh [--table | --each] PLATFORM..."
for platform in "$@"; do
    if [ "$table" = yes ]; then
        said=$(measure "$platform") || { echo "$said" >&2 && exit 1; }
        row <<<"$said"
    else
        measure "$platform"
    fi
done
