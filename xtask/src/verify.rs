//! `cargo xtask verify`: holds the spiking circuits against the reference, and tests that test.
//!
//! It parses flags, picks engines and cases, calls `synfire-verify`, prints and sets the exit code.

use anyhow::Context;
use clap::ValueEnum;
use rayon::prelude::*;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use synfire_circuit::{CircuitShape, Form, LifEngine, PlasticWeights};
use synfire_loihi::PlainEngine;
use synfire_net::{Engine, Network, Sabotage, Strictness};
use synfire_reference::{Reference, Sample, Shape, init};
use synfire_verify::selftest::{self, BuildSabotaged};
use synfire_verify::{Build, Case, Climb, Rung, cases, climb, holds, text};

/// Proves engines equal to the reference, update by update.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  cargo xtask verify\n  cargo xtask verify --self-test\n  \
    cargo xtask verify --dataset mnist --samples 2000\n  cargo xtask verify --seed 7 --cases 5000")]
pub(crate) struct Args {
    /// Plant each fault of a list, and pass only if every one is caught and located.
    #[arg(long)]
    self_test: bool,
    /// Train on this data set instead of random networks.
    #[arg(long, value_enum)]
    dataset: Option<Dataset>,
    /// Samples of the data set to train on.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..))]
    samples: u32,
    /// Train with the reference for so many epochs first: late weights have the largest sums.
    #[arg(long, default_value_t = 0)]
    after_epochs: u32,
    /// Folder that holds mnist/ and fashion-mnist/.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Hidden neurons of the network trained on a data set.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..))]
    hidden: u32,
    /// Engines to hold against the reference, in the order of the ladder.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [EngineName::Lif, EngineName::Loihi])]
    engine: Vec<EngineName>,
    /// Circuit to run.
    #[arg(long, default_value_t = Form::Sized)]
    circuit: Form,
    /// Number of random networks.
    #[arg(long, default_value_t = 1500, value_parser = clap::value_parser!(u64).range(1..))]
    cases: u64,
    /// Seed of random networks and initial weights.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Run one random network only.
    #[arg(long)]
    only_case: Option<u64>,
    /// Stop after this sample.
    #[arg(long)]
    only_sample: Option<u64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Dataset {
    Digits,
    Mnist,
    FashionMnist,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EngineName {
    Lif,
    Loihi,
}

impl EngineName {
    const fn name(self) -> &'static str {
        match self {
            Self::Lif => "lif",
            Self::Loihi => "loihi",
        }
    }

    fn build(
        self,
        network: Arc<Network>,
        strictness: Strictness,
        sabotage: Option<Sabotage>,
    ) -> Result<Box<dyn Engine>, String> {
        match self {
            Self::Lif => {
                let mut engine =
                    LifEngine::new(network, strictness).map_err(|error| error.to_string())?;
                if let Some(sabotage) = sabotage {
                    engine.sabotage(sabotage);
                }
                Ok(Box::new(engine))
            }
            Self::Loihi => {
                let program = synfire_loihi::lower(network).map_err(|error| error.to_string())?;
                let mut engine = PlainEngine::new(Arc::new(program), strictness);
                if let Some(sabotage) = sabotage {
                    engine.sabotage(sabotage);
                }
                Ok(Box::new(engine))
            }
        }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let start = Instant::now();
    let passed = if args.self_test { self_test(args) } else { ladder(args)? };
    println!(
        "{} in {:.1} s",
        if passed { "passed" } else { "FAILED" },
        start.elapsed().as_secs_f64()
    );
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn ladder(args: &Args) -> anyhow::Result<bool> {
    // Faults are reported, not errors: the comparison then says what they did.
    let lif = |network| EngineName::Lif.build(network, Strictness::Report, None);
    let loihi = |network| EngineName::Loihi.build(network, Strictness::Report, None);
    let rungs: Vec<Rung<'_>> = args
        .engine
        .iter()
        .map(|engine| {
            let build: &Build = match engine {
                EngineName::Lif => &lif,
                EngineName::Loihi => &loihi,
            };
            Rung { name: engine.name(), build }
        })
        .collect();
    let names: Vec<&str> = rungs.iter().map(|rung| rung.name).collect();
    let (title, found) = match args.dataset {
        Some(dataset) => {
            let case = trained(args, dataset)?;
            let title =
                format!("verify {}, {} circuit, seed {}", case.name, args.circuit, args.seed);
            (title, climb(&case, args.circuit, &rungs))
        }
        None => {
            let numbers: Vec<u64> = match args.only_case {
                Some(number) => vec![number],
                None => (0..args.cases).collect(),
            };
            // Drawn in parallel, merged in order: the report does not depend on the number of threads.
            let climbs: Vec<Climb> = numbers
                .par_iter()
                .map(|&number| {
                    climb(
                        &narrowed(cases::random(args.circuit, args.seed, number), args),
                        args.circuit,
                        &rungs,
                    )
                })
                .collect();
            let found = climbs.into_iter().fold(Climb::empty(rungs.len()), Climb::merge);
            let n_cases = numbers.len();
            let title = format!(
                "verify {n_cases} random networks, {} circuit, seed {}",
                args.circuit, args.seed
            );
            (title, found)
        }
    };
    let engines: Vec<_> = names.iter().map(|name| format!("--engine {name}")).collect();
    let command = format!("cargo xtask verify --circuit {} {}", args.circuit, engines.join(" "));
    print!("{}", text(&title, &found, &names, &command));
    if args.only_case.is_some() || args.only_sample.is_some() {
        // A single network need not exercise every claim.
        return Ok(found.failure.is_none());
    }
    Ok(holds(&found))
}

/// Stops after the sample that is to be looked at.
fn narrowed(mut case: Case, args: &Args) -> Case {
    if let Some(sample) = args.only_sample.and_then(|sample| usize::try_from(sample).ok()) {
        case.samples.truncate(sample.saturating_add(1));
    }
    case
}

fn trained(args: &Args, dataset: Dataset) -> anyhow::Result<Case> {
    let source = match dataset {
        Dataset::Digits => synfire_data::Source::Digits,
        Dataset::Mnist => synfire_data::Source::Mnist,
        Dataset::FashionMnist => synfire_data::Source::FashionMnist,
    };
    let environment = std::env::var_os("SYNFIRE_DATA_DIR").map(PathBuf::from);
    let path = synfire_data::SearchPath::new(args.data_dir.clone(), environment, None);
    let split = synfire_data::load(source, &path, &synfire_data::Preparation::of(source))
        .context("the data set is not usable")?;
    let data = split.train;
    let (n_inputs, n_hidden, n_outputs) = (data.n_inputs(), args.hidden as usize, data.n_classes());
    let network = Shape::new(&[n_inputs, n_hidden, n_outputs])?;
    let initial = init::he(&network, args.seed);
    let mut reference = Reference::new(network, initial)?;
    for epoch in 0..args.after_epochs {
        for idx in synfire_data::shuffle(data.len(), args.seed, u64::from(epoch)) {
            let idx = idx as usize;
            reference.learn(Sample { input: data.input(idx), target: data.target(idx) })?;
        }
    }
    let order = synfire_data::shuffle(data.len(), args.seed, u64::from(args.after_epochs));
    let n_samples = (args.samples as usize).min(data.len());
    let samples = order[..n_samples]
        .iter()
        .map(|&idx| (data.input(idx as usize).to_vec(), u32::from(data.label(idx as usize))))
        .collect();
    let size = |n: usize| u32::try_from(n).context("the network is too large");
    let shape = CircuitShape::new(size(n_inputs)?, size(n_hidden)?, size(n_outputs)?)
        .with_max_active(size(data.max_active())?);
    let weights = reference.into_weights();
    let values = |matrices: &[synfire_reference::Matrix], k: usize| matrices[k].values().to_vec();
    let case = Case {
        name: format!(
            "{source} {n_inputs}-{n_hidden}-{n_outputs} after {} epochs",
            args.after_epochs
        ),
        repeat: format!(
            "--dataset {source} --samples {n_samples} --hidden {n_hidden} --seed {} --after-epochs {}",
            args.seed, args.after_epochs
        ),
        shape,
        weights: PlasticWeights {
            w1: values(weights.forward(), 0),
            w2: values(weights.forward(), 1),
            feedback_plus: values(weights.feedback_plus(), 0),
            feedback_minus: values(weights.feedback_minus(), 0),
        },
        samples,
    };
    Ok(narrowed(case, args))
}

fn self_test(args: &Args) -> bool {
    let drawn: Vec<Case> = (0..args.cases)
        .into_par_iter()
        .map(|number| cases::random(args.circuit, args.seed, number))
        .collect();
    let faults = selftest::faults(args.circuit);
    let mut passed = true;
    println!("self-test: {} faults, {} cases, {} circuit", faults.len(), drawn.len(), args.circuit);
    for &engine in &args.engine {
        let build = move |network, sabotage| engine.build(network, Strictness::Report, sabotage);
        let build: &BuildSabotaged = &build;
        let name = engine.name();
        let alarms: Vec<String> = drawn
            .par_iter()
            .take(200)
            .filter_map(|case| selftest::clean(args.circuit, case, build).err())
            .collect();
        for alarm in &alarms {
            println!("  {name:<6} {alarm}");
        }
        let verdicts: Vec<_> = faults
            .par_iter()
            .map(|planted| selftest::catch(planted, args.circuit, &drawn, build))
            .collect();
        let mut n_caught = 0;
        for (planted, verdict) in faults.iter().zip(verdicts) {
            match verdict {
                Ok(catch) => {
                    n_caught += 1;
                    println!(
                        "  {name:<6} caught  {}\n         {}: {}",
                        planted.name, catch.case, catch.mismatch
                    );
                }
                Err(why) => println!("  {name:<6} MISSED  {}\n         {why}", planted.name),
            }
        }
        println!("  {name}: {n_caught} of {} faults caught and located", faults.len());
        passed &= n_caught == faults.len() && alarms.is_empty() && n_caught > 0;
    }
    passed
}
