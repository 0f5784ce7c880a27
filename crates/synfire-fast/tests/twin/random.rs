//! Random networks of `synfire_net::strategy`, disturbed on the way.

use crate::case::{Case, Change, What};
use crate::sides::{Seen, compare};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestRunner;
use std::cell::RefCell;
use std::sync::Arc;
use synfire_fast::synfire_loihi::RuleArithmetic;
use synfire_net::strategy::{Limits, Reach, driven, driven_learning};
use synfire_net::{InputSchedule, Network, ProjectionId, Rules, Sabotage, rule};

/// The number of cases, times what the environment says.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    let times = std::env::var("SYNFIRE_TWIN_CASES").ok().and_then(|times| times.parse().ok());
    ProptestConfig {
        cases: cases.saturating_mul(times.unwrap_or(1)),
        failure_persistence: None,
        max_global_rejects: u32::MAX,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    }
}

/// Draws cases, compares them, and says what they contained.
pub(crate) fn run(cases: u32, strategy: &impl Strategy<Value = Case>) -> Seen {
    let seen = RefCell::new(Seen::default());
    let outcome =
        TestRunner::new(config(cases)).run(strategy, |case| compare(&case, &mut seen.borrow_mut()));
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let seen = seen.into_inner();
    // Shown with `--nocapture`.
    println!("{seen:?}");
    seen
}

fn limits() -> impl Strategy<Value = Limits> {
    let reach = prop_oneof![1 => Just(Reach::Bounded), 1 => Just(Reach::Wrapping)];
    let size = prop_oneof![3 => 1..=6_u32, 1 => 7..=20_u32];
    (20..=80_u32, reach, size).prop_map(|(n_steps, reach, max_layer_size)| Limits {
        n_steps,
        reach,
        max_layer_size,
        ..Limits::default()
    })
}

/// A network with input, and what is done to it.
fn disturbed(
    driven: impl Strategy<Value = (Network, InputSchedule)>,
    n_steps: u32,
) -> impl Strategy<Value = Case> {
    let arithmetic = select(vec![RuleArithmetic::DEFAULT, RuleArithmetic::LAVA]);
    let changes = prop::collection::vec((0..=n_steps, any::<Index>(), what()), 0..=4);
    let sabotage = prop::collection::vec((any::<[Index; 3]>(), 0..4_u8, 1..=n_steps), 0..=2);
    let sabotage = prop_oneof![2 => Just(Vec::new()), 1 => sabotage];
    (driven, arithmetic, any::<u64>(), changes, sabotage).prop_map(
        move |((network, input), arithmetic, seed, changes, sabotage)| {
            let network = Arc::new(network);
            let (changes, sabotage) = disturbances(&network, &changes, &sabotage);
            Case { network, input, n_steps, arithmetic, seed, changes, sabotage }
        },
    )
}

/// Changes and sabotage, with places in the network looked up.
pub(crate) fn disturbances(
    network: &Network,
    changes: &[(u32, Index, WhatDraft)],
    sabotage: &[SabotageDraft],
) -> (Vec<Change>, Vec<Sabotage>) {
    let ids: Vec<ProjectionId> = network.projection_ids().collect();
    let projection = |index: Index| (!ids.is_empty()).then(|| ids[index.index(ids.len())]);
    let layers: Vec<_> = network.layer_ids().collect();
    let deviation = |&([layer, neuron, at], kind, step): &SabotageDraft| {
        let layer = layers[layer.index(layers.len())];
        // One beyond the layer, too: that changes nothing.
        let n_places = network.layer(layer).n_neurons as usize + 1;
        let neuron_idx = u32::try_from(neuron.index(n_places)).unwrap();
        let step = u64::from(step);
        Some(match kind {
            0 => Sabotage::DeliverAfterLearning,
            1 => Sabotage::DeliverAfterLearningOf(projection(at)?),
            2 => Sabotage::DropSpike { step, layer, neuron_idx },
            _ => Sabotage::AddSpike { step, layer, neuron_idx },
        })
    };
    let changes = changes.iter().filter_map(|(after, at, what)| {
        let what = match what {
            WhatDraft::Rotate(by) => What::Rotate(*by),
            WhatDraft::One(idx, weight) => What::One(*idx, *weight),
            WhatDraft::WeightsOf(other) => What::WeightsOf(projection(*other)?),
            WhatDraft::RulesOf(other) => {
                let plasticity = network.projection(projection(*other)?).plasticity.as_ref();
                What::Rules(plasticity.map(|it| it.rules.clone()).unwrap_or_default())
            }
            WhatDraft::Rules(rules) => What::Rules(rules.clone()),
            WhatDraft::Sabotage(draft) => What::Sabotage(deviation(draft)?),
            WhatDraft::Clone => What::Clone,
        };
        Some(Change { after: *after, projection: projection(*at)?, what })
    });
    (changes.collect(), sabotage.iter().filter_map(deviation).collect())
}

/// Layer, neuron and projection, kind, and step.
pub(crate) type SabotageDraft = ([Index; 3], u8, u32);

/// What may be done between steps, before the network is known.
#[derive(Clone, Debug)]
pub(crate) enum WhatDraft {
    Rotate(usize),
    One(usize, i16),
    WeightsOf(Index),
    RulesOf(Index),
    Rules(Rules),
    Sabotage(SabotageDraft),
    Clone,
}

pub(crate) fn what() -> impl Strategy<Value = WhatDraft> {
    const TEXTS: [&str; 8] = [
        "2*x0*y0",
        "-2^-2*x0",
        "4*x0*y0*r1 - 2*x0*y0",
        "8*x0 - 16*y0",
        "2^-1*y0*x0 - y0",
        "2^-2*x1*y0 - 2^-2*y1*x0",
        "-u0*sgn(w) + x0*t",
        "2^-3*y0*r1 - x0*r0",
    ];
    let known = select(TEXTS.to_vec()).prop_map(|text| text.parse().unwrap());
    let rule = || prop_oneof![4 => known.clone(), 1 => rule::strategy()];
    let rules = (prop::option::weighted(0.9, rule()), prop::option::weighted(0.2, rule()))
        .prop_map(|(weight, tag)| Rules { weight, delay: None, tag });
    let weight = prop_oneof![1 => select(vec![-256_i16, 254, 0, 255]), 2 => -128..=127_i16];
    prop_oneof![
        1 => (0..70_usize).prop_map(WhatDraft::Rotate),
        1 => (any::<usize>(), weight)
            .prop_map(|(idx, weight)| WhatDraft::One(idx, weight)),
        1 => any::<Index>().prop_map(WhatDraft::WeightsOf),
        1 => any::<Index>().prop_map(WhatDraft::RulesOf),
        2 => rules.prop_map(WhatDraft::Rules),
        1 => (any::<[Index; 3]>(), 0..4_u8, 1..=80_u32).prop_map(WhatDraft::Sabotage),
        1 => Just(WhatDraft::Clone),
    ]
}

/// Pulse rules, integer neurons.
pub(crate) fn without_chance() -> impl Strategy<Value = Case> {
    limits().prop_flat_map(|limits| disturbed(driven(limits), limits.n_steps))
}

/// Rules of the whole language, traces, delays and tags, noise.
pub(crate) fn in_full() -> impl Strategy<Value = Case> {
    limits().prop_flat_map(|limits| disturbed(driven_learning(limits), limits.n_steps))
}

#[test]
fn networks_without_chance() {
    let seen = run(1500, &without_chance());
    let all = [
        seen.spikes / 100,
        seen.updates / 100,
        seen.pulses,
        seen.input_wrapped,
        seen.current_wrapped,
        seen.voltage_clamped,
        seen.spike_outside_phase,
        seen.learning_outside_phase,
        seen.faultless,
        seen.weights_replaced,
        seen.rules_exchanged,
        seen.changes_refused,
        seen.cut_charges / 100,
        seen.cut_holds / 100,
    ];
    assert!(all.iter().all(|&n| n > 10), "{seen:?}");
}

#[test]
fn networks_that_learn_in_full() {
    let seen = run(1500, &in_full());
    let all = [
        seen.spikes / 100,
        seen.updates / 100,
        seen.other_learning,
        seen.input_wrapped,
        seen.current_wrapped,
        seen.spike_outside_phase,
        seen.learning_outside_phase,
        seen.weights_replaced,
        seen.rules_exchanged,
        seen.changes_refused,
        seen.cut_traces / 10,
        seen.cut_spikes / 10,
        seen.cut_rewards / 10,
        seen.cut_tags / 10,
    ];
    assert!(all.iter().all(|&n| n > 10), "{seen:?}");
}
