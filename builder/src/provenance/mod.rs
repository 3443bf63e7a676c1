//! Where the library's code comes from: third-party licences, and a bill of materials.
//!
//! [`parts`] puts together what Cargo resolved, what it compiled, and `Cargo.lock`; [`licences`] and [`sbom`] write it down.

pub mod licences;
pub mod parts;
pub mod sbom;

pub use parts::Part;

/// The path in a prefix of the licences.
pub const LICENCES: &str = "share/minplat/THIRD-PARTY-LICENSES.txt";
/// The path in a prefix of the bill of materials.
pub const SBOM: &str = "share/minplat/sbom.cdx.json";
