//! The library's own `__extendsfdf2` against the machine's conversion.

#[path = "../../src/promote.rs"]
mod promote;

/// A NaN comes out quiet, as IEEE 754 has it; everything else is what it was.
#[test]
fn it_is_the_machines_conversion_bit_for_bit() {
    // Every exponent with every pattern of digits at its ends, then steps that no power of two divides.
    let ends = (0..1 << 9).flat_map(|high| {
        let digits = (0..23).flat_map(|bit| [1 << bit, (1 << bit) - 1, (1 << 23) - (1 << bit)]);
        digits.map(move |digits: u32| high << 23 | digits)
    });
    for bits in ends.chain((0..u32::MAX).step_by(997)) {
        let short = f32::from_bits(bits);
        let (own, machine) = (promote::__extendsfdf2(short).to_bits(), f64::from(short).to_bits());
        assert_eq!(own, machine, "{bits:#010x}: {own:#018x}, {machine:#018x}");
    }
}
