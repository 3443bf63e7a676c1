//! Values of the host's as a bundle has them.

use minplat_host::Value;

/// A number, a vector or a null. Other references have no form in a bundle: they become null.
pub fn number(value: &Value) -> minplat_bundle::Value {
    let bits = match value {
        Value::I32(value) => u128::from(value.cast_unsigned()),
        Value::I64(value) => u128::from(value.cast_unsigned()),
        Value::F32(bits) => u128::from(*bits),
        Value::F64(bits) => u128::from(*bits),
        Value::V128(bits) => *bits,
        _ => 0,
    };
    minplat_bundle::Value { kind: value.kind().number(), bits }
}
