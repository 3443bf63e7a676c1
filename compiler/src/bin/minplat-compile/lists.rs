//! The questions that need no input: which platforms, which CPU features, which completions.

use clap::CommandFactory;
use minplat_compiler::debug_file::hex;
use minplat_platform::cpu::{CPU_FEATURES, CPU_LEVELS};
use minplat_platform::{Platform, Problems};

use crate::args::Args;

/// A line for each shipped platform.
pub(crate) fn platforms() -> Result<String, Problems> {
    let mut text = String::new();
    for name in Platform::shipped() {
        let platform = Platform::load(name, &[])?;
        let default = if name == minplat_platform::DEFAULT { " (default)" } else { "" };
        text += &format!("{name:<26} {}  {}{default}\n", &hex(&platform.fingerprint())[..16], platform.summary());
    }
    Ok(text)
}

/// The names that `target.cpu` may have on the platform's machine, and which of them the platform has.
pub(crate) fn cpu(platform: &Platform) -> String {
    let settings = platform.settings();
    let features = CPU_FEATURES.iter().filter(|f| f.arch == settings.architecture);
    let mut text = String::new();
    for feature in features {
        let on = if settings.cpu.contains(feature.name) { "on" } else { "off" };
        text += &format!("{:<14} {on}\n", feature.name);
    }
    for (level, parts) in CPU_LEVELS {
        let fits = |part: &str| CPU_FEATURES.iter().any(|f| f.arch == settings.architecture && f.name == part);
        if parts.iter().all(|part| fits(part)) {
            text += &format!("{level:<14} is {}\n", parts.join(", "));
        }
    }
    if text.is_empty() {
        text = format!("{} runs bytecode: it has no names for target.cpu\n", platform.name());
    }
    text
}

/// A completion script on standard output.
pub(crate) fn completions(shell: clap_complete::Shell) {
    clap_complete::generate(shell, &mut Args::command(), "minplat-compile", &mut std::io::stdout());
}
