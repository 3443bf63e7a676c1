//! Programs of others that the user has: WAMR and wasm3. They run a module once and end.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::process::{self, Ran};

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
            let Ran { output, .. } = process::run(command.arg(compiled).arg(module))?;
            // It ends with 0 where it refuses a module, too.
            let why = output.trim().lines().last().unwrap_or_default();
            ensure!(compiled.is_file(), "its compiler made nothing: {why}");
        }
        Ok(compiled.to_path_buf())
    }

    /// The time of so many units, at least two, and their checksum: that of a process with them, less what one with a unit takes before and
    /// behind it on average, so that what a start and a first unit take is in neither.
    ///
    /// # Errors
    /// The program cannot be started, fails, prints no number, or does too little for its time to be told, whenever it is tried.
    pub(crate) fn run(&self, module: &Path, units: i32) -> Result<(Duration, i32)> {
        let mut tries = 3;
        loop {
            let (before, _) = self.timed(module, 1)?;
            let (all, result) = self.timed(module, units)?;
            let (behind, _) = self.timed(module, 1)?;
            let one = (before + behind) / 2;
            if let Some(rest) = all.checked_sub(one).filter(|rest| !rest.is_zero()) {
                return Ok((rest.mul_f64(f64::from(units) / f64::from(units - 1)), result));
            }
            tries -= 1;
            ensure!(tries > 0, "{}: {units} units take {all:?}, one {one:?}; its time cannot be told", self.name());
        }
    }

    /// The checksum of so many units.
    ///
    /// # Errors
    /// The program cannot be started, fails, or prints no number.
    pub(crate) fn result(&self, module: &Path, units: i32) -> Result<i32> {
        Ok(self.timed(module, units)?.1)
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
        let Ran { cpu, output, .. } = process::run(&mut command)?;
        let result = number(output.trim());
        Ok((cpu, result.with_context(|| format!("{} printed no result: {:?}", self.name(), output.trim()))?))
    }
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
