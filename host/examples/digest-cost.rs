//! What it costs to compare an artifact's digest when it is loaded, beside the whole load in place.
//!
//! ```text
//! cargo run --release --example digest-cost FILE.cwasm...
//! ```
//!
//! A copy whose digest is wrong is refused as soon as the digest was made: that is its cost. Both take turns for a
//! thousand rounds; medians are printed.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use minplat_host::{Artifact, Device, Engine, ErrorCode, Module, find_library};

const ROUNDS: usize = 1000;

fn main() -> Result<()> {
    let files: Vec<_> = std::env::args().skip(1).collect();
    ensure!(!files.is_empty(), "no files: name artifacts of minplat-compile");
    println!("{:>10}  {:>11}  {:>11}  {:>6}  artifact", "bytes", "digest, µs", "load, µs", "share");
    for file in files {
        let artifact = Artifact::read(file.as_ref())?;
        let engine = Engine::new(&Device::open(&find_library(artifact.platform(), None)?)?)?;
        let whole = artifact.bytes();
        let mut wrong = whole.to_vec();
        // In the digest itself, which is before the room for a signature.
        let digest = wrong.len() - 16 - 32;
        wrong[digest] ^= 1;

        let (mut digests, mut loads) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (refused, time) = timed(|| Module::load(&engine, &wrong));
            ensure!(refused.is_err_and(|error| error.code == ErrorCode::ARTIFACT_DAMAGED), "it was not refused");
            digests.push(time);
            let (loaded, time) = timed(|| Module::load_in_place(&engine, whole));
            loaded.with_context(|| format!("{file} cannot be loaded"))?;
            loads.push(time);
        }
        let (digest, load) = (median(digests), median(loads));
        let share = digest.as_secs_f64() / load.as_secs_f64() * 100.0;
        let us = |time: Duration| time.as_secs_f64() * 1e6;
        println!("{:>10}  {:>11.1}  {:>11.1}  {share:>5.0}%  {file}", whole.len(), us(digest), us(load));
    }
    Ok(())
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
