//! Several platforms at once: optimising a library whole keeps one core busy, so another library is built beside it.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Error, Result};

use crate::interrupt;
use crate::job::{Done, Job};
use crate::progress::Progress;

/// Runs all jobs, as many at once as `cores` allow, and hands each result to `report` as it comes. An error of one does not
/// stop the others.
pub fn run(jobs: Vec<Job>, cores: usize, progress: Progress, report: impl Fn(&str, Result<Done>) + Sync) {
    let mut groups = groups(jobs);
    if groups.is_empty() {
        return;
    }
    let one = |job: &Job| report(job.platform.name(), interrupt::check().and_then(|()| job.run(progress)));
    // The first build compiles the macros and build scripts, which run on this machine and are the same for every target;
    // the others start from a copy.
    let mut first = groups.remove(0);
    if !groups.is_empty()
        && let Some(job) = first.pop_front()
    {
        one(&job);
        for group in &groups {
            if let Some(next) = group.front().filter(|next| same_toolchain(next, &job))
                && let Err(error) = copy_host_part(job.folder(), next.folder())
            {
                progress.say(next.platform.name(), &format!("compiles its macros again: {error:#}"));
            }
        }
    }
    groups.insert(0, first);
    let workers = groups.len().min(cores.max(1));
    let queue = Mutex::new(VecDeque::from(groups));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).pop_front();
                    let Some(group) = next else { return };
                    group.iter().for_each(one);
                }
            });
        }
    });
}

/// Jobs that share Cargo's output, together, in the order given; the largest group first, since it takes longest.
fn groups(jobs: Vec<Job>) -> Vec<VecDeque<Job>> {
    let mut groups: Vec<VecDeque<Job>> = Vec::new();
    for job in jobs {
        match groups.iter_mut().find(|group| group[0].folder() == job.folder()) {
            Some(group) => group.push_back(job),
            None => groups.push(VecDeque::from([job])),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    groups
}

fn same_toolchain(a: &Job, b: &Job) -> bool {
    let of = |job: &Job| (job.choice().toolchain.rustc.clone(), job.choice().method);
    of(a) == of(b)
}

/// What Cargo built for this machine in `from`, to `to`, unless there is something already.
fn copy_host_part(from: &Path, to: &Path) -> Result<()> {
    let (from, to) = (from.join("release"), to.join("release"));
    if to.exists() || !from.exists() {
        return Ok(());
    }
    let dir = to.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir).with_context(|| format!("cannot write {}", dir.display()))?;
    let stage = tempfile::Builder::new().prefix("host-").tempdir_in(dir)?;
    for part in [".fingerprint", "build", "deps"] {
        copy(&from.join(part), &stage.path().join(part))?;
    }
    fs::rename(stage.path(), &to).map_err(Error::from)
}

/// Copies a tree with its times: Cargo goes by them.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let told = |e: std::io::Error, path: &PathBuf| Error::from(e).context(format!("cannot copy {}", path.display()));
    fs::create_dir_all(to).map_err(|e| told(e, &to.to_path_buf()))?;
    for entry in fs::read_dir(from).map_err(|e| told(e, &from.to_path_buf()))? {
        let path = entry?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &target)?;
            continue;
        }
        fs::copy(&path, &target).map_err(|e| told(e, &path))?;
        let time = fs::metadata(&path)?.modified()?;
        File::options().write(true).open(&target)?.set_modified(time).map_err(|e| told(e, &target))?;
    }
    Ok(())
}
