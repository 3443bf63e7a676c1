//! Programs of others that the user has: WAMR and wasm3. They run a module once and end, so what is timed is the program with some
//! units, less the same program with none.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// WAMR with what its compiler makes: with guard pages, or with checks.
    Wamr {
        /// `iwasm`.
        run: PathBuf,
        /// `wamrc`.
        compile: PathBuf,
        /// Accesses to memory are checked by code.
        checks: bool,
    },
    /// wasm3, an interpreter.
    Wasm3(PathBuf),
}

impl Given {
    /// As tables have it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Wamr { checks: false, .. } => "wamr",
            Self::Wamr { checks: true, .. } => "wamr-checks",
            Self::Wasm3(_) => "wasm3",
        }
    }

    /// Makes of a module what the program takes, in the file `compiled` where it is not the module itself.
    ///
    /// # Errors
    /// The compiler cannot be started, or fails.
    pub(crate) fn prepare(&self, module: &Path, compiled: &Path) -> Result<PathBuf> {
        let Self::Wamr { compile, checks, .. } = self else { return Ok(module.to_path_buf()) };
        let mut command = Command::new(compile);
        command.args(["--opt-level=3", if *checks { "--bounds-checks=1" } else { "--bounds-checks=0" }, "-o"]);
        if !compiled.is_file() {
            said(command.arg(compiled).arg(module), compile)?;
        }
        Ok(compiled.to_path_buf())
    }

    /// The time of so many units, and their checksum.
    ///
    /// # Errors
    /// The program cannot be started, fails, or prints no number.
    pub(crate) fn run(&self, module: &Path, units: i32) -> Result<(Duration, i32)> {
        let (none, _) = self.timed(module, 0)?;
        let (some, result) = self.timed(module, units)?;
        Ok((some.saturating_sub(none), result))
    }

    fn timed(&self, module: &Path, units: i32) -> Result<(Duration, i32)> {
        let program = match self {
            Self::Wamr { run, .. } => run,
            Self::Wasm3(run) => run,
        };
        let mut command = Command::new(program);
        match self {
            Self::Wamr { .. } => command.args(["-f", "run"]).arg(module).arg(units.to_string()),
            Self::Wasm3(_) => command.args(["--func", "run"]).arg(module).arg(units.to_string()),
        };
        let begin = Instant::now();
        let text = said(&mut command, program)?;
        let time = begin.elapsed();
        Ok((time, number(&text).with_context(|| format!("{} printed no result: {text:?}", program.display()))?))
    }
}

/// What a program printed, on either stream: wasm3 tells its results on standard error.
fn said(command: &mut Command, program: &Path) -> Result<String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("cannot start {}; check the path", program.display()))?;
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).trim().to_string();
    ensure!(output.status.success(), "{} failed ({}): {text}", program.display(), output.status);
    Ok(text)
}

/// The result in what they print: `0x1f:i32` (WAMR), `Result: 31` (wasm3).
fn number(text: &str) -> Result<i32> {
    let line = text.lines().last().unwrap_or_default();
    if let Some(hex) = line.strip_prefix("0x").and_then(|line| line.strip_suffix(":i32")) {
        return Ok(u32::from_str_radix(hex, 16)? as i32);
    }
    let Some(decimal) = line.strip_prefix("Result: ") else { bail!("neither 0x…:i32 nor Result: …") };
    let wide: i64 = decimal.parse()?;
    Ok(wide as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_found() {
        assert_eq!(number("0xffffffff:i32").unwrap(), -1);
        assert_eq!(number("warning: x\nResult: -7").unwrap(), -7);
        assert_eq!(number("Result: 4294967295").unwrap(), -1);
        assert!(number("Exception: out of bounds").is_err());
        assert!(number("").is_err());
    }
}
