//! A module to compile, and the same with one function changed.

use std::fmt::Write as _;

use anyhow::{Result, ensure};
use wasmparser::{Operator, Parser, Payload};

/// About what one function of [`generated`] takes in the binary.
const FUNCTION_BYTES: usize = 132;

/// Where so many functions, each another, have a small constant that can be changed: offsets of bytes, from all over the module.
///
/// # Errors
/// It is no module, or has fewer such functions.
pub(crate) fn changes(wasm: &[u8], count: usize) -> Result<Vec<usize>> {
    let mut all = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::CodeSectionEntry(body) = payload? {
            for operator in body.get_operators_reader()?.into_iter_with_offsets() {
                // One byte, and the other value takes one too.
                if let (Operator::I32Const { value: 2..64 }, at) = operator? {
                    all.push(at + 1);
                    break;
                }
            }
        }
    }
    ensure!(all.len() > count, "only {} functions have a small constant to change, for {count} rounds", all.len());
    Ok((0..count).map(|nth| all[(nth + 1) * all.len() / (count + 1)]).collect())
}

/// The module with the constant at such an offset changed.
pub(crate) fn with(wasm: &[u8], at: usize) -> Vec<u8> {
    let mut changed = wasm.to_vec();
    changed[at] ^= 1;
    changed
}

/// A module of about so many bytes: functions with loops, loads, stores, floats and calls of each other, no two the same.
pub(crate) fn generated(bytes: usize) -> Result<Vec<u8>> {
    let mut text = String::from("(module (memory 1)\n");
    for n in 0..bytes / FUNCTION_BYTES {
        let (callee, a, b) = (n.saturating_sub(1 + n % 7), n % 251, n % 83);
        write!(
            text,
            "(func (export \"f{n}\") (param $x i32) (param $y f64) (result i32) (local $i i32) (local $sum i64)
               (loop $again
                 (local.set $sum (i64.add (local.get $sum) (i64.load offset={a} (i32.and (local.get $i) (i32.const 8184)))))
                 (i64.store offset={b} (i32.and (local.get $x) (i32.const 8184)) (i64.rotl (local.get $sum) (i64.const {b})))
                 (local.set $y (f64.mul (f64.sqrt (f64.abs (local.get $y))) (f64.const {a}.5)))
                 (if (i32.eq (local.get $i) (i32.const {a}))
                   (then (local.set $x (call {callee} (local.get $i) (local.get $y)))))
                 (local.set $i (i32.add (local.get $i) (i32.const 1)))
                 (br_if $again (i32.lt_u (local.get $i) (local.get $x))))
               (i32.xor (i32.wrap_i64 (local.get $sum)) (i32.trunc_sat_f64_s (local.get $y))))\n"
        )?;
    }
    text.push(')');
    Ok(wat::parse_str(&text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_round_changes_another_function() {
        let wasm = generated(20_000).unwrap();
        let changes = changes(&wasm, 50).unwrap();
        assert_eq!(changes.iter().collect::<std::collections::BTreeSet<_>>().len(), 50);
        for at in changes {
            let changed = with(&wasm, at);
            wasmparser::validate(&changed).unwrap();
            assert_eq!(changed.iter().zip(&wasm).filter(|(one, other)| one != other).count(), 1);
        }
        assert!(super::changes(&wasm, 1000).unwrap_err().to_string().starts_with("only "));
    }
}
