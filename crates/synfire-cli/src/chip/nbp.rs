//! `synfire chip nbp`: what the circuits of this program would cost on the chip, per sample, beside what was
//! measured there.

use std::io::Write;
use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use synfire_train::synfire_circuit::{
    CircuitShape, INFERENCE_PERIOD, InferenceCircuit, LEARNING_PERIOD, LearningCircuit,
    PlasticWeights, Potentials,
};
use synfire_train::synfire_data::{Split, load, shuffle};
use synfire_train::synfire_loihi::PlainEngine;
use synfire_train::synfire_loihi::cost::{CostMeter, Estimate, Tally};
use synfire_train::synfire_net::{
    Engine, Fault, InputSchedule, LayerId, MAX_SYNAPSES, Network, Observer, StepError, Strictness,
};
use synfire_train::synfire_reference::{Shape, Variant, Weights, init};
use synfire_train::{RunError, WeightFile};

use super::check::{binding, placement_json};
use super::count;
use super::destination::{Destination, check_distinct};
use super::estimate::{energy, estimate_json, estimates, meter, time};
use super::file::read_bytes;
use super::options::NbpOptions;
use super::pace::Pace;
use super::picture::draw_cores;
use super::placed::{self, Placed};
use super::table::table;
use crate::{Status, Surroundings, UsageError};

/// Number of hidden neurons unless weights or an option say otherwise, as in the paper.
const HIDDEN: usize = 400;
/// Seed of weights and of samples that are not from a data set.
const SEED: u64 = 1;
/// Longest weight file, in bytes.
const LONGEST_WEIGHTS: u64 = 1 << 30;
/// Cores that are listed.
const MAX_CORES: usize = 5;

/// What was measured on a chip.
struct Measured {
    energy_fj: u128,
    time_ps: u128,
}

/// Renner and others, Nature Communications 15:9691 (2024), Table 1, for 400-400-10.
const MEASURED_SHAPE: [usize; 3] = [400, 400, 10];
const MEASURED_SOURCE: &str = "Renner et al. 2024, Table 1, 400-400-10";
const MEASURED_TRAINING: Measured = Measured { energy_fj: 590_000_000_000, time_ps: 1_500_000_000 };
const MEASURED_INFERENCE: Measured = Measured { energy_fj: 2_500_000_000, time_ps: 170_000_000 };

/// What the circuits are shown.
struct Samples {
    source: String,
    inputs: Vec<Vec<u32>>,
    targets: Vec<u32>,
    /// Layer sizes from input to output.
    sizes: [usize; 3],
    max_active: usize,
}

/// A circuit that has run.
struct Report {
    name: &'static str,
    /// Steps of a sample.
    period: u32,
    placed: Placed,
    n_faults: u64,
    estimates: Vec<Estimate>,
    measured: Measured,
}

pub(super) fn run(
    options: &NbpOptions,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
) -> Result<Status> {
    let by_hand = options.cost.placement.file();
    if let Some(path) = &options.picture {
        let inputs: Vec<_> = by_hand.into_iter().chain(options.weights.as_deref()).collect();
        check_distinct(&inputs, std::slice::from_ref(path))?;
    }
    let picture = options.picture.as_deref().map(Destination::open).transpose()?;
    let file = options.weights.as_ref().map(|path| {
        let bytes = read_bytes(path, LONGEST_WEIGHTS)?;
        WeightFile::parse(&bytes, Variant::Circuit.limits())
            .with_context(|| path.display().to_string())
    });
    let file = file.transpose()?;
    let stored = file.as_ref().and_then(|file| file.sizes().get(1).copied());
    let n_hidden = options.hidden.or(stored).unwrap_or(HIDDEN);
    let samples = Samples::new(options, n_hidden, surroundings)?;
    let shape = shape_of(samples.sizes)?;
    let weights = match file {
        None => init::he(&shape, SEED),
        Some(file) => {
            let path = options.weights.as_deref().unwrap_or("".as_ref());
            file.into_weights(&shape).with_context(|| path.display().to_string())?
        }
    };

    let reports = {
        let n = 2 * samples.inputs.len() as u64;
        let mut pace = Pace::new(surroundings.is_watched, n, "samples");
        [
            learning(options, &samples, &weights, &mut pace).context("learning circuit")?,
            inference(options, &samples, &weights, &mut pace).context("inference circuit")?,
        ]
    };
    if let Some(file) = picture {
        file.write(draw_cores(&reports[0].placed.placement)?.as_bytes())?;
    }
    if options.json {
        let circuits: Vec<Value> = reports.iter().map(Report::json).collect();
        let answer = json!({
            "layers": samples.sizes,
            "circuit": options.circuit.name(),
            "samples": samples.inputs.len(),
            "source": samples.source,
            "circuits": circuits,
        });
        writeln!(stdout, "{answer}")?;
    } else {
        let [n_inputs, n_hidden, n_outputs] = samples.sizes;
        writeln!(
            stdout,
            "{n_inputs}-{n_hidden}-{n_outputs}, {} circuits, {} of {}",
            options.circuit.name(),
            count(samples.inputs.len(), "sample"),
            samples.source
        )?;
        writeln!(
            stdout,
            "estimates are no measurements; on more cores than greedy placement takes, time is shorter"
        )?;
        for report in &reports {
            report.write(samples.sizes, stdout)?;
        }
    }
    Ok(Status::Success)
}

/// The shape of these layers, if a network can have as many weights.
fn shape_of(sizes: [usize; 3]) -> Result<Shape> {
    let shape = Shape::new(&sizes).map_err(RunError::from)?;
    let [n_inputs, n_hidden, n_outputs] = sizes;
    let found = n_hidden * (n_inputs + n_outputs);
    if found as u64 > MAX_SYNAPSES {
        let message = format!("number of weights is {found}, expected at most {MAX_SYNAPSES}");
        return Err(UsageError(message).into());
    }
    Ok(shape)
}

impl Samples {
    /// Of the data set if its sizes are those asked for, else drawn by a pinned seed.
    fn new(options: &NbpOptions, n_hidden: usize, surroundings: &Surroundings) -> Result<Samples> {
        let dirs = surroundings.search_path(options.source.data_dir.clone());
        let dataset = options.source.dataset();
        let Split { train, test } =
            load(&dataset, &dirs, &options.source.preparation()).map_err(RunError::from)?;
        let n_inputs = options.inputs.unwrap_or(train.n_inputs());
        let n_outputs = options.outputs.unwrap_or(train.n_classes());
        let sizes = [n_inputs, n_hidden, n_outputs];
        if (n_inputs, n_outputs) == (train.n_inputs(), train.n_classes()) {
            let n = options.samples;
            if n > train.len() {
                let available = train.len();
                let message =
                    format!("number of samples is {n}, expected 1 to {available} for {dataset}");
                return Err(UsageError(message).into());
            }
            return Ok(Samples {
                source: dataset.to_string(),
                inputs: (0..n).map(|idx| train.input(idx).to_vec()).collect(),
                targets: (0..n).map(|idx| u32::from(train.label(idx))).collect(),
                sizes,
                max_active: train.max_active().max(test.max_active()),
            });
        }
        shape_of(sizes)?;
        let max_active = n_inputs.div_ceil(4);
        let input = |idx: usize| {
            let mut input = shuffle(n_inputs, SEED, idx as u64);
            input.truncate(max_active);
            input.sort_unstable();
            input
        };
        let classes = (0..u32::try_from(n_outputs)?).cycle();
        Ok(Samples {
            source: format!("random inputs ({max_active} of {n_inputs} active)"),
            inputs: (0..options.samples).map(input).collect(),
            targets: classes.take(options.samples).collect(),
            sizes,
            max_active,
        })
    }

    fn circuit_shape(&self) -> Result<CircuitShape> {
        let [n_inputs, n_hidden, n_outputs] = self.sizes;
        let shape = CircuitShape::new(
            u32::try_from(n_inputs)?,
            u32::try_from(n_hidden)?,
            u32::try_from(n_outputs)?,
        );
        Ok(shape.with_max_active(u32::try_from(self.max_active)?))
    }
}

/// What is heard of a circuit: its cost and its faults.
struct Ears {
    meter: CostMeter,
    n_faults: u64,
}

impl Observer for Ears {
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        self.meter.spikes(step, layer, neurons);
    }

    fn fault(&mut self, _: &Fault) {
        self.n_faults += 1;
    }
}

impl Ears {
    /// The cost of the steps since the last time.
    fn take(&mut self, engine: &PlainEngine) -> Tally {
        self.meter.finish(engine.step());
        self.meter.take()
    }
}

fn learning(
    options: &NbpOptions,
    samples: &Samples,
    weights: &Weights,
    pace: &mut Pace,
) -> Result<Report> {
    let matrix = |matrices: &[synfire_train::synfire_reference::Matrix], idx: usize| {
        matrices.get(idx).map(|matrix| matrix.values().to_vec()).unwrap_or_default()
    };
    let plastic = PlasticWeights {
        w1: matrix(weights.forward(), 0),
        w2: matrix(weights.forward(), 1),
        feedback_plus: matrix(weights.feedback_plus(), 0),
        feedback_minus: matrix(weights.feedback_minus(), 0),
    };
    let circuit = LearningCircuit::new(samples.circuit_shape()?, options.circuit, &plastic)?;
    let placed = placed::of_network(circuit.network(), options.cost.placement.file())?;
    let mut potentials = Potentials::default();
    let mut schedule = InputSchedule::new();
    let mut next = (0..).zip(samples.inputs.iter().zip(&samples.targets));
    let (tally, n_faults) = measure(
        options,
        &placed,
        |engine, ears| circuit.start(engine, ears),
        |engine, ears| {
            let Some((idx, (input, target))) = next.next() else { return Ok(false) };
            schedule.clear();
            pace.look(idx);
            circuit.schedule_sample(idx, input, *target, &mut schedule);
            circuit.run_cycle(engine, &schedule, ears, &mut potentials)?;
            Ok(true)
        },
    )?;
    Ok(Report {
        name: "learning circuit",
        period: LEARNING_PERIOD,
        placed,
        n_faults,
        estimates: estimates(&tally),
        measured: MEASURED_TRAINING,
    })
}

fn inference(
    options: &NbpOptions,
    samples: &Samples,
    weights: &Weights,
    pace: &mut Pace,
) -> Result<Report> {
    let [w1, w2] = weights.forward() else { anyhow::bail!("expected two forward matrices") };
    let shape = samples.circuit_shape()?;
    let circuit = InferenceCircuit::new(shape, options.circuit, w1.values(), w2.values())?;
    let placed = placed::of_network(circuit.network(), None)?;
    let mut potentials = Potentials::default();
    let mut next = (samples.inputs.len() as u64..).zip(&samples.inputs);
    let (tally, n_faults) = measure(
        options,
        &placed,
        |engine, ears| circuit.start(engine, ears),
        |engine, ears| {
            let Some((idx, input)) = next.next() else { return Ok(false) };
            pace.look(idx);
            circuit.run_cycle(engine, input, ears, &mut potentials)?;
            Ok(true)
        },
    )?;
    Ok(Report {
        name: "inference circuit",
        period: INFERENCE_PERIOD,
        placed,
        n_faults,
        estimates: estimates(&tally),
        measured: MEASURED_INFERENCE,
    })
}

/// The cost of all samples, without the steps that start the ring, and the number of faults.
fn measure(
    options: &NbpOptions,
    placed: &Placed,
    start: impl FnOnce(&mut PlainEngine, &mut Ears) -> Result<(), StepError>,
    mut sample: impl FnMut(&mut PlainEngine, &mut Ears) -> Result<bool, StepError>,
) -> Result<(Tally, u64)> {
    let mut ears = Ears { meter: meter(placed, &options.cost)?, n_faults: 0 };
    let mut engine = PlainEngine::new(Arc::clone(&placed.program), Strictness::Report);
    start(&mut engine, &mut ears)?;
    ears.take(&engine);
    while sample(&mut engine, &mut ears)? {}
    Ok((ears.take(&engine), ears.n_faults))
}

impl Report {
    fn network(&self) -> &Network {
        self.placed.program.network()
    }

    fn write(&self, sizes: [usize; 3], stdout: &mut dyn Write) -> Result<()> {
        let placement = &self.placed.placement;
        let totals = placement.totals();
        let size = self.network().size();
        writeln!(
            stdout,
            "\n{}: {} neurons, {} sources, {} plastic and {} static synapses; {} faults",
            self.name,
            size.n_neurons,
            size.n_sources,
            size.n_plastic_synapses,
            size.n_static_synapses + size.n_input_synapses,
            self.n_faults
        )?;
        writeln!(
            stdout,
            "placed on {} of {}, {} synapse words; binds: {}",
            count(totals.n_cores, "core"),
            count(totals.n_chips, "chip"),
            totals.usage.synapse_words,
            binding(placement)
        )?;
        let period = u64::from(self.period);
        for estimate in &self.estimates {
            let name = estimate.set().name;
            writeln!(
                stdout,
                "\nestimate by {name}, per sample of {period} steps: {}, {}",
                energy(estimate.energy_fj_per(period)),
                time(estimate.time_ps_per(period))
            )?;
            writeln!(
                stdout,
                "estimate by {name}, static power, not in the energy above: {} per sample",
                energy(estimate.static_energy_fj_per(period))
            )?;
            writeln!(stdout, "estimate by {name}, learning visits: {}\n", estimate.visits())?;
            self.write_phases(estimate, stdout)?;
            self.write_cores(estimate, stdout)?;
        }
        let Measured { energy_fj, time_ps } = self.measured;
        let not_this = if sizes == MEASURED_SHAPE { "" } else { ", another shape" };
        writeln!(
            stdout,
            "\nmeasured on a chip, per sample: {}, {} ({MEASURED_SOURCE}{not_this})",
            energy(energy_fj),
            time(time_ps)
        )?;
        Ok(())
    }

    fn write_phases(&self, estimate: &Estimate, stdout: &mut dyn Write) -> Result<()> {
        let rows: Vec<Vec<String>> = estimate
            .phases()
            .iter()
            .enumerate()
            .map(|(phase, part)| {
                let n = u128::from(part.n_steps.max(1));
                let [energy_fj, time_ps] = [part.energy_fj / n, part.time.total_ps() / n];
                vec![phase.to_string(), energy(energy_fj), time(time_ps)]
            })
            .collect();
        let heading = ["phase", "estimated energy", "estimated time"];
        write!(stdout, "{}", table(&heading, &rows))?;
        Ok(())
    }

    /// The cores that take most energy.
    fn write_cores(&self, estimate: &Estimate, stdout: &mut dyn Write) -> Result<()> {
        let n_samples = u128::from((estimate.n_steps() / u64::from(self.period)).max(1));
        let mut cores: Vec<_> =
            estimate.cores().iter().zip(self.placed.placement.cores()).collect();
        cores.sort_by_key(|(core, _)| std::cmp::Reverse(core.energy_fj));
        let n_cores = cores.len();
        let rows: Vec<Vec<String>> = cores
            .into_iter()
            .take(MAX_CORES)
            .map(|(core, on_core)| {
                let layers = on_core.slices.iter().map(|slice| {
                    let name = &self.network().layer(slice.layer).name;
                    match slice.n {
                        1 => format!("{name} {}", slice.first),
                        n => format!("{name} {}-{}", slice.first, slice.first + n - 1),
                    }
                });
                vec![
                    core.core.to_string(),
                    energy(core.energy_fj / n_samples),
                    time(core.busy_ps / n_samples),
                    layers.collect::<Vec<_>>().join(", "),
                ]
            })
            .collect();
        let heading = ["core", "estimated energy", "estimated time at work", "neurons"];
        writeln!(stdout, "\nper sample, the most costly of {}", count(n_cores, "core"))?;
        write!(stdout, "{}", table(&heading, &rows))?;
        Ok(())
    }

    fn json(&self) -> Value {
        let size = self.network().size();
        let period = u64::from(self.period);
        let estimates: Vec<Value> =
            self.estimates.iter().map(|estimate| estimate_json(estimate, Some(period))).collect();
        let Measured { energy_fj, time_ps } = self.measured;
        json!({
            "name": self.name,
            "neurons": size.n_neurons,
            "sources": size.n_sources,
            "plastic_synapses": size.n_plastic_synapses,
            "static_synapses": size.n_static_synapses + size.n_input_synapses,
            "faults": self.n_faults,
            "steps_per_sample": period,
            "placement": placement_json(&self.placed.placement),
            "estimates": estimates,
            "measured": {
                "source": MEASURED_SOURCE,
                "energy_joules": super::estimate::joules(energy_fj),
                "time_seconds": super::estimate::seconds(time_ps),
            },
        })
    }
}
