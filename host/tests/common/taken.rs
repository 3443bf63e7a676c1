//! What is taken of the machine, to be compared with what was taken before.

use minplat_host::{Device, platform};

/// What a library takes of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    mapped: u64,
    backed: u64,
    /// Bytes in use, and those that the heap has of the platform.
    heap: (usize, u64),
    allocations: u64,
    executable: u64,
}

impl Taken {
    /// What is taken now.
    pub(crate) fn now(device: &Device) -> Self {
        let stats = platform::stats();
        let heap = device.heap_stats();
        Self {
            mapped: stats.mapped,
            backed: stats.backed,
            heap: (heap.used, heap.mapped as u64),
            allocations: platform::heap::live(),
            executable: platform::executable(),
        }
    }

    /// The same without the pages that the heap has of the platform, used or not.
    pub(crate) fn but_for_the_heaps_pages(self) -> Self {
        let pages = if self.allocations == 0 { self.heap.1 } else { 0 };
        Self { mapped: self.mapped - pages, backed: self.backed - pages, heap: (self.heap.0, 0), ..self }
    }
}
