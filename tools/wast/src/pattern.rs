//! What a script expects of a result.

use std::fmt;

use minplat_host::{Heap, Kind, Store, Value, text};
use wast::core::{NanPattern, V128Pattern, WastRetCore};

use crate::host_ref::HostRefs;
use crate::value;

/// What a result must be.
#[derive(Debug)]
pub(crate) enum Pattern {
    /// Exactly this, bit by bit.
    Value(Value),
    F32(Nan),
    F64(Nan),
    F32x4([Lane; 4]),
    F64x2([Lane; 2]),
    /// Null, of this kind if one is given.
    Null(Option<Kind>),
    /// An externref to the host's thing of this number, or to any.
    Extern(Option<u32>),
    /// An anyref to the host's thing of this number.
    Host(u32),
    /// Any function.
    Func,
    /// Any anyref that is not null.
    Any,
    /// What can be compared: not the host's things.
    Eq,
    Is(Heap),
    Either(Vec<Pattern>),
    /// A form that is not known; what it is.
    Beyond(String),
}

/// A NaN of a class.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Nan {
    /// The payload's highest bit alone; either sign.
    Canonical,
    /// The payload's highest bit and any others; either sign.
    Arithmetic,
}

/// A float in a vector.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lane {
    Nan(Nan),
    Bits(u64),
}

impl Pattern {
    pub(crate) fn of(result: &WastRetCore<'_>) -> Self {
        match result {
            WastRetCore::I32(v) => Pattern::Value(Value::I32(*v)),
            WastRetCore::I64(v) => Pattern::Value(Value::I64(*v)),
            WastRetCore::F32(NanPattern::Value(v)) => Pattern::Value(Value::F32(v.bits)),
            WastRetCore::F64(NanPattern::Value(v)) => Pattern::Value(Value::F64(v.bits)),
            WastRetCore::F32(nan) => Pattern::F32(class(nan).unwrap_or(Nan::Canonical)),
            WastRetCore::F64(nan) => Pattern::F64(class(nan).unwrap_or(Nan::Canonical)),
            WastRetCore::V128(pattern) => vector(pattern),
            WastRetCore::RefNull(ty) => Pattern::Null(ty.as_ref().and_then(value::kind)),
            WastRetCore::RefExtern(number) => Pattern::Extern(*number),
            WastRetCore::RefHost(number) => Pattern::Host(*number),
            WastRetCore::RefFunc(None) => Pattern::Func,
            WastRetCore::RefAny => Pattern::Any,
            WastRetCore::RefEq => Pattern::Eq,
            WastRetCore::RefArray => Pattern::Is(Heap::Array),
            WastRetCore::RefStruct => Pattern::Is(Heap::Struct),
            WastRetCore::RefI31 => Pattern::Is(Heap::I31),
            WastRetCore::Either(choices) => Pattern::Either(choices.iter().map(Pattern::of).collect()),
            other => Pattern::Beyond(format!("{other:?}")),
        }
    }

    /// The same for firmware to compare with; `None` for what firmware without a collector never has.
    pub(crate) fn in_bundle(&self) -> Option<minplat_bundle::Pattern> {
        let number = |kind: Kind, mask, bits| minplat_bundle::Pattern::Bits { kind: kind.number(), mask, bits };
        let lanes = |lanes: &[Lane], width: u32| {
            let (mut mask, mut bits) = (0, 0);
            for (at, lane) in (0u32..).zip(lanes) {
                let (lane_mask, lane_bits) = match (lane, width) {
                    (Lane::Nan(nan), 32) => nan.masked_f32(),
                    (Lane::Nan(nan), _) => nan.masked_f64(),
                    (Lane::Bits(bits), width) => (u128::MAX >> (128 - width), u128::from(*bits)),
                };
                mask |= lane_mask << (at * width);
                bits |= lane_bits << (at * width);
            }
            number(Kind::V128, mask, bits)
        };
        Some(match self {
            Pattern::Value(value) => {
                let value = minplat_qemu::value::number(value);
                minplat_bundle::Pattern::Bits { kind: value.kind, mask: u128::MAX, bits: value.bits }
            }
            Pattern::F32(nan) => number(Kind::F32, nan.masked_f32().0, nan.masked_f32().1),
            Pattern::F64(nan) => number(Kind::F64, nan.masked_f64().0, nan.masked_f64().1),
            Pattern::F32x4(all) => lanes(all, 32),
            Pattern::F64x2(all) => lanes(all, 64),
            Pattern::Null(kind) => minplat_bundle::Pattern::Null(kind.map(Kind::number)),
            Pattern::Func => minplat_bundle::Pattern::Reference(Kind::FuncRef.number()),
            _ => return None,
        })
    }

    /// Whether a result is as it should be.
    pub(crate) fn matches(&self, value: &Value, store: &mut Store, host: &HostRefs) -> bool {
        match (self, value) {
            (Pattern::Value(expected), value) => expected == value,
            (Pattern::F32(nan), Value::F32(bits)) => nan.matches_f32(*bits),
            (Pattern::F64(nan), Value::F64(bits)) => nan.matches_f64(*bits),
            (Pattern::F32x4(lanes), Value::V128(bits)) => lanes.iter().enumerate().all(|(at, lane)| match lane {
                Lane::Nan(nan) => nan.matches_f32((bits >> (32 * at)) as u32),
                Lane::Bits(expected) => *expected == u64::from((bits >> (32 * at)) as u32),
            }),
            (Pattern::F64x2(lanes), Value::V128(bits)) => lanes.iter().enumerate().all(|(at, lane)| match lane {
                Lane::Nan(nan) => nan.matches_f64((bits >> (64 * at)) as u64),
                Lane::Bits(expected) => *expected == (bits >> (64 * at)) as u64,
            }),
            (Pattern::Null(kind), value) => {
                let is_null = matches!(
                    value,
                    Value::FuncRef(None)
                        | Value::ExternRef(None)
                        | Value::OtherRef(None)
                        | Value::AnyRef(None)
                        | Value::ExnRef(None)
                );
                is_null && kind.is_none_or(|kind| kind == value.kind())
            }
            (Pattern::Extern(None), Value::ExternRef(Some(_))) => true,
            (Pattern::Extern(Some(number)), Value::ExternRef(Some(_))) => {
                value.text_behind(store).is_some_and(|text| text == number.to_string())
            }
            (Pattern::Host(number), Value::AnyRef(Some(_))) => host.number(store, value) == Some(*number),
            (Pattern::Func, Value::FuncRef(Some(_))) => true,
            (Pattern::Any, Value::AnyRef(Some(_))) => true,
            (Pattern::Eq, Value::AnyRef(Some(_))) => value.heap(store).is_some_and(|heap| heap != Heap::Host),
            (Pattern::Is(expected), Value::AnyRef(Some(_))) => value.heap(store) == Some(*expected),
            (Pattern::Either(choices), value) => choices.iter().any(|choice| choice.matches(value, store, host)),
            _ => false,
        }
    }
}

impl Nan {
    /// Which bits count, and what they are.
    fn masked_f32(self) -> (u128, u128) {
        match self {
            Nan::Canonical => (0x7fff_ffff, 0x7fc0_0000),
            Nan::Arithmetic => (0x7fc0_0000, 0x7fc0_0000),
        }
    }

    fn masked_f64(self) -> (u128, u128) {
        match self {
            Nan::Canonical => (0x7fff_ffff_ffff_ffff, 0x7ff8_0000_0000_0000),
            Nan::Arithmetic => (0x7ff8_0000_0000_0000, 0x7ff8_0000_0000_0000),
        }
    }

    fn matches_f32(self, bits: u32) -> bool {
        let (mask, wanted) = self.masked_f32();
        u128::from(bits) & mask == wanted
    }

    fn matches_f64(self, bits: u64) -> bool {
        let (mask, wanted) = self.masked_f64();
        u128::from(bits) & mask == wanted
    }
}

fn class<T>(pattern: &NanPattern<T>) -> Option<Nan> {
    match pattern {
        NanPattern::CanonicalNan => Some(Nan::Canonical),
        NanPattern::ArithmeticNan => Some(Nan::Arithmetic),
        NanPattern::Value(_) => None,
    }
}

fn vector(pattern: &V128Pattern) -> Pattern {
    fn bits<const N: usize>(lanes: [u128; N]) -> Pattern {
        let width = 128 / N;
        let mask = u128::MAX >> (128 - width);
        let all =
            lanes.iter().rev().fold(0, |all, lane| if width == 128 { *lane } else { all << width | (lane & mask) });
        Pattern::Value(Value::V128(all))
    }
    fn lane<T>(pattern: &NanPattern<T>, bits: impl Fn(&T) -> u64) -> Lane {
        match pattern {
            NanPattern::CanonicalNan => Lane::Nan(Nan::Canonical),
            NanPattern::ArithmeticNan => Lane::Nan(Nan::Arithmetic),
            NanPattern::Value(value) => Lane::Bits(bits(value)),
        }
    }
    match pattern {
        V128Pattern::I8x16(lanes) => bits(lanes.map(|lane| lane as u128)),
        V128Pattern::I16x8(lanes) => bits(lanes.map(|lane| lane as u128)),
        V128Pattern::I32x4(lanes) => bits(lanes.map(|lane| lane as u128)),
        V128Pattern::I64x2(lanes) => bits(lanes.map(|lane| lane as u128)),
        V128Pattern::F32x4(lanes) => {
            Pattern::F32x4([0, 1, 2, 3].map(|at| lane(&lanes[at], |float| u64::from(float.bits))))
        }
        V128Pattern::F64x2(lanes) => Pattern::F64x2([0, 1].map(|at| lane(&lanes[at], |float| float.bits))),
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pattern::Value(value) => f.write_str(&text::list(std::slice::from_ref(value))),
            Pattern::F32(nan) => write!(f, "f32:{nan}"),
            Pattern::F64(nan) => write!(f, "f64:{nan}"),
            Pattern::F32x4(lanes) => write!(f, "v128:f32x4:{}", all(lanes, |bits| Value::F32(bits as u32))),
            Pattern::F64x2(lanes) => write!(f, "v128:f64x2:{}", all(lanes, Value::F64)),
            Pattern::Null(Some(kind)) => write!(f, "{kind}:null"),
            Pattern::Null(None) => f.write_str("null"),
            Pattern::Extern(Some(number)) => write!(f, "externref:{number}"),
            Pattern::Extern(None) => f.write_str("an externref"),
            Pattern::Host(number) => write!(f, "anyref:host {number}"),
            Pattern::Func => f.write_str("a funcref"),
            Pattern::Any => f.write_str("an anyref"),
            Pattern::Eq => f.write_str("an eqref"),
            Pattern::Is(Heap::I31) => f.write_str("an i31ref"),
            Pattern::Is(Heap::Struct) => f.write_str("a structref"),
            Pattern::Is(Heap::Array) => f.write_str("an arrayref"),
            Pattern::Is(Heap::Host) => f.write_str("the host's"),
            Pattern::Either(choices) => f.write_str(&list(choices, " or ")),
            Pattern::Beyond(what) => write!(f, "{what}, which this program does not know"),
        }
    }
}

impl fmt::Display for Nan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Nan::Canonical => "nan:canonical",
            Nan::Arithmetic => "nan:arithmetic",
        })
    }
}

fn all(lanes: &[Lane], value: impl Fn(u64) -> Value) -> String {
    let lane = |lane: &Lane| match lane {
        Lane::Nan(nan) => nan.to_string(),
        Lane::Bits(bits) => text::print(&value(*bits)),
    };
    lanes.iter().map(lane).collect::<Vec<_>>().join(",")
}

/// Patterns with something between them.
pub(crate) fn list(patterns: &[Pattern], between: &str) -> String {
    patterns.iter().map(Pattern::to_string).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nans_are_of_their_class_with_either_sign() {
        for (bits, canonical, arithmetic) in [
            (0x7fc0_0000, true, true),
            (0xffc0_0000, true, true),
            (0x7fc0_0001, false, true),
            (0x7f80_0001, false, false),
            (0x7f80_0000, false, false),
        ] {
            assert_eq!(Nan::Canonical.matches_f32(bits), canonical, "{bits:#x}");
            assert_eq!(Nan::Arithmetic.matches_f32(bits), arithmetic, "{bits:#x}");
            // The same as f64.
            let wide = u64::from(bits & 0x8000_0000) << 32 | 0x7ff << 52 | u64::from(bits & 0x7f_ffff) << 29;
            assert_eq!(Nan::Canonical.matches_f64(wide), canonical, "{wide:#x}");
            assert_eq!(Nan::Arithmetic.matches_f64(wide), arithmetic, "{wide:#x}");
        }
    }

    #[test]
    fn lanes_lie_lowest_first() {
        let Pattern::Value(Value::V128(bits)) = vector(&V128Pattern::I16x8([1, -1, 0, 0, 0, 0, 0, 2])) else {
            panic!()
        };
        assert_eq!(bits, 0x0002_0000_0000_0000_0000_0000_ffff_0001);
        let Pattern::Value(Value::V128(bits)) = vector(&V128Pattern::I64x2([1, -1])) else { panic!() };
        assert_eq!(bits, u128::MAX << 64 | 1);
    }
}
