#!/usr/bin/env bash
# Lints and documents the device crates with a stable toolchain, for the machine at hand: nothing is linked, so it can lack
# what a device has. One line for each feature with code of its own, and one for what a Rust program may choose; features that do
# not fit the platform fail the build.
#
#   embedding/lint.sh [cargo flags, as --locked]
set -euo pipefail
cd "$(dirname "$0")/.."

# check PLATFORM SETS FEATURES [cargo flags]
check() {
    local platform=$1 sets=$2 features=$3
    shift 3
    echo "  $platform${sets:++$sets}: $features"
    MINPLAT_PLATFORM=$platform MINPLAT_SET=$sets \
        cargo clippy --quiet --release --no-deps -p minplat -p minplat-capi --features "$features" "$@" -- -D warnings
    MINPLAT_PLATFORM=$platform MINPLAT_SET=$sets RUSTDOCFLAGS="-D warnings" \
        cargo doc --quiet --release --no-deps -p minplat -p minplat-capi --features "$features" "$@"
}

check x86_64-minplat "" virtual-memory,log-off "$@"
check x86_64-minplat build.panic=abort virtual-memory,log-off,panic-message "$@"
check x86_64-minplat-threads "" virtual-memory,multi-thread "$@"
check x86_64-minplat-full "" virtual-memory,traps,gc-drc,panic-message,log-debug "$@"
# For programs in Rust alone.
check x86_64-minplat $'runtime.component-model=true\nruntime.debug=true' virtual-memory,component-model,async,debug "$@"
# What the 32-bit platforms have, on the machine at hand.
check pulley64-minplat offers.virtual-memory=false pulley "$@"
# A program in Rust with heap, panic handler and TLS of its own.
check x86_64-minplat "" virtual-memory --no-default-features "$@"
# A library that checks the machine, where all is offered.
check x86_64-minplat $'offers.traps=true\noffers.multi-thread=true\nbuild.platform-checks=true' \
    virtual-memory,traps,multi-thread,platform-checks "$@"
# One where there are no pages.
check pulley64-minplat $'offers.virtual-memory=false\nbuild.platform-checks=true' pulley,platform-checks "$@"
# A library with the other heap.
check x86_64-minplat build.heap=tlsf virtual-memory,panic-handler,tls,tlsf --no-default-features "$@"
# A library that takes packed artifacts.
check x86_64-minplat build.unpack=true virtual-memory,unpack "$@"
