//! What a module imports and the firmware does not have.

use minplat_host::{ExternKind, ExternType, FuncType, Kind};
use minplat_qemu::module::Module;

use crate::report::Failure;

/// The functions that stand-ins are to be made for; none where nothing is missing.
///
/// # Errors
/// Something is missing and no stand-in is wanted, or none can be made.
pub(crate) fn missing(module: &Module, stub: bool) -> Result<Vec<(&ExternType, &FuncType)>, Failure> {
    let missing = || module.imports.iter().filter(|import| !is_log(import));
    let (stubs, left): (Vec<_>, Vec<_>) = missing().partition(|import| stub && function(import).is_some());
    if left.is_empty() {
        return Ok(stubs.into_iter().filter_map(|import| Some((import, function(import)?))).collect());
    }
    let left: String =
        left.iter().map(|import| format!("\n  {} {} {}", import.module, import.name, import.kind)).collect();
    let (why, remedy) = if stub {
        ("no stand-in can be made for them", "the firmware has stand-ins for functions")
    } else {
        (
            "nothing gives them",
            "the firmware has host.log(i32, i32) alone; see the calls of functions with --stub-imports",
        )
    };
    Err(Failure::Host(anyhow::anyhow!("{} has imports and {why}:{left}\n{remedy}", module.name)))
}

/// `host.log`, the one function that the firmware has for guests.
fn is_log(import: &ExternType) -> bool {
    import.module == "host"
        && import.name == "log"
        && matches!(&import.kind, ExternKind::Func(ty) if ty.params == [Kind::I32, Kind::I32] && ty.results.is_empty())
}

/// The type of a function that can be made: the C API has no values of other references.
fn function(import: &ExternType) -> Option<&FuncType> {
    match &import.kind {
        ExternKind::Func(ty) if !ty.params.iter().chain(&ty.results).any(|kind| *kind == Kind::OtherRef) => Some(ty),
        _ => None,
    }
}
