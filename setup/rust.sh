# shellcheck shell=bash
# Which Rust toolchains this machine has. Sourced, not run.

# rust_at_least RUSTC: whether this compiler is as new as the workspace asks (`rust-version` in Cargo.toml).
rust_at_least() {
    local wanted have
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml")
    have=$("$1" --version 2>/dev/null | sed 's/^rustc \([0-9.]*\).*/\1/')
    [ -n "$have" ] && [ "$(printf '%s\n%s\n' "$wanted" "$have" | sort -V | head -n 1)" = "$wanted" ]
}

# rust_toolchains: one line for each compiler: how to call it (a rustup toolchain's name, or "debian"), then its sysroot.
rust_toolchains() {
    local name
    if command -v rustup >/dev/null; then
        rustup toolchain list 2>/dev/null | cut -d' ' -f1 | grep -v '^no' | while read -r name; do
            printf '%s %s\n' "$name" "$(rustup run "$name" rustc --print sysroot 2>/dev/null)"
        done
    fi
    # Debian's own, or another one that is not rustup's.
    local rustc
    for rustc in /usr/bin/rustc /usr/local/bin/rustc; do
        if [ -x "$rustc" ] && "$rustc" --print sysroot >/dev/null 2>&1; then
            printf '%s %s\n' "$rustc" "$("$rustc" --print sysroot)"
        fi
    done
}

# use_rust TOOLCHAIN COMMAND…: runs a command (cargo, rustc) of a toolchain that `rust_toolchains` named.
use_rust() {
    local toolchain=$1
    shift
    case $toolchain in
    /*) RUSTC=$toolchain PATH="$(dirname "$toolchain"):$PATH" "$@" ;;
    *) env -u RUSTC -u RUSTDOC rustup run "$toolchain" "$@" ;;
    esac
}

# has_source SYSROOT: whether the standard library's source lies beside the compiler.
has_source() { [ -f "$1/lib/rustlib/src/rust/library/Cargo.toml" ]; }

# rust_for_wasm: the toolchain to build Rust guests with, and how: "prebuilt" (it has the target) or "source".
# In this order: rustup's with the target installed; rustup's nightly with the source; any other with the source.
rust_for_wasm() {
    local all name sysroot
    all=$(rust_toolchains)
    while read -r name sysroot; do
        if [ -d "$sysroot/lib/rustlib/wasm32-unknown-unknown/lib" ]; then
            echo "$name prebuilt"
            return
        fi
    done <<<"$all"
    for pattern in '^nightly' '.'; do
        while read -r name sysroot; do
            if [[ $name =~ $pattern ]] && has_source "$sysroot"; then
                echo "$name source"
                return
            fi
        done <<<"$all"
    done
    return 1
}
