//! The options of `synfire chip` and their help.

use std::path::{Path, PathBuf};

use clap::builder::{PathBufValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

/// A command on networks of one's own, and on the chip they would run on.
#[derive(Debug, Subcommand)]
pub(crate) enum ChipCommand {
    /// Check whether a network is valid, fits the chip's numbers and fits on its cores, and where
    ///
    /// Prints the layers and projections as the chip would hold them. A network that is refused is
    /// refused with everything that stands in the way, and the exit code is 1.
    Check(CheckOptions),
    /// Run a network, with spikes from a file, and write spikes, pictures and state
    ///
    /// Files of spikes have the heading step,layer,neuron, the layer by its name, steps from 1, neurons
    /// from 0. A run that is stopped, by a fault under --strict or by Ctrl-C, keeps what it has so far.
    /// Exit codes: 0, 1 for faults or a run that was stopped or refused, 2 for usage.
    #[command(after_long_help = RUN_EXAMPLES)]
    Run(RunOptions),
}

const RUN_EXAMPLES: &str = "\
Probes:
  LAYER.u  LAYER.v     currents and voltages of the neurons, in units of charge
  PROJECTION.w         weights, of projections that learn
  PROJECTION.d  .t     delays and tags, where a rule changes them; engine loihi
  PROJECTION.x1  .x2   presynaptic traces, by source; engine loihi
  PROJECTION.y1 to .y3 postsynaptic traces, by target; engine loihi
  PROJECTION.r1        trace of the reward; engine loihi
  Each is written to DIR/NAME.csv, from step 0, the state before the first step: up to 1000 values in
  columns n0, n1, ... (neurons) or s0, s1, ... (synapses in the order of source, then target, or of their
  list); more in rows step,neuron,value or step,synapse,value, of which only those that have changed since
  the sample before are written. DIR/NAME.svg shows the first 16 values over the steps.

Examples:
  synfire chip run net.toml --steps 1000 --input spikes.csv --spikes out.csv
  synfire chip run net.toml --steps 1000 --probe 'hidden.v,input to hidden.w' --sample-every 10 --out state
  synfire chip run net.toml --steps 1000 --spikes out.csv --layers hidden --raster out.svg";

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

#[derive(Args, Clone, Debug)]
pub(crate) struct CheckOptions {
    /// The network, in its TOML form
    #[arg(value_name = "NET.toml")]
    pub(crate) net: PathBuf,
    /// Draw the cores in use and what is on them
    #[arg(long, value_name = "CORES.svg")]
    pub(crate) picture: Option<PathBuf>,
    /// Where layers are to be on the chip: greedy, or a file that says so for some or all of them
    ///
    /// A file holds tables such as [[population]] with layer = "hidden", chip = 0, cores = [2, 3] or
    /// core_range = [2, 3], and accumulators = 16; chip and accumulators may be left out. Layers that it
    /// does not name are placed on other cores.
    #[arg(long, value_name = "P.toml", value_parser = placement(), default_value = "greedy")]
    pub(crate) placement: PlacementKind,
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
