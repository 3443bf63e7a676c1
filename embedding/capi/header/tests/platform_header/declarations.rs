//! Rust's declarations of C functions, in C.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use syn::{Expr, ForeignItem, Item, Lit, ReturnType, Signature, Type};

/// A function's type: C types, each without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) result: String,
    pub(crate) parameters: Vec<String>,
}

impl Function {
    /// The type in C.
    pub(crate) fn c(&self) -> String {
        let parameters = if self.parameters.is_empty() { "void".into() } else { self.parameters.join(", ") };
        format!("{} ({parameters})", self.result)
    }
}

/// What a file of Rust declares or defines under a name of Wasmtime's.
#[derive(Debug, Default)]
pub(crate) struct Declarations {
    pub(crate) functions: BTreeMap<String, Function>,
    /// C type and value.
    pub(crate) constants: BTreeMap<String, (String, u64)>,
    /// Names for types of functions, in C.
    pub(crate) types: BTreeMap<String, String>,
}

impl Declarations {
    /// Adds what a file has, in modules inside it too.
    pub(crate) fn read(&mut self, path: &Path) {
        let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("cannot read {}: {e}", path.display()));
        let file = syn::parse_file(&text).unwrap_or_else(|e| panic!("{} is no Rust: {e}", path.display()));
        self.items(&file.items);
    }

    fn items(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Mod(module) => self.items(module.content.as_ref().map_or(&[], |(_, items)| items)),
                Item::ForeignMod(block) => {
                    for item in &block.items {
                        if let ForeignItem::Fn(function) = item {
                            self.function(&function.sig);
                        }
                    }
                }
                Item::Fn(function) if function.sig.abi.is_some() => self.function(&function.sig),
                Item::Const(constant) if constant.ident.to_string().starts_with("WASMTIME_") => {
                    let entry = (c_type(&constant.ty, ""), value(&constant.expr));
                    self.constants.insert(constant.ident.to_string(), entry);
                }
                Item::Type(alias) if matches!(*alias.ty, Type::BareFn(_)) => {
                    let name = alias.ident.to_string();
                    if name.starts_with("wasmtime_") {
                        self.types.insert(name, c_type(&alias.ty, ""));
                    }
                }
                _ => {}
            }
        }
    }

    fn function(&mut self, signature: &Signature) {
        let name = signature.ident.to_string();
        if !name.starts_with("wasmtime_") {
            return;
        }
        let parameters = signature.inputs.iter().map(|input| match input {
            syn::FnArg::Typed(typed) => c_type(&typed.ty, ""),
            syn::FnArg::Receiver(_) => panic!("{name} has a self"),
        });
        let function = Function { parameters: parameters.collect(), result: c_result(&signature.output, "") };
        let other = self.functions.insert(name.clone(), function.clone());
        assert!(other.is_none_or(|other| other == function), "{name} is declared twice, with different types");
    }
}

fn c_result(output: &ReturnType, declarator: &str) -> String {
    match output {
        ReturnType::Default => format!("void {declarator}").trim_end().to_string(),
        ReturnType::Type(_, ty) => c_type(ty, declarator),
    }
}

/// A type in C around a declarator, which goes where a variable's name would.
fn c_type(ty: &Type, declarator: &str) -> String {
    match ty {
        Type::Ptr(pointer) if pointer.const_token.is_some() => {
            format!("const {}", c_type(&pointer.elem, &format!("*{declarator}")))
        }
        Type::Ptr(pointer) => c_type(&pointer.elem, &format!("*{declarator}")),
        Type::Reference(reference) if reference.mutability.is_some() => {
            c_type(&reference.elem, &format!("*{declarator}"))
        }
        Type::BareFn(function) => {
            let parameters: Vec<String> = function.inputs.iter().map(|input| c_type(&input.ty, "")).collect();
            c_result(&function.output, &format!("(*{declarator})({})", parameters.join(", ")))
        }
        Type::Path(path) => {
            let name = path.path.require_ident().expect("C has no paths").to_string();
            let c = match name.as_str() {
                "bool" => "bool",
                "u8" => "uint8_t",
                "i32" => "int32_t",
                "u32" => "uint32_t",
                // And `uintptr_t`: one type on every machine that Wasmtime runs on.
                "usize" => "size_t",
                "wasmtime_trap_handler_t" => "wasmtime_trap_handler_t",
                "wasmtime_memory_image" => "struct wasmtime_memory_image",
                other => panic!("how is {other} called in C? tell {}", file!()),
            };
            format!("{c} {declarator}").trim_end().to_string()
        }
        _ => panic!("a type that C may not have: tell {} how it is written", file!()),
    }
}

fn value(expression: &Expr) -> u64 {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().expect("it is a number"),
            _ => panic!("a constant is no number"),
        },
        Expr::Binary(both) if matches!(both.op, syn::BinOp::Shl(_)) => value(&both.left) << value(&both.right),
        _ => panic!("a constant is computed in a new way: tell {}", file!()),
    }
}
