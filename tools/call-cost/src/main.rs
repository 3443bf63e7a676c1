//! What a call costs across the border between host and guest: the C API of a device library beside Wasmtime's typed Rust
//! API, in one process, by turns.
//!
//! ```text
//! minplat-call-cost [--json] [PLATFORM...]
//! ```
//!
//! For each platform (x86_64-minplat and x86_64-minplat-traps if none is named) the same guest is compiled twice with the
//! platform's settings, for the device and for Linux. Then both sides, by turns:
//! - host → guest: `minplat_prepared_call` beside `TypedFunc::call`, of a function that adds two numbers;
//! - guest → host: a raw host function beside `Func::wrap`'s, called by the guest in a loop. It adds two numbers and counts
//!   its calls, in `env` there and in the store's data here.
//!
//! The medians of the rounds are compared; the exit code is 1 if a ratio is above the limit. It needs `minplat-compile` in
//! the folder of this program, and libraries that `minplat-build` made.

mod device;
mod guest;
mod peer;

use std::fmt;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Parser;
use minplat_platform::Platform;
use minplat_report::{median, say};
use serde::Serialize;

/// The most that the C API may cost, in parts of what Wasmtime's typed API costs.
const LIMIT: f64 = 1.2;
const ROUNDS: usize = 401;
/// Calls in a round: few enough that most rounds are not interrupted.
pub(crate) const CALLS: i32 = 20_000;

/// One side of the comparison: either direction, `CALLS` calls.
pub(crate) trait Side {
    fn to_guest(&mut self) -> Result<i32>;
    fn to_host(&mut self) -> Result<i32>;
    /// How often the host function was called.
    fn host_calls(&self) -> u64;
}

/// What a call costs across the border between host and guest, beside Wasmtime's typed Rust API; exit code 1 above 1.2.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Platforms, by shipped name or file; their libraries are built.
    #[arg(default_values = ["x86_64-minplat", "x86_64-minplat-traps"])]
    platforms: Vec<String>,
    /// Print JSON: a list of ways, with the nanoseconds of a call and the ratio.
    #[arg(long)]
    json: bool,
}

/// One way across the border.
#[derive(Serialize)]
struct Cost {
    platform: String,
    way: &'static str,
    nanoseconds: f64,
    wasmtime_nanoseconds: f64,
    ratio: f64,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { platform, way, nanoseconds, wasmtime_nanoseconds, ratio } = self;
        let above = if *ratio > LIMIT { "  above the limit" } else { "" };
        write!(
            f,
            "{platform:<22} {way}  {nanoseconds:6.1} ns  Wasmtime {wasmtime_nanoseconds:6.1} ns  ratio {ratio:5.3}{above}"
        )
    }
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every ratio is within the limit.
fn run(args: &Args) -> Result<bool> {
    let mut all = Vec::new();
    for name in &args.platforms {
        // The host's guard for libraries without threads: the device is used here, and nowhere else.
        for cost in compare(name)? {
            if !args.json {
                say(&format!("{cost}\n"))?;
            }
            all.push(cost);
        }
    }
    if args.json {
        say(&(serde_json::to_string_pretty(&all)? + "\n"))?;
    }
    Ok(all.iter().all(|cost| cost.ratio <= LIMIT))
}

fn compare(name_or_path: &str) -> Result<Vec<Cost>> {
    let platform = Platform::load(name_or_path, &[])?;
    let guest = guest::compile(name_or_path)?;
    let mut device = device::Device::new(&platform, &guest.device)?;
    let mut peer = peer::Peer::new(&platform, &guest.linux)?;
    let mut costs = Vec::new();
    type Way = fn(&mut dyn Side) -> Result<i32>;
    let ways: [(&'static str, Way); 2] =
        [("host -> guest", |side| side.to_guest()), ("guest -> host", |side| side.to_host())];
    for (name, way) in ways {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(round(way, &mut device)?);
            theirs.push(round(way, &mut peer)?);
        }
        ensure!(device.host_calls() == peer.host_calls(), "the host functions were not called equally often");
        let (ours, theirs) = (median(&ours), median(&theirs));
        costs.push(Cost {
            platform: platform.name().to_string(),
            way: name,
            nanoseconds: ours,
            wasmtime_nanoseconds: theirs,
            ratio: ours / theirs,
        });
    }
    Ok(costs)
}

/// Nanoseconds of a call, the loop around it included.
fn round(way: fn(&mut dyn Side) -> Result<i32>, side: &mut dyn Side) -> Result<f64> {
    let start = Instant::now();
    let sum = way(side)?;
    let elapsed: Duration = start.elapsed();
    // 0 + 1 + ... + CALLS, as the guest's 32 bits have it: both sides did the work.
    let expected = (i64::from(CALLS) * (i64::from(CALLS) - 1) / 2) as i32;
    ensure!(sum == expected, "the sum is {sum}, not {expected}");
    Ok(elapsed.as_nanos() as f64 / f64::from(CALLS))
}
