//! The allocator of what is small: `build.heap` says which. Both keep the same contract on the same [`Segments`], so the rest of
//! the heap does not know which one it has.
//!
//! [`Segments`]: crate::sources::Segments

#[cfg(feature = "talc")]
mod talc;
#[cfg(feature = "talc")]
pub(crate) use talc::Small;

#[cfg(not(feature = "talc"))]
mod tlsf;
#[cfg(not(feature = "talc"))]
pub(crate) use tlsf::Small;
