//! The page, in a browser without a window: walked into with clicks and keys, searched, sorted. Where MINPLAT_TEST_DEVICE is set, as
//! `./build.sh test` does, there has to be a Chromium.

mod common;

use std::collections::HashSet;

use common::browser::Browser;
use common::{json, run};

const PATH: &str = "[...document.querySelectorAll('#path button')].map((b) => b.textContent).slice(1).join('/')";

#[test]
fn the_map_is_walked_into_and_the_table_searched() {
    let dir = tempfile::tempdir().unwrap();
    let (elf, _) = common::program(dir.path());
    let page = dir.path().join("report.html");
    let (code, out, err) = run(&["report", elf.to_str().unwrap(), "--html", page.to_str().unwrap()]);
    assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "", ""));
    let Some(mut browser) = Browser::open(&page) else { return };
    let report = json(&["report", elf.to_str().unwrap(), "--json"]);
    let rows = report["rows"].as_array().unwrap();
    let owners: HashSet<_> = rows.iter().map(|row| row["owner"].to_string()).collect();

    // A cell for each owner; nothing was fetched.
    assert_eq!(browser.value("document.querySelectorAll('#map button').length"), owners.len());
    assert_eq!(browser.value("performance.getEntriesByType('resource').length"), 0);

    // With the mouse into a crate, to a function, and back.
    browser.click("#map button[data-name=helper]");
    browser.until(&format!("{PATH} === 'helper'"));
    browser.click("#map button[data-name='helper::mix']");
    let bytes = common::bytes(&report, |row| row["item"] == "helper::mix");
    browser.until(&format!("document.getElementById('detail').textContent.startsWith('helper::mix, {bytes} bytes')"));
    browser.click("#back");
    browser.until(&format!("{PATH} === ''"));
    // With keys, and with the browser's own way back.
    browser.value("document.querySelector('#map button[data-name=core]').focus()");
    browser.enter();
    browser.until(&format!("{PATH} === 'core'"));
    assert_eq!(browser.value("document.activeElement.closest('#path') !== null"), true);
    browser.value("history.back()");
    browser.until(&format!("{PATH} === ''"));

    // The table: all bytes, then those of a search; sorted by what is asked for.
    let count = "document.getElementById('count').textContent";
    let total = report["total"].as_u64().unwrap();
    browser.until(&format!("{count}.replaceAll(',', '').endsWith(' {total} bytes')"));
    browser.click("#search");
    browser.write("MIX helper");
    browser.until(&format!("{count} === '1 rows, {bytes} bytes'"));
    assert_eq!(browser.value("document.querySelector('#rows tr').lastElementChild.textContent"), "helper::mix");
    browser.value("document.getElementById('search').select()");
    browser.write("co");
    browser.click("#head th[data-key=item] button");
    browser.until("document.querySelector('#head th[data-key=item]').getAttribute('aria-sort') === 'ascending'");
    let items = "[...document.querySelectorAll('#rows tr')].map((row) => row.lastElementChild.textContent)";
    assert!(browser.value(&format!("{items}.length")).as_u64().unwrap() > 2);
    let sorted = format!("{items}.every((x, n, all) => n === 0 || all[n - 1].localeCompare(x) <= 0)");
    assert_eq!(browser.value(&sorted), true);
}

#[test]
fn a_page_can_be_used_by_everybody() {
    let dir = tempfile::tempdir().unwrap();
    let (elf, _) = common::program(dir.path());
    let page = dir.path().join("report.html");
    run(&["report", elf.to_str().unwrap(), "--html", page.to_str().unwrap()]);
    let Some(mut browser) = Browser::open(&page) else { return };
    // Everything to press or to type in has a name for a screen reader.
    let tree = browser.call("Accessibility.getFullAXTree", serde_json::json!({}));
    let mut named = 0;
    for node in tree["nodes"].as_array().unwrap().iter().filter(|node| node["ignored"] == false) {
        if matches!(node["role"]["value"].as_str(), Some("button" | "searchbox")) {
            assert!(node["name"]["value"].as_str().is_some_and(|name| !name.is_empty()), "{node}");
            named += 1;
        }
    }
    assert!(named > 10, "{named} things to use");
    // Kinds are told by pattern and word, not by colour.
    let mut image = |kind: &str| {
        browser.value(&format!("getComputedStyle(document.querySelector('#legend .{kind}')).backgroundImage"))
    };
    assert!(image("constants") != "none" && image("constants") != image("data"));
    let legend = browser.value("document.getElementById('legend').textContent");
    assert!(legend.as_str().unwrap().contains("constants"), "{legend}");
    // Dark and light, both to be read: WCAG's ratio of 4.5 for the text of cells and of the page.
    let ratio = r"(() => {
        const light = (color) => { const part = (n) => { const c = color.match(/\d+/g)[n] / 255;
            return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
            return 0.2126 * part(0) + 0.7152 * part(1) + 0.0722 * part(2); };
        const of = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const both = (style) => of(light(style.color), light(style.backgroundColor));
        return Math.min(both(getComputedStyle(document.body)), both(getComputedStyle(document.querySelector('#map button'))));
    })()";
    let paper = "getComputedStyle(document.body).backgroundColor";
    let before = browser.value(paper);
    assert!(browser.value(ratio).as_f64().unwrap() >= 4.5);
    browser.click("#theme");
    browser.until(&format!("{paper} !== {before}"));
    assert!(browser.value(ratio).as_f64().unwrap() >= 4.5);
}

#[test]
fn a_comparison_shows_what_grew_and_what_shrank() {
    let dir = tempfile::tempdir().unwrap();
    let (elf, _) = common::program(dir.path());
    let (elf, library) = (elf.to_str().unwrap().to_string(), dir.path().join("libhelper.rlib"));
    // A folder that is not there.
    let nowhere = dir.path().join("no/page.html");
    let (code, _, err) = run(&["report", &elf, "--html", nowhere.to_str().unwrap()]);
    assert!(code == Some(1) && err.contains("cannot write") && !nowhere.exists(), "{err}");

    let page = dir.path().join("comparison.html");
    let (code, _, err) = run(&["compare", &elf, library.to_str().unwrap(), "--html", page.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{err}");
    let Some(mut browser) = Browser::open(&page) else { return };
    browser.until("document.querySelector('#map button.shrank') !== null");
    browser.click("#map button[data-name=helper]");
    browser.until(&format!("{PATH} === 'helper'"));
    let label =
        browser.value("document.querySelector(\"#map button[data-name='helper::unused']\").getAttribute('aria-label')");
    let label = label.as_str().unwrap();
    assert!(label.starts_with("helper::unused, +") && label.ends_with(", grew"), "{label}");
}

#[test]
fn the_page_of_a_whole_library_is_walked_into() {
    if !common::has_device() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let report = json(&["report", "x86_64-minplat", "--by", "symbol", "--json"]);
    let page = dir.path().join("library.html");
    let (code, _, err) = run(&["report", "x86_64-minplat", "--by", "symbol", "--html", page.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{err}");
    let Some(mut browser) = Browser::open(&page) else { return };
    let rows = report["rows"].as_array().unwrap();
    assert!(rows.len() > 500);
    browser.click("#map button[data-name=wasmtime]");
    browser.until(&format!("{PATH} === 'wasmtime'"));
    let whole = common::bytes(&report, |row| row["owner"] == "wasmtime");
    let detail = "document.getElementById('detail').textContent.replaceAll(',', '')";
    browser.until(&format!("{detail} === 'wasmtime: {whole} bytes'"));
    browser.click("#map button[data-name=runtime]");
    browser.until(&format!("{PATH} === 'wasmtime/runtime'"));
    browser.click("#path button");
    browser.until(&format!("{PATH} === ''"));
    // More rows than are shown at once.
    let shown = "document.querySelectorAll('#rows tr').length";
    assert_eq!(browser.value(shown), 100);
    browser.click("#more");
    browser.until(&format!("{shown} === 500"));
    browser.click("#search");
    browser.write("wasmtime runtime");
    browser.until(&format!(
        "{shown} > 0 && [...document.querySelectorAll('#rows tr')].every((row) => row.textContent.includes('wasmtime'))"
    ));
}

#[test]
fn what_is_shared_says_so_and_names_its_users() {
    if !common::has_device() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let page = dir.path().join("library.html");
    let (code, _, err) = run(&["report", "aarch64-minplat", "--by", "symbol", "--html", page.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{err}");
    let Some(mut browser) = Browser::open(&page) else { return };
    browser.click("#map button[data-name='(shared: outlined)']");
    browser.until(&format!("{PATH} === '(shared: outlined)'"));
    browser.click("#map button");
    browser.until("/^OUTLINED_FUNCTION_.* Used by: ..*/.test(document.getElementById('detail').textContent)");
    browser.click("#search");
    browser.write("OUTLINED_FUNCTION_");
    browser.until("[...document.querySelectorAll('#rows tr')].every((row) => row.textContent.includes('— used by '))");
}

#[test]
fn a_module_shows_its_functions_and_what_each_knob_saves() {
    let dir = tempfile::tempdir().unwrap();
    let guest = dir.path().join("guest.wat");
    let body = "(i32.div_s (local.get 0) (local.get 0))";
    let text = format!(
        r#"(module (func $small (export "small") (param i32) (result i32) {body})
        (func $large (export "large") (param i32) (result i32) (i32.add {body} (i32.add {body} {body}))))"#
    );
    std::fs::write(&guest, text).unwrap();
    let page = dir.path().join("module.html");
    let (guest, page_name) = (guest.to_str().unwrap(), page.to_str().unwrap());
    let (code, out, err) = run(&["module", guest, "--html", page_name]);
    assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "", ""));
    assert_eq!(run(&["module", guest, "--html", page_name, "--json"]).0, Some(2));
    let Some(mut browser) = Browser::open(&page) else { return };
    let study = json(&["module", guest, "--json"]);
    let large = &study["functions"][0];
    assert_eq!(large["name"], "large [1]");
    browser.click("#map button[data-name='large [1]']");
    let machine = large["machine"].as_u64().unwrap();
    browser.until(&format!("document.getElementById('detail').textContent.startsWith('large [1], {machine} bytes')"));
    // Bytes of machine and module beside each other, sorted by either.
    let first = "[...document.querySelector('#rows tr').children].map((cell) => cell.textContent)";
    browser.click("#head th[data-key=wasm] button");
    browser.until(&format!("{first}[4] === 'large [1]' && {first}[2] === '{}'", large["wasm"]));
    browser.click("#head th[data-key=wasm] button");
    browser.until(&format!("{first}[4] === 'small [0]'"));
    // Knobs: one that cannot be turned says why.
    let knobs = study["knobs"].as_array().unwrap();
    assert_eq!(browser.value("document.querySelectorAll('#beside tbody tr').length"), knobs.len());
    let text = browser.value("document.getElementById('beside').textContent");
    assert!(text.as_str().unwrap().contains("no device of this platform reads it"), "{text}");
}

#[test]
fn a_study_is_bars_and_a_table() {
    let dir = tempfile::tempdir().unwrap();
    let saved = dir.path().join("saved.json");
    let run_of = |turned: &str, total: u64| {
        format!(
            r#"{{"turned": {turned}, "sets": ["a.key=1"], "sizes": {{"total": {total}, "text": {}, "data": 50, "bss": 7, "whole": 2000, "shared": 3000}}}}"#,
            total - 57
        )
    };
    let runs = [
        run_of("[]", 1000),
        run_of(r#"[["level", "s"]]"#, 1100),
        run_of(r#"[["digest", "off"]]"#, 800),
        r#"{"turned": [["code", "native"]], "sets": [], "sizes": null, "failed": "no such machine"}"#.to_string(),
    ];
    let text = format!(
        r#"{{"format": 1, "platform": "p", "design": "one", "environment": null, "runs": [{}]}}"#,
        runs.join(",")
    );
    std::fs::write(&saved, text).unwrap();
    let (page, out) = (dir.path().join("study.html"), dir.path().join("out"));
    let args = ["study", "--from", saved.to_str().unwrap(), "-o", out.to_str().unwrap()];
    let (code, _, err) = run(&[&args[..], &["--html", page.to_str().unwrap()]].concat());
    assert_eq!(code, Some(0), "{err}");
    let Some(mut browser) = Browser::open(&page) else { return };
    // What saves most comes first, and its bar is the longest, on the other side of the middle.
    let bars = "[...document.querySelectorAll('#map button')]";
    assert_eq!(browser.value(&format!("{bars}.map((bar) => bar.dataset.name).join()")), "digest: off,level: s");
    let part = |nth: u8, key: &str| format!("{bars}[{nth}].querySelector('i').getBoundingClientRect().{key}");
    let ratio = browser.value(&format!("{} / {}", part(0, "width"), part(1, "width")));
    assert!((ratio.as_f64().unwrap() - 2.0).abs() < 0.1, "{ratio}");
    assert_eq!(browser.value(&format!("{} <= {} + 1", part(0, "right"), part(1, "left"))), true);
    browser.click("#map button[data-name='digest: off']");
    browser.until("document.getElementById('detail').textContent.startsWith('digest: off, −200 bytes, 20.0 %, shrank. 800 bytes instead of 1,000. By a.key=1')");
    // All builds in the table, and those that came to nothing below.
    browser.until("document.getElementById('count').textContent === '3 rows'");
    browser.click("#head th[data-key=after] button");
    browser.until("document.querySelector('#rows tr').lastElementChild.textContent === 'level: s'");
    let failed = browser.value("document.getElementById('beside').textContent");
    assert!(failed.as_str().unwrap().contains("code: nativeno such machine"), "{failed}");
}
