//! Can a device load an artifact? Every setting that differs is told, with both values and what to change; Wasmtime
//! itself stops at the first.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use minplat_platform::agreement::is_feature;
use minplat_platform::value::Value;
use minplat_platform::{DEFAULT, Platform, WASMTIME_MAJOR, features};
use serde::Serialize;

use crate::compile::{Compiler, Options};
use crate::debug_file::hex;
use crate::device::Device;
use crate::engine_section::EngineSection;
use crate::image::Image;

/// One setting that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// The key of a platform file that decides it; none where no platform can change it.
    pub key: Option<String>,
    /// Wasmtime's name for the setting.
    pub setting: String,
    /// The artifact's value, as a platform file writes it.
    pub module: String,
    /// The device's value.
    pub device: String,
    /// What to change.
    pub remedy: String,
}

/// The answer for one artifact and one device.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// The device's platform.
    pub device: String,
    /// The device's fingerprint.
    pub device_fingerprint: String,
    /// The artifact's fingerprint; none where a bare Wasmtime made it.
    pub module_fingerprint: Option<String>,
    /// Whether the device loads it.
    pub loads: bool,
    /// Everything that differs, by key.
    pub mismatches: Vec<Mismatch>,
}

/// Compares an artifact with a device.
///
/// # Errors
/// What minplat sets on every platform cannot be found out; a bug of this tool.
pub fn check(image: &Image<'_>, device: &Device) -> anyhow::Result<Verdict> {
    let module_fingerprint = image.seal.as_ref().map(|seal| hex(&seal.fingerprint));
    let always = baseline()?;
    let module = recorded(&image.engine);
    let mut names: Vec<&String> = module.keys().chain(device.agreement.keys()).chain(always.keys()).collect();
    names.sort();
    names.dedup();

    let mut mismatches = Vec::new();
    let mut differing: Vec<(&str, &str, &str)> = Vec::new();
    for name in names {
        let absent = absent(name);
        let ours = module.get(name).map_or(absent, String::as_str);
        let theirs = device.agreement.get(name).or_else(|| always.get(name)).map_or(absent, String::as_str);
        // A device may have a feature that the module does without.
        let is_without = is_feature(name) && (ours == absent || ours == "none");
        if ours != theirs && !is_without {
            differing.push((name, ours, theirs));
        }
    }
    // Implied by the collector, and decided by the same key.
    if differing.iter().any(|(name, ..)| *name == "collector") {
        differing.retain(|(name, ..)| *name != "wasm_feature.gc_types");
    }
    // Another machine has other CPU features, which is nothing to change by itself.
    if differing.iter().any(|(name, ..)| *name == "architecture") {
        differing.retain(|(name, ..)| !name.starts_with("cpu."));
    }
    // One key decides both of these.
    let interrupted = ["consume_fuel", "epoch_interruption"];
    if differing.iter().any(|(name, ..)| interrupted.contains(name)) {
        differing.retain(|(name, ..)| !interrupted.contains(name));
        let of_device =
            |name: &str| device.agreement.get(name).map(String::as_str).or(always.get(name).map(String::as_str));
        let of_module = |name: &str| module.get(name).map(String::as_str);
        mismatches.push(mismatch("wasm.interruption", interruption(of_module), interruption(of_device)));
    }
    mismatches.extend(differing.into_iter().map(|(name, ours, theirs)| mismatch(name, ours, theirs)));
    if image.engine.version != device.wasmtime {
        mismatches.push(Mismatch {
            key: None,
            setting: "wasmtime".into(),
            module: image.engine.version.clone(),
            device: device.wasmtime.clone(),
            remedy: "compile with the minplat release that the device was built from, or update the device".into(),
        });
    }
    match &module_fingerprint {
        None => mismatches.push(Mismatch {
            key: None,
            setting: "trailer".into(),
            module: "none: a bare Wasmtime compiled it".into(),
            device: format!("fingerprint {}…", short(&device.fingerprint)),
            remedy: format!(
                "compile it with minplat-compile -p {}; a device loads nothing without a trailer",
                device.name
            ),
        }),
        Some(_) => {
            // Equal settings under unequal digests of them: one of the two came from another minplat.
            let base = image.seal.as_ref().map(|seal| hex(&seal.base)).unwrap_or_default();
            if mismatches.is_empty() && base != device.base {
                mismatches.push(Mismatch {
                    key: None,
                    setting: "base fingerprint".into(),
                    module: base,
                    device: device.base.clone(),
                    remedy: "use one minplat release for compiler and device".into(),
                });
            }
        }
    }
    // What decides most comes first: the machine.
    let is_of_machine = |mismatch: &Mismatch| mismatch.key.as_ref().is_some_and(|key| key.starts_with("target."));
    mismatches.sort_by_key(|m| (m.key.is_none(), !is_of_machine(m), m.key.clone(), m.setting.clone()));
    Ok(Verdict {
        device: device.name.clone(),
        device_fingerprint: device.fingerprint.clone(),
        module_fingerprint,
        loads: mismatches.is_empty(),
        mismatches,
    })
}

/// What an artifact recorded, under the names of [`Platform::agreement`].
pub fn recorded(engine: &EngineSection) -> BTreeMap<String, String> {
    let (architecture, system) = engine.machine();
    let mut all: BTreeMap<String, String> =
        engine.settings.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
    all.insert("architecture".into(), architecture);
    all.insert("operating_system".into(), system);
    for flag in engine.cpu_flags() {
        all.insert(format!("cpu.{flag}"), "true".into());
    }
    for feature in engine.feature_names() {
        all.insert(format!("wasm_feature.{feature}"), "true".into());
    }
    all
}

/// What is set on every platform alike, so that no platform lists it: found in a module compiled for the default one.
fn baseline() -> anyhow::Result<BTreeMap<String, String>> {
    let platform = Platform::load(DEFAULT, &[])?;
    let image = Compiler::new(&platform, Options::default())?.empty_image()?;
    let mut all = recorded(&EngineSection::of_image(&image)?);
    for setting in platform.agreement() {
        all.remove(&setting.name);
    }
    // Only what a platform can turn on is missing from the default platform's own list.
    all.retain(|name, _| key_of(name).is_none());
    Ok(all)
}

/// The value of a setting that one side does not mention.
fn absent(name: &str) -> &'static str {
    let switch = name.starts_with("cpu.") || name.starts_with("wasm_feature.") || name == "debug_guest";
    if switch { "false" } else { "not recorded" }
}

/// The key that decides a setting of Wasmtime.
pub fn key_of(name: &str) -> Option<String> {
    static KEYS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
        let platforms = Platform::shipped().filter_map(|name| Platform::load(name, &[]).ok());
        // What no shipped platform has on.
        let sets = ["runtime.component-model=true".to_string(), "runtime.debug=true".to_string()];
        let platforms = platforms.chain(Platform::load(DEFAULT, &sets));
        platforms.flat_map(|platform| platform.agreement()).map(|setting| (setting.name, setting.key)).collect()
    });
    if let Some(flag) = name.strip_prefix("wasm_feature.") {
        return match features::by_flag(flag) {
            Some(feature) => Some(format!("wasm.{}", feature.key)),
            None => KEYS.get(name).cloned(),
        };
    }
    if name.starts_with("cpu.") {
        return Some("target.cpu".into());
    }
    if minplat_platform::keys::find(name).is_some() {
        return Some(name.into());
    }
    KEYS.get(name).cloned()
}

fn interruption<'a>(value: impl Fn(&str) -> Option<&'a str>) -> &'static str {
    match (value("consume_fuel"), value("epoch_interruption")) {
        (Some("true"), Some("true")) => "fuel and epoch",
        (Some("true"), _) => "fuel",
        (_, Some("true")) => "epoch",
        _ => "none",
    }
}

fn mismatch(name: &str, module: &str, device: &str) -> Mismatch {
    let pulley = |value: &str| value.starts_with("pulley");
    let mut key = key_of(name);
    match name {
        "architecture" if pulley(module) || pulley(device) => key = Some("target.code".into()),
        "collector" if module == "none" || device == "none" => {
            // One side has no collector at all: that is what differs, not which one.
            let on = |value: &str| if value == "none" { "false" } else { "true" };
            return mismatch("runtime.gc", on(module), on(device));
        }
        "collector" => key = Some("gc.collector".into()),
        _ => {}
    }
    let module = spelled(name, module);
    let device = spelled(name, device);
    let remedy = match (&key, name) {
        (Some(key), "architecture" | "operating_system") => format!(
            "compile for the device's platform; {key} is not changed by itself (see minplat-compile --list-platforms)"
        ),
        (Some(key), _) if key == "target.cpu" => {
            let flag = name.trim_start_matches("cpu.");
            let feature = minplat_platform::cpu::CPU_FEATURES.iter().find(|f| f.flag == flag).map_or(flag, |f| f.name);
            if module == "true" {
                format!("compile for a {key} without \"{feature}\", or rebuild the device with it if its CPU has it")
            } else {
                format!("compile for a {key} with \"{feature}\" too, or rebuild the device without it")
            }
        }
        (Some(key), _) => format!(
            "compile with --set {key}={}, or rebuild the device with {key} = {}",
            quoted(&device),
            toml_of(&module)
        ),
        (None, name) if name.starts_with("wasm_feature.") => {
            "compile with minplat-compile, which leaves it off: no device has it".to_string()
        }
        (None, _) => {
            format!("compile with minplat-compile, which sets it as devices of Wasmtime {WASMTIME_MAJOR} have it")
        }
    };
    Mismatch { key, setting: name.to_string(), module, device, remedy }
}

/// A value as a platform file writes it.
fn spelled(name: &str, value: &str) -> String {
    let bytes = name.ends_with("_reservation") || name.ends_with("_size") && !name.starts_with("inlining");
    match value.parse() {
        Ok(number) if bytes => Value::Bytes(number).to_string(),
        _ if name == "inlining" && value == "yes" => "true".into(),
        _ if name == "inlining" && value == "no" => "false".into(),
        _ => value.to_string(),
    }
}

/// A value for the shell.
fn quoted(value: &str) -> String {
    if value.contains(' ') { format!("\"{value}\"") } else { value.to_string() }
}

/// A value for a platform file.
fn toml_of(value: &str) -> String {
    if matches!(value, "true" | "false") { value.to_string() } else { format!("\"{value}\"") }
}

/// The part of a fingerprint that messages show.
pub fn short(fingerprint: &str) -> &str {
    &fingerprint[..fingerprint.len().min(16)]
}
