//! The module `spectest`, which the specification's scripts import from.

use minplat_host::{Extern, FuncType, Global, Kind, LimitsType, Linker, Memory, Store, Table, Value};

use crate::machine::Machine;

const MODULE: &str = "spectest";

/// Defines it. What the functions are told to print is dropped.
///
/// # Errors
/// No memory.
pub(crate) fn define(linker: &mut Linker, store: &mut Store, machine: &Machine) -> Result<(), minplat_host::Error> {
    for (name, params) in [
        ("print", &[][..]),
        ("print_i32", &[Kind::I32]),
        ("print_i64", &[Kind::I64]),
        ("print_f32", &[Kind::F32]),
        ("print_f64", &[Kind::F64]),
        ("print_i32_f32", &[Kind::I32, Kind::F32]),
        ("print_f64_f64", &[Kind::F64, Kind::F64]),
    ] {
        let ty = FuncType { params: params.to_vec(), results: Vec::new() };
        linker.define_func(MODULE, name, &ty, |_, _, _| Ok(()))?;
    }
    for (name, value) in [
        ("global_i32", Value::I32(666)),
        ("global_i64", Value::I64(666)),
        ("global_f32", Value::from(666.6f32)),
        ("global_f64", Value::from(666.6f64)),
    ] {
        let global = Global::new(store, false, value)?;
        linker.define(store, MODULE, name, Extern::Global(global))?;
    }
    let memory = Memory::new(store, &limits(1, 2, 16, false))?;
    linker.define(store, MODULE, "memory", Extern::Memory(memory))?;
    let table = Table::new(store, Kind::FuncRef, &limits(10, 20, 0, false), Value::FuncRef(None))?;
    linker.define(store, MODULE, "table", Extern::Table(table))?;
    if machine.memory64 {
        let table = Table::new(store, Kind::FuncRef, &limits(10, 20, 0, true), Value::FuncRef(None))?;
        linker.define(store, MODULE, "table64", Extern::Table(table))?;
    }
    Ok(())
}

fn limits(minimum: u64, maximum: u64, page_size_log2: u32, is_64: bool) -> LimitsType {
    LimitsType { minimum, maximum, page_size_log2, is_64, is_shared: false }
}
