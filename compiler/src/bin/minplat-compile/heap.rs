//! The program's heap. Functions are compiled on all cores, and what one thread allocates another frees: the system's allocator lets
//! them wait for each other.

use mimalloc::MiMalloc;

#[global_allocator]
static HEAP: MiMalloc = MiMalloc;

/// `mi_option_purge_delay` of mimalloc 2: after how many milliseconds it gives unused pages back. The crate has no name for it.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

/// Keeps pages that are free: they are needed again soon, and the program ends soon after. It is a seventh of the time that a
/// module of 1 MB takes. Before there are threads.
pub(crate) fn keep() {
    // SAFETY: no other thread is there.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, -1) };
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_option_is_the_delay() {
        // SAFETY: it is read, and nobody changes it here.
        let delay = unsafe { libmimalloc_sys::mi_option_get(super::PURGE_DELAY) };
        // Its default, by mimalloc's documentation, which no other option has.
        assert_eq!(delay, 10);
    }
}
