//! The files that say what a run is.

use std::path::PathBuf;

use synfire_data::Source;
use synfire_train::{Checksums, Choices, Config, EngineKind, RunFile};

use super::{Form, Target};
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
        assert!(error.to_string().len() < 2000, "{error}");
    }
    if let Ok(run) = RunFile::parse(text) {
        let written = run.to_text().expect("what was text can be written");
        assert_eq!(RunFile::parse(&written).as_ref(), Ok(&run), "{written}");
    }
}
