//! The files that say what a run is.

use std::path::{Path, PathBuf};

use synfire_data::Source;
use synfire_train::{Checksums, Choices, Config, EngineKind, Plan, RunFile, parse_grid};

use super::{Form, Target, check_message};
use crate::pieces::text;

pub(super) const RUN_FILE: Target = Target {
    name: "run-file",
    about: "run files, by hand and recorded",
    form: Form::Text,
    longest: 1536,
    run: run_file,
    seeds: || {
        let by_hand = "dataset = \"mnist\"\ndata-dir = \"d\"\ncrop = 2\nthreshold = 9\nengine = \"lif\"\n\
                       circuit = \"published\"\nhidden = 30\nvariant = \"circuit\"\nepochs = 0x3\n\
                       samples = 1_000\norder = \"file\"\nseeds = [4, 5]\ninit-weights = \"w.npz\"\ncheck = 5\n\
                       threads = 2\ncheckpoint-minutes = 0.5\ntensorboard = true\njson = false\nout = \"o\"\n";
        [
            by_hand.to_owned(),
            "seeds = \"1..=3\"\n[record]\nlayers = [4, 3, 2]\n".to_owned(),
            recorded(),
        ]
        .map(String::into_bytes)
        .to_vec()
    },
    words: &[
        "dataset = ",
        "data-dir = ",
        "crop = ",
        "threshold = ",
        "engine = ",
        "circuit = ",
        "hidden = ",
        "variant = ",
        "epochs = ",
        "samples = ",
        "order = ",
        "seed = ",
        "seeds = ",
        "init-weights = ",
        "check = ",
        "threads = ",
        "checkpoint-minutes = ",
        "tensorboard = ",
        "json = ",
        "out = ",
        "[record]\n",
        "command = ",
        "version = ",
        "commit = ",
        "layers = ",
        "dataset-sha256 = ",
        "init-weights-sha256 = ",
        "\"digits\"",
        "\"idx:d\"",
        "\"fast\"",
        "\"sized\"",
        "\"file\"",
        "true",
        "[1, 2]",
        "65536",
        "9223372036854775808",
        "1e308",
        "nan",
        "\"\"",
        "record.",
    ],
};

/// What a run records.
pub(super) fn recorded() -> String {
    let config = Config {
        init_weights: Some(PathBuf::from("a b/w.npz")),
        samples: Some(20),
        ..Config::new(Source::Digits, EngineKind::Reference)
    };
    let checksums =
        Checksums { dataset: Some("01".repeat(32)), init_weights: Some("ef".repeat(32)) };
    let run = RunFile::new(&config, None, None, &[4, 3, 2], 20, checksums);
    run.to_text().expect("paths that are Unicode")
}

fn run_file(bytes: &[u8]) {
    let text = text(bytes);
    if let Err(error) = Choices::parse(text) {
        check_message(&error.to_string(), 2000);
    }
    match RunFile::parse(text) {
        Ok(mut run) => {
            // Of no effect on any result, and not recorded.
            run.config.n_threads = None;
            let written = run.to_text().expect("what was text can be written");
            assert_eq!(RunFile::parse(&written).as_ref(), Ok(&run), "{written}");
        }
        Err(error) => check_message(&error.to_string(), 2000),
    }
}

const GRID_WORDS: &[&str] = &[
    "[base]\n",
    "[grid]\n",
    "[[trial]]\n",
    "hidden = ",
    "seed = ",
    "seeds = ",
    "epochs = ",
    "engine = ",
    "dataset = ",
    "\"1..=3\"",
    "\"hash\"",
    "\"hash 1..=4\"",
    "[50, 100]",
    "[]",
    "\"reference\"",
    "\"fast\"",
    "threads = ",
    "out = ",
    "checkpoint-minutes = ",
    "form = ",
    "id = ",
    "trial = ",
    "18446744073709551615",
    "1e300",
    "true",
];

pub(super) const GRID: Target = Target {
    name: "grid",
    about: "grids of sweeps",
    form: Form::Text,
    longest: 384,
    run: |bytes| match parse_grid(text(bytes)) {
        Ok(plan) => {
            assert!(!plan.trials().is_empty());
            let written = plan.to_text().expect("text can be written");
            let again =
                Plan::parse(&written, Path::new("plan")).expect("what was written can be read");
            assert_eq!(again.trials(), plan.trials(), "{written}");
        }
        Err(error) => check_message(&error.to_string(), 3000),
    },
    seeds: || {
        [
            "[base]\nepochs = 2\ndata-dir = \"d\"\n[grid]\nhidden = [50, 100]\nseed = \"1..=2\"\n",
            "[grid]\nseed = \"hash 1..=3\"\nthreshold = [9]\n[[trial]]\nhidden = 7\n",
            "[[trial]]\nengine = \"reference\"\nsamples = 10\n[[trial]]\nseed = \"hash\"\n",
        ]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
    },
    words: GRID_WORDS,
};

pub(super) const PLAN: Target = Target {
    name: "plan",
    about: "plans of sweeps, as they are recorded",
    form: Form::Text,
    longest: 768,
    run: |bytes| match Plan::parse(text(bytes), Path::new("plan")) {
        Ok(plan) => {
            let written = plan.to_text().expect("what was text can be written");
            let again =
                Plan::parse(&written, Path::new("plan")).expect("what was written can be read");
            assert_eq!(again.to_text().as_ref(), Ok(&written));
        }
        Err(error) => check_message(&error.to_string(), 3000),
    },
    seeds: || {
        let plan =
            |grid: &str| parse_grid(grid).expect("a grid").to_text().expect("text").into_bytes();
        vec![plan("[grid]\nhidden = [5]\n"), plan("[[trial]]\nseed = \"hash\"\n")]
    },
    words: GRID_WORDS,
};
