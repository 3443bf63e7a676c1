//! What the platform was asked for so far.

use serde::Serialize;

use super::{Call, ledger, traps};

/// A snapshot; everything since the start of the process, except as [`reset_peaks`] says.
#[derive(Clone, Debug, Serialize)]
pub struct Stats {
    /// How often each function was called, those never called left out.
    pub calls: Vec<CallCount>,
    /// Address space mapped now, bytes, reservations included.
    pub mapped: u64,
    /// The most that was ever mapped.
    pub mapped_peak: u64,
    /// Bytes that a device would have memory behind: accessible once since they were mapped, and images.
    pub backed: u64,
    /// The most that was ever backed.
    pub backed_peak: u64,
    /// Faults that were offered to the libraries' trap handlers.
    pub faults: u64,
}

/// A function and how often it was called.
#[derive(Clone, Debug, Serialize)]
pub struct CallCount {
    /// Its symbol.
    pub name: &'static str,
    /// The number of calls.
    pub count: u64,
}

/// Takes a snapshot.
pub fn stats() -> Stats {
    let counts = Call::ALL.iter().map(|call| CallCount { name: call.symbol(), count: call.count() });
    let calls = counts.filter(|c| c.count > 0).collect();
    ledger::with(|ledger| Stats {
        calls,
        mapped: ledger.mapped,
        mapped_peak: ledger.mapped_peak,
        backed: ledger.backed,
        backed_peak: ledger.backed_peak,
        faults: traps::delivered(),
    })
}

/// Lets the peaks start anew from what is mapped and backed now.
pub fn reset_peaks() {
    ledger::with(|ledger| {
        ledger.mapped_peak = ledger.mapped;
        ledger.backed_peak = ledger.backed;
    });
}
