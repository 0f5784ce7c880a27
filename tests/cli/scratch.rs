//! What the tests of the command have in common: a scratch folder, a call, its answer.

use std::path::PathBuf;

use synfire_cli::{Status, Surroundings, run};
use synfire_tests::data_dir;
use synfire_train::synfire_reference::{Matrix, Shape, Weights};
use synfire_train::{EpochMetrics, parse_metrics_csv, write_weights};

/// A folder that vanishes with the test.
pub(crate) struct Scratch(tempfile::TempDir);

/// How a command ended and what it said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: Status,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    /// The answer of a command that went well.
    pub(crate) fn succeeded(self) -> Answer {
        assert_eq!(self.status, Status::Success, "{self:?}");
        self
    }

    /// The message of a command that did not, and how it ended.
    pub(crate) fn failed(self, status: Status) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.stdout, "", "an error is no answer");
        self.stderr
    }
}

impl Scratch {
    pub(crate) fn new() -> Scratch {
        Scratch(tempfile::tempdir().expect("a scratch folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs the command with words separated by spaces; `@` stands for the scratch folder.
    pub(crate) fn synfire(&self, words: &str) -> Answer {
        self.synfire_in(&Surroundings { data_dir: data_dir(), ..Surroundings::default() }, words)
    }

    pub(crate) fn synfire_in(&self, surroundings: &Surroundings, words: &str) -> Answer {
        self.call(surroundings, words.split_whitespace())
    }

    /// Runs the command with these words, which may contain spaces; `@` stands for the scratch folder.
    pub(crate) fn synfire_args(&self, words: &[&str]) -> Answer {
        self.call(&Surroundings::default(), words.iter().copied())
    }

    fn call<'a>(
        &self,
        surroundings: &Surroundings,
        words: impl Iterator<Item = &'a str>,
    ) -> Answer {
        let here = self.0.path().to_str().expect("a plain path");
        let args: Vec<String> = words.map(|word| word.replace('@', here)).collect();
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let args = std::iter::once("synfire".to_owned()).chain(args);
        let status = run(args, surroundings, &mut stdout, &mut stderr);
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Answer { status, stdout: text(stdout), stderr: text(stderr) }
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).expect("writable");
    }

    /// The rows of a run's metrics.
    pub(crate) fn metrics(&self, dir: &str) -> Vec<EpochMetrics> {
        parse_metrics_csv(&self.read(&format!("{dir}/metrics.csv"))).expect("a table")
    }
}

/// Rows without what may differ between engines and machines: the time, and what was compared.
pub(crate) fn timeless(rows: Vec<EpochMetrics>) -> Vec<EpochMetrics> {
    rows.into_iter().map(|row| EpochMetrics { seconds: 0.0, compared: 0, ..row }).collect()
}

/// A weight file for digits in which all of `w1` are equal, and all of `w2`.
pub(crate) fn uniform(n_hidden: usize, w1: i16, w2: i16) -> Vec<u8> {
    let shape = Shape::new(&[400, n_hidden, 10]).expect("a shape");
    let matrix = |n_sources, n_targets, weight| {
        Matrix::new(n_sources, n_targets, vec![weight; n_sources * n_targets]).expect("a matrix")
    };
    let forward = vec![matrix(400, n_hidden, w1), matrix(n_hidden, 10, w2)];
    let weights = Weights::from_forward(&shape, forward).expect("weights");
    write_weights(&weights).expect("small enough")
}
