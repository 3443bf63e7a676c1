//! `minplat-host check-platform`.

use std::process::ExitCode;

use minplat_host::check::{Checked, Listener, Verdict, check_by, check_own, reference};
use minplat_host::{Device, find_library};
use serde_json::json;

use crate::args::CheckPlatform;
use crate::out;

pub(crate) fn check_platform(args: &CheckPlatform) -> ExitCode {
    if args.list {
        return printed(&reference());
    }
    match check(args) {
        Ok(Told { lost: Some(error), .. }) => {
            out::lost(&error);
            ExitCode::FAILURE
        }
        Ok(told) if told.count(Verdict::Failed) > 0 => ExitCode::FAILURE,
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            out::failed(args.json, &error);
            ExitCode::FAILURE
        }
    }
}

fn printed(text: &str) -> ExitCode {
    match out::print(text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            out::lost(&error);
            ExitCode::FAILURE
        }
    }
}

/// What the checks told so far.
struct Told {
    is_json: bool,
    checks: Vec<Checked>,
    lost: Option<std::io::Error>,
}

impl Told {
    fn count(&self, verdict: Verdict) -> usize {
        self.checks.iter().filter(|check| check.verdict == verdict).count()
    }

    /// At once: the process may end in the next check.
    fn print(&mut self, text: &str) {
        if let Err(error) = out::print(text) {
            self.lost.get_or_insert(error);
        }
    }
}

impl Listener for Told {
    fn begins(&mut self, name: &str) {
        if !self.is_json {
            self.print(&format!("{name:<18}"));
        }
    }

    fn ended(&mut self, check: Checked) {
        if !self.is_json {
            let detail = |before: &str| {
                if check.detail.is_empty() { String::new() } else { format!("{before}{}", check.detail) }
            };
            let text = match check.verdict {
                Verdict::Passed => format!("passed{}\n", detail("; ")),
                Verdict::NotCheckable => format!("not checkable here{}\n", detail(": ")),
                Verdict::Failed => format!(
                    "FAILED{}\n{:<18}it means  {}\n{:<18}remedy    {}\n",
                    detail(": "),
                    "",
                    check.meaning,
                    "",
                    check.remedy
                ),
            };
            self.print(&text);
        }
        self.checks.push(check);
    }
}

fn check(args: &CheckPlatform) -> anyhow::Result<Told> {
    let mut told = Told { is_json: args.json, checks: Vec::new(), lost: None };
    let only = args.only.as_deref();
    let library = match (&args.library, &args.platform) {
        (Some(library), _) => Some(library.clone()),
        (None, Some(platform)) => Some(find_library(platform, None)?),
        (None, None) => None,
    };
    match &library {
        Some(library) => check_by(&Device::open(library)?, only, &mut told)?,
        None => check_own(only, &mut told)?,
    }
    let [passed, failed, not_checkable] =
        [Verdict::Passed, Verdict::Failed, Verdict::NotCheckable].map(|verdict| told.count(verdict));
    let text = if args.json {
        let library = library.map(|library| library.display().to_string());
        let all = json!({
            "library": library, "checks": told.checks, "passed": passed, "failed": failed, "not_checkable": not_checkable,
        });
        format!("{all}\n")
    } else {
        format!("{passed} passed, {failed} failed, {not_checkable} not checkable here\n")
    };
    told.print(&text);
    Ok(told)
}
