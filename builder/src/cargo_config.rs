//! A Cargo configuration for programs in Rust that depend on crate `minplat`: what this program itself gives Cargo when it
//! builds the library for C programs, as a file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use minplat_platform::{Platform, RustTarget};

use crate::job;
use crate::recipe::Recipe;
use crate::source::Source;
use crate::toolchain::{Choice, Method};

/// Values of the release profile that are Cargo's own, or are the program's business.
const LEFT_OUT: &[&str] = &["debug", "debug-assertions", "overflow-checks", "incremental"];

/// The command that is Cargo with the toolchain of `choice`; as words for a shell.
pub fn command(choice: &Choice) -> String {
    let cargo = choice.toolchain.cargo.display();
    if opened(choice) { format!("env RUSTC_BOOTSTRAP=1 {cargo}") } else { cargo.to_string() }
}

fn opened(choice: &Choice) -> bool {
    choice.method == Method::Source { bootstrap: true }
}

/// The text of a `.cargo/config.toml`; what goes into `Cargo.toml` stands in comments. `called` is what the user called the
/// platform.
///
/// # Errors
/// The platform's file or its Rust target is not where it is to be.
pub fn text(
    (called, platform): (&str, &Platform),
    sets: &[String],
    (source, choice): (&Source, &Choice),
) -> Result<String> {
    let recipe = Recipe::new(platform, choice);
    let mut out = head(platform, choice);

    section(&mut out, "build", "");
    line(&mut out, "rustc", &string(&choice.toolchain.rustc.display().to_string()));
    line(&mut out, "target", &string(&target(platform, source)?.display().to_string()));

    section(&mut out, "env", "for the build script of minplat");
    line(&mut out, "MINPLAT_PLATFORM", &string(&job::identity(called)?.to_string_lossy()));
    if !sets.is_empty() {
        line(&mut out, "MINPLAT_SET", &string(&sets.join("\n")));
    }

    let flags: Vec<_> = recipe.rustc.iter().filter(|flag| !flag.starts_with("--remap-path-prefix")).cloned().collect();
    if !flags.is_empty() {
        section(&mut out, &format!("target.{}", recipe.target), "$RUSTFLAGS would replace these");
        line(&mut out, "rustflags", &list(&flags));
    }

    if !recipe.cargo.is_empty() {
        section(&mut out, "unstable", "");
        for flag in &recipe.cargo {
            let flag = flag.trim_start_matches("-Z");
            let (key, values) = match flag.split_once('=') {
                Some((key, values)) => (key, list(&values.split(',').map(str::to_string).collect::<Vec<_>>())),
                None => (flag, "true".to_string()),
            };
            line(&mut out, key, values.as_str());
        }
    }

    section(&mut out, "profile.release", "");
    let (values, packages) = profile(&recipe)?;
    values.iter().for_each(|(key, value)| line(&mut out, key, value));
    inline(&mut out, "profile.release.package", &packages, |_| true);
    section(&mut out, "profile.dev", "");
    line(&mut out, "panic", "\"abort\"");
    // A debugger's program has the interpreter as it comes.
    inline(&mut out, "profile.dev.package", &packages, |key| !["opt-level", "rustflags"].contains(&key));

    let [embedding, postcard] =
        ["embedding", "embedding/postcard"].map(|folder| string(&source.root.join(folder).display().to_string()));
    let features: Vec<_> = platform.program_features().iter().map(ToString::to_string).collect();
    let features = list(&features);
    let mut say = |text: String| out.push_str(&text);
    say("\n# Cargo.toml of the program:\n#\n#     [dependencies]\n".into());
    say(format!("#     minplat = {{ path = {embedding}, features = {features} }}\n#\n"));
    say("# And its workspace's, for a program that is smaller by an eighth of the library:\n#\n#     [patch.crates-io]\n".into());
    say(format!("#     postcard = {{ path = {postcard} }}\n"));
    Ok(out)
}

type Values = Vec<(String, String)>;

/// The recipe's profile: the program's own values, then each package's.
fn profile(recipe: &Recipe) -> Result<(Values, Vec<(String, Values)>)> {
    let (mut own, mut packages) = (Values::new(), Vec::<(String, Values)>::new());
    for value in &recipe.profile {
        let (path, value) = value.split_once('=').context("a profile's value has a key")?;
        let (table, key) = path.rsplit_once('.').context("a profile's key is in a table")?;
        let pair = (key.to_string(), value.to_string());
        match table.strip_prefix("profile.release.package.") {
            None if LEFT_OUT.contains(&key) => {}
            None => own.push(pair),
            Some(name) => match packages.iter_mut().find(|(package, _)| package == name) {
                Some((_, values)) => values.push(pair),
                None => packages.push((name.to_string(), vec![pair])),
            },
        }
    }
    Ok((own, packages))
}

/// A table with a line for each package that has values of the keys that `which` takes.
fn inline(out: &mut String, table: &str, packages: &[(String, Values)], which: impl Fn(&str) -> bool) {
    let mut lines = Vec::new();
    for (package, values) in packages {
        let values: Vec<_> =
            values.iter().filter(|(key, _)| which(key)).map(|(key, value)| format!("{key} = {value}")).collect();
        if !values.is_empty() {
            lines.push((package, format!("{{ {} }}", values.join(", "))));
        }
    }
    if !lines.is_empty() {
        section(out, table, "");
        lines.iter().for_each(|(package, values)| line(out, package, values));
    }
}

fn head(platform: &Platform, choice: &Choice) -> String {
    let fingerprint = crate::manifest::hex(&platform.fingerprint()[..8]);
    format!(
        "# Cargo's configuration for programs in Rust on {} ({fingerprint}).\n\
         # Written by `minplat-build --print cargo-config`; it names folders of this machine.\n\
         # Put it into the program's folder as .cargo/config.toml, or name it: cargo build --config FILE.\n\
         # The toolchain is {}: {}. Build with:\n#\n#     {} build\n",
        platform.name(),
        choice.toolchain.label(),
        choice.why,
        command(choice).trim_start_matches("env "),
    )
}

/// What Cargo's `--target` is to be, where it can stay: a shipped target is in the checkout.
fn target(platform: &Platform, source: &Source) -> Result<PathBuf> {
    let (file_name, contents, path) = match platform.rust_target() {
        RustTarget::BuiltIn(triple) => return Ok(triple.into()),
        RustTarget::Json { file_name, contents, path, .. } => (file_name, contents, path),
    };
    let path = match path {
        Some(path) => std::path::absolute(path)?,
        None => source.root.join("platforms/targets").join(file_name),
    };
    let there = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    if there != *contents {
        bail!(
            "{} is another target than the one that this minplat-build knows: use the minplat-build of the checkout {}",
            path.display(),
            source.root.display()
        );
    }
    Ok(near(&path))
}

/// A path without `..` where that can be had.
fn near(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

fn section(out: &mut String, name: &str, comment: &str) {
    let comment = if comment.is_empty() { String::new() } else { format!(" # {comment}") };
    writeln!(out, "\n[{name}]{comment}").expect("a String takes any text");
}

fn line(out: &mut String, key: &str, value: &str) {
    writeln!(out, "{key} = {value}").expect("a String takes any text");
}

/// A text for TOML, which has JSON's escapes.
fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn list(texts: &[String]) -> String {
    let texts: Vec<_> = texts.iter().map(|text| string(text)).collect();
    format!("[{}]", texts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolchain::{Origin, Toolchain};

    fn choice(method: Method) -> Choice {
        let text = |text: &str| text.to_string();
        let toolchain = Toolchain {
            name: text("a"),
            origin: Origin::Other,
            rustc: "/a/bin/rustc".into(),
            cargo: "/a/bin/cargo".into(),
            release: text("1.96.0"),
            commit: text("c"),
            llvm: text("21"),
            host: text("x86_64-unknown-linux-gnu"),
            sysroot: "/a".into(),
        };
        Choice { toolchain, method, why: text("because") }
    }

    fn config(platform: &str, sets: &[&str], method: Method) -> (String, toml::Table) {
        let sets: Vec<_> = sets.iter().map(ToString::to_string).collect();
        let loaded = Platform::load(platform, &sets).unwrap();
        let text = text((platform, &loaded), &sets, (&Source::find(None).unwrap(), &choice(method))).unwrap();
        let table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
        (text, table)
    }

    #[test]
    fn a_standard_library_from_source_takes_what_is_unstable() {
        let sets = ["runtime.component-model=true", "wasm.interruption=fuel"];
        let (text, config) = config("x86_64-minplat", &sets, Method::Source { bootstrap: true });
        assert_eq!(config["build"]["rustc"].as_str(), Some("/a/bin/rustc"));
        assert!(Path::new(config["build"]["target"].as_str().unwrap()).is_file());
        assert_eq!(config["env"]["MINPLAT_PLATFORM"].as_str(), Some("x86_64-minplat"));
        assert_eq!(config["env"]["MINPLAT_SET"].as_str(), Some(sets.join("\n").as_str()));
        let flags: Vec<_> = config["target"]["x86_64-minplat"]["rustflags"].as_array().unwrap().iter().collect();
        assert!(flags.iter().any(|flag| flag.as_str() == Some("-Cpanic=immediate-abort")), "{flags:?}");
        assert!(!text.contains("remap-path-prefix"), "{text}");
        assert_eq!(config["unstable"]["build-std"].as_array().unwrap().len(), 2);
        for key in ["json-target-spec", "profile-rustflags"] {
            assert_eq!(config["unstable"][key].as_bool(), Some(true));
        }
        assert_eq!(config["profile"]["release"]["panic"].as_str(), Some("abort"));
        assert_eq!(config["profile"]["release"]["package"]["wasmtime"]["hint-mostly-unused"].as_bool(), Some(true));
        assert!(text.contains("features = [\"virtual-memory\", \"log-off\", \"component-model\"] }"), "{text}");
        assert!(text.contains("#     RUSTC_BOOTSTRAP=1 /a/bin/cargo build\n"), "{text}");
    }

    #[test]
    fn only_an_interpreter_can_be_fast() {
        let of = |platform: &str, set: &str| {
            let (_, config) = config(platform, &[set], Method::Source { bootstrap: true });
            config["profile"]["release"]["package"]["pulley-interpreter"].clone()
        };
        let small = of("pulley32-thumbv7em", "build.fast-interpreter=false");
        assert_eq!((small["opt-level"].as_str(), small["hint-mostly-unused"].as_bool()), (Some("z"), Some(true)));
        assert_eq!(of("x86_64-minplat", "build.fast-interpreter=true"), small);
        let fast = of("pulley32-thumbv7em", "build.fast-interpreter=true");
        assert_eq!(fast["opt-level"].as_integer(), Some(3));
        assert_eq!(fast["rustflags"].as_array().unwrap()[0].as_str(), Some("--cfg=pulley_tail_calls"));
        assert!(fast.get("hint-mostly-unused").is_none());
        let (_, config) =
            config("pulley32-thumbv7em", &["build.fast-interpreter=true"], Method::Source { bootstrap: true });
        assert!(!config["profile"]["dev"]["package"].as_table().unwrap().contains_key("pulley-interpreter"));
    }

    #[test]
    fn an_installed_standard_library_needs_nothing_unstable() {
        let (text, config) = config("x86_64-none", &[], Method::Prebuilt);
        assert_eq!(config["build"]["target"].as_str(), Some("x86_64-unknown-none"));
        for table in ["unstable", "target"] {
            assert!(!config.contains_key(table), "{text}");
        }
        assert!(text.contains("#     /a/bin/cargo build\n"), "{text}");
    }
}
