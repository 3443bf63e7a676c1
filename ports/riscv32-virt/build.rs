//! Links with the device library.

fn main() {
    // `link.x` is riscv-rt's.
    minplat_port_build::link(&["memory.x", "link.x"]);
}
