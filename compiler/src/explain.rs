//! Why a module was refused: is it invalid, or does it need a feature that the platform has off? Runs only after a
//! compilation failed, so it costs a successful one nothing.

use minplat_platform::features;
use wasmtime_environ::wasmparser::{BinaryReaderError, KnownCustom, Name, Parser, Payload, Validator, WasmFeatures};

use crate::compile::Compiler;
use crate::engine_section::EngineSection;
use crate::refusal::{Reason, Refusal};
use crate::sniff;

/// Turns a failed compilation into what the user should read.
pub(crate) fn refusal(compiler: &Compiler, name: &str, wasm: &[u8], error: &wasmtime::Error) -> Refusal {
    let platform = compiler.platform();
    let has = match compiler.empty_image().and_then(|image| EngineSection::of_image(&image)) {
        Ok(section) => section.features,
        Err(_) => return unexplained(name, error),
    };
    let Err(first) = validate(wasm, has) else {
        // Valid: the compiler itself could not.
        return unexplained(name, error);
    };
    let place = place(wasm, first.offset());
    let missing = missing_features(wasm, has);
    if missing.is_empty() {
        let kind = if sniff::kind(wasm) == sniff::Kind::Component { "component" } else { "module" };
        return Refusal::new(name, format!("is not a valid {kind}: {}{place}", first.message()))
            .remedy(format!("mend the program or the tool that wrote it; this {kind} runs nowhere"))
            .reason(Reason::Invalid);
    }

    // The parser's name for what `runtime.gc` switches: `externref` needs it, and every type of the features on top.
    let (collected, missing): (Vec<_>, Vec<_>) = missing.into_iter().partition(|flag| *flag == "GC_TYPES");
    let keys: Vec<_> = missing.iter().map(|flag| features::by_flag(flag)).collect();
    let names: Vec<_> = missing
        .iter()
        .zip(&keys)
        .map(|(flag, key)| key.map_or_else(|| flag.to_lowercase().replace('_', "-"), |k| k.key.to_string()))
        .collect();
    let what = match names.len() {
        0 => "references that are garbage-collected (runtime.gc)".to_string(),
        1 => format!("the wasm feature {}", names[0]),
        _ => format!("the wasm features {}", names.join(", ")),
    };
    let problem = format!("needs {what}, which the platform {} has off: {}{place}", platform.name(), first.message());
    let with_gc = collected.iter().map(|_| "runtime.gc".to_string());
    let switched = names.iter().zip(&keys).map(|(name, key)| match key {
        Some(_) => format!("wasm.{name}"),
        None => name.clone(),
    });
    let needs = Reason::Needs(with_gc.chain(switched).collect());
    let lacking: Vec<_> =
        names.iter().zip(&keys).filter(|(_, key)| key.is_none()).map(|(name, _)| name.as_str()).collect();
    if !lacking.is_empty() {
        let of_components = lacking.iter().all(|name| name.starts_with("cm"));
        let why = if of_components { "" } else { ", because Wasmtime without std cannot run it" };
        let why = format!("compile the program without {}: no platform has it{why}", lacking.join(", "));
        return Refusal::new(name, problem).remedy(why).reason(needs);
    }
    let mut file: Vec<_> = names.iter().map(|name| format!("wasm.{name} = true")).collect();
    let mut sets: Vec<_> = names.iter().map(|name| format!("--set wasm.{name}=true")).collect();
    let needs_gc = !collected.is_empty() || keys.iter().flatten().any(|key| key.needs_gc);
    if needs_gc && !platform.settings().gc {
        file.push("runtime.gc = true".into());
        sets.push("--set runtime.gc=true".into());
    }
    Refusal::new(name, problem).remedy(format!(
        "compile the program without it; or give the platform file {}, and rebuild the device's library with it; to try: {}",
        file.join(", "),
        sets.join(" "),
    ))
    .reason(needs)
}

/// A component, for a platform that has none.
pub(crate) fn no_components(compiler: &Compiler, name: &str) -> Refusal {
    let platform = compiler.platform().name();
    Refusal::new(name, format!("is a component, and the platform {platform} runs core modules only")).remedy(
        "compile the core module that it was made of; or, where the device's program is in Rust, give the platform file \
         runtime.component-model = true, and rebuild the program with it; to try: --set runtime.component-model=true",
    )
    .reason(Reason::Needs(vec!["runtime.component-model".into()]))
}

fn unexplained(name: &str, error: &wasmtime::Error) -> Refusal {
    Refusal::new(name, format!("cannot be compiled: {error:#}"))
}

fn validate(wasm: &[u8], features: WasmFeatures) -> Result<(), BinaryReaderError> {
    Validator::new_with_features(features).validate_all(wasm).map(|_| ())
}

/// The names of a smallest set of features that makes the module valid; empty if none does.
fn missing_features(wasm: &[u8], has: WasmFeatures) -> Vec<&'static str> {
    let mut on = WasmFeatures::all();
    if validate(wasm, on).is_err() {
        return Vec::new();
    }
    // Where either of two would do, prefer the one that a platform file can turn on: drop the others first.
    let mut candidates: Vec<_> = (WasmFeatures::all() - has).iter_names().collect();
    candidates.sort_by_key(|(name, _)| features::by_flag(name).is_some());
    for (_, flag) in &candidates {
        if validate(wasm, on - *flag).is_ok() {
            on -= *flag;
        }
    }
    candidates.into_iter().filter(|(_, flag)| on.contains(*flag)).map(|(name, _)| name).collect()
}

/// The features of `has` that the module uses: without any one of them it is invalid.
pub fn features_used(wasm: &[u8], has: WasmFeatures) -> Vec<String> {
    use rayon::iter::{IntoParallelIterator, ParallelIterator};
    let candidates: Vec<_> = features::FEATURES.iter().zip(features::PARSER_FLAGS).collect();
    candidates
        .into_par_iter()
        .filter(|(_, flag)| has.contains(**flag) && validate(wasm, has - **flag).is_err())
        .map(|(feature, _)| feature.key.to_string())
        .collect()
}

/// Where an offset lies, in words: `, in function 3 "fib", at byte 0x41 of the module`.
fn place(wasm: &[u8], offset: usize) -> String {
    if sniff::kind(wasm) == sniff::Kind::Component {
        // Functions are counted by module, and it may have several.
        return format!(" (at byte {offset:#x} of the component)");
    }
    let at = format!("at byte {offset:#x} of the module");
    let Some((index, name)) = function_at(wasm, offset) else { return format!(" ({at})") };
    match name {
        Some(name) => format!(" (in function {index} {name:?}, {at})"),
        None => format!(" (in function {index}, {at})"),
    }
}

/// The function whose body holds an offset, and its name if the module has one.
fn function_at(wasm: &[u8], offset: usize) -> Option<(u32, Option<String>)> {
    let mut parser = Parser::new(0);
    parser.set_features(WasmFeatures::all());
    let (mut next, mut found) = (0, None);
    for payload in parser.parse_all(wasm) {
        match payload.ok()? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let ty = import.ok()?.ty;
                    next += u32::from(matches!(
                        ty,
                        wasmtime_environ::wasmparser::TypeRef::Func(_)
                            | wasmtime_environ::wasmparser::TypeRef::FuncExact(_)
                    ));
                }
            }
            Payload::CodeSectionEntry(body) => {
                if body.range().contains(&(offset as _)) {
                    found = Some(next);
                }
                next += 1;
            }
            Payload::CustomSection(custom) => {
                let (Some(index), KnownCustom::Name(names)) = (found, custom.as_known()) else { continue };
                for names in names.into_iter().flatten() {
                    let Name::Function(names) = names else { continue };
                    let name = names.into_iter().flatten().find(|naming| naming.index == index);
                    return Some((index, name.map(|naming| naming.name.to_string())));
                }
            }
            _ => {}
        }
    }
    found.map(|index| (index, None))
}
