//! A training run, epoch by epoch, and what is counted in it.

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, to_value};
use synfire_circuit::Form;
use synfire_data::{Dataset, Preparation, Source, Split};
use synfire_reference::{Matrix, Shape, Variant, Weights, init};
use synfire_train::{EngineKind, Machine, Order, Trainer};

use crate::material::Material;
use crate::scale::Scale;
use crate::trial::{Trial, Watch};

/// A data set and the network that learns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) source: Source,
    pub(crate) preparation: Preparation,
    pub(crate) n_hidden: usize,
    /// The first so many training and test samples; all if `None`.
    pub(crate) samples: Option<[usize; 2]>,
}

impl Task {
    /// MNIST 400-400-10 as in the paper; digits where it is not to be had.
    pub(crate) fn mnist(scale: Scale) -> Task {
        Task::of(Source::Mnist, scale, 400)
    }

    /// Fashion-MNIST 784-400-10 as in the paper; other digits where it is not to be had.
    pub(crate) fn fashion(scale: Scale) -> Task {
        Task::of(Source::FashionMnist, scale, 400)
    }

    fn of(source: Source, scale: Scale, n_hidden: usize) -> Task {
        if scale == Scale::Smoke {
            // Two tasks that differ in something.
            let n_hidden = if source == Source::Mnist { 40 } else { 30 };
            let preparation = Preparation::of(&Source::Digits);
            let samples = Some([300, 100]);
            return Task { source: Source::Digits, preparation, n_hidden, samples };
        }
        Task { preparation: Preparation::of(&source), source, n_hidden, samples: None }
    }

    /// The samples.
    pub(crate) fn split(&self, material: &Material) -> Result<Split> {
        let split = material.split(&self.source, &self.preparation)?;
        let cut = |dataset: &Dataset, n: usize| dataset.truncated(n.min(dataset.len()));
        Ok(match self.samples {
            None => Split { train: split.train.clone(), test: split.test.clone() },
            Some([train, test]) => {
                Split { train: cut(&split.train, train)?, test: cut(&split.test, test)? }
            }
        })
    }

    /// Sizes of the layers.
    pub(crate) fn shape(&self, split: &Split) -> Result<Shape> {
        Ok(Shape::new(&[split.train.n_inputs(), self.n_hidden, split.train.n_classes()])?)
    }

    pub(crate) fn parameters(&self) -> Value {
        json!({
            "dataset": self.source.to_string(),
            "crop": self.preparation.crop,
            "threshold": self.preparation.threshold,
            "hidden": self.n_hidden,
            "samples": self.samples,
        })
    }
}

/// The largest number of inputs active in one sample, by which a circuit is sized.
pub(crate) fn max_active(split: &Split) -> Result<u32> {
    Ok(u32::try_from(split.train.max_active().max(split.test.max_active()))?)
}

/// Choices of a training run.
#[derive(Clone, Debug)]
pub(crate) struct Training {
    pub(crate) task: Task,
    pub(crate) engine: EngineKind,
    pub(crate) form: Form,
    pub(crate) variant: Variant,
    /// Error threshold of the hidden layer.
    pub(crate) theta: i32,
    /// The initial weights are those of clause R8 times this many quarters.
    pub(crate) init_quarters: i16,
    pub(crate) order: Order,
    pub(crate) seed: u64,
    pub(crate) epochs: u32,
    /// Every so-manieth update is compared with the reference.
    pub(crate) check_every: u64,
}

impl Training {
    /// At spike level with the sized circuit, every hundredth update compared.
    pub(crate) fn new(task: Task, seed: u64, epochs: u32) -> Training {
        Training {
            task,
            engine: EngineKind::Fast,
            form: Form::Sized,
            variant: Variant::Circuit,
            theta: 0,
            init_quarters: 4,
            order: Order::Shuffled,
            seed,
            epochs,
            check_every: 100,
        }
    }

    pub(crate) fn parameters(&self) -> Value {
        json!({
            "task": self.task.parameters(),
            "engine": self.engine.name(),
            "circuit": self.form.name(),
            "variant": self.variant.to_string(),
            "theta": self.theta,
            "init_quarters": self.init_quarters,
            "order": self.order.name(),
            "seed": self.seed,
            "epochs": self.epochs,
            "check_every": self.check_every,
        })
    }

    /// A trial that is this training and nothing else; its result is a [`Curve`].
    pub(crate) fn trial(self, name: impl Into<String>) -> Trial {
        Trial::new(name, self.parameters(), self.expected_ms(), move |material, watch| {
            Ok(to_value(self.run(material, watch, &mut |_, _| Ok(()))?)?)
        })
    }

    /// Expected milliseconds; microseconds for a sample as in docs/performance.md.
    pub(crate) fn expected_ms(&self) -> u64 {
        let n_samples = self.task.samples.map_or(60_000, |[train, _]| train as u64);
        let is_wide = self.task.source == Source::FashionMnist;
        let width = self.task.n_hidden.max(200) as u64;
        let per_sample = match (self.engine, is_wide) {
            (EngineKind::Reference, false) => 2,
            (EngineKind::Reference, true) => 5,
            (_, false) => 5 + width / 200,
            (_, true) => 9 + width / 100,
        };
        let compared = if is_wide { 100 } else { 53 } * width / 400;
        let check = compared.checked_div(self.check_every).unwrap_or(0);
        u64::from(self.epochs) * n_samples * (per_sample + check) / 1000
    }

    pub(crate) fn shape(&self, split: &Split) -> Result<Shape> {
        let shape = self.task.shape(split)?.with_error_threshold(1, self.theta)?;
        Ok(shape.with_variant(self.variant))
    }

    /// Clause R8's weights, scaled towards 0 and within +-240.
    pub(crate) fn initial_weights(&self, shape: &Shape) -> Result<Weights> {
        let weights = init::he(shape, self.seed);
        if self.init_quarters == 4 {
            return Ok(weights);
        }
        let scaled = |weight: i16| (weight * self.init_quarters / 4 / 2 * 2).clamp(-240, 240);
        let forward =
            weights.forward().iter().zip(shape.sizes().windows(2)).map(|(matrix, sizes)| {
                let values = matrix.values().iter().map(|&weight| scaled(weight)).collect();
                Matrix::new(sizes[0], sizes[1], values).context("a matrix of another size")
            });
        Ok(Weights::from_forward(shape, forward.collect::<Result<_>>()?)?)
    }

    pub(crate) fn machine(&self, split: &Split) -> Result<Machine> {
        Ok(Machine::new(self.engine, self.form, max_active(split)?))
    }

    /// Trains, evaluates after each epoch, and shows the trainer to `after_epoch`, with the epochs that are done.
    pub(crate) fn run(
        &self,
        material: &Material,
        watch: &Watch<'_>,
        after_epoch: &mut dyn FnMut(u32, &Trainer) -> Result<()>,
    ) -> Result<Curve> {
        let split = self.task.split(material)?;
        let shape = self.shape(&split)?;
        let weights = self.initial_weights(&shape)?;
        let mut trainer = Trainer::new(shape, weights, self.machine(&split)?)?;
        let mut curve = Curve {
            train_samples: split.train.len() as u64,
            test_samples: split.test.len() as u64,
            ..Curve::default()
        };
        for epoch in 1..=self.epochs {
            watch.done(u64::from(epoch - 1), u64::from(self.epochs))?;
            curve.epoch(&mut trainer, &split, self, watch)?;
            after_epoch(epoch, &trainer)?;
        }
        Ok(curve)
    }
}

/// Counts of a training run, epoch by epoch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Curve {
    pub(crate) train_samples: u64,
    pub(crate) test_samples: u64,
    /// Test samples right after each epoch: all output bits.
    pub(crate) exact: Vec<u64>,
    /// By the first active output.
    pub(crate) binary: Vec<u64>,
    /// By the largest potential.
    pub(crate) potential: Vec<u64>,
    /// Training samples with any output error.
    pub(crate) errors: Vec<u64>,
    /// Changes asked for in W1 and W2.
    pub(crate) updates: Vec<u64>,
    /// Weights at a limit, feedback matrices included.
    pub(crate) saturated: Vec<u64>,
    /// Synapses of the feedback in which F- is not the negative of F+ (clause R7).
    pub(crate) unmirrored: Vec<u64>,
    /// Hidden neurons active for a test sample, summed over all.
    pub(crate) hidden_active: Vec<u64>,
    /// Classes that are dead after each epoch, see `Evaluation::dead_classes`.
    pub(crate) dead: Vec<Vec<usize>>,
    /// Samples whose update was compared with the reference, and how many differed.
    pub(crate) compared: u64,
    pub(crate) mismatches: u64,
    /// Faults of the engine in training, and in evaluation.
    pub(crate) faults: u64,
    pub(crate) test_faults: u64,
}

impl Curve {
    /// Trains and evaluates one more epoch.
    pub(crate) fn epoch(
        &mut self,
        trainer: &mut Trainer,
        split: &Split,
        training: &Training,
        watch: &Watch<'_>,
    ) -> Result<()> {
        let Training { order, seed, check_every, .. } = *training;
        let tally = trainer.epoch(&split.train, order, seed, check_every, &mut watch.monitor())?;
        watch.done(self.exact.len() as u64, u64::from(training.epochs))?;
        ensure!(tally.score.samples == split.train.len() as u64, "the epoch was not finished");
        let test = trainer.evaluate(&split.test)?;
        let weights = trainer.weights()?;
        self.exact.push(test.score.exact);
        self.binary.push(test.score.binary);
        self.potential.push(test.score.potential);
        self.errors.push(tally.errors);
        self.updates.push(tally.updates);
        self.saturated.push(weights.saturation(trainer.shape().limits()).total() as u64);
        self.unmirrored.push(unmirrored(&weights));
        self.hidden_active.push(test.hidden_active);
        self.dead.push(test.dead_classes());
        self.compared += tally.compared;
        self.mismatches += tally.mismatches;
        self.faults += tally.faults;
        self.test_faults += test.faults;
        Ok(())
    }

    /// Fractions right after each epoch: exact, binary, potential.
    pub(crate) fn fractions(&self) -> [Vec<f64>; 3] {
        [&self.exact, &self.binary, &self.potential]
            .map(|counts| counts.iter().map(|&n| fraction(n, self.test_samples)).collect())
    }

    /// Samples trained in all epochs.
    pub(crate) fn trained(&self) -> u64 {
        self.train_samples * self.exact.len() as u64
    }
}

/// Synapses in which F- is not -F+.
pub(crate) fn unmirrored(weights: &Weights) -> u64 {
    let pairs = weights.feedback_plus().iter().zip(weights.feedback_minus());
    pairs
        .flat_map(|(plus, minus)| plus.values().iter().zip(minus.values()))
        .filter(|(plus, minus)| i32::from(**plus) != -i32::from(**minus))
        .count() as u64
}

#[expect(
    clippy::cast_precision_loss,
    clippy::float_arithmetic,
    reason = "counts below 2^53, for a text"
)]
pub(crate) fn fraction(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
