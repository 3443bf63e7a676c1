//! Any bytes as a pre-linked object: it is refused, or rewritten to one whose only defined global symbols are the API's.
#![no_main]

// The one file: its crate is minutes of compiling.
#[path = "../../builder/src/localize.rs"]
mod localize;

/// What that file takes from the crate.
mod prelink {
    pub(crate) const PREFIX: &str = "minplat_";
}

use libfuzzer_sys::fuzz_target;
use localize::localize;
use object::{Object, ObjectSymbol};

fuzz_target!(|bytes: &[u8]| {
    let Ok(object) = localize(bytes) else { return };
    // Names may be no text, and sections anything; what is read again must be as it was promised.
    let Ok(file) = object::File::parse(&*object) else { return };
    for symbol in file.symbols() {
        let is_api = symbol.name_bytes().is_ok_and(|name| name.starts_with(prelink::PREFIX.as_bytes()));
        assert!(symbol.is_undefined() || symbol.is_local() || is_api, "{symbol:?} is global");
    }
});
