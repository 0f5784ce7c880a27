//! Lowering: from a network to the chip's own terms, exactly or not at all.
//!
//! 1. Every layer: threshold, bias and voltage limits must be values that the registers express.
//!    Decays and refractory periods are what they are in the network.
//! 2. Every projection: a format is found that holds each weight exactly. A projection that learns takes
//!    sign mode and bits from its range and the weight exponent from its gain, and every weight of its
//!    range must be exact; one that does not learn takes the sign mode from its weights, 8 bits, and the
//!    smallest exponent from 0 on that is exact, else the largest negative one.
//! 3. Every layer again: accumulator slots for the longest delay that leads there, and the sum of the
//!    magnitudes of all effective weights onto a compartment, which must stay below 2^31. Engines then
//!    sum in 32 bits without loss, and a wrap of the chip's 22 bits never goes unnoticed.
//!
//! Nothing is rounded here. Where things fit on cores is the business of placement.

use crate::axon::accumulators_for;
use crate::compartment::{Bias, CompartmentConfig, Threshold, VoltageLimits};
use crate::limits::WEIGHT_EXPONENT;
use crate::program::{CompartmentGroup, Program, SynapseGroup};
use crate::refusal::{Refusal, RefusalReason, Refusals};
use crate::rule::{Microcode, Pulse, RuleArithmetic};
use crate::synapse::{SignMode, SynapseFormat, WeightExponent, WeightFormat};
use std::sync::Arc;
use synfire_net::rule::Target;
use synfire_net::{
    Delay, LayerId, LearningPeriod, Network, Neuron, Noise, Place, Plasticity, Projection,
    ProjectionId, Traces, UNIT_GAIN,
};

/// Lowers a network, with [`RuleArithmetic::DEFAULT`].
///
/// # Errors
/// Every number of the network that the chip cannot hold exactly.
pub fn lower(network: Arc<Network>) -> Result<Program, Refusals> {
    lower_with(network, RuleArithmetic::DEFAULT)
}

/// Lowers a network whose rules are evaluated in a given arithmetic.
///
/// # Errors
/// Every number of the network that the chip cannot hold exactly.
pub fn lower_with(network: Arc<Network>, arithmetic: RuleArithmetic) -> Result<Program, Refusals> {
    let mut refusals = Vec::new();
    let configs: Vec<_> = network
        .layers()
        .iter()
        .map(|layer| {
            let mut refuse = |reason| {
                refusals.push(Refusal { place: Place::Layer(layer.name.clone()), reason });
            };
            layer.neuron().and_then(|neuron| lower_neuron(neuron, &mut refuse))
        })
        .collect();
    let projections: Vec<_> = network
        .projection_ids()
        .map(|id| {
            let place = Place::Projection(network.projection(id).name.clone());
            let mut refuse = |reason| refusals.push(Refusal { place: place.clone(), reason });
            lower_projection(&network, id, arithmetic, &mut refuse)
        })
        .collect();
    for layer in network.layer_ids() {
        refuse_large_sums(&network, &projections, layer, &mut refusals);
    }
    // Without refusals nothing is missing: the counts agree.
    let synapses: Vec<_> = projections.into_iter().flatten().collect();
    if !refusals.is_empty() || synapses.len() != network.projections().len() {
        return Err(Refusals(refusals));
    }
    let groups = configs
        .into_iter()
        .zip(network.layer_ids())
        .map(|(config, id)| {
            let n_compartments = network.layer(id).n_neurons;
            let n_accumulators = accumulators_for(longest_delay(&network, id));
            config.map(|config| CompartmentGroup { config, n_compartments, n_accumulators })
        })
        .collect();
    Ok(Program { network, groups, projections: synapses })
}

fn lower_neuron(
    neuron: &Neuron,
    refuse: &mut impl FnMut(RefusalReason),
) -> Option<CompartmentConfig> {
    let threshold = Threshold::from_charge(neuron.threshold);
    if threshold.is_none() {
        refuse(RefusalReason::Threshold { found: neuron.threshold });
    }
    let bias = Bias::from_charge(neuron.bias);
    if bias.is_none() {
        refuse(RefusalReason::Bias { found: neuron.bias });
    }
    let register = VoltageLimits::REGISTER;
    let floor = neuron.voltage_floor.unwrap_or(register.min());
    let floor_exponent = VoltageLimits::floor_exponent_of(floor);
    if floor_exponent.is_none() {
        refuse(RefusalReason::VoltageFloor { found: floor });
    }
    let ceiling = neuron.voltage_ceiling.unwrap_or(register.max());
    let ceiling_exponent = VoltageLimits::ceiling_exponent_of(ceiling);
    if ceiling_exponent.is_none() {
        refuse(RefusalReason::VoltageCeiling { found: ceiling });
    }
    Some(CompartmentConfig {
        current_decay: neuron.current_decay,
        voltage_decay: neuron.voltage_decay,
        threshold: threshold?,
        bias: bias?,
        refractory: neuron.refractory,
        voltage_limits: VoltageLimits::new(floor_exponent?, ceiling_exponent?)?,
        noise: neuron.noise,
    })
}

fn lower_projection(
    network: &Network,
    id: ProjectionId,
    arithmetic: RuleArithmetic,
    refuse: &mut impl FnMut(RefusalReason),
) -> Option<SynapseGroup> {
    let projection = network.projection(id);
    let Some(plasticity) = &projection.plasticity else {
        return lower_static(network, id, refuse);
    };
    refuse_other_period(network, id, plasticity, refuse);
    let range = plasticity.range;
    let weight = WeightFormat::of_range(range);
    if weight.is_none() {
        refuse(RefusalReason::WeightRange { min: range.min, max: range.max, step: range.step });
    }
    let exponent = plastic_exponent(projection, refuse);
    let format = SynapseFormat { weight: weight?, exponent: exponent? };
    if let Some(reason) = inexact_plastic_weight(format, projection.gain) {
        refuse(reason);
        return None;
    }
    let weight_mantissas = network
        .synapses(id)
        .map(|synapse| format.weight.quantise(synapse.weight))
        .collect::<Option<_>>()?;
    let microcode = Microcode::new(&plasticity.rules, format.weight, arithmetic);
    // Traces go on whether or not a rule reads them: another rule may be loaded that does.
    let is_plain = plasticity.period == LearningPeriod::ONE && plasticity.traces == Traces::NONE;
    let pulse = Pulse::of(&microcode, plasticity.reward).filter(|_| is_plain);
    Some(SynapseGroup { format, weight_mantissas, microcode: Some(microcode), pulse })
}

/// All synapses of a core learn at the same time: those of a compartment are all on its core.
fn refuse_other_period(
    network: &Network,
    id: ProjectionId,
    plasticity: &Plasticity,
    refuse: &mut impl FnMut(RefusalReason),
) {
    let target = network.projection(id).target;
    let before = network.projections().iter().take(id.index());
    let first = before.filter(|earlier| earlier.target == target).find_map(|earlier| {
        earlier.plasticity.as_ref().map(|plasticity| (plasticity.period, &earlier.name))
    });
    if let Some((expected, other)) = first.filter(|(period, _)| *period != plasticity.period) {
        refuse(RefusalReason::LearningPeriod {
            found: plasticity.period.get(),
            expected: expected.get(),
            other: other.clone(),
        });
    }
}

/// The exponent that a gain of 64 times a power of two stands for.
fn plastic_exponent(
    projection: &Projection,
    refuse: &mut impl FnMut(RefusalReason),
) -> Option<WeightExponent> {
    let gain = i64::from(projection.gain);
    let exponent = WEIGHT_EXPONENT
        .into_iter()
        // Both sides times 2^8, so that negative exponents stay whole.
        .find(|&exponent| i64::from(UNIT_GAIN) << (exponent + 8) == gain << 8)
        .and_then(WeightExponent::new);
    if exponent.is_none() {
        refuse(RefusalReason::PlasticGain { found: projection.gain });
    }
    exponent
}

/// A weight of the range whose charge the chip would round or limit.
fn inexact_plastic_weight(format: SynapseFormat, gain: i32) -> Option<RefusalReason> {
    let range = format.weight.range();
    // The ends are enough: they are the largest, for a limit, and one of them is an odd multiple of the
    // step, for a rounding.
    [range.min, range.max].into_iter().find_map(|weight| {
        let charge = i64::from(weight) * i64::from(gain);
        let found = format.effective_weight(weight);
        (i64::from(found) != charge).then_some(RefusalReason::PlasticWeight {
            weight,
            gain,
            charge,
            found,
        })
    })
}

fn lower_static(
    network: &Network,
    id: ProjectionId,
    refuse: &mut impl FnMut(RefusalReason),
) -> Option<SynapseGroup> {
    let gain = network.projection(id).gain;
    // Validation has seen to it that a weight times its gain fits into 32 bits.
    let charges: Vec<i32> = network.synapses(id).map(|synapse| synapse.weight * gain).collect();
    let (min, max) = charges.iter().fold((0, 0), |(min, max), &c| (c.min(min), c.max(max)));
    let sign_mode = match (min < 0, max > 0) {
        (true, true) => SignMode::Mixed,
        (true, false) => SignMode::Inhibitory,
        (false, _) => SignMode::Excitatory,
    };
    let weight = WeightFormat::full(sign_mode);
    let formats = (0..=*WEIGHT_EXPONENT.end())
        .chain((*WEIGHT_EXPONENT.start()..0).rev())
        .filter_map(WeightExponent::new)
        .map(|exponent| SynapseFormat { weight, exponent });
    for format in formats {
        let mantissas: Option<Vec<i16>> =
            charges.iter().map(|&charge| format.mantissa_of_charge(charge)).collect();
        if let Some(weight_mantissas) = mantissas {
            return Some(SynapseGroup { format, weight_mantissas, microcode: None, pulse: None });
        }
    }
    refuse(static_refusal(&charges, gain, weight));
    None
}

/// Says which weight stands in the way: the first that is too large for every exponent, or else the
/// first that is no multiple of what the largest weight needs.
fn static_refusal(charges: &[i32], gain: i32, format: WeightFormat) -> RefusalReason {
    let sign_mode = format.sign_mode();
    let range = format.range();
    // Smallest and largest charge and the distance of charges. The unit is counted in 1/256, so that
    // negative exponents stay whole.
    let limits = |exponent: i8| {
        let unit = 64_i64 << (exponent + 8);
        let end = i64::from(crate::limits::EFFECTIVE_WEIGHT_END);
        let min = ((i64::from(range.min) * unit) >> 8).max(-end);
        let quantum = ((i64::from(range.step) * unit) >> 8).max(64);
        (min, (i64::from(range.max) * unit) >> 8, quantum)
    };
    let fits = |charge: i32, exponent| {
        let (min, max, _) = limits(exponent);
        (min..=max).contains(&i64::from(charge))
    };
    let last = *WEIGHT_EXPONENT.end();
    let at = |synapse_idx: usize| {
        let charge = charges[synapse_idx];
        (synapse_idx, charge / gain, i64::from(charge))
    };
    if let Some(idx) = charges.iter().position(|&charge| !fits(charge, last)) {
        let (min, max, _) = limits(last);
        let (synapse_idx, weight, charge) = at(idx);
        return RefusalReason::StaticWeightSize {
            synapse_idx,
            weight,
            gain,
            charge,
            sign_mode,
            min,
            max,
        };
    }
    let exponent = WEIGHT_EXPONENT
        .into_iter()
        .find(|&exponent| charges.iter().all(|&charge| fits(charge, exponent)))
        .unwrap_or(last);
    let (_, _, quantum) = limits(exponent);
    let largest = charges.iter().map(|&charge| i64::from(charge).abs()).max().unwrap_or(0);
    let idx = charges.iter().position(|&charge| i64::from(charge) % quantum != 0).unwrap_or(0);
    let (synapse_idx, weight, charge) = at(idx);
    RefusalReason::StaticWeight {
        synapse_idx,
        weight,
        gain,
        charge,
        quantum,
        sign_mode,
        largest,
        exponent,
    }
}

fn longest_delay(network: &Network, layer: LayerId) -> Delay {
    let incoming = network.projections().iter().filter(|projection| projection.target == layer);
    incoming.map(Projection::max_delay).max().unwrap_or_default()
}

/// Every synapse carries at most one spike per step, and spikes of one synapse meet in a slot only if its
/// delay is learned; the sum of all magnitudes, times the number of spikes that can meet, bounds what a slot
/// can ever hold. Noise comes on top.
fn refuse_large_sums(
    network: &Network,
    projections: &[Option<SynapseGroup>],
    layer: LayerId,
    refusals: &mut Vec<Refusal>,
) {
    let noise = network.layer(layer).neuron().and_then(|neuron| neuron.noise);
    let noise = noise.map_or(0, Noise::largest_charge);
    let mut sums = vec![noise; network.layer(layer).n_neurons as usize];
    for id in network.projection_ids().filter(|&id| network.projection(id).target == layer) {
        let Some(group) = &projections[id.index()] else { continue };
        let range = group.format.weight.range();
        let largest_plastic = [range.min, range.max]
            .map(|weight| i64::from(group.format.effective_weight(weight)).abs());
        let learns_delays =
            group.microcode.as_ref().is_some_and(|rules| rules.changes(Target::Delay));
        let n_meeting = if learns_delays { i64::from(Delay::MAX.get()) + 1 } else { 1 };
        for (synapse, &mantissa) in network.synapses(id).zip(&group.weight_mantissas) {
            let charge = if group.microcode.is_some() {
                largest_plastic[0].max(largest_plastic[1])
            } else {
                i64::from(group.format.effective_weight(mantissa)).abs()
            };
            sums[synapse.target as usize] += charge * n_meeting;
        }
    }
    if let Some(neuron_idx) = sums.iter().position(|&sum| sum > i64::from(i32::MAX)) {
        let place = Place::Layer(network.layer(layer).name.clone());
        let reason = RefusalReason::InputSum { neuron_idx, found: sums[neuron_idx] };
        refusals.push(Refusal { place, reason });
    }
}
