//! The sections, a file each.

pub(crate) mod calls;
pub(crate) mod changed;
pub(crate) mod compile;
pub(crate) mod execution;
pub(crate) mod instances;
pub(crate) mod instructions;
pub(crate) mod startup;

use std::path::PathBuf;

use anyhow::{Result, bail, ensure};
use minplat_host::find_library;
use minplat_platform::Platform;
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
    /// Whether the user named the engines: one that cannot take part at all is an error then.
    pub(crate) named: bool,
    /// Whether the user named the kernels, too: an engine that cannot run one of them is an error then.
    pub(crate) kernels_named: bool,
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
    ///
    /// # Errors
    /// The user named one.
    pub(crate) fn leave_out_unbuilt(&mut self, left_out: &mut Vec<LeftOut>) -> Result<()> {
        let mut there = Vec::new();
        for peer in std::mem::take(&mut self.peers) {
            let library = match &peer {
                Peer::Inside(name) if peer.is_platform() => find_library(Platform::load(name, &[])?.name(), None),
                _ => Ok(PathBuf::new()),
            };
            match library {
                Err(why) if self.named => return Err(why),
                Err(_) => left_out.push(LeftOut {
                    kernels: Vec::new(),
                    engine: peer.name(),
                    why: "its library is not built".into(),
                }),
                Ok(_) => there.push(peer),
            }
        }
        self.peers = there;
        Ok(())
    }

    /// Does without an engine for a kernel, but for a platform: what cannot run there is a fault of ours.
    fn without(&self, peer: &Peer, kernel: &str, why: &anyhow::Error, left_out: &mut Vec<LeftOut>) -> Result<()> {
        let engine = peer.name();
        if peer.is_platform() || self.named && self.kernels_named {
            bail!("{engine} with {kernel}: {why:#}");
        }
        let why = format!("{why:#}").lines().next().unwrap_or_default().replace(kernel, "…");
        let kernel = kernel.to_string();
        match left_out.iter_mut().find(|other| other.engine == engine && other.why == why) {
            // One reason for several kernels is told once; of several sections too.
            Some(other) if other.kernels.contains(&kernel) => {}
            Some(other) => other.kernels.push(kernel),
            None => left_out.push(LeftOut { kernels: vec![kernel], engine, why }),
        }
        Ok(())
    }

    /// The engines of a section: those of its own that take part, or, where the user named engines, all of these that `can`.
    ///
    /// # Errors
    /// There is none.
    fn among(&self, section: &str, own: &[&str], can: impl Fn(&Peer) -> bool) -> Result<Vec<&Peer>> {
        let all: Vec<_> = match self.named {
            true => self.peers.iter().filter(|peer| can(peer)).collect(),
            false => own.iter().filter_map(|name| self.peers.iter().find(|peer| peer.name() == *name)).collect(),
        };
        let own = own.join(", ");
        ensure!(!all.is_empty(), "none of the engines takes part in {section}; name one that does, as of these: {own}");
        Ok(all)
    }

    /// The numbers of the engines in a round. Each begins with another one, and every other one goes the other way round: what comes first,
    /// or after whom, is nobody's lot.
    fn turns(&self, engines: usize, round: usize) -> impl Iterator<Item = usize> + use<> {
        (0..engines)
            .map(move |nth| (if round.is_multiple_of(2) { nth } else { engines - 1 - nth } + round / 2) % engines)
    }
}
