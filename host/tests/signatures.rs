//! The table of functions is the header's: the same functions, each with the same parameters and result.

mod common;

use std::collections::BTreeMap;
use std::fs;

use minplat_host::device::Api;
use syn::{GenericArgument, Item, PathArguments, ReturnType, Type};

/// Result and parameters, as C writes them without spaces at stars.
type Prototype = (String, Vec<String>);

/// A Rust type of the table as C writes it.
fn in_c(ty: &Type) -> String {
    match ty {
        Type::Ptr(pointer) => {
            let constant = if pointer.mutability.is_none() { "const " } else { "" };
            format!("{constant}{}*", in_c(&pointer.elem))
        }
        Type::Path(path) => {
            let last = path.path.segments.last().unwrap();
            match (last.ident.to_string().as_str(), &last.arguments) {
                ("Option", PathArguments::AngleBracketed(inner)) => match &inner.args[0] {
                    GenericArgument::Type(ty) => in_c(ty),
                    _ => panic!("an option of no type"),
                },
                ("usize", _) => "size_t".into(),
                ("c_char", _) => "char".into(),
                ("c_void", _) => "void".into(),
                ("u8" | "u16" | "u32" | "u64", _) => format!("uint{}_t", &last.ident.to_string()[1..]),
                ("i32" | "i64", _) => format!("int{}_t", &last.ident.to_string()[1..]),
                (name, _) => name.into(),
            }
        }
        _ => panic!("no type of the C API"),
    }
}

fn tidy(ty: &str) -> String {
    ty.split_whitespace().collect::<Vec<_>>().join(" ").replace(" *", "*")
}

/// `int *name` without the name.
fn unnamed(parameter: &str) -> String {
    tidy(parameter.trim().trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_'))
}

fn parameters(list: &str) -> Vec<String> {
    if list.trim() == "void" { Vec::new() } else { list.split(',').map(unnamed).collect() }
}

/// Functions and function types of the header.
fn header() -> (BTreeMap<String, Prototype>, BTreeMap<String, Prototype>) {
    let text = fs::read_to_string(common::header()).unwrap();
    let (_, text) = text.split_once("*/").unwrap();
    let lines = text.lines().map(|line| line.split("//").next().unwrap()).filter(|line| !line.starts_with('#'));
    let text = lines.collect::<Vec<_>>().join(" ");
    let (mut functions, mut types) = (BTreeMap::new(), BTreeMap::new());
    for declaration in text.split(';') {
        let declaration = declaration.rsplit(['{', '}']).next().unwrap().trim();
        if let Some(ty) = declaration.strip_prefix("typedef ") {
            if let Some((result, rest)) = ty.split_once("(*") {
                let (name, list) = rest.trim_end_matches(')').split_once(")(").unwrap();
                types.insert(name.to_owned(), (tidy(result), parameters(list)));
            }
        } else if let Some((head, list)) = declaration.split_once('(') {
            let at = head.rfind([' ', '*']).unwrap() + 1;
            if head[at..].starts_with("minplat_") {
                functions.insert(head[at..].to_owned(), (tidy(&head[..at]), parameters(list.trim_end_matches(')'))));
            }
        }
    }
    (functions, types)
}

#[test]
fn the_functions_are_those_of_the_header() {
    let (functions, _) = header();
    assert!(functions.len() > 60, "{functions:#?}");
    let parse = |ty: &str| in_c(&syn::parse_str(ty).unwrap());
    let ours: BTreeMap<_, _> = Api::SIGNATURES
        .iter()
        .map(|(name, parameters, result)| {
            let result = if result.is_empty() { "void".into() } else { parse(result) };
            ((*name).to_owned(), (result, parameters.iter().map(|ty| parse(ty)).collect()))
        })
        .collect();
    for (name, prototype) in &functions {
        assert_eq!(ours.get(name), Some(prototype), "{name}");
    }
    let unknown: Vec<_> = ours.keys().filter(|name| !functions.contains_key(*name)).collect();
    assert!(unknown.is_empty(), "the header does not have {unknown:?}");
}

#[test]
fn the_function_types_are_those_of_the_header() {
    let (_, types) = header();
    assert!(types.contains_key("minplat_callback_t") && types.contains_key("minplat_panic_hook_t"), "{types:#?}");
    let source = syn::parse_file(include_str!("../../embedding/capi/sys/src/types.rs")).unwrap();
    let ours: BTreeMap<_, Prototype> = source
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Type(alias) => match &*alias.ty {
                Type::BareFn(function) => {
                    let result = match &function.output {
                        ReturnType::Default => "void".into(),
                        ReturnType::Type(_, ty) => in_c(ty),
                    };
                    Some((alias.ident.to_string(), (result, function.inputs.iter().map(|i| in_c(&i.ty)).collect())))
                }
                _ => None,
            },
            _ => None,
        })
        .collect();
    assert_eq!(ours, types);
}
