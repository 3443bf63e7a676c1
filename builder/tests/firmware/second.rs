//! Somebody else's static library in Rust: with `std`, a heap, a panic handler and unwinding of its own.

use std::collections::HashMap;

/// Counts words and says how many differ; panics inside, and catches it.
#[unsafe(no_mangle)]
pub extern "C" fn second_count_words() -> u32 {
    std::panic::set_hook(Box::new(|_| {}));
    let caught = std::panic::catch_unwind(|| {
        let words: Vec<String> = "a b a c".split(' ').map(String::from).collect();
        words[words.len()].len()
    });
    assert!(caught.is_err());
    let mut counts = HashMap::new();
    for word in "to be or not to be".split(' ') {
        *counts.entry(word.to_string()).or_insert(0u32) += 1;
    }
    counts.len() as u32
}
