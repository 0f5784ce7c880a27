//! The plain engine and a second simulator agree on random networks that learn by the whole language, after
//! every step, in everything that either can say; and so do single rules in single moments.
//!
//! Between steps rules are exchanged and weights replaced, allowed or not. What the cases contained is
//! counted: nothing that can go wrong goes unvisited.

use crate::naive::Naive;
use crate::naive_rule::{Event, Seen, Situation, Store, accumulate};
use crate::record::Record;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestRunner;
use std::cell::RefCell;
use std::sync::Arc;
use synfire_loihi::rule::{store_delay, store_tag};
use synfire_loihi::{
    Accumulation, Microcode, Moment, PlainEngine, Reading, RuleArithmetic, ScaleWidth, SignMode,
    WeightFormat, limits, lower_with,
};
use synfire_net::rule::{self, Target, Variable};
use synfire_net::strategy::{Limits, Reach, driven_learning};
use synfire_net::{Engine, InputSchedule, Network, ProjectionId, Rule, Rules, Strictness};

/// Both answers to both questions that no source settles.
const ARITHMETICS: [RuleArithmetic; 4] = [
    RuleArithmetic::DEFAULT,
    RuleArithmetic::LAVA,
    RuleArithmetic { scale: ScaleWidth::Four, accumulation: Accumulation::SumFirst },
    RuleArithmetic { scale: ScaleWidth::Three, accumulation: Accumulation::OneByOne },
];

/// A network, its input, and what is done to it on the way.
#[derive(Clone, Debug)]
struct Case {
    network: Network,
    input: InputSchedule,
    n_steps: u32,
    arithmetic: RuleArithmetic,
    seed: u64,
    interventions: Vec<Intervention>,
}

/// Something that is done after a step.
#[derive(Clone, Debug)]
struct Intervention {
    after: Index,
    projection: Index,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    /// Weights change places, by so many.
    Rotate(usize),
    /// The rules of this projection take the place of the others.
    RulesOf(Index),
    Rules(Rules),
}

fn case() -> impl Strategy<Value = Case> {
    let reach = prop_oneof![3 => Just(Reach::Bounded), 1 => Just(Reach::Wrapping)];
    (40..=120_u32, reach).prop_flat_map(|(n_steps, reach)| {
        let limits =
            Limits { n_steps, reach, max_layer_size: 4, max_projections: 6, ..Limits::default() };
        let interventions = prop::collection::vec(intervention(), 0..=4);
        (driven_learning(limits), select(&ARITHMETICS[..]), any::<u64>(), interventions).prop_map(
            move |((network, input), arithmetic, seed, interventions)| Case {
                network,
                input,
                n_steps,
                arithmetic,
                seed,
                interventions,
            },
        )
    })
}

fn intervention() -> impl Strategy<Value = Intervention> {
    const TEXTS: [&str; 10] = [
        "2*x0*y0",
        "-2^-2*x0",
        "2^-1*y0*x0 - y0",
        "2^-2*x1*y0 - 2^-2*y1*x0",
        "u1*x1 - 2^-3*u1*w",
        "2^-3*y0*r1 - x0*r0",
        "4*x0*y0*r1 - 2*x0*y0",
        "2^-2*x0*x1 - 2^-2*y0*y1",
        "-u0*sgn(w) + x0*t",
        "8*u0*y2*y3 - 7*u0*y1",
    ];
    let rule = || prop_oneof![4 => select(&TEXTS[..]).prop_map(|text| text.parse().unwrap()), 1 => rule::strategy()];
    let rules = (
        prop::option::weighted(0.9, rule()),
        prop::option::weighted(0.2, rule()),
        prop::option::weighted(0.2, rule()),
    )
        .prop_map(|(weight, delay, tag)| Rules { weight, delay, tag });
    let what = prop_oneof![
        1 => (0..7_usize).prop_map(What::Rotate),
        1 => any::<Index>().prop_map(What::RulesOf),
        2 => rules.prop_map(What::Rules),
    ];
    (any::<Index>(), any::<Index>(), what).prop_map(|(after, projection, what)| Intervention {
        after,
        projection,
        what,
    })
}

/// What the cases were like, besides what happened in them.
#[derive(Default)]
struct Tally {
    seen: Seen,
    spikes: u64,
    updates: u64,
    accepted: u64,
    refused: u64,
    rotated: u64,
    pulses: u64,
    long_periods: u64,
}

#[test]
fn learning_in_full_agrees_with_a_naive_simulator() {
    let config = ProptestConfig { cases: 1500, ..ProptestConfig::with_source_file(file!()) };
    let tally = RefCell::new(Tally::default());
    TestRunner::new(config).run(&case(), |case| compare(&case, &mut tally.borrow_mut())).unwrap();
    let tally = tally.into_inner();
    for event in Event::ALL {
        let n = tally.seen.of(event);
        assert!(n > 20, "only {n} of {event:?} in all cases");
    }
    let others = [
        tally.spikes,
        tally.updates,
        tally.accepted,
        tally.refused,
        tally.rotated,
        tally.pulses,
        tally.long_periods,
    ];
    assert!(others.iter().all(|&n| n > 100), "{others:?}");
}

fn compare(case: &Case, tally: &mut Tally) -> Result<(), TestCaseError> {
    let network = Arc::new(case.network.clone());
    let program = lower_with(Arc::clone(&network), case.arithmetic)
        .map_err(|refusals| TestCaseError::fail(refusals.to_string()))?;
    let program = Arc::new(program);
    let mut engine = PlainEngine::with_seed(Arc::clone(&program), Strictness::Report, case.seed);
    let mut naive = Naive::new(Arc::clone(&network), case.seed, case.arithmetic);
    for id in network.projection_ids() {
        tally.pulses += u64::from(program.synapses(id).pulse.is_some());
        let period = network.projection(id).plasticity.as_ref().map(|it| it.period.get());
        tally.long_periods += u64::from(period > Some(1));
    }
    for step in 1..=u64::from(case.n_steps) {
        let sources: Vec<_> =
            case.input.at(step).iter().map(|spike| (spike.layer, spike.source_idx)).collect();
        let expected = naive.advance(&sources);
        let mut record = Record::default();
        engine.advance(1, &case.input, &mut record).map_err(fail)?;
        prop_assert_eq!(&record.spikes, &expected.spikes);
        prop_assert_eq!(&record.faults, &expected.faults);
        compare_states(&network, &engine, &naive, step)?;
        for intervention in &case.interventions {
            if intervention.after.index(case.n_steps as usize) as u64 + 1 == step {
                intervene(&network, intervention, &mut engine, &mut naive, tally)?;
            }
        }
    }
    tally.spikes += engine.operations().spikes;
    tally.updates += engine.operations().plastic_updates;
    tally.seen.add(&naive.seen);
    Ok(())
}

fn fail(error: impl ToString) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

fn wide<T: Copy + Into<i128>>(values: &[T]) -> Vec<i128> {
    values.iter().map(|&value| value.into()).collect()
}

pub(crate) fn compare_states(
    network: &Network,
    engine: &PlainEngine,
    naive: &Naive,
    step: u64,
) -> Result<(), TestCaseError> {
    for layer in network.layer_ids() {
        prop_assert_eq!(&engine.currents(layer), &naive.currents[layer.index()], "step {}", step);
        prop_assert_eq!(&engine.voltages(layer), &naive.voltages[layer.index()], "step {}", step);
    }
    for id in network.projection_ids() {
        prop_assert_eq!(wide(&engine.delays(id)), naive.all(id, |it| it.delay), "step {}", step);
        let Some(learning) = &naive.learning[id.index()] else { continue };
        let weights = wide(&engine.weights(id).unwrap());
        prop_assert_eq!(weights, naive.all(id, |it| it.weight), "step {}, {}", step, id);
        if let Some(tags) = engine.tags(id) {
            prop_assert_eq!(wide(&tags), naive.all(id, |it| it.tag), "step {}, {}", step, id);
        } else {
            prop_assert!(naive.synapses[id.index()].iter().all(|it| it.tag == 0));
        }
        for variable in Variable::ALL {
            let found = engine.trace(id, variable).map(|trace| wide(&trace));
            // From spikes of one step alone no trace is kept.
            if found.is_some() || variable != Variable::R1 {
                prop_assert_eq!(found, learning.trace(variable), "step {}, {:?}", step, variable);
            }
        }
    }
    prop_assert_eq!(engine.operations().plastic_updates, naive.n_updates(), "step {}", step);
    Ok(())
}

fn intervene(
    network: &Network,
    intervention: &Intervention,
    engine: &mut PlainEngine,
    naive: &mut Naive,
    tally: &mut Tally,
) -> Result<(), TestCaseError> {
    let ids: Vec<ProjectionId> = network.projection_ids().collect();
    if ids.is_empty() {
        return Ok(());
    }
    let id = ids[intervention.projection.index(ids.len())];
    let none = Rules::default();
    let rules = match &intervention.what {
        What::Rotate(by) => {
            let Some(weights) = engine.weights(id) else { return Ok(()) };
            let mut weights = weights.to_vec();
            let n = weights.len().max(1);
            weights.rotate_left(by % n);
            engine.set_weights(id, &weights).map_err(fail)?;
            for (synapse, &weight) in naive.synapses[id.index()].iter_mut().zip(&weights) {
                synapse.weight = weight.into();
            }
            tally.rotated += 1;
            return Ok(());
        }
        What::RulesOf(other) => {
            let other = network.projection(ids[other.index(ids.len())]).plasticity.as_ref();
            other.map_or(&none, |plasticity| &plasticity.rules)
        }
        What::Rules(rules) => rules,
    };
    let is_accepted = engine.set_rules(id, rules).is_ok();
    let learning = naive.learning[id.index()].as_mut();
    prop_assert_eq!(is_accepted, learning.is_some_and(|learning| learning.set_rules(rules)));
    tally.accepted += u64::from(is_accepted);
    tally.refused += u64::from(!is_accepted);
    Ok(())
}

/// A moment at the corners of every number; the mantissa is one of the format.
fn moment(format: WeightFormat) -> impl Strategy<Value = Moment> {
    let trace = || prop_oneof![2 => 0..=127_u8, 1 => select(vec![0_u8, 1, 126, 127])];
    let reading = move || {
        prop::array::uniform5(trace()).prop_map(|[x1, x2, y1, y2, y3]| Reading {
            x1,
            x2,
            y1,
            y2,
            y3,
        })
    };
    let flags = prop::array::uniform4(prop::bool::weighted(0.8));
    let readings = (reading(), reading(), reading());
    let delay = prop_oneof![2 => 0..=62_u8, 1 => select(vec![0_u8, 62])];
    let tag = prop_oneof![2 => -256..=255_i16, 1 => select(vec![-256_i16, 255, 0])];
    let weight = prop_oneof![2 => -256..=255_i32, 1 => select(vec![-256, 255, 0])];
    (flags, readings, trace(), weight, delay, tag).prop_map(
        move |([x0, y0, turn, r0], (at_pre, at_post, at_end), r1, weight, delay, tag)| Moment {
            x0,
            y0,
            turn,
            at_pre,
            at_post,
            at_end,
            r0,
            r1,
            weight: format.round_toward_zero(weight),
            delay,
            tag,
        },
    )
}

fn format() -> impl Strategy<Value = WeightFormat> {
    (select(SignMode::ALL.to_vec()), select(limits::WEIGHT_BITS.to_vec()))
        .prop_map(|(sign_mode, bits)| WeightFormat::new(sign_mode, bits).unwrap())
}

fn situation(moment: &Moment) -> Situation {
    let read = |it: &Reading| [it.x1, it.x2, it.y1, it.y2, it.y3].map(i128::from);
    Situation {
        x0: moment.x0,
        y0: moment.y0,
        turn: moment.turn,
        r0: moment.r0,
        r1: moment.r1.into(),
        traces: [read(&moment.at_pre), read(&moment.at_post), read(&moment.at_end)],
        weight: moment.weight.into(),
        delay: moment.delay.into(),
        tag: moment.tag.into(),
    }
}

/// One rule for all three targets, in one moment.
#[test]
fn rules_agree_with_a_naive_evaluation() {
    let moments = format().prop_flat_map(|format| (Just(format), moment(format)));
    let cases = (moments, rule::strategy(), any::<u32>());
    let config = ProptestConfig { cases: 10_000, ..ProptestConfig::with_source_file(file!()) };
    let seen = RefCell::new(Seen::default());
    TestRunner::new(config)
        .run(&cases, |((format, moment), rule, word)| {
            compare_rule(format, &moment, &rule, word, &mut seen.borrow_mut())
        })
        .unwrap();
    let seen = seen.into_inner();
    for event in [
        Event::SaturatedFactor,
        Event::SaturatedProduct,
        Event::SaturatedSum,
        Event::SaturatedOnTheWay,
        Event::CutByExcess,
        Event::GateTimesDiffer,
        Event::RoundedWeight,
        Event::RoundedDelay,
        Event::RoundedTag,
        Event::ClampedWeight,
        Event::ClampedDelay,
        Event::ClampedTag,
    ] {
        assert!(seen.of(event) > 100, "only {} of {event:?}", seen.of(event));
    }
}

fn compare_rule(
    format: WeightFormat,
    moment: &Moment,
    rule: &Rule,
    word: u32,
    seen: &mut Seen,
) -> Result<(), TestCaseError> {
    let rules =
        Rules { weight: Some(rule.clone()), delay: Some(rule.clone()), tag: Some(rule.clone()) };
    let range = format.range();
    let situation = situation(moment);
    for arithmetic in ARITHMETICS {
        let microcode = Microcode::new(&rules, format, arithmetic);
        let targets = [
            (Target::Weight, situation.weight, Store::weight(range.min, range.max, range.step)),
            (Target::Delay, situation.delay, Store::DELAY),
            (Target::Tag, situation.tag, Store::TAG),
        ];
        for (target, old, store) in targets {
            let (expected, asked) = accumulate(rule, old, &situation, arithmetic, seen);
            let found = microcode.accumulate(target, moment);
            prop_assert_eq!(i128::from(found), expected, "{:?} {}", arithmetic, target);
            prop_assert_eq!(i128::from(microcode.change(target, moment)), asked);
            let asks = asked != 0 || expected != old * 128;
            prop_assert_eq!(microcode.ask(target, moment).is_some(), asks);
            let stored = match target {
                Target::Weight => i128::from(microcode.store_weight(found, word)),
                Target::Delay => i128::from(store_delay(found, word)),
                Target::Tag => i128::from(store_tag(found, word)),
            };
            prop_assert_eq!(stored, store.store(expected, word, seen));
        }
    }
    Ok(())
}
