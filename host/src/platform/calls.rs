//! Which functions there are, how often each was called, and the trace.

use std::fmt::Display;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

macro_rules! calls {
    ($($variant:ident $name:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)?;)*) => {
        /// A function of the platform that this host offers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Call { $(
            #[doc = concat!("`wasmtime_", stringify!($name), "`")]
            $variant,
        )* }

        impl Call {
            /// All of them, in the header's order.
            pub const ALL: &[Call] = &[$(Call::$variant),*];

            /// The symbol that a library asks for.
            pub fn symbol(self) -> &'static str {
                match self { $(Call::$variant => concat!("wasmtime_", stringify!($name))),* }
            }

            /// Whether it can answer with an error code.
            pub fn can_fail(self) -> bool {
                match self { $(Call::$variant => [$(stringify!($ret) == "i32",)? false][0]),* }
            }
        }
    };
}
platform_functions!(calls);

static COUNTS: [AtomicU64; Call::ALL.len()] = [const { AtomicU64::new(0) }; Call::ALL.len()];
static TRACE: AtomicBool = AtomicBool::new(false);

impl Call {
    /// The symbol without `wasmtime_`.
    pub fn name(self) -> &'static str {
        &self.symbol()["wasmtime_".len()..]
    }

    /// The function with this symbol; `wasmtime_` may be left out, and `mmap` is `mmap_new`, `remap` is `mmap_remap`.
    pub fn from_name(name: &str) -> Option<Call> {
        let name = match name.strip_prefix("wasmtime_").unwrap_or(name) {
            "mmap" => "mmap_new",
            "remap" => "mmap_remap",
            name => name,
        };
        Call::ALL.iter().copied().find(|call| call.name() == name)
    }

    /// How often it was called in this process.
    pub fn count(self) -> u64 {
        COUNTS[self as usize].load(Relaxed)
    }

    /// Counts a call; the first one is 1.
    pub(super) fn counted(self) -> u64 {
        COUNTS[self as usize].fetch_add(1, Relaxed) + 1
    }

    /// Writes a line of trace, if tracing is on. `args` and `result` are made only then.
    pub(super) fn trace<A: Display, R: Display>(self, args: impl FnOnce() -> A, result: impl FnOnce() -> R) {
        if TRACE.load(Relaxed) {
            // Whoever reads no more must not stop the device.
            let _ = writeln!(std::io::stderr(), "{}({}) = {}", self.symbol(), args(), result());
        }
    }
}

/// Turns the trace on or off: one line on standard error for each call, with arguments and result.
pub fn set_trace(on: bool) {
    TRACE.store(on, Relaxed);
}
