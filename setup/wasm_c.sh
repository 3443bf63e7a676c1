# shellcheck shell=bash
# C to modules, the same on every machine that has the same clang. Sourced, not run.

# wasm_c CLANG RESULT LINK WORD…: compiles the words, which are flags and C files, and links what comes of it with the flags LINK.
# In two steps: where clang optimises and links at once, it runs the wasm-opt that it finds, and the module depends on the machine.
# (--no-wasm-opt is no way: clang 19 then leaves out the linker, too.)
wasm_c() (
    clang=$1 result=$2 link=$3
    shift 3
    flags=() sources=() objects=()
    for word; do
        case $word in
        *.c) sources+=("$word") ;;
        *) flags+=("$word") ;;
        esac
    done
    work=$(mktemp -d)
    trap 'rm -r "$work"' EXIT
    for source in "${sources[@]}"; do
        objects+=("$work/${#objects[@]}.o")
        "$clang" "${flags[@]}" -c -o "${objects[-1]}" "$source"
    done
    # shellcheck disable=SC2086 # flags are words
    "$clang" $link -o "$result" "${objects[@]}"
)
