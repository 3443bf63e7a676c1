//! What is printed: a line for each platform that is done, or JSON; errors to standard error.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;

use anyhow::Result;
use minplat_builder::interrupt;
use minplat_builder::job::Done;
use minplat_builder::progress::time;
use minplat_builder::schedule;
use minplat_platform::Platform;
use serde_json::{Value, json};

use crate::args::Args;
use crate::plan::Plan;

/// Runs the jobs and tells of each.
pub(crate) fn run(plan: Plan, args: &Args) -> ExitCode {
    let order: Vec<String> = plan.jobs.iter().map(|job| job.platform.name().to_string()).collect();
    let results = Mutex::new(Vec::new());
    let failed = Mutex::new(false);
    if let Err(error) = interrupt::watch() {
        eprintln!("error: {error:#}");
        return ExitCode::from(1);
    }
    schedule::run(plan.jobs, plan.cores, plan.progress, |name, result: Result<Done>| match result {
        Ok(done) => {
            if !args.json && !args.quiet {
                print(&line(&done));
            }
            lock(&results).push(done);
        }
        Err(error) => {
            if !interrupt::came() {
                eprintln!("error: {name}: {error:#}");
            }
            *lock(&failed) = true;
        }
    });
    if interrupt::came() {
        eprintln!("error: interrupted; a platform that was not done is as it was");
        interrupt::end();
    }
    if args.json {
        let mut results = results.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        results.sort_by_key(|done| order.iter().position(|name| *name == done.platform));
        let all: Vec<Value> = results.into_iter().map(json).collect();
        print(&serde_json::to_string_pretty(&all).expect("JSON values can be written"));
    }
    if *lock(&failed) { ExitCode::from(1) } else { ExitCode::SUCCESS }
}

/// The shipped platforms, a line each.
pub(crate) fn list() -> ExitCode {
    let width = Platform::shipped().map(str::len).max().unwrap_or(0);
    for name in Platform::shipped() {
        match Platform::load(name, &[]) {
            Ok(platform) => print(&format!("{name:width$}  {}", platform.summary())),
            Err(problems) => {
                eprintln!("error: {problems}");
                return ExitCode::from(1);
            }
        }
    }
    ExitCode::SUCCESS
}

fn line(done: &Done) -> String {
    let library = &done.manifest["budgets"]["library"];
    let limit = library["limit"].as_u64().map_or(String::new(), |limit| format!(" of {limit}"));
    let sizes = &library["sizes"];
    let what = if done.fresh { "nothing has changed".to_string() } else { format!("built in {}", time(done.time)) };
    let beside =
        |what: &str, pointer| done.manifest.pointer(pointer).map_or(String::new(), |bytes| format!(", {what} {bytes}"));
    format!(
        "{}: {}: {}{limit} bytes with the size probe (text {}, data {}, bss {}){}{}; {what}",
        done.platform,
        near(&done.prefix).display(),
        sizes["total"],
        sizes["text"],
        sizes["data"],
        sizes["bss"],
        beside("the whole C API", "/sizes/archive/total"),
        beside("libminplat.so", "/sizes/shared/total"),
    )
}

/// A path as one would type it here.
fn near(path: &Path) -> &Path {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path)
}

fn json(done: Done) -> Value {
    json!({
        "platform": done.platform,
        "prefix": done.prefix,
        "fresh": done.fresh,
        "seconds": done.time.as_secs_f64(),
        "manifest": done.manifest,
    })
}

/// A line on standard output; nobody is left to be told that it is closed.
pub(crate) fn print(text: &str) {
    _ = writeln!(std::io::stdout().lock(), "{text}");
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
