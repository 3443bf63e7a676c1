//! Where the parts of the firmware lie, as the linker scripts of the ports have it.

use core::ops::Range;

use minplat_frames::PAGE;

macro_rules! symbols {
    ($($name:ident)*) => { $(
        fn $name() -> usize {
            unsafe extern "C" {
                // An address, not a thing.
                static $name: u8;
            }
            (&raw const $name).expose_provenance()
        }
    )* };
}
symbols! { image_start constants_start constants_end trap_stack trap_stack_top stack_bottom stack_top image_end }

/// Code.
pub fn code() -> Range<usize> {
    image_start()..constants_start()
}

/// Constants, modules that are linked in among them.
pub fn constants() -> Range<usize> {
    constants_start()..constants_end()
}

/// What is written: from behind the constants to the guard of the first stack.
pub fn data() -> Range<usize> {
    constants_end()..trap_stack() - PAGE
}

/// The stack of faults.
pub fn fault_stack() -> Range<usize> {
    trap_stack()..trap_stack_top()
}

/// The stack that everything else is done on.
pub fn stack() -> Range<usize> {
    stack_bottom()..stack_top()
}

/// All of it.
pub fn whole() -> Range<usize> {
    image_start()..image_end()
}

/// Whether an address lies in the page below a stack.
pub fn is_guard(at: usize) -> bool {
    [stack(), fault_stack()].iter().any(|stack| (stack.start - PAGE..stack.start).contains(&at))
}
