//! Which builds a study consists of.

use std::collections::HashSet;

use anyhow::Result;
use minplat_platform::Platform;
use serde::{Deserialize, Serialize};

use super::knobs::{Knob, Table};

/// How knobs are turned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Design {
    /// Each value alone, from what the platform has.
    #[default]
    One,
    /// All small values together, and then all but one.
    Drop,
    /// Every two small values together.
    Pairs,
}

/// A build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Step {
    /// What is turned: knob and value. Nothing: what the platform has.
    pub(crate) turned: Vec<(String, String)>,
    /// The changes to the platform.
    pub(crate) sets: Vec<String>,
    /// What the size probe is compiled with besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) compile: Vec<String>,
    /// What it is linked with besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) link: Vec<String>,
    /// Why the platform cannot be so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) why_not: Option<String>,
}

impl Step {
    /// As one would say it.
    pub(crate) fn name(&self) -> String {
        if self.turned.is_empty() {
            return "as the platform has it".into();
        }
        self.turned.iter().map(|(knob, value)| format!("{knob}: {value}")).collect::<Vec<_>>().join("; ")
    }

    /// What is done for it, as a table of knobs has it.
    pub(crate) fn changes(&self) -> Vec<String> {
        let probe = self.compile.iter().map(|flag| format!("probe={flag}"));
        let link = self.link.iter().map(|flag| format!("link={flag}"));
        self.sets.iter().cloned().chain(probe).chain(link).collect()
    }
}

/// The builds of a study; the first is what the platform has. What changes nothing is left out.
///
/// # Errors
/// The platform cannot be read.
pub(crate) fn steps(called: &str, design: Design, table: &Table) -> Result<Vec<Step>> {
    let knobs = &table.knobs;
    let base = Platform::load(called, &[])?;
    let one = |knob: &Knob, value: &str| (knob.name.clone(), value.to_string());
    // What the platform has already is turned by nobody: a pair with it would be a knob alone.
    let is_turned = |(name, value): &(String, String)| {
        let step = step(&base, knobs, vec![(name.clone(), value.clone())]);
        let is_same = Platform::load(called, &step.sets).is_ok_and(|platform| resolved(&platform) == resolved(&base));
        !(is_same && step.compile.is_empty() && step.link.is_empty())
    };
    let small = knobs.iter().filter_map(|knob| Some(one(knob, knob.small.as_deref()?))).filter(is_turned);
    let small: Vec<_> = small.collect();
    let mut all: Vec<Vec<(String, String)>> = match design {
        Design::One => knobs.iter().flat_map(|knob| knob.values.keys().map(|value| vec![one(knob, value)])).collect(),
        Design::Drop => {
            let but =
                |nth: usize| small.iter().enumerate().filter(|(n, _)| *n != nth).map(|(_, one)| one.clone()).collect();
            std::iter::once(small.clone()).chain((0..small.len()).map(but)).collect()
        }
        Design::Pairs => {
            let pairs = |(nth, first): (usize, &(String, String))| {
                small[nth + 1..].iter().map(|second| vec![first.clone(), second.clone()]).collect::<Vec<_>>()
            };
            small.iter().enumerate().flat_map(pairs).collect()
        }
    };
    all.insert(0, Vec::new());
    let mut steps = Vec::new();
    let mut seen = HashSet::new();
    for turned in all {
        let mut step = step(&base, knobs, turned);
        let same = match Platform::load(called, &step.sets) {
            Ok(platform) => (resolved(&platform), step.compile.clone(), step.link.clone()),
            Err(error) => {
                step.why_not = Some(error.to_string());
                (step.sets.join(" "), step.compile.clone(), step.link.clone())
            }
        };
        // What comes to the same library is built once, under the name that was first.
        if seen.insert(same) {
            steps.push(step);
        }
    }
    Ok(steps)
}

/// A platform's keys without its name and its budgets, which a changed platform does not have.
fn resolved(platform: &Platform) -> String {
    let text = platform.to_toml();
    let keys = text.split("[budget]").next().unwrap_or(&text);
    keys.lines().filter(|line| !line.starts_with('#') && !line.starts_with("summary")).collect::<Vec<_>>().join("\n")
}

/// What several values come to; flags of rustc add up, with those that the platform has.
fn step(base: &Platform, knobs: &[Knob], turned: Vec<(String, String)>) -> Step {
    const FLAGS: &str = "build.rustc-flags=";
    let (mut sets, mut flags, mut compile, mut link) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (name, value) in &turned {
        let changes = knobs.iter().find(|knob| knob.name == *name).and_then(|knob| knob.values.get(value));
        for change in changes.into_iter().flatten() {
            let (to, change) = if let Some(flag) = change.strip_prefix(FLAGS) {
                (&mut flags, flag)
            } else if let Some(flag) = change.strip_prefix("probe=") {
                (&mut compile, flag)
            } else if let Some(flag) = change.strip_prefix("link=") {
                (&mut link, flag)
            } else {
                (&mut sets, change.as_str())
            };
            to.push(change.to_string());
        }
    }
    if !flags.is_empty() {
        flags.splice(0..0, base.build().rustc_flags);
        sets.push(format!("{FLAGS}{}", flags.join(",")));
    }
    Step { turned, sets, compile, link, why_not: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_design_turns_what_it_says() {
        let one = steps("x86_64-minplat", Design::One, &Table::read(None).unwrap()).unwrap();
        assert!(one[0].turned.is_empty() && one[0].sets.is_empty());
        assert!(one[1..].iter().all(|step| step.turned.len() == 1));
        // What the platform has already is not built again.
        assert!(!one.iter().any(|step| step.name() == "optimisation: z"));
        assert!(one.iter().any(|step| step.name() == "optimisation: s" && step.sets == ["build.opt-level=s"]));
        let drop = steps("x86_64-minplat", Design::Drop, &Table::read(None).unwrap()).unwrap();
        let most = drop[1].turned.len();
        assert!(most > 5 && drop[2..].iter().all(|step| step.turned.len() == most - 1));
        let pairs = steps("x86_64-minplat", Design::Pairs, &Table::read(None).unwrap()).unwrap();
        assert!(pairs[1..].iter().all(|step| step.turned.len() == 2));
        let both =
            pairs.iter().find(|step| step.name() == "outliner: on; unwind tables: off").expect("two flags of rustc");
        let flags = "build.rustc-flags=-Cllvm-args=-enable-machine-outliner=always,-Cforce-unwind-tables=no";
        assert_eq!(both.sets, [flags]);
        // What the platform has already makes no pair: every name says what was measured.
        assert!(!pairs.iter().any(|step| step.name().contains("optimisation: z")));
        let names: HashSet<_> = pairs.iter().map(Step::name).collect();
        assert_eq!(names.len(), pairs.len());
        assert_eq!(pairs.len() - 1, most * (most - 1) / 2, "each two of them");
    }

    #[test]
    fn what_is_of_the_probe_alone_needs_no_other_library() {
        let one = steps("x86_64-minplat", Design::One, &Table::read(None).unwrap()).unwrap();
        let index = one.iter().find(|step| step.name() == "imports and exports: by index").unwrap();
        assert!(index.sets.is_empty() && index.compile == ["-DMINPLAT_PROBE_BY_INDEX"] && index.link.is_empty());
        let folding = one.iter().find(|step| step.name() == "identical code folding: by the linker").unwrap();
        assert!(folding.sets.is_empty() && folding.compile.is_empty() && folding.link == ["--icf=all"]);
    }

    #[test]
    fn every_switch_of_what_a_library_can_do_is_a_knob() {
        let knobs = Table::read(None).unwrap().knobs;
        let changes: Vec<_> = knobs.iter().flat_map(|knob| knob.values.values().flatten()).collect();
        for key in minplat_platform::keys::KEYS.iter() {
            let is_one = ["wasm.", "runtime.", "offers."].iter().any(|table| key.path.starts_with(table));
            if is_one && key.kind.describe() == "true or false" {
                assert!(changes.iter().any(|change| change.starts_with(&format!("{}=", key.path))), "{}", key.path);
            }
        }
    }

    #[test]
    fn what_a_machine_cannot_be_is_told() {
        let all = steps("pulley32-thumbv7em", Design::One, &Table::read(None).unwrap()).unwrap();
        let traps = all.iter().find(|step| step.name() == "code: native").unwrap();
        assert!(traps.why_not.is_some());
    }
}
