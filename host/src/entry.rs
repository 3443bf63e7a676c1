//! Which function is called, and with what: the tools' `--invoke NAME ARGS…`.

use std::ffi::OsString;

use crate::{Error, ExternKind, ExternType, FuncType, Kind, Store, Value, text};

/// What is called.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The function's name.
    pub name: String,
    /// Its type.
    pub ty: FuncType,
    /// The arguments, as many as it takes.
    pub args: Vec<Arg>,
}

/// An argument of the command line.
#[derive(Clone, Debug)]
pub enum Arg {
    /// A number, a vector or a null.
    Value(Value),
    /// `extern:TEXT`: a reference to a text of the host's, which only a store can have.
    Extern(String),
}

/// How such a reference starts, on the command line and where it is printed.
pub const EXTERN: &str = "extern:";

impl Arg {
    fn parse(text: &str, kind: Kind) -> Result<Self, String> {
        match text.strip_prefix(EXTERN) {
            Some(text) if kind == Kind::ExternRef => Ok(Arg::Extern(text.to_owned())),
            _ => text::parse(text, kind).map(Arg::Value),
        }
    }

    /// The value, in the store that it is for.
    ///
    /// # Errors
    /// The store cannot have a reference.
    pub fn value(&self, store: &mut Store) -> Result<Value, Error> {
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
pub fn listed(exports: &[ExternType]) -> String {
    let lines: Vec<_> = functions(exports).map(|(name, ty)| format!("\n  {name}{ty}")).collect();
    if lines.is_empty() { " none".into() } else { lines.concat() }
}

/// Chooses the function; `None` if nothing is asked for and nothing usual is there.
///
/// # Errors
/// The command line makes no sense: there is no such function, or it takes other arguments.
pub fn choose(exports: &[ExternType], invoke: Option<&str>, args: &[String]) -> Result<Option<Entry>, String> {
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
        return Err(format!("{what}; its functions:{}", listed(exports)));
    };
    if args.len() != ty.params.len() {
        let plural = if ty.params.len() == 1 { "" } else { "s" };
        let given = args.len();
        return Err(format!("{name}{ty} takes {} argument{plural}, {given} given", ty.params.len()));
    }
    let args = args.iter().zip(&ty.params).enumerate().map(|(i, (arg, kind))| {
        Arg::parse(arg, *kind).map_err(|error| format!("argument {} of {name}{ty}: {error}", i + 1))
    });
    Ok(Some(Entry { name: name.into(), ty: ty.clone(), args: args.collect::<Result<_, _>>()? }))
}

/// Makes the words behind `--invoke NAME` values of it, up to the next option, so that `-1` and `-inf` are arguments: each
/// becomes one `--arg=VALUE`, which the tools' command lines take.
#[must_use]
pub fn rewrite(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    enum State {
        Before,
        Name,
        Arguments,
    }
    let mut state = State::Before;
    args.map(|arg| {
        let text = arg.to_string_lossy();
        match state {
            State::Before if text == "--invoke" => state = State::Name,
            State::Before if text.starts_with("--invoke=") => state = State::Arguments,
            State::Name => state = State::Arguments,
            State::Arguments if is_value(&text) => return OsString::from(format!("--arg={text}")),
            _ => state = if text == "--invoke" { State::Name } else { State::Before },
        }
        arg
    })
    .collect()
}

/// Whether a word is an argument, and no option.
fn is_value(text: &str) -> bool {
    match text.strip_prefix('-') {
        None => true,
        Some(rest) => {
            rest.starts_with(|c: char| c.is_ascii_digit() || c == '.')
                || rest.starts_with("inf")
                || rest.starts_with("nan")
        }
    }
}
