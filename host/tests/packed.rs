//! Packed artifacts on the device: a library that was built with `build.unpack` loads them, any other says what they are.

mod common;

use common::{Guests, library, run};
use minplat_host::{Artifact, Device, Engine, ErrorCode, Linker, Module, Store, Value, platform};

const UNPACKING: &str = "x86_64-minplat+build.unpack=true+build.heap=tlsf+build.rustc-flags=-Cdebuginfo=1";

const GUEST: &str = r#"(module
  (memory (export "memory") 1)
  (data (i32.const 8) "some data")
  (func (export "sum") (param i32) (result i32)
    (i32.add (i32.load8_u (local.get 0)) (i32.load8_u (i32.const 9)))))"#;

#[test]
fn a_library_that_unpacks_loads_it_and_keeps_nothing() {
    let (Some(guests), Some(library)) = (Guests::new(), library(UNPACKING)) else { return };
    let packed = std::fs::read(guests.compile("packed", GUEST, &["--pack"])).unwrap();
    let plain = Artifact::read(&guests.compile::<&str>("plain", GUEST, &[])).unwrap();
    assert!(packed.len() * 3 < plain.bytes().len());
    let device = Device::open(&library).unwrap();
    let engine = Engine::new(&device).unwrap();
    let answer = |bytes: &[u8]| {
        let module = Module::load(&engine, bytes).unwrap();
        let mut store = Store::new(&engine).unwrap();
        let instance = Linker::new(&engine).unwrap().instantiate(&mut store, &module).unwrap();
        let sum = instance.func(&mut store, "sum").unwrap().call(&mut store, &[Value::I32(8)]).unwrap();
        assert_eq!(sum, [Value::I32(i32::from(b's') + i32::from(b'o'))]);
    };
    // The first also makes what the library keeps for good.
    answer(plain.bytes());
    let used = || device.heap_stats().used;
    let before = used();
    answer(&packed);
    assert_eq!(used(), before, "a packed module left something");
    // The heap keeps a page or two to itself.
    let mapped = platform::stats().mapped;

    let place: &'static [u8] = packed.clone().leak();
    let error = Module::load_in_place(&engine, place).map(drop).expect_err("it was used where it lies");
    assert!(error.code == ErrorCode::WRONG_FORMAT && error.message.contains("packed"), "{error:?}");
    for at in 0..packed.len() {
        let mut damaged = packed.clone();
        damaged[at] ^= 0x10;
        match Module::load(&engine, &damaged) {
            // The window may be larger than it must be, and the last bytes of a stream may not matter.
            Ok(module) => assert!(
                at == 9 || at > packed.len() - 6,
                "byte {at} was changed, and a module loaded: {:?}",
                module.exports().is_ok()
            ),
            Err(error) => drop(error),
        }
        let cut = Module::load(&engine, &packed[..at]).map(drop).expect_err("a part of it was loaded");
        assert!(!cut.message.is_empty());
        drop(cut);
        assert_eq!((used(), platform::stats().mapped), (before, mapped), "byte {at} left something");
    }
}

#[test]
fn memory_that_runs_out_is_an_error() {
    let (Some(guests), Some(library)) = (Guests::new(), library(UNPACKING)) else { return };
    let mut packed = std::fs::read(guests.compile("packed", GUEST, &["--pack"])).unwrap();
    // Says that 3 MiB come out.
    packed[16..20].copy_from_slice(&(3u32 << 20).to_le_bytes());
    let device = Device::open(&library).unwrap();
    let engine = Engine::new(&device).unwrap();
    platform::set_memory_limit(Some(2 << 20));
    let error = Module::load(&engine, &packed).map(drop).expect_err("there was memory");
    platform::set_memory_limit(None);
    assert_eq!(error.code, ErrorCode::OUT_OF_MEMORY, "{error:?}");
    // More than can come of so few bytes is not even tried.
    packed[16..20].copy_from_slice(&0xffff_0000u32.to_le_bytes());
    let error = Module::load(&engine, &packed).map(drop).expect_err("there was memory");
    assert_eq!(error.code, ErrorCode::ARTIFACT_DAMAGED, "{error:?}");
}

#[test]
fn any_other_library_says_what_it_is_and_the_program_helps() {
    let (Some(guests), Some(library)) = (Guests::new(), library("x86_64-minplat")) else { return };
    let path = guests.compile("packed", GUEST, &["--pack"]);
    let device = Device::open(&library).unwrap();
    let engine = Engine::new(&device).unwrap();
    let error = Module::load(&engine, &std::fs::read(&path).unwrap()).map(drop).expect_err("it was loaded");
    assert!(error.code == ErrorCode::WRONG_FORMAT && error.message.contains("packed"), "{error:?}");
    let said = run(guests.path(), &["packed.cwasm", "--invoke", "sum", "8"]);
    assert!(said.err.contains("build.unpack"), "{said:?}");
    said.prints("226");
}
