//! `minplat-sys` has the sizes, offsets and constants of `minplat.h`: a C program that is compiled against the header prints its own.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use minplat_host::ErrorCode;
use minplat_host::device::ffi::{self, *};

/// Type: size, alignment, and each field's offset and size.
type Layouts = BTreeMap<&'static str, (usize, usize, BTreeMap<&'static str, (usize, usize)>)>;

fn pointee<T>(_: *const T) -> usize {
    size_of::<T>()
}

macro_rules! layouts {
    ($($ty:ident { $($field:ident),* })*) => {
        Layouts::from([$((stringify!($ty), {
            let place = std::mem::MaybeUninit::<$ty>::uninit();
            let fields = [$((stringify!($field), (
                std::mem::offset_of!($ty, $field),
                // SAFETY: only the address is taken, inside the place.
                pointee(unsafe { &raw const (*place.as_ptr()).$field }),
            ))),*];
            (size_of::<$ty>(), align_of::<$ty>(), BTreeMap::from(fields))
        })),*])
    };
}

fn ours() -> Layouts {
    layouts! {
        minplat_check_config_t { hook, env, only, only_len, run_threads, threads_env, mmap_remap, is_emulated }
        minplat_check_t {
            outcome, name, name_len, meaning, meaning_len, remedy, remedy_len, detail, detail_len
        }
        minplat_config_t {
            pools, pools_len, alloc, realloc, free, alloc_env, panic, panic_env, log, log_env,
            current_task, current_task_env
        }
        minplat_engine_config_t { native_stack }
        minplat_extern_t { kind, of }
        minplat_extern_union_t { func, table, memory, global, tag }
        minplat_frame_t {
            function_index, module_offset, text_offset, function_name, function_name_len, module_name, module_name_len
        }
        minplat_func_t { store, opaque }
        minplat_global_t { store, opaque }
        minplat_heap_stats_t { used, peak, mapped }
        minplat_instance_t { store, opaque }
        minplat_limits_t { memory_bytes, table_elements, instances, tables, memories, total_memory_bytes }
        minplat_limits_type_t { minimum, maximum, page_size_log2, is_64, is_shared }
        minplat_memory_t { store, opaque }
        minplat_panic_t { code, line, message, message_len, file, file_len }
        minplat_pool_t { start, size }
        minplat_prepared_t { store, opaque, slots }
        minplat_raw_t { i32, i64, f32, f64, v128, funcref, reference }
        minplat_ref_t { store, opaque }
        minplat_scope_t { opaque, is_open }
        minplat_section_t { name, name_len, data, data_len }
        minplat_stats_t {
            code, memories, tables, instances, types, metadata, other, waste, total, heap, heap_peak
        }
        minplat_store_stats_t { memory_bytes, table_elements, instances }
        minplat_table_t { store, opaque }
        minplat_tag_t { store, opaque }
        minplat_valtype_t { kind, heap, is_nullable }
        minplat_value_t { kind, of }
        minplat_value_union_t { i32, i64, f32, f64, v128, funcref, reference }
    }
}

fn constants() -> BTreeMap<String, u64> {
    let errors = ErrorCode::NAMES.iter().map(|(name, code)| match *name {
        "OK" => ("MINPLAT_OK".to_owned(), u64::from(code.0)),
        name => (format!("MINPLAT_ERROR_{name}"), u64::from(code.0)),
    });
    errors.chain(ffi::CONSTANTS.iter().map(|(name, value)| ((*name).to_owned(), *value))).collect()
}

/// The header without comments.
fn header() -> String {
    let text = fs::read_to_string(common::header()).unwrap();
    text.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// Names of the structs and unions whose fields the header shows, each with its fields.
fn declared(header: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let bodies = ["typedef struct {", "typedef union {"].into_iter().flat_map(|start| header.split(start).skip(1));
    bodies
        .map(|rest| {
            let (body, rest) = rest.split_once('}').unwrap();
            let fields = body.split(';').filter_map(|field| {
                let field = field.split('[').next().unwrap().trim();
                field.rsplit([' ', '*']).next().filter(|name| !name.is_empty())
            });
            (rest.split_once(';').unwrap().0.trim(), fields.collect())
        })
        .collect()
}

#[test]
fn every_type_of_the_header_is_declared_with_every_field() {
    let header = header();
    let ours: BTreeMap<_, BTreeSet<_>> =
        ours().into_iter().map(|(name, (_, _, fields))| (name, fields.into_keys().collect())).collect();
    assert_eq!(declared(&header), ours);
}

#[test]
fn every_constant_of_the_header_is_declared() {
    let header = header();
    let words = header.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let theirs: BTreeSet<_> = words
        .filter(|word| word.starts_with("MINPLAT_") && *word != "MINPLAT_H" && !word.starts_with("MINPLAT_TRAP_"))
        .map(str::to_owned)
        .collect();
    assert_eq!(theirs, constants().into_keys().collect());
}

#[test]
fn a_c_program_sees_the_same_layout_and_the_same_constants() {
    let mut program = String::from("#include <stdio.h>\n#include \"minplat.h\"\nint main(void) {\n");
    let mut expected = String::new();
    let mut ask = |name: &str, expression: &str, value: u64| {
        writeln!(program, "printf(\"{name} %llu\\n\", (unsigned long long)({expression}));").unwrap();
        writeln!(expected, "{name} {value}").unwrap();
    };
    for (ty, (size, align, fields)) in ours() {
        ask(&format!("sizeof {ty}"), &format!("sizeof({ty})"), size as u64);
        ask(&format!("alignof {ty}"), &format!("_Alignof({ty})"), align as u64);
        for (field, (offset, size)) in fields {
            ask(&format!("offsetof {ty}.{field}"), &format!("offsetof({ty}, {field})"), offset as u64);
            ask(&format!("sizeof {ty}.{field}"), &format!("sizeof((({ty} *)0)->{field})"), size as u64);
        }
    }
    for (name, value) in constants() {
        ask(&name, &name, value);
    }
    program.push_str("}\n");

    let folder = tempfile::tempdir().unwrap();
    let (source, binary) = (folder.path().join("layout.c"), folder.path().join("layout"));
    fs::write(&source, program).unwrap();
    let compiled = common::cc().args(["-Werror", "-o"]).arg(&binary).arg(&source).output().unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let said = Command::new(&binary).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&said.stdout), expected);
}
