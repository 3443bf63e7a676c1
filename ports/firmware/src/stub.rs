//! Host functions in the place of missing ones: each call is told, and gives zeros and nulls.

use core::ffi::c_void;
use core::ptr;
use core::slice;

use minplat_bundle::{Stub, Value};
use minplat_sys::{linked as api, minplat_caller_t, minplat_error_t, minplat_value_t};

use crate::library::{Error, Linker};
use crate::record::Record;
use crate::session::board_of;
use crate::values::{add, argument};

/// Defines one. Its description stays where it lies for as long as the linker's instances can call.
///
/// # Errors
/// A kind is none that the library has values of, or there is no memory.
pub fn define(linker: &Linker, stub: Stub<'_>) -> Result<(), Error> {
    // SAFETY: names and kinds are valid for the call; the function finds its description at an address in the bundle, which stays.
    Error::check(unsafe {
        api::linker_define_func(
            linker.raw(),
            stub.module.as_ptr(),
            stub.module.len(),
            stub.name.as_ptr(),
            stub.name.len(),
            stub.params.as_ptr(),
            stub.params.len(),
            stub.results.as_ptr(),
            stub.results.len(),
            Some(called),
            stub.address().cast_mut().cast(),
            None,
        )
    })
}

unsafe extern "C" fn called(
    env: *mut c_void,
    caller: *mut minplat_caller_t,
    args: *const minplat_value_t,
    args_len: usize,
    results: *mut minplat_value_t,
    _results_len: usize,
) -> *mut minplat_error_t {
    // SAFETY: what `define` gave; the caller is valid during the call, and its store has its board.
    let (stub, board) = unsafe { (Stub::at(env.cast_const().cast()), board_of(caller)) };
    // What was read once reads again.
    let Ok(stub) = stub else { return ptr::null_mut() };
    // SAFETY: as many as it says; for none the pointer may be anything.
    let args = if args_len == 0 { &[] } else { unsafe { slice::from_raw_parts(args, args_len) } };
    let record = Record::new(board, "stub").field(stub.module).field(stub.name);
    let mut record = args.iter().fold(record, add).field("->");
    for (place, kind) in stub.results.iter().enumerate() {
        let zero = argument(Value { kind: *kind, bits: 0 });
        // SAFETY: the function's type has as many results.
        unsafe { results.add(place).write(zero) };
        record = add(record, &zero);
    }
    record.end();
    ptr::null_mut()
}
