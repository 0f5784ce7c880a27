//! What the engine refuses, with the message: rules it cannot follow, input for what is no source.

use crate::record::{engine, neuron, one_to_one, rule, schedule};
use std::sync::Arc;
use synfire_circuit::{LifEngine, LifError};
use synfire_net::{
    Engine, LearningPeriod, NetworkBuilder, Neuron, Noise, NoiseTarget, Plasticity, Reward, Rule,
    Rules, StepError, Strictness, Trace, Traces,
};

fn refusal(text: &str) -> LifError {
    refusal_of(rule(text), |_| {})
}

/// With every trace and a reward that is gone after its step, and whatever `change` does to that.
fn refusal_of(plasticity: Plasticity, change: impl Fn(&mut Plasticity)) -> LifError {
    let mut builder = NetworkBuilder::new("rule");
    let source = builder.sources("source", 1);
    let reward = builder.sources("reward", 1);
    let cell = builder.neurons("cell", 1, neuron([4096, 4096], 640, 1));
    let trace = Trace::new(64, 2);
    let traces = Traces { x1: trace, x2: trace, y1: trace, y2: trace, y3: trace };
    let mut plasticity = Plasticity { reward: Reward::flash(reward, 1), traces, ..plasticity };
    change(&mut plasticity);
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
        let written = text.parse::<Rule>().unwrap().to_string();
        let expected = format!(
            "projection `weight`: the rule `{written}` uses `{term}`, expected only x0, y0, r0, r1 and \
             constants"
        );
        assert_eq!(error.to_string(), expected);
        assert!(matches!(error, LifError::Term { .. }));
    }
}

#[test]
fn learning_of_anything_but_weights_in_every_step_is_refused() {
    fn other() -> Option<Rule> {
        Some("2*x0".parse().unwrap())
    }
    type Change = fn(&mut Plasticity);
    let rows: [(&str, Change); 5] = [
        ("a rule for delays", |plasticity| plasticity.rules.delay = other()),
        ("a rule for tags", |plasticity| plasticity.rules.tag = other()),
        ("a learning period of 2", |plasticity| {
            plasticity.period = LearningPeriod::new(2).unwrap();
        }),
        ("a reward trace that outlives its step", |plasticity| {
            plasticity.reward.as_mut().unwrap().trace.tau = 1;
        }),
        ("a rule for delays", |plasticity| {
            plasticity.rules = Rules { delay: other(), ..Rules::default() };
        }),
    ];
    for (what, change) in rows {
        let expected = format!(
            "projection `weight` has {what}, expected a rule for weights alone, evaluated in every step, \
             with a reward that is gone after its step"
        );
        assert_eq!(refusal_of(rule("2*x0*y0*r1"), change).to_string(), expected);
    }
}

#[test]
fn noise_is_refused() {
    let mut builder = NetworkBuilder::new("noise");
    let noise = Some(Noise { target: NoiseTarget::Current, exponent: 7, mantissa_offset: 0 });
    builder.neurons("quiet", 1, neuron([4096, 4096], 640, 1));
    builder.neurons("loud", 1, Neuron { noise, ..neuron([4096, 4096], 640, 1) });
    let error = LifEngine::new(Arc::new(builder.build().unwrap()), Strictness::Strict);
    let expected = "layer `loud` has noise, which ideal neurons do not have";
    assert_eq!(error.unwrap_err().to_string(), expected);
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
