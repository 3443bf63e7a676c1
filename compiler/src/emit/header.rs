//! The C header of an artifact in an object file.

use minplat_platform::Platform;

/// The text of a `.h` file for the symbols that [`super::obj::write`] defines, with a function that loads the module: in place
/// or copied. `stem` is the module's name, for people.
pub fn write(platform: &Platform, stem: &str, symbol: &str, in_place: bool) -> String {
    let platform = platform.name();
    let guard = format!("{}_H", symbol.to_uppercase());
    let (load, how) = match in_place {
        true => ("minplat_module_load_in_place", "uses it where it lies"),
        false => ("minplat_module_load", "copies it"),
    };
    // Neither may end the comment that they stand in.
    let [stem, platform] = [stem, platform].map(|text| text.replace("*/", "* /").replace(['\n', '\r'], " "));
    format!(
        r#"/* The module {stem}, compiled for {platform}. Written by minplat-compile --header: do not edit. */
#ifndef {guard}
#define {guard}

#include <minplat.h>

#ifdef __cplusplus
extern "C" {{
#endif

/* The artifact: its first byte, and one past its last. */
extern const uint8_t {symbol}_start[], {symbol}_end[];
/* Its length in bytes. */
extern const size_t {symbol}_size;

/* Loads the module as it was linked: the device {how}. As {load}. */
static inline minplat_error_t *{symbol}_load(const minplat_engine_t *engine, minplat_module_t **module) {{
    return {load}(engine, {symbol}_start, {symbol}_size, module);
}}

#ifdef __cplusplus
}}
#endif

#endif
"#
    )
}
