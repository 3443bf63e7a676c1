//! Messages of the specification's scripts, and the traps that they mean.

use minplat_host::Error;

/// The messages of each trap code of `minplat.h`.
const MESSAGES: &[(u32, &[&str])] = &[
    (0, &["call stack exhausted"]),
    (1, &["out of bounds memory access"]),
    (2, &["unaligned atomic"]),
    (3, &["out of bounds table access", "undefined element"]),
    (4, &["uninitialized element"]),
    (5, &["indirect call type mismatch"]),
    (6, &["integer overflow"]),
    (7, &["integer divide by zero"]),
    (8, &["invalid conversion to integer"]),
    (9, &["unreachable"]),
    (10, &["interrupted"]),
    (11, &["out of fuel"]),
    (12, &["expected shared memory", "atomic wait on non-shared memory"]),
    (
        13,
        &[
            "null reference",
            "null function reference",
            "null structure reference",
            "null array reference",
            "null i31 reference",
            "null exception reference",
        ],
    ),
    (14, &["out of bounds array access"]),
    (15, &["allocation size too large"]),
    (16, &["cast failure"]),
];

/// Whether an error is the trap that a script expects: as the official interpreter has it, what it expects is the beginning of
/// one of the trap's messages. A script may say more than the message, as "uninitialized element 2".
pub(crate) fn is(expected: &str, error: &Error) -> bool {
    let Some(trap) = &error.trap else { return false };
    let known = MESSAGES.iter().find(|(code, _)| *code == trap.code).map_or(&[][..], |(_, messages)| messages);
    let mut messages = known.iter().copied().chain([trap.text.as_str()]);
    messages.any(|message| message.starts_with(expected) || expected.starts_with(message))
}

/// The traps that a script can mean: bit N for trap N. None for a message that is no trap's.
pub(crate) fn codes(expected: &str) -> u32 {
    let means = |message: &&str| message.starts_with(expected) || expected.starts_with(*message);
    let known = MESSAGES.iter().filter(|(_, messages)| messages.iter().any(means));
    known.fold(0, |codes, (code, _)| codes | 1 << code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use minplat_host::{ErrorCode, Trap};

    #[test]
    fn a_message_has_its_codes() {
        assert_eq!(codes("undefined element"), 1 << 3);
        assert_eq!(codes("uninitialized element 2"), 1 << 4);
        assert_eq!(codes("integer"), 1 << 6 | 1 << 7);
        assert_eq!(codes("no trap at all"), 0);
    }

    #[test]
    fn a_message_is_one_of_its_trap_and_of_no_other() {
        let trap = |code, text: &str| {
            let mut error = Error::new(ErrorCode::TRAP, text);
            error.trap = Some(Trap { code, text: text.into() });
            error
        };
        let table = trap(3, "out of bounds table access");
        assert!(is("undefined element", &table) && is("out of bounds table", &table) && is("undefined", &table));
        assert!(!is("out of bounds memory access", &table) && !is("uninitialized element", &table));
        assert!(is("uninitialized element 2", &trap(4, "uninitialized element")));
        assert!(is("null structure reference", &trap(13, "null reference")));
        assert!(!is("unreachable", &Error::new(ErrorCode::LINK, "unreachable")), "no trap at all");
    }
}
