//! What the engine refuses, with the message: rules it cannot follow, input for what is no source.

use crate::record::{engine, neuron, one_to_one, rule, schedule};
use std::sync::Arc;
use synfire_circuit::{LifEngine, LifError};
use synfire_net::{Engine, NetworkBuilder, Plasticity, Reward, StepError, Strictness};

fn refusal(text: &str) -> LifError {
    let mut builder = NetworkBuilder::new("rule");
    let source = builder.sources("source", 1);
    let reward = builder.sources("reward", 1);
    let cell = builder.neurons("cell", 1, neuron([4096, 4096], 640, 1));
    let plasticity =
        Plasticity { reward: Some(Reward { source: reward, impulse: 1 }), ..rule(text) };
    builder.connect_plastic("weight", source, cell, one_to_one(0, 0), plasticity);
    LifEngine::new(Arc::new(builder.build().unwrap()), Strictness::Strict).unwrap_err()
}

#[test]
fn a_rule_is_refused_by_the_name_of_its_term() {
    let rows = [
        ("x1*y0", "x1"),
        ("2^-2*x2*y0", "x2"),
        ("y1*x0", "y1"),
        ("y2*x0", "y2"),
        ("y3*x0", "y3"),
        ("x0*w", "w"),
        ("x0*(d+1)", "d"),
        ("x0*t", "t"),
        ("x0*sgn(w)", "w"),
        ("2*u1", "u1"),
        ("2*x0*y0 + u3*x0", "u3"),
    ];
    for (text, term) in rows {
        let error = refusal(text);
        let written = text.parse::<synfire_net::Rule>().unwrap().to_string();
        let expected = format!(
            "projection `weight`: the rule `{written}` uses `{term}`, expected only x0, y0, r0, r1 and \
             constants"
        );
        assert_eq!(error.to_string(), expected);
        assert!(matches!(error, LifError::Term { .. }));
    }
}

#[test]
fn a_change_between_two_weights_is_refused() {
    assert_eq!(
        refusal("x0*y0").to_string(),
        "projection `weight`: the rule `x0*y0` changes a weight by 128/128, expected a multiple of 2"
    );
    assert!(matches!(refusal("2^-1*x0*y0"), LifError::Fraction { change: 64, step: 2, .. }));
}

#[test]
fn input_for_something_else_is_refused() {
    let build = || {
        let mut builder = NetworkBuilder::new("input");
        let source = builder.sources("source", 1);
        let cell = builder.neurons("cell", 1, neuron([4096, 4096], 640, 1));
        builder.connect("weight", source, cell, one_to_one(20, 0));
        (engine(builder, Strictness::Report), source, cell)
    };
    let (mut refusing, _, cell) = build();
    // Outside the steps that are run it is not looked at.
    refusing.advance(1, &schedule(&[(2, cell)]), &mut ()).unwrap();
    let error = refusing.advance(1, &schedule(&[(2, cell)]), &mut ()).unwrap_err();
    assert_eq!(error.to_string(), "input spike of step 2: layer `cell` is not a layer of sources");
    assert!(matches!(error, StepError::NotASource { step: 2, .. }));
    assert_eq!(refusing.step(), 1, "nothing of the refused steps was run");

    let (mut refusing, source, _) = build();
    let mut input = schedule(&[]);
    input.push(1, source, 7);
    let error = refusing.advance(3, &input, &mut ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "input spike of step 1: source 7 of layer `source`, expected 0 to 0"
    );
}
