//! Links with the device library.

fn main() {
    minplat_port_build::link(&["link.ld"]);
}
