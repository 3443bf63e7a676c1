//! Platforms that differ from a given one in a single key: what tests of both sides go through.

use std::format;
use std::string::String;
use std::vec::Vec;

use crate::features::BUILDS_ON;
use crate::keys::{KEYS, Key};
use crate::platform::Platform;
use crate::value::{Kind, Value};

/// For each key, `--set` texts that change `platform` in that key (and, for a wasm feature that is switched off, in those
/// that build on it) and give a platform that can work. A key for which there is none (nothing else would work there) is
/// left out.
pub fn of(platform: &Platform, name_or_path: &str) -> Vec<(&'static Key, Vec<String>)> {
    let mut all = Vec::new();
    for key in KEYS.iter() {
        let now = platform.values.find(&key.path);
        for value in others(key, now) {
            let mut sets = Vec::from([format!("{}={value}", key.path)]);
            if value == Value::Bool(false)
                && let Some(feature) = key.path.strip_prefix("wasm.")
            {
                sets.extend(dependents(feature).map(|d| format!("wasm.{d}=false")));
            }
            if Platform::load(name_or_path, &sets).is_ok() {
                all.push((key, sets));
            }
        }
    }
    all
}

/// The features that build on this one, directly or through others.
fn dependents(feature: &str) -> impl Iterator<Item = &'static str> {
    let mut found = Vec::from([feature]);
    for (later, earlier) in BUILDS_ON {
        if found.contains(earlier) {
            found.push(later);
        }
    }
    BUILDS_ON.iter().map(|(later, _)| *later).filter(move |later| found[1..].contains(later))
}

/// Values of the key's kind that are not the present one.
fn others(key: &Key, now: Option<&Value>) -> Vec<Value> {
    let candidates: Vec<Value> = match (key.kind, now) {
        (Kind::Bool, _) => [true, false].map(Value::Bool).into(),
        (Kind::Choice(names), _) => names.iter().map(|n| Value::Text((*n).into())).collect(),
        (Kind::Bytes, Some(Value::Bytes(n))) => [n * 2, n + (64 << 10)].map(Value::Bytes).into(),
        (Kind::Bytes, _) => [Value::Bytes(1 << 20)].into(),
        (Kind::List, Some(Value::List(items))) => {
            [&items[..items.len().saturating_sub(1)], &[]].map(|l| Value::List(l.to_vec())).into()
        }
        (Kind::List | Kind::Text, _) => Vec::new(),
    };
    candidates.into_iter().filter(|v| Some(v) != now).collect()
}
