//! What a component shows to the outside: imports and exports, with their types as WIT has them.

use serde::Serialize;
use wasmtime_environ::component::{
    ComponentExtern, ComponentTypes, InterfaceType, TypeComponentIndex, TypeDef, TypeFunc, TypeTupleIndex,
};

use crate::shape::Shape;

/// The outside of a component, and the modules inside.
#[derive(Debug, Clone, Serialize)]
pub struct ComponentShape {
    /// What it needs, in its order.
    pub imports: Vec<Item>,
    /// What it offers, in its order.
    pub exports: Vec<Item>,
    /// The core modules that it is made of.
    pub modules: Vec<Shape>,
}

/// An import or export.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// Its type, as `func(w: u32) -> u32`; `instance` for one with items of its own.
    pub r#type: String,
    /// What an instance or a component exports.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
}

impl ComponentShape {
    /// Reads the shape from what Wasmtime recorded. May panic where that is damaged: see [`crate::guard`].
    pub(crate) fn of(component: TypeComponentIndex, types: &ComponentTypes, modules: Vec<Shape>) -> Self {
        let component = &types[component];
        let items = |all: &mut dyn Iterator<Item = (&String, &ComponentExtern)>| {
            all.map(|(name, item)| item_of(name, item, types)).collect()
        };
        Self { imports: items(&mut component.imports.iter()), exports: items(&mut component.exports.iter()), modules }
    }
}

fn item_of(name: &str, item: &ComponentExtern, types: &ComponentTypes) -> Item {
    let below = |exports: &mut dyn Iterator<Item = (&String, &ComponentExtern)>| {
        exports.map(|(name, item)| item_of(name, item, types)).collect()
    };
    let (r#type, items) = match item.ty {
        TypeDef::ComponentInstance(index) => ("instance".into(), below(&mut types[index].exports.iter())),
        TypeDef::Component(index) => ("component".into(), below(&mut types[index].exports.iter())),
        TypeDef::ComponentFunc(index) => (function(&types[index], types), Vec::new()),
        TypeDef::Interface(ty) => (format!("type = {}", value(ty, types)), Vec::new()),
        TypeDef::Module(_) => ("core module".into(), Vec::new()),
        TypeDef::CoreFunc(_) => ("core func".into(), Vec::new()),
        TypeDef::Resource(_) => ("resource".into(), Vec::new()),
    };
    Item { name: name.into(), r#type, items }
}

fn function(ty: &TypeFunc, types: &ComponentTypes) -> String {
    let parameters = ty.param_names.iter().zip(&types[ty.params].types);
    let parameters: Vec<_> = parameters.map(|(name, ty)| format!("{name}: {}", value(*ty, types))).collect();
    let results = match &types[ty.results].types[..] {
        [] => String::new(),
        [one] => format!(" -> {}", value(*one, types)),
        _ => format!(" -> {}", tuple(ty.results, types)),
    };
    let waits = if ty.async_ { "async " } else { "" };
    format!("{waits}func({}){results}", parameters.join(", "))
}

fn tuple(index: TypeTupleIndex, types: &ComponentTypes) -> String {
    let parts: Vec<_> = types[index].types.iter().map(|ty| value(*ty, types)).collect();
    format!("tuple<{}>", parts.join(", "))
}

fn value(ty: InterfaceType, types: &ComponentTypes) -> String {
    let of = |ty| value(ty, types);
    let or = |ty: Option<InterfaceType>, none: &str| ty.map_or_else(|| none.to_string(), of);
    let braced = |kind: &str, parts: Vec<String>| format!("{kind} {{ {} }}", parts.join(", "));
    match ty {
        InterfaceType::Bool => "bool".into(),
        InterfaceType::S8 => "s8".into(),
        InterfaceType::U8 => "u8".into(),
        InterfaceType::S16 => "s16".into(),
        InterfaceType::U16 => "u16".into(),
        InterfaceType::S32 => "s32".into(),
        InterfaceType::U32 => "u32".into(),
        InterfaceType::S64 => "s64".into(),
        InterfaceType::U64 => "u64".into(),
        InterfaceType::Float32 => "f32".into(),
        InterfaceType::Float64 => "f64".into(),
        InterfaceType::Char => "char".into(),
        InterfaceType::String => "string".into(),
        InterfaceType::ErrorContext(_) => "error-context".into(),
        InterfaceType::Own(_) => "own<resource>".into(),
        InterfaceType::Borrow(_) => "borrow<resource>".into(),
        InterfaceType::Record(index) => {
            let fields = types[index].fields.iter();
            braced("record", fields.map(|field| format!("{}: {}", field.name, of(field.ty))).collect())
        }
        InterfaceType::Variant(index) => {
            let case = |(name, ty): (&String, &Option<InterfaceType>)| match ty {
                Some(ty) => format!("{name}({})", of(*ty)),
                None => name.clone(),
            };
            braced("variant", types[index].cases.iter().map(case).collect())
        }
        InterfaceType::Enum(index) => braced("enum", types[index].names.iter().cloned().collect()),
        InterfaceType::Flags(index) => braced("flags", types[index].names.iter().cloned().collect()),
        InterfaceType::Tuple(index) => tuple(index, types),
        InterfaceType::List(index) => format!("list<{}>", of(types[index].element)),
        InterfaceType::FixedLengthList(index) => format!("list<{}, {}>", of(types[index].element), types[index].size),
        InterfaceType::Map(index) => format!("map<{}, {}>", of(types[index].key), of(types[index].value)),
        InterfaceType::Option(index) => format!("option<{}>", of(types[index].ty)),
        InterfaceType::Result(index) => match (types[index].ok, types[index].err) {
            (None, None) => "result".into(),
            (ok, None) => format!("result<{}>", or(ok, "_")),
            (ok, err) => format!("result<{}, {}>", or(ok, "_"), or(err, "_")),
        },
        InterfaceType::Future(index) => format!("future<{}>", or(types[types[index].ty].payload, "_")),
        InterfaceType::Stream(index) => format!("stream<{}>", or(types[types[index].ty].payload, "_")),
    }
}
