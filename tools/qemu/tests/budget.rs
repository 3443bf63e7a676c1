//! What firmware on a microcontroller takes. With MINPLAT_TEST_DEVICE=1: it takes a built library, and builds firmware.

mod common;

use common::{Bench, ports, wanted};
use minplat_bundle::{Pattern, Writer};
use minplat_qemu::machine::Said;
use minplat_qemu::record::Record;

/// Text, read-only data and initial data: what lies in flash; and static RAM.
fn sizes(elf: &[u8]) -> (u64, u64) {
    use object::{Object as _, ObjectSection as _, SectionFlags, SectionKind, elf::SHF_ALLOC};
    let file = object::File::parse(elf).unwrap();
    let (mut flash, mut ram) = (0, 0);
    for section in file.sections() {
        let SectionFlags::Elf { sh_flags } = section.flags() else { continue };
        if sh_flags & u64::from(SHF_ALLOC) == 0 {
            continue;
        }
        match section.kind() {
            SectionKind::UninitializedData => ram += section.size(),
            SectionKind::Data => (flash, ram) = (flash + section.size(), ram + section.size()),
            _ => flash += section.size(),
        }
    }
    (flash, ram)
}

#[test]
fn a_cortex_m4_needs_no_more_than_it_is_promised() {
    if !wanted("budget") {
        return;
    }
    let ports = ports();
    let bench = Bench::new(ports.iter().find(|port| port.name == "cortex-m4").unwrap());
    let small = "(module (memory (export \"memory\") 4096 4096 (pagesize 1))
        (func (export \"run\") (result i32) (i32.store (i32.const 4092) (i32.const 7)) (i32.load (i32.const 4092))))";
    let small = bench.compile(small);
    let firmware = bench.build(std::slice::from_ref(&small), true);
    let (flash, ram) = sizes(&std::fs::read(&firmware).unwrap());
    assert!(flash <= 288 << 10, "{flash} bytes of flash with one module of {} bytes", small.len());

    // Of 64 KiB what the stacks, the guard and statics leave, and the guest's 4,096 bytes.
    let heap = (64 << 10) - (20 << 10) - u32::try_from(ram).unwrap();
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
