//! The platforms and targets that come with minplat, compiled into the tools.

macro_rules! shipped {
    ($($name:literal)*) => {
        /// Name and text of each shipped platform, the default first.
        pub static PLATFORMS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../", $name, ".toml")))),*];
    };
}

shipped! {
    "x86_64-minplat"
    "x86_64-minplat-traps"
    "x86_64-minplat-threads"
    "x86_64-minplat-metered"
    "x86_64-minplat-full"
    "x86_64-none"
    "pulley64-minplat"
    "aarch64-minplat"
    "aarch64-minplat-traps"
    "aarch64-minplat-threads"
    "riscv64-minplat"
    "riscv64-minplat-traps"
    "pulley32-thumbv7em"
    "pulley32-riscv32imac"
}

static TARGETS: &[(&str, &str)] = &[
    ("x86_64-minplat.json", include_str!("../targets/x86_64-minplat.json")),
    ("aarch64-minplat.json", include_str!("../targets/aarch64-minplat.json")),
    ("riscv64-minplat.json", include_str!("../targets/riscv64-minplat.json")),
];

/// The text of the shipped platform with this name.
pub fn platform(name: &str) -> Option<&'static str> {
    PLATFORMS.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}

/// The contents of the shipped target file with this name.
pub fn target(file_name: &str) -> Option<&'static str> {
    TARGETS.iter().find(|(n, _)| *n == file_name).map(|(_, text)| *text)
}
