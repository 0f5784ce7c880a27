//! The options, their help, and what they mean for the library.

use std::ffi::OsStr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use synfire_train::synfire_circuit::Form;
use synfire_train::synfire_data::{Preparation, Source};
use synfire_train::synfire_reference::Variant;
use synfire_train::{
    Choices, Config, EngineKind, EvalConfig, Minutes, Order, Seeds, SeedsError, Which, read_choices,
};

use crate::bundle::BundleOptions;
use crate::chip::{ChipCommand, NETWORK_FORM};
use crate::compare_spikes::{self, CompareSpikesOptions};
use crate::dataset::DataCommand;
use crate::examples;
use crate::export::{self, ExportOptions};
use crate::import::{self, ImportOptions};
use crate::raster::{self, RasterOptions};
use crate::report::ReportOptions;
use crate::sweep::SweepCommand;

/// Train and evaluate on-chip backpropagation, spike by spike.
#[derive(Debug, Parser)]
#[command(name = "synfire", version, max_term_width = 100, after_long_help = examples::SYNFIRE)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train a network and compare its updates with the reference while it learns
    ///
    /// Without options: the digits set on the chip model, spike by spike, every update compared.
    /// Writes weights.npz, metrics.csv and run.toml; with --seeds, these for each seed, and seeds.csv.
    #[command(after_long_help = examples::TRAIN)]
    Train(TrainOptions),
    /// Evaluate a weight file on the test samples of a data set
    #[command(after_long_help = examples::EVAL)]
    Eval(EvalOptions),
    /// Draw samples in the learning circuit, spike by spike and phase by phase
    ///
    /// Without options: two training digits in the circuit with initial weights. The samples are learned one
    /// after another; what they change is thrown away.
    #[command(after_long_help = raster::EXAMPLES)]
    Raster(RasterOptions),
    /// Run many trials that differ in any option, on one machine or on many, and merge what came out
    #[command(subcommand, after_long_help = examples::SWEEP)]
    Sweep(SweepCommand),
    /// Write one page of HTML that shows a run, or several side by side
    ///
    /// Curves with the paper's values, confusions, misread samples, spikes, weights, exactness, estimated cost. The
    /// page needs no network; equal folders give equal pages.
    #[command(after_long_help = examples::REPORT)]
    Report(ReportOptions),
    /// Write the circuit of a run as a benchmark for hardware and emulators; check one; compare with one
    ///
    /// A folder of cases, each with compartments, synapses, stimulus, golden spikes and weights as plain tables: the
    /// first samples of the run, trained weights, inference, and small hard cases. Equal runs give equal bundles.
    #[command(after_long_help = examples::BUNDLE)]
    Bundle(BundleOptions),
    /// Prove that no population of a learning circuit can spike outside its phases, or say what lacks
    #[command(after_long_help = examples::MARGIN)]
    Margin(MarginOptions),
    /// Write the weights of a run for another program: npz, safetensors, NIR
    #[command(after_long_help = export::EXAMPLES)]
    Export(ExportOptions),
    /// Read the weights of another program: npz as LANL's code and NumPy write it, safetensors
    #[command(after_long_help = import::EXAMPLES)]
    Import(ImportOptions),
    /// Hold the spikes of a chip on record against the circuit here, and name the first difference
    #[command(after_long_help = compare_spikes::EXAMPLES)]
    CompareSpikes(CompareSpikesOptions),
    /// Download known data sets, and look at any
    #[command(subcommand, after_long_help = examples::DATA)]
    Data(DataCommand),
    /// Check and run networks of your own on the model of the chip
    #[command(subcommand, after_long_help = NETWORK_FORM)]
    Chip(ChipCommand),
    /// Print a script that completes commands and options in a shell
    #[command(after_long_help = examples::COMPLETIONS)]
    Completions(CompletionsOptions),
    /// Print a manual page, or write all of them into a folder
    #[command(after_long_help = examples::MAN)]
    Man(ManOptions),
}

/// A parser for one of a few names.
pub(crate) fn one_of<T>(names: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(names).try_map(|name| name.parse::<T>())
}

/// A parser for a form of the circuit, whose own error is a text.
pub(crate) fn form() -> impl TypedValueParser<Value = Form> {
    PossibleValuesParser::new(["sized", "published"])
        .map(|name| if name == "published" { Form::Published } else { Form::Sized })
}

/// The sets with a name of their own.
const KNOWN_DATASETS: [&str; 3] = ["digits", "mnist", "fashion-mnist"];

/// A parser for a data set: one of a few names, or the place of files of the user's own.
#[derive(Clone)]
pub(crate) struct SourceParser;

impl TypedValueParser for SourceParser {
    type Value = Source;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Source, clap::Error> {
        let parse = |text: &str| text.parse::<Source>();
        TypedValueParser::parse_ref(&parse, command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let idx = "IDX files in DIR, any image size and number of classes; also idx:DIR/PREFIX";
        let known = KNOWN_DATASETS.map(PossibleValue::new);
        let own = [
            PossibleValue::new("idx:DIR").help(idx),
            PossibleValue::new("npy:DIR")
                .help("NumPy arrays x_train, y_train, x_test, y_test in DIR; also npy:FILE.npz"),
        ];
        Some(Box::new(known.into_iter().chain(own)))
    }
}

pub(crate) const ENGINES: &[&str] = &["reference", "lif", "loihi", "fast"];

#[derive(Args, Clone, Debug)]
pub(crate) struct DataOptions {
    /// Data set; digits is made by the program, the others are read from files [default: digits]
    #[arg(long, value_parser = SourceParser)]
    dataset: Option<Source>,
    /// Folder that holds mnist/ or fashion-mnist/, searched before $SYNFIRE_DATA_DIR and the cache folder
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Pixels cut off on each side [default: 4 for mnist, otherwise 0]
    #[arg(long, value_name = "N")]
    pub(crate) crop: Option<usize>,
    /// Smallest grey value that counts as 1, 1 to 255 [default: 129]
    #[arg(long, value_name = "P")]
    pub(crate) threshold: Option<u8>,
}

impl DataOptions {
    /// Puts what was chosen here into the choices of a run.
    pub(crate) fn choose(&self, choices: &mut Choices) {
        let DataOptions { dataset, data_dir, crop, threshold } = self.clone();
        *choices = Choices { dataset, data_dir, crop, threshold, ..std::mem::take(choices) };
    }

    /// Whether a data set was named.
    pub(crate) const fn is_chosen(&self) -> bool {
        self.dataset.is_some()
    }

    pub(crate) fn dataset(&self) -> Source {
        self.dataset.clone().unwrap_or(Config::DATASET)
    }

    pub(crate) fn preparation(&self) -> Preparation {
        let Preparation { crop, threshold } = Preparation::of(&self.dataset());
        Preparation {
            crop: self.crop.unwrap_or(crop),
            threshold: self.threshold.unwrap_or(threshold),
        }
    }
}

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct EngineOptions {
    /// What executes the network [default: fast]
    ///
    /// reference: the integer reference, without spikes; lif: ideal integer neurons; loihi: the model of the
    /// chip, step by step; fast: the same model, the same spikes, much faster.
    #[arg(long, value_parser = one_of::<EngineKind>(ENGINES))]
    engine: Option<EngineKind>,
    /// Form of the circuit: sized for the weights and inputs, or as published [default: sized]
    #[arg(long, value_parser = form())]
    circuit: Option<Form>,
}

impl EngineOptions {
    pub(crate) const fn engine(&self) -> Option<EngineKind> {
        self.engine
    }

    /// Puts what was chosen here into the choices of a run.
    pub(crate) fn choose(&self, choices: &mut Choices) {
        let EngineOptions { engine, circuit } = *self;
        *choices = Choices { engine, circuit, ..std::mem::take(choices) };
    }
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ThreadOptions {
    /// Number of threads, 1 to 1024; changes no result [default: one for each core]
    #[arg(long, value_name = "N", value_parser = one_number_of_threads)]
    pub(crate) threads: Option<NonZeroUsize>,
}

/// A parser for `--seeds`, whose list is one value.
fn one_list(text: &str) -> Result<Seeds, SeedsError> {
    text.parse()
}

fn one_number_of_threads(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.parse().ok().filter(|n: &NonZeroUsize| n.get() <= Config::MOST_THREADS);
    number.ok_or_else(|| format!("expected 1 to {}", Config::MOST_THREADS))
}

#[derive(Args, Clone, Debug)]
pub(crate) struct TrainOptions {
    /// Read options from this file, such as the run.toml of an earlier run, which it repeats
    ///
    /// Its keys are the names of these options; what is named here goes over the file. A key that no option
    /// is called is an error.
    #[arg(long, value_name = "RUN.toml")]
    config: Option<PathBuf>,
    /// Go on with the run in this folder, or the runs of several seeds, from the last checkpoint
    ///
    /// Its options are those it began with; more --epochs, --threads, --checkpoint-minutes, --tensorboard and
    /// --data-dir may be named.
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    resume: Option<PathBuf>,
    /// With --resume: from the checkpoint before the last one, when the last one is damaged
    #[arg(long, requires = "resume")]
    before: bool,
    /// Replace the run that lies in the folder for the results
    ///
    /// Without it a run that is not finished, or has other options, is not replaced.
    #[arg(long, conflicts_with = "resume")]
    overwrite: bool,
    #[command(flatten)]
    pub(crate) source: DataOptions,
    #[command(flatten)]
    pub(crate) engine: EngineOptions,
    /// Number of hidden neurons [default: that of the start weights, or 400]
    #[arg(long, value_name = "N")]
    hidden: Option<usize>,
    /// Algorithm; lanl-numpy, the authors' non-spiking script, runs on engine reference only
    /// [default: circuit]
    #[arg(long, value_parser = one_of::<Variant>(&["circuit", "lanl-numpy"]))]
    variant: Option<Variant>,
    /// Passes over the training samples [default: 8 for digits, otherwise 60]
    #[arg(long, value_name = "N")]
    epochs: Option<u32>,
    /// Train on the first N samples only [default: all]
    #[arg(long, value_name = "N")]
    samples: Option<usize>,
    /// Order of the samples in each epoch [default: shuffled]
    #[arg(long, value_parser = one_of::<Order>(&["shuffled", "file"]))]
    order: Option<Order>,
    /// Seed of initial weights and shuffles [default: 1]
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// One run for each of these seeds, side by side: a list 1,2,5, a range 1..=15, or both 1..=3,7
    ///
    /// Each writes to DIR/seed-S what --seed S would; DIR is that of --out
    /// [default: runs/<dataset>-<engine>-seeds].
    #[arg(long, value_name = "LIST", conflicts_with = "seed", value_parser = one_list)]
    seeds: Option<Seeds>,
    /// Start from the arrays w1, w2 and, if there, w2Tp and w2Tm of this file
    #[arg(long, value_name = "W.npz")]
    init_weights: Option<PathBuf>,
    /// Compare every N-th sample's update with the reference; 1 for all, 0 for none
    /// [default: 1 for digits, otherwise 100]
    ///
    /// If N is more than 1, a comparison looks at all weights that the update can have changed and at a part of
    /// the others, and all are compared after each epoch. A run that differs goes on, says so and fails.
    #[arg(long, value_name = "N")]
    check: Option<u64>,
    /// Write the figures of each epoch for TensorBoard as well
    ///
    /// tensorboard --logdir DIR shows them while the run goes on; DIR may hold many runs.
    #[arg(long)]
    tensorboard: bool,
    /// Folder for the results [default: runs/<dataset>-<engine>-seed<seed>]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Save a checkpoint every so many minutes of an epoch as well as at its end [default: 5]
    ///
    /// Fractions are allowed; 0 is for the ends of epochs alone.
    #[arg(long, value_name = "M")]
    checkpoint_minutes: Option<Minutes>,
    #[command(flatten)]
    threads: ThreadOptions,
    /// Print JSON lines instead of text: what happens as it happens, the results in the last line
    ///
    /// Below is what the lines hold.
    #[arg(long)]
    json: bool,
}

impl TrainOptions {
    /// The run to go on with, and from which checkpoint.
    pub(crate) fn resumed(&self) -> Option<(&Path, Which)> {
        let which = if self.before { Which::Before } else { Which::Last };
        self.resume.as_deref().map(|dir| (dir, which))
    }

    /// Whether a run that lies in the folder for the results may be lost.
    pub(crate) const fn may_overwrite(&self) -> bool {
        self.overwrite
    }

    /// What was chosen here, over what the file says if one is named.
    pub(crate) fn choices(&self) -> anyhow::Result<Choices> {
        let DataOptions { dataset, data_dir, crop, threshold } = self.source.clone();
        let EngineOptions { engine, circuit } = self.engine;
        let chosen = Choices {
            dataset,
            data_dir,
            crop,
            threshold,
            engine,
            circuit,
            hidden: self.hidden,
            variant: self.variant,
            epochs: self.epochs,
            samples: self.samples,
            order: self.order,
            seed: self.seed,
            seeds: self.seeds.clone(),
            init_weights: self.init_weights.clone(),
            check: self.check,
            threads: self.threads.threads,
            checkpoint_minutes: self.checkpoint_minutes,
            tensorboard: self.tensorboard.then_some(true),
            json: self.json.then_some(true),
            out: self.out.clone(),
            record: None,
        };
        match &self.config {
            None => Ok(chosen),
            Some(path) => Ok(chosen.over(read_choices(path)?)),
        }
    }
}

#[derive(Args, Clone, Debug)]
pub(crate) struct EvalOptions {
    /// Weight file: arrays w1 (hidden, input) and w2 (output, hidden)
    #[arg(long, value_name = "W.npz")]
    weights: PathBuf,
    #[command(flatten)]
    pub(crate) source: DataOptions,
    #[command(flatten)]
    engine: EngineOptions,
    #[command(flatten)]
    threads: ThreadOptions,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

impl EvalOptions {
    pub(crate) fn config(&self) -> EvalConfig {
        EvalConfig {
            weights: self.weights.clone(),
            dataset: self.source.dataset(),
            preparation: self.source.preparation(),
            engine: self.engine.engine.unwrap_or_default(),
            circuit: self.engine.circuit.unwrap_or_default(),
            n_threads: self.threads.threads,
        }
    }
}

#[derive(Args, Clone, Debug)]
pub(crate) struct MarginOptions {
    /// Number of inputs
    #[arg(long, value_name = "N", default_value_t = 400)]
    pub(crate) inputs: u32,
    /// Number of hidden neurons
    #[arg(long, value_name = "N", default_value_t = 400)]
    pub(crate) hidden: u32,
    /// Number of outputs
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) outputs: u32,
    /// Largest number of inputs active in one sample [default: all]
    #[arg(long, value_name = "N")]
    pub(crate) active: Option<u32>,
    /// Form of the circuit
    #[arg(long, value_parser = form(), default_value = "sized")]
    pub(crate) circuit: Form,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct CompletionsOptions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ManOptions {
    /// The command whose page is printed, such as chip run [default: synfire itself]
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    pub(crate) command: Vec<String>,
    /// Write the pages of all commands into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    #[test]
    fn the_options_are_consistent() {
        super::Options::command().debug_assert();
    }

    #[test]
    fn all_known_sets_are_offered() {
        let known = synfire_train::synfire_data::Source::KNOWN.map(|source| source.to_string());
        assert_eq!(known, super::KNOWN_DATASETS);
    }

    /// What stands below the options has an order of its own, which wrapping would spoil.
    #[test]
    fn what_follows_the_options_fits_a_terminal() {
        fn check(command: &Command) {
            let text = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
            assert!(
                text.contains("Examples:") || command.has_subcommands(),
                "{command}: no example"
            );
            for line in text.lines() {
                assert!(line.len() <= 79, "{command}: {line}");
            }
            command.get_subcommands().for_each(check);
        }
        check(&super::Options::command());
    }
}
