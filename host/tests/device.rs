//! The library crate on every platform that this process can load: calls with all kinds of values, host functions, handles,
//! traps, limits.

mod common;

use common::{Guests, PLATFORMS, library, start};
use minplat_host::{
    Artifact, Device, Engine, Error, ErrorCode, Extern, ExternKind, FuncType, Kind, Limits, LimitsType, Linker, Memory,
    Module, Store, Value,
};

const GUEST: &str = r#"(module $guest
  (import "host" "twice" (func $twice (param i32 i64 f32 f64 v128) (result i32 i64 f32 f64 v128)))
  (memory (export "memory") 1 4)
  (table (export "table") 2 8 funcref)
  (elem (i32.const 0) $answer)
  (global (export "count") (mut i64) (i64.const 7))
  (func $answer (export "answer") (result i32) (i32.const 42))
  (func (export "all") (param i32 i64 f32 f64 v128) (result i32 i64 f32 f64 v128)
    (call $twice (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4)))
  (func (export "pick") (param i32) (result funcref) (table.get (local.get 0))))"#;

const KINDS: [Kind; 5] = [Kind::I32, Kind::I64, Kind::F32, Kind::F64, Kind::V128];
const SIGNALLING: u32 = 0x7fa0_0001;

fn with_host(library: &std::path::Path, artifact: &std::path::Path) -> common::Running {
    let engine = Engine::new(&Device::open(library).unwrap()).unwrap();
    let module = Module::load(&engine, Artifact::read(artifact).unwrap().bytes()).unwrap();
    let [import] = &module.imports().unwrap()[..] else { panic!("one import") };
    let ty = FuncType { params: KINDS.into(), results: KINDS.into() };
    assert_eq!((import.module.as_str(), import.name.as_str()), ("host", "twice"));
    assert!(matches!(&import.kind, ExternKind::Func(found) if *found == ty), "{}", import.kind);
    let mut linker = Linker::new(&engine).unwrap();
    let body = move |caller: &mut minplat_host::Caller<'_>, args: &[Value], results: &mut [Value]| {
        if args[0] == Value::I32(-1) {
            return Err(Error::new(ErrorCode::HOST, "no minus one"));
        }
        assert_ne!(args[0], Value::I32(-2), "no minus two");
        assert!(caller.export("memory").is_some() && caller.export("nothing").is_none());
        results.copy_from_slice(args);
        Ok(())
    };
    linker.define_func("host", "twice", &ty, body).unwrap();
    let again = linker.define_func("host", "twice", &ty, |_, _, _| Ok(())).unwrap_err();
    assert_eq!(again.code, ErrorCode::LINK, "{again}");
    let mut store = Store::new(&engine).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    common::Running { engine, store, instance }
}

#[test]
fn values_of_every_kind_go_in_and_out() {
    let Some(guests) = Guests::new() else { return };
    for platform in PLATFORMS {
        let Some(library) = library(platform) else { continue };
        let artifact = guests.compile(platform, GUEST, &["-p", platform]);
        let common::Running { engine, mut store, instance } = with_host(&library, &artifact);
        let all = instance.func(&mut store, "all").unwrap();
        let mut values = [
            Value::I32(3),
            Value::I64(i64::MIN),
            Value::F32(SIGNALLING),
            Value::from(-0.0),
            Value::V128(u128::MAX - 4),
        ];
        assert_eq!(all.call(&mut store, &values).unwrap(), values, "{platform}");
        values[0] = Value::I32(-1);
        let error = all.call(&mut store, &values).unwrap_err();
        assert_eq!((error.code, error.message.as_str()), (ErrorCode::HOST, "no minus one"), "{platform}");
        values[0] = Value::I32(-2);
        let error = all.call(&mut store, &values).unwrap_err();
        assert!(error.message.contains("no minus two"), "a host function's panic is an error: {error}");
        for wrong in [&values[..4], &[Value::I64(1); 5][..]] {
            assert_eq!(all.call(&mut store, wrong).unwrap_err().code, ErrorCode::TYPE, "{platform}");
        }

        let memory = instance.memory(&mut store, "memory").unwrap();
        memory.data(&mut store).unwrap()[65535] = 9;
        assert_eq!(memory.grow(&mut store, 2).unwrap(), 1);
        assert_eq!(memory.grow(&mut store, 2).unwrap_err().code, ErrorCode::LIMIT, "{platform}");
        assert_eq!((memory.size(&mut store).unwrap(), memory.data(&mut store).unwrap()[65535]), (3, 9));
        let global = instance.global(&mut store, "count").unwrap();
        global.set(&mut store, Value::I64(-8)).unwrap();
        assert_eq!(global.get(&mut store).unwrap(), Value::I64(-8));
        assert_eq!(global.set(&mut store, Value::I32(1)).unwrap_err().code, ErrorCode::TYPE, "{platform}");

        let table = instance.table(&mut store, "table").unwrap();
        let Value::FuncRef(Some(answer)) = table.get(&mut store, 0).unwrap() else { panic!("a function") };
        assert_eq!(answer.call(&mut store, &[]).unwrap(), [Value::I32(42)]);
        assert_eq!(table.get(&mut store, 1).unwrap(), Value::FuncRef(None));
        assert_eq!(table.get(&mut store, 2).unwrap_err().code, ErrorCode::NOT_FOUND, "{platform}");
        table.set(&mut store, 1, Value::FuncRef(Some(answer))).unwrap();
        assert_eq!(table.grow(&mut store, 2, Value::FuncRef(None)).unwrap(), 2);
        let pick = instance.func(&mut store, "pick").unwrap();
        let Value::FuncRef(Some(_)) = pick.call(&mut store, &[Value::I32(1)]).unwrap()[0] else { panic!("was set") };

        let mut other = Store::new(&engine).unwrap();
        assert_eq!(all.call(&mut other, &values).unwrap_err().code, ErrorCode::ARGUMENT, "{platform}");
        assert!(instance.export(&mut other, "all").is_none(), "{platform}: a handle of another store");
    }
}

#[test]
fn traps_come_back_as_errors_again_and_again() {
    let Some(guests) = Guests::new() else { return };
    let guest = r#"(module
      (memory 1)
      (func $deep (export "deep") (param i64) (result i64) (i64.add (i64.const 1) (call $deep (local.get 0))))
      (func $far (export "far") (param i64) (result i64) (i64.load offset=4 (i32.wrap_i64 (local.get 0))))
      (func $divide (export "divide") (param i64) (result i64) (i64.div_s (i64.const 1) (local.get 0)))
      (func $never (export "never") (param i64) (result i64) unreachable))"#;
    for platform in PLATFORMS {
        let Some(library) = library(platform) else { continue };
        let artifact = guests.compile(platform, guest, &["-p", platform]);
        let common::Running { mut store, instance, .. } = start(&library, &artifact);
        let deep = [("deep", 0, 0), ("deep", 0, 0)];
        let others = [("far", 1, 0x7fff_fff0), ("divide", 7, 0), ("never", 9, 0)];
        for (name, trap, arg) in others.into_iter().chain(deep).chain(others) {
            let func = instance.func(&mut store, name).unwrap();
            let error = func.call(&mut store, &[Value::I64(arg)]).unwrap_err();
            assert_eq!(error.trap.as_ref().map(|trap| trap.code), Some(trap), "{platform} {name}: {error}");
            assert_eq!(error.frames[0].function_name.as_deref(), Some(name), "{platform}");
        }
        let far = instance.func(&mut store, "far").unwrap();
        assert_eq!(far.call(&mut store, &[Value::I64(8)]).unwrap(), [Value::I64(0)], "{platform} works after traps");
    }
}

#[test]
fn references_of_the_gc_proposal_come_out_and_null_goes_in() {
    let (Some(guests), Some(library)) = (Guests::new(), library("x86_64-minplat-full")) else { return };
    let guest = r#"(module
      (type $s (struct (field (mut i32))))
      (tag $e (param i32))
      (func (export "echo") (param externref) (result externref) (local.get 0))
      (func (export "wrap") (result externref) (extern.convert_any (ref.i31 (i32.const 5))))
      (func (export "make") (result anyref) (struct.new $s (i32.const 4)))
      (func (export "none") (result anyref) (ref.null any))
      (func (export "throw") (throw $e (i32.const 7)))
      (func (export "cast") (result i32) (struct.get $s 0 (ref.cast (ref $s) (ref.i31 (i32.const 5)))))
      (func (export "churn") (param i32) (result i32)
        (loop $again
          (drop (struct.new $s (local.get 0)))
          (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (i32.const 1)))"#;
    let artifact = guests.compile("gc", guest, &["-p", "x86_64-minplat-full"]);
    let common::Running { engine, mut store, instance } = start(&library, &artifact);
    let mut call = |name: &str, args: &[Value]| instance.func(&mut store, name).unwrap().call(&mut store, args);
    assert_eq!(call("echo", &[Value::ExternRef(None)]).unwrap(), [Value::ExternRef(None)]);
    let wrapped = call("wrap", &[]).unwrap();
    assert!(matches!(wrapped[..], [Value::ExternRef(Some(_))]), "{wrapped:?}");
    assert!(matches!(call("echo", &wrapped).unwrap()[..], [Value::ExternRef(Some(_))]));
    assert!(matches!(call("make", &[]).unwrap()[..], [Value::AnyRef(Some(_))]));
    assert_eq!(call("none", &[]).unwrap(), [Value::AnyRef(None)]);
    let thrown = call("throw", &[]).unwrap_err();
    assert_eq!(
        (thrown.code, thrown.exception),
        (ErrorCode::EXCEPTION, Some(vec![Value::I32(7)])),
        "{}",
        thrown.message
    );
    assert_eq!(call("cast", &[]).unwrap_err().trap.unwrap().code, 16);
    assert_eq!(call("churn", &[Value::I32(1_000_000)]).unwrap(), [Value::I32(1)], "garbage is collected");

    let mut other = Store::new(&engine).unwrap();
    let module = Module::load(&engine, Artifact::read(&artifact).unwrap().bytes()).unwrap();
    let there = Linker::new(&engine).unwrap().instantiate(&mut other, &module).unwrap();
    let echo = there.func(&mut other, "echo").unwrap();
    assert_eq!(echo.call(&mut other, &wrapped).unwrap_err().code, ErrorCode::ARGUMENT, "a reference of another store");
}

#[test]
fn a_stores_limits_hold() {
    let (Some(guests), Some(library)) = (Guests::new(), library("x86_64-minplat")) else { return };
    let artifact = guests.compile::<&str>(
        "m",
        r#"(module (memory 1) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#,
        &[],
    );
    let common::Running { engine, mut store, instance } = start(&library, &artifact);
    let none = u64::MAX;
    store.set_limits(&Limits {
        memory_bytes: 3 << 16,
        table_elements: none,
        instances: 1,
        tables: none,
        memories: none,
        total_memory_bytes: none,
    });
    let grow = instance.func(&mut store, "grow").unwrap();
    assert_eq!(grow.call(&mut store, &[Value::I32(3)]).unwrap(), [Value::I32(-1)]);
    assert_eq!(grow.call(&mut store, &[Value::I32(2)]).unwrap(), [Value::I32(1)]);
    let module = Module::load(&engine, Artifact::read(&artifact).unwrap().bytes()).unwrap();
    assert!(Linker::new(&engine).unwrap().instantiate(&mut store, &module).is_err(), "a second instance");
}

#[test]
fn stores_run_on_several_threads_where_the_platform_offers_them() {
    let (Some(guests), Some(library)) = (Guests::new(), library("x86_64-minplat-threads")) else { return };
    let artifact = guests.compile("sum", SUM, &["-p", "x86_64-minplat-threads"]);
    let bytes = Artifact::read(&artifact).unwrap().bytes();
    let shared = Engine::new(&Device::open(&library).unwrap()).unwrap().share().unwrap();
    std::thread::scope(|scope| {
        for id in 1..=4 {
            let shared = shared.clone();
            scope.spawn(move || {
                let engine = shared.engine().unwrap();
                let module = Module::load(&engine, bytes).unwrap();
                for _ in 0..50 {
                    let mut store = Store::new(&engine).unwrap();
                    let instance = Linker::new(&engine).unwrap().instantiate(&mut store, &module).unwrap();
                    let sum = instance.func(&mut store, "sum").unwrap();
                    let result = sum.call(&mut store, &[Value::I32(1000 * id)]).unwrap();
                    assert_eq!(result, [Value::I32(1000 * id * (1000 * id + 1) / 2)]);
                    assert!(sum.call(&mut store, &[Value::I32(-1)]).unwrap_err().trap.is_some());
                }
            });
        }
    });
}

const SUM: &str = r#"(module (func (export "sum") (param i32) (result i32) (local i32)
  (if (i32.lt_s (local.get 0) (i32.const 0)) (then unreachable))
  (loop $next
    (local.set 1 (i32.add (local.get 1) (local.get 0)))
    (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
  (local.get 1)))"#;

#[test]
fn a_platform_without_threads_says_so() {
    let Some(library) = library("x86_64-minplat") else { return };
    let error = Engine::new(&Device::open(&library).unwrap()).unwrap().share().err().expect("it has none");
    assert_eq!(error.code, ErrorCode::UNSUPPORTED);
    assert!(error.message.contains("offers.multi-thread"), "{error}");
}

/// Where the platform has copy-on-write images, the data of a module without a memory of its own is none, and lies anywhere
/// in the file.
#[test]
fn data_for_an_imported_memory_is_copied_into_it() {
    let Some(guests) = Guests::new() else { return };
    let wat = r#"(module (import "host" "memory" (memory 1)) (data (i32.const 8) "data"))"#;
    for platform in PLATFORMS {
        let Some(library) = library(platform) else { continue };
        let artifact = guests.compile(platform, wat, &["-p", platform]);
        let engine = Engine::new(&Device::open(&library).unwrap()).unwrap();
        let module = Module::load(&engine, Artifact::read(&artifact).unwrap().bytes()).unwrap();
        let mut store = Store::new(&engine).unwrap();
        let mut linker = Linker::new(&engine).unwrap();
        let ty = LimitsType { minimum: 1, maximum: 1, page_size_log2: 16, ..LimitsType::default() };
        let memory = Memory::new(&mut store, &ty).unwrap();
        linker.define(&mut store, "host", "memory", Extern::Memory(memory)).unwrap();
        linker.instantiate(&mut store, &module).unwrap();
        assert_eq!(&memory.data(&mut store).unwrap()[8..12], b"data", "{platform}");
    }
}
