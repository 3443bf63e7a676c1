//! The sections, a file each.

pub(crate) mod calls;
pub(crate) mod changed;
pub(crate) mod compile;
pub(crate) mod execution;
pub(crate) mod instances;
pub(crate) mod instructions;
pub(crate) mod startup;

use std::path::PathBuf;

use anyhow::{Result, bail};
use minplat_host::find_library;
use tempfile::TempDir;

use crate::peer::Peer;
use crate::progress::Progress;
use crate::results::LeftOut;
use crate::running::Running;

/// What is measured, and how thoroughly.
pub(crate) struct Plan {
    /// The folder with the kernels.
    pub(crate) folder: PathBuf,
    pub(crate) kernels: Vec<String>,
    /// What engines compiled of them.
    pub(crate) compiled: TempDir,
    pub(crate) peers: Vec<Peer>,
    /// Whether the user named the engines: one that cannot take part is an error then.
    pub(crate) named: bool,
    pub(crate) rounds: usize,
    /// For a look whether all works: short rounds.
    pub(crate) quick: bool,
    pub(crate) progress: Progress,
}

impl Plan {
    /// Starts an engine with a kernel; where it cannot, that is written down.
    fn start(&self, peer: &Peer, kernel: &str, left_out: &mut Vec<LeftOut>) -> Result<Option<Running>> {
        match Running::start(peer, &self.folder, kernel, self.compiled.path()) {
            Ok(running) => Ok(Some(running)),
            Err(why) => self.without(peer, kernel, &why, left_out).map(|()| None),
        }
    }

    /// Does without the platforms that have no library here.
    pub(crate) fn leave_out_unbuilt(&mut self, left_out: &mut Vec<LeftOut>) -> Result<()> {
        let mut there = Vec::new();
        for peer in std::mem::take(&mut self.peers) {
            match find_library(&peer.name(), None) {
                Err(why) if peer.is_platform() && self.named => return Err(why),
                Err(_) if peer.is_platform() => {
                    left_out.push(LeftOut {
                        kernel: None,
                        engine: peer.name(),
                        why: "its library is not built".into(),
                    });
                }
                _ => there.push(peer),
            }
        }
        self.peers = there;
        Ok(())
    }

    fn without(&self, peer: &Peer, kernel: &str, why: &anyhow::Error, left_out: &mut Vec<LeftOut>) -> Result<()> {
        let engine = peer.name();
        if self.named {
            bail!("{engine} with {kernel}: {why:#}");
        }
        let why = format!("{why:#}").lines().next().unwrap_or_default().to_string();
        match left_out.iter_mut().find(|other| other.engine == engine && other.why == why) {
            // One reason for several kernels is told once.
            Some(other) if other.kernel.as_deref() != Some(kernel) => other.kernel = None,
            Some(_) => {}
            None => left_out.push(LeftOut { kernel: Some(kernel.to_string()), engine, why }),
        }
        Ok(())
    }

    /// Whether a section has this engine.
    fn has(&self, name: &str) -> Option<&Peer> {
        self.peers.iter().find(|peer| peer.name() == name)
    }

    /// How many times something short is done in a round.
    fn repeated(&self, times: usize) -> usize {
        if self.quick { 3 } else { times }
    }

    /// The numbers of the engines, each round beginning with another one: what comes first or last is nobody's lot.
    fn turns(&self, engines: usize, round: usize) -> impl Iterator<Item = usize> + use<> {
        (0..engines).map(move |nth| (nth + round) % engines)
    }
}
