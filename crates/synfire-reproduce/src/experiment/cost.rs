//! What a sample would cost on the chip: operations counted spike by spike and priced by published constants. Every
//! energy and time is an estimate.

use std::sync::Arc;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{json, to_value};
use synfire_circuit::{Form, InferenceCircuit, LearningCircuit, Population};
use synfire_data::Dataset;
use synfire_fast::FastEngine;
use synfire_loihi::cost::{CostMeter, Estimate, LearningVisits, Operation};
use synfire_loihi::lower;
use synfire_loihi::place::{Manual, ManualPopulation, PlaceOptions, place};
use synfire_net::{
    Engine, Fault, InputSchedule, LayerId, Network, Observer, StepError, Strictness,
};
use synfire_reference::{Shape, Weights};
use synfire_train::EngineKind;

use super::training::{Task, Training, max_active};
use super::watched::{circuit_shape, plastic_of};
use crate::scale::Scale;
use crate::trial::{Trial, Watch};

/// Cores given to each of h, h<, h>, besides as few as possible.
const SPREADS: [u32; 3] = [8, 16, 30];

/// A run, priced now and then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Costs {
    pub(crate) sizes: Vec<usize>,
    pub(crate) samples: u64,
    pub(crate) states: Vec<Priced>,
}

/// One state of the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Priced {
    pub(crate) epoch: u32,
    pub(crate) bills: Vec<Bill>,
}

/// The cost of all samples in one circuit, on one placement, by one set of constants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bill {
    pub(crate) is_training: bool,
    /// `published` or `sized`.
    pub(crate) form: String,
    /// Cores given to each of h, h<, h>; as few as possible if `None`.
    pub(crate) spread: Option<u32>,
    /// Whether the learning engine was taken to look at all plastic synapses of a core, or at those touched.
    pub(crate) all_visited: bool,
    pub(crate) set: String,
    pub(crate) n_cores: usize,
    pub(crate) n_chips: usize,
    pub(crate) faults: u64,
    /// Counts and femtojoules of each operation, in the order of `Operation::ALL`.
    pub(crate) operations: Vec<(u64, u64)>,
    /// By phase: femtojoules, those of [`PARTS`]; picoseconds of the busiest core, the way of messages, the barrier.
    pub(crate) phases: Vec<([u64; 4], [u64; 3])>,
    /// Femtojoules of leakage over the estimated time, not part of the energy.
    pub(crate) static_fj: u64,
}

/// Groups of operations.
pub(crate) const PARTS: [&str; 4] =
    ["learning visits", "synaptic operations", "updates of neurons", "messages"];

impl Bill {
    /// Femtojoules of all samples.
    pub(crate) fn energy_fj(&self) -> u64 {
        self.operations.iter().map(|(_, energy)| energy).sum()
    }

    /// Picoseconds of all samples: busiest core, messages, barrier.
    pub(crate) fn time_ps(&self) -> [u64; 3] {
        let mut sum = [0; 3];
        for (_, time) in &self.phases {
            for (sum, part) in sum.iter_mut().zip(time) {
                *sum += part;
            }
        }
        sum
    }

    /// How often an operation took place.
    pub(crate) fn count(&self, operation: Operation) -> u64 {
        let idx = Operation::ALL.iter().position(|&it| it == operation);
        idx.and_then(|idx| self.operations.get(idx)).map_or(0, |(count, _)| *count)
    }

    /// Femtojoules of each of [`PARTS`].
    pub(crate) fn parts_fj(&self) -> [u64; 4] {
        let mut sum = [0; 4];
        for (operation, (_, energy)) in Operation::ALL.iter().zip(&self.operations) {
            sum[part_of(*operation)] += energy;
        }
        sum
    }
}

/// The place of an operation in [`PARTS`].
const fn part_of(operation: Operation) -> usize {
    match operation {
        Operation::LearningVisit => 0,
        Operation::SynapticDelivery => 1,
        Operation::ActiveUpdate | Operation::InactiveUpdate | Operation::SpikingUpdate => 2,
        _ => 3,
    }
}

/// One run on MNIST.
pub(crate) fn trials(scale: Scale) -> Vec<Trial> {
    let n_samples = scale.pick(10, 100, 200);
    let epochs = scale.pick(2, 5, 60);
    let mut training = Training::new(Task::mnist(scale), 1, epochs);
    training.engine = EngineKind::Reference;
    training.check_every = 0;
    let states: Vec<u32> =
        [0, 2, 5, 60].into_iter().filter(|&epoch| epoch != 2 || epochs == 2).collect();
    // Small layers have no use for many cores.
    let spreads: Vec<u32> = if scale == Scale::Smoke { vec![2] } else { SPREADS.to_vec() };
    let parameters = json!({
        "training": training.parameters(),
        "states": states,
        "samples": n_samples,
        "spreads": spreads,
    });
    let expected_ms = training.expected_ms() + 2000;
    let work = move |material: &crate::material::Material, watch: &Watch<'_>| {
        let split = training.task.split(material)?;
        let shape = training.shape(&split)?;
        let most = max_active(&split)?;
        let price = |epoch: u32, weights: &Weights| -> Result<Priced> {
            let of = u64::from(epochs);
            let mut bills = Vec::new();
            for form in [Form::Sized, Form::Published] {
                watch.done(u64::from(epoch), of)?;
                let spreads = if form == Form::Sized { spreads.as_slice() } else { &[] };
                let shown = Shown {
                    shape: &shape,
                    weights,
                    max_active: most,
                    form,
                    dataset: &split.train,
                    n_samples,
                };
                bills.extend(shown.training(spreads)?);
                bills.extend(shown.inference()?);
            }
            Ok(Priced { epoch, bills })
        };
        let mut priced = vec![price(0, &training.initial_weights(&shape)?)?];
        training.run(material, watch, &mut |epoch, trainer| {
            if states.contains(&epoch) {
                priced.push(price(epoch, &trainer.weights()?)?);
            }
            Ok(())
        })?;
        let samples = n_samples.min(split.train.len()) as u64;
        Ok(to_value(Costs { sizes: shape.sizes().to_vec(), samples, states: priced })?)
    };
    vec![Trial::new("mnist", parameters, expected_ms, work)]
}

/// What a circuit is shown.
struct Shown<'a> {
    shape: &'a Shape,
    weights: &'a Weights,
    max_active: u32,
    form: Form,
    dataset: &'a Dataset,
    n_samples: usize,
}

/// One placement with one reading of the learning engine.
struct Placed {
    spread: Option<u32>,
    visits: LearningVisits,
    n_cores: usize,
    n_chips: usize,
    meter: CostMeter,
}

/// All meters hear the same.
struct Ears {
    placed: Vec<Placed>,
    faults: u64,
}

impl Observer for Ears {
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        for placed in &mut self.placed {
            placed.meter.spikes(step, layer, neurons);
        }
    }

    fn fault(&mut self, _: &Fault) {
        self.faults += 1;
    }
}

impl Shown<'_> {
    fn samples(&self) -> impl Iterator<Item = (u64, &[u32], u32)> {
        let n = self.dataset.len().min(self.n_samples);
        (0..n).map(|idx| (idx as u64, self.dataset.input(idx), u32::from(self.dataset.label(idx))))
    }

    fn training(&self, spreads: &[u32]) -> Result<Vec<Bill>> {
        let sizes = circuit_shape(self.shape, self.max_active)?;
        let circuit = LearningCircuit::new(sizes, self.form, &plastic_of(self.weights))?;
        let layers =
            [Population::H, Population::HLow, Population::HHigh].map(|it| circuit.layer(it));
        let mut schedule = InputSchedule::new();
        let mut output = Vec::new();
        self.measure(circuit.network(), true, spreads, layers, |engine, ears, next| {
            let Some((idx, input, target)) = next else { return circuit.start(engine, ears) };
            schedule.clear();
            circuit.schedule_sample(idx, input, target, &mut schedule);
            circuit.run_cycle_for_output(engine, &schedule, ears, &mut output)
        })
    }

    fn inference(&self) -> Result<Vec<Bill>> {
        let sizes = circuit_shape(self.shape, self.max_active)?;
        let [w1, w2] = self.weights.forward() else { anyhow::bail!("expected two matrices") };
        let circuit = InferenceCircuit::new(sizes, self.form, w1.values(), w2.values())?;
        let h = circuit.layer(Population::H).context("no hidden layer")?;
        let (mut schedule, mut output) = (InputSchedule::new(), Vec::new());
        self.measure(circuit.network(), false, &[], [h; 3], |engine, ears, next| {
            let Some((_, input, _)) = next else { return circuit.start(engine, ears) };
            circuit.run_cycle_for_output(engine, input, &mut schedule, ears, &mut output)
        })
    }

    /// Runs the start of the ring, told by no sample, then each sample, and prices all but the start.
    fn measure(
        &self,
        network: &Arc<Network>,
        is_training: bool,
        spreads: &[u32],
        layers: [LayerId; 3],
        mut run: impl FnMut(
            &mut FastEngine,
            &mut Ears,
            Option<(u64, &[u32], u32)>,
        ) -> Result<(), StepError>,
    ) -> Result<Vec<Bill>> {
        let program =
            Arc::new(lower(Arc::clone(network)).map_err(|refusals| anyhow::anyhow!("{refusals}"))?);
        let both = [LearningVisits::All, LearningVisits::Touched];
        let visits = if is_training { &both[..] } else { &both[..1] };
        let mut placed = Vec::new();
        for spread in std::iter::once(None).chain(spreads.iter().copied().map(Some)) {
            let manual = spread.map_or_else(Manual::default, |n| {
                let populations = (0..)
                    .zip(layers)
                    .map(|(k, layer)| ManualPopulation::new(layer, 0, 2 + k * n..2 + (k + 1) * n));
                Manual { populations: populations.collect() }
            });
            let placement = place(&program, &PlaceOptions { manual, ..PlaceOptions::default() })?;
            let totals = placement.totals();
            for &visits in visits {
                let meter = CostMeter::new(&program, &placement, visits)?;
                placed.push(Placed {
                    spread,
                    visits,
                    n_cores: totals.n_cores,
                    n_chips: totals.n_chips,
                    meter,
                });
            }
        }
        let mut ears = Ears { placed, faults: 0 };
        let mut engine = FastEngine::new(Arc::clone(&program), Strictness::Report);
        run(&mut engine, &mut ears, None)?;
        for placed in &mut ears.placed {
            placed.meter.finish(engine.step());
            placed.meter.take();
        }
        for sample in self.samples() {
            run(&mut engine, &mut ears, Some(sample))?;
        }
        let (faults, form) = (ears.faults, self.form.name());
        let mut bills = Vec::new();
        for mut placed in ears.placed {
            placed.meter.finish(engine.step());
            let tally = placed.meter.take();
            for set in tally.sets() {
                let estimate = tally.estimate(set).context("a set that was not asked for")?;
                let phases = (0..tally.n_phases()).map(|phase| {
                    let counts = tally.of_phase(phase);
                    let mut parts = [0; 4];
                    for operation in Operation::ALL {
                        parts[part_of(operation)] +=
                            counts.of(operation) * u64::from(set.price(operation).energy_fj);
                    }
                    parts
                });
                bills.push(Bill {
                    is_training,
                    form: form.to_string(),
                    spread: placed.spread,
                    all_visited: placed.visits == LearningVisits::All,
                    set: set.name.to_owned(),
                    n_cores: placed.n_cores,
                    n_chips: placed.n_chips,
                    faults,
                    ..bill(&estimate, phases)?
                });
            }
        }
        Ok(bills)
    }
}

/// The numbers of an estimate; everything else is left empty.
fn bill(estimate: &Estimate, phases: impl Iterator<Item = [u64; 4]>) -> Result<Bill> {
    let operations = estimate.operations().iter();
    let operations =
        operations.map(|of| -> Result<(u64, u64)> { Ok((of.count, u64::try_from(of.energy_fj)?)) });
    let times = estimate.phases().iter().map(|phase| -> Result<[u64; 3]> {
        let time = phase.time;
        Ok([
            u64::try_from(time.busiest_ps)?,
            u64::try_from(time.way_ps)?,
            u64::try_from(time.barrier_ps)?,
        ])
    });
    Ok(Bill {
        is_training: false,
        form: String::new(),
        spread: None,
        all_visited: false,
        set: String::new(),
        n_cores: 0,
        n_chips: 0,
        faults: 0,
        operations: operations.collect::<Result<_>>()?,
        phases: phases.zip(times).map(|(parts, time)| Ok((parts, time?))).collect::<Result<_>>()?,
        static_fj: u64::try_from(estimate.static_energy_fj())?,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use synfire_data::digits;
    use synfire_reference::init;

    fn bills(form: Form) -> Vec<Bill> {
        let dataset = digits::generate(digits::SEED, 5, 1).unwrap().train;
        let shape = Shape::new(&[dataset.n_inputs(), 20, 10]).unwrap();
        let max_active = u32::try_from(dataset.max_active()).unwrap();
        let weights = init::he(&shape, 1);
        let shown = Shown {
            shape: &shape,
            weights: &weights,
            max_active,
            form,
            dataset: &dataset,
            n_samples: 4,
        };
        let mut bills = shown.training(&[2]).unwrap();
        bills.extend(shown.inference().unwrap());
        bills
    }

    #[test]
    fn a_bill_adds_up_and_says_what_it_is_of() {
        let bills = bills(Form::Sized);
        // Two placements, two readings, two sets; and inference by two sets.
        assert_eq!(bills.len(), 10);
        for bill in &bills {
            assert_eq!(bill.phases.len(), if bill.is_training { 12 } else { 4 });
            let by_phase: u64 = bill.phases.iter().flat_map(|(parts, _)| parts).sum();
            assert_eq!(
                (by_phase, bill.parts_fj().iter().sum::<u64>()),
                (bill.energy_fj(), bill.energy_fj())
            );
            assert!(bill.energy_fj() > 0 && bill.time_ps().iter().all(|&part| part > 0));
            assert_eq!(bill.faults, 0);
        }
        let visits = |idx: usize| bills[idx].count(Operation::LearningVisit);
        // Eight matrices, each synapse in each of twelve steps of four samples.
        let n_plastic = 3 * 20 * (bills_inputs() + 10) + 2 * 20 * 10;
        assert_eq!(visits(0), 12 * 4 * n_plastic);
        let touched = bills.iter().find(|bill| bill.is_training && !bill.all_visited).unwrap();
        assert!(touched.count(Operation::LearningVisit) < visits(0));
        // More cores, less time for the same visits.
        let spread = bills.iter().find(|bill| bill.spread == Some(2) && bill.all_visited).unwrap();
        assert!(spread.n_cores > bills[0].n_cores && spread.time_ps()[0] < bills[0].time_ps()[0]);
        assert_eq!(spread.count(Operation::LearningVisit), visits(0));
    }

    fn bills_inputs() -> u64 {
        digits::generate(digits::SEED, 1, 1).unwrap().train.n_inputs() as u64
    }
}
