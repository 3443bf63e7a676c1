//! Bundles that are not what was written, and modules that are not what was compiled: each is an error that is told, and what is
//! whole runs. With MINPLAT_TEST_DEVICE=1: it takes built libraries, and builds firmware.

mod common;

use common::{ADD, Bench, compile, is, number, passed, ports, wanted};
use minplat_bundle::Writer;
use minplat_host::ErrorCode;
use minplat_platform::Platform;
use minplat_qemu::machine::Said;
use minplat_qemu::record::Record;

/// The guest for another machine.
fn foreign(bench: &Bench) -> Vec<u8> {
    let platforms = ["x86_64-minplat", "aarch64-minplat"].map(|name| Platform::load(name, &[]).unwrap());
    let other = platforms.iter().find(|other| other.rust_target().triple() != bench.platform.rust_target().triple());
    compile(other.unwrap(), ADD)
}

#[test]
fn modules_that_are_refused_are_followed_by_one_that_is_not() {
    if !wanted("damaged modules") {
        return;
    }
    for port in ports() {
        let bench = Bench::new(&port);
        let whole = bench.compile(ADD);
        for in_place in [false, true] {
            let mut bundle = Writer::default();
            let middle = whole.len() / 2;
            let mut flipped = whole.clone();
            flipped[middle] ^= 1;
            let cut = whole[..middle].to_vec();
            let other = foreign(&bench);
            let refused = [
                (flipped, ErrorCode::ARTIFACT_DAMAGED),
                (cut, ErrorCode::ARTIFACT_DAMAGED),
                (other, ErrorCode::PLATFORM_MISMATCH),
                (b"no artifact".to_vec(), ErrorCode::WRONG_FORMAT),
            ];
            let steps = refused.len() as u64 + 2;
            bundle.begin(1, "some that are refused", bench.is_metered().then_some(1_000_000), false).success();
            for (line, (artifact, code)) in (2..).zip(refused) {
                let module = bundle.module(artifact, 4096);
                bundle.instance(line, 0, module, in_place).failure(code.0 as u8, 0, "");
            }
            let module = bundle.module(whole.clone(), 4096);
            bundle.instance(10, 0, module, in_place).success();
            bundle.call(11, 0, "add", &[number(2), number(3)]).values(&[is(5)]);
            let (said, code) = bench.run(&bench.firmware(&[]), bundle);
            assert_eq!((passed(&said), code), (steps, 0), "{}, in place: {in_place}: {said:#?}", port.name);
        }
    }
}

#[test]
fn a_bundle_that_is_cut_is_told() {
    if !wanted("cut bundles") {
        return;
    }
    for port in ports() {
        let bench = Bench::new(&port);
        let mut bundle = Writer::default();
        let module = bundle.module(bench.compile(ADD), 4096);
        bundle.begin(1, "a guest", None, false).success();
        bundle.instance(2, 0, module, false).success();
        let whole = bundle.finish();
        // As much, but for the module and what follows its first step.
        let mut first = Writer::default();
        first.linked(0);
        first.begin(1, "a guest", None, false).success();
        let first = first.finish().len();

        // Behind what was given to the machine there are zeros: the module's end is missing, or steps are none.
        for (len, told) in [(whole.len() - 64, "error 1"), (first, "the bundle is damaged")] {
            let (said, code) = bench.start(&bench.firmware(&[]), &whole[..len]);
            let tells = |said: &Said| matches!(said, Said::Record(Record::Failed { what, .. }) if what.contains(told));
            assert!(said.iter().any(tells), "{}, {len} bytes: {said:#?}", port.name);
            assert_eq!(code, 1, "{}, {len} bytes", port.name);
        }

        // One that says to be longer than the memory that it lies in.
        let mut long = whole.clone();
        long[16..20].copy_from_slice(&u32::MAX.to_le_bytes());
        let (said, code) = bench.start(&bench.firmware(&[]), &long);
        let tells =
            |said: &Said| matches!(said, Said::Record(Record::Error(told)) if told.text.contains("the bundle is cut"));
        assert!(said.iter().any(tells), "{}: {said:#?}", port.name);
        assert_eq!(code, 1, "{}", port.name);
    }
}
