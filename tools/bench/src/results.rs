//! What was found: what `--json` prints, and what tables and charts are made of.

use serde::{Deserialize, Serialize};

use crate::against::Against;
use crate::engine::Way;
use crate::environment::Environment;
use minplat_report::{geometric_mean, median};

/// All that was measured; a section that was not is not there.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Results {
    pub(crate) environment: Environment,
    /// Short rounds, or a program that was not optimised: that all works, not how fast.
    pub(crate) is_trial: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) execution: Option<Execution>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) instructions: Option<Vec<Count>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) startup: Option<Vec<Start>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) instances: Option<Vec<Held>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) calls: Option<Vec<Call>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) compile: Option<Vec<Compiled>>,
    /// What became of the figures of an earlier run.
    #[serde(skip_serializing_if = "Option::is_none", skip_deserializing)]
    pub(crate) against: Option<Against>,
    /// What could not be measured, and why.
    pub(crate) left_out: Vec<LeftOut>,
}

/// An engine that a section did without.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// The kernels or modules; all, if there is none.
    pub(crate) kernels: Vec<String>,
    pub(crate) engine: String,
    pub(crate) why: String,
}

/// Kernels in all engines.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Execution {
    pub(crate) kernels: Vec<Kernel>,
}

/// A kernel in all engines, which agree on the checksum.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Kernel {
    pub(crate) kernel: String,
    pub(crate) units: i32,
    pub(crate) checksum: i32,
    pub(crate) engines: Vec<Timed>,
}

/// A kernel in an engine.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Timed {
    pub(crate) engine: String,
    /// The median of the rounds.
    pub(crate) nanoseconds_per_unit: f64,
    /// How far the middle half of the rounds is spread, as a part of the median.
    pub(crate) spread: f64,
    /// The median of what each round took beside native code in the same round.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to_native: Option<f64>,
    /// The same beside Wasmtime as it comes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to_wasmtime: Option<f64>,
    /// Nanoseconds for all units, round by round.
    pub(crate) rounds: Vec<f64>,
}

impl Execution {
    /// What an engine takes on a kernel beside another: the median of the rounds' ratios.
    pub(crate) fn ratio(&self, kernel: &str, engine: &str, base: &str) -> Option<f64> {
        self.kernels.iter().find(|found| found.kernel == kernel)?.ratio(engine, base)
    }

    /// The geometric mean of these ratios over the kernels that both ran.
    pub(crate) fn mean(&self, engine: &str, base: &str) -> Option<f64> {
        let mean = geometric_mean(self.kernels.iter().filter_map(|kernel| kernel.ratio(engine, base)));
        mean.is_finite().then_some(mean)
    }

    /// The engines, in the order of the tables.
    pub(crate) fn engines(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        for timed in self.kernels.iter().flat_map(|kernel| &kernel.engines) {
            if !all.contains(&timed.engine.as_str()) {
                all.push(&timed.engine);
            }
        }
        all
    }
}

impl Kernel {
    pub(crate) fn ratio(&self, engine: &str, base: &str) -> Option<f64> {
        Some(median(&self.ratios(engine, base)?))
    }

    /// What an engine takes beside another, round by round.
    pub(crate) fn ratios(&self, engine: &str, base: &str) -> Option<Vec<f64>> {
        let rounds = |name: &str| self.engines.iter().find(|timed| timed.engine == name).map(|timed| &timed.rounds);
        let pairs = rounds(engine)?.iter().zip(rounds(base)?);
        Some(pairs.map(|(one, other)| one / other).collect())
    }
}

/// Instructions of a kernel in an engine, as callgrind counts them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Count {
    pub(crate) kernel: String,
    pub(crate) engine: String,
    pub(crate) instructions_per_unit: u64,
}

/// From a compiled module to the return of its first call. Nanoseconds, each the median of the rounds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Start {
    pub(crate) module: String,
    /// Bytes of the WebAssembly module.
    pub(crate) bytes: u64,
    pub(crate) engine: String,
    pub(crate) way: Way,
    pub(crate) load: f64,
    pub(crate) instantiate: f64,
    pub(crate) first_call: f64,
    /// The median of the rounds' sums.
    pub(crate) total: f64,
    /// How far the middle half of the sums is spread, as a part of the median.
    pub(crate) spread: f64,
    /// The median of what each round took beside Wasmtime as it comes, in the same round and the same way: copied, or from a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to_wasmtime: Option<f64>,
}

impl Start {
    /// How the module came into the engine, in a reader's words.
    pub(crate) fn manner(&self) -> &'static str {
        match (self.way, self.engine.starts_with("wasmtime"), self.engine == "wasmi") {
            (Way::Copied, _, true) => "validated",
            (Way::Copied, ..) => "copied",
            (Way::InPlace, true, _) => "from a file",
            (Way::InPlace, false, _) => "in place",
        }
    }
}

/// Instances of one module, each in a store of its own, all alive.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) engine: String,
    pub(crate) module: String,
    pub(crate) count: usize,
    pub(crate) per_second: f64,
    /// How far the middle half of the times is spread, as a part of the median.
    pub(crate) spread: f64,
    /// The time beside that of Wasmtime as it comes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to_wasmtime: Option<f64>,
    /// Bytes of the process that came into RAM for each.
    pub(crate) resident_bytes: u64,
}

/// A call across the border between host and guest, beside the `wasmtime` crate's typed calls: what `minplat-call-cost` prints.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Call {
    pub(crate) platform: String,
    pub(crate) way: String,
    pub(crate) nanoseconds: f64,
    pub(crate) wasmtime_nanoseconds: f64,
    pub(crate) ratio: f64,
}

/// A way to compile a module.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Compiled {
    pub(crate) module: String,
    /// Bytes of the WebAssembly module.
    pub(crate) bytes: u64,
    pub(crate) platform: String,
    pub(crate) how: String,
    /// The median of the rounds.
    pub(crate) milliseconds: f64,
    /// How far the middle half of the times is spread, as a part of the median.
    pub(crate) spread: f64,
    /// The median of what each round took beside the way that this one is compared with, in the same round.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ratio: Option<f64>,
    /// That way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) beside: Option<String>,
    /// Of the process that did it, at its highest.
    pub(crate) resident_bytes: u64,
}
