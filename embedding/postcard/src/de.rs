//! Decoding.

use core::str;

use serde_core::de::{self, DeserializeSeed, IntoDeserializer as _, Visitor};

use crate::Error;

/// Structures that a device does not decode.
const REFUSED: &str = if cfg!(feature = "use-std") { "" } else { "OperatorCost" };

/// What is still to be decoded.
pub(crate) struct Deserializer<'de>(&'de [u8]);

impl<'de> Deserializer<'de> {
    pub(crate) const fn new(bytes: &'de [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn rest(&self) -> &'de [u8] {
        self.0
    }

    fn byte(&mut self) -> Result<u8, Error> {
        let (first, rest) = self.0.split_first().ok_or(Error)?;
        self.0 = rest;
        Ok(*first)
    }

    fn bytes(&mut self) -> Result<&'de [u8], Error> {
        let length = self.length()?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Error)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (array, rest) = self.0.split_first_chunk().ok_or(Error)?;
        self.0 = rest;
        Ok(*array)
    }

    /// Nearly all texts are short and ASCII; the library takes those byte by byte, at more than twice the cost.
    fn text(&mut self) -> Result<&'de str, Error> {
        let bytes = self.bytes()?;
        if bytes.iter().all(u8::is_ascii) {
            // SAFETY: ASCII is UTF-8.
            return Ok(unsafe { str::from_utf8_unchecked(bytes) });
        }
        str::from_utf8(bytes).map_err(|_| Error)
    }

    /// A number of up to 64 bits: seven in a byte, the lowest first; the highest bit says that there are more. It may be longer
    /// than need be, up to ten bytes. Most have up to three, or are the index of nothing.
    fn number(&mut self) -> Result<u64, Error> {
        match *self.0 {
            [a, ref rest @ ..] if a < 0x80 => {
                self.0 = rest;
                Ok(a.into())
            }
            [a, b, ref rest @ ..] if b < 0x80 => {
                self.0 = rest;
                Ok(u64::from(a & 0x7f) | u64::from(b) << 7)
            }
            [a, b, c, ref rest @ ..] if c < 0x80 => {
                self.0 = rest;
                Ok(u64::from(a & 0x7f) | u64::from(b & 0x7f) << 7 | u64::from(c) << 14)
            }
            [0xff, 0xff, 0xff, 0xff, 0x0f, ref rest @ ..] => {
                self.0 = rest;
                Ok(u32::MAX.into())
            }
            _ => self.long_number(),
        }
    }

    #[cold]
    fn long_number(&mut self) -> Result<u64, Error> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if part << shift >> shift != part {
                return Err(Error);
            }
            number |= part << shift;
            if byte < 0x80 {
                return Ok(number);
            }
            shift += 7;
            if shift > 63 {
                return Err(Error);
            }
        }
    }

    /// A number of `T`.
    fn number_of<T: TryFrom<u64>>(&mut self) -> Result<T, Error> {
        T::try_from(self.number()?).map_err(|_| Error)
    }

    fn length(&mut self) -> Result<usize, Error> {
        self.number_of()
    }

    /// A number of 128 bits.
    fn long(&mut self) -> Result<u128, Error> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            let part = u128::from(byte & 0x7f);
            if part << shift >> shift != part {
                return Err(Error);
            }
            number |= part << shift;
            if byte < 0x80 {
                return Ok(number);
            }
            shift += 7;
            if shift > 127 {
                return Err(Error);
            }
        }
    }
}

/// Signed numbers are counted from zero in both directions: 0, -1, 1, -2 …
const fn signed(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

macro_rules! numbers {
    ($($method:ident, $visit:ident: |$d:ident| $value:expr;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let $d = self;
            visitor.$visit($value)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for &mut Deserializer<'de> {
    type Error = Error;

    fn is_human_readable(&self) -> bool {
        false
    }

    numbers! {
        deserialize_u8, visit_u8: |d| d.byte()?;
        deserialize_u16, visit_u16: |d| d.number_of()?;
        deserialize_u32, visit_u32: |d| d.number_of()?;
        deserialize_u64, visit_u64: |d| d.number()?;
        deserialize_u128, visit_u128: |d| d.long()?;
        deserialize_i8, visit_i8: |d| d.byte()? as i8;
        deserialize_i16, visit_i16: |d| signed(d.number_of::<u16>()?.into()) as i16;
        deserialize_i32, visit_i32: |d| signed(d.number_of::<u32>()?.into()) as i32;
        deserialize_i64, visit_i64: |d| signed(d.number()?);
        deserialize_i128, visit_i128: |d| { let n = d.long()?; (n >> 1) as i128 ^ -((n & 1) as i128) };
        deserialize_f32, visit_f32: |d| f32::from_le_bytes(d.array()?);
        deserialize_f64, visit_f64: |d| f64::from_le_bytes(d.array()?);
        deserialize_str, visit_borrowed_str: |d| d.text()?;
        deserialize_string, visit_borrowed_str: |d| d.text()?;
        deserialize_bytes, visit_borrowed_bytes: |d| d.bytes()?;
        deserialize_byte_buf, visit_borrowed_bytes: |d| d.bytes()?;
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.byte()? {
            0 => visitor.visit_bool(false),
            1 => visitor.visit_bool(true),
            _ => Err(Error),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut chars = self.text()?.chars();
        match (chars.next(), chars.next()) {
            (Some(char), None) => visitor.visit_char(char),
            _ => Err(Error),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.byte()? {
            0 => visitor.visit_none(),
            1 => visitor.visit_some(self),
            _ => Err(Error),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let left = self.length()?;
        visitor.visit_seq(Elements { of: self, left })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let left = self.length()?;
        visitor.visit_map(Elements { of: self, left })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(Fields(self))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_seq(Fields(self))
    }

    // In its caller, where the name is known: what is refused leaves no code.
    #[inline(always)]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == REFUSED { Err(Error) } else { visitor.visit_seq(Fields(self)) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self)
    }

    /// The encoding does not say what it is an encoding of.
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error)
    }

    /// Fields have no names in it.
    fn deserialize_identifier<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error)
    }
}

/// The elements of a sequence, or the entries of a map, whose number stands before them.
struct Elements<'a, 'de> {
    of: &'a mut Deserializer<'de>,
    left: usize,
}

impl Elements<'_, '_> {
    /// Whether there is one more.
    fn step(&mut self) -> bool {
        let is_one = self.left > 0;
        self.left -= usize::from(is_one);
        is_one
    }

    /// No more than there are bytes: room for more would be made in vain.
    fn hint(&self) -> Option<usize> {
        Some(self.left).filter(|left| *left <= self.of.0.len())
    }
}

impl<'de> de::SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        self.step().then(|| seed.deserialize(&mut *self.of)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        self.hint()
    }
}

impl<'de> de::MapAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        self.step().then(|| seed.deserialize(&mut *self.of)).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(&mut *self.of)
    }

    fn size_hint(&self) -> Option<usize> {
        self.hint()
    }
}

/// The fields of a structure: the visitor knows how many there are.
struct Fields<'a, 'de>(&'a mut Deserializer<'de>);

impl<'de> de::SeqAccess<'de> for Fields<'_, 'de> {
    type Error = Error;

    #[inline(always)]
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        seed.deserialize(&mut *self.0).map(Some)
    }
}

impl<'de> de::EnumAccess<'de> for &mut Deserializer<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Error> {
        let index = self.number_of::<u32>()?;
        Ok((seed.deserialize(index.into_deserializer())?, self))
    }
}

impl<'de> de::VariantAccess<'de> for &mut Deserializer<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(Fields(self))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(Fields(self))
    }
}
