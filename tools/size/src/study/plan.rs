//! Which builds a study consists of.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use minplat_platform::Platform;
use serde::{Deserialize, Serialize};

/// The table that is used where none is given.
const SHIPPED: &str = include_str!("../../knobs.toml");

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

/// A table of knobs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Knobs {
    knob: Vec<Knob>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Knob {
    name: String,
    /// The value that is to save bytes.
    small: Option<String>,
    values: BTreeMap<String, Vec<String>>,
}

/// A build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Step {
    /// What is turned: knob and value. Nothing: what the platform has.
    pub(crate) turned: Vec<(String, String)>,
    /// The changes to the platform.
    pub(crate) sets: Vec<String>,
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
}

/// The builds of a study; the first is what the platform has. What changes nothing is left out.
///
/// # Errors
/// The table cannot be read, or the platform.
pub(crate) fn steps(called: &str, design: Design, table: Option<&Path>) -> Result<Vec<Step>> {
    let knobs = read(table)?;
    let base = Platform::load(called, &[])?;
    let one = |knob: &Knob, value: &str| (knob.name.clone(), value.to_string());
    let small: Vec<_> = knobs.iter().filter_map(|knob| Some(one(knob, knob.small.as_deref()?))).collect();
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
    let mut steps: Vec<Step> = Vec::new();
    for turned in all {
        let sets = sets(&base, &knobs, &turned);
        let step = match Platform::load(called, &sets) {
            // The same as the platform has.
            Ok(platform) if !turned.is_empty() && resolved(&platform) == resolved(&base) => continue,
            Ok(_) => Step { turned, sets, why_not: None },
            Err(error) => Step { turned, sets, why_not: Some(error.to_string()) },
        };
        if !steps.iter().any(|other| other.sets == step.sets && other.turned != step.turned) {
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

fn read(table: Option<&Path>) -> Result<Vec<Knob>> {
    let (name, text) = match table {
        Some(path) => {
            let name = path.display().to_string();
            let text =
                std::fs::read_to_string(path).with_context(|| format!("cannot read the table of knobs {name}"))?;
            (name, text)
        }
        None => ("knobs.toml".to_string(), SHIPPED.to_string()),
    };
    let knobs: Knobs = toml::from_str(&text).with_context(|| format!("{name} is no table of knobs"))?;
    for knob in &knobs.knob {
        if let Some(small) = knob.small.as_ref().filter(|small| !knob.values.contains_key(*small)) {
            bail!("{name}: the knob {} has no value {small}; name one of its values as small", knob.name);
        }
    }
    Ok(knobs.knob)
}

/// The changes of several values; flags of rustc add up, with those that the platform has.
fn sets(base: &Platform, knobs: &[Knob], turned: &[(String, String)]) -> Vec<String> {
    const FLAGS: &str = "build.rustc-flags=";
    let mut sets = Vec::new();
    let mut flags = Vec::new();
    for (name, value) in turned {
        let changes = knobs.iter().find(|knob| knob.name == *name).and_then(|knob| knob.values.get(value));
        for change in changes.into_iter().flatten() {
            match change.strip_prefix(FLAGS) {
                Some(more) => flags.push(more.to_string()),
                None => sets.push(change.clone()),
            }
        }
    }
    if !flags.is_empty() {
        flags.splice(0..0, base.build().rustc_flags);
        sets.push(format!("{FLAGS}{}", flags.join(",")));
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_design_turns_what_it_says() {
        let one = steps("x86_64-minplat", Design::One, None).unwrap();
        assert!(one[0].turned.is_empty() && one[0].sets.is_empty());
        assert!(one[1..].iter().all(|step| step.turned.len() == 1));
        // What the platform has already is not built again.
        assert!(!one.iter().any(|step| step.name() == "optimisation: z"));
        assert!(one.iter().any(|step| step.name() == "optimisation: s" && step.sets == ["build.opt-level=s"]));
        let drop = steps("x86_64-minplat", Design::Drop, None).unwrap();
        let most = drop[1].turned.len();
        assert!(most > 5 && drop[2..].iter().all(|step| step.turned.len() == most - 1));
        let pairs = steps("x86_64-minplat", Design::Pairs, None).unwrap();
        assert!(pairs[1..].iter().all(|step| step.turned.len() == 2));
        let both =
            pairs.iter().find(|step| step.name() == "outliner: on; unwind tables: off").expect("two flags of rustc");
        let flags = "build.rustc-flags=-Cllvm-args=-enable-machine-outliner=always,-Cforce-unwind-tables=no";
        assert_eq!(both.sets, [flags]);
    }

    #[test]
    fn what_a_machine_cannot_be_is_told() {
        let all = steps("pulley32-thumbv7em", Design::One, None).unwrap();
        let traps = all.iter().find(|step| step.name() == "code: native").unwrap();
        assert!(traps.why_not.is_some());
    }
}
