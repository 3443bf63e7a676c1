//! Links with the device library.

fn main() {
    minplat_port_build::link(&["link.ld"]);
    // The image runs where it is linked; the target would make it movable.
    println!("cargo:rustc-link-arg-bins=--no-pie");
}
