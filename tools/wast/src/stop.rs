//! Why an action has no result, and what its directive comes to then.

use minplat_host::Error;

use crate::outcome::Outcome;

/// Why there is no result.
#[derive(Clone)]
pub(crate) enum Stop {
    /// The platform has not what it needs.
    NotSupported(String),
    /// Something is wrong before the device is asked.
    Wrong(String),
    /// What the device said.
    Device(Error),
}

impl Stop {
    /// The outcome where something else was expected.
    pub(crate) fn outcome(self, expected: String) -> Outcome {
        match self {
            Stop::NotSupported(needs) => Outcome::NotSupported(needs),
            Stop::Wrong(actual) => failed(expected, actual),
            Stop::Device(error) => {
                let kind = match &error.trap {
                    Some(trap) => format!("the trap \"{}\"", trap.text),
                    None => format!("the error {}", error.code.name()),
                };
                let actual = if error.message == format!("wasm trap: {}", error.trap.as_ref().map_or("", |t| &t.text)) {
                    kind
                } else {
                    format!("{kind}: {}", error.message)
                };
                failed(expected, actual)
            }
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Device(error)
    }
}

/// The outcome of what was to come out otherwise.
pub(crate) fn failed(expected: String, actual: String) -> Outcome {
    Outcome::Failed { expected, actual }
}

/// The outcome of what was only to succeed.
pub(crate) fn done<T>(made: &Result<T, Stop>, expected: &str) -> Outcome {
    match made {
        Ok(_) => Outcome::Passed,
        Err(stop) => stop.clone().outcome(expected.into()),
    }
}

/// What later directives find instead of a module that failed.
pub(crate) fn after<T>(made: Result<T, Stop>, line: usize) -> Result<T, Stop> {
    made.map_err(|stop| match stop {
        Stop::NotSupported(needs) => Stop::NotSupported(needs),
        Stop::Wrong(_) | Stop::Device(_) => Stop::Wrong(format!("the module of line {line} failed")),
    })
}
