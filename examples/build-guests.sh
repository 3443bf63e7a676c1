#!/usr/bin/env bash
# Builds the example guests that are not wat: C, Rust, and the real module and answers of the npm package source-map.
# usage: examples/build-guests.sh [DIR]    (artifacts/examples)
#
# A guest whose compiler is not here is left out, with a line that says so. Nothing is built again until its sources, or
# the compiler, change. Each result appears whole, by rename.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
OUT=${1:-$ROOT/artifacts/examples}
mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
HERE=$ROOT/examples

. "$ROOT/setup/made.sh"
. "$ROOT/setup/rust.sh"
. "$ROOT/setup/needs.sh"
. "$ROOT/setup/sqlite.sh"
. "$ROOT/setup/wasm_c.sh"

# text.wasm: C with a libc. The functions that guests export are named in the sources.
build_c() {
    local clang flags link
    clang=$(wasm_clang) || { say "text.wasm left out: $(tools wasm_c)"; return; }
    flags="--target=wasm32-wasi -O2 -Wall -Wextra -Werror"
    link="--target=wasm32-wasi -nostartfiles -Wl,--no-entry,--strip-debug"
    fresh text.wasm "$("$clang" --version)" "$HERE"/c/{digest.c,lines.c,guest.h} "$ROOT/setup/wasm_c.sh" && return
    # From within: paths in messages and in the module are the same in every checkout.
    # shellcheck disable=SC2086 # flags are words
    (cd "$HERE/c" && wasm_c "$clang" "$OUT/text.wasm.new" "$link" $flags digest.c lines.c)
    made text.wasm
}

# sha256.wasm: C without a library, as small as it gets: what a small module takes on a device.
build_small() {
    local clang flags link
    clang=$(wasm_clang) || { say "sha256.wasm left out: $(tools wasm_c)"; return; }
    flags="--target=wasm32 -Os -fno-builtin -Wall -Wextra -Werror"
    link="--target=wasm32 -nostdlib -Wl,--no-entry,--strip-all -Wl,-z,stack-size=4096"
    fresh sha256.wasm "$("$clang" --version)" "$HERE"/c/{sha256.c,guest.h} "$ROOT/setup/wasm_c.sh" && return
    # shellcheck disable=SC2086 # flags are words
    (cd "$HERE/c" && wasm_c "$clang" "$OUT/sha256.wasm.new" "$link" $flags sha256.c)
    made sha256.wasm
}

# sqlite.wasm: a large program in C.
build_sqlite() {
    local clang flags link source
    clang=$(wasm_clang) || { say "sqlite.wasm left out: $(tools wasm_c)"; return; }
    flags="--target=wasm32-wasi -Os $SQLITE_FLAGS"
    link="--target=wasm32-wasi -nostartfiles -Wl,--no-entry,--strip-debug"
    fresh sqlite.wasm "$("$clang" --version)" "$HERE/sqlite/guest.c" "$HERE/c/guest.h" "${SQLITE_FILES[@]}" \
        "$ROOT/setup/wasm_c.sh" && return
    source=$(sqlite_source)
    say "sqlite.wasm: compiling SQLite, half a minute"
    # shellcheck disable=SC2086
    (cd "$HERE/sqlite" && wasm_c "$clang" "$OUT/sqlite.wasm.new" "$link" $flags "-ffile-prefix-map=$source=/sqlite" \
        -I "$source" guest.c "$source/sqlite3.c")
    made sqlite.wasm
}

# words.wasm: Rust with std, prebuilt for wasm or built from its source here.
build_rust() {
    local found toolchain how std='' target=$ROOT/target/guests
    found=$(rust_for_wasm) || { say "words.wasm left out: $(tools wasm_rust)"; return; }
    read -r toolchain how <<<"$found"
    [ "$how" = prebuilt ] || std="-Zbuild-std=std,panic_abort"
    fresh words.wasm "$(use_rust "$toolchain" rustc --version) $std" "$HERE"/rust/Cargo.* "$HERE"/rust/src/* && return
    say "words.wasm: with $(use_rust "$toolchain" rustc --version), the standard library $([ "$how" = prebuilt ] && echo as it comes || echo from its source)"
    # RUSTC_BOOTSTRAP lets a released compiler take -Z flags; paths of this machine stay out of panic messages.
    # shellcheck disable=SC2086
    (cd "$HERE/rust" && RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$target RUSTFLAGS="--remap-path-prefix=$HERE/rust=/words" \
        use_rust "$toolchain" cargo build --quiet --locked --release $std --target wasm32-unknown-unknown)
    cp "$target/wasm32-unknown-unknown/release/words.wasm" "$OUT/words.wasm.new"
    made words.wasm
}

# mappings.wasm and source-map-answers.json: what npm ships, and what the package makes of two real source maps.
build_source_map() {
    has_node || { say "mappings.wasm left out: $(tools node)"; return; }
    fresh mappings.wasm node "$HERE"/source-map/{.npmrc,package.json,package-lock.json,answers.mjs} &&
        [ -e "$OUT/source-map-answers.json" ] && return
    local work=$OUT/source-map modules=$OUT/source-map/node_modules
    mkdir -p "$work"
    cp "$HERE"/source-map/{.npmrc,package.json,package-lock.json,answers.mjs} "$work"
    (cd "$work" && npm ci --silent --ignore-scripts) ||
        fail "npm ci failed in $work; run it there to see why (it needs npm's registry)"
    (cd "$work" && node answers.mjs "$modules/marked/lib/marked.umd.js.map" "$modules/immer/dist/immer.production.mjs.map") \
        >"$OUT/source-map-answers.json.new"
    mv "$OUT/source-map-answers.json.new" "$OUT/source-map-answers.json"
    cp "$modules/source-map/lib/mappings.wasm" "$OUT/mappings.wasm.new"
    made mappings.wasm
}

build_c
build_small
build_sqlite
build_rust
build_source_map
