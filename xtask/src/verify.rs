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
use synfire_fast::{FastEngine, KernelFault};
use synfire_loihi::PlainEngine;
use synfire_net::{Engine, Network, Strictness};
use synfire_reference::{Reference, Sample, Shape, init};
use synfire_verify::selftest::{self, BuildDeviating, Deviation, OwnFault, Shows};
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
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = EngineName::LADDER)]
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
    Fast,
}

impl EngineName {
    /// Each is held against the one before it.
    const LADDER: [Self; 3] = [Self::Lif, Self::Loihi, Self::Fast];

    const fn name(self) -> &'static str {
        match self {
            Self::Lif => "lif",
            Self::Loihi => "loihi",
            Self::Fast => "fast",
        }
    }

    fn build(
        self,
        network: Arc<Network>,
        strictness: Strictness,
        deviation: Deviation,
    ) -> Result<Box<dyn Engine>, String> {
        let Deviation { sabotage, own } = deviation;
        if own.is_some() && self != Self::Fast {
            return Err(format!("{} has no faults of its own", self.name()));
        }
        let program = |network| {
            let program = synfire_loihi::lower(network).map_err(|error| error.to_string())?;
            Ok::<_, String>(Arc::new(program))
        };
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
                let mut engine = PlainEngine::new(program(network)?, strictness);
                if let Some(sabotage) = sabotage {
                    engine.sabotage(sabotage);
                }
                Ok(Box::new(engine))
            }
            Self::Fast => {
                let mut engine = FastEngine::new(program(network)?, strictness);
                if let Some(sabotage) = sabotage {
                    engine.sabotage(sabotage);
                }
                if let Some(number) = own {
                    engine.plant(*KernelFault::ALL.get(number).ok_or("no such fault")?);
                }
                Ok(Box::new(engine))
            }
        }
    }

    /// Faults of what only this engine does.
    fn own_faults(self) -> Vec<OwnFault> {
        if self != Self::Fast {
            return Vec::new();
        }
        let own = |(number, fault): (usize, KernelFault)| OwnFault {
            name: fault.name(),
            number,
            shows: match fault {
                KernelFault::CopyNotSplit => Shows::WhenCopiesDiffer,
                _ => Shows::Alone,
            },
        };
        KernelFault::ALL.into_iter().enumerate().map(own).collect()
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
    let build = |engine: EngineName| {
        move |network| engine.build(network, Strictness::Report, Deviation::default())
    };
    let lif = build(EngineName::Lif);
    let loihi = build(EngineName::Loihi);
    let fast = build(EngineName::Fast);
    let rungs: Vec<Rung<'_>> = args
        .engine
        .iter()
        .map(|engine| {
            let build: &Build = match engine {
                EngineName::Lif => &lif,
                EngineName::Loihi => &loihi,
                EngineName::Fast => &fast,
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
    let split = synfire_data::load(&source, &path, &synfire_data::Preparation::of(&source))
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
    let common = selftest::faults(args.circuit);
    let mut passed = true;
    println!("self-test: {} faults, {} cases, {} circuit", common.len(), drawn.len(), args.circuit);
    let deviating = |engine: EngineName| {
        move |network, deviation| engine.build(network, Strictness::Report, deviation)
    };
    // Where an engine takes shortcuts, the plain one, which takes none, bears witness.
    let witness = deviating(EngineName::Loihi);
    let witness: &BuildDeviating = &witness;
    for &engine in &args.engine {
        let build = deviating(engine);
        let build: &BuildDeviating = &build;
        let faults = [&common[..], &selftest::own_faults(&engine.own_faults())].concat();
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
            .map(|planted| selftest::catch(planted, args.circuit, &drawn, build, witness))
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
