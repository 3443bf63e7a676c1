//! Every function of the library takes a turn, once: a library that checks how it is called would else miss a second task, or
//! take a program's only one for a second.

mod common;

use std::fs;
use std::path::Path;

/// What may be called at any time: constants, what an interrupt calls, and what looks at the caller's own stack.
const AT_ANY_TIME: &[&str] = &[
    "minplat_engine_increment_epoch",
    "minplat_error_code",
    "minplat_limits_none",
    "minplat_page_size",
    "minplat_platform_fingerprint",
    "minplat_platform_name",
    "minplat_stack_paint",
    "minplat_stack_unused",
    "minplat_trap_text",
    "minplat_version",
    "minplat_wasmtime_major",
];

/// What takes a turn: the turn itself, `error::report`, `args::delete`.
const TAKES: &[&str] = &["turn::take()", " report(", " delete("];

#[test]
fn every_function_takes_a_turn_once() {
    let mut seen = 0;
    let mut wrong = Vec::new();
    each_source(&common::capi().join("src"), &mut |text| {
        for part in text.split("extern \"C\" fn ").skip(1).filter(|part| part.starts_with("minplat_")) {
            let (name, rest) = part.split_once('(').expect("a function has parameters");
            let Some((body, _)) = rest.split_once("\n}\n") else { panic!("{name} has no end") };
            // `error.rs` has a `delete` of its own, which takes none.
            let turns = TAKES.iter().filter(|takes| body.contains(*takes)).count();
            let wanted = usize::from(!AT_ANY_TIME.contains(&name)) + usize::from(name == "minplat_error_delete");
            if turns != wanted {
                wrong.push(format!("{name}: {turns} instead of {wanted}"));
            }
            seen += 1;
        }
    });
    assert!(seen > 100, "only {seen} functions were found");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn each_source(folder: &Path, look: &mut impl FnMut(&str)) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            each_source(&path, look);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            look(&fs::read_to_string(&path).expect("the source can be read"));
        }
    }
}
