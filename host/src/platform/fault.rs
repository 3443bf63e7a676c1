//! What fails on demand.

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use super::{Call, heap};

/// Something that can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing {
    /// A function of the platform; it answers with ENOMEM, and does nothing.
    Call(Call),
    /// An allocation of the library's heap, where that is the host's ([`heap::lend`]).
    Heap,
}

impl Failing {
    /// How often it was asked for in this process.
    pub fn count(self) -> u64 {
        match self {
            Failing::Call(call) => call.count(),
            Failing::Heap => heap::count(),
        }
    }

    /// All that there are, by the names that [`Fault`] reads.
    fn names() -> impl Iterator<Item = (&'static str, Failing)> {
        let calls = Call::ALL.iter().filter(|call| call.can_fail());
        calls.map(|call| (call.name(), Failing::Call(*call))).chain([("heap", Failing::Heap)])
    }

    fn from_name(name: &str) -> Option<Failing> {
        if name == "heap" {
            return Some(Failing::Heap);
        }
        Call::from_name(name).filter(|call| call.can_fail()).map(Failing::Call)
    }
}

impl fmt::Display for Failing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Failing::Call(call) => call.name(),
            Failing::Heap => "heap",
        })
    }
}

/// The `nth` time (the first is 1, counted from the start of the process) something fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What.
    pub what: Failing,
    /// Which time.
    pub nth: u64,
    /// Whether it fails every time from then on.
    pub lasts: bool,
}

static FAULTS: Mutex<Vec<Fault>> = Mutex::new(Vec::new());

/// Replaces what shall fail.
pub fn set_faults(faults: Vec<Fault>) {
    *FAULTS.lock().unwrap_or_else(PoisonError::into_inner) = faults;
}

/// Whether it shall fail this time.
pub(super) fn strikes(what: Failing, nth: u64) -> bool {
    let faults = FAULTS.lock().unwrap_or_else(PoisonError::into_inner);
    faults.iter().any(|fault| fault.what == what && (fault.nth == nth || (fault.lasts && fault.nth < nth)))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}{}", self.what, self.nth, if self.lasts { "+" } else { "" })
    }
}

impl FromStr for Fault {
    type Err = String;

    /// Reads `CALL:N`, as in `mprotect:3`, or `CALL:N+` for that one and all behind it.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, nth) = text.split_once(':').ok_or("expected CALL:N, as in mprotect:3")?;
        let what = Failing::from_name(name).ok_or_else(|| {
            let names: Vec<_> = Failing::names().map(|(name, _)| name).collect();
            format!("\"{name}\" is nothing that can fail; there are {}", names.join(", "))
        })?;
        let (number, lasts) = nth.strip_suffix('+').map_or((nth, false), |number| (number, true));
        match number.parse() {
            Ok(nth) if nth > 0 => Ok(Fault { what, nth, lasts }),
            _ => Err(format!("\"{nth}\" is no count of calls: the first call is 1")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_command_line_says() {
        let fault = |call, nth, lasts| Ok(Fault { what: Failing::Call(call), nth, lasts });
        assert_eq!("mprotect:3".parse(), fault(Call::Mprotect, 3, false));
        assert_eq!("wasmtime_mmap_new:1".parse(), fault(Call::MmapNew, 1, false));
        assert_eq!("mmap:2+".parse(), fault(Call::MmapNew, 2, true));
        assert_eq!("heap:7".parse(), Ok(Fault { what: Failing::Heap, nth: 7, lasts: false }));
        for bad in ["mprotect", "mprotect:0", "mprotect:x", "mprotect:+", "tls_get:1", "nothing:1"] {
            assert!(bad.parse::<Fault>().is_err(), "{bad}");
        }
    }

    #[test]
    fn every_name_is_read() {
        for (name, what) in Failing::names() {
            let fault = Fault { what, nth: 4, lasts: true };
            assert_eq!(format!("{name}:4+").parse(), Ok(fault));
            assert_eq!(fault.to_string(), format!("{name}:4+"));
        }
    }
}
