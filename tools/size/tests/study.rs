//! A study: its plan, its tables from saved results, and what is refused. What it builds, `minplat-build` builds, which has its own
//! tests.

mod common;

use common::run;

#[test]
fn a_plan_says_what_would_be_built() {
    let (code, text, err) = run(&["study", "x86_64-minplat", "--dry-run"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(text.starts_with("as the platform has it\n"), "{text}");
    assert!(text.contains("optimisation: s\n    build.opt-level=s\n") && !text.contains("optimisation: z\n"), "{text}");
    // What turns the size probe alone needs no library of its own.
    let is_library = |line: &&str| line.starts_with("    ") && !line.contains("probe=") && !line.contains("link=");
    let libraries = text.lines().filter(is_library).count();
    assert!(text.ends_with(&format!("\n{libraries} libraries\n")) && libraries > 15, "{text}");
    // What the machine cannot be.
    let (_, text, _) = run(&["study", "pulley32-thumbv7em", "--dry-run"]);
    assert!(text.contains("not so: code: native: "), "{text}");
}

#[test]
fn a_table_of_knobs_of_ones_own_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_string()
    };
    let good = write("good.toml", "[[knob]]\nname = \"digest\"\nvalues = { off = [\"build.digest=false\"] }\n");
    let (code, text, err) = run(&["study", "riscv64-minplat", "--knobs", &good, "--dry-run"]);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(text, "as the platform has it\n    \ndigest: off\n    build.digest=false\n2 libraries\n");
    let small = write("small.toml", "[[knob]]\nname = \"d\"\nsmall = \"on\"\nvalues = { off = [] }\n");
    let wrong = write("wrong.toml", "[[knob]]\nnames = \"d\"\n");
    for (table, word) in [(&small, "no value on"), (&wrong, "names"), (&format!("{good}.no"), "cannot read")] {
        let (code, _, err) = run(&["study", "x86_64-minplat", "--knobs", table, "--dry-run"]);
        assert!(code == Some(1) && err.contains(word), "{err}");
    }
    assert_eq!(run(&["study"]).0, Some(2));
}

#[test]
fn saved_results_become_tables() {
    let dir = tempfile::tempdir().unwrap();
    let run_of = |turned: &str, sets: &str, total: u64| {
        format!(
            r#"{{"turned": {turned}, "sets": {sets}, "sizes": {{"total": {total}, "text": {}, "data": 50, "bss": 7, "whole": 2000, "shared": 3000}}}}"#,
            total - 57
        )
    };
    let runs = [
        run_of("[]", "[]", 1000),
        run_of(r#"[["level, \"z\"", "a_b"]]"#, r#"["build.opt-level=s"]"#, 1100),
        run_of(r#"[["digest", "off"]]"#, r#"["build.digest=false"]"#, 900),
        r#"{"turned": [["code", "native"]], "sets": [], "sizes": null, "failed": "no such machine\nat all"}"#
            .to_string(),
    ];
    let saved = dir.path().join("saved.json");
    let text = format!(
        r#"{{"format": 1, "platform": "p", "design": "one", "environment": {{"rustc": "1.96.0"}}, "runs": [{}]}}"#,
        runs.join(",")
    );
    std::fs::write(&saved, text).unwrap();
    let out = dir.path().join("out");
    let (code, text, err) = run(&["study", "--from", saved.to_str().unwrap(), "-o", out.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{err}");
    // What saves most comes first.
    let order: Vec<_> =
        ["digest: off", "as the platform has it", "level, "].map(|name| text.find(name).unwrap()).into();
    assert!(
        order.is_sorted() && text.contains("-100  -10.0") && text.contains("not so: code: native: no such machine\n"),
        "{text}"
    );

    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    let csv = read("results.csv");
    assert_eq!(csv.lines().count(), 1 + 3 * 6);
    assert!(csv.contains("p,one,digest: off,build.digest=false,total,900,-100\n"), "{csv}");
    assert!(csv.contains(r#"p,one,"level, ""z"": a_b",build.opt-level=s,total,1100,100"#), "{csv}");
    assert!(read("results.tex").contains("level, ''z'': a\\_b & 1100 & $+100$ & 2000 & 3000 \\\\"));
    let svg = read("results.svg");
    assert!(svg.matches("<rect").count() == 3 && svg.contains("-100</text>") && svg.ends_with("</svg>\n"), "{svg}");
    assert!(read("environment.json").contains("1.96.0"));
    // The platform may be named, if it is that one.
    let named =
        |platform: &str| run(&["study", platform, "--from", saved.to_str().unwrap(), "-o", out.to_str().unwrap()]);
    assert_eq!(named("p"), (Some(0), text.clone(), String::new()));
    assert!(named("q").2.contains("is a study of p, not of q"));
    // What was written is read again, and says the same.
    let again = dir.path().join("again");
    let (_, second, _) =
        run(&["study", "--from", out.join("results.json").to_str().unwrap(), "-o", again.to_str().unwrap()]);
    assert_eq!(second, text);
    // Something else is none.
    std::fs::write(&saved, "{}").unwrap();
    let (code, _, err) = run(&["study", "--from", saved.to_str().unwrap()]);
    assert!(code == Some(1) && err.contains("no results of a study"), "{err}");
}
