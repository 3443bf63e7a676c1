//! A module to compile, and the same with one function changed.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use wasmparser::{Operator, Parser, Payload};

/// About what one function of [`generated`] takes in the binary.
const FUNCTION_BYTES: usize = 132;

/// The module with another constant in one function, which is another one each round.
pub(crate) fn one_changed(wasm: &[u8], round: usize, rounds: usize) -> Result<Vec<u8>> {
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::CodeSectionEntry(body) = payload? {
            bodies.push(body);
        }
    }
    for body in &bodies[bodies.len() * (round + 1) / (rounds + 2)..] {
        for operator in body.get_operators_reader()?.into_iter_with_offsets() {
            // One byte, and the other value takes one too.
            if let (Operator::I32Const { value: 2..64 }, at) = operator? {
                let mut changed = wasm.to_vec();
                changed[at + 1] ^= 1;
                return Ok(changed);
            }
        }
    }
    bail!("no function has a small constant to change")
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
