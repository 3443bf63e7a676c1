//! Tells the crate what its own steps are, as a digest: a library that other steps made is to be built anew, whichever program they
//! are a part of.

use std::path::Path;

#[allow(dead_code, unreachable_pub, reason = "the crate itself uses all of it")]
#[path = "src/inputs.rs"]
mod inputs;

fn main() -> anyhow::Result<()> {
    let mut inputs = inputs::Inputs::default();
    for folder in ["src", "../platforms/src"] {
        println!("cargo::rerun-if-changed={folder}");
        inputs.add_folder(Path::new(folder))?;
    }
    // The crates that they use.
    println!("cargo::rerun-if-changed=../Cargo.lock");
    inputs.add_file(Path::new("../Cargo.lock"))?;
    println!("cargo::rustc-env=MINPLAT_BUILD_STEPS={}", inputs.digest());
    Ok(())
}
