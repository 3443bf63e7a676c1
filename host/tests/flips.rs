//! Each setting that must agree, flipped by itself: the device refuses the module and says which two platforms do not fit.
//! The flips are made from the table of keys, so a new key is tested as soon as it exists.

mod common;

use minplat_format::Stamp;
use minplat_host::{Artifact, Device, Engine, ErrorCode, Module};
use minplat_platform::{Platform, variants};

const NAME: &str = "x86_64-minplat";

fn short(platform: &Platform) -> String {
    platform.fingerprint()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_device_refuses_each_flipped_setting() {
    let (Some(guests), Some(library)) = (common::Guests::new(), common::library(NAME)) else { return };
    let platform = Platform::load(NAME, &[]).unwrap();
    let device = Device::open(&library).unwrap();
    assert_eq!(device.fingerprint(), platform.fingerprint(), "{} is stale: build it again", library.display());
    let engine = Engine::new(&device).unwrap();
    let load = |artifact: &Artifact| Module::load(&engine, artifact.bytes()).map(|_| ());
    let same = Artifact::read(&guests.compile::<&str>("same", "(module)", &[])).unwrap();
    load(&same).expect("the platform's own modules load");

    let (mut refused, mut fewer) = (0, 0);
    for (key, sets) in variants::of(&platform, NAME) {
        let flipped = Platform::load(NAME, &sets).unwrap();
        let args: Vec<_> = sets.iter().flat_map(|set| ["--set", set]).collect();
        let artifact = Artifact::read(&guests.compile("flipped", "(module)", &args)).unwrap();
        assert_eq!(artifact.fingerprint(), flipped.fingerprint(), "{sets:?}");
        if platform.loads_modules_of(&flipped) {
            // The two sides need not agree on this one, or the module does without a feature: then it must not matter.
            load(&artifact).unwrap_or_else(|error| panic!("{sets:?}: {error}"));
            fewer += usize::from(key.is_feature());
            continue;
        }
        assert!(key.agrees, "{sets:?} changes the fingerprint, and {} need not agree", key.path);
        let error = load(&artifact).expect_err(&key.path);
        assert_eq!(error.code, ErrorCode::PLATFORM_MISMATCH, "{sets:?}: {error}");
        let mut words = vec![NAME.to_string(), flipped.name().to_string(), "minplat-compile --platform".to_string()];
        if key.is_feature() {
            words.push(format!("has no {}", key.path));
        } else {
            words.extend([short(&platform), short(&flipped)]);
        }
        for words in &words {
            assert!(error.message.contains(words.as_str()), "{words:?} is not in: {error}");
        }
        refused += 1;
    }
    assert!(refused >= 15 && fewer >= 10, "only {refused} refused, {fewer} with fewer features");
}

/// A trailer that lies about the platform gets past the fingerprint; Wasmtime's own record in the image does not.
#[test]
fn a_module_with_a_false_fingerprint_is_refused_by_what_is_in_the_image() {
    let (Some(guests), Some(library)) = (common::Guests::new(), common::library(NAME)) else { return };
    let engine = Engine::new(&Device::open(&library).unwrap()).unwrap();
    let platform = Platform::load(NAME, &[]).unwrap();
    let artifact = Artifact::read(&guests.compile("m", "(module)", &["--set", "wasm.interruption=fuel"])).unwrap();
    let image = minplat_format::read(artifact.bytes()).unwrap().image.to_vec();
    let stamp = Stamp {
        platform: NAME,
        fingerprint: platform.fingerprint(),
        base: platform.base_fingerprint(),
        features: 0,
        wasmtime_major: artifact.wasmtime_major(),
        names: minplat_format::Names::default(),
    };
    let forged = minplat_format::write(image, &stamp, &[]).unwrap();
    let error = Module::load(&engine, &forged).err().expect("it is refused");
    assert_eq!(error.code, ErrorCode::PLATFORM_MISMATCH, "{error}");
}
