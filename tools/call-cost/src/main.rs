//! What a call costs across the border between host and guest: the C API of a device library beside Wasmtime's typed Rust
//! API, in one process, by turns.
//!
//! ```text
//! minplat-call-cost [PLATFORM...]
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

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use minplat_platform::Platform;

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

fn main() -> Result<ExitCode> {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    if names.is_empty() {
        names = vec!["x86_64-minplat".into(), "x86_64-minplat-traps".into()];
    }
    let mut kept = true;
    for name in names {
        // The host's guard for libraries without threads: the device is used here, and nowhere else.
        kept &= compare(&Platform::load(&name, &[])?)?;
    }
    Ok(if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn compare(platform: &Platform) -> Result<bool> {
    let guest = guest::compile(platform)?;
    let mut device = device::Device::new(platform, &guest.device)?;
    let mut peer = peer::Peer::new(platform, &guest.linux)?;
    let mut kept = true;
    type Way = fn(&mut dyn Side) -> Result<i32>;
    let ways: [(&str, Way); 2] = [("host -> guest", |side| side.to_guest()), ("guest -> host", |side| side.to_host())];
    for (name, way) in ways {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(round(way, &mut device)?);
            theirs.push(round(way, &mut peer)?);
        }
        ensure!(device.host_calls() == peer.host_calls(), "the host functions were not called equally often");
        let (ours, theirs) = (median(ours), median(theirs));
        let ratio = ours / theirs;
        println!(
            "{:<22} {name}  {ours:6.1} ns  Wasmtime {theirs:6.1} ns  ratio {ratio:5.3}{}",
            platform.name(),
            if ratio > LIMIT { "  above the limit" } else { "" }
        );
        kept &= ratio <= LIMIT;
    }
    Ok(kept)
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

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
