//! The reference page of all keys, made from the table that the parser reads.

use std::format;
use std::string::String;

use crate::keys::{Fallback, KEYS, TABLES};

/// `docs/platform-keys.md`.
pub fn page() -> String {
    let mut out = String::from(
        "# The keys of a platform file\n\n\
         Made from the table that the parser reads (`cargo run -p minplat-platform --example platform-keys`).\n\n\
         A platform file is TOML. Beside the tables below it may have `summary`, a sentence, `extends`, the name of a\n\
         shipped platform or the path of another file, whose values it starts from, and `name`, where the file's stem is\n\
         not the platform's name. `--set table.key=value` on any tool goes on top. In the column \"agrees\": **yes** means that a module loads only where the device has the same value\n\
         (CPU features too: a device that has more refuses the module as well); **feature** that a device with more loads the\n\
         module, and one with less refuses it. Both are in the fingerprint.\n",
    );
    for (table, doc) in TABLES {
        out += &format!(
            "\n## `[{table}]`: {doc}\n\n| key | takes | default | agrees | meaning |\n| --- | --- | --- | --- | --- |\n"
        );
        for key in KEYS.iter().filter(|k| k.path.split('.').next() == Some(*table)) {
            let default = match key.default {
                Fallback::Required => "required".into(),
                Fallback::Absent => "none".into(),
                Fallback::Is("") => "empty".into(),
                Fallback::Is(text) => format!("`{text}`"),
                Fallback::Rule(rule, _) => rule.into(),
            };
            let agrees = match key {
                _ if key.is_feature() => "feature",
                _ if key.agrees => "yes",
                _ => "",
            };
            let short = &key.path[table.len() + 1..];
            let takes = key.kind.describe();
            out += &format!("| `{short}` | {takes} | {default} | {agrees} | {} |\n", key.doc);
        }
    }
    out
}
