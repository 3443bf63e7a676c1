//! Links with the device library.

fn main() {
    // `link.x` is cortex-m-rt's; it includes `memory.x`.
    minplat_port_build::link(&["link.x"]);
}
