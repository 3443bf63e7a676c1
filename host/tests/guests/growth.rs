//! Growth past every limit, and tables and memories that are too large from the start.

use minplat_host::{Artifact, Device, Engine, ErrorCode, Limits, Linker, Module, Store, Value};

use crate::common::checks::{call, each, on_each};

const GROWER: &str = r#"(module
  (memory (export "memory") 1 10)
  (memory $open 1)
  (table $t (export "table") 2 20 funcref)
  (table $wide 1 funcref)
  (func (export "memory.grow") (param i32) (result i32) (memory.grow 0 (local.get 0)))
  (func (export "open.grow") (param i32) (result i32) (memory.grow $open (local.get 0)))
  (func (export "memory.size") (param i32) (result i32) (memory.size 0))
  (func (export "table.grow") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))
  (func (export "table.size") (param i32) (result i32) (table.size $t)))"#;

#[test]
fn growth_past_a_maximum_changes_nothing() {
    on_each(GROWER, |platform, running| {
        let mut gives = |name: &str, argument: i64, expected: i32| {
            let done = call(&mut running.store, &running.instance, name, &[Value::I32(argument as i32)]);
            assert_eq!(done.unwrap(), [Value::I32(expected)], "{platform} {name}({argument})");
        };
        for (kind, start, most) in [("memory", 1, 10), ("table", 2, 20)] {
            let (grow, size) = (format!("{kind}.grow"), format!("{kind}.size"));
            for too_much in [most - start + 1, 65535, 65536, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff] {
                gives(&grow, too_much, -1);
                gives(&size, 0, start as i32);
            }
            gives(&grow, 0, start as i32);
            gives(&grow, most - start, start as i32);
            gives(&grow, 1, -1);
            gives(&size, 0, most as i32);
        }
        // Without a maximum of its own a memory ends with its address space.
        for too_much in [65536, 0xffff_ffff_i64] {
            gives("open.grow", too_much, -1);
        }
        gives("open.grow", 3, 1);
    });
}

#[test]
fn growth_past_a_stores_limits_changes_nothing() {
    on_each(GROWER, |platform, running| {
        let none = u64::MAX;
        running.store.set_limits(&Limits {
            memory_bytes: 5 << 16,
            table_elements: 7,
            instances: none,
            tables: none,
            memories: none,
            total_memory_bytes: 8 << 16,
        });
        let mut gives = |name: &str, argument: i32, expected: i32| {
            let done = call(&mut running.store, &running.instance, name, &[Value::I32(argument)]);
            assert_eq!(done.unwrap(), [Value::I32(expected)], "{platform} {name}({argument})");
        };
        gives("memory.grow", 5, -1);
        gives("memory.grow", 4, 1);
        gives("memory.grow", 1, -1);
        // Three pages are left of the total.
        gives("open.grow", 3, -1);
        gives("open.grow", 2, 1);
        gives("table.grow", 6, -1);
        gives("table.grow", 5, 2);
        gives("table.grow", 1, -1);
        gives("table.size", 0, 7);
        let memory = running.instance.memory(&mut running.store, "memory").unwrap();
        let error = memory.grow(&mut running.store, 1).unwrap_err();
        assert_eq!(error.code, ErrorCode::LIMIT, "{platform}: {error}");
        let table = running.instance.table(&mut running.store, "table").unwrap();
        let error = table.grow(&mut running.store, 1, Value::FuncRef(None)).unwrap_err();
        assert_eq!(error.code, ErrorCode::LIMIT, "{platform}: {error}");
    });
}

/// Whether an instance can be made, and how not.
fn instance_of(wat: &str, limits: Option<Limits>, code: ErrorCode) {
    each(wat, |platform, library, artifact| {
        let engine = Engine::new(&Device::open(library).unwrap()).unwrap();
        let module = Module::load(&engine, Artifact::read(artifact).unwrap().bytes()).unwrap();
        let linker = Linker::new(&engine).unwrap();
        let mut store = Store::new(&engine).unwrap();
        if let Some(limits) = &limits {
            store.set_limits(limits);
        }
        for _ in 0..2 {
            let error = linker.instantiate(&mut store, &module).expect_err("it is too large");
            assert_eq!(error.code, code, "{platform}: {error}");
        }
    });
}

#[test]
fn what_is_too_large_from_the_start_is_refused() {
    let none = u64::MAX;
    let limits = Limits {
        memory_bytes: 100 << 16,
        table_elements: 1000,
        instances: none,
        tables: none,
        memories: none,
        total_memory_bytes: none,
    };
    instance_of("(module (table 1001 funcref))", Some(limits), ErrorCode::LIMIT);
    instance_of("(module (table 0xffffffff funcref))", Some(limits), ErrorCode::LIMIT);
    instance_of("(module (memory 101))", Some(limits), ErrorCode::LIMIT);
    instance_of("(module (memory 65536))", Some(limits), ErrorCode::LIMIT);
}
