//! Prints `docs/platform-keys.md`.

fn main() {
    print!("{}", minplat_platform::reference::page());
}
