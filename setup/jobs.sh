# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is used by the scripts that source it
# The jobs behind the doors of build.sh. Sourced, not run.

# Libraries that the tests want besides the shipped platforms' own: locks where there are no pages, with a fast interpreter, one that notices a
# second task, one that takes packed artifacts, has the other heap and debugging information, one that does not compare digests
# and interrupts no guest, which minplat-bench measures, one that checks all that a
# platform can offer, one that checks tasks where there are no pages, and those that check what the ports with page tables do; where no
# shipped platform of a port counts fuel, that one does.
VARIANTS="pulley32-thumbv7em+offers.multi-thread=true+build.fast-interpreter=true x86_64-minplat+build.debug-assertions=true x86_64-minplat+build.unpack=true+build.heap=tlsf+build.rustc-flags=-Cdebuginfo=1
x86_64-minplat-traps+wasm.interruption=none+build.digest=false pulley32-thumbv7em+offers.multi-thread=true+build.platform-checks=true
x86_64-minplat+offers.traps=true+offers.multi-thread=true+build.platform-checks=true
aarch64-minplat-traps+offers.multi-thread=true+build.platform-checks=true+wasm.interruption=fuel
riscv64-minplat-traps+build.platform-checks=true+wasm.interruption=fuel
x86_64-minplat-traps+build.platform-checks=true"

build_tools() { step "building the tools" cargo build --release --locked; }
build_libraries() { step "building the libraries: $*" "$TOOLS/minplat-build" --locked "$@"; }
build_guests() { step "building the example guests" examples/build-guests.sh "$MINPLAT_ARTIFACTS/examples"; }

# run_job PLATFORM: everything from nothing to the table of examples.
run_job() {
    OPTIONAL=$NEEDS_EXAMPLES
    # shellcheck disable=SC2086 # needs are words
    install_needs $NEEDS $NEEDS_EXAMPLES
    has_rust
    build_tools
    build_libraries "$1"
    build_guests
    step "running the examples on $1" "$TOOLS/minplat-tour" --platform "$1"
}

# qemu_job: the examples on every bare machine that there is firmware for.
qemu_job() {
    OPTIONAL=''
    # shellcheck disable=SC2086
    install_needs rust cc device $NEEDS_QEMU
    has_rust
    build_tools
    local port
    for port in $("$TOOLS/minplat-qemu" list | cut -d' ' -f1); do
        step "running the examples on $port" "$TOOLS/minplat-qemu" "$port" examples --quiet
    done
}

# bench_job: minplat beside other engines, in artifacts/bench.
bench_job() {
    OPTIONAL=wasm2c
    # shellcheck disable=SC2086
    install_needs $NEEDS $NEEDS_BENCH
    has_rust
    build_tools
    local platforms
    platforms=$("$TOOLS/minplat-bench" --list-platforms)
    # shellcheck disable=SC2086
    build_libraries $platforms
    step "building the kernels" tools/bench/kernels/build.sh
    step "measuring; let nothing else run meanwhile" "$TOOLS/minplat-bench"
    say "$MINPLAT_ARTIFACTS/bench: results.json, results.md, execution.svg, startup.svg"
}

# The reference of the C API; fails on what has no description, and where the header does not lead to the figures of the stack.
document_c() { doxygen docs/Doxyfile && grep -q native-stack.html "$MINPLAT_ARTIFACTS/docs/c/minplat_8h.html"; }

# docs_job: the references of the C API and of the Rust crates, the device's with the default platform.
docs_job() {
    OPTIONAL=''
    # shellcheck disable=SC2086
    install_needs rust cc $NEEDS_DOCS
    has_rust
    mkdir -p "$MINPLAT_ARTIFACTS/docs"
    step "documenting the C API" document_c
    step "documenting the Rust crates" cargo doc --release --locked --no-deps
    MINPLAT_PLATFORM=x86_64-minplat step "documenting the device crates" \
        cargo doc --release --locked --no-deps -p minplat --features virtual-memory
    say "$MINPLAT_ARTIFACTS/docs/c/index.html, ${CARGO_TARGET_DIR:-$ROOT/target}/doc/minplat/index.html"
}

# beside NAME FUNCTION: has a job done in the background, out of the way of what it runs beside; `joined NAME TEXT` waits for it.
beside() {
    (
        renice -n 10 "$BASHPID" >/dev/null || true
        "$2"
    ) >"$ROOT/target/$1.log" 2>&1 &
    BESIDE=$!
    trap 'kill "$(jobs -p)" 2>/dev/null || true' EXIT
}
joined() {
    say "$2"
    wait "$BESIDE" || fail "it failed: $2; the end of $ROOT/target/$1.log:"$'\n'"$(tail -n 60 "$ROOT/target/$1.log")"
    trap - EXIT
}

# lint: everything that reads the source and runs nothing of it.
lint() {
    step "linting" cargo clippy --release --locked --all-targets -- -D warnings
    mkdir -p "$MINPLAT_ARTIFACTS/docs"
    step "documenting the C API" document_c
    RUSTDOCFLAGS="-D warnings" step "building the documentation" cargo doc --release --locked --no-deps
    step "linting and documenting the device crates" embedding/lint.sh --locked
    # What the ports share is of any machine; a port is linted for its own, by the tool that builds it.
    step "linting the firmware" cargo clippy --manifest-path ports/Cargo.toml --target-dir target/ports \
        --release --locked -p minplat-port -p minplat-port-build -p minplat-paged -- -D warnings
    local port
    for port in $("$TOOLS/minplat-qemu" list | cut -d' ' -f1); do
        step "linting the firmware of $port" "$TOOLS/minplat-qemu" "$port" build --lint --quiet
    done
    step "linting the firmware's page tables" cargo clippy --manifest-path ports/Cargo.toml --target-dir target/ports \
        --release --locked -p minplat-frames --all-features --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" step "documenting the firmware" cargo doc --manifest-path ports/Cargo.toml --target-dir target/ports \
        --release --locked --no-deps -p minplat-port -p minplat-port-build -p minplat-paged -p minplat-frames
}

# Gives each fuzzing target its corpus once.
replay_corpus() {
    local target
    cargo build --release --locked --manifest-path fuzz/Cargo.toml --target-dir target/fuzz
    for target in fuzz/corpus/*; do
        "target/fuzz/release/${target##*/}" -error_exitcode=1 "$target"/* >target/fuzz/replay.log 2>&1 || {
            cat target/fuzz/replay.log >&2
            return 1
        }
    done
}

# The tests that start bare machines, as arguments for Cargo: all of minplat-qemu, and one of minplat-wast.
tests_on_machines() {
    local test
    for test in tools/qemu/tests/*.rs tools/wast/tests/ports.rs; do
        printf -- '--test %s ' "$(basename "$test" .rs)"
    done
}

# The tests that build for minutes, mostly on one core.
long_tests() { cargo test --release --locked --no-fail-fast --test elsewhere --test rust_kernel; }

test_job() {
    OPTIONAL=''
    # shellcheck disable=SC2086
    install_needs $NEEDS $NEEDS_EXAMPLES $NEEDS_TEST $NEEDS_QEMU
    has_rust
    step "checking the format" cargo fmt --all --check
    step "checking the format of the kernel in Rust" cargo fmt --manifest-path examples/rust-kernel/Cargo.toml --check
    step "checking the format of the fuzzing targets" cargo fmt --manifest-path fuzz/Cargo.toml --check
    step "checking the format of the ports" cargo fmt --manifest-path ports/Cargo.toml --all --check
    step "checking the format of the other runtimes' probes" cargo fmt --manifest-path tools/size/peers/Cargo.toml --all --check
    step "checking their lock file" cargo update --quiet --workspace --locked --manifest-path tools/size/peers/Cargo.toml
    build_tools
    build_guests

    # Optimising a library whole leaves a core half idle: lints and documentation, in folders of their own, take the rest.
    beside lint lint
    # shellcheck disable=SC2046,SC2086 # platforms are words
    build_libraries $("$TOOLS/minplat-compile" --list-platforms | cut -d' ' -f1) $VARIANTS
    joined lint "linting, and building the documentation"

    step "giving the fuzzing targets their corpus" replay_corpus
    local platform
    export MINPLAT_TEST_DEVICE=1
    beside long-tests long_tests
    MINPLAT_TEST_PORTS=none MINPLAT_TEST_LONG=none step "running the tests but those on bare machines" cargo test --release --locked --no-fail-fast
    joined long-tests "running the tests that build the library in other places"
    # shellcheck disable=SC2046 # arguments are words
    step "running the tests on bare machines" cargo test --release --locked --no-fail-fast $(tests_on_machines)
    step "comparing sizes with docs/sizes.md" "$TOOLS/minplat-size" shipped --check docs/sizes.md
    # Among the others it has a host's features.
    step "testing what a device decodes metadata with" cargo test --release --locked -p postcard --features alloc
    step "running the tests of what the ports share" cargo test --manifest-path ports/Cargo.toml --locked \
        --target-dir "$ROOT/target/ports/tests" -p minplat-frames --all-features
    for platform in $("$TOOLS/minplat-tour" --list-platforms); do
        step "running the examples on $platform" "$TOOLS/minplat-tour" --strict --platform "$platform"
    done

    step "the examples on every bare machine" "$ROOT/build.sh" --no-install qemu
    step "the main job again, where nothing has changed" "$ROOT/build.sh" --no-install
    say "all tests passed"
}
