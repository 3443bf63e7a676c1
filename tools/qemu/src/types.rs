//! Types of imports and exports, from how an artifact's description writes them: `(func (param i32) (result (ref null func)))`.

use minplat_host::device::LimitsType;
use minplat_host::{ExternKind, ExternType, FuncType, Kind};

/// An import or an export, by its kind and its type as it is written.
pub(crate) fn item(module: &str, name: &str, (kind, text): (&str, &str)) -> ExternType {
    let kind = match kind {
        "func" => ExternKind::Func(function(text)),
        "table" => ExternKind::Table(items(text).last().map_or(Kind::OtherRef, value), limits(text)),
        "memory" => ExternKind::Memory(limits(text)),
        "global" => {
            let content = items(text).next().unwrap_or_default();
            match content.starts_with("(mut ") {
                true => ExternKind::Global(items(content).next().map_or(Kind::OtherRef, value), true),
                false => ExternKind::Global(value(content), false),
            }
        }
        _ => ExternKind::Tag,
    };
    ExternType { module: module.into(), name: name.into(), kind }
}

/// What stands behind the first word in a pair of parentheses.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let inside = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
    let mut depth = 0;
    let parts = inside.split(move |char| {
        depth += i32::from(char == '(') - i32::from(char == ')');
        char == ' ' && depth == 0
    });
    parts.filter(|part| !part.is_empty()).skip(1)
}

fn function(text: &str) -> FuncType {
    let kinds = |list: &str| items(text).filter(|item| item.starts_with(list)).flat_map(items).map(value).collect();
    FuncType { params: kinds("(param "), results: kinds("(result ") }
}

/// Of a table or a memory.
fn limits(text: &str) -> LimitsType {
    let mut numbers = items(text).filter_map(|item| item.parse().ok());
    let has = |word: &str| items(text).any(|item| item == word);
    let page = items(text).find(|item| item.starts_with("(pagesize ")).and_then(|page| items(page).next());
    LimitsType {
        minimum: numbers.next().unwrap_or(0),
        maximum: numbers.next().unwrap_or(u64::MAX),
        page_size_log2: page.and_then(|bytes| bytes.parse::<u64>().ok()).map_or(16, |bytes| bytes.ilog2()),
        is_64: has("i64"),
        is_shared: has("shared"),
    }
}

/// A type of values by its name, as the C API has it: it tells references apart by what they are of.
fn value(word: &str) -> Kind {
    match word {
        "i32" => Kind::I32,
        "i64" => Kind::I64,
        "f32" => Kind::F32,
        "f64" => Kind::F64,
        "v128" => Kind::V128,
        reference if reference.contains("extern") => Kind::ExternRef,
        reference if reference.contains("exn") => Kind::ExnRef,
        reference if reference.contains("func") || reference.contains("(ref") => Kind::FuncRef,
        _ => Kind::AnyRef,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_and_printed_as_the_host_prints_them() {
        for (kind, text, printed) in [
            ("func", "(func (param i32 (ref null func) v128) (result f64))", "func (i32, funcref, v128) -> (f64)"),
            ("func", "(func)", "func () -> ()"),
            ("table", "(table 10 20 externref)", "table 10 20 externref"),
            ("table", "(table 1 (ref null func))", "table 1 funcref"),
            ("memory", "(memory i64 1 2 shared)", "memory i64 1 2 shared"),
            ("memory", "(memory 3)", "memory 3"),
            ("global", "(global (mut i64))", "global (mut i64)"),
            ("global", "(global funcref)", "global funcref"),
            ("tag", "(tag (param i32))", "tag"),
        ] {
            assert_eq!(item("m", "n", (kind, text)).kind.to_string(), printed, "{text}");
        }
        assert_eq!(limits("(memory 0 9 (pagesize 1))").page_size_log2, 0);
        assert_eq!(limits("(memory 0 9)").page_size_log2, 16);
    }
}
