//! Runtimes beside each other as a table, and what to know of its numbers.

use anyhow::Result;
use minplat_platform::Platform;
use minplat_platform::settings::Interruption;

use super::build::Bench;
use super::{Comparison, Peer};
use minplat_report::Table;

/// The table, with the sentences below.
pub(crate) fn text(comparison: &Comparison) -> String {
    let Comparison { platform, toolchain, rows, method, .. } = comparison;
    let base = rows.first().and_then(|row| row.sizes.as_ref()).map_or(0, |sizes| sizes.total);
    let head = ["runtime", "version", "on the device it", "total", "text", "data", "bss", "× minplat", ""];
    let mut table = Table::new(&head, &[0, 1, 2, 8]);
    for row in rows {
        let number = |of: fn(&minplat_builder::sizes::Sizes) -> u64| {
            row.sizes.as_ref().map_or_else(|| "–".into(), |sizes| of(sizes).to_string())
        };
        let ratio = row.sizes.as_ref().filter(|_| base > 0);
        table.row(vec![
            row.name.clone(),
            row.version.clone().unwrap_or_default(),
            row.runs.clone().unwrap_or_default(),
            number(|sizes| sizes.total),
            number(|sizes| sizes.text),
            number(|sizes| sizes.data),
            number(|sizes| sizes.bss),
            ratio.map_or_else(String::new, |sizes| format!("{:.2}", sizes.total as f64 / base as f64)),
            row.remark.clone().unwrap_or_default(),
        ]);
    }
    let method: String = method.iter().map(|sentence| format!("{sentence}\n")).collect();
    format!("{platform}: {toolchain}\n\n{}\n{method}", table.text())
}

/// The sentences under the table.
///
/// # Errors
/// A manifest cannot be read.
pub(crate) fn method(
    platform: &Platform,
    bench: &Bench,
    wasmtime: &str,
    peers: &[Peer],
    how: &str,
) -> Result<Vec<String>> {
    let mut sentences = vec![
        "Bytes of the sections that are loaded, of one program for each runtime: it loads a module from memory, links a host function, \
         calls an export, prints a trap. Outside, and nobody's: the module, the heap's memory, printing, the platform's functions."
            .to_string(),
        format!(
            "minplat is Wasmtime {wasmtime} behind its C API. It besides checks an artifact's digest and platform, tells running out of \
             memory as an error, and keeps book of its heap. Its probe: {how}."
        ),
    ];
    if !peers.is_empty() {
        sentences.push(format!(
            "The others are built by the recipe of {}'s library, and linked as its probe is: {}.",
            platform.name(),
            bench.link.join(" ")
        ));
    }
    if peers.contains(&Peer::Wasmtime) {
        let features = bench.features(Peer::Wasmtime)?.join(", ");
        sentences.push(format!(
            "wasmtime is the crate as published, by its Rust API, with the feature runtime and, for the platform, {features}. It trusts \
             what it loads, and has its thread-local pointer from outside."
        ));
    }
    if peers.iter().any(|peer| matches!(peer, Peer::Wasmi | Peer::Tinywasm)) {
        sentences.push(
            "wasmi and tinywasm, by their Rust APIs, take wasm itself: parser, validator and a translation to code of their own are \
             inside, and run on the device; nothing is compiled before. wasmi is without vectors (SIMD), as its default features are."
                .into(),
        );
        if bench.is_deferring() {
            sentences.push(
                "The recipe has code of some crates made where it is used (hint-mostly-unused): Wasmtime's and wasmparser, not the \
                 interpreters' own."
                    .into(),
            );
        }
    }
    if !peers.is_empty() && platform.settings().interruption != Interruption::None {
        sentences.push("Guests can be interrupted in minplat, as the platform says; in the others they cannot.".into());
    }
    Ok(sentences)
}
