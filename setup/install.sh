# shellcheck shell=bash
# Installs what is missing, or says what to install. Sourced, not run.

# missing NEED…: those that this machine does not meet.
missing() {
    local need
    for need in "$@"; do
        "has_$need" || echo "$need"
    done
}

# as_root COMMAND…: false where this user may not.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}
may_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }
}

# offered PACKAGE…: whether this machine's Debian has all of them.
offered() {
    local package
    for package in "$@"; do
        [[ $(apt-cache policy "$package" 2>/dev/null) =~ Candidate:\ [^\(] ]] || return 1
    done
}

# how_to NEED…: what to install, one need a line.
how_to() {
    local need
    for need in "$@"; do
        printf '  - %s\n' "$(tools "$need")"
    done
    if command -v apt-get >/dev/null; then
        printf 'On Debian 12: apt-get install --no-install-recommends %s\n' "$(unique_packages "$@")"
    fi
}

unique_packages() {
    local need
    for need in "$@"; do packages "$need"; done | tr ' ' '\n' | sort -u | tr '\n' ' ' | sed 's/ $//'
}

# install_needs NEED…: sets up all of them. What is missing after that, and is not in OPTIONAL, ends the script.
# INSTALL=no: installs nothing.
install_needs() {
    local absent log=$ROOT/target/setup.log wanted
    absent=$(missing "$@")
    [ -n "$absent" ] || return 0
    # shellcheck disable=SC2086 # needs and packages are words
    wanted=$(unique_packages $absent)
    if [ "$INSTALL" = yes ] && may_install; then
        mkdir -p "$ROOT/target"
        say "asking for Debian's list of packages"
        as_root apt-get update >"$log" 2>&1 || say "the list could not be had; going on with the old one ($log)"
        # shellcheck disable=SC2086
        if offered $wanted; then
            say "installing: $wanted"
            # shellcheck disable=SC2086
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $wanted >>"$log" 2>&1 ||
                fail "apt-get could not install them; the end of $log:"$'\n'"$(tail -n 5 "$log")"
        else
            say "this Debian has not all of: $wanted"
        fi
    fi

    local need required=()
    # shellcheck disable=SC2086
    for need in $(missing $absent); do
        case " $OPTIONAL " in
        *" $need "*) say "not found, so what needs it is left out: $(tools "$need")" ;;
        *) required+=("$need") ;;
        esac
    done
    [ ${#required[@]} -eq 0 ] ||
        fail "this machine lacks what the work needs. Install it and run the same command again:"$'\n'"$(how_to "${required[@]}")"
}
