//! Divisions and conversions that have no result.

use std::fmt::Write as _;

use minplat_host::Value;

use crate::common::checks::{CONVERSION, DIVISION, OVERFLOW, UNREACHABLE, call, on_each, traps};

/// A division: its arguments, and the trap; none: it has a result.
fn divisions() -> Vec<(String, [String; 2], Option<u32>)> {
    let mut all = Vec::new();
    for (ty, least) in [("i32", "0x80000000"), ("i64", "0x8000000000000000")] {
        for op in ["div_s", "div_u", "rem_s", "rem_u"] {
            let mut add = |a: &str, b: &str, trap| {
                all.push((format!("{ty}.{op}"), [a, b].map(|of| format!("({ty}.const {of})")), trap));
            };
            add("7", "0", Some(DIVISION));
            add("0", "0", Some(DIVISION));
            add("7", "2", None);
            // The one quotient that is no number; the remainder is 0.
            add(least, "-1", (op == "div_s").then_some(OVERFLOW));
        }
    }
    all
}

/// A conversion: its argument, and the trap; none: it has a result.
fn conversions() -> Vec<(String, [String; 2], Option<u32>)> {
    let mut all = Vec::new();
    for to in ["i32", "i64"] {
        for from in ["f32", "f64"] {
            for sign in ["s", "u"] {
                let mut add = |value: &str, trap: Option<u32>| {
                    let argument = [format!("({from}.const {value})"), String::new()];
                    all.push((format!("{to}.trunc_{from}_{sign}"), argument.clone(), trap));
                    all.push((format!("{to}.trunc_sat_{from}_{sign}"), argument, None));
                };
                add("nan", Some(CONVERSION));
                add("-nan:0x1", Some(CONVERSION));
                add("inf", Some(OVERFLOW));
                add("-inf", Some(OVERFLOW));
                let bits = if to == "i32" { 32 } else { 64 };
                let most = if sign == "s" { bits - 1 } else { bits };
                add(&format!("0x1p{most}"), Some(OVERFLOW));
                add(&format!("-0x1.8p{most}"), Some(OVERFLOW));
                add("-0.9", None);
                add("-1", (sign == "u").then_some(OVERFLOW));
                add("1.5", None);
            }
        }
    }
    all
}

#[test]
fn divisions_and_conversions_without_a_result_trap() {
    let mut cases = [divisions(), conversions()].concat();
    cases.push(("unreachable".into(), [String::new(), String::new()], Some(UNREACHABLE)));
    let mut wat = String::from("(module\n");
    for (index, (op, arguments, _)) in cases.iter().enumerate() {
        let [a, b] = arguments;
        writeln!(wat, "(func $f{index} (export \"f{index}\") (drop ({op} {a} {b})))").unwrap();
        // The same, where the compiler does not see the numbers.
        if a.is_empty() {
            continue;
        }
        let ty = &a[1..4];
        let second = if b.is_empty() { "" } else { "(local.get 1)" };
        writeln!(wat, "(func $g{index} (param {ty} {ty}) (drop ({op} (local.get 0) {second})))").unwrap();
        let b = if b.is_empty() { a } else { b };
        writeln!(wat, "(func (export \"g{index}\") (call $g{index} {a} {b}))").unwrap();
    }
    wat = wat.replace("(drop (unreachable  ))", "(unreachable)") + ")";
    on_each(&wat, |platform, running| {
        for (index, (op, arguments, trap)) in cases.iter().enumerate() {
            for name in [format!("f{index}"), format!("g{index}")] {
                if arguments[0].is_empty() && name.starts_with('g') {
                    continue;
                }
                let done = call(&mut running.store, &running.instance, &name, &[] as &[Value]);
                match (done, trap) {
                    (Ok(_), None) => {}
                    (Err(error), Some(code)) => traps(platform, &error, &name, *code),
                    (done, _) => panic!("{platform} {op} {arguments:?}: {done:?}, not {trap:?}"),
                }
            }
        }
    });
}
