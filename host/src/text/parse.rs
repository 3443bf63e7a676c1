//! Reading values.

use crate::device::{Kind, Value};

/// Reads a value of a kind.
///
/// - integers: decimal or `0x…`, negative or not, up to the largest unsigned one (`0xffffffff` is the i32 -1);
/// - floats: as Rust and C write them, `inf`, `nan`, `nan:0x…` with a payload, and hexadecimal floats that are exact;
/// - vectors: 128 bits as a number, or lanes, lowest first: `i8x16:…`, `i16x8:…`, `i32x4:1,2,3,4`, `i64x2:…`, `f32x4:…`,
///   `f64x2:…`;
/// - references: `null`.
///
/// # Errors
/// What is wrong with the text, and what would do.
pub fn parse(text: &str, kind: Kind) -> Result<Value, String> {
    match kind {
        Kind::I32 => Ok(Value::I32(integer(text, 32)? as i32)),
        Kind::I64 => Ok(Value::I64(integer(text, 64)? as i64)),
        Kind::F32 => Ok(Value::F32(float32(text)?)),
        Kind::F64 => Ok(Value::F64(float64(text)?)),
        Kind::V128 => vector(text).map(Value::V128),
        Kind::FuncRef | Kind::ExternRef | Kind::OtherRef | Kind::AnyRef | Kind::ExnRef if text == "null" => {
            Ok(Value::zero(kind))
        }
        _ => Err(format!("\"{text}\" is no {kind}: only null can be given")),
    }
}

fn digits(text: &str) -> (bool, u32, String) {
    let (negative, rest) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    match rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
        Some(hex) => (negative, 16, hex.replace('_', "")),
        None => (negative, 10, rest.replace('_', "")),
    }
}

/// An integer of `bits` bits, signed or unsigned, as its bits.
fn integer(text: &str, bits: u32) -> Result<u128, String> {
    let mask = u128::MAX >> (128 - bits);
    let (negative, radix, digits) = digits(text);
    let bad = || format!("\"{text}\" is no integer: write it in decimal or as 0x…");
    if digits.starts_with(['-', '+']) {
        return Err(bad());
    }
    let size = u128::from_str_radix(&digits, radix).map_err(|_| bad())?;
    let limit = if negative { 1 << (bits - 1) } else { mask };
    if size > limit {
        return Err(format!("{text} does not fit into {bits} bits"));
    }
    Ok(if negative { size.wrapping_neg() & mask } else { size })
}

fn no_float(text: &str) -> String {
    format!("\"{text}\" is no float: write it as 1.5, 1e-3, inf, nan or nan:0x…")
}

/// The sign and the payload of `nan:0x…`, which must be in 1..=`most`.
fn payload(text: &str, most: u64) -> Result<Option<(bool, u64)>, String> {
    let Some((sign, hex)) = text.split_once("nan:0x").filter(|(sign, _)| ["", "-", "+"].contains(sign)) else {
        return Ok(None);
    };
    match u64::from_str_radix(&hex.replace('_', ""), 16) {
        Ok(bits) if (1..=most).contains(&bits) => Ok(Some((sign == "-", bits))),
        _ => Err(format!("{text}: the payload of a nan is a number from 0x1 to {most:#x}")),
    }
}

fn float64(text: &str) -> Result<u64, String> {
    if let Some((negative, bits)) = payload(text, (1 << 52) - 1)? {
        return Ok(u64::from(negative) << 63 | 0x7ff << 52 | bits);
    }
    if digits(text).1 == 16 {
        return hex_float(text).map(f64::to_bits);
    }
    text.parse::<f64>().map(f64::to_bits).map_err(|_| no_float(text))
}

fn float32(text: &str) -> Result<u32, String> {
    if let Some((negative, bits)) = payload(text, (1 << 23) - 1)? {
        return Ok(u32::from(negative) << 31 | 0xff << 23 | bits as u32);
    }
    if digits(text).1 == 16 {
        let wide = hex_float(text)?;
        let narrow = wide as f32;
        return if f64::from(narrow) == wide { Ok(narrow.to_bits()) } else { Err(inexact(text)) };
    }
    text.parse::<f32>().map(f32::to_bits).map_err(|_| no_float(text))
}

fn inexact(text: &str) -> String {
    format!("{text} has more digits than the float: hexadecimal floats must be exact")
}

/// `0x1.8p3`: refused unless it is a float exactly, so nothing is ever rounded.
fn hex_float(text: &str) -> Result<f64, String> {
    let (negative, _, body) = digits(text);
    let (mantissa, exponent) = body.split_once(['p', 'P']).unwrap_or((&body, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{whole}{fraction}");
    let exponent: i32 = exponent.parse().map_err(|_| no_float(text))?;
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(no_float(text));
    }
    let mut bits = u128::from_str_radix(&digits, 16).map_err(|_| inexact(text))?;
    let mut scale = exponent.saturating_sub(4 * fraction.len() as i32);
    if bits != 0 {
        let zeros = bits.trailing_zeros();
        bits >>= zeros;
        scale = scale.saturating_add(zeros as i32);
    }
    // Exact: the significant bits fit, and so does each of the two steps, or the result is refused.
    let half = scale / 2;
    let value = bits as f64 * 2f64.powi(half) * 2f64.powi(scale - half);
    let fits = bits < 1 << 53
        && value.is_finite()
        && (bits == 0 || value / 2f64.powi(half) / 2f64.powi(scale - half) == bits as f64);
    if fits { Ok(if negative { -value } else { value }) } else { Err(inexact(text)) }
}

fn vector(text: &str) -> Result<u128, String> {
    let Some((shape, lanes)) = text.split_once(':') else {
        return integer(text, 128);
    };
    let (bits, count) = match shape {
        "i8x16" => (8, 16),
        "i16x8" => (16, 8),
        "i32x4" | "f32x4" => (32, 4),
        "i64x2" | "f64x2" => (64, 2),
        _ => return Err(format!("{shape} is no shape of a vector: i8x16, i16x8, i32x4, i64x2, f32x4, f64x2")),
    };
    let lanes: Vec<_> = lanes.split(',').map(str::trim).collect();
    if lanes.len() != count {
        return Err(format!("{shape} has {count} lanes and {} were given", lanes.len()));
    }
    lanes.iter().rev().try_fold(0u128, |vector, lane| {
        let lane = match shape {
            "f32x4" => u128::from(float32(lane)?),
            "f64x2" => u128::from(float64(lane)?),
            _ => integer(lane, bits)?,
        };
        Ok(vector << bits | lane)
    })
}

/// Reads a number of bytes: `4096`, `64KiB`, `1 MiB`, `2G`.
///
/// # Errors
/// It is none.
pub fn size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let shift = match text[end..].trim() {
        "" | "B" => 0,
        "K" | "KiB" => 10,
        "M" | "MiB" => 20,
        "G" | "GiB" => 30,
        _ => return Err(format!("\"{text}\" is no size: write bytes, or a number with KiB, MiB or GiB")),
    };
    let number: u64 = text[..end].parse().map_err(|_| format!("\"{text}\" is no size: it starts with no number"))?;
    number.checked_mul(1 << shift).ok_or_else(|| format!("{text} is more than 64 bits can count"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        for (text, expected) in
            [("-1", -1), ("0xffffffff", -1), ("4294967295", -1), ("-0x80000000", i32::MIN), ("1_000", 1000)]
        {
            assert_eq!(parse(text, Kind::I32), Ok(Value::I32(expected)), "{text}");
        }
        for bad in ["", "4294967296", "-2147483649", "1.5", "--1", "0x", "x"] {
            assert!(parse(bad, Kind::I32).is_err(), "{bad}");
        }
    }

    #[test]
    fn floats() {
        let reads = |text: &str, expected: f64| assert_eq!(parse(text, Kind::F64), Ok(Value::from(expected)), "{text}");
        reads("1", 1.0);
        reads("-1e-3", -0.001);
        reads("0x1.8p3", 12.0);
        reads("-0x10", -16.0);
        reads("0x1p-1074", f64::from_bits(1));
        reads("0x1.fffffffffffffp1023", f64::MAX);
        reads("-inf", f64::NEG_INFINITY);
        assert_eq!(parse("nan:0x1", Kind::F32), Ok(Value::F32(0x7f80_0001)));
        for bad in ["nan:0x0", "0x1p-1075", "0x1p1024", "0x1.00000000000001", "one", "0x", "0x.p1", ""] {
            assert!(parse(bad, Kind::F64).is_err(), "{bad}");
        }
        assert!(parse("0x1.000001p0", Kind::F32).is_err());
    }

    #[test]
    fn vectors() {
        let one_to_four = 0x0000_0004_0000_0003_0000_0002_0000_0001;
        assert_eq!(parse("i32x4:1,2,3,4", Kind::V128), Ok(Value::V128(one_to_four)));
        assert_eq!(parse("0x4000000030000000200000001", Kind::V128), Ok(Value::V128(one_to_four)));
        assert_eq!(parse("f64x2:1,-0.0", Kind::V128), Ok(Value::V128(1 << 127 | 0x3ff0 << 48)));
        assert_eq!(parse("i8x16:-1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0", Kind::V128), Ok(Value::V128(255)));
        for bad in ["i32x4:1,2,3", "i8x8:1", "i16x8:70000,0,0,0,0,0,0,0", "i32x4"] {
            assert!(parse(bad, Kind::V128).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(size("64KiB"), Ok(65536));
        assert_eq!(size("2 MiB"), Ok(2 << 20));
        assert_eq!(size("100"), Ok(100));
        assert!(size("KiB").is_err() && size("1 TB").is_err() && size("99999999999GiB").is_err());
    }
}
