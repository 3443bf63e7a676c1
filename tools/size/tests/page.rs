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
