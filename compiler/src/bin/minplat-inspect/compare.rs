//! `--platform`, `--library`, `--manifest`: can that device load the artifact?

use std::path::Path;

use minplat_compiler::Refusal;
use minplat_compiler::check::{Verdict, check, short};
use minplat_compiler::device::Device;
use minplat_compiler::image::Image;
use minplat_compiler::input;
use minplat_platform::Platform;

use crate::args::Args;

/// The answer as text or JSON, and whether it is yes.
pub(crate) fn run(args: &Args, name: &str, image: &Image<'_>) -> anyhow::Result<(String, bool)> {
    let verdict = check(image, &device(args)?)?;
    let text = if args.json { format!("{:#}\n", serde_json::to_value(&verdict)?) } else { text(name, image, &verdict) };
    Ok((text, verdict.loads))
}

fn device(args: &Args) -> anyhow::Result<Device> {
    let read = |path: &Path| input::file(path).map(|(_, bytes)| bytes);
    let told = |path: &Path, error: anyhow::Error| Refusal::new(path.display().to_string(), format!("{error:#}"));
    if let Some(path) = &args.library {
        return Ok(Device::of_library(&read(path)?).map_err(|e| told(path, e))?);
    }
    if let Some(path) = &args.manifest {
        return Ok(Device::of_manifest(&read(path)?).map_err(|e| told(path, e))?);
    }
    let platform = args.platform.as_deref().unwrap_or(minplat_platform::DEFAULT);
    Ok(Device::of_platform(&Platform::load(platform, &args.sets)?))
}

fn text(name: &str, image: &Image<'_>, verdict: &Verdict) -> String {
    let from = match &image.seal {
        Some(seal) => format!("compiled for {}", seal.platform),
        None => "compiled by a bare Wasmtime".into(),
    };
    if verdict.loads {
        return format!("{name}: {from}; a device of {} loads it\n", verdict.device);
    }
    let count = verdict.mismatches.len();
    let plural = if count == 1 { "difference" } else { "differences" };
    let mut out = format!(
        "{name}: {from}; a device of {} ({}) refuses it: {count} {plural}\n",
        verdict.device,
        short(&verdict.device_fingerprint)
    );
    for mismatch in &verdict.mismatches {
        let title = match &mismatch.key {
            Some(key) if key == &mismatch.setting => key.clone(),
            Some(key) => format!("{key} ({})", mismatch.setting),
            None => mismatch.setting.clone(),
        };
        out += &format!(
            "\n  {title}\n    module: {}\n    device: {}\n    change: {}\n",
            mismatch.module, mismatch.device, mismatch.remedy
        );
    }
    // The name of somebody's own platform file does not say where that file is.
    let file = format!("{}.toml", verdict.device);
    let called = if Platform::load(&verdict.device, &[]).is_ok() { &verdict.device } else { &file };
    out += &format!("\nAll at once: minplat-compile -p {called} on the module's source.\n");
    out
}
