//! Loops and calls without end, and calls that go out to the host and come back.

use std::cell::Cell;
use std::rc::Rc;

use minplat_host::{
    Artifact, Caller, Device, Engine, Error, ErrorCode, FuncType, Instance, Kind, Linker, Module, Store, Value,
};
use minplat_platform::Platform;
use minplat_platform::settings::Interruption;

use crate::common::PLATFORMS;
use crate::common::checks::{DIVISION, STACK_OVERFLOW, call, each, endless, on_each, traps};

const LOOPS: &str = r#"(module
  (global $rounds (mut i32) (i32.const 0))
  (func $forever (export "forever") (loop $l (br $l)))
  (func $count (export "count") (loop $l (global.set $rounds (i32.add (global.get $rounds) (i32.const 1))) (br $l)))
  (func $tail (export "tail") (return_call $tail))
  (func (export "ready") (result i32) (i32.const 1)))"#;

#[test]
fn an_endless_loop_ends_with_its_fuel_or_its_time() {
    let (ran, of_each) = (Cell::new(0), [Cell::new(0), Cell::new(0)]);
    let count = |cell: &Cell<usize>| cell.set(cell.get() + 1);
    on_each(LOOPS, |platform, running| {
        count(&ran);
        let interruption = Platform::load(platform, &[]).unwrap().settings().interruption;
        match interruption {
            Interruption::None => {}
            Interruption::Fuel => count(&of_each[0]),
            Interruption::Epoch => count(&of_each[1]),
        }
        for name in ["forever", "count", "tail", "forever"] {
            let (code, trap) = match interruption {
                Interruption::None => return,
                Interruption::Fuel => (ErrorCode::OUT_OF_FUEL, 11),
                Interruption::Epoch => (ErrorCode::INTERRUPTED, 10),
            };
            let function = running.instance.func(&mut running.store, name).unwrap();
            let error = match interruption {
                Interruption::Fuel => {
                    running.store.set_fuel(100_000).unwrap();
                    function.call(&mut running.store, &[]).unwrap_err()
                }
                _ => {
                    running.store.set_epoch_deadline(2).unwrap();
                    let interrupter = running.engine.interrupter().unwrap();
                    std::thread::scope(|scope| {
                        scope.spawn(|| {
                            for _ in 0..2 {
                                std::thread::sleep(std::time::Duration::from_millis(5));
                                interrupter.increment_epoch().unwrap();
                            }
                        });
                        function.call(&mut running.store, &[]).unwrap_err()
                    })
                }
            };
            assert_eq!(error.code, code, "{platform} {name}: {error}");
            traps(platform, &error, name, trap);
            endless(&mut running.store);
            assert_eq!(call(&mut running.store, &running.instance, "ready", &[]).unwrap(), [Value::I32(1)]);
        }
    });
    let have_both = of_each.iter().all(|platforms| platforms.get() > 0);
    assert!(have_both || ran.get() < PLATFORMS.len(), "{ran:?} platforms, with fuel and with epochs: {of_each:?}");
}

const RECURSION: &str = r#"(module
  (type $f (func (param i64) (result i64)))
  (table 2 funcref)
  (elem (i32.const 0) func $direct $indirect)
  (func $direct (export "direct") (type $f) (i64.add (i64.const 1) (call $direct (local.get 0))))
  (func $indirect (export "indirect") (type $f)
    (i64.add (i64.const 1) (call_indirect (type $f) (local.get 0) (i32.const 1))))
  (func $even (export "even") (type $f) (i64.add (i64.const 1) (call $odd (local.get 0))))
  (func $odd (type $f) (i64.mul (i64.const 3) (call $even (local.get 0))))
  (func $wide (export "wide") (type $f) (local i64 i64 i64 i64 i64 i64 i64 i64)
    (local.set 1 (call $wide (local.get 0))) (local.set 2 (call $wide (local.get 1)))
    (local.set 3 (call $wide (local.get 2))) (local.set 4 (call $wide (local.get 3)))
    (i64.add (i64.add (local.get 1) (local.get 2)) (i64.add (local.get 3) (local.get 4))))
  (func $deep (export "deep") (type $f)
    (if (result i64) (i64.eqz (local.get 0)) (then (i64.const 0))
      (else (i64.add (i64.const 1) (call $deep (i64.sub (local.get 0) (i64.const 1))))))))"#;

#[test]
fn recursion_without_end_is_a_trap_and_deep_recursion_is_none() {
    on_each(RECURSION, |platform, running| {
        for _ in 0..3 {
            for name in ["direct", "indirect", "even", "wide"] {
                let error = call(&mut running.store, &running.instance, name, &[Value::I64(1)]).unwrap_err();
                assert_eq!(error.trap.as_ref().map(|trap| trap.code), Some(STACK_OVERFLOW), "{platform} {name}");
                let names = if name == "even" { &["even", "odd"][..] } else { &[name][..] };
                let is_own = |frame: &minplat_host::Frame| {
                    frame.function_name.as_deref().is_some_and(|found| names.contains(&found))
                };
                assert!(!error.frames.is_empty() && error.frames.iter().all(is_own), "{platform}: {:?}", error.frames);
                assert!(error.frames_truncated, "{platform} {name}: there were more");
            }
            let deep = call(&mut running.store, &running.instance, "deep", &[Value::I64(200)]).unwrap();
            assert_eq!(deep, [Value::I64(200)], "{platform}");
        }
    });
}

/// Calls out, and is called back.
const PLAYER: &str = r#"(module $player
  (import "host" "again" (func $again (param i32) (result i32)))
  (memory (export "memory") 1 100)
  (global $depth (export "depth") (mut i32) (i32.const 0))
  (func $down (export "down") (param i32) (result i32)
    (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
      (else (i32.add (i32.const 1) (call $again (i32.sub (local.get 0) (i32.const 1)))))))
  (func $divide (export "divide") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
  (func $outer (export "outer") (param i32) (result i32)
    (i32.store (i32.const 0) (i32.const 5))
    (drop (call $again (local.get 0)))
    ;; What the host did meanwhile is seen: a larger memory, and another number in it.
    (i32.add (i32.load (i32.const 0)) (i32.mul (i32.const 1000) (memory.size))))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#;

/// An instance whose import "again" runs a job in the host, which has the caller's export of this name at hand.
fn player(
    library: &std::path::Path,
    artifact: &std::path::Path,
    job: impl Fn(&mut Caller<'_>, &Instance, &[Value], &mut [Value]) -> Result<(), Error> + 'static,
) -> (Store, Instance) {
    let engine = Engine::new(&Device::open(library).unwrap()).unwrap();
    let module = Module::load(&engine, Artifact::read(artifact).unwrap().bytes()).unwrap();
    let mut linker = Linker::new(&engine).unwrap();
    let mut store = Store::new(&engine).unwrap();
    endless(&mut store);
    let own: Rc<Cell<Option<Instance>>> = Rc::default();
    let known = own.clone();
    let ty = FuncType { params: vec![Kind::I32], results: vec![Kind::I32] };
    let body = move |caller: &mut Caller<'_>, args: &[Value], results: &mut [Value]| {
        job(caller, &known.get().expect("an instance calls"), args, results)
    };
    linker.define_func("host", "again", &ty, body).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    own.set(Some(instance));
    (store, instance)
}

fn enter(caller: &mut Caller<'_>, instance: &Instance, name: &str, args: &[Value]) -> Result<Vec<Value>, Error> {
    instance.func(caller, name).expect("it is exported").call(caller, args)
}

#[test]
fn host_functions_call_back_and_the_chain_ends_before_the_stack_does() {
    each(PLAYER, |platform, library, artifact| {
        let (mut store, instance) = player(library, artifact, |caller, instance, args, results| {
            let done = enter(caller, instance, "down", args)?;
            results.copy_from_slice(&done);
            Ok(())
        });
        for depth in [0, 1, 3] {
            let done = call(&mut store, &instance, "down", &[Value::I32(depth)]);
            assert_eq!(done.unwrap(), [Value::I32(depth)], "{platform}: {depth} times out and back");
        }
        let depth = instance.global(&mut store, "depth").unwrap();
        for _ in 0..3 {
            depth.set(&mut store, Value::I32(0)).unwrap();
            let error = call(&mut store, &instance, "down", &[Value::I32(1_000_000)]).unwrap_err();
            let Value::I32(reached) = depth.get(&mut store).unwrap() else { panic!("an i32") };
            assert!(reached > 3, "{platform}: ended at {reached}");
            // The innermost call trapped, and the host functions around it hand that on.
            traps(platform, &error, "down", STACK_OVERFLOW);
            let is_own = |frame: &minplat_host::Frame| frame.function_name.as_deref() == Some("down");
            assert!(error.frames.iter().all(is_own), "{platform}: {:?}", error.frames);
            assert!(error.frames_truncated || reached <= 20, "{platform}: {reached} calls, {:?}", error.frames);
            let done = call(&mut store, &instance, "down", &[Value::I32(2)]);
            assert_eq!(done.unwrap(), [Value::I32(2)], "{platform}: works after it");
        }
    });
}

#[test]
fn a_host_function_fails_and_a_guest_that_it_calls_traps() {
    each(PLAYER, |platform, library, artifact| {
        let (mut store, instance) = player(library, artifact, |caller, instance, args, results| match args[0] {
            Value::I32(0) => Err(Error::new(ErrorCode::HOST, "not today")),
            Value::I32(1) => panic!("not ever"),
            Value::I32(2) => enter(caller, instance, "divide", &[Value::I32(0)]).map(|_| ()),
            Value::I32(3) => enter(caller, instance, "down", &[Value::I32(3)]).map(|_| ()),
            _ => {
                // The trap ends in the host, and its guest knows nothing of it.
                let error = enter(caller, instance, "divide", &[Value::I32(0)]).unwrap_err();
                assert_eq!(error.trap.as_ref().map(|trap| trap.code), Some(DIVISION), "{error}");
                assert_eq!(error.frames[0].function_name.as_deref(), Some("divide"));
                results[0] = Value::I32(77);
                Ok(())
            }
        });
        let mut down = |argument| call(&mut store, &instance, "down", &[Value::I32(argument)]);
        for _ in 0..3 {
            for (argument, text) in [(1, "not today"), (2, "not ever")] {
                let error = down(argument).unwrap_err();
                assert!(error.message.contains(text), "{platform} {argument}: {error}");
                assert_eq!(error.code, ErrorCode::HOST, "{platform} {argument}: {error}");
            }
            // A trap goes through as many host functions as there are, with the guests before and behind them.
            for (argument, names) in [(3, &["divide", "down"][..]), (4, &["divide", "down", "down"])] {
                let error = down(argument).unwrap_err();
                traps(platform, &error, "divide", DIVISION);
                let found: Vec<_> = error.frames.iter().filter_map(|frame| frame.function_name.as_deref()).collect();
                assert_eq!(found, names, "{platform} {argument}");
            }
            assert_eq!(down(5).unwrap(), [Value::I32(78)], "{platform}");
        }
    });
}

#[test]
fn a_guest_sees_what_was_done_while_it_was_out() {
    each(PLAYER, |platform, library, artifact| {
        let (mut store, instance) = player(library, artifact, |caller, instance, args, results| {
            let Value::I32(pages) = args[0] else { panic!("an i32") };
            enter(caller, instance, "grow", &[Value::I32(pages)])?;
            let memory = instance.memory(caller, "memory").unwrap();
            memory.grow(caller, 1)?;
            memory.data(caller)?[0] = 9;
            results[0] = args[0];
            Ok(())
        });
        for (pages, expected) in [(2, 4009), (1, 6009), (40, 47009)] {
            let done = call(&mut store, &instance, "outer", &[Value::I32(pages)]);
            assert_eq!(done.unwrap(), [Value::I32(expected)], "{platform}");
        }
    });
}
