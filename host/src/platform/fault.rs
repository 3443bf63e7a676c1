//! Calls that fail on demand.

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use super::Call;

/// The `nth` call (the first is 1, counted from the start of the process) of `call` fails with ENOMEM, and does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which function.
    pub call: Call,
    /// Which of its calls.
    pub nth: u64,
}

static FAULTS: Mutex<Vec<Fault>> = Mutex::new(Vec::new());

/// Replaces the calls that shall fail.
pub fn set_faults(faults: Vec<Fault>) {
    *FAULTS.lock().unwrap_or_else(PoisonError::into_inner) = faults;
}

/// Whether this call shall fail.
pub(super) fn strikes(call: Call, nth: u64) -> bool {
    FAULTS.lock().unwrap_or_else(PoisonError::into_inner).contains(&Fault { call, nth })
}

impl FromStr for Fault {
    type Err = String;

    /// Reads `CALL:N`, as in `mprotect:3`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, nth) = text.split_once(':').ok_or("expected CALL:N, as in mprotect:3")?;
        let call = Call::from_name(name).filter(|call| call.can_fail()).ok_or_else(|| {
            let names: Vec<_> =
                Call::ALL.iter().filter(|c| c.can_fail()).map(|c| &c.symbol()["wasmtime_".len()..]).collect();
            format!("\"{name}\" is no platform function that can fail; there are {}", names.join(", "))
        })?;
        match nth.parse() {
            Ok(nth) if nth > 0 => Ok(Fault { call, nth }),
            _ => Err(format!("\"{nth}\" is no count of calls: the first call is 1")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_command_line_says() {
        assert_eq!("mprotect:3".parse(), Ok(Fault { call: Call::Mprotect, nth: 3 }));
        assert_eq!("wasmtime_mmap_new:1".parse(), Ok(Fault { call: Call::MmapNew, nth: 1 }));
        for bad in ["mprotect", "mprotect:0", "mprotect:x", "tls_get:1", "nothing:1"] {
            assert!(bad.parse::<Fault>().is_err(), "{bad}");
        }
    }
}
