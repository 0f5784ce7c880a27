//! `synfire chip run`: a network, spikes into it, and everything that comes out.
//!
//! 1. Network, input and probes are read and checked, and every output is opened, before the first step.
//! 2. The engine runs a number of steps at a time, up to the next sample of the probes at most.
//! 3. Whatever ends the run, all steps, a fault, an interrupt or a full disk, the files that can still be
//!    finished are, and the summary says how far it got.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::json;
use synfire_train::OutputDir;
use synfire_train::synfire_loihi::cost::{CostMeter, Estimate};
use synfire_train::synfire_net::{
    Fault, InputSchedule, LayerId, Network, Observer, Operations, StepError, Strictness,
};

use super::destination::{Destination, check_distinct};
use super::estimate::{estimate_json, estimates};
use super::machine::Machine;
use super::options::RunOptions;
use super::pace::Pace;
use super::picture::{RasterSheet, draw_probe};
use super::probe::{self, Probe, Recorder, split};
use super::spikes::{SpikesFile, one_of, read_input};
use super::table::table;
use super::{estimate, file, placed};
use crate::{Status, Surroundings, UsageError, interrupt};

/// Faults that are printed one by one.
const MAX_FAULTS: usize = 10;

/// What is heard of a run.
#[derive(Default)]
struct Tally {
    /// Spikes of each layer.
    n_spikes: Vec<u64>,
    /// Faults of each layer.
    n_faults: Vec<u64>,
    first_faults: Vec<Fault>,
}

impl Observer for Tally {
    fn spikes(&mut self, _: u64, layer: LayerId, neurons: &[u32]) {
        self.n_spikes[layer.index()] += neurons.len() as u64;
    }

    fn fault(&mut self, fault: &Fault) {
        self.n_faults[fault.layer.index()] += 1;
        if self.first_faults.len() < MAX_FAULTS {
            self.first_faults.push(*fault);
        }
    }
}

/// All that hear the spikes.
struct Ears<'a> {
    tally: Tally,
    spikes: Option<SpikesFile<'a>>,
    raster: Option<RasterSheet>,
    meter: Option<CostMeter>,
}

impl Observer for Ears<'_> {
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        self.tally.spikes(step, layer, neurons);
        if let Some(file) = &mut self.spikes {
            file.spikes(step, layer, neurons);
        }
        if let Some(sheet) = &mut self.raster {
            sheet.spikes(step, layer, neurons);
        }
        if let Some(meter) = &mut self.meter {
            meter.spikes(step, layer, neurons);
        }
    }

    fn fault(&mut self, fault: &Fault) {
        self.tally.fault(fault);
    }
}

/// How a run came to its end.
enum End {
    /// All steps were run.
    Complete,
    /// The engine stopped, at a fault that is among those heard.
    Fault(StepError),
    /// Somebody interrupted it.
    Interrupted,
    /// Results could not be written.
    Broken(anyhow::Error),
}

/// A run that is over.
struct Outcome<'a> {
    network: &'a Network,
    options: &'a RunOptions,
    /// Steps that were run; the last one may be incomplete.
    steps: u64,
    end: End,
    tally: Tally,
    operations: Operations,
    written: Vec<PathBuf>,
    notes: Vec<String>,
    estimates: Vec<Estimate>,
}

pub(super) fn run(
    options: &RunOptions,
    surroundings: &Surroundings,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Status> {
    let network = Arc::new(file::read_network(&options.net)?);
    let input = match &options.input {
        Some(path) => read_input(path, &network, options.steps)?,
        None => InputSchedule::new(),
    };
    let strictness = if options.strict { Strictness::Strict } else { Strictness::Report };
    let machine = Machine::new(options.engine, Arc::clone(&network), strictness, options.seed);
    let mut machine = machine.with_context(|| options.net.display().to_string())?;
    let mut notes = Vec::new();
    let meter = meter(options, &machine, &mut notes)?;
    let probes = probe::resolve(&options.probe, &machine)?;
    let layers = layers_named(&options.layers, &network)?;
    let raster =
        options.raster.as_ref().map(|_| RasterSheet::new(&network, &layers)).transpose()?;

    check_paths(options, &probes)?;
    let spikes = options.spikes.as_ref().map(|path| {
        let file = Destination::open(path)?.create()?;
        SpikesFile::new(&network, &layers, file)
    });
    let mut ears = Ears { tally: Tally::new(&network), spikes: spikes.transpose()?, raster, meter };
    let raster_file = options.raster.as_deref().map(Destination::open).transpose()?;
    let dir = options.out.as_deref().map(OutputDir::open).transpose()?;
    let mut recorders = Vec::new();
    for (probe, dir) in probes.into_iter().zip(dir.iter().cycle()) {
        recorders.push(Recorder::new(probe, dir, &machine)?);
    }

    if surroundings.takes_interrupts {
        interrupt::listen();
    }
    let mut end = {
        let mut pace = Pace::new(surroundings.is_watched, options.steps.into(), "steps");
        advance(options, &mut machine, &input, &mut ears, &mut recorders, &mut pace)
    };
    let steps = machine.engine().step();
    // A step in which the engine stopped is not over.
    let whole_steps = if matches!(end, End::Fault(_)) { steps.saturating_sub(1) } else { steps };
    let mut written = Vec::new();
    let mut keep = |path: PathBuf, finished: Result<()>| match finished {
        Ok(()) => written.push(path),
        // The first trouble is what is told.
        Err(error) if !matches!(end, End::Broken(_)) => end = End::Broken(error),
        Err(_) => {}
    };
    if let (Some(path), Some(file)) = (&options.spikes, ears.spikes) {
        keep(path.clone(), file.finish());
    }
    if let (Some(path), Some(file), Some(sheet)) = (&options.raster, raster_file, ears.raster) {
        let drawn = sheet.draw(steps).and_then(|(svg, shown)| {
            notes.extend(shown.map(|last| format!("the raster is full and ends with step {last}")));
            Ok(file.write(svg.as_bytes())?)
        });
        keep(path.clone(), drawn);
    }
    for (recorder, dir) in recorders.into_iter().zip(dir.iter().cycle()) {
        let [table, picture] = files_of(&recorder.probe);
        let finished = recorder.finish();
        let drawn = finished.map(|(probe, sampled)| draw_probe(&probe, &sampled, &network, steps));
        match drawn {
            Err(error) => keep(dir.path(&table), Err(error)),
            Ok(drawn) => {
                keep(dir.path(&table), Ok(()));
                let finished = drawn.and_then(|svg| Ok(dir.write(&picture, svg.as_bytes())?));
                keep(dir.path(&picture), finished);
            }
        }
    }
    let outcome = Outcome {
        network: &network,
        options,
        steps,
        end,
        tally: ears.tally,
        operations: machine.engine().operations(),
        written,
        notes,
        estimates: ears.meter.map_or(Vec::new(), |mut meter| {
            meter.finish(whole_steps);
            estimates(meter.tally())
        }),
    };
    outcome.tell(stdout, stderr)
}

/// What counts the cost of a run on the chip. A network that does not find a place of itself runs without.
fn meter(
    options: &RunOptions,
    machine: &Machine,
    notes: &mut Vec<String>,
) -> Result<Option<CostMeter>> {
    let Machine::Loihi(engine) = machine else { return Ok(None) };
    let by_hand = options.cost.placement.file();
    match placed::of_program(engine.program(), by_hand) {
        Ok(placed) => Ok(Some(estimate::meter(&placed, &options.cost)?)),
        Err(error) if by_hand.is_none() => {
            notes.push(format!("no estimate of energy and time: placement {error:#}"));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The layers of these names, or all.
fn layers_named(words: &[String], network: &Network) -> Result<Vec<LayerId>, UsageError> {
    if words.is_empty() {
        return Ok(network.layer_ids().collect());
    }
    let names =
        words.iter().flat_map(|list| split(list, |name| network.find_layer(name).is_some()));
    let find = |name: String| {
        network.find_layer(&name).ok_or_else(|| {
            let known: Vec<&str> =
                network.layers().iter().map(|layer| layer.name.as_str()).collect();
            let found = name.escape_debug();
            UsageError(format!("layer of --layers is `{found}`, expected {}", one_of(&known)))
        })
    };
    names.map(find).collect()
}

/// Table and picture of a probe.
fn files_of(probe: &Probe) -> [String; 2] {
    ["csv", "svg"].map(|ending| format!("{}.{ending}", probe.stem))
}

/// No output may replace another, or what is read.
fn check_paths(options: &RunOptions, probes: &[Probe]) -> Result<(), UsageError> {
    let inputs: Vec<&Path> =
        std::iter::once(&options.net).chain(&options.input).map(PathBuf::as_path).collect();
    let of_probes = options.out.iter().flat_map(|dir| {
        probes.iter().flat_map(files_of).map(|name| dir.join(name)).collect::<Vec<_>>()
    });
    let named = options.spikes.iter().chain(&options.raster).cloned();
    let outputs: Vec<PathBuf> = named.chain(of_probes).collect();
    check_distinct(&inputs, &outputs)
}

/// Runs all steps, unless something is in the way.
fn advance(
    options: &RunOptions,
    machine: &mut Machine,
    input: &InputSchedule,
    ears: &mut Ears<'_>,
    recorders: &mut [Recorder],
    pace: &mut Pace,
) -> End {
    let mut done = 0;
    while done < options.steps {
        if interrupt::is_noted() {
            return End::Interrupted;
        }
        let mut chunk = pace.chunk().min(options.steps - done);
        if !recorders.is_empty() {
            chunk = chunk.min(options.sample_every - done % options.sample_every);
        }
        if let Err(error) = machine.engine_mut().advance(chunk, input, ears) {
            return End::Fault(error);
        }
        done += chunk;
        if let Some(Err(error)) = ears.spikes.as_mut().map(SpikesFile::check) {
            return End::Broken(error);
        }
        if done % options.sample_every == 0 {
            for recorder in &mut *recorders {
                if let Err(error) = recorder.sample(u64::from(done), machine) {
                    return End::Broken(error);
                }
            }
        }
        pace.look(done.into());
    }
    End::Complete
}

impl Tally {
    fn new(network: &Network) -> Tally {
        let zeros = vec![0; network.layers().len()];
        Tally { n_spikes: zeros.clone(), n_faults: zeros, first_faults: Vec::new() }
    }

    fn n_faults(&self) -> u64 {
        self.n_faults.iter().sum()
    }
}

impl Outcome<'_> {
    fn tell(self, stdout: &mut dyn Write, stderr: &mut dyn Write) -> Result<Status> {
        let n_faults = self.tally.n_faults();
        for fault in &self.tally.first_faults {
            writeln!(stderr, "fault: {}", fault.describe(self.network))?;
        }
        if let Some(rest) = n_faults.checked_sub(MAX_FAULTS as u64).filter(|&rest| rest > 0) {
            writeln!(stderr, "and {rest} more faults")?;
        }
        for note in &self.notes {
            writeln!(stderr, "note: {note}")?;
        }
        if self.options.json {
            writeln!(stdout, "{}", self.json())?;
        } else {
            self.write_text(stdout)?;
        }
        let asked = self.options.steps;
        match self.end {
            End::Complete if n_faults == 0 => return Ok(Status::Success),
            End::Complete => {}
            End::Fault(error) => {
                writeln!(stderr, "error: stopped in step {} of {asked}: {error}", self.steps)?;
            }
            End::Interrupted => {
                writeln!(stderr, "error: interrupted after step {} of {asked}", self.steps)?;
            }
            End::Broken(error) => return Err(error),
        }
        Ok(Status::Failure)
    }

    /// How far it got, if not to the end.
    const fn stopped_by(&self) -> Option<&'static str> {
        match self.end {
            End::Complete => None,
            End::Fault(_) => Some("fault"),
            End::Interrupted => Some("interrupt"),
            End::Broken(_) => Some("output"),
        }
    }

    fn write_text(&self, stdout: &mut dyn Write) -> Result<()> {
        let Outcome { network, options, steps, tally, operations, .. } = self;
        let of_all = match self.stopped_by() {
            None => String::new(),
            Some(cause) => format!(" of {} (stopped by {cause})", options.steps),
        };
        let engine = options.engine.name();
        writeln!(stdout, "{}: engine {engine}, {steps} steps{of_all}\n", network.name())?;
        let rows: Vec<_> = network
            .layers()
            .iter()
            .zip(&tally.n_spikes)
            .zip(&tally.n_faults)
            .map(|((layer, n_spikes), n_faults)| {
                let kind = if layer.is_source() { "sources" } else { "neurons" };
                let numbers = [u64::from(layer.n_neurons), *n_spikes, *n_faults];
                let numbers = numbers.map(|number| number.to_string());
                [layer.name.clone(), kind.to_owned()].into_iter().chain(numbers).collect()
            })
            .collect();
        write!(stdout, "{}", table(&["layer", "kind", "size", "spikes", "faults"], &rows))?;
        let Operations {
            static_deliveries,
            input_deliveries,
            plastic_deliveries,
            plastic_updates,
            spikes,
            ..
        } = operations;
        writeln!(
            stdout,
            "\noperations: {spikes} spikes of neurons; weights delivered: {input_deliveries} from \
             sources, {static_deliveries} between neurons, {plastic_deliveries} that learn; \
             {plastic_updates} changes of weights"
        )?;
        for estimate in &self.estimates {
            writeln!(stdout, "\n{estimate}")?;
        }
        if !self.written.is_empty() {
            let paths: Vec<_> =
                self.written.iter().map(|path| path.display().to_string()).collect();
            writeln!(stdout, "\nwrote {}", paths.join(", "))?;
        }
        Ok(())
    }

    fn json(&self) -> serde_json::Value {
        let Outcome { network, options, steps, tally, operations, written, .. } = self;
        let layers: Vec<_> = network
            .layers()
            .iter()
            .zip(&tally.n_spikes)
            .zip(&tally.n_faults)
            .map(|((layer, n_spikes), n_faults)| {
                json!({
                    "name": layer.name,
                    "is_source": layer.is_source(),
                    "size": layer.n_neurons,
                    "spikes": n_spikes,
                    "faults": n_faults,
                })
            })
            .collect();
        let first: Vec<_> =
            tally.first_faults.iter().map(|fault| fault.describe(network)).collect();
        let estimates: Vec<_> =
            self.estimates.iter().map(|estimate| estimate_json(estimate, None)).collect();
        json!({
            "network": network.name(),
            "engine": options.engine.name(),
            "seed": options.seed,
            "steps": steps,
            "steps_asked": options.steps,
            "stopped_by": self.stopped_by(),
            "layers": layers,
            "faults": tally.n_faults(),
            "first_faults": first,
            "operations": {
                "spikes": operations.spikes,
                "input_deliveries": operations.input_deliveries,
                "static_deliveries": operations.static_deliveries,
                "plastic_deliveries": operations.plastic_deliveries,
                "plastic_updates": operations.plastic_updates,
            },
            "estimates": estimates,
            "written": written,
        })
    }
}
