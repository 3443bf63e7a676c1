//! Making bundles.

use std::vec::Vec;

use crate::bundle::{HEADER, LINKED, MAGIC};
use crate::step::op;
use crate::value::{Pattern, Value, form, width};

/// A bundle that is being made. Steps are written in order, each followed by what is expected of it.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    modules: Vec<Entry>,
    steps: Vec<u8>,
    memory_limit: u32,
}

#[derive(Clone, Debug)]
enum Entry {
    Bytes(Vec<u8>, usize),
    Linked(u32),
}

/// What must come of the step that was written last.
#[derive(Debug)]
#[must_use = "a step without what is expected of it cannot be read"]
pub struct Expecting<'a>(&'a mut Vec<u8>);

impl Writer {
    /// Adds an artifact, at a multiple of `align` bytes; gives its number.
    pub fn module(&mut self, artifact: Vec<u8>, align: usize) -> u32 {
        self.entry(Entry::Bytes(artifact, align))
    }

    /// Adds a module that the firmware has, by its number there.
    pub fn linked(&mut self, number: u32) -> u32 {
        self.entry(Entry::Linked(number))
    }

    /// Lets the library have so many bytes of memory at most.
    pub fn limit_memory(&mut self, bytes: u32) {
        self.memory_limit = bytes;
    }

    fn entry(&mut self, entry: Entry) -> u32 {
        self.modules.push(entry);
        index(self.modules.len() - 1)
    }

    fn step(&mut self, op: u8, line: u32) -> &mut Vec<u8> {
        self.steps.push(op);
        self.steps.extend(line.to_le_bytes());
        &mut self.steps
    }

    /// [`crate::Command::Begin`].
    pub fn begin(&mut self, line: u32, name: &str, fuel: Option<u64>, spectest: bool) -> Expecting<'_> {
        let to = self.step(op::BEGIN, line);
        to.push(u8::from(fuel.is_some()) | u8::from(spectest) << 1);
        to.extend(fuel.unwrap_or(0).to_le_bytes());
        text(to, name);
        Expecting(to)
    }

    /// [`crate::Command::Instance`].
    pub fn instance(&mut self, line: u32, slot: u8, module: u32, in_place: bool) -> Expecting<'_> {
        let to = self.step(op::INSTANCE, line);
        to.extend([slot, u8::from(in_place)]);
        to.extend(module.to_le_bytes());
        Expecting(to)
    }

    /// [`crate::Command::Copy`].
    pub fn copy(&mut self, line: u32, from: u8, slot: u8) -> Expecting<'_> {
        let to = self.step(op::COPY, line);
        to.extend([from, slot]);
        Expecting(to)
    }

    /// [`crate::Command::Register`].
    pub fn register(&mut self, line: u32, slot: u8, name: &str) -> Expecting<'_> {
        let to = self.step(op::REGISTER, line);
        to.push(slot);
        text(to, name);
        Expecting(to)
    }

    /// [`crate::Command::Call`].
    pub fn call(&mut self, line: u32, slot: u8, function: &str, args: &[Value]) -> Expecting<'_> {
        let to = self.step(op::CALL, line);
        to.push(slot);
        text(to, function);
        block(to, |to| args.iter().for_each(|arg| number(to, arg.kind, &[arg.bits])));
        Expecting(to)
    }

    /// [`crate::Command::Stub`].
    pub fn stub(&mut self, line: u32, (module, name): (&str, &str), params: &[u8], results: &[u8]) -> Expecting<'_> {
        let to = self.step(op::STUB, line);
        block(to, |to| {
            text(to, module);
            text(to, name);
            block(to, |to| to.extend(params));
            block(to, |to| to.extend(results));
        });
        Expecting(to)
    }

    /// [`crate::Command::Fold`].
    pub fn fold(&mut self, line: u32, module: &str, name: &str, params: u8) -> Expecting<'_> {
        let to = self.step(op::FOLD, line);
        text(to, module);
        text(to, name);
        to.push(params);
        Expecting(to)
    }

    /// [`crate::Command::Folded`].
    pub fn folded(&mut self, line: u32) -> Expecting<'_> {
        Expecting(self.step(op::FOLDED, line))
    }

    /// [`crate::Command::Write`].
    pub fn write(&mut self, line: u32, (slot, memory): (u8, &str), kept: u8, bytes: &[u8]) -> Expecting<'_> {
        let to = self.step(op::WRITE, line);
        to.push(slot);
        text(to, memory);
        to.push(kept);
        block(to, |to| to.extend(bytes));
        Expecting(to)
    }

    /// [`crate::Command::Fuel`].
    pub fn fuel(&mut self, line: u32, amount: u64) {
        let to = self.step(op::FUEL, line);
        to.extend(amount.to_le_bytes());
        Expecting(to).told();
    }

    /// [`crate::Command::Get`].
    pub fn get(&mut self, line: u32, slot: u8, global: &str) -> Expecting<'_> {
        let to = self.step(op::GET, line);
        to.push(slot);
        text(to, global);
        Expecting(to)
    }

    /// [`crate::Command::Together`].
    pub fn together(&mut self, line: u32, count: u8) {
        let to = self.step(op::TOGETHER, line);
        to.push(count);
        Expecting(to).success();
    }

    /// [`crate::Command::Stats`].
    pub fn stats(&mut self) {
        Expecting(self.step(op::STATS, 0)).told();
    }

    /// [`crate::Command::Check`].
    pub fn check(&mut self, only: &str) {
        let to = self.step(op::CHECK, 0);
        text(to, only);
        Expecting(to).told();
    }

    /// The bundle.
    pub fn finish(self) -> Vec<u8> {
        let table = HEADER + 8 * self.modules.len();
        let mut modules = Vec::new();
        let mut end = table + self.steps.len();
        let mut entries = Vec::new();
        for module in self.modules {
            match module {
                Entry::Linked(number) => entries.extend([LINKED, number]),
                Entry::Bytes(artifact, align) => {
                    let at = end.next_multiple_of(align);
                    modules.resize(modules.len() + at - end, 0);
                    entries.extend([index(at), index(artifact.len())]);
                    end = at + artifact.len();
                    modules.extend(artifact);
                }
            }
        }
        let mut all = MAGIC.to_vec();
        let header = [index(end), index(table), index(self.steps.len()), index(entries.len() / 2), self.memory_limit];
        all.extend(header.iter().chain(&entries).flat_map(|number| number.to_le_bytes()));
        all.extend(self.steps);
        all.extend(modules);
        all
    }
}

impl Expecting<'_> {
    /// Anything: it is told.
    pub fn told(self) {
        self.0.push(op::TOLD);
    }

    /// Success.
    pub fn success(self) {
        self.0.push(op::SUCCESS);
    }

    /// These results.
    pub fn values(self, patterns: &[Pattern]) {
        self.0.push(op::VALUES);
        block(self.0, |to| {
            for pattern in patterns {
                match *pattern {
                    Pattern::Bits { kind, mask: u128::MAX, bits } => {
                        to.push(form::EXACT);
                        number(to, kind, &[bits]);
                    }
                    Pattern::Bits { kind, mask, bits } => {
                        to.push(form::MASKED);
                        number(to, kind, &[mask, bits]);
                    }
                    Pattern::Null(None) => to.push(form::NULL),
                    Pattern::Null(Some(kind)) => to.extend([form::NULL_OF, kind]),
                    Pattern::Reference(kind) => to.extend([form::REFERENCE, kind]),
                }
            }
        });
    }

    /// Success; the first result is kept here.
    pub fn kept(self, place: u8) {
        self.0.extend([op::KEPT, place]);
    }

    /// Success; the result points to this text.
    pub fn text(self, bytes: &[u8]) {
        self.0.push(op::TEXT);
        block(self.0, |to| to.extend(bytes));
    }

    /// An error of this code (0: any), one of these traps (0: it need be none), whose text has this in it.
    pub fn failure(self, code: u8, traps: u32, message: &str) {
        self.0.extend([op::FAILURE, code]);
        self.0.extend(traps.to_le_bytes());
        text(self.0, message);
    }
}

/// A number of the format. A bundle of more than 4 GiB fits no machine that reads one.
fn index(number: usize) -> u32 {
    u32::try_from(number).expect("a bundle has less than 4 GiB")
}

/// A text, cut where it is longer than its length can say: no name that a module can have is.
fn text(to: &mut Vec<u8>, text: &str) {
    let len = text.floor_char_boundary(usize::from(u16::MAX));
    to.extend((len as u16).to_le_bytes());
    to.extend(&text.as_bytes()[..len]);
}

fn block(to: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    let at = to.len();
    to.extend([0; 4]);
    fill(to);
    let len = index(to.len() - at - 4);
    to[at..at + 4].copy_from_slice(&len.to_le_bytes());
}

fn number(to: &mut Vec<u8>, kind: u8, numbers: &[u128]) {
    to.push(kind);
    for bits in numbers {
        to.extend(&bits.to_le_bytes()[..width(kind)]);
    }
}
