//! What the figures were found on.

use std::process::Command;

use serde::{Deserialize, Serialize};

/// The machine and the programs.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Environment {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) system: String,
    pub(crate) minplat: String,
    pub(crate) wasmtime: u32,
    /// Of native code.
    pub(crate) c_compiler: String,
    pub(crate) rounds: usize,
}

impl Environment {
    pub(crate) fn look(rounds: usize) -> Self {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        let cpu = read("/proc/cpuinfo");
        let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let unknown = || "unknown".to_string();
        Self {
            processor: model.map_or_else(unknown, |(_, name)| name.to_string()),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            system: format!("Linux {}", read("/proc/sys/kernel/osrelease").trim()),
            minplat: env!("CARGO_PKG_VERSION").into(),
            wasmtime: minplat_platform::WASMTIME_MAJOR,
            c_compiler: first_line("cc").unwrap_or_else(unknown),
            rounds,
        }
    }
}

fn first_line(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).lines().next()?.to_string())
}
