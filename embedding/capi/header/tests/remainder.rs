//! The library's own `fmod` and `fmodf` against the machine's.

#[path = "../../src/remainder.rs"]
mod remainder;

use remainder::{fmod, fmodf};

/// Where floats are odd: zeros, the smallest, the border of the subnormal ones, odd and even, the largest, what is no number.
const ODD: [f64; 20] = [
    0.0,
    5e-324,
    1.5e-323,
    2.225_073_858_507_201e-308,
    f64::MIN_POSITIVE,
    0.3,
    0.5,
    1.0,
    1.5,
    2.0,
    3.0,
    7.0,
    4_503_599_627_370_495.5,
    4_503_599_627_370_497.0,
    9_007_199_254_740_993.0,
    1e300,
    f64::MAX,
    f64::INFINITY,
    f64::NAN,
    std::f64::consts::PI,
];

#[track_caller]
fn same(x: f64, y: f64) {
    let (own, machine) = (fmod(x, y), x % y);
    assert!(
        own.to_bits() == machine.to_bits() || own.is_nan() && machine.is_nan(),
        "{x:e} % {y:e}: {own:e}, {machine:e}"
    );
}

#[track_caller]
fn same_short(x: f32, y: f32) {
    let (own, machine) = (fmodf(x, y), x % y);
    assert!(
        own.to_bits() == machine.to_bits() || own.is_nan() && machine.is_nan(),
        "{x:e} % {y:e}: {own:e}, {machine:e}"
    );
}

#[test]
fn it_is_the_machines_remainder_bit_for_bit() {
    for x in ODD {
        for y in ODD {
            for (x, y) in [(x, y), (-x, y), (x, -y), (-x, -y)] {
                same(x, y);
                same_short(x as f32, y as f32);
            }
        }
    }
    let mut rng = fastrand::Rng::with_seed(1);
    for _ in 0..100_000 {
        let (x, y) = (f64::from_bits(rng.u64(..)), f64::from_bits(rng.u64(..)));
        same(x, y);
        same(x, 2.0);
        let (x, y) = (f32::from_bits(rng.u32(..)), f32::from_bits(rng.u32(..)));
        same_short(x, y);
        same_short(x, 2.0);
        // What it is used for.
        let whole = rng.i64(-(1 << 52)..1 << 52) as f64;
        same(whole, 2.0);
        same_short(whole as f32, 2.0);
    }
}
