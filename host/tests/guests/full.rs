//! What `x86_64-minplat-full` has besides, one step too far: arrays of the collector, memories and tables with 64-bit addresses,
//! and copies from one memory to another.

use minplat_host::Value;

use crate::common::checks::{ARRAY, Case, FULL, MEMORY, NULL_REFERENCE, TABLE, TOO_LARGE, end_so, on};

const ARRAYS: &str = r#"(module
  (type $bytes (array (mut i8)))
  (type $words (array (mut i32)))
  (type $funcs (array (mut funcref)))
  (data $data "0123456789")
  (elem $elem func $nothing $nothing $nothing $nothing)
  (func $nothing)
  (global $b (ref $bytes) (array.new $bytes (i32.const 7) (i32.const 10)))
  (global $w (ref $words) (array.new $words (i32.const 7) (i32.const 10)))
  (global $f (ref $funcs) (array.new $funcs (ref.null func) (i32.const 10)))
  (func $array.get (export "array.get") (param i32 i32 i32) (drop (array.get $words (global.get $w) (local.get 0))))
  (func $array.get_s (export "array.get_s") (param i32 i32 i32)
    (drop (array.get_s $bytes (global.get $b) (local.get 0))))
  (func $array.get_u (export "array.get_u") (param i32 i32 i32)
    (drop (array.get_u $bytes (global.get $b) (local.get 0))))
  (func $array.set (export "array.set") (param i32 i32 i32)
    (array.set $words (global.get $w) (local.get 0) (i32.const 1)))
  (func $array.set/funcs (export "array.set/funcs") (param i32 i32 i32)
    (array.set $funcs (global.get $f) (local.get 0) (ref.func $nothing)))
  (func $array.fill (export "array.fill") (param i32 i32 i32)
    (array.fill $words (global.get $w) (local.get 0) (local.get 1) (local.get 2)))
  (func $array.copy (export "array.copy") (param i32 i32 i32)
    (array.copy $words $words (global.get $w) (local.get 0) (array.new_default $words (i32.const 5)) (local.get 1)
      (local.get 2)))
  (func $array.init_data (export "array.init_data") (param i32 i32 i32)
    (array.init_data $bytes $data (global.get $b) (local.get 0) (local.get 1) (local.get 2)))
  (func $array.init_data/words (export "array.init_data/words") (param i32 i32 i32)
    (array.init_data $words $data (global.get $w) (local.get 0) (local.get 1) (local.get 2)))
  (func $array.init_elem (export "array.init_elem") (param i32 i32 i32)
    (array.init_elem $funcs $elem (global.get $f) (local.get 0) (local.get 1) (local.get 2)))
  (func $array.new_data (export "array.new_data") (param i32 i32 i32)
    (drop (array.new_data $bytes $data (local.get 0) (local.get 1))))
  (func $array.new_data/words (export "array.new_data/words") (param i32 i32 i32)
    (drop (array.new_data $words $data (local.get 0) (local.get 1))))
  (func $array.new_elem (export "array.new_elem") (param i32 i32 i32)
    (drop (array.new_elem $funcs $elem (local.get 0) (local.get 1))))
  (func $array.new_default (export "array.new_default") (param i32 i32 i32)
    (drop (array.new_default $words (local.get 0))))
  (func $null.get (export "null.get") (param i32 i32 i32) (drop (array.get $words (ref.null $words) (local.get 0))))
  (func $null.len (export "null.len") (param i32 i32 i32) (drop (array.len (ref.null $words))))
  (func $null.fill (export "null.fill") (param i32 i32 i32)
    (array.fill $words (ref.null $words) (local.get 0) (local.get 1) (local.get 2)))
  (func (export "drop") (param i32 i32 i32) (data.drop $data) (elem.drop $elem)))"#;

const ARRAY_CASES: &[Case] = &[
    ("array.get", [9, 0, 0], None),
    ("array.get", [10, 0, 0], Some(ARRAY)),
    ("array.get", [-1, 0, 0], Some(ARRAY)),
    ("array.get", [1 << 30, 0, 0], Some(ARRAY)),
    ("array.get_s", [9, 0, 0], None),
    ("array.get_s", [10, 0, 0], Some(ARRAY)),
    ("array.get_s", [-1, 0, 0], Some(ARRAY)),
    ("array.get_u", [9, 0, 0], None),
    ("array.get_u", [10, 0, 0], Some(ARRAY)),
    ("array.get_u", [i32::MIN as i64, 0, 0], Some(ARRAY)),
    ("array.set", [9, 0, 0], None),
    ("array.set", [10, 0, 0], Some(ARRAY)),
    ("array.set", [-1, 0, 0], Some(ARRAY)),
    ("array.set/funcs", [9, 0, 0], None),
    ("array.set/funcs", [10, 0, 0], Some(ARRAY)),
    ("array.fill", [0, 1, 10], None),
    ("array.fill", [10, 1, 0], None),
    ("array.fill", [0, 1, 11], Some(ARRAY)),
    ("array.fill", [11, 1, 0], Some(ARRAY)),
    ("array.fill", [1, 1, -1], Some(ARRAY)),
    ("array.copy", [5, 0, 5], None),
    ("array.copy", [6, 0, 5], Some(ARRAY)),
    ("array.copy", [0, 1, 5], Some(ARRAY)),
    ("array.copy", [11, 0, 0], Some(ARRAY)),
    ("array.copy", [0, 6, 0], Some(ARRAY)),
    ("array.copy", [1, 1, -1], Some(ARRAY)),
    ("array.init_data", [0, 0, 10], None),
    ("array.init_data", [1, 0, 10], Some(ARRAY)),
    ("array.init_data", [0, 1, 10], Some(MEMORY)),
    ("array.init_data", [0, 11, 0], Some(MEMORY)),
    ("array.init_data", [0, -1, 2], Some(MEMORY)),
    ("array.init_data/words", [8, 2, 2], None),
    ("array.init_data/words", [0, 0, 3], Some(MEMORY)),
    ("array.init_data/words", [9, 0, 2], Some(ARRAY)),
    ("array.init_data/words", [0, 0, 1 << 30], Some(ARRAY)),
    ("array.init_elem", [6, 0, 4], None),
    ("array.init_elem", [7, 0, 4], Some(ARRAY)),
    ("array.init_elem", [0, 1, 4], Some(TABLE)),
    ("array.init_elem", [0, -1, 2], Some(TABLE)),
    ("array.new_data", [0, 10, 0], None),
    ("array.new_data", [1, 10, 0], Some(MEMORY)),
    ("array.new_data", [11, 0, 0], Some(MEMORY)),
    ("array.new_data", [-1, 2, 0], Some(MEMORY)),
    ("array.new_data/words", [2, 2, 0], None),
    ("array.new_data/words", [0, 3, 0], Some(MEMORY)),
    ("array.new_data/words", [0, 1 << 30, 0], Some(MEMORY)),
    ("array.new_elem", [0, 4, 0], None),
    ("array.new_elem", [1, 4, 0], Some(TABLE)),
    ("array.new_elem", [5, 0, 0], Some(TABLE)),
    ("array.new_elem", [-1, 2, 0], Some(TABLE)),
    ("array.new_default", [10, 0, 0], None),
    ("array.new_default", [-1, 0, 0], Some(TOO_LARGE)),
    ("array.new_default", [1 << 30, 0, 0], Some(TOO_LARGE)),
    ("null.get", [0, 0, 0], Some(NULL_REFERENCE)),
    ("null.len", [0, 0, 0], Some(NULL_REFERENCE)),
    ("null.fill", [0, 0, 0], Some(NULL_REFERENCE)),
    ("drop", [0, 0, 0], None),
    ("array.init_data", [0, 0, 1], Some(MEMORY)),
    ("array.init_data", [0, 0, 0], None),
    ("array.init_elem", [0, 0, 1], Some(TABLE)),
    ("array.new_data", [0, 1, 0], Some(MEMORY)),
    ("array.new_elem", [0, 1, 0], Some(TABLE)),
];

#[test]
fn arrays_and_the_segments_that_they_are_made_of_end_where_they_must() {
    on(&[FULL], ARRAYS, |platform, running| {
        end_so(platform, running, |number| Value::I32(number as i32), ARRAY_CASES);
    });
}

/// `$near` has one page and `$far` three, with 64-bit addresses; of `$short` two pages are addressed with 32 bits.
const WIDE: &str = r#"(module
  (type $none (func))
  (memory $short 2)
  (memory $near i64 1)
  (memory $far i64 3)
  (data $data "0123456789")
  (table $t i64 10 funcref)
  (table $u 5 funcref)
  (elem $elem func $nothing $nothing $nothing $number)
  (elem (table $t) (i64.const 0) func $nothing $number)
  (func $nothing (type $none))
  (func $number (result i32) (i32.const 1))
  (func $copy (export "copy") (param i64 i64 i64)
    (memory.copy $near $far (local.get 0) (local.get 1) (local.get 2)))
  (func $copy_down (export "copy_down") (param i64 i64 i64)
    (memory.copy $short $near (i32.wrap_i64 (local.get 0)) (local.get 1) (i32.wrap_i64 (local.get 2))))
  (func $copy_up (export "copy_up") (param i64 i64 i64)
    (memory.copy $near $short (local.get 0) (i32.wrap_i64 (local.get 1)) (i32.wrap_i64 (local.get 2))))
  (func $fill (export "fill") (param i64 i64 i64)
    (memory.fill $near (local.get 0) (i32.wrap_i64 (local.get 1)) (local.get 2)))
  (func $init (export "init") (param i64 i64 i64)
    (memory.init $near $data (local.get 0) (i32.wrap_i64 (local.get 1)) (i32.wrap_i64 (local.get 2))))
  (func $table.get (export "table.get") (param i64 i64 i64) (drop (table.get $t (local.get 0))))
  (func $table.set (export "table.set") (param i64 i64 i64) (table.set $t (local.get 0) (ref.null func)))
  (func $table.fill (export "table.fill") (param i64 i64 i64)
    (table.fill $t (local.get 0) (ref.null func) (local.get 2)))
  (func $table.copy (export "table.copy") (param i64 i64 i64)
    (table.copy $t $u (local.get 0) (i32.wrap_i64 (local.get 1)) (i32.wrap_i64 (local.get 2))))
  (func $table.init (export "table.init") (param i64 i64 i64)
    (table.init $t $elem (local.get 0) (i32.wrap_i64 (local.get 1)) (i32.wrap_i64 (local.get 2))))
  (func $call_indirect (export "call_indirect") (param i64 i64 i64) (call_indirect $t (type $none) (local.get 0))))"#;

const PAGE: i64 = 65536;
const FOUR_GIB: i64 = 1 << 32;

const WIDE_CASES: &[Case] = &[
    ("copy", [0, 2 * PAGE, PAGE], None),
    ("copy", [0, 3 * PAGE, 0], None),
    ("copy", [1, 0, PAGE], Some(MEMORY)),
    ("copy", [0, 2 * PAGE + 1, PAGE], Some(MEMORY)),
    ("copy", [FOUR_GIB, 0, 1], Some(MEMORY)),
    ("copy", [0, FOUR_GIB, 1], Some(MEMORY)),
    ("copy", [0, 0, FOUR_GIB], Some(MEMORY)),
    ("copy", [1, 1, -1], Some(MEMORY)),
    ("copy_down", [PAGE, 0, PAGE], None),
    ("copy_down", [PAGE + 1, 0, PAGE], Some(MEMORY)),
    ("copy_down", [0, 1, PAGE], Some(MEMORY)),
    ("copy_down", [0, FOUR_GIB, 1], Some(MEMORY)),
    ("copy_up", [0, PAGE, PAGE], None),
    ("copy_up", [0, PAGE + 1, PAGE], Some(MEMORY)),
    ("copy_up", [1, 0, PAGE], Some(MEMORY)),
    ("copy_up", [FOUR_GIB, 0, 1], Some(MEMORY)),
    ("fill", [PAGE - 1, 7, 1], None),
    ("fill", [PAGE - 1, 7, 2], Some(MEMORY)),
    ("fill", [FOUR_GIB, 7, 1], Some(MEMORY)),
    ("fill", [1, 7, -1], Some(MEMORY)),
    ("init", [PAGE - 10, 0, 10], None),
    ("init", [PAGE - 9, 0, 10], Some(MEMORY)),
    ("init", [0, 1, 10], Some(MEMORY)),
    ("init", [FOUR_GIB, 0, 1], Some(MEMORY)),
    ("table.get", [9, 0, 0], None),
    ("table.get", [10, 0, 0], Some(TABLE)),
    ("table.get", [FOUR_GIB, 0, 0], Some(TABLE)),
    ("table.get", [-1, 0, 0], Some(TABLE)),
    ("table.set", [9, 0, 0], None),
    ("table.set", [10, 0, 0], Some(TABLE)),
    ("table.set", [FOUR_GIB, 0, 0], Some(TABLE)),
    ("table.fill", [9, 0, 1], None),
    ("table.fill", [9, 0, 2], Some(TABLE)),
    ("table.fill", [FOUR_GIB, 0, 1], Some(TABLE)),
    ("table.fill", [1, 0, -1], Some(TABLE)),
    ("table.copy", [5, 0, 5], None),
    ("table.copy", [6, 0, 5], Some(TABLE)),
    ("table.copy", [0, 1, 5], Some(TABLE)),
    ("table.copy", [FOUR_GIB, 0, 1], Some(TABLE)),
    ("table.init", [0, 0, 4], None),
    ("table.init", [7, 0, 4], Some(TABLE)),
    ("table.init", [0, 1, 4], Some(TABLE)),
    ("table.init", [FOUR_GIB, 0, 1], Some(TABLE)),
    ("call_indirect", [0, 0, 0], None),
    ("call_indirect", [10, 0, 0], Some(TABLE)),
    ("call_indirect", [FOUR_GIB, 0, 0], Some(TABLE)),
    ("call_indirect", [-1, 0, 0], Some(TABLE)),
];

#[test]
fn memories_and_tables_with_64_bit_addresses_end_where_they_must() {
    on(&[FULL], WIDE, |platform, running| end_so(platform, running, Value::I64, WIDE_CASES));
}
