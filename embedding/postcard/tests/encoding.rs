//! The encoding, byte by byte as its specification has it, and back; and what is no encoding.
#![cfg(feature = "alloc")]

use std::collections::BTreeMap;
use std::fmt::Debug;

use postcard::{Error, from_bytes, take_from_bytes, to_allocvec};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// `value` is encoded as `bytes`, and decoded from them; from fewer it is not.
#[track_caller]
fn is<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T, bytes: &[u8]) {
    assert_eq!(to_allocvec(&value).unwrap(), bytes, "{value:?}");
    assert_eq!(from_bytes::<T>(bytes).as_ref(), Ok(&value), "{bytes:?}");
    let more = [bytes, &[7, 8]].concat();
    assert_eq!(take_from_bytes::<T>(&more), Ok((value, &[7, 8][..])));
    for fewer in 0..bytes.len() {
        assert_eq!(from_bytes::<T>(&bytes[..fewer]), Err(Error), "{:?}", &bytes[..fewer]);
    }
}

#[track_caller]
fn is_none<T: DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) {
    assert_eq!(from_bytes::<T>(bytes), Err(Error), "{bytes:?}");
}

#[test]
fn numbers_take_as_many_bytes_as_they_need() {
    is(0x80u8, &[0x80]);
    is(-2i8, &[0xfe]);
    is(0u16, &[0]);
    is(127u16, &[0x7f]);
    is(128u16, &[0x80, 0x01]);
    is(16383u16, &[0xff, 0x7f]);
    is(16384u16, &[0x80, 0x80, 0x01]);
    is(u16::MAX, &[0xff, 0xff, 0x03]);
    is(u32::MAX, &[0xff, 0xff, 0xff, 0xff, 0x0f]);
    is(u64::MAX, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
    is(u128::MAX, &[[0xff; 18].as_slice(), &[0x03]].concat());
    is(-1i16, &[0x01]);
    is(1i16, &[0x02]);
    is(i16::MIN, &[0xff, 0xff, 0x03]);
    is(i32::MAX, &[0xfe, 0xff, 0xff, 0xff, 0x0f]);
    is(i32::MIN, &[0xff, 0xff, 0xff, 0xff, 0x0f]);
    is(i64::MIN, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
    is(i128::MIN, &[[0xff; 18].as_slice(), &[0x03]].concat());
    is(i128::MIN + 1, &[&[0xfd], [0xff; 17].as_slice(), &[0x03]].concat());
    is(-32.005f32, &[0x1f, 0x05, 0x00, 0xc2]);
    is(-32.005f64, &[0x71, 0x3d, 0x0a, 0xd7, 0xa3, 0x00, 0x40, 0xc0]);
}

#[test]
fn numbers_may_be_longer_than_need_be() {
    for zeros in 0..9 {
        let bytes = [&[0x81], vec![0x80; zeros].as_slice(), &[0x00]].concat();
        assert_eq!(from_bytes::<u64>(&bytes), Ok(1), "{bytes:?}");
        assert_eq!(from_bytes::<u16>(&bytes), Ok(1), "{bytes:?}");
    }
}

#[test]
fn numbers_that_do_not_fit_are_none() {
    is_none::<u16>(&[0xff, 0xff, 0x04]);
    is_none::<u16>(&[0xff, 0xff, 0xff, 0xff, 0x0f]);
    is_none::<u32>(&[0xff, 0xff, 0xff, 0xff, 0x10]);
    is_none::<u64>(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]);
    is_none::<u64>(&[[0x80; 10].as_slice(), &[0x00]].concat());
    is_none::<u128>(&[[0xff; 18].as_slice(), &[0x04]].concat());
    is_none::<u128>(&[[0x80; 19].as_slice(), &[0x00]].concat());
    is_none::<i32>(&[0xff, 0xff, 0xff, 0xff, 0x10]);
    // Longer than need be.
    assert_eq!(from_bytes::<u32>(&[0x80, 0x00]), Ok(0));
    assert_eq!(from_bytes::<u16>(&[0x80, 0x80, 0x80, 0x00]), Ok(0));
}

#[test]
fn texts_and_sequences_begin_with_their_length() {
    is(true, &[1]);
    is(false, &[0]);
    is('ü', &[2, 0xc3, 0xbc]);
    is(String::from("añb"), &[4, b'a', 0xc3, 0xb1, b'b']);
    is((), &[]);
    is(None::<u8>, &[0]);
    is(Some(5u8), &[1, 5]);
    is(vec![1u32, 300], &[2, 1, 0xac, 0x02]);
    is((1u8, -1i32, String::from("x")), &[1, 1, 1, b'x']);
    is(BTreeMap::from([(1u8, true), (2, false)]), &[2, 1, 1, 2, 0]);
    let bytes = [3, b'a', b'b', b'c', 9];
    assert_eq!(from_bytes::<&str>(&bytes), Ok("abc"), "borrowed");
    assert_eq!(from_bytes::<&[u8]>(&bytes), Ok(&b"abc"[..]), "borrowed");
    assert_eq!(to_allocvec("abc").unwrap(), bytes[..4]);
    is_none::<bool>(&[2]);
    is_none::<Option<u8>>(&[2, 0]);
    is_none::<String>(&[1, 0xff]);
    is_none::<char>(&[2, b'a', b'b']);
    is_none::<char>(&[0]);
    is_none::<String>(&[3, b'a', 0xc3, b'b']);
    // Lengths that no machine has the memory for.
    is_none::<Vec<u64>>(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 1]);
    is_none::<String>(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 1]);
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
enum Kind {
    Unit,
    Newtype(u16),
    Tuple(u8, u8),
    Struct { one: bool, two: Box<Kind> },
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Unit;

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Newtype(i32);

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Pair(u8, u16);

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct All {
    unit: Unit,
    newtype: Newtype,
    pair: Pair,
    kinds: Vec<Kind>,
}

#[test]
fn structures_are_their_fields_and_variants_begin_with_their_index() {
    is(Kind::Unit, &[0]);
    is(Kind::Newtype(200), &[1, 0xc8, 0x01]);
    is(Kind::Tuple(3, 4), &[2, 3, 4]);
    is(Kind::Struct { one: true, two: Box::new(Kind::Unit) }, &[3, 1, 0]);
    is_none::<Kind>(&[4, 0, 0]);
    is_none::<Kind>(&[0xff, 0xff, 0xff, 0xff, 0x10]);
    let all = All { unit: Unit, newtype: Newtype(-3), pair: Pair(9, 128), kinds: vec![Kind::Tuple(1, 2), Kind::Unit] };
    is(all, &[5, 9, 0x80, 0x01, 2, 2, 1, 2, 0]);
}

/// Named as Wasmtime's table.
#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct OperatorCost {
    nop: u8,
}

#[test]
fn a_device_has_no_tables_of_operator_costs() {
    let decoded = from_bytes::<OperatorCost>(&[3]);
    assert_eq!(decoded.is_ok(), cfg!(feature = "use-std"), "{decoded:?}");
}

#[test]
fn what_does_not_say_its_length_or_its_type_is_refused() {
    struct Endless;
    impl Serialize for Endless {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_seq(None).map(|_| unreachable!("its length is not known"))
        }
    }
    assert_eq!(to_allocvec(&Endless), Err(Error));
    is_none::<Untagged>(&[1]);
}

#[derive(Deserialize, PartialEq, Debug)]
#[serde(untagged)]
enum Untagged {
    #[allow(dead_code, reason = "it is never made")]
    One(u8),
}
