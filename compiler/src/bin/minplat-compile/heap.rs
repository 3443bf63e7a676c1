//! The program's heap. Functions are compiled on all cores, and what one thread allocates another frees: the system's allocator makes
//! them wait for each other.

use mimalloc::MiMalloc;

#[global_allocator]
static HEAP: MiMalloc = MiMalloc;

/// `mi_option_purge_delay` of mimalloc 2: after how many milliseconds it gives unused pages back. The crate has no name for it; in `mimalloc.h`
/// it stands between two that the crate has.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = libmimalloc_sys::mi_option_eager_commit_delay + 1;

/// Keeps pages that are free: they are needed again soon, and the program ends soon after. It is a seventh of the time that a
/// module of 1 MB takes. `MIMALLOC_PURGE_DELAY` says otherwise. Before there are threads.
pub(crate) fn keep() {
    // SAFETY: no other thread is there.
    unsafe { libmimalloc_sys::mi_option_set_default(PURGE_DELAY, -1) };
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_option_is_the_delay() {
        // SAFETY: it is read, and nobody changes it here.
        let delay = unsafe { libmimalloc_sys::mi_option_get(super::PURGE_DELAY) };
        assert_eq!(delay, 10, "mimalloc's documentation has another default");
        assert_eq!(super::PURGE_DELAY + 1, libmimalloc_sys::mi_option_use_numa_nodes);
    }
}
