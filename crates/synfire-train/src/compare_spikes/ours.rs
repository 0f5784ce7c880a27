//! The circuit here: run through the samples, every spike kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use synfire_circuit::{Form, InferenceCircuit, LEARNING_PERIOD, LearningCircuit, Population};
use synfire_net::{Fault, InputSchedule, LayerId, Network, Observer, Raster};
use synfire_reference::{Shape, Weights};

use super::name::populations;
use super::{Ring, SpikeCompareError};
use crate::config::EngineKind;
use crate::error::RunError;
use crate::learner::plastic;
use crate::machine::{Machine, circuit_shape};

/// One sample.
pub(super) struct Shown {
    pub(super) active: Vec<u32>,
    pub(super) targets: Vec<u32>,
}

/// What the circuit here did, from step 1 on.
pub(super) struct Ours {
    raster: Raster,
    layers: BTreeMap<Population, LayerId>,
    /// Faults that the engine reported.
    pub(super) n_faults: u64,
}

impl Ours {
    /// The spikes of a population in these steps, ascending.
    pub(super) fn spikes(&self, population: Population, first: u64, last: u64) -> Vec<(u64, u32)> {
        let Some(&layer) = self.layers.get(&population) else { return Vec::new() };
        let in_step = |step| self.raster.spikes(step, layer).map(move |neuron| (step, neuron));
        (first.max(1)..=last).flat_map(in_step).collect()
    }
}

#[derive(Default)]
struct Faults(u64);

impl Observer for Faults {
    fn fault(&mut self, _: &Fault) {
        self.0 += 1;
    }
}

/// Runs the circuit through these samples, and to this step.
pub(super) fn run(
    (ring, circuit, engine): (Ring, Form, EngineKind),
    shape: &Shape,
    weights: &Weights,
    shown: &[Shown],
    last_step: u64,
) -> Result<Ours, SpikeCompareError> {
    let most = shown.iter().map(|sample| sample.active.len()).max().unwrap_or(0);
    let max_active = u32::try_from(most).unwrap_or(u32::MAX);
    let Machine::Circuit { build, form, .. } = Machine::new(engine, circuit, max_active) else {
        return Err(SpikeCompareError::NoSpikes);
    };
    let sizes = circuit_shape(shape, max_active)?;
    let start = |network: &Arc<Network>| build(Arc::clone(network)).map_err(RunError::Engine);
    let mut faults = Faults::default();
    let stopped = |step| move |cause| SpikeCompareError::Step { step, cause };
    let (engine, raster, layers) = match ring {
        Ring::Learning => {
            let circuit =
                LearningCircuit::new(sizes, form, &plastic(weights)).map_err(RunError::from)?;
            let mut raster = Raster::new(circuit.network(), 1);
            let mut engine = start(circuit.network())?;
            let observer = &mut (&mut raster, &mut faults);
            circuit.start(engine.as_mut(), observer).map_err(stopped(1))?;
            let [input, target, reward] = circuit.sources();
            for (k, sample) in (0..).zip(shown) {
                let first = circuit.first_step(k);
                let mut schedule = InputSchedule::new();
                schedule.push_all(first, input, &sample.active);
                schedule.push_all(first + 2, target, &sample.targets);
                for rewarded in [5, 7] {
                    schedule.push(first + rewarded, reward, 0);
                }
                engine.advance(LEARNING_PERIOD, &schedule, observer).map_err(stopped(first))?;
            }
            let layers = populations(ring).into_iter().map(|it| (it, circuit.layer(it)));
            (engine, raster, layers.collect::<BTreeMap<_, _>>())
        }
        Ring::Inference => {
            let [w1, w2] = [0, 1].map(|l| weights.forward()[l].values());
            let circuit = InferenceCircuit::new(sizes, form, w1, w2).map_err(RunError::from)?;
            let mut raster = Raster::new(circuit.network(), 1);
            let mut engine = start(circuit.network())?;
            let observer = &mut (&mut raster, &mut faults);
            circuit.start(engine.as_mut(), observer).map_err(stopped(1))?;
            let (mut schedule, mut output) = (InputSchedule::new(), Vec::new());
            for sample in shown {
                let first = engine.step() + 1;
                circuit
                    .run_cycle_for_output(
                        engine.as_mut(),
                        &sample.active,
                        &mut schedule,
                        observer,
                        &mut output,
                    )
                    .map_err(stopped(first))?;
            }
            let layers = populations(ring).into_iter();
            let layers = layers.filter_map(|it| Some((it, circuit.layer(it)?)));
            (engine, raster, layers.collect())
        }
    };
    let (mut engine, mut raster) = (engine, raster);
    let rest = last_step.saturating_sub(engine.step());
    if let Ok(rest @ 1..) = u32::try_from(rest) {
        let first = engine.step() + 1;
        let observer = &mut (&mut raster, &mut faults);
        engine.advance(rest, &InputSchedule::new(), observer).map_err(stopped(first))?;
    }
    Ok(Ours { raster, layers, n_faults: faults.0 })
}
