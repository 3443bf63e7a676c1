//! What everything that is shipped takes: [`measure`] looks at it, [`page`] makes tables of it and compares those with a document,
//! [`baseline`] remembers whose the bytes were.

mod baseline;
mod measure;
mod page;

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::cli::ShippedArgs;
use baseline::Baseline;
use measure::Shipped;

/// Prints the tables, writes them, or compares.
///
/// # Errors
/// Something is not built, or the document is not true.
pub(crate) fn run(args: &ShippedArgs) -> Result<()> {
    let shipped = Shipped::measure()?;
    if args.json {
        return minplat_report::say(&(serde_json::to_string_pretty(&shipped)? + "\n"));
    }
    let tables = page::tables(&shipped);
    let read = |path: &Path| {
        std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}; name a document with the tables", path.display()))
    };
    let now = Baseline::of(&shipped);
    if let Some(path) = &args.write {
        crate::write(path, &page::PLACE.put(&read(path)?, &tables).with_context(|| path.display().to_string())?)?;
        return now.write(path);
    }
    let Some(path) = &args.check else { return minplat_report::say(&tables) };
    let mut verdict = page::check(&read(path)?, &tables).with_context(|| path.display().to_string())?;
    let before = Baseline::read(path)?;
    for library in &shipped.libraries {
        let is_told = |wrong: &String| wrong.starts_with(&format!("library, {}, ", library.platform));
        if verdict.wrong.iter().any(is_told) {
            verdict.wrong.extend(before.grown(&now, &library.platform));
        }
    }
    verdict.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
    let path = path.display();
    ensure!(
        verdict.wrong.is_empty(),
        "{path} is not true any more:\n  {}\n  minplat-size report and compare show what grew; minplat-size shipped --write {path} writes it \
         anew",
        verdict.wrong.join("\n  ")
    );
    Ok(())
}
