//! `--reproduce`: a library again, and whether it is the same.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use minplat_builder::interrupt;
use minplat_builder::reproduce::Original;
use serde_json::json;

use crate::args::Args;
use crate::plan::Plan;
use crate::report;

/// Builds the library of a manifest and compares.
pub(crate) fn run(manifest: &Path, args: &Args) -> Result<ExitCode> {
    let original = Original::read(manifest)?;
    let folder =
        tempfile::tempdir().context("cannot make a temporary folder; set TMPDIR to one that can be written")?;
    let out = args.out_dir.as_deref().unwrap_or(folder.path());
    let plan = Plan::into(vec![original.platform.clone()], out, args)?;
    let job = plan.jobs.first().context("there is nothing to build")?;
    original.check(job)?;
    interrupt::watch()?;
    let done = job.run(plan.progress);
    if interrupt::came() {
        eprintln!("error: interrupted");
        interrupt::end();
    }
    let done = done?;
    let files = original.compare(&done)?;
    if args.json {
        report::print(&format!("{:#}", json!({ "platform": done.platform, "reproduced": true, "files": files })));
    } else if !args.quiet {
        report::print(&format!("{}: reproduced: {files} files and the manifest are the same", done.platform));
    }
    Ok(ExitCode::SUCCESS)
}
