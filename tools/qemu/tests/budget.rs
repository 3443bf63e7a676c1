//! What firmware on a microcontroller takes. With MINPLAT_TEST_DEVICE=1: it takes a built library, and builds firmware.

mod common;

use common::sizes::Sizes;
use common::{Bench, CORTEX_M4_STACKS, are_all, ports, wanted};
use minplat_bundle::{Pattern, Writer};
use minplat_qemu::machine::Said;
use minplat_qemu::record::Record;

#[test]
fn a_cortex_m4_needs_no_more_than_it_is_promised() {
    if !wanted("budget") {
        return;
    }
    let ports = ports();
    let Some(port) = ports.iter().find(|port| port.name == "cortex-m4") else {
        assert!(!are_all(), "there is no cortex-m4");
        return;
    };
    let bench = Bench::new(port);
    let small = "(module (memory (export \"memory\") 4096 4096 (pagesize 1))
        (func (export \"run\") (result i32) (i32.store (i32.const 4092) (i32.const 7)) (i32.load (i32.const 4092))))";
    let small = bench.compile(small);
    let firmware = bench.build(std::slice::from_ref(&small), true);
    let Sizes { flash, ram, .. } = Sizes::of(&firmware);
    assert!(flash <= 288 << 10, "{flash} bytes of flash with one module of {} bytes", small.len());

    // Of 64 KiB what the stacks, the guard and statics leave, and the guest's 4,096 bytes.
    let heap = u32::try_from((64 << 10) - CORTEX_M4_STACKS - ram).unwrap();
    let mut bundle = Writer::default();
    let module = bundle.linked(0);
    bundle.limit_memory(heap + 4096);
    bundle.begin(1, "small", None, false).success();
    bundle.instance(2, 0, module, true).success();
    bundle.call(3, 0, "run", &[]).values(&[Pattern::Bits { kind: 0, mask: u128::MAX, bits: 7 }]);
    let (said, code) = bench.run(&firmware, bundle);
    assert!(said.iter().any(|said| matches!(said, Said::Record(Record::Passed(2)))), "{said:#?}");
    assert_eq!(code, 0);
}
