//! A thousand instances, and many stores at once.

mod common;

use std::sync::{Mutex, PoisonError};

use minplat_host::{Artifact, Device, Engine, FuncType, Kind, Linker, Module, Store, Value, platform};

use common::checks::{DIVISION, call, each, endless, traps};
use common::taken::Taken;
use common::{Guests, library};

const WORKER: &str = r#"(module $worker
  (import "host" "add" (func $add (param i32 i32) (result i32)))
  (memory (export "memory") 1 8)
  (table 4 40 funcref)
  (data (i32.const 16) "data of every instance")
  (elem (i32.const 0) func $sum)
  (func $sum (export "sum") (param i32) (result i32) (local i32)
    (loop $next
      (local.set 1 (call $add (local.get 1) (local.get 0)))
      (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "grow") (param i32) (result i32)
    (drop (table.grow (ref.null func) (local.get 0)))
    (memory.grow (local.get 0)))
  (func $divide (export "divide") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0))))"#;

fn linker(engine: &Engine) -> Linker {
    let mut linker = Linker::new(engine).unwrap();
    let ty = FuncType { params: vec![Kind::I32; 2], results: vec![Kind::I32] };
    let add = |_: &mut minplat_host::Caller<'_>, args: &[Value], results: &mut [Value]| {
        let [Value::I32(a), Value::I32(b)] = *args else { panic!("two i32") };
        results[0] = Value::I32(a.wrapping_add(b));
        Ok(())
    };
    linker.define_func("host", "add", &ty, add).unwrap();
    linker
}

/// A store with an instance that worked, grew and trapped.
fn work(platform: &str, engine: &Engine, linker: &Linker, module: &Module) {
    let mut store = Store::new(engine).unwrap();
    endless(&mut store);
    let instance = linker.instantiate(&mut store, module).unwrap();
    assert_eq!(call(&mut store, &instance, "sum", &[Value::I32(10)]).unwrap(), [Value::I32(55)], "{platform}");
    assert_eq!(call(&mut store, &instance, "grow", &[Value::I32(2)]).unwrap(), [Value::I32(1)], "{platform}");
    let error = call(&mut store, &instance, "divide", &[Value::I32(0)]).unwrap_err();
    traps(platform, &error, "divide", DIVISION);
}

/// One test at a time: each looks at what is taken of the whole machine.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn a_thousand_instances_leave_nothing() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    each(WORKER, |platform, library, artifact| {
        let device = Device::open(library).unwrap();
        let engine = Engine::new(&device).unwrap();
        let bytes = Artifact::read(artifact).unwrap().bytes();
        let linker = linker(&engine);
        let module = Module::load(&engine, bytes).unwrap();

        // Each in a store of its own, some with a module of their own.
        let mut after_some = None;
        for round in 0..1000 {
            work(platform, &engine, &linker, &module);
            if round % 10 == 0 {
                work(platform, &engine, &linker, &Module::load(&engine, bytes).unwrap());
            }
            let now = Taken::now(&device);
            if round == 20 {
                after_some = Some(now);
            }
            assert!(round <= 20 || after_some == Some(now), "{platform}, {round}: {now:?}, not {after_some:?}");
        }

        // All in one store, which gives everything back at its end.
        for _ in 0..2 {
            let mut store = Store::new(&engine).unwrap();
            endless(&mut store);
            for _ in 0..500 {
                linker.instantiate(&mut store, &module).unwrap();
            }
        }
        // The heap of five hundred at once is larger, and stays so.
        let now = Taken::now(&device).but_for_the_heaps_pages();
        assert_eq!(Some(now), after_some.map(Taken::but_for_the_heaps_pages), "{platform}");
    });
}

#[test]
fn stores_on_eight_threads_work_trap_and_leave_nothing() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    const THREADS: usize = 8;
    let name = "x86_64-minplat-threads";
    let (Some(guests), Some(library)) = (Guests::new(), library(name)) else { return };
    let artifact = guests.compile("worker", WORKER, &["-p", name]);
    let bytes = Artifact::read(&artifact).unwrap().bytes();
    let device = Device::open(&library).unwrap();
    let engine = Engine::new(&device).unwrap();
    let shared = engine.share().unwrap();
    let all = || {
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let shared = shared.clone();
                scope.spawn(move || {
                    let engine = shared.engine().unwrap();
                    let linker = linker(&engine);
                    let module = Module::load(&engine, bytes).unwrap();
                    for round in 0..40 {
                        work(name, &engine, &linker, &module);
                        if round % 8 == thread {
                            work(name, &engine, &linker, &Module::load(&engine, bytes).unwrap());
                        }
                    }
                });
            }
        });
    };
    // How the threads meet decides how much heap they need at once.
    let taken = || Taken::now(&device).but_for_the_heaps_pages();
    all();
    let before = taken();
    all();
    assert_eq!(taken(), before);
    assert_eq!(platform::code_pages().writable, 0);
}
