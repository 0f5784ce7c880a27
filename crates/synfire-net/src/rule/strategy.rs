//! Learning rules for property tests, dwelling on the corners of every number.

use proptest::prelude::*;
use proptest::sample::select;

use super::reduce::Literals;
use super::{Dependency, Factor, Product, Rule, Variable};

/// Any valid rule, mostly of a few products, its numbers often at the ends of their ranges.
pub fn strategy() -> impl Strategy<Value = Rule> {
    (0_u8..=9).prop_flat_map(strategy_of)
}

/// Any valid rule whose `u_k`, if it has any, have this `k`.
pub(crate) fn strategy_of(k: u8) -> impl Strategy<Value = Rule> {
    prop_oneof![
        15 => prop::collection::vec(product(k), 1..=4),
        1 => prop::collection::vec(product(k), 5..=Rule::MAX_PRODUCTS),
    ]
    .prop_map(|products| Rule { products })
}

/// A product whose gate, if it is a `u_k`, has this `k`.
fn product(k: u8) -> impl Strategy<Value = Product> {
    let gate = select(vec![Dependency::X0, Dependency::Y0, Dependency::U(k)]);
    let mantissa = prop_oneof![
        3 => select(vec![0_i64, 1, -1, 7, -7, -8]),
        7 => -8_i64..=7,
    ];
    // At the exponent 8, -8 stays -8: the only place where that mantissa is seen.
    let exponent = prop_oneof![3 => select(vec![0_i64, -7, 8]), 7 => -7_i64..=8];
    let factors = prop::collection::vec(factor(), 0..=Rule::MAX_FACTORS);
    (gate, mantissa, exponent, factors).prop_map(|(gate, mantissa, exponent, factors)| {
        let mut literals = Literals::new(mantissa < 0);
        let scale = literals
            .multiply(mantissa.abs(), exponent)
            .and_then(|()| literals.reduce(0, 1).ok())
            .expect("-8..=7 times 2^-7 to 2^8 is in range");
        Product { gate, scale, factors }
    })
}

fn factor() -> impl Strategy<Value = Factor> {
    let constant = || {
        prop_oneof![
            4 => Just(0_i8),
            3 => select(vec![1, -1, 64, -64, i8::MIN, i8::MAX]),
            3 => any::<i8>(),
        ]
    };
    let synaptic = select(vec![Variable::W, Variable::D, Variable::T]);
    prop_oneof![
        1 => Just(Factor::X0),
        1 => Just(Factor::Y0),
        6 => (select(Variable::ALL.to_vec()), constant())
            .prop_map(|(variable, constant)| Factor::Sum { variable, constant }),
        2 => (synaptic, constant())
            .prop_map(|(variable, constant)| Factor::Sign { variable, constant }),
    ]
}
