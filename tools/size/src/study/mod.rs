//! A library built with each knob turned: [`knobs`] is the table of them, [`plan`] says which builds that are, [`run`] does them,
//! [`pace`] how long the rest takes, [`output`] writes what came out.

pub(crate) mod knobs;
pub(crate) mod output;
pub(crate) mod pace;
pub(crate) mod plan;
pub(crate) mod run;
