//! The options of `synfire chip` and their help.

use std::path::{Path, PathBuf};

use clap::builder::{PathBufValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use synfire_train::synfire_circuit::Form;
use synfire_train::synfire_loihi::cost::{ConstantSet, DAVIES_2018, LearningVisits, SANA_FE};

use crate::examples;
use crate::options::{DataOptions, form};

/// A command on networks of one's own, and on the chip they would run on.
#[derive(Debug, Subcommand)]
pub(crate) enum ChipCommand {
    /// Check whether a network is valid, fits the chip's numbers and fits on its cores, and where
    ///
    /// Prints the layers and projections as the chip would hold them. A network that is refused is
    /// refused with everything that stands in the way, and the exit code is 1. Energy and time of a step are
    /// estimates by published constants.
    #[command(after_long_help = format!("{NETWORK_FORM}\n\n{}", examples::CHIP_CHECK))]
    Check(CheckOptions),
    /// Run a network, with spikes from a file, and write spikes, pictures and state
    ///
    /// For the form of a network see synfire chip --help.
    /// Files of spikes have the heading step,layer,neuron, the layer by its name, steps from 1, neurons
    /// from 0. A run that is stopped, by a fault under --strict or by Ctrl-C, keeps what it has so far.
    /// Exit codes: 0, 1 for faults or a run that was stopped or refused, 2 for usage.
    #[command(after_long_help = format!("{PROBES}\n\n{}", examples::CHIP_RUN))]
    Run(RunOptions),
    /// Estimate what a sample would cost the backpropagation circuits on the chip
    ///
    /// Builds the learning circuit and the inference circuit, places both, runs samples of a data set on the
    /// model of the chip and counts every operation. Energy and time are estimates by published constants;
    /// beside them stands what was measured on a chip. A file of --placement is about the learning circuit;
    /// the inference circuit is placed greedily.
    #[command(after_long_help = examples::CHIP_NBP)]
    Nbp(NbpOptions),
}

/// The form of a network, for whoever has none yet.
pub(crate) const NETWORK_FORM: &str = r#"A network is a TOML file:
  name = "relay"

  [[layer]]              # without a neuron: sources, which the input drives
  name = "input"
  size = 2

  [[layer]]
  name = "relay"
  size = 2

  [layer.neuron]
  current_decay = 4096
  voltage_decay = 4096
  threshold = 6400
  bias = 0
  refractory = 2

  [[projection]]
  name = "input to relay"
  from = "input"
  to = "relay"
  pattern = "one-to-one" # or all-to-all, one-to-all, list
  weight = 200           # or weights = [..],
                         # or synapses = [[source, target, weight, delay], ..]
  delay = 3

  [projection.learning]  # where the weights learn
  rule = "2^-2*x1*y0 - 2^-2*y1*x0"
  min = 0
  max = 255
  step = 1
  x1 = { impulse = 64, tau = 4 }
  y1 = { impulse = 64, tau = 4 }

A weight carries 64 units of charge; decays are in 1/4096 per step; a neuron
spikes above its threshold. Further keys: of a layer phases; of a neuron
voltage_floor, voltage_ceiling and noise = { target, exponent,
mantissa_offset }; of a projection gain; of learning delay_rule, tag_rule,
period, x2, y2, y3, reward = { source, impulse } and phases; of the network
gating = { period, chain }. docs/examples has five networks."#;

const PROBES: &str = "\
Probes:
  LAYER.u  LAYER.v     currents and voltages of the neurons, in units of charge
  PROJECTION.w         weights, of projections that learn
  PROJECTION.d  .t     delays and tags, where a rule changes them; engine loihi
  PROJECTION.x1  .x2   presynaptic traces, by source; engine loihi
  PROJECTION.y1 to .y3 postsynaptic traces, by target; engine loihi
  PROJECTION.r1        trace of the reward; engine loihi
Each is written to DIR/NAME.csv, from step 0, the state before the first step:
up to 1000 values in columns n0, n1, ... (neurons) or s0, s1, ... (synapses in
the order of source, then target, or of their list); more in rows
step,neuron,value or step,synapse,value, of which only those that have changed
since the sample before are written. DIR/NAME.svg shows the first 16 values
over the steps.";

/// What can run a network of one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MachineKind {
    Lif,
    Loihi,
}

impl MachineKind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            MachineKind::Lif => "lif",
            MachineKind::Loihi => "loihi",
        }
    }
}

fn machine() -> impl TypedValueParser<Value = MachineKind> {
    PossibleValuesParser::new(["loihi", "lif"])
        .map(|name| if name == "lif" { MachineKind::Lif } else { MachineKind::Loihi })
}

/// How neurons are put on cores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PlacementKind {
    Greedy,
    File(PathBuf),
}

impl PlacementKind {
    /// The file with the populations that are placed by hand.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            PlacementKind::Greedy => None,
            PlacementKind::File(path) => Some(path),
        }
    }
}

fn placement() -> impl TypedValueParser<Value = PlacementKind> {
    PathBufValueParser::new().map(|path| {
        if path.as_os_str() == "greedy" { PlacementKind::Greedy } else { PlacementKind::File(path) }
    })
}

fn constants() -> impl TypedValueParser<Value = ConstantSet> {
    PossibleValuesParser::new(["davies", "sana-fe"])
        .map(|name| if name == "sana-fe" { SANA_FE } else { DAVIES_2018 })
}

fn visits() -> impl TypedValueParser<Value = LearningVisits> {
    PossibleValuesParser::new(["all", "touched"])
        .map(|name| if name == "all" { LearningVisits::All } else { LearningVisits::Touched })
}

/// Where the network is on the chip, and what its operations cost there.
#[derive(Args, Clone, Debug)]
pub(crate) struct CostOptions {
    /// Where layers are on the chip: greedy, or a file that says so for some or all of them
    ///
    /// A file holds tables such as [[population]] with layer = "hidden", chip = 0, cores = [2, 3] or
    /// core_range = [2, 3], and accumulators = 16; chip and accumulators may be left out. Layers that it
    /// does not name are placed on other cores.
    #[arg(long, value_name = "P.toml", value_parser = placement(), default_value = "greedy")]
    pub(crate) placement: PlacementKind,
    /// Constants by which energy and time are estimated; both with a comma between
    ///
    /// davies: Davies and others, 2018, from simulations of the circuit at 0.75 V, what they do not state
    /// borrowed from the other set; sana-fe: the calibration of the simulator SANA-FE.
    #[arg(long, value_name = "SETS", value_parser = constants(), value_delimiter = ',', default_value = "davies")]
    pub(crate) constants: Vec<ConstantSet>,
    /// Synapses that learning looks at in estimates: all plastic ones at the end of every learning period,
    /// or those that a rule can reach
    #[arg(long, value_name = "WHICH", value_parser = visits(), default_value = "all")]
    pub(crate) learning_visits: LearningVisits,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct CheckOptions {
    /// The network, in its TOML form
    #[arg(value_name = "NET.toml")]
    pub(crate) net: PathBuf,
    /// Draw the cores in use and what is on them
    #[arg(long, value_name = "CORES.svg")]
    pub(crate) picture: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) cost: CostOptions,
    /// Print one JSON object instead of text, also of a network that is refused
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct RunOptions {
    /// The network, in its TOML form
    #[arg(value_name = "NET.toml")]
    pub(crate) net: PathBuf,
    /// Number of steps, 1 to 4294967295
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) steps: u32,
    /// Spikes of sources: a CSV file with the heading step,layer,neuron
    ///
    /// Rows may come in any order. A spike that is there twice, one after the last step and one of a
    /// layer that is no source are errors.
    #[arg(long, value_name = "IN.csv")]
    pub(crate) input: Option<PathBuf>,
    /// Write the spikes of all layers, sources too, in the form in which --input reads them
    #[arg(long, value_name = "OUT.csv")]
    pub(crate) spikes: Option<PathBuf>,
    /// Draw the spikes of all layers over the steps
    ///
    /// A picture has at most 1000 layers and 20,000,000 spikes; one that is full ends with the step before.
    #[arg(long, value_name = "OUT.svg")]
    pub(crate) raster: Option<PathBuf>,
    /// Only these layers in --spikes and --raster, with commas between
    #[arg(long, value_name = "LAYERS")]
    pub(crate) layers: Vec<String>,
    /// What is probed, with commas between: a table and a picture each; --help lists what there is
    #[arg(long, value_name = "NAMES", requires = "out")]
    pub(crate) probe: Vec<String>,
    /// Folder for the tables and pictures of the probes
    #[arg(long, value_name = "DIR", requires = "probe")]
    pub(crate) out: Option<PathBuf>,
    /// Probe after every K-th step only
    #[arg(
        long,
        visible_alias = "every",
        value_name = "K",
        default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..),
        requires = "probe"
    )]
    pub(crate) sample_every: u32,
    /// What runs the network: the model of the chip, or ideal integer neurons
    ///
    /// Engine lif runs networks that the chip cannot hold, but knows no noise, traces, tags, learned
    /// delays or learning periods.
    #[arg(long, value_parser = machine(), default_value = "loihi")]
    pub(crate) engine: MachineKind,
    /// Seed of all chance on the chip: noise, and the rounding of traces and of what is learned
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) cost: CostOptions,
    /// Stop at the first fault
    ///
    /// Without it faults are counted, the first ones printed, and the run goes on as the chip would; the
    /// exit code is 1 in both cases. A fault is a register that overflows, a spike in a phase in which its
    /// layer may not spike, or learning in a phase in which its projection may not learn.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct NbpOptions {
    /// Number of inputs [default: that of the data set]
    ///
    /// If inputs or outputs differ from the data set, the samples are random: a quarter of the inputs is
    /// active, drawn by a fixed seed.
    #[arg(long, value_name = "N")]
    pub(crate) inputs: Option<usize>,
    /// Number of hidden neurons [default: that of the weights, or 400]
    #[arg(long, value_name = "N")]
    pub(crate) hidden: Option<usize>,
    /// Number of outputs [default: that of the data set]
    #[arg(long, value_name = "N")]
    pub(crate) outputs: Option<usize>,
    /// Form of the circuits: sized for the weights and inputs, or as published
    #[arg(long, value_parser = form(), default_value = "sized")]
    pub(crate) circuit: Form,
    #[command(flatten)]
    pub(crate) source: DataOptions,
    /// Number of samples, the first ones of the training set
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = one_or_more)]
    pub(crate) samples: usize,
    /// Weight file: arrays w1 and w2 and, if there, w2Tp and w2Tm [default: weights of a fixed seed]
    #[arg(long, value_name = "W.npz")]
    pub(crate) weights: Option<PathBuf>,
    /// Draw the cores of the learning circuit and what is on them
    #[arg(long, value_name = "CORES.svg")]
    pub(crate) picture: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) cost: CostOptions,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

fn one_or_more(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("0 is not in 1..".to_owned()),
        Ok(number) => Ok(number),
        Err(_) => Err("expected an integer, 1 or more".to_owned()),
    }
}
