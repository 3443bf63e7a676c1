//! What everything that is shipped takes: [`measure`] looks at it, [`page`] makes tables of it and compares those with a document.

pub(crate) mod measure;
pub(crate) mod page;
