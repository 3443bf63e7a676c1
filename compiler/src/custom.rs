//! Custom sections that an artifact carries for the device. Wasmtime's image has none of them.

use minplat_format::CustomSection;
use wasmtime_environ::wasmparser::{Parser, Payload};

use crate::refusal::Refusal;

/// The custom sections of a valid module that have one of these names, in the module's order.
pub(crate) fn kept<'a>(name: &str, wasm: &'a [u8], keep: &[String]) -> Result<Vec<CustomSection<'a>>, Refusal> {
    if keep.is_empty() {
        return Ok(Vec::new());
    }
    let all: Vec<_> = Parser::new(0)
        .parse_all(wasm)
        .filter_map(|payload| match payload {
            Ok(Payload::CustomSection(section)) => Some(CustomSection { name: section.name(), data: section.data() }),
            _ => None,
        })
        .collect();
    if let Some(missing) = keep.iter().find(|keep| all.iter().all(|section| section.name != keep.as_str())) {
        let mut names: Vec<_> = all.iter().map(|section| section.name).collect();
        names.dedup();
        let has = if names.is_empty() { "none at all".into() } else { names.join(", ") };
        let refusal = Refusal::new(name, format!("has no custom section {missing:?} to keep; it has {has}"));
        return Err(refusal.remedy("name one of these with --keep-section, or leave it out"));
    }
    Ok(all.into_iter().filter(|section| keep.iter().any(|keep| keep == section.name)).collect())
}
