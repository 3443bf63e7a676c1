//! Encoding.

use alloc::string::ToString as _;
use alloc::vec::Vec;

use serde_core::{Serialize, ser};

use crate::Error;

/// What was encoded so far.
#[derive(Default)]
pub(crate) struct Serializer(Vec<u8>);

impl Serializer {
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Seven bits in a byte, the lowest first; the highest bit says that there are more.
    fn number(&mut self, mut number: u128) -> Result<(), Error> {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
        Ok(())
    }

    /// Signed numbers are counted from zero in both directions: 0, -1, 1, -2 …
    fn signed(&mut self, number: i128) -> Result<(), Error> {
        self.number((number << 1 ^ number >> 127) as u128)
    }

    fn length(&mut self, length: usize) -> Result<(), Error> {
        self.number(length as u128)
    }

    fn variant(&mut self, index: u32) -> Result<(), Error> {
        self.number(index.into())
    }

    fn raw(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

macro_rules! methods {
    ($($name:ident($value:ident: $type:ty) |$s:ident| $body:expr;)*) => {$(
        fn $name(self, $value: $type) -> Result<(), Error> {
            let $s = self;
            $body
        }
    )*};
}

impl ser::Serializer for &mut Serializer {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    fn is_human_readable(&self) -> bool {
        false
    }

    methods! {
        serialize_bool(value: bool) |s| s.raw(&[value.into()]);
        serialize_u8(value: u8) |s| s.raw(&[value]);
        serialize_u16(value: u16) |s| s.number(value.into());
        serialize_u32(value: u32) |s| s.number(value.into());
        serialize_u64(value: u64) |s| s.number(value.into());
        serialize_u128(value: u128) |s| s.number(value);
        serialize_i8(value: i8) |s| s.raw(&[value as u8]);
        serialize_i16(value: i16) |s| s.signed(value.into());
        serialize_i32(value: i32) |s| s.signed(value.into());
        serialize_i64(value: i64) |s| s.signed(value.into());
        serialize_i128(value: i128) |s| s.signed(value);
        serialize_f32(value: f32) |s| s.raw(&value.to_le_bytes());
        serialize_f64(value: f64) |s| s.raw(&value.to_le_bytes());
        serialize_char(value: char) |s| s.serialize_str(value.encode_utf8(&mut [0; 4]));
        serialize_str(value: &str) |s| s.serialize_bytes(value.as_bytes());
        serialize_bytes(value: &[u8]) |s| { s.length(value.len())?; s.raw(value) };
        serialize_unit_struct(_name: &'static str) |_s| Ok(());
    }

    fn collect_str<T: core::fmt::Display + ?Sized>(self, value: &T) -> Result<(), Error> {
        self.serialize_str(&value.to_string())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.raw(&[0])
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        self.raw(&[1])?;
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Result<(), Error> {
        self.variant(index)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.variant(index)?;
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Error> {
        self.length(length.ok_or(Error)?)?;
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Error> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Error> {
        Ok(self)
    }

    fn serialize_tuple_variant(self, _: &'static str, index: u32, _: &'static str, _: usize) -> Result<Self, Error> {
        self.variant(index)?;
        Ok(self)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self, Error> {
        self.serialize_seq(length)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Error> {
        Ok(self)
    }

    fn serialize_struct_variant(self, _: &'static str, index: u32, _: &'static str, _: usize) -> Result<Self, Error> {
        self.variant(index)?;
        Ok(self)
    }
}

macro_rules! parts {
    ($($trait:ident: $method:ident($($name:ident)?);)*) => {$(
        impl ser::$trait for &mut Serializer {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, $($name: &'static str,)? value: &T) -> Result<(), Error> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), Error> {
                Ok(())
            }
        }
    )*};
}

parts! {
    SerializeSeq: serialize_element();
    SerializeTuple: serialize_element();
    SerializeTupleStruct: serialize_field();
    SerializeTupleVariant: serialize_field();
    SerializeStruct: serialize_field(_name);
    SerializeStructVariant: serialize_field(_name);
}

impl ser::SerializeMap for &mut Serializer {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Error> {
        Ok(())
    }
}
