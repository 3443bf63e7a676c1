//! What was written is read; any bytes can be read.

use minplat_bundle::value::kind;
use minplat_bundle::{Bundle, Command, Expected, Module, Pattern, Problem, Stub, Value, Writer};

fn sample() -> Vec<u8> {
    let mut writer = Writer::default();
    let first = writer.module(b"an artifact".to_vec(), 64);
    let second = writer.linked(3);
    writer.begin(1, "a script", Some(u64::MAX), true).success();
    writer.instance(2, 7, first, true).success();
    writer.copy(2, 7, 8).success();
    writer.register(3, 7, "ü").success();
    let args = [Value { kind: 0, bits: 5 }, Value { kind: 4, bits: u128::MAX - 1 }, Value { kind: 5, bits: 0 }];
    let patterns = [
        Pattern::Bits { kind: 3, mask: u128::MAX, bits: 9 },
        Pattern::Bits { kind: 2, mask: 0x7fff_ffff, bits: 0x7fc0_0000 },
        Pattern::Null(None),
        Pattern::Null(Some(5)),
        Pattern::Reference(5),
    ];
    writer.call(4, 7, "f", &args).values(&patterns);
    writer.get(5, 7, "g").failure(7, 1 << 9, "unreachable");
    writer.instance(6, 0, second, false).told();
    writer.fuel(7, 1 << 40);
    writer.together(8, 2);
    writer.fold(9, "m", "n", 10).success();
    writer.call(10, 0, "f", &[Value { kind: kind::KEPT, bits: 3 }]).kept(2);
    writer.write(11, (5, "memory"), 3, b"bytes").success();
    writer.folded(12).text(b"a text");
    writer.stub(13, ("m", "n"), &[kind::I32, kind::F64], &[kind::I64]).told();
    writer.stats();
    writer.limit_memory(4096);
    writer.check("page-size");
    writer.finish()
}

#[test]
fn what_was_written_is_read() {
    let mut bytes = sample();
    let len = bytes.len();
    // Memory goes on behind it.
    bytes.resize(len + 100, 0xff);
    let bundle = Bundle::read(&bytes).unwrap();
    let Module::Bytes(artifact) = bundle.module(0).unwrap() else { panic!("not in the bundle") };
    assert_eq!(artifact, b"an artifact");
    assert_eq!((artifact.as_ptr() as usize - bytes.as_ptr() as usize) % 64, 0);
    assert_eq!(bundle.memory_limit(), Some(4096));
    assert_eq!(bundle.module(1), Ok(Module::Linked(3)));
    assert_eq!(bundle.module(2), Err(Problem::Cut));

    let steps: Vec<_> = bundle.steps().map(Result::unwrap).collect();
    assert_eq!(
        steps.iter().map(|step| step.line).collect::<Vec<_>>(),
        [1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0, 0]
    );
    assert!(matches!(steps[0].command, Command::Begin { name: "a script", fuel: Some(u64::MAX), spectest: true }));
    assert!(matches!(steps[1].command, Command::Instance { slot: 7, module: 0, in_place: true }));
    assert!(matches!(steps[2].command, Command::Copy { from: 7, to: 8 }));
    assert!(matches!(steps[3].command, Command::Register { slot: 7, name: "ü" }));
    let Command::Call { slot: 7, function: "f", args } = steps[4].command else { panic!("no call") };
    let args: Vec<_> = args.map(Result::unwrap).collect();
    assert_eq!(args[1], Value { kind: 4, bits: u128::MAX - 1 });
    assert_eq!((args.len(), args[0].bits, args[2].kind), (3, 5, 5));
    let Expected::Values(patterns) = steps[4].expected else { panic!("no values") };
    let patterns: Vec<_> = patterns.map(Result::unwrap).collect();
    assert_eq!(patterns[1], Pattern::Bits { kind: 2, mask: 0x7fff_ffff, bits: 0x7fc0_0000 });
    assert_eq!(patterns[2..], [Pattern::Null(None), Pattern::Null(Some(5)), Pattern::Reference(5)]);
    assert!(matches!(steps[5].command, Command::Get { slot: 7, global: "g" }));
    assert!(matches!(steps[5].expected, Expected::Failure { code: 7, traps: 0x200, text: "unreachable" }));
    assert!(matches!(steps[7].command, Command::Fuel { amount: 0x100_0000_0000 }));
    assert!(matches!(steps[8].command, Command::Together { count: 2 }));
    assert!(matches!(steps[9].command, Command::Fold { module: "m", name: "n", params: 10 }));
    let Command::Call { mut args, .. } = steps[10].command else { panic!("no call") };
    assert_eq!(args.next(), Some(Ok(Value { kind: kind::KEPT, bits: 3 })));
    assert!(matches!(steps[10].expected, Expected::Kept(2)));
    assert!(matches!(steps[11].command, Command::Write { slot: 5, memory: "memory", kept: 3, bytes: b"bytes" }));
    assert!(matches!((steps[12].command, steps[12].expected), (Command::Folded, Expected::Text(b"a text"))));
    let Command::Stub(stub) = steps[13].command else { panic!("no stub") };
    assert_eq!((stub.module, stub.name, stub.params, stub.results), ("m", "n", &[0, 3][..], &[1][..]));
    // SAFETY: it was just read there.
    let again = unsafe { Stub::at(stub.address()) }.unwrap();
    assert_eq!((again.module, again.name, again.params, again.results), ("m", "n", &[0, 3][..], &[1][..]));
    assert!(matches!(steps[15].command, Command::Check { only: "page-size" }));
}

/// Reads all that there is, and drops it.
fn read(bytes: &[u8]) {
    let Ok(bundle) = Bundle::read(bytes) else { return };
    for number in 0..4 {
        _ = bundle.module(number);
    }
    for step in bundle.steps().flatten() {
        if let Command::Call { args, .. } = step.command {
            args.for_each(drop);
        }
        if let Expected::Values(patterns) = step.expected {
            patterns.for_each(drop);
        }
    }
}

#[test]
fn any_bytes_can_be_read() {
    let bytes = sample();
    for len in 0..bytes.len() {
        read(&bytes[..len]);
        assert!(Bundle::read(&bytes[..len]).is_err(), "{len} of {} bytes", bytes.len());
    }
    for at in 0..bytes.len() {
        for with in [0, 1, 0x7f, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] = with;
            read(&bytes);
        }
    }
    assert_eq!(Bundle::read(&[0; 64]).unwrap_err(), Problem::None);
}
