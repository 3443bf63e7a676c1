//! How a report was made, in sentences: they stand under each table.

use crate::layout::Layout;
use crate::model::{By, MODULES, Report};

/// Of a platform's measure. `how` is what the builder says of the probe's compiler.
pub(crate) fn measured(how: &str, debugging: bool) -> String {
    let built = if debugging {
        " The library is built for this with debugging information, of which nothing is loaded; the one without is within some \
         bytes of it, and minplat-build prints its size."
    } else {
        ""
    };
    format!(
        "Measured is examples/size-probe.c, compiled by {how}, linked with the platform's libminplat.a as the budget is.{built}"
    )
}

/// Of a program or an object.
pub(crate) fn of_program(layout: &Layout, wanted: By, inlined: bool, report: &Report) -> Vec<String> {
    let mut all = vec![
        "Counted are all sections that are loaded, without alignment between sections; each byte is in one row, and rows add up to \
         the total."
            .to_string(),
        "Flash is what must be stored: code, constants, and first values of variables. RAM is variables."
            .to_string(),
    ];
    all.push(if inlined {
        "An instruction belongs to the innermost function that it was inlined from, by DWARF; where there is none, to its \
         symbol. A function belongs to the crate that it was written in, not to the one that made the instance."
            .into()
    } else {
        "A function has all that was inlined into it, and belongs to the crate that it was written in, not to the one that made \
         the instance."
            .to_string()
    });
    if wanted == By::Crate && !inlined {
        all.push(
            "There is no debugging information, so --by crate is --by symbol here; compile with -Cdebuginfo=1 or -g1."
                .into(),
        );
    }
    if report.rows.iter().any(|row| row.owner == MODULES) {
        all.push("A compiled module is one row, with how long it is and the rest of its last page.".into());
    }
    if layout.references.is_empty() {
        all.push(
            "Nothing says what refers to what: constants without a name, and the users of outlined code, are not known; link with \
             --emit-relocs to know."
                .into(),
        );
    } else {
        all.push(
            "A constant without a name belongs to the crate whose functions refer to it, through other constants too, by \
             relocations; if there are several, to all."
                .into(),
        );
    }
    all.push(if layout.parts.is_empty() {
        "Without a linker's map (--map), fewer than 16 bytes between two symbols count as padding.".into()
    } else {
        "Padding is what lies between the parts that the linker put together.".to_string()
    });
    all
}
