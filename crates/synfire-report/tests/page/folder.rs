//! Folders of runs that never ran: every file as a run writes it, every figure chosen.

#![expect(clippy::float_arithmetic, reason = "figures that look like those of a run")]

use std::path::{Path, PathBuf};

use synfire_report::synfire_train::synfire_data::Source;
use synfire_report::synfire_train::synfire_reference::{Shape, init};
use synfire_report::synfire_train::{
    Checksums, Config, EngineKind, EpochMetrics, METRICS_FILE, RUN_FILE, RunFile, Seeds,
    WEIGHTS_FILE, metrics_csv, write_weights,
};

/// What a run is to look like.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) config: Config,
    pub(crate) layers: Vec<usize>,
    pub(crate) rows: Vec<EpochMetrics>,
    pub(crate) checksums: Checksums,
}

impl Made {
    /// A finished run of so many epochs.
    pub(crate) fn new(dataset: Source, n_hidden: usize, n_epochs: u32) -> Made {
        let config = Config {
            n_hidden: Some(n_hidden),
            epochs: n_epochs,
            check_every: 100,
            commit: Some("0123456789abcdef".to_owned()),
            ..Config::new(dataset.clone(), EngineKind::Fast)
        };
        let n_inputs = if dataset == Source::FashionMnist { 784 } else { 400 };
        Made {
            config,
            layers: vec![n_inputs, n_hidden, 10],
            rows: (1..=n_epochs).map(row).collect(),
            checksums: Checksums::default(),
        }
    }

    pub(crate) fn seed(mut self, seed: u64) -> Made {
        self.config.seed = seed;
        self
    }

    /// Writes the folder.
    pub(crate) fn write(&self, dir: &Path) -> PathBuf {
        std::fs::create_dir_all(dir).expect("a folder");
        let config = Config { out: dir.to_owned(), ..self.config.clone() };
        let sums = self.checksums.clone();
        let run = RunFile::new(&config, None, None, &self.layers, 10_000, sums);
        put(dir, RUN_FILE, run.to_text().expect("a text").as_bytes());
        put(dir, METRICS_FILE, &metrics_csv(&self.rows).expect("a table"));
        let shape = Shape::new(&self.layers).expect("a shape");
        let weights = init::he(&shape, self.config.seed);
        put(dir, WEIGHTS_FILE, &write_weights(&weights).expect("weights"));
        dir.to_owned()
    }
}

/// The record of a sweep; its runs are written apart.
pub(crate) fn write_sweep(dir: &Path, seeds: &str) {
    std::fs::create_dir_all(dir).expect("a folder");
    let made = Made::new(Source::Digits, 12, 3);
    let seeds: Seeds = seeds.parse().expect("seeds");
    let sums = Checksums::default();
    let run = RunFile::new(&made.config, Some(&seeds), None, &made.layers, 10_000, sums);
    put(dir, RUN_FILE, run.to_text().expect("a text").as_bytes());
}

pub(crate) fn put(dir: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(dir.join(name), bytes).expect("writable");
}

/// A plausible epoch.
pub(crate) fn row(epoch: u32) -> EpochMetrics {
    let rise = 1.0 - 0.3 / f64::from(epoch);
    EpochMetrics {
        epoch,
        train_exact: 0.95 * rise,
        train_binary: 0.96 * rise,
        train_potential: 0.98 * rise,
        test_exact: 0.94 * rise,
        test_binary: 0.95 * rise,
        test_potential: 0.97 * rise,
        error_share: 0.2 / f64::from(epoch),
        updates: 9_000_000 / u64::from(epoch),
        saturated: u64::from(epoch) * 3,
        faults: 0,
        compared: 100,
        mismatches: 0,
        seconds: 1.5,
        dead_classes: String::new(),
        test_faults: 0,
        hidden_active: 40.0 + f64::from(epoch),
    }
}
