//! Word statistics of a text, with what Rust's standard library offers: `HashMap`, `BTreeMap`, `Vec`, `String`, `format!`.
//!
//! Text crosses the border as `../README.md` describes.

mod border;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

/// How often each word occurs, case folded; a word is a run of letters and apostrophes.
fn count(text: &str) -> HashMap<String, u32> {
    let mut counts = HashMap::new();
    for word in text.split(|c: char| !c.is_alphabetic() && c != '\'').filter(|word| !word.is_empty()) {
        *counts.entry(word.to_lowercase()).or_insert(0) += 1;
    }
    counts
}

/// How many different words the text has.
#[no_mangle]
pub extern "C" fn distinct(address: *const u8, length: usize) -> u32 {
    count(&border::text(address, length)).len() as u32
}

/// The ten most frequent words, a line each, then how many words have each length.
#[no_mangle]
pub extern "C" fn report(address: *const u8, length: usize) -> u64 {
    let counts = count(&border::text(address, length));
    let total: u32 = counts.values().sum();
    let mut lengths = BTreeMap::new();
    for word in counts.keys() {
        *lengths.entry(word.chars().count()).or_insert(0u32) += 1;
    }
    let mut frequent: Vec<(&String, &u32)> = counts.iter().collect();
    frequent.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));

    let mut report = format!("{total} words, {} different\n", counts.len());
    for (word, count) in frequent.iter().take(10) {
        let share = f64::from(**count) * 100.0 / f64::from(total);
        let _ = writeln!(report, "{count:5} {share:5.2} % {word}");
    }
    let lengths: Vec<String> = lengths.iter().map(|(length, words)| format!("{length}:{words}")).collect();
    let _ = writeln!(report, "by length {}", lengths.join(" "));
    border::give(report)
}

/// A panic on purpose: with `panic = "abort"` it ends in a trap whose backtrace names the way there.
#[no_mangle]
pub extern "C" fn nth_word_length(address: *const u8, length: usize, n: usize) -> usize {
    let text = border::text(address, length);
    let words: Vec<&str> = text.split_whitespace().collect();
    words[n].len()
}
