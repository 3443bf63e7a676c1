//! What can be turned of how a module is compiled: one table.

/// A way to compile that differs in one thing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Knob {
    /// The thing.
    pub(crate) name: &'static str,
    /// Another value of it.
    pub(crate) value: &'static str,
    /// The change to the platform; some need another with them.
    pub(crate) sets: &'static [&'static str],
    /// What else is another.
    pub(crate) change: Change,
}

/// A change that no key of a platform is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// None.
    Same,
    /// The module without its section with names of functions.
    NoNames,
    /// The artifact without its table of instructions that trap.
    NoTraps,
    /// The artifact packed.
    Packed,
}

const fn set(name: &'static str, value: &'static str, sets: &'static [&'static str]) -> Knob {
    Knob { name, value, sets, change: Change::Same }
}

/// All of them, in the order in which they are told.
pub(crate) const KNOBS: &[Knob] = &[
    set("address map", "on", &["compile.address-map=true"]),
    set("address map", "off", &["compile.address-map=false"]),
    set("symbols", "on", &["compile.symbols=true"]),
    set("symbols", "off", &["compile.symbols=false"]),
    Knob { name: "names of functions", value: "off", sets: &[], change: Change::NoNames },
    set("unwind information", "on", &["compile.unwind-info=true"]),
    set("unwind information", "off", &["compile.unwind-info=false"]),
    Knob { name: "table of traps", value: "left out, which no device takes", sets: &[], change: Change::NoTraps },
    set("optimisation", "none", &["compile.opt-level=none"]),
    set("optimisation", "speed", &["compile.opt-level=speed"]),
    set("optimisation", "size", &["compile.opt-level=size"]),
    set("inlining", "on", &["compile.inlining=true"]),
    set("inlining", "off", &["compile.inlining=false"]),
    set("bounds of memory", "traps and guard pages", &["offers.traps=true"]),
    set("bounds of memory", "checks", &["offers.traps=false"]),
    set("checks under speculation", "off", &["compile.spectre=false"]),
    set("reservation", "64 MiB", &["memory.reservation=64 MiB"]),
    set("reservation", "none", &["memory.reservation=0"]),
    set("memory may move", "off, in 64 MiB", &["memory.may-move=false", "memory.reservation=64 MiB"]),
    set("images of data", "on", &["memory.images=true"]),
    set("images of data", "off", &["memory.images=false"]),
    set("tables", "filled at once", &["compile.table-lazy-init=false"]),
    set("interruption", "none", &["wasm.interruption=none"]),
    set("interruption", "fuel", &["wasm.interruption=fuel"]),
    set("interruption", "epoch", &["wasm.interruption=epoch"]),
    set("one NaN", "on", &["compile.nan-canonicalization=true"]),
    set("CPU", "no feature, no vectors", &["target.cpu=", "wasm.simd=false", "wasm.relaxed-simd=false"]),
    set("CPU", "x86-64-v3", &["target.cpu=x86-64-v3"]),
    Knob { name: "packed for transport", value: "on", sets: &[], change: Change::Packed },
    set("code", "native", &["target.code=native"]),
    set("code", "64-bit bytecode", &["target.code=pulley64", "target.cpu=", "offers.traps=false"]),
    set("code", "32-bit bytecode", &["target.code=pulley32", "target.cpu=", "offers.traps=false"]),
];

#[cfg(test)]
mod tests {
    use minplat_platform::Platform;

    use super::*;

    #[test]
    fn bytecode_can_be_had_where_traps_are_delivered() {
        let knob = KNOBS.iter().find(|knob| knob.value == "64-bit bytecode").expect("a knob");
        let sets: Vec<_> = knob.sets.iter().map(ToString::to_string).collect();
        Platform::load("x86_64-minplat-traps", &sets).unwrap();
    }

    #[test]
    fn every_knob_can_be_turned_somewhere() {
        for knob in KNOBS {
            let sets: Vec<_> = knob.sets.iter().map(ToString::to_string).collect();
            let mut platforms = Platform::shipped();
            assert!(platforms.any(|name| Platform::load(name, &sets).is_ok()), "{knob:?}");
        }
    }
}
