#!/usr/bin/env bash
# Builds the kernels of minplat-bench: each as a module (NAME.wasm), as native code (NAME.native), and as native code that wasm2c
# made of the module (NAME.wasm2c); and the module tiny.wasm.
# usage: tools/bench/kernels/build.sh [DIR [NAME...]]    ($MINPLAT_ARTIFACTS/bench/kernels, or that of artifacts/; all kernels)
#
# What cannot be built here is left out, with a line that says so. Nothing is built again until its sources, or the compiler,
# change. Each result appears whole, by rename.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../../.." && pwd)
OUT=${1:-${MINPLAT_ARTIFACTS:-$ROOT/artifacts}/bench/kernels}
[ $# -eq 0 ] || shift
mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)

. "$ROOT/setup/made.sh"
. "$ROOT/setup/rust.sh"
. "$ROOT/setup/needs.sh"
. "$ROOT/setup/sqlite.sh"
. "$ROOT/setup/wasm_c.sh"

KERNELS="sha256 matrix json dispatch sort recursion strings simd alloc filter sqlite"

# The same for modules and native code. No sum is rounded once where the other would round it twice.
C_FLAGS="-std=c11 -O2 -ffp-contract=off -Wall -Wextra -Werror"
# The same for all modules: features are named, as their defaults change from one clang to the next. Vectors are up to the kernel.
WASM_FLAGS="--target=wasm32-wasi -mcpu=mvp -mmutable-globals -msign-ext -mnontrapping-fptoint -mbulk-memory"
WASM_LINK="--target=wasm32-wasi -nostartfiles -Wl,--no-entry,--strip-debug"

# compile NAME COMMAND…: has a compiler, to whose command words are added, make a program or a module of a kernel.
compile() (
    name=$1
    shift
    # From within: paths in messages and in the module are the same in every checkout.
    cd "$HERE"
    if [ "$name" = sqlite ]; then
        source=$(sqlite_source)
        say "sqlite: compiling it, a minute"
        # shellcheck disable=SC2086 # flags are words
        set -- "$@" $SQLITE_FLAGS -I "$ROOT/examples/sqlite" -I "$source" "-ffile-prefix-map=$source=/sqlite" "$source/sqlite3.c"
    fi
    "$@" kernel.c "$name.c"
)

# watched NAME: the files that, changed, make the kernel stale.
watched() {
    printf '%s\n' "$HERE"/{kernel.c,kernel.h,run.h} "$HERE/$1.c"
    [ "$1" != sqlite ] || printf '%s\n' "${SQLITE_FILES[@]}"
}

build_module() {
    local name=$1 files
    mapfile -t files < <(watched "$name")
    fresh "$name.wasm" "$("$CLANG" --version)" "${files[@]}" "$ROOT/setup/wasm_c.sh" && return
    # shellcheck disable=SC2086 # flags are words
    compile "$name" wasm_c "$CLANG" "$OUT/$name.wasm.new" "$WASM_LINK" $C_FLAGS $WASM_FLAGS
    made "$name.wasm"
}

build_native() {
    local name=$1 files
    mapfile -t files < <(watched "$name")
    fresh "$name.native" "$(cc --version)" "${files[@]}" "$HERE"/{driver.c,driver.h,native.c} && return
    # shellcheck disable=SC2086
    compile "$name" cc $C_FLAGS -o "$OUT/$name.native.new" driver.c native.c
    made "$name.native"
}

# The runtime as it comes: memory is checked by guard pages and a signal handler.
build_wasm2c() {
    local name=$1 errors runtime work=$OUT/wasm2c/$1
    runtime=$(wasm2c_runtime)
    fresh "$name.wasm2c" "$(cc --version) $(wasm2c --version)" "$OUT/$name.wasm" "$HERE"/{driver.c,driver.h,wasm2c.c} && return
    mkdir -p "$work"
    # At vectors it aborts without a word.
    errors=$(wasm2c "$OUT/$name.wasm" -n guest -o "$work/guest.c" 2>&1) || {
        say "$name.wasm2c left out: wasm2c $(wasm2c --version) fails: ${errors:-it aborts, as at what it does not know (vectors)}"
        return
    }
    [ "$name" != sqlite ] || say "sqlite: compiling what wasm2c makes of it, minutes"
    # What it generates has warnings that are not ours.
    (cd "$HERE" && cc -O2 -w -I "$work" -I "$runtime" -o "$OUT/$name.wasm2c.new" \
        driver.c wasm2c.c "$work/guest.c" "$runtime/wasm-rt-impl.c" -lm)
    made "$name.wasm2c"
}

build_tiny() {
    fresh tiny.wasm "wat2wasm $(wat2wasm --version)" "$HERE/tiny.wat" && return
    wat2wasm --debug-names "$HERE/tiny.wat" -o "$OUT/tiny.wasm.new"
    made tiny.wasm
}

has_cc || fail "the kernels need $(tools cc)"
CLANG=$(wasm_clang) || say "modules left out, and what wasm2c makes of them: $(tools wasm_c)"
WASM2C=yes
has_wasm2c || { WASM2C=no && say "tiny.wasm left out, and what wasm2c makes of modules: $(tools wasm2c)"; }

[ "$WASM2C" = no ] || build_tiny
[ $# -eq 0 ] || KERNELS=$*
for name in $KERNELS; do
    [ -e "$HERE/$name.c" ] || fail "there is no kernel $name in $HERE"
    build_native "$name"
    [ -n "$CLANG" ] || continue
    build_module "$name"
    [ "$WASM2C" = no ] || build_wasm2c "$name"
done
