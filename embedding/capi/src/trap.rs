//! Traps: stable numbers and short texts.

use core::ffi::{CStr, c_char};

use minplat::wasmtime::Trap;

use crate::error::{borrow, minplat_error_t};

/// How a guest trapped. The numbers are stable; new ones may come.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum minplat_trap_code_t {
    /// The stack ran out: too deep a recursion for `memory.native-stack`.
    MINPLAT_TRAP_STACK_OVERFLOW = 0,
    /// A memory was accessed out of its bounds.
    MINPLAT_TRAP_MEMORY_OUT_OF_BOUNDS = 1,
    /// An atomic access was not aligned.
    MINPLAT_TRAP_HEAP_MISALIGNED = 2,
    /// A table was accessed out of its bounds.
    MINPLAT_TRAP_TABLE_OUT_OF_BOUNDS = 3,
    /// An indirect call found no function.
    MINPLAT_TRAP_INDIRECT_CALL_TO_NULL = 4,
    /// An indirect call found a function of another type.
    MINPLAT_TRAP_BAD_SIGNATURE = 5,
    /// A division's result does not fit.
    MINPLAT_TRAP_INTEGER_OVERFLOW = 6,
    /// A division by zero.
    MINPLAT_TRAP_INTEGER_DIVISION_BY_ZERO = 7,
    /// A float that no integer stands for was converted to one.
    MINPLAT_TRAP_BAD_CONVERSION_TO_INTEGER = 8,
    /// The instruction `unreachable`.
    MINPLAT_TRAP_UNREACHABLE = 9,
    /// The epoch deadline passed.
    MINPLAT_TRAP_INTERRUPT = 10,
    /// The fuel is used up.
    MINPLAT_TRAP_OUT_OF_FUEL = 11,
    /// An atomic wait on memory that is not shared.
    MINPLAT_TRAP_ATOMIC_WAIT_NON_SHARED_MEMORY = 12,
    /// A null reference was used.
    MINPLAT_TRAP_NULL_REFERENCE = 13,
    /// An array was accessed out of its bounds.
    MINPLAT_TRAP_ARRAY_OUT_OF_BOUNDS = 14,
    /// An object is too large to exist.
    MINPLAT_TRAP_ALLOCATION_TOO_LARGE = 15,
    /// A reference was cast to a type that it does not have.
    MINPLAT_TRAP_CAST_FAILURE = 16,
    /// A trap that this list does not have; the error's text says which.
    MINPLAT_TRAP_OTHER = 255,
}

use minplat_trap_code_t as code;

fn code_of(trap: Trap) -> code {
    match trap {
        Trap::StackOverflow => code::MINPLAT_TRAP_STACK_OVERFLOW,
        Trap::MemoryOutOfBounds => code::MINPLAT_TRAP_MEMORY_OUT_OF_BOUNDS,
        Trap::HeapMisaligned => code::MINPLAT_TRAP_HEAP_MISALIGNED,
        Trap::TableOutOfBounds => code::MINPLAT_TRAP_TABLE_OUT_OF_BOUNDS,
        Trap::IndirectCallToNull => code::MINPLAT_TRAP_INDIRECT_CALL_TO_NULL,
        Trap::BadSignature => code::MINPLAT_TRAP_BAD_SIGNATURE,
        Trap::IntegerOverflow => code::MINPLAT_TRAP_INTEGER_OVERFLOW,
        Trap::IntegerDivisionByZero => code::MINPLAT_TRAP_INTEGER_DIVISION_BY_ZERO,
        Trap::BadConversionToInteger => code::MINPLAT_TRAP_BAD_CONVERSION_TO_INTEGER,
        Trap::UnreachableCodeReached => code::MINPLAT_TRAP_UNREACHABLE,
        Trap::Interrupt => code::MINPLAT_TRAP_INTERRUPT,
        Trap::OutOfFuel => code::MINPLAT_TRAP_OUT_OF_FUEL,
        Trap::AtomicWaitNonSharedMemory => code::MINPLAT_TRAP_ATOMIC_WAIT_NON_SHARED_MEMORY,
        Trap::NullReference => code::MINPLAT_TRAP_NULL_REFERENCE,
        Trap::ArrayOutOfBounds => code::MINPLAT_TRAP_ARRAY_OUT_OF_BOUNDS,
        Trap::AllocationTooLarge => code::MINPLAT_TRAP_ALLOCATION_TOO_LARGE,
        Trap::CastFailure => code::MINPLAT_TRAP_CAST_FAILURE,
        _ => code::MINPLAT_TRAP_OTHER,
    }
}

/// Whether the error is a trap; if so, which. Stack: 1 KiB. Tasks: the error's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_error_trap_code(error: *const minplat_error_t, out: *mut minplat_trap_code_t) -> bool {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or an error of this library.
    let error = unsafe { borrow(error) };
    let Some(trap) = error.and_then(|e| e.inner()?.downcast_ref::<Trap>()) else { return false };
    // SAFETY: NULL, or room for a code.
    unsafe { crate::args::out(out, code_of(*trap)) }.is_ok()
}

/// A trap in a few words, as the specification's tests have them; static. A number that is no code gives "unknown trap".
/// Stack: 1 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub extern "C" fn minplat_trap_text(trap: u32) -> *const c_char {
    let text: &CStr = match trap {
        0 => c"call stack exhausted",
        1 => c"out of bounds memory access",
        2 => c"unaligned atomic",
        3 => c"out of bounds table access",
        4 => c"uninitialized element",
        5 => c"indirect call type mismatch",
        6 => c"integer overflow",
        7 => c"integer divide by zero",
        8 => c"invalid conversion to integer",
        9 => c"unreachable",
        10 => c"interrupted: the epoch deadline passed",
        11 => c"out of fuel",
        12 => c"atomic wait on non-shared memory",
        13 => c"null reference",
        14 => c"out of bounds array access",
        15 => c"allocation size too large",
        16 => c"cast failure",
        _ => c"unknown trap",
    };
    text.as_ptr()
}
