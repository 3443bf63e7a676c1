# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is used by the scripts that source it
# SQLite's source, one file of C, as a program without a system compiles it: examples/sqlite/no_system.h. Sourced, not run.

# Its warnings are not ours. No files but in memory, no threads, no clock of a time zone, no plug-ins.
SQLITE_FLAGS="-w -DSQLITE_OS_OTHER=1 -DSQLITE_THREADSAFE=0 -DSQLITE_TEMP_STORE=3 -DSQLITE_ENABLE_MEMSYS5
    -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_LOCALTIME"

# What it is made from besides a program of one's own, for `fresh`.
SQLITE_FILES=("$ROOT"/examples/sqlite/{Cargo.lock,no_system.h} "$ROOT/setup/sqlite.sh")

# sqlite_source: prints the folder of sqlite3.c and sqlite3.h, in the crate libsqlite3-sys, which Cargo brings.
sqlite_source() {
    local manifest=$ROOT/examples/sqlite/Cargo.toml
    cargo fetch --quiet --locked --manifest-path "$manifest" ||
        fail "the source of SQLite could not be fetched: cargo needs its registry, or the crate in its cache"
    manifest=$(cargo metadata --quiet --locked --offline --format-version 1 --manifest-path "$manifest" |
        grep -o '"manifest_path":"[^"]*/libsqlite3-sys-[^"]*/Cargo.toml"' | cut -d'"' -f4) ||
        fail "cargo metadata of examples/sqlite names no crate libsqlite3-sys; its Cargo.toml has to depend on it"
    echo "$(dirname "$manifest")/sqlite3"
}
