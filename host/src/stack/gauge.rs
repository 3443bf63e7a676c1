//! How much of the current thread's stack a job uses.

/// What is written below the stack pointer before the job, to be found untouched afterwards.
pub(super) const PAINT: u64 = 0x5ca1_ab1e_0ddb_a110;
/// What the frames that paint may have written themselves: bytes below the painter's own.
const RED_ZONE: usize = 512;

/// Measures jobs on the thread that made it.
pub struct Gauge {
    bottom: usize,
    /// What is paint already: from the bottom up to here.
    painted: usize,
    not_send: std::marker::PhantomData<*const ()>,
}

impl Gauge {
    /// For this thread; `None` where it cannot be told where its stack ends.
    pub fn new() -> Option<Self> {
        let bottom = stack_bottom()?;
        Some(Self { bottom, painted: bottom, not_send: std::marker::PhantomData })
    }

    /// Runs a job; the answer tells how many bytes of the stack it used at most, whatever it called included. Less than a
    /// kilobyte is told as what the measuring itself took.
    #[inline(never)]
    pub fn measure<R>(&mut self, job: impl FnOnce() -> R) -> (R, usize) {
        let here = 0u64;
        let start = (&raw const here).addr();
        let top = self.paint();
        let result = job();
        let touched = first_touched(self.bottom, top);
        self.painted = touched;
        (result, start.saturating_sub(touched))
    }

    /// Paints from what is paint up to shortly below this frame; answers where it ended.
    #[inline(never)]
    fn paint(&self) -> usize {
        let here = 0u64;
        let top = ((&raw const here).addr() - RED_ZONE) & !7;
        let mut address = self.painted.min(top);
        while address < top {
            // SAFETY: unused stack of this thread, below every live frame.
            unsafe { std::ptr::without_provenance_mut::<u64>(address).write_volatile(PAINT) };
            address += 8;
        }
        top
    }
}

/// The lowest address of this thread's stack that may be used.
fn stack_bottom() -> Option<usize> {
    // SAFETY: the attributes are filled by the first call, read, and destroyed.
    unsafe {
        let mut attributes = std::mem::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) != 0 {
            return None;
        }
        let (mut bottom, mut size, mut guard) = (std::ptr::null_mut(), 0, 0);
        let known = libc::pthread_attr_getstack(&attributes, &mut bottom, &mut size) == 0
            && libc::pthread_attr_getguardsize(&attributes, &mut guard) == 0;
        libc::pthread_attr_destroy(&mut attributes);
        // Whether the guard is inside the range depends on the C library; leaving it out twice costs nothing.
        known.then_some((bottom.addr() + guard).next_multiple_of(8))
    }
}

/// The lowest word between the two that is not paint any more.
pub(super) fn first_touched(bottom: usize, top: usize) -> usize {
    let painted = |address: &usize| {
        // SAFETY: stack that was painted.
        let word = unsafe { std::ptr::without_provenance::<u64>(*address).read_volatile() };
        word == PAINT
    };
    (bottom..top).step_by(8).find(|address| !painted(address)).unwrap_or(top)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;

    #[inline(never)]
    fn dig(levels: usize) -> u8 {
        let mut hole = [0u8; 1024];
        black_box(&mut hole)[levels % 1024] = 1;
        if levels == 0 { hole[0] } else { dig(levels - 1).wrapping_add(black_box(&hole)[1]) }
    }

    #[test]
    fn deeper_jobs_use_more_and_one_does_not_hide_the_next() {
        let body = || {
            let mut gauge = Gauge::new().unwrap();
            let mut used = |levels| gauge.measure(move || black_box(dig(levels))).1;
            let (deep, shallow) = (used(1000), used(10));
            assert!((990 << 10..1200 << 10).contains(&(deep - shallow)), "10 levels: {shallow}, 1000 levels: {deep}");
            assert!((10 << 10..20 << 10).contains(&shallow), "10 levels used {shallow} bytes");
        };
        std::thread::Builder::new().stack_size(4 << 20).spawn(body).unwrap().join().unwrap();
    }
}
