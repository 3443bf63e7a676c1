//! `--reproduce`: a library again, and whether it is the same.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use minplat_builder::interrupt;
use minplat_builder::reproduce::{Comparison, Original};
use minplat_builder::source::{Source, named_target};
use serde_json::json;

use crate::args::Args;
use crate::plan::Plan;
use crate::report;

/// Builds the library of a manifest and compares.
pub(crate) fn run(manifest: &Path, args: &Args) -> Result<ExitCode> {
    let original = Original::read(manifest)?;
    let folder =
        tempfile::tempdir().context("cannot make a temporary folder; set TMPDIR to one that can be written")?;
    let mut source = Source::find(args.source.as_deref())?;
    // Cargo believes what it finds in its folder; in an empty one it finds nothing.
    let reused = named_target();
    source.target = Some(reused.clone().unwrap_or_else(|| folder.path().join("target")));
    let built = folder.path().join("built");
    let out = args.out_dir.as_deref().unwrap_or(&built);
    let plan = Plan::in_folder(vec![original.platform.clone()], (source, out), args)?;
    let job = plan.jobs.first().context("there is nothing to build")?;
    if original.prefix.as_ref().is_some_and(|prefix| job.prefix().canonicalize().is_ok_and(|out| out == *prefix)) {
        bail!("{} is where the original lies; name another folder with --out-dir", job.prefix().display());
    }
    original.check(&job.programs())?;
    interrupt::watch()?;
    let done = job.run_anew(plan.progress);
    if interrupt::came() {
        eprintln!("error: interrupted");
        drop(folder);
        interrupt::end();
    }
    let done = done?;
    let Comparison { same, files, facts } = original.compare(&done.manifest);
    let reproduced = files.is_empty();
    if args.json {
        let report = json!({
            "platform": done.platform, "reproduced": reproduced, "same": same, "files": files, "facts": facts,
            "reused": reused, "compared": original.prefix,
        });
        report::print(&format!("{report:#}"));
    }
    for fact in &facts {
        eprintln!("warning: the manifests differ in {fact}");
    }
    if !reproduced {
        bail!(
            "{} is not reproduced; is this the checkout of its commit? --out-dir keeps what was built\n  {}",
            done.platform,
            files.join("\n  ")
        );
    }
    if !args.json && !args.quiet {
        let how = match &reused {
            Some(target) => format!("with what {} had of before", target.display()),
            None => "from nothing".to_string(),
        };
        let what = match original.prefix {
            Some(_) => "files are those of the library",
            None => "files have the digests of the manifest; no library lay beside it to be looked at",
        };
        report::print(&format!("{}: reproduced, {how}: {same} {what}", done.platform));
    }
    Ok(ExitCode::SUCCESS)
}
