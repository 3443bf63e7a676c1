# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is used by the scripts that source it
# What the work needs, one function each: true if this machine has it. The list below says what to install where it is missing.
# A need is tried, not looked up: a compiler counts if it compiles. Sourced, not run.

# What every job needs; what the main job can do without, at the price of the examples that are built with it (the tests
# can not); what the tests, and what the documentation, need besides.
NEEDS="rust cc device"
NEEDS_EXAMPLES="wasm_c wasm_rust node"
NEEDS_TEST="rustfmt clippy cmake ninja binaryen cxx arm riscv32 cross doxygen browser wasm2c valgrind"
# Emulators, a need for each of their packages; ./build.sh qemu wants all.
NEEDS_QEMU="qemu_arm qemu_riscv qemu_x86"
NEEDS_DOCS="doxygen"
# Clang compiles the kernels; wasm2c is an engine beside which minplat is measured.
NEEDS_BENCH="wasm_c wasm2c"

# packages NEED: the Debian packages that meet it.
packages() {
    case $1 in
    rust) echo rustc-web cargo-web ;;
    cc) echo gcc libc6-dev binutils ;;
    device | wasm_rust) echo rustc-web cargo-web rust-web-src rust-web-llvm lld-22 ;;
    wasm_c) echo clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32 ;;
    # Some distributors' nodejs has npm in it.
    node) command -v npm >/dev/null && echo nodejs || echo nodejs npm ;;
    rustfmt) echo rustfmt-web ;;
    clippy) echo rust-web-clippy ;;
    wasm2c) echo wabt ;;
    valgrind) echo valgrind ;;
    cmake) echo cmake make pkg-config ;;
    ninja) echo ninja-build ;;
    binaryen) echo binaryen ;;
    cxx) echo g++ ;;
    arm) echo gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm ;;
    riscv32) echo gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc ;;
    cross) echo gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc-riscv64-linux-gnu libc6-dev-riscv64-cross qemu-user ;;
    doxygen) echo doxygen ;;
    browser) echo chromium ;;
    qemu_arm) echo qemu-system-arm ;;
    qemu_riscv) echo qemu-system-misc ;;
    qemu_x86) echo qemu-system-x86 ;;
    esac
}

# tools NEED: the same for any other machine, in words.
tools() {
    case $1 in
    rust) echo "Rust, at least the rust-version in Cargo.toml, with cargo" ;;
    cc) echo "a C compiler as \`cc\`, with the C library's headers and binutils" ;;
    device) echo "a Rust toolchain with the standard library's source and rust-lld (rustup toolchain install nightly --component rust-src)" ;;
    wasm_c) echo "clang and wasm-ld, version 19 or later, with wasi-libc and the compiler's runtime for wasm32" ;;
    wasm_rust) echo "a Rust toolchain with target wasm32-unknown-unknown (rustup target add wasm32-unknown-unknown), or one with rust-src" ;;
    node) echo "node, version 18 or later, with npm" ;;
    rustfmt) echo "rustfmt (rustup component add rustfmt)" ;;
    clippy) echo "clippy (rustup component add clippy), for the toolchain that builds for devices too" ;;
    wasm2c) echo "wabt, version 1.0.32 (later ones name what they generate otherwise), with the source of wasm2c's runtime" ;;
    valgrind) echo "valgrind, to count instructions" ;;
    cmake) echo "CMake, version 3.20 or later, with make and pkg-config" ;;
    ninja) echo "ninja, version 1.11 or later" ;;
    binaryen) echo "Binaryen, version 108 or later: wasm-opt" ;;
    cxx) echo "a C++ compiler as \`c++\`" ;;
    arm) echo "a C compiler for Cortex-M as \`arm-none-eabi-gcc\`, with newlib, and qemu-system-arm" ;;
    riscv32) echo "a C compiler for 32-bit RISC-V as \`riscv64-unknown-elf-gcc\`, with picolibc, and qemu-system-riscv32" ;;
    cross) echo "C compilers for Linux on aarch64 and riscv64 as \`aarch64-linux-gnu-gcc\` and \`riscv64-linux-gnu-gcc\`, with their C libraries, and qemu-aarch64 and qemu-riscv64" ;;
    doxygen) echo "doxygen, version 1.9 or later" ;;
    browser) echo "Chromium, to try the page that minplat-size writes" ;;
    qemu_arm) echo "QEMU for Arm: qemu-system-arm and qemu-system-aarch64" ;;
    qemu_riscv) echo "QEMU for RISC-V: qemu-system-riscv32 and qemu-system-riscv64" ;;
    qemu_x86) echo "QEMU for x86_64, version 7.2 or later, which has AVX: qemu-system-x86_64" ;;
    esac
}

# The host's Rust: the one in PATH if it is new enough, else Debian's. Exports what cargo needs to use that one throughout.
has_rust() {
    command -v cargo >/dev/null && rust_at_least rustc && return
    rust_at_least /usr/bin/rustc && [ -x /usr/bin/cargo ] || return 1
    export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc PATH="/usr/bin:$PATH"
}

has_cc() {
    printf '#include <sys/mman.h>\nint main(void) { return 0; }\n' | cc -x c -o /dev/null - 2>/dev/null && command -v nm >/dev/null
}

# Prints the folder of the Rust toolchain that builds for devices.
device_rust() {
    local name sysroot
    while read -r name sysroot; do
        if [ -n "$name" ] && has_source "$sysroot" && rust_at_least "$sysroot/bin/rustc"; then
            if [ -x "$sysroot/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld" ] || command -v rust-lld >/dev/null; then
                echo "$sysroot"
                return
            fi
        fi
    done <<<"$(rust_toolchains)"
    return 1
}
has_device() { device_rust >/dev/null; }

# Prints the clang that can do it.
wasm_clang() {
    local clang
    for clang in ${WASM_CLANG:-} clang-19 clang clang-20 clang-21 clang-22; do
        if command -v "$clang" >/dev/null && printf '#include <stdlib.h>\nvoid *f(void) { return malloc(1); }\n' |
            "$clang" --target=wasm32-wasi -nostartfiles -Wl,--no-entry,--export=f -x c -o /dev/null - 2>/dev/null; then
            echo "$clang"
            return
        fi
    done
    return 1
}
has_wasm_c() { wasm_clang >/dev/null; }

has_wasm_rust() {
    local found
    found=$(rust_for_wasm) || return 1
    # A rustup toolchain brings its linker; Debian's is a package of its own.
    case $found in
    /*) command -v rust-lld >/dev/null ;;
    esac
}

# Prints the folder of wasm2c's runtime, which is C and compiled with what wasm2c writes.
wasm2c_runtime() {
    local folder
    folder=$(dirname "$(command -v wasm2c)")/../share/wabt/wasm2c
    [ -e "$folder/wasm-rt-impl.c" ] && echo "$folder"
}
has_wasm2c() {
    local work code
    wasm2c_runtime >/dev/null && work=$(mktemp -d) || return 1
    echo '(module (func (export "f")))' >"$work/module.wat"
    wat2wasm "$work/module.wat" -o "$work/module.wasm" && wasm2c "$work/module.wasm" -n guest -o "$work/guest.c" &&
        grep -q Z_guestZ_f "$work/guest.h"
    code=$?
    rm -r "$work"
    return "$code"
}

has_valgrind() { valgrind --version >/dev/null 2>&1; }

has_node() {
    command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' 2>/dev/null
}

has_rustfmt() { cargo fmt --version >/dev/null 2>&1; }
# For this machine, and for devices.
has_clippy() { cargo clippy --version >/dev/null 2>&1 && [ -x "$(device_rust)/bin/cargo-clippy" ]; }

has_cmake() {
    local script
    script=$(mktemp) && echo 'cmake_minimum_required(VERSION 3.20)' >"$script"
    cmake -P "$script" >/dev/null 2>&1 && make --version >/dev/null 2>&1 && pkg-config --version >/dev/null 2>&1
    local code=$?
    rm -f "$script"
    return "$code"
}

has_ninja() { ninja --version >/dev/null 2>&1; }
has_binaryen() { wasm-opt --version >/dev/null 2>&1; }

has_cxx() { printf '#include <vector>\n' | c++ -x c++ -c -o /dev/null - 2>/dev/null; }

has_arm() {
    printf '#include <stdio.h>\nint main(void) { return printf("x"); }\n' |
        arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb --specs=rdimon.specs -x c -o /dev/null - 2>/dev/null &&
        qemu arm mps2-an386
}

has_riscv32() {
    printf '#include <stdio.h>\nint main(void) { return printf("x"); }\n' |
        riscv64-unknown-elf-gcc -march=rv32imac -mabi=ilp32 --specs=picolibc.specs --oslib=semihost --crt0=semihost -x c -o /dev/null - 2>/dev/null &&
        qemu riscv32 virt
}

has_cross() {
    local machine
    for machine in aarch64 riscv64; do
        printf '#include <ucontext.h>\nint main(void) { return 0; }\n' |
            "$machine-linux-gnu-gcc" -static -x c -o /dev/null - 2>/dev/null && "qemu-$machine" --version >/dev/null 2>&1 || return 1
    done
}

has_doxygen() { command -v doxygen >/dev/null && doxygen -v | grep -qE '^1\.(9|[1-9][0-9])'; }

has_browser() { chromium --version >/dev/null 2>&1 || chromium-browser --version >/dev/null 2>&1 || google-chrome --version >/dev/null 2>&1; }

# qemu PROGRAM MACHINE: whether it is there and plays the machine.
qemu() { "qemu-system-$1" -M help 2>/dev/null | grep -q "^$2 "; }

has_qemu_arm() { qemu arm mps2-an386 && qemu aarch64 virt; }
has_qemu_riscv() { qemu riscv32 virt && qemu riscv64 virt; }
has_qemu_x86() { qemu x86_64 q35; }
