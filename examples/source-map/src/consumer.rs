//! The interface of `mappings.wasm`, as the package's own `lib/wasm.js` and `lib/source-map-consumer.js` use it.

use std::cell::RefCell;
use std::rc::Rc;

use anyhow::{Context, bail, ensure};
use minplat_host::{Engine, Error, ErrorCode, FuncType, Instance, Kind, Linker, Module, Store, Value};

/// A place in a generated file and where it came from. Lines and columns count from 0; sources and names are indices into
/// the map's lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Line in the generated file.
    pub line: u32,
    /// Column in the generated file.
    pub column: u32,
    /// Where that came from, if from anywhere.
    pub original: Option<Original>,
}

/// A place in an original file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// Index of the file.
    pub source: u32,
    /// Its line.
    pub line: u32,
    /// Its column.
    pub column: u32,
    /// Index of the name that it had there.
    pub name: Option<u32>,
}

/// What to take where nothing maps the place exactly.
#[derive(Clone, Copy, Debug)]
#[repr(i32)]
pub enum Bias {
    /// The nearest mapping before it.
    Before = 1,
    /// The nearest mapping behind it.
    Behind = 2,
}

/// The module, instantiated: parses any number of maps.
pub struct Consumer {
    store: Store,
    instance: Instance,
    /// What the guest called back since it was last taken.
    called_back: Rc<RefCell<Vec<Mapping>>>,
}

/// A parsed map, in the guest's memory. Given back with [`Consumer::free`].
#[derive(Debug)]
pub struct Parsed(Value);

impl Consumer {
    /// Loads and instantiates the artifact. `allow` gives the store fuel or a deadline, where the platform has them.
    ///
    /// # Errors
    /// The device refuses it.
    pub fn new(
        engine: &Engine,
        artifact: &[u8],
        allow: impl Fn(&mut Store) -> Result<(), Error>,
    ) -> anyhow::Result<Self> {
        let called_back = Rc::new(RefCell::new(Vec::new()));
        let ours = called_back.clone();
        let mut linker = Linker::new(engine)?;
        let callback = FuncType { params: vec![Kind::I32; 10], results: vec![] };
        linker.define_func("env", "mapping_callback", &callback, move |_, args, _| {
            ours.borrow_mut().push(mapping(args)?);
            Ok(())
        })?;
        let module = Module::load(engine, artifact)?;
        let mut store = Store::new(engine)?;
        allow(&mut store)?;
        let instance = linker.instantiate(&mut store, &module)?;
        Ok(Self { store, instance, called_back })
    }

    /// Parses the `mappings` text of a source map.
    ///
    /// # Errors
    /// The text is no such list; the guest says what is wrong with it.
    pub fn parse(&mut self, mappings: &str) -> anyhow::Result<Parsed> {
        let size = Value::I32(i32::try_from(mappings.len()).context("a map of more than 2 GiB")?);
        let buffer = self.call("allocate_mappings", &[size])?.context("allocate_mappings gave no address")?;
        let Value::I32(address) = buffer else { bail!("allocate_mappings gave {buffer:?}, not an address") };
        let memory = self.instance.memory(&mut self.store, "memory").context("the module exports no memory")?;
        let begin = address.cast_unsigned() as usize;
        let room = memory.data(&mut self.store)?.get_mut(begin..begin.saturating_add(mappings.len()));
        room.context("allocate_mappings gave an address outside the memory")?.copy_from_slice(mappings.as_bytes());

        let parsed = self.call("parse_mappings", &[buffer])?.context("parse_mappings gave no address")?;
        if parsed == Value::I32(0) {
            let why = match self.call("get_last_error", &[])? {
                Some(Value::I32(1)) => "a line, column or index is negative",
                Some(Value::I32(2)) => "a number is larger than 32 bits",
                Some(Value::I32(3)) => "it ends inside a number",
                Some(Value::I32(4)) => "a character is not one of base 64",
                _ => "the module does not say why",
            };
            bail!("the mappings cannot be parsed: {why}");
        }
        Ok(Parsed(parsed))
    }

    /// Every mapping, in the order of the generated file.
    ///
    /// # Errors
    /// The guest trapped.
    pub fn by_generated(&mut self, map: &Parsed) -> anyhow::Result<Vec<Mapping>> {
        self.mappings("by_generated_location", &[map.0])
    }

    /// Every mapping, in the order of the original files.
    ///
    /// # Errors
    /// The guest trapped.
    pub fn by_original(&mut self, map: &Parsed) -> anyhow::Result<Vec<Mapping>> {
        self.mappings("by_original_location", &[map.0])
    }

    /// Where a place of the generated file came from. A mapping of another line does not count.
    ///
    /// # Errors
    /// The guest trapped, or found several.
    pub fn original(&mut self, map: &Parsed, line: u32, column: u32, bias: Bias) -> anyhow::Result<Option<Original>> {
        let place = [Value::I32(line.cast_signed()), Value::I32(column.cast_signed()), Value::I32(bias as i32)];
        let found = self.mappings("original_location_for", &[map.0, place[0], place[1], place[2]])?;
        ensure!(found.len() <= 1, "{} answers to one question", found.len());
        Ok(found.into_iter().find(|mapping| mapping.line == line).and_then(|mapping| mapping.original))
    }

    /// Gives the map's memory back to the guest.
    ///
    /// # Errors
    /// The guest trapped.
    pub fn free(&mut self, map: Parsed) -> anyhow::Result<()> {
        self.call("free_mappings", &[map.0]).map(drop)
    }

    /// Calls, and takes what was called back meanwhile.
    fn mappings(&mut self, name: &str, args: &[Value]) -> anyhow::Result<Vec<Mapping>> {
        self.called_back.borrow_mut().clear();
        self.call(name, args)?;
        Ok(self.called_back.take())
    }

    fn call(&mut self, name: &str, args: &[Value]) -> anyhow::Result<Option<Value>> {
        let func =
            self.instance.func(&mut self.store, name).with_context(|| format!("the module has no \"{name}\""))?;
        let results = func.call(&mut self.store, args).with_context(|| format!("calling \"{name}\""))?;
        Ok(results.first().copied())
    }
}

/// The ten numbers of the callback; a flag says of each group whether it counts.
fn mapping(args: &[Value]) -> Result<Mapping, Error> {
    let mut numbers = [0; 10];
    for (number, arg) in numbers.iter_mut().zip(args) {
        let Value::I32(arg) = arg else { return Err(Error::new(ErrorCode::TYPE, format!("{arg:?} is no i32"))) };
        *number = arg.cast_unsigned();
    }
    let [line, column, _, _, has_original, source, original_line, original_column, has_name, name] = numbers;
    let original = (has_original != 0).then(|| Original {
        source,
        line: original_line,
        column: original_column,
        name: (has_name != 0).then_some(name),
    });
    Ok(Mapping { line, column, original })
}
