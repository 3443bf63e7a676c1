//! Which function is called, and with what.

use minplat_host::{Error, ExternKind, ExternType, FuncType, Kind, Store, Value, text};

use crate::report::Failure;

/// What is called.
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) ty: FuncType,
    pub(crate) args: Vec<Arg>,
}

/// An argument of the command line.
pub(crate) enum Arg {
    Value(Value),
    /// `extern:TEXT`: a reference to a text of the host's, which only a store can have.
    Extern(String),
}

/// How such a reference starts, on the command line and where it is printed.
pub(crate) const EXTERN: &str = "extern:";

impl Arg {
    fn parse(text: &str, kind: Kind) -> Result<Self, String> {
        match text.strip_prefix(EXTERN) {
            Some(text) if kind == Kind::ExternRef => Ok(Arg::Extern(text.to_owned())),
            _ => text::parse(text, kind).map(Arg::Value),
        }
    }

    /// The value, in the store that it is for.
    pub(crate) fn value(&self, store: &mut Store) -> Result<Value, Error> {
        match self {
            Arg::Value(value) => Ok(*value),
            Arg::Extern(text) => Value::extern_text(store, text),
        }
    }
}

/// What is called if nothing is asked for.
const USUAL: [&str; 3] = ["_start", "main", "run"];

fn functions(exports: &[ExternType]) -> impl Iterator<Item = (&str, &FuncType)> {
    exports.iter().filter_map(|export| match &export.kind {
        ExternKind::Func(ty) => Some((export.name.as_str(), ty)),
        _ => None,
    })
}

/// The exported functions, for an error or a hint.
pub(crate) fn listed(exports: &[ExternType]) -> String {
    let lines: Vec<_> = functions(exports).map(|(name, ty)| format!("\n  {name}{ty}")).collect();
    if lines.is_empty() { " none".into() } else { lines.concat() }
}

/// Chooses the function; `None` if nothing is asked for and nothing usual is there.
pub(crate) fn choose(exports: &[ExternType], invoke: Option<&str>, args: &[String]) -> Result<Option<Entry>, Failure> {
    let Some(name) = invoke else {
        let usual = USUAL.iter().find_map(|usual| {
            functions(exports)
                .find(|(name, ty)| name == usual && ty.params.is_empty())
                .map(|(name, ty)| (name, ty.clone()))
        });
        return Ok(usual.map(|(name, ty)| Entry { name: name.into(), ty, args: Vec::new() }));
    };
    let Some((_, ty)) = functions(exports).find(|(export, _)| *export == name) else {
        let what = match exports.iter().find(|export| export.name == name) {
            Some(export) => format!("{name} is no function but a {}", export.kind),
            None => format!("the module exports no function {name}"),
        };
        return Err(Failure::usage(format!("{what}; its functions:{}", listed(exports))));
    };
    if args.len() != ty.params.len() {
        let plural = if ty.params.len() == 1 { "" } else { "s" };
        let given = args.len();
        return Err(Failure::usage(format!("{name}{ty} takes {} argument{plural}, {given} given", ty.params.len())));
    }
    let args = args.iter().zip(&ty.params).enumerate().map(|(i, (arg, kind))| {
        Arg::parse(arg, *kind).map_err(|error| Failure::usage(format!("argument {} of {name}{ty}: {error}", i + 1)))
    });
    Ok(Some(Entry { name: name.into(), ty: ty.clone(), args: args.collect::<Result<_, _>>()? }))
}
