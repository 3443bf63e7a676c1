//! Handles: what stands in C for Wasmtime's small copyable types. Behind the store's number they are `MaybeUninit`: there
//! Wasmtime's types have pointers and padding, and neither is a number.

/// What tells handles of one store apart, in the topmost byte of their `store`: numbers of stores count up from 1 and never get
/// there. A function's is 0: a prepared one is compared without it.
pub(crate) const fn mark(kind: u8) -> u64 {
    (kind as u64) << 56
}

/// Ties a C struct, whose first field is `store`, to the Wasmtime type that it stands for. Those types are laid out for C
/// and start with the number of their store, which is never 0.
macro_rules! handle {
    ($name:ident, $wasmtime:ty, $kind:expr) => {
        const _: () = assert!(size_of::<$wasmtime>() == size_of::<$name>());
        const _: () = assert!(align_of::<$wasmtime>() <= align_of::<$name>());

        impl $name {
            const MARK: u64 = $crate::handle::mark($kind);

            /// The handle of something that this store gave.
            pub(crate) fn new(context: &mut $crate::store::Context<'_>, value: $wasmtime) -> Self {
                let mut handle = core::mem::MaybeUninit::<Self>::zeroed();
                // SAFETY: size and alignment fit; the store's number is at the front, and the rest may be anything.
                let mut handle = unsafe {
                    handle.as_mut_ptr().cast::<$wasmtime>().write(value);
                    handle.assume_init()
                };
                $crate::store::give(context, handle.store);
                handle.store ^= Self::MARK;
                handle
            }

            /// What the handle stands for, if it is of this kind and the store owns it.
            pub(crate) fn get(
                &self,
                context: &$crate::store::Context<'_>,
            ) -> Result<$wasmtime, $crate::error::Failure> {
                let mut handle = *self;
                handle.store ^= Self::MARK;
                $crate::store::owns(context, handle.store)?;
                // SAFETY: a handle of this kind that a store owns was made by `new`.
                Ok(unsafe { (&raw const handle).cast::<$wasmtime>().read() })
            }
        }
    };
}
pub(crate) use handle;
