//! Printing values.

use crate::device::Value;

/// A value: integers signed and decimal; floats as short as they can be read back, `nan` with its payload where that is not
/// the usual one; vectors as one hexadecimal number, lane 0 lowest; references as `null`, or what they refer to.
pub fn print(value: &Value) -> String {
    match value {
        Value::I32(v) => v.to_string(),
        Value::I64(v) => v.to_string(),
        Value::F32(v) => {
            let float = f32::from_bits(*v);
            if float.is_nan() { nan(v >> 31 != 0, u64::from(v & 0x7f_ffff), 0x40_0000) } else { format!("{float:?}") }
        }
        Value::F64(v) => {
            let float = f64::from_bits(*v);
            let payload = v & 0xf_ffff_ffff_ffff;
            if float.is_nan() { nan(v >> 63 != 0, payload, 0x8_0000_0000_0000) } else { format!("{float:?}") }
        }
        Value::V128(v) => format!("0x{v:032x}"),
        Value::FuncRef(None)
        | Value::ExternRef(None)
        | Value::OtherRef(None)
        | Value::AnyRef(None)
        | Value::ExnRef(None) => "null".into(),
        Value::FuncRef(Some(_)) => "funcref".into(),
        Value::ExternRef(Some(_)) => "externref".into(),
        Value::OtherRef(Some(_)) => "ref".into(),
        Value::AnyRef(Some(_)) => "anyref".into(),
        Value::ExnRef(Some(_)) => "exnref".into(),
    }
}

fn nan(negative: bool, payload: u64, usual: u64) -> String {
    let sign = if negative { "-" } else { "" };
    if payload == usual { format!("{sign}nan") } else { format!("{sign}nan:{payload:#x}") }
}

/// Values with their kinds, as in `i32:1, f64:0.5`.
pub fn list(values: &[Value]) -> String {
    values.iter().map(|value| format!("{}:{}", value.kind(), print(value))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::Kind;

    #[test]
    fn what_is_printed_reads_back_bit_by_bit() {
        let floats = [0, 0x8000_0000, 1, 0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 0xffc0_0000, 0x7f80_0001, 0x3dcc_cccd];
        for bits in floats {
            let value = Value::F32(bits);
            assert_eq!(crate::text::parse(&print(&value), Kind::F32).unwrap(), value, "{bits:#x}");
        }
        for bits in [1, f64::MAX.to_bits(), 0.1f64.to_bits(), 0x7ff0_0000_0000_0001, 0xfff8_0000_0000_0000] {
            let value = Value::F64(bits);
            assert_eq!(crate::text::parse(&print(&value), Kind::F64).unwrap(), value, "{bits:#x}");
        }
        for value in [Value::I64(i64::MIN), Value::I32(-1), Value::V128(u128::MAX - 5), Value::FuncRef(None)] {
            assert_eq!(crate::text::parse(&print(&value), value.kind()).unwrap(), value);
        }
        assert_eq!(print(&Value::from(5.0f64)), "5.0");
        assert_eq!(print(&Value::from(f32::NAN)), "nan");
    }
}
