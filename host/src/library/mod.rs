//! Files: the artifact, the device library that belongs to it, and what the library asks for, before any of it is opened.

mod artifact;
mod checked;
mod find;
mod flash;

pub use artifact::Artifact;
pub use checked::Checked;
pub(crate) use find::build_command;
pub use find::{artifacts_folder, find_library, platform_file};
