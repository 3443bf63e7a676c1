//! The wasm module of the npm package source-map: what it calls back on a machine is what it calls back in the library of this computer,
//! whose answers `minplat-tour` compares with the package's own.

use std::cell::Cell;
use std::rc::Rc;

use minplat_bundle::{FOLD, Pattern, Value as Number, Writer, fold, value::kind};
use minplat_compiler::{Compiler, Options};
use minplat_host::{Device, Engine, FuncType, Instance, Kind, Linker, Module, Store, Value, find_library};
use minplat_platform::Platform;
use serde::Deserialize;

use crate::common::{Bench, artifacts};

/// The file that `examples/build-guests.sh` writes, as far as questions go.
#[derive(Deserialize)]
struct Map {
    mappings: String,
    positions: Vec<Position>,
}

#[derive(Deserialize)]
struct Position {
    line: u32,
    column: u32,
    bias: i32,
}

/// What is asked of a map at once: a function and its arguments behind the map. What is called back meanwhile is one answer.
fn questions(map: &Map) -> Vec<Vec<(&'static str, Vec<u32>)>> {
    let place = |position: &Position| vec![position.line, position.column, position.bias.cast_unsigned()];
    vec![
        vec![("by_generated_location", vec![])],
        vec![("by_original_location", vec![])],
        map.positions.iter().map(|position| ("original_location_for", place(position))).collect(),
    ]
}

/// A digest, and of how many calls.
type Answer = (u64, u32);

/// The answers of the library of this computer.
fn here(wasm: &[u8], maps: &[Map]) -> Vec<Vec<Answer>> {
    let platform = Platform::load("x86_64-minplat", &[]).unwrap();
    let compiled = Compiler::new(&platform, Options::default()).unwrap().compile("source-map", wasm).unwrap();
    let library = find_library("x86_64-minplat", Some(&artifacts())).unwrap();
    let engine = Engine::new(&Device::open(&library).unwrap()).unwrap();
    let called = Rc::new(Cell::new((FOLD, 0)));
    let state = called.clone();
    let mut linker = Linker::new(&engine).unwrap();
    let callback = FuncType { params: vec![Kind::I32; 10], results: vec![] };
    linker
        .define_func("env", "mapping_callback", &callback, move |_, args, _| {
            let number = |arg: &Value| if let Value::I32(number) = arg { number.cast_unsigned() } else { 0 };
            let (digest, calls) = state.get();
            state.set((fold(digest, args.iter().map(number)), calls + 1));
            Ok(())
        })
        .unwrap();
    // A module's memory of artifacts is for good in this process, as in a device.
    let module = Module::load(&engine, &compiled.artifact).unwrap();
    let mut store = Store::new(&engine).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let call = |instance: &Instance, store: &mut Store, name: &str, args: &[u32]| {
        let args: Vec<_> = args.iter().map(|arg| Value::I32(arg.cast_signed())).collect();
        let results = instance.func(store, name).unwrap().call(store, &args).unwrap();
        if let Some(Value::I32(result)) = results.first() { result.cast_unsigned() } else { 0 }
    };
    let mut all = Vec::new();
    for map in maps {
        let len = map.mappings.len();
        let address = call(&instance, &mut store, "allocate_mappings", &[u32::try_from(len).unwrap()]);
        let memory = instance.memory(&mut store, "memory").unwrap();
        let begin = address as usize;
        memory.data(&mut store).unwrap()[begin..begin + len].copy_from_slice(map.mappings.as_bytes());
        let parsed = call(&instance, &mut store, "parse_mappings", &[address]);
        let mut answers = Vec::new();
        for question in questions(map) {
            called.set((FOLD, 0));
            for (function, args) in question {
                call(&instance, &mut store, function, &[&[parsed], &args[..]].concat());
            }
            answers.push(called.get());
        }
        call(&instance, &mut store, "free_mappings", &[parsed]);
        all.push(answers);
    }
    all
}

/// The same for a machine.
fn bundle(bench: &Bench, wasm: &[u8], maps: &[Map], answers: &[Vec<Answer>]) -> Writer {
    let artifact = Compiler::new(&bench.platform, Options::default()).unwrap().compile("source-map", wasm).unwrap();
    let mut bundle = Writer::default();
    let align = usize::try_from(bench.platform.in_place_alignment()).unwrap();
    let module = bundle.module(artifact.artifact, align);
    let number = |bits: u32| Number { kind: kind::I32, bits: bits.into() };
    let kept = |place: u128| Number { kind: kind::KEPT, bits: place };
    bundle.begin(0, "source-map", bench.is_metered().then_some(u64::MAX / 2), false).success();
    bundle.fold(1, "env", "mapping_callback", 10).success();
    bundle.instance(2, 0, module, true).success();
    let mut is_first = true;
    for (map, answers) in maps.iter().zip(answers) {
        let len = u32::try_from(map.mappings.len()).unwrap();
        bundle.call(10, 0, "allocate_mappings", &[number(len)]).kept(0);
        bundle.write(11, (0, "memory"), 0, map.mappings.as_bytes()).success();
        bundle.call(12, 0, "parse_mappings", &[kept(0)]).kept(1);
        for (line, (question, (digest, calls))) in (20u32..).zip(questions(map).into_iter().zip(answers)) {
            for (function, args) in question {
                let args: Vec<_> = std::iter::once(kept(1)).chain(args.into_iter().map(number)).collect();
                bundle.call(line, 0, function, &args).success();
            }
            let exact = |kind, bits| Pattern::Bits { kind, mask: u128::MAX, bits };
            bundle.folded(line).values(&[exact(kind::I64, (*digest).into()), exact(kind::I32, (*calls).into())]);
            if is_first {
                // What the first result took.
                bundle.stats();
                is_first = false;
            }
        }
        bundle.call(30, 0, "free_mappings", &[kept(1)]).success();
    }
    bundle
}

/// The guest, real source maps to ask it about, and the right answers.
pub(crate) struct Questions {
    wasm: Vec<u8>,
    maps: Vec<Map>,
    answers: Vec<Vec<Answer>>,
}

impl Questions {
    /// From what `examples/build-guests.sh` wrote.
    pub(crate) fn new() -> Self {
        let read = |name: &str| {
            std::fs::read(artifacts().join("examples").join(name))
                .unwrap_or_else(|error| panic!("{name}: {error}; examples/build-guests.sh writes it"))
        };
        let wasm = read("mappings.wasm");
        let maps: Vec<Map> = serde_json::from_slice(&read("source-map-answers.json")).unwrap();
        let answers = here(&wasm, &maps);
        let calls: u32 = answers.iter().flatten().map(|(_, calls)| calls).sum();
        assert!(calls > 1000, "{calls} calls back");
        Self { wasm, maps, answers }
    }

    /// All of them, for a machine: hundreds of steps.
    pub(crate) fn bundle(&self, bench: &Bench) -> Writer {
        bundle(bench, &self.wasm, &self.maps, &self.answers)
    }
}
