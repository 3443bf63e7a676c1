//! What the heap's memory is for: every allocation that lives is entered under the purpose that it was made for.
//!
//! The purpose is what the library was doing when the memory was taken ([`scope`]), or what Wasmtime has announced that it
//! takes next ([`Book::expect`]): a memory or a table tells its size to the store's limiter before it is allocated. An
//! allocation keeps its purpose when its size changes.

/// What memory is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// None of the others: engines, linkers, stores, errors, host functions, Pulley's stacks.
    Other,
    /// Images of modules.
    Code,
    /// Linear memories.
    Memory,
    /// Tables.
    Tables,
    /// Instances.
    Instances,
    /// Types of functions, as the program defines them.
    Types,
    /// What modules say of themselves: functions, imports, exports, names, types.
    Metadata,
}

/// How many there are.
#[cfg(feature = "allocator")]
pub(crate) const PURPOSES: usize = 7;

#[cfg(feature = "allocator")]
impl Purpose {
    const ALL: [Self; PURPOSES] =
        [Self::Other, Self::Code, Self::Memory, Self::Tables, Self::Instances, Self::Types, Self::Metadata];

    fn from_byte(byte: u8) -> Self {
        Self::ALL.get(usize::from(byte)).copied().unwrap_or(Self::Other)
    }
}

#[cfg(feature = "allocator")]
pub(crate) use with_heap::Book;
#[cfg(all(feature = "allocator", feature = "multi-thread"))]
pub(crate) use with_heap::thread;
pub(crate) use with_heap::{Scope, expect, scope};

#[cfg(feature = "allocator")]
mod with_heap {
    use super::{PURPOSES, Purpose};
    use crate::sources::LARGE;

    /// Large allocations whose purpose is remembered: they have no byte of their own for it. One too many is `Other`.
    const LARGE_ONES: usize = 8;

    /// What is in use, and for what.
    pub(crate) struct Book {
        live: [usize; PURPOSES],
        used: usize,
        peak: usize,
        large: [(*mut u8, Purpose); LARGE_ONES],
        /// What the next allocation of at least so many bytes is for; 0: none is expected.
        expected: (Purpose, usize),
        #[cfg(not(feature = "multi-thread"))]
        current: Purpose,
    }

    impl Book {
        pub(crate) const EMPTY: Self = Self {
            live: [0; PURPOSES],
            used: 0,
            peak: 0,
            large: [(core::ptr::null_mut(), Purpose::Other); LARGE_ONES],
            expected: (Purpose::Other, 0),
            #[cfg(not(feature = "multi-thread"))]
            current: Purpose::Other,
        };

        /// Whether anything was ever allocated.
        pub(crate) fn is_used(&self) -> bool {
            self.peak != 0
        }

        /// Bytes in use, as they were asked for.
        pub(crate) fn used(&self) -> usize {
            self.used
        }

        /// The most that was in use at once.
        pub(crate) fn peak(&self) -> usize {
            self.peak
        }

        /// Bytes in use for each purpose.
        pub(crate) fn live(&self) -> &[usize; PURPOSES] {
            &self.live
        }

        fn count(&mut self, purpose: Purpose, old: usize, new: usize) {
            let live = &mut self.live[purpose as usize];
            *live = *live - old + new;
            self.used = self.used - old + new;
            self.peak = self.peak.max(self.used);
        }

        fn next_purpose(&mut self, size: usize) -> Purpose {
            let (purpose, least) = self.expected;
            if least != 0 && size >= least {
                self.expected.1 = 0;
                return purpose;
            }
            self.current()
        }

        /// Enters a new allocation, with the purpose that it has for now unless one is given.
        ///
        /// # Safety
        /// It has this size, and a byte more if that is less than `LARGE`.
        pub(crate) unsafe fn enter(&mut self, ptr: *mut u8, size: usize, purpose: Option<Purpose>) {
            let purpose = purpose.unwrap_or_else(|| self.next_purpose(size));
            // SAFETY: the caller's contract is the function's own.
            let purpose = unsafe { self.mark(ptr, size, purpose) };
            self.count(purpose, 0, size);
        }

        /// Writes down a purpose; the answer is what can be read again.
        ///
        /// # Safety
        /// As [`Self::enter`].
        unsafe fn mark(&mut self, ptr: *mut u8, size: usize, purpose: Purpose) -> Purpose {
            if size < LARGE {
                // SAFETY: there is the byte.
                unsafe { ptr.add(size).write(purpose as u8) };
                return purpose;
            }
            match self.large.iter_mut().find(|(of, _)| of.is_null()) {
                Some(free) => {
                    *free = (ptr, purpose);
                    purpose
                }
                None => Purpose::Other,
            }
        }

        /// What an allocation is for.
        ///
        /// # Safety
        /// It was entered with this size.
        pub(crate) unsafe fn purpose(&self, ptr: *mut u8, size: usize) -> Purpose {
            if size < LARGE {
                // SAFETY: there is the byte.
                return Purpose::from_byte(unsafe { ptr.add(size).read() });
            }
            self.large.iter().find(|(of, _)| *of == ptr).map_or(Purpose::Other, |(_, purpose)| *purpose)
        }

        /// Forgets an allocation.
        ///
        /// # Safety
        /// It was entered with this size.
        pub(crate) unsafe fn leave(&mut self, ptr: *mut u8, size: usize) {
            // SAFETY: the caller's contract is the function's own.
            let purpose = unsafe { self.purpose(ptr, size) };
            self.forget(ptr, size);
            self.count(purpose, size, 0);
        }

        fn forget(&mut self, ptr: *mut u8, size: usize) {
            if size >= LARGE
                && let Some(found) = self.large.iter_mut().find(|(of, _)| *of == ptr)
            {
                found.0 = core::ptr::null_mut();
            }
        }

        /// An allocation has another size, and maybe another place; its purpose was read before.
        ///
        /// # Safety
        /// As [`Self::enter`], for the new place and size.
        pub(crate) unsafe fn change(&mut self, old: *mut u8, before: usize, new: *mut u8, after: usize, was: Purpose) {
            self.forget(old, before);
            self.count(was, before, 0);
            // SAFETY: the caller's contract is the function's own.
            unsafe { self.enter(new, after, Some(was)) };
        }

        #[cfg(not(feature = "multi-thread"))]
        fn current(&self) -> Purpose {
            self.current
        }

        #[cfg(feature = "multi-thread")]
        #[expect(clippy::unused_self, reason = "elsewhere it is kept in the book")]
        fn current(&self) -> Purpose {
            thread::get()
        }
    }

    /// What is one thread's own, in the slot that Wasmtime uses for component-model async alone: its purpose, and whether it may
    /// make texts from the reserve.
    #[cfg(feature = "multi-thread")]
    pub(crate) mod thread {
        use super::Purpose;

        unsafe extern "C" {
            /// See `wasmtime-platform.h`: what the thread has in a slot, NULL at first.
            safe fn wasmtime_tls_get(slot: usize) -> *mut u8;
            /// See `wasmtime-platform.h`: puts something into a slot of the thread.
            safe fn wasmtime_tls_set(slot: usize, ptr: *mut u8);
        }

        /// Above the purpose.
        const OPEN: usize = 1 << 8;

        fn word() -> usize {
            wasmtime_tls_get(1).addr()
        }

        fn set_word(word: usize) {
            wasmtime_tls_set(1, core::ptr::without_provenance_mut(word));
        }

        pub(super) fn get() -> Purpose {
            Purpose::from_byte(word() as u8)
        }

        pub(super) fn set(purpose: Purpose) {
            set_word(word() & OPEN | purpose as usize);
        }

        /// Whether this thread may make texts.
        pub(crate) fn is_open() -> bool {
            word() & OPEN != 0
        }

        /// From now on it may, or may not.
        pub(crate) fn open(is_open: bool) {
            if self::is_open() != is_open {
                set_word(word() ^ OPEN);
            }
        }
    }

    /// While it lives, what this thread allocates is for one purpose.
    pub(crate) struct Scope(Purpose);

    /// What is allocated from now on is for this, until the answer is dropped.
    pub(crate) fn scope(purpose: Purpose) -> Scope {
        Scope(set(purpose))
    }

    impl Drop for Scope {
        fn drop(&mut self) {
            expect(Purpose::Other, 0);
            crate::heap::grow(false);
            set(self.0);
        }
    }

    #[cfg(not(feature = "multi-thread"))]
    fn set(purpose: Purpose) -> Purpose {
        crate::allocator::look(|book, _| core::mem::replace(&mut book.current, purpose))
    }

    #[cfg(feature = "multi-thread")]
    fn set(purpose: Purpose) -> Purpose {
        let old = thread::get();
        thread::set(purpose);
        old
    }

    /// The next allocation of at least so many bytes is for this.
    pub(crate) fn expect(purpose: Purpose, size: usize) {
        crate::allocator::look(|book, _| book.expected = (purpose, size));
    }
}

/// Whoever has the heap counts for himself.
#[cfg(not(feature = "allocator"))]
mod with_heap {
    use super::Purpose;

    /// Nothing.
    pub(crate) struct Scope;

    impl Drop for Scope {
        fn drop(&mut self) {}
    }

    /// Nothing is counted.
    pub(crate) fn scope(_purpose: Purpose) -> Scope {
        Scope
    }

    /// Nothing is counted.
    pub(crate) fn expect(_purpose: Purpose, _size: usize) {}
}
