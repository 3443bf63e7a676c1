//! What the figures were found on.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

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
    /// Whether programs get large pages unasked, if they ask, or never.
    pub(crate) large_pages: String,
    /// Seconds since 1970, at the beginning.
    pub(crate) time: u64,
    /// How many threads were at work before.
    pub(crate) load: f64,
    pub(crate) rounds: usize,
}

impl Environment {
    pub(crate) fn look(rounds: usize) -> Self {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        let cpu = read("/proc/cpuinfo");
        let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let pages = read("/sys/kernel/mm/transparent_hugepage/enabled");
        let large_pages = pages.split_once('[').and_then(|(_, rest)| Some(rest.split_once(']')?.0));
        let unknown = || "unknown".to_string();
        Self {
            processor: model.map_or_else(unknown, |(_, name)| name.to_string()),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            system: format!("Linux {}", read("/proc/sys/kernel/osrelease").trim()),
            minplat: env!("CARGO_PKG_VERSION").into(),
            wasmtime: minplat_platform::WASMTIME_MAJOR,
            c_compiler: first_line("cc").unwrap_or_else(unknown),
            large_pages: large_pages.unwrap_or("none").to_string(),
            time: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            load: load(),
            rounds,
        }
    }
}

/// Threads that were at work in the last minute, on average.
pub(crate) fn load() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0.0)
}

fn first_line(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).lines().next()?.to_string())
}
