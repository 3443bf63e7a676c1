#!/usr/bin/env bash
# From a fresh checkout to examples that run in the device library, and the doors to the other jobs.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: ./build.sh [--no-install]                  set up, build, run the examples on x86_64-minplat
       ./build.sh [--no-install] run PLATFORM     the same on another platform (a shipped name, or the path of a file)
       ./build.sh [--no-install] qemu             set up QEMU, run the examples on every bare machine that it plays
       ./build.sh [--no-install] test             set up, then every check and test
       ./build.sh [--no-install] bench              set up, build every engine, measure them side by side (half an hour and more)
       ./build.sh [--no-install] docs             the references of the C API and of the crates

Results go to artifacts/ ($MINPLAT_ARTIFACTS); the tools are in target/release/. Nothing is installed with --no-install:
what is missing is listed instead. Running it again does only what has changed; it can be interrupted at any time.
TEXT
}

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$ROOT"
export MINPLAT_ARTIFACTS=${MINPLAT_ARTIFACTS:-$ROOT/artifacts}
TOOLS=${CARGO_TARGET_DIR:-$ROOT/target}/release
INSTALL=yes

. setup/say.sh
. setup/rust.sh
. setup/needs.sh
. setup/install.sh
. setup/jobs.sh

if [ "${1:-}" = --no-install ]; then
    INSTALL=no
    shift
fi
case "${1:-}:$#" in
:0) run_job x86_64-minplat ;;
run:2) run_job "$2" ;;
qemu:1) qemu_job ;;
test:1) test_job ;;
bench:1) bench_job ;;
docs:1) docs_job ;;
-h:1 | --help:1) usage ;;
*)
    usage >&2
    exit 2
    ;;
esac
