//! Compares what came of a call with what the table knows.

use minplat_host::{Error, Value, text as values};

use crate::examples::Call;
use crate::guest::Came;

/// The call in one line, as a reader would write it: `divide(17, 5)`.
pub(crate) fn shown(call: &Call) -> String {
    let args = match (&call.text, &call.file) {
        (Some(text), _) => format!("{text:?}"),
        (None, Some(file)) => file.display().to_string(),
        (None, None) => call.args.join(", "),
    };
    format!("{}({args})", call.invoke)
}

/// What came, in one line.
pub(crate) fn came(came: &Came) -> String {
    match (&came.answer, &came.text) {
        (Err(error), _) => match &error.trap {
            Some(trap) => format!("trap: {}", trap.text),
            None => error.message.clone(),
        },
        (Ok(_), Some(text)) => format!("{text:?}"),
        (Ok(results), None) => joined(results),
    }
}

fn joined(results: &[Value]) -> String {
    results.iter().map(values::print).collect::<Vec<_>>().join(" ")
}

/// Everything about it that is not as the table says.
pub(crate) fn differences(call: &Call, came: &Came) -> Vec<String> {
    let mut found = Vec::new();
    let mut expect = |what: &str, wanted: &str, got: &str| {
        if wanted != got {
            found.push(format!("{}: {what} is {got:?}, should be {wanted:?}", shown(call)));
        }
    };
    expect("printed text", call.prints.as_deref().unwrap_or(""), &came.printed);
    match (&call.trap, &came.answer) {
        (None, Ok(results)) => match (&call.returns, &came.text) {
            (Some(wanted), Some(text)) => expect("text", wanted, text),
            _ => expect("result", call.result.as_deref().unwrap_or(""), &joined(results)),
        },
        (Some(trap), Ok(results)) => expect("outcome", &format!("trap: {trap}"), &joined(results)),
        (None, Err(error)) => expect("outcome", "a result", &error.message),
        (Some(wanted), Err(error)) => {
            let got = error.trap.as_ref().map_or(error.message.as_str(), |trap| trap.text.as_str());
            expect("trap", wanted, got);
            let names = names(error);
            if !in_order(&call.backtrace, &names) {
                expect("backtrace", &call.backtrace.join(" < "), &names.join(" < "));
            }
        }
    }
    found
}

fn names(error: &Error) -> Vec<String> {
    error.frames.iter().filter_map(|frame| frame.function_name.clone()).collect()
}

/// Whether `wanted` is found in `all` in this order, with anything between.
fn in_order(wanted: &[String], all: &[String]) -> bool {
    let mut rest = all.iter();
    wanted.iter().all(|name| rest.any(|other| other == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backtrace_may_have_more_frames_but_not_in_another_order() {
        let list = |names: &str| names.split_whitespace().map(String::from).collect::<Vec<_>>();
        assert!(in_order(&list("a c"), &list("a b c d")));
        assert!(!in_order(&list("c a"), &list("a b c d")));
        assert!(!in_order(&list("a e"), &list("a b c d")));
    }
}
