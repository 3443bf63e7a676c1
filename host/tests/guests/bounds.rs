//! Every instruction that has an index or an address, one step too far.

use std::fmt::Write as _;

use minplat_host::Value;

use crate::common::Running;
use crate::common::checks::{Case, FULL, MEMORY, NULL, SIGNATURE, TABLE, call, end_so, on, on_each, traps};

const PAGE: u64 = 65536;

/// Loads, and how many bytes each reads.
const LOADS: [(&str, u64); 14] = [
    ("i32.load8_s", 1),
    ("i32.load8_u", 1),
    ("i32.load16_s", 2),
    ("i32.load16_u", 2),
    ("i32.load", 4),
    ("i64.load8_s", 1),
    ("i64.load8_u", 1),
    ("i64.load16_s", 2),
    ("i64.load16_u", 2),
    ("i64.load32_s", 4),
    ("i64.load32_u", 4),
    ("i64.load", 8),
    ("f32.load", 4),
    ("f64.load", 8),
];

/// Stores, what each takes, and how many bytes it writes.
const STORES: [(&str, &str, u64); 9] = [
    ("i32.store8", "(i32.const -1)", 1),
    ("i32.store16", "(i32.const -1)", 2),
    ("i32.store", "(i32.const -1)", 4),
    ("i64.store8", "(i64.const -1)", 1),
    ("i64.store16", "(i64.const -1)", 2),
    ("i64.store32", "(i64.const -1)", 4),
    ("i64.store", "(i64.const -1)", 8),
    ("f32.store", "(f32.const -1)", 4),
    ("f64.store", "(f64.const -1)", 8),
];

const VECTOR_LOADS: [(&str, u64); 13] = [
    ("v128.load", 16),
    ("v128.load8x8_s", 8),
    ("v128.load8x8_u", 8),
    ("v128.load16x4_s", 8),
    ("v128.load16x4_u", 8),
    ("v128.load32x2_s", 8),
    ("v128.load32x2_u", 8),
    ("v128.load8_splat", 1),
    ("v128.load16_splat", 2),
    ("v128.load32_splat", 4),
    ("v128.load64_splat", 8),
    ("v128.load32_zero", 4),
    ("v128.load64_zero", 8),
];

const LANES: [(&str, u64); 4] = [("8_lane", 1), ("16_lane", 2), ("32_lane", 4), ("64_lane", 8)];

const ONES: &str = "(v128.const i64x2 -1 -1)";

/// Exported functions of an address, each with the bytes that it touches and whether it writes.
fn accesses() -> Vec<(String, u64, bool)> {
    let plain = LOADS.iter().map(|(name, width)| ((*name).to_owned(), *width, false));
    let vectors = VECTOR_LOADS.iter().map(|(name, width)| ((*name).to_owned(), *width, false));
    let stores = STORES.iter().map(|(name, _, width)| ((*name).to_owned(), *width, true));
    let lanes = LANES.iter().flat_map(|(name, width)| {
        [(format!("v128.load{name}"), *width, false), (format!("v128.store{name}"), *width, true)]
    });
    plain.chain(vectors).chain(stores).chain([("v128.store".to_owned(), 16, true)]).chain(lanes).collect()
}

/// Where the addresses of a memory end.
#[derive(Clone, Copy)]
enum Addresses {
    Of32,
    Of64,
}

impl Addresses {
    fn ty(self) -> &'static str {
        match self {
            Self::Of32 => "i32",
            Self::Of64 => "i64",
        }
    }

    fn value(self, address: u64) -> Value {
        match self {
            Self::Of32 => Value::I32(address as u32 as i32),
            Self::Of64 => Value::I64(address as i64),
        }
    }

    /// The last one.
    fn last(self) -> u64 {
        match self {
            Self::Of32 => u32::MAX.into(),
            Self::Of64 => u64::MAX,
        }
    }
}

/// Memories, the one with the export last, and for each access to that one a function, and a second one that reaches its
/// last byte by a large offset.
fn module(memories: &str, addresses: Addresses) -> String {
    let mut wat = format!("(module {memories}\n");
    let ty = addresses.ty();
    for (name, _, writes) in accesses() {
        let stored = STORES.iter().find(|(store, _, _)| *store == name).map_or(ONES, |(_, value, _)| value);
        let is_lane = name.ends_with("_lane");
        for (suffix, offset) in [("", String::new()), ("/offset", format!("offset={PAGE}"))] {
            let lane = if is_lane { "0" } else { "" };
            let body = match (writes, is_lane) {
                (true, _) => format!("({name} $memory {offset} {lane} (local.get 0) {stored})"),
                (false, true) => format!("(drop ({name} $memory {offset} {lane} (local.get 0) {ONES}))"),
                (false, false) => format!("(drop ({name} $memory {offset} (local.get 0)))"),
            };
            writeln!(wat, "(func ${name}{suffix} (export \"{name}{suffix}\") (param {ty}) {body})").unwrap();
        }
    }
    wat + ")"
}

/// Every access to the exported memory, which has one page.
fn end_at_the_memorys_end(platform: &str, running: &mut Running, addresses: Addresses) {
    let (store, instance) = (&mut running.store, &running.instance);
    let memory = instance.memory(store, "memory").unwrap();
    let last = addresses.last();
    for (name, width, writes) in accesses() {
        let mut at = |name: &str, address: u64| {
            let done = call(store, instance, name, &[addresses.value(address)]);
            (done, memory.data(store).unwrap().iter().any(|byte| *byte != 0))
        };
        // One byte too far, far away, around 4 GiB, at the end of the address space, and around it.
        let far = [PAGE - width + 1, PAGE, 1 << 31, (1 << 32) - width, (1 << 32) - 1, 1 << 32, last - width + 1, last];
        for address in far.into_iter().filter(|address| *address <= last) {
            let (done, is_written) = at(&name, address);
            traps(platform, &done.expect_err("it is outside"), &name, MEMORY);
            assert!(!is_written, "{platform} {name} at {address}: a part was written");
        }
        let by_offset = format!("{name}/offset");
        for address in [0, last, last - PAGE + 1] {
            let (done, is_written) = at(&by_offset, address);
            traps(platform, &done.expect_err("it is outside"), &by_offset, MEMORY);
            assert!(!is_written, "{platform} {by_offset} at {address}: a part was written");
        }
        let (done, is_written) = at(&name, PAGE - width);
        assert_eq!((done.is_ok(), is_written), (true, writes), "{platform} {name}: the last bytes are inside");
        memory.data(store).unwrap().fill(0);
    }
}

#[test]
fn every_load_and_store_ends_at_the_memorys_end() {
    let wat = module("(memory $memory (export \"memory\") 1)", Addresses::Of32);
    on_each(&wat, |platform, running| end_at_the_memorys_end(platform, running, Addresses::Of32));
}

/// What is outside of a memory is often inside of another.
#[test]
fn and_at_that_of_a_second_memory_and_of_a_64_bit_one() {
    for (memories, addresses) in [
        ("(memory 3) (memory $memory (export \"memory\") 1)", Addresses::Of32),
        ("(memory $memory (export \"memory\") i64 1)", Addresses::Of64),
        ("(memory 3) (memory $memory (export \"memory\") i64 1)", Addresses::Of64),
    ] {
        on(&[FULL], &module(memories, addresses), |platform, running| {
            end_at_the_memorys_end(platform, running, addresses);
        });
    }
}

const BULK: &str = r#"(module
  (type $none (func))
  (memory (export "memory") 1)
  (data $data "0123456789")
  (table $t 10 funcref)
  (table $u 5 funcref)
  (elem $elem func $nothing $nothing $nothing $number)
  (elem (table $t) (i32.const 0) func $nothing $number)
  (func $nothing (type $none))
  (func $number (result i32) (i32.const 1))
  (func $memory.copy (export "memory.copy") (param i32 i32 i32)
    (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func $memory.fill (export "memory.fill") (param i32 i32 i32)
    (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func $memory.init (export "memory.init") (param i32 i32 i32)
    (memory.init $data (local.get 0) (local.get 1) (local.get 2)))
  (func (export "data.drop") (param i32 i32 i32) (data.drop $data))
  (func $table.get (export "table.get") (param i32 i32 i32) (drop (table.get $t (local.get 0))))
  (func $table.set (export "table.set") (param i32 i32 i32) (table.set $t (local.get 0) (ref.null func)))
  (func $table.copy (export "table.copy") (param i32 i32 i32)
    (table.copy $t $u (local.get 0) (local.get 1) (local.get 2)))
  (func $table.fill (export "table.fill") (param i32 i32 i32)
    (table.fill $t (local.get 0) (ref.null func) (local.get 2)))
  (func $table.init (export "table.init") (param i32 i32 i32)
    (table.init $t $elem (local.get 0) (local.get 1) (local.get 2)))
  (func (export "elem.drop") (param i32 i32 i32) (elem.drop $elem))
  (func $call_indirect (export "call_indirect") (param i32 i32 i32) (call_indirect $t (type $none) (local.get 0)))
  (func $return_call_indirect (export "return_call_indirect") (param i32 i32 i32)
    (return_call_indirect $t (type $none) (local.get 0))))"#;

const BULK_CASES: &[Case] = &[
    ("memory.copy", [0, 1, 65535], None),
    ("memory.copy", [0, 1, 65536], Some(MEMORY)),
    ("memory.copy", [1, 0, 65536], Some(MEMORY)),
    ("memory.copy", [0, 65536, 0], None),
    ("memory.copy", [65537, 0, 0], Some(MEMORY)),
    ("memory.copy", [-1, -1, -1], Some(MEMORY)),
    ("memory.fill", [65535, 7, 1], None),
    ("memory.fill", [65535, 7, 2], Some(MEMORY)),
    ("memory.fill", [65537, 7, 0], Some(MEMORY)),
    ("memory.fill", [1, 7, -1], Some(MEMORY)),
    ("memory.init", [65526, 0, 10], None),
    ("memory.init", [65527, 0, 10], Some(MEMORY)),
    ("memory.init", [0, 1, 10], Some(MEMORY)),
    ("memory.init", [0, 11, 0], Some(MEMORY)),
    ("memory.init", [0, 0, -1], Some(MEMORY)),
    ("data.drop", [0, 0, 0], None),
    ("memory.init", [0, 0, 1], Some(MEMORY)),
    ("memory.init", [0, 0, 0], None),
    ("table.get", [9, 0, 0], None),
    ("table.get", [10, 0, 0], Some(TABLE)),
    ("table.get", [-1, 0, 0], Some(TABLE)),
    ("table.set", [9, 0, 0], None),
    ("table.set", [10, 0, 0], Some(TABLE)),
    ("table.set", [-1, 0, 0], Some(TABLE)),
    ("table.copy", [5, 0, 5], None),
    ("table.copy", [6, 0, 5], Some(TABLE)),
    ("table.copy", [0, 1, 5], Some(TABLE)),
    ("table.copy", [11, 0, 0], Some(TABLE)),
    ("table.copy", [0, 0, -1], Some(TABLE)),
    ("table.fill", [9, 0, 1], None),
    ("table.fill", [9, 0, 2], Some(TABLE)),
    ("table.fill", [11, 0, 0], Some(TABLE)),
    ("table.fill", [1, 0, -1], Some(TABLE)),
    ("table.init", [6, 0, 4], None),
    ("table.init", [7, 0, 4], Some(TABLE)),
    ("table.init", [0, 1, 4], Some(TABLE)),
    ("table.init", [0, 5, 0], Some(TABLE)),
    ("call_indirect", [6, 0, 0], None),
    ("call_indirect", [9, 0, 0], Some(SIGNATURE)),
    ("call_indirect", [5, 0, 0], Some(NULL)),
    ("call_indirect", [10, 0, 0], Some(TABLE)),
    ("call_indirect", [-1, 0, 0], Some(TABLE)),
    ("return_call_indirect", [6, 0, 0], None),
    ("return_call_indirect", [9, 0, 0], Some(SIGNATURE)),
    ("return_call_indirect", [5, 0, 0], Some(NULL)),
    ("return_call_indirect", [10, 0, 0], Some(TABLE)),
    ("elem.drop", [0, 0, 0], None),
    ("table.init", [0, 0, 1], Some(TABLE)),
    ("table.init", [0, 0, 0], None),
];

#[test]
fn bulk_instructions_tables_and_indirect_calls_end_where_they_must() {
    on_each(BULK, |platform, running| end_so(platform, running, |number| Value::I32(number as i32), BULK_CASES));
}
