//! A library that does not compare digests (`build.digest = false`): what the rest of the trailer says is checked all the same.

mod common;

use common::parts::Parts;
use common::{Guests, library};
use minplat_host::{Artifact, Device, Engine, Error, ErrorCode, Module};

const UNVERIFIED: &str = "x86_64-minplat-traps+wasm.interruption=none+build.digest=false";
const VERIFIED: &str = "x86_64-minplat";

/// What a library says to an artifact with one byte changed.
fn changed(engine: &Engine, artifact: &[u8], at: usize) -> Result<(), Error> {
    let mut artifact = artifact.to_vec();
    artifact[at] ^= 1;
    Module::load(engine, &artifact).map(drop)
}

#[test]
fn a_changed_digest_is_seen_by_the_library_that_compares_it() {
    let Some(guests) = Guests::new() else { return };
    for (name, compares) in [(UNVERIFIED, false), (VERIFIED, true)] {
        let artifact = Artifact::read(&guests.compile("m", "(module (func (export \"f\")))", &["-p", name])).unwrap();
        let digest = Parts::of(artifact.bytes()).digest;
        let Some(library) = library(name) else { continue };
        let engine = Engine::new(&Device::open(&library).unwrap()).unwrap();
        for at in [digest, digest + 31] {
            let code = changed(&engine, artifact.bytes(), at).err().map(|error| error.code);
            assert_eq!(code, compares.then_some(ErrorCode::ARTIFACT_DAMAGED), "{name}, byte {at}");
        }
    }
}

#[test]
fn without_the_digest_the_trailer_is_still_held_to() {
    let (Some(guests), Some(library)) = (Guests::new(), library(UNVERIFIED)) else { return };
    let engine = Engine::new(&Device::open(&library).unwrap()).unwrap();
    let artifact = guests.compile("m", "(module (func (export \"f\")))", &["-p", UNVERIFIED]);
    let artifact = Artifact::read(&artifact).unwrap();
    let Parts { trailer, digest } = Parts::of(artifact.bytes());
    for (what, at, expected) in [
        ("magic", trailer, ErrorCode::WRONG_FORMAT),
        ("version", trailer + 8, ErrorCode::WRONG_FORMAT),
        ("Wasmtime major", trailer + 12, ErrorCode::PLATFORM_MISMATCH),
        ("image length", trailer + 16, ErrorCode::ARTIFACT_DAMAGED),
        ("features", trailer + 39, ErrorCode::PLATFORM_MISMATCH),
        ("base fingerprint", trailer + 40, ErrorCode::PLATFORM_MISMATCH),
        ("room for a signature", digest + 32, ErrorCode::ARTIFACT_DAMAGED),
    ] {
        let error = changed(&engine, artifact.bytes(), at).expect_err(what);
        assert_eq!(error.code, expected, "{what}: {error}");
        assert!(!error.message.is_empty(), "{what}");
    }
    let cut = Module::load(&engine, &artifact.bytes()[..digest]).map(drop).expect_err("it is cut off");
    assert_eq!(cut.code, ErrorCode::ARTIFACT_DAMAGED, "{cut}");
    for foreign in ["x86_64-minplat", "x86_64-minplat-traps", "pulley64-minplat"] {
        let foreign = Artifact::read(&guests.compile("m", "(module)", &["-p", foreign])).unwrap();
        let error = Module::load(&engine, foreign.bytes()).map(drop).expect_err("it is for another platform");
        assert_eq!(error.code, ErrorCode::PLATFORM_MISMATCH, "{error}");
    }
    drop(Module::load(&engine, artifact.bytes()).expect("what is whole is loaded"));
}
