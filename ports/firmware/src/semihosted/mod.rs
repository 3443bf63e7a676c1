//! Console and end of the program by semihosting: those of the emulator, or of the debugger. For ports that have nothing of their own.

pub mod console;
pub mod exit;
