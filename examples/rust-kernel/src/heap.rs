//! The heap: a pool in the program. Linear memories come from it too, where the platform reserves no address space for them.

use spinning_top::RawSpinlock;
use talc::TalcLock;
use talc::source::Claim;

const SIZE: usize = 8 << 20;
static mut POOL: [u8; SIZE] = [0; SIZE];

#[global_allocator]
// SAFETY: nothing else uses the pool.
static HEAP: TalcLock<RawSpinlock, Claim> = TalcLock::new(unsafe { Claim::array(&raw mut POOL) });
