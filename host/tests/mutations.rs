//! A hundred thousand files that are almost an artifact: the library refuses every one with an error, and keeps nothing.
//!
//! The changes are drawn from a fixed seed, so a failure comes again. Not among them: an image that somebody changed and made
//! a new digest for. That is a program, and what it does is up to it (`docs/trust.md`).

mod common;

use std::collections::BTreeMap;
use std::ops::Range;

use common::parts::{Parts, repair};
use common::{Guests, library};
use fastrand::Rng;
use minplat_host::{Artifact, Device, Engine, ErrorCode, Module, platform};

const NAME: &str = "x86_64-minplat";
const MUTATIONS: usize = 100_000;

const SMALL: &str = "(module)";
const LARGE: &str = r#"(module
  (import "env" "print" (func (param i32) (result i64)))
  (memory (export "m") 2 9) (table (export "t") 5 funcref) (global (export "g") (mut f64) (f64.const 2))
  (elem (i32.const 0) func 0 1) (data (i32.const 8) "some bytes that are not code, and long enough to be cut in two")
  (func (export "f") (param i32 i64) (result i32) (i32.div_u (local.get 0) (i32.wrap_i64 (local.get 1))))
  (func (export "v") (param v128) (result v128) (i32x4.add (local.get 0) (local.get 0))))"#;

/// The section headers of an artifact's ELF: where they are, and how many.
fn headers(artifact: &[u8]) -> (usize, usize) {
    let sections = u64::from_le_bytes(artifact[40..48].try_into().unwrap()) as usize;
    (sections, usize::from(u16::from_le_bytes(artifact[60..62].try_into().unwrap())))
}

/// Where a section's bytes are; none for one that has none.
fn section(artifact: &[u8], number: usize) -> Range<usize> {
    let header = &artifact[headers(artifact).0 + 64 * number..][..64];
    let number = |at: usize| u64::from_le_bytes(header[at..at + 8].try_into().unwrap()) as usize;
    number(24)..number(24) + number(32)
}

/// The kinds of change: a name, and what makes a file of two artifacts.
type Mutation = (&'static str, fn(&mut Rng, &[u8], &[u8]) -> Vec<u8>);
const KINDS: &[Mutation] = &[
    ("one bit", |rng, bytes, _| {
        let mut bytes = bytes.to_vec();
        let at = rng.usize(..bytes.len());
        bytes[at] ^= 1 << rng.u8(..8);
        bytes
    }),
    ("some bits", |rng, bytes, _| {
        let mut bytes = bytes.to_vec();
        for _ in 0..rng.usize(2..40) {
            let at = rng.usize(..bytes.len());
            bytes[at] ^= 1 << rng.u8(..8);
        }
        bytes
    }),
    ("cut off", |rng, bytes, _| bytes[..rng.usize(..bytes.len())].to_vec()),
    ("the start lost", |rng, bytes, _| bytes[rng.usize(1..bytes.len())..].to_vec()),
    ("a hole", |rng, bytes, _| {
        let (from, mut bytes) = (rng.usize(..bytes.len()), bytes.to_vec());
        let to = (from + rng.usize(1..5000)).min(bytes.len());
        bytes.drain(from..to);
        bytes
    }),
    ("zeros or ones, as of worn flash", |rng, bytes, _| {
        let (from, mut bytes) = (rng.usize(..bytes.len()), bytes.to_vec());
        let to = (from + rng.usize(1..5000)).min(bytes.len());
        bytes[from..to].fill(if rng.bool() { 0 } else { 0xff });
        bytes
    }),
    ("the start of one and the end of another", |rng, bytes, other| {
        let (cut, from) = (rng.usize(..bytes.len()), rng.usize(..other.len()));
        [&bytes[..cut], &other[from..]].concat()
    }),
    ("two blocks swapped", |rng, bytes, _| {
        let mut bytes = bytes.to_vec();
        let block = 1 << rng.usize(4..10);
        let blocks = bytes.len() / block;
        let (one, two) = (rng.usize(..blocks), rng.usize(..blocks));
        for i in 0..block {
            bytes.swap(one * block + i, two * block + i);
        }
        bytes
    }),
    ("the bytes of two sections swapped", |rng, bytes, _| {
        let count = headers(bytes).1;
        let (one, two) = (section(bytes, rng.usize(..count)), section(bytes, rng.usize(..count)));
        let (first, second) = if one.start < two.start { (one, two) } else { (two, one) };
        if first.end > second.start {
            return bytes.to_vec();
        }
        let between = &bytes[first.end..second.start];
        [&bytes[..first.start], &bytes[second.clone()], between, &bytes[first], &bytes[second.end..]].concat()
    }),
    ("the headers of two sections swapped", |rng, bytes, _| {
        let (mut bytes, (sections, count)) = (bytes.to_vec(), headers(bytes));
        let (one, two) = (sections + 64 * rng.usize(..count), sections + 64 * rng.usize(..count));
        for i in 0..64 {
            bytes.swap(one + i, two + i);
        }
        bytes
    }),
    ("one artifact's trailer behind another's image", |_, bytes, other| {
        [&bytes[..Parts::of(bytes).trailer], &other[Parts::of(other).trailer..]].concat()
    }),
    ("a huge or odd number in a header", |rng, bytes, _| {
        // The ELF's header and section headers, and the trailer's fixed part.
        let (mut bytes, parts, (sections, count)) = (bytes.to_vec(), Parts::of(bytes), headers(bytes));
        let at = match rng.u8(..3) {
            0 => rng.usize(..64),
            1 => rng.usize(sections..sections + 64 * count),
            _ => parts.trailer + rng.usize(..72),
        };
        let number = [u64::MAX, u64::MAX >> 1, 1 << 63, u64::from(u32::MAX), 1 << 32, 0, rng.u64(..)];
        let width = 1 << rng.usize(..4);
        bytes[at..at + width].copy_from_slice(&number[rng.usize(..number.len())].to_le_bytes()[..width]);
        bytes
    }),
    ("a trailer of another shape, with a digest that fits", |rng, bytes, _| {
        // Magic, version, name length, major, image length, packing, length of the sections, base fingerprint. What may be
        // otherwise: fewer features; a fingerprint and a name are for people; the number of names and the longest say how much
        // memory a load asks for first.
        let (mut bytes, parts) = (bytes.to_vec(), Parts::of(bytes));
        let at = parts.trailer + [rng.usize(..20), 24, rng.usize(28..32), rng.usize(40..48)][rng.usize(..4)];
        bytes[at] ^= rng.u8(1..);
        repair(&mut bytes, parts.digest);
        bytes
    }),
    ("a feature that no device has, with a digest that fits", |rng, bytes, _| {
        let (mut bytes, parts) = (bytes.to_vec(), Parts::of(bytes));
        let bit = rng.usize(16..64);
        bytes[parts.trailer + 32 + bit / 8] |= 1 << (bit % 8);
        repair(&mut bytes, parts.digest);
        bytes
    }),
    ("an image of another kind, with a digest that fits", |rng, bytes, _| {
        // Class, byte order, system; and not a module: that bit of the flags. Wasmtime has the machine elsewhere.
        let (mut bytes, parts) = (bytes.to_vec(), Parts::of(bytes));
        match rng.usize(..4) {
            3 => bytes[48] ^= 1,
            at => bytes[[4, 5, 7][at]] ^= rng.u8(1..),
        }
        repair(&mut bytes, parts.digest);
        bytes
    }),
];

/// Files that are whole, and not for this device.
fn foreign(guests: &Guests) -> Vec<(String, Vec<u8>)> {
    let mut all = vec![
        ("nothing".to_string(), Vec::new()),
        ("a program for Linux".into(), std::fs::read(std::env::current_exe().unwrap()).unwrap()),
        ("a wasm module".into(), b"\0asm\x01\0\0\0".to_vec()),
        ("a wasm component".into(), b"\0asm\x0d\0\x01\0".to_vec()),
        ("zeros".into(), vec![0; 10_000]),
        ("ones".into(), vec![0xff; 10_000]),
    ];
    let sets: &[&[&str]] = &[
        &["-p", "x86_64-minplat-traps"],
        &["-p", "x86_64-minplat-metered"],
        &["-p", "x86_64-none"],
        &["-p", "pulley64-minplat"],
        &["-p", "aarch64-minplat"],
        &["-p", "riscv64-minplat"],
        &["-p", "pulley32-thumbv7em"],
        &["-p", "x86_64-minplat-full"],
        &["--set", "runtime.component-model=true"],
        &["--set", "runtime.gc=true"],
        &["--set", "wasm.interruption=epoch"],
    ];
    for args in sets {
        all.push((args.join(" "), std::fs::read(guests.compile("foreign", LARGE, args)).unwrap()));
    }
    let component = guests.write("c.wat", "(component (core module (func)))");
    let out = guests.path().join("c.cwasm");
    let args = ["-q", "--set", "runtime.component-model=true", "-o"];
    let compiler = common::compiler().unwrap();
    let done = std::process::Command::new(compiler).args(args).arg(&out).arg(component).status().unwrap();
    assert!(done.success());
    all.push(("a component".into(), std::fs::read(out).unwrap()));
    all
}

#[test]
fn what_is_no_whole_artifact_for_the_device_is_refused_and_leaves_nothing() {
    let (Some(guests), Some(library)) = (Guests::new(), library(NAME)) else { return };
    let device = Device::open(&library).unwrap();
    let engine = Engine::new(&device).unwrap();
    let seeds: Vec<_> = [("small", SMALL), ("large", LARGE)]
        .map(|(name, wat)| Artifact::read(&guests.compile::<&str>(name, wat, &[])).unwrap().bytes())
        .into();
    for seed in &seeds {
        // The first load also makes what the library keeps for good.
        drop(Module::load(&engine, seed).unwrap());
    }
    // One place for all that are loaded in place: at the start of a page, and long enough.
    let place: &'static mut [u8] = vec![0u8; 1 << 20].leak();
    let start = place.as_ptr().align_offset(4096);
    let before = (platform::stats().mapped, device.heap_stats().used);
    let mut codes = BTreeMap::<_, usize>::new();
    let mut refuse = |what: &str, number: usize, bytes: &[u8]| {
        let error = match number % 4 {
            0 if bytes.len() < place.len() - start => {
                let copy = &mut place[start..start + bytes.len()];
                copy.copy_from_slice(bytes);
                // SAFETY: nothing that is refused is kept, so the bytes may change again.
                let copy: &'static [u8] = unsafe { std::slice::from_raw_parts(copy.as_ptr(), copy.len()) };
                Module::load_in_place(&engine, copy).map(drop)
            }
            _ => Module::load(&engine, bytes).map(drop),
        };
        let error = error.expect_err(&format!("{what}, number {number}, was loaded"));
        let known =
            [ErrorCode::ARTIFACT_DAMAGED, ErrorCode::WRONG_FORMAT, ErrorCode::PLATFORM_MISMATCH, ErrorCode::MISALIGNED];
        assert!(known.contains(&error.code) && !error.message.is_empty(), "{what}, number {number}: {error:?}");
        *codes.entry(format!("{:?}", error.code)).or_default() += 1;
        drop(error);
        let after = (platform::stats().mapped, device.heap_stats().used);
        assert_eq!(before, after, "{what}, number {number}, left something");
    };

    for (name, bytes) in foreign(&guests) {
        for number in 0..2 {
            refuse(&name, number, &bytes);
        }
    }
    let mut rng = Rng::with_seed(48);
    let (mut done, mut drawn) = (BTreeMap::<_, usize>::new(), 0);
    while done.values().sum::<usize>() < MUTATIONS {
        let (what, mutate) = KINDS[drawn % KINDS.len()];
        drawn += 1;
        let (one, other) = (rng.usize(..seeds.len()), rng.usize(..seeds.len()));
        let bytes = mutate(&mut rng, seeds[one], seeds[other]);
        // Some draws change nothing, or only add to an artifact what a flash slot may have behind it.
        if !seeds.iter().any(|seed| bytes.starts_with(seed)) {
            let number = done.entry(what).or_default();
            refuse(what, *number, &bytes);
            *number += 1;
        }
    }
    // Of each kind at least a third of the draws changed something: two drawn artifacts or sections are the same now and then.
    assert!(KINDS.iter().all(|(what, _)| done.get(what).is_some_and(|n| n * KINDS.len() * 3 > drawn)), "{done:?}");
    assert!(codes.len() >= 3, "{codes:?}");
    for seed in &seeds {
        drop(Module::load(&engine, seed).expect("what is whole is still loaded"));
    }
    let pages = platform::code_pages();
    assert!(pages.made > 0 && pages.writable == 0, "{pages:?}");
}

/// A flash slot is longer than what lies in it.
#[test]
fn what_follows_an_artifact_is_not_looked_at() {
    let (Some(guests), Some(library)) = (Guests::new(), library(NAME)) else { return };
    let engine = Engine::new(&Device::open(&library).unwrap()).unwrap();
    let whole = std::fs::read(guests.compile::<&str>("large", LARGE, &[])).unwrap();
    for (name, behind) in [
        ("blank flash", &[0xff; 5000][..]),
        ("zeros", &[0; 1]),
        ("another artifact", &whole),
        ("the start of an artifact", &whole[..100]),
    ] {
        let path = guests.write("slot.cwasm", [&whole, behind].concat());
        let slot = Artifact::read(&path).unwrap().bytes();
        assert_eq!(slot.len(), whole.len() + behind.len(), "{name}");
        for module in [Module::load(&engine, slot), Module::load_in_place(&engine, slot)] {
            assert_eq!(module.unwrap().exports().unwrap().len(), 5, "{name}");
        }
    }
}
