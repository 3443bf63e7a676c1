//! The global symbols of the built libraries, read from the files: what each asks its platform for, and what it offers. Golden
//! files hold both; `BLESS=1` rewrites them.

mod common;

use std::fmt::Write as _;

use common::device::{self, globals};
use minplat_platform::Platform;
use object::Object;

#[test]
fn each_library_asks_for_its_platforms_symbols_and_defines_the_api_alone() {
    if !device::wanted("symbols") {
        return;
    }
    let mut apis: Vec<(String, Vec<String>)> = Vec::new();
    for prefix in device::all() {
        let bytes = prefix.object();
        let object = object::File::parse(&*bytes).unwrap();
        let (defined, undefined) = globals(object.symbols());
        assert_eq!(undefined, prefix.platform.symbols(), "{}", prefix.name());
        let foreign: Vec<_> = defined.iter().filter(|name| !name.starts_with("minplat_")).collect();
        assert_eq!(foreign, Vec::<&String>::new(), "{}", prefix.name());
        if let Some(bytes) = prefix.shared() {
            let shared = object::File::parse(&*bytes).unwrap();
            // What a process goes by, and what plain `nm` shows.
            for told in [globals(shared.dynamic_symbols()), globals(shared.symbols())] {
                assert_eq!(told, (defined.clone(), undefined.clone()), "{}: shared", prefix.name());
            }
        }
        apis.push((prefix.name().to_string(), defined));
    }
    pinned("api.txt", &api(&apis));
}

/// What all offer, and below it what only some do.
fn api(apis: &[(String, Vec<String>)]) -> String {
    let common: Vec<_> = apis[0].1.iter().filter(|name| apis.iter().all(|(_, api)| api.contains(name))).collect();
    let mut text = String::from("every platform\n");
    common.iter().for_each(|name| writeln!(text, "  {name}").unwrap());
    for (platform, api) in apis {
        let more: Vec<_> = api.iter().filter(|name| !common.contains(name)).collect();
        if !more.is_empty() {
            writeln!(text, "{platform} too").unwrap();
            more.iter().for_each(|name| writeln!(text, "  {name}").unwrap());
        }
    }
    text
}

#[test]
fn the_symbols_that_each_platform_has_to_offer_are_pinned() {
    let mut text = String::new();
    for name in Platform::shipped() {
        writeln!(text, "{name}").unwrap();
        let platform = Platform::load(name, &[]).unwrap();
        platform.symbols().iter().for_each(|symbol| writeln!(text, "  {symbol}").unwrap());
    }
    pinned("symbols.txt", &text);
}

#[track_caller]
fn pinned(name: &str, now: &str) {
    let path = format!("{}/tests/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, now).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(now, golden, "{path}: firmware has to change with it: see docs/releases.md, then run with BLESS=1");
}
