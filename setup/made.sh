# shellcheck shell=bash
# Builds nothing twice: what was made remembers what it was made from. Sourced by a script that sets OUT, the folder of its
# results; not run.

. "$ROOT/setup/say.sh"

# fresh NAME TEXT FILE…: whether NAME was last made from this text (a compiler's version), these files, and the script with its flags.
# `made NAME` afterwards remembers them.
fresh() {
    local name=$1 text=$2
    shift 2
    STAMP=$({ echo "$text"; sha256sum "$@" "$0" "${BASH_SOURCE[0]}"; } | sha256sum | cut -d' ' -f1)
    [ -e "$OUT/$name" ] && [ "$(cat "$OUT/.$name.made-from" 2>/dev/null)" = "$STAMP" ]
}

# made NAME: puts NAME.new, which is whole, in the place of NAME.
made() {
    mv "$OUT/$1.new" "$OUT/$1"
    echo "$STAMP" >"$OUT/.$1.made-from"
    say "$1: $(stat -c %s "$OUT/$1") bytes"
}
