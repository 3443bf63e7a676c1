//! Nothing can be asked: RISC-V tells its extensions to machine mode alone, and Wasmtime does not ask for them. What the
//! target was compiled with is certain, everything else unknown.

use super::Lack;

pub(super) fn detect(name: &str) -> Option<bool> {
    let certain = match name {
        "m" => cfg!(target_feature = "m"),
        "a" => cfg!(target_feature = "a"),
        "f" => cfg!(target_feature = "f"),
        "d" => cfg!(target_feature = "d"),
        "zca" | "zcd" => cfg!(target_feature = "c"),
        "v" => cfg!(target_feature = "v"),
        _ => false,
    };
    certain.then_some(true)
}

pub(super) fn lack(_: &[&'static str]) -> Option<Lack> {
    None
}
