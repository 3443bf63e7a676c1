# shellcheck shell=bash
# How the scripts talk: a line before each step, the time it took behind it, errors with their remedy on standard error.
# Sourced, not run.

if [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then
    BOLD=$'\e[1m' RED=$'\e[31m' PLAIN=$'\e[0m'
else
    BOLD='' RED='' PLAIN=''
fi

# say TEXT…: progress.
say() { printf '%s==>%s %s\n' "$BOLD" "$PLAIN" "$*" >&2; }

# fail TEXT…: what went wrong and what to do about it; ends the script with 1.
fail() {
    printf '%serror:%s %s\n' "$RED" "$PLAIN" "$*" >&2
    exit 1
}

# step TITLE COMMAND…: runs the command under its title; if it fails, the script ends with its exit code.
step() {
    local title=$1 begin=$SECONDS code
    shift
    say "$title"
    # Apart, so what it sets is lost, and behind no `||`, which would have a function go on where one of its commands failed.
    set +e
    (set -e && "$@")
    code=$?
    set -e
    if [ "$code" -ne 0 ]; then
        printf '%serror:%s %s: failed with exit code %s; the command was:\n  %s\n' "$RED" "$PLAIN" "$title" "$code" "$*" >&2
        exit "$code"
    fi
    [ $((SECONDS - begin)) -lt 2 ] || say "$title: done in $((SECONDS - begin)) s"
}
