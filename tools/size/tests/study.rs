//! A study: its plan, its builds, its tables from saved results, and what is refused.

mod common;

use std::path::Path;
use std::process::Command;

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
fn some_knobs_are_turned_alone() {
    let (code, text, err) = run(&["study", "x86_64-minplat", "--only", "digest", "--only", "heap", "--dry-run"]);
    assert_eq!(code, Some(0), "{err}");
    let heap = "heap: tlsf\n    build.heap=tlsf\n";
    assert_eq!(text, format!("as the platform has it\n    \n{heap}digest: off\n    build.digest=false\n3 libraries\n"));
    // Small values are those of these knobs.
    let pair = ["study", "x86_64-minplat", "--only", "digest", "--only", "imports and exports", "--design", "pairs"];
    let (_, text, _) = run(&[&pair[..], &["--dry-run"]].concat());
    assert!(
        text.contains("imports and exports: by index; digest: off\n") && text.ends_with("\n2 libraries\n"),
        "{text}"
    );
    let (code, out, err) = run(&["study", "x86_64-minplat", "--only", "digests", "--dry-run"]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("no knob named digests; it has: optimisation, ") && err.contains(", digest, "), "{err}");
    assert_eq!(run(&["study", "--from", "results.json", "--only", "digest"]).0, Some(2));
}

/// Answers as `minplat-build --json` does, after no build: libraries take minutes, and have tests of their own. It writes down
/// what it was asked for; what it was asked for before is fresh. One library is such as no host loads.
const STUB: &str = r#"#!/bin/sh
here=${0%/*}
shared=', "shared": { "total": 3000 }'
case "$*" in
*opt-level=s*) [ ! -e "$here/stop" ] || { rm "$here/stop"; kill -9 $PPID; exit 1; }; total=1200; sleep 1 ;;
*digest=false*) echo "failed $*" >>"$here/asked"; echo "error: there is no room for it" >&2; exit 1 ;;
*opt-level=3*) total=1500 shared= ;;
*) total=1000; sleep 1 ;;
esac
key=$here/$(printf %s "$*" | cksum | tr ' ' -)
fresh=false
[ ! -e "$key" ] || fresh=true
touch "$key"
echo "$fresh $*" >>"$here/asked"
cat <<END
[{ "fresh": $fresh, "prefix": "PREFIX", "manifest": { "minplat": "1", "wasmtime": "48", "toolchain": { "rustc": "1.96.0" },
   "budgets": { "library": { "how": "clang", "link": [],
     "sizes": { "text": 900, "data": 50, "bss": 50, "total": $total, "sections": {} } } },
   "sizes": { "archive": { "total": 2000 }$shared } } }]
END
"#;

#[test]
fn a_study_that_was_stopped_goes_on_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let write = |name: &str, text: &str| std::fs::write(path(name), text).unwrap();
    let read = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    let program = path("minplat-size");
    // By another process: what a test beside this one starts would hold open for writing what this one writes, and nobody could run it.
    let copy = |from: &Path, to: &Path| {
        assert!(Command::new("cp").args([from, to]).status().unwrap().success(), "{}", to.display());
    };
    copy(Path::new(env!("CARGO_BIN_EXE_minplat-size")), &program);
    let library = common::artifacts().join("x86_64-minplat");
    write("stub", &STUB.replace("PREFIX", library.to_str().unwrap()));
    copy(&path("stub"), &path("minplat-build"));
    std::fs::set_permissions(path("minplat-build"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    write(
        "knobs.toml",
        r#"
        [[knob]]
        name = "level"
        values = { 3 = ["build.opt-level=3"], s = ["build.opt-level=s"] }
        [[knob]]
        name = "digest"
        values = { off = ["build.digest=false"] }
        [[knob]]
        name = "folding"
        values = { on = ["link=--icf=all"] }
        [[knob]]
        name = "code"
        values = { nowhere = ["target.code=pulley32"] }
        "#,
    );
    let study = |more: &[&str]| {
        let mut command = Command::new(&program);
        command
            .args(["study", "x86_64-minplat", "--knobs"])
            .args([path("knobs.toml"), "-o".into(), path("out")])
            .args(more);
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let results = || serde_json::from_str::<serde_json::Value>(&read("out/results.json")).unwrap();

    // Stopped by force at the third build: what was done before is there.
    write("stop", "");
    assert_eq!(study(&[]).0, None);
    let names = |results: &serde_json::Value| -> Vec<_> {
        results["runs"].as_array().unwrap().iter().map(|run| run["turned"].to_string()).collect()
    };
    assert_eq!(names(&results()), ["[]", r#"[["level","3"]]"#]);

    // Again: what was built is fresh, and everything is there.
    let (code, text, err) = study(&[]);
    assert_eq!(code, Some(0), "{err}");
    let asked = read("asked");
    let fresh: Vec<_> = asked.lines().map(|line| line.split_once(' ').unwrap().0).collect();
    assert_eq!(fresh, ["false", "false", "true", "true", "false", "failed", "true"], "{asked}");
    assert!(asked.lines().all(|line| line.ends_with("x86_64-minplat") || line.contains(" --set build.")), "{asked}");
    let level = text.lines().find(|line| line.ends_with("  level: s")).unwrap_or_else(|| panic!("{text}"));
    assert_eq!(level.split_whitespace().take(3).collect::<Vec<_>>(), ["1200", "+200", "+20.0"]);
    // What no host loads has no shared object.
    let level = text.lines().find(|line| line.ends_with("  level: 3")).unwrap_or_else(|| panic!("{text}"));
    assert_eq!(level.split_whitespace().nth(7), Some("-"), "{text}");
    let shared = |row: &&str| row.contains(",shared,");
    assert_eq!(read("out/results.csv").lines().filter(shared).count(), 2 + usize::from(common::has_device()));
    // What could not be built is a row, and so is what the machine cannot be.
    assert!(text.contains("not so: digest: off: error: there is no room for it\n"), "{text}");
    assert!(text.contains("not so: code: nowhere: "), "{text}");
    // Progress: how many there are, and the time that is left once a build was made. What needs no library takes none.
    let lines: Vec<_> = err.lines().collect();
    assert_eq!(lines[..3], ["1 of 5: as the platform has it", "2 of 5: level: 3", "3 of 5: level: s"], "{err}");
    assert!(lines[3].starts_with("4 of 5: digest: off; about ") && lines[3].ends_with(" s left"), "{err}");
    assert_eq!(lines[4], "5 of 5: folding: on; about 0 s left", "{err}");

    // What turns the probe alone is measured with the library that is there.
    let first = results();
    let folding = &first["runs"].as_array().unwrap()[4];
    assert_eq!(folding["link"], serde_json::json!(["--icf=all"]));
    if common::has_device() {
        let total = folding["sizes"]["total"].as_u64().unwrap_or_else(|| panic!("{folding}"));
        assert!((200_000..400_000).contains(&total) && folding["sizes"]["whole"] == 2000, "{folding}");
    }
    // Once more: the same results; what failed is tried again, the rest is not.
    let (_, again, err) = study(&[]);
    assert_eq!((again, results()), (text, first));
    assert!(!err.contains("left"), "{err}");
    let fresh: Vec<_> = read("asked").lines().skip(7).map(|line| line.split_once(' ').unwrap().0.to_string()).collect();
    assert_eq!(fresh, ["true", "true", "true", "failed", "true"]);

    // One knob: its libraries are there, and the tables of all stay.
    let before = read("out/results.csv");
    let (code, text, err) = study(&["--only", "level"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(text.contains("  level: 3\n") && !text.contains("digest"), "{text}");
    let asked = read("asked");
    assert!(asked.lines().skip(12).all(|line| line.starts_with("true ")) && asked.lines().count() == 15, "{asked}");
    assert_eq!(read("out/results.csv"), before);
    assert_eq!(read("out/only/results.csv").lines().count(), 1 + 3 * 6 - 1);
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
