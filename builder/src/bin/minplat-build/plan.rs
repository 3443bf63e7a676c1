//! From what was typed to jobs: everything that can be wrong before something is built is found here.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Error, Result, bail};
use minplat_builder::cargo::Options;
use minplat_builder::job::Job;
use minplat_builder::progress::{Detail, Progress};
use minplat_builder::publish::Artifacts;
use minplat_builder::source::Source;
use minplat_builder::toolchain::{choose, list};
use minplat_platform::{DEFAULT, Platform, Problem};

use crate::args::Args;

/// What is to be done.
pub(crate) struct Plan {
    pub(crate) jobs: Vec<Job>,
    pub(crate) cores: usize,
    pub(crate) progress: Progress,
}

impl Plan {
    /// For platforms, each with what the user called it; results go where the command line or the environment says.
    pub(crate) fn new(platforms: Vec<(String, Platform)>, args: &Args) -> Result<Self> {
        let out = args
            .out_dir
            .clone()
            .or_else(|| std::env::var_os("MINPLAT_ARTIFACTS").filter(|v| !v.is_empty()).map(PathBuf::from));
        let source = Source::find(args.source.as_deref())?;
        Self::in_folder(platforms, (source, &out.unwrap_or_else(|| "artifacts".into())), args)
    }

    /// The same from a checkout, with results in the folder `out`.
    pub(crate) fn in_folder(
        platforms: Vec<(String, Platform)>,
        (source, out): (Source, &Path),
        args: &Args,
    ) -> Result<Self> {
        let artifacts = Artifacts::open(out)?;
        let listed = list(args.toolchain.as_deref());
        let choices: Vec<_> = platforms.iter().map(|(_, platform)| choose(platform, &listed)).collect::<Result<_>>()?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let cores = args.jobs.map_or(cores, usize::from);
        let options = Options {
            locked: args.locked || args.reproduce.is_some(),
            offline: args.offline,
            jobs: args.jobs.map(usize::from),
        };
        let mut jobs = Vec::new();
        for ((called, platform), choice) in platforms.into_iter().zip(choices) {
            let name = platform.name().to_string();
            let job = Job::new((&called, platform), &args.sets, (&source, choice), &artifacts, options);
            jobs.push(job.map_err(|error| error.context(name))?);
        }
        let detail = match (args.quiet, args.verbose) {
            (true, _) => Detail::Quiet,
            (_, true) => Detail::Verbose,
            _ => Detail::Normal,
        };
        let progress = Progress { detail, alone: jobs.len() == 1 };
        Ok(Self { jobs, cores, progress })
    }
}

/// The platforms, with what the user called each. Problems of all of them are told at once.
pub(crate) fn platforms(args: &Args) -> Result<Vec<(String, Platform)>> {
    let called: Vec<String> = match (args.all, args.platforms.is_empty()) {
        (true, _) => Platform::shipped().map(str::to_string).collect(),
        (_, true) => vec![DEFAULT.to_string()],
        _ => args.platforms.clone(),
    };
    let mut platforms = Vec::new();
    let mut problems = Vec::new();
    let mut names = HashSet::new();
    for name in called {
        match Platform::load(&name, &args.sets) {
            Ok(platform) if names.insert(platform.name().to_string()) => platforms.push((name, platform)),
            Ok(platform) => bail!(
                "two of the platforms are called {}, and their folders would be the same; name it once, or build them one \
                 after the other with another --out-dir each",
                platform.name()
            ),
            Err(error) => add(&mut problems, error.0),
        }
    }
    if problems.is_empty() { Ok(platforms) } else { Err(Error::new(minplat_platform::Problems(problems))) }
}

/// What is wrong with `--set` is wrong for each platform, and told once.
fn add(problems: &mut Vec<Problem>, more: Vec<Problem>) {
    for mut problem in more {
        // The option of the other programs; here platforms have none.
        if problem.file == "--platform" {
            problem.file = "PLATFORM".into();
        }
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
}
