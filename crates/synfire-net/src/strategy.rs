//! Valid networks and input for property tests, dwelling on the corners of every number.
//!
//! 1. Layers and projections are drawn as drafts: numbers that are right by themselves, with ends that
//!    are still fractions of a list. Drafts shrink well.
//! 2. A draft is made a network: ends are looked up, patterns that do not fit the sizes give way to one
//!    that does, and projections that would carry too much are left out.
//! 3. With [`Reach::Bounded`], layers whose sums could still grow beyond the limit get a voltage floor
//!    and, if that is not enough, lose their current in every step.
//!
//! Every network is within what the model of the chip accepts: thresholds are multiples of 64, biases a
//! mantissa of 13 bits times 2^0 to 2^7, the weights of a projection mantissas of at most 8 bits of one
//! sign mode times one power of two. Those of [`network`] are within what the ideal engine accepts, too:
//! rules over `x0`, `y0` and `r1` that ask for multiples of the weight step, and no noise. Those of
//! [`learning_network`] learn by rules of the whole language. Names are harmless but unusual: quotes,
//! dots, letters beyond ASCII.
//!
//! For property tests of this crate and of crates with engines; present only with feature `proptest`.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::{
    Gating, Layer, LayerId, LayerKind, MAX_PERIOD, Network, NetworkBuilder, Neuron, PhaseSet,
};

mod input;
mod learning;
mod neuron;
mod projection;
mod traced;

pub use input::input;

/// How large the sums of a network can become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Within [`Limits::n_steps`] steps, and whatever the input, the input of a step stays within
    /// 22 bits with sign, current and current plus bias within 24, and the voltage, before its own
    /// limits are applied, too. Engines with unlimited integers and with the chip's registers agree.
    Bounded,
    /// Large weights, decays and biases that make sums leave these widths often. The magnitudes of
    /// all weights onto a neuron still sum to less than 2^31 units of charge.
    Wrapping,
}

/// How large networks become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most layers of neurons, at least 1; there is always one.
    pub max_neuron_layers: u32,
    /// Most layers of sources, at least 1; there is always one.
    pub max_source_layers: u32,
    /// Most neurons or sources of a layer, at least 1.
    pub max_layer_size: u32,
    /// Most projections; there may be none.
    pub max_projections: u32,
    /// Steps for which [`Reach::Bounded`] holds, and in which [`driven`] gives input.
    pub n_steps: u32,
    /// How large sums become.
    pub reach: Reach,
}

/// Four layers of neurons and two of sources, up to six each; eight projections, 64 steps, bounded.
impl Default for Limits {
    fn default() -> Self {
        Self {
            max_neuron_layers: 4,
            max_source_layers: 2,
            max_layer_size: 6,
            max_projections: 8,
            n_steps: 64,
            reach: Reach::Bounded,
        }
    }
}

/// Any valid network within `limits`.
///
/// ```
/// use proptest::strategy::{Strategy, ValueTree};
/// use proptest::test_runner::TestRunner;
/// use synfire_net::strategy::{Limits, network};
///
/// let mut runner = TestRunner::deterministic();
/// let network = network(Limits::default()).new_tree(&mut runner)?.current();
/// assert_eq!(synfire_net::file::parse(&synfire_net::file::write(&network)), Ok(network));
/// # Ok::<(), proptest::test_runner::Reason>(())
/// ```
pub fn network(limits: Limits) -> impl Strategy<Value = Network> {
    networks(limits, Scope::Ideal)
}

/// Any valid network within `limits`, most of whose projections learn by rules of the whole language: for
/// weight, delay and tag, over all traces, with a reward, in learning periods of up to 63 steps. Projections
/// that lead to the same layer share their period, as on a core of the chip. Some layers have noise, which
/// [`Reach::Bounded`] takes into account, as it does the spikes that meet where a delay shrinks. One layer at
/// least has a single source, so that there is something to drive a reward.
///
/// ```
/// use proptest::strategy::{Strategy, ValueTree};
/// use proptest::test_runner::TestRunner;
/// use synfire_net::strategy::{Limits, learning_network};
///
/// let mut runner = TestRunner::deterministic();
/// let network = learning_network(Limits::default()).new_tree(&mut runner)?.current();
/// assert!(network.layers().iter().any(|layer| layer.is_source() && layer.n_neurons == 1));
/// # Ok::<(), proptest::test_runner::Reason>(())
/// ```
pub fn learning_network(limits: Limits) -> impl Strategy<Value = Network> {
    networks(limits, Scope::Whole)
}

/// A network of [`learning_network`] and input for its first [`Limits::n_steps`] steps.
pub fn driven_learning(limits: Limits) -> impl Strategy<Value = (Network, crate::InputSchedule)> {
    with_input(learning_network(limits), limits)
}

/// What networks may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// What the ideal engine accepts.
    Ideal,
    /// All learning that can be described, and noise.
    Whole,
}

fn networks(limits: Limits, scope: Scope) -> impl Strategy<Value = Network> {
    let layers = |max: u32| 1..=max.max(1) as usize;
    let neurons =
        prop::collection::vec(layer(limits, Some(scope)).boxed(), layers(limits.max_neuron_layers));
    let sources =
        prop::collection::vec(layer(limits, None).boxed(), layers(limits.max_source_layers));
    let layers = (neurons, sources).prop_map(move |(neurons, mut sources)| {
        if let (Scope::Whole, Some(first)) = (scope, sources.first_mut()) {
            first.n_neurons = 1;
        }
        [neurons, sources].concat()
    });
    let max = limits.max_projections as usize;
    let n_projections = prop_oneof![1 => 0..=max, 4 => max.div_ceil(2)..=max];
    let projections = n_projections
        .prop_flat_map(move |n| prop::collection::vec(projection::draft(limits.reach, scope), n));
    (layers.prop_shuffle(), projections, gating()).prop_map(move |(layers, projections, gating)| {
        assemble(limits, layers, projections, gating)
    })
}

/// A network and input for its first [`Limits::n_steps`] steps.
pub fn driven(limits: Limits) -> impl Strategy<Value = (Network, crate::InputSchedule)> {
    with_input(network(limits), limits)
}

fn with_input(
    networks: impl Strategy<Value = Network>,
    limits: Limits,
) -> impl Strategy<Value = (Network, crate::InputSchedule)> {
    networks.prop_flat_map(move |network| {
        let input = input(&network, limits.n_steps);
        (Just(network), input)
    })
}

/// A layer, and a set of phases for the case that the network has a period.
#[derive(Clone, Debug)]
struct LayerDraft {
    name: &'static str,
    n_neurons: u32,
    neuron: Option<Neuron>,
    phases: Option<u64>,
}

/// A layer of neurons within the scope, or of sources.
fn layer(limits: Limits, neurons: Option<Scope>) -> impl Strategy<Value = LayerDraft> {
    let max = limits.max_layer_size.max(1);
    let size = prop_oneof![3 => Just(1), 1 => Just(max), 4 => 1..=max];
    let neuron = neuron::neuron(limits.reach, neurons.unwrap_or(Scope::Ideal));
    (name(), size, neuron, phases()).prop_map(move |(name, n_neurons, neuron, phases)| {
        let neuron = neurons.map(|_| neuron);
        LayerDraft { name, n_neurons, neuron, phases }
    })
}

/// The beginning of a name.
fn name() -> impl Strategy<Value = &'static str> {
    let unusual =
        ["h<", "g00.", "\"quoted\" ", "it's ", "back\\slash ", "# ", "[x]", "größe ", "状"];
    prop_oneof![3 => Just("part "), 1 => select(unusual.to_vec())]
}

/// A set of phases as a mask of all that a period can have; often all, sometimes none.
fn phases() -> impl Strategy<Value = Option<u64>> {
    let mask = prop_oneof![
        3 => any::<u64>(),
        2 => Just(u64::MAX),
        1 => Just(0),
        2 => (any::<u64>(), any::<u64>()).prop_map(|(one, two)| one | two),
    ];
    prop::option::of(mask)
}

fn masked(mask: Option<u64>, period: Option<u32>) -> Option<PhaseSet> {
    let (mask, period) = (mask?, period?);
    let named: Vec<u32> = (0..period).filter(|phase| mask >> phase & 1 == 1).collect();
    PhaseSet::try_of(&named)
}

/// A period, and from which of the layers that can be gates the chain starts, if there is one.
fn gating() -> impl Strategy<Value = Option<(u32, Option<Index>)>> {
    let period = prop_oneof![
        3 => select(vec![1, 2, 3, 4, 12, MAX_PERIOD - 1, MAX_PERIOD]),
        1 => 1..=MAX_PERIOD,
    ];
    prop::option::of((period, prop::option::of(any::<Index>())))
}

fn assemble(
    limits: Limits,
    mut layers: Vec<LayerDraft>,
    projections: Vec<projection::Draft>,
    gating: Option<(u32, Option<Index>)>,
) -> Network {
    let period = gating.as_ref().map(|(period, _)| *period);
    let mut wiring = projection::Wiring::new(&layers, limits.reach, period);
    for (idx, draft) in projections.into_iter().enumerate() {
        wiring.add(idx, draft);
    }
    let (projections, input) = wiring.finish();
    let mut builder = NetworkBuilder::new("random");
    for (idx, (draft, input)) in layers.iter_mut().zip(input).enumerate() {
        let kind = match &mut draft.neuron {
            None => LayerKind::Source,
            Some(neuron) => {
                if limits.reach == Reach::Bounded {
                    neuron::bound(neuron, input, limits.n_steps);
                }
                LayerKind::Neurons(*neuron)
            }
        };
        builder.layer(Layer {
            name: format!("{}{idx}", draft.name),
            n_neurons: draft.n_neurons,
            kind,
            phases: masked(draft.phases, period),
        });
    }
    for projection in projections {
        builder.projection(projection);
    }
    if let Some((period, start)) = gating {
        let mut chain: Vec<LayerId> = (0..)
            .map(LayerId)
            .zip(&layers)
            .filter(|(_, layer)| layer.neuron.is_some() && layer.n_neurons == 1)
            .map(|(id, _)| id)
            .collect();
        match start.filter(|_| !chain.is_empty()) {
            None => chain.clear(),
            Some(start) => {
                let start = start.index(chain.len());
                chain.rotate_left(start);
            }
        }
        builder.gating(Gating { period, chain });
    }
    builder.build().expect("drafts are made into valid networks")
}
