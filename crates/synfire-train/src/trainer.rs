//! Epochs: a data set, an order, a machine, one tally per epoch.
//!
//! A trainer learns in the order it is given and on one thread; nothing it computes depends on time or
//! on the number of threads. Where data comes from and where results go is the business of
//! [`run`](crate::run()).

use synfire_data::{Dataset, shuffle};
use synfire_reference::{Shape, Weights};

use crate::config::Order;
use crate::error::RunError;
use crate::evaluate::{Evaluation, evaluate};
use crate::learner::{Compare, Learner};
use crate::machine::Machine;
use crate::metrics::Tally;
use crate::monitor::{Monitor, Notice};

/// The monitor hears of progress once in so many samples.
const SAMPLES_PER_REPORT: usize = 64;

/// A network in training on one machine.
///
/// ```
/// use std::time::Duration;
/// use synfire_train::synfire_circuit::Form;
/// use synfire_train::synfire_data::digits;
/// use synfire_train::synfire_reference::{Shape, init};
/// use synfire_train::{EngineKind, Machine, Monitor, Order, Trainer};
///
/// struct Silent;
/// impl Monitor for Silent {
///     fn now(&mut self) -> Duration {
///         Duration::ZERO
///     }
/// }
///
/// let split = digits::generate(1, 40, 10)?;
/// let shape = Shape::new(&[split.train.n_inputs(), 24, 10])?;
/// let machine = Machine::new(EngineKind::Lif, Form::Sized, 400);
/// let mut trainer = Trainer::new(shape.clone(), init::he(&shape, 1), machine)?;
/// let tally = trainer.epoch(&split.train, Order::Shuffled, 1, 1, &mut Silent)?;
/// assert_eq!((tally.compared, tally.mismatches, tally.faults), (40, 0, 0));
/// let test = trainer.evaluate(&split.test)?;
/// assert_eq!(test.score.samples, 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Trainer {
    learner: Learner,
    shape: Shape,
    machine: Machine,
    n_epochs: u32,
    /// Samples learned so far, over all epochs.
    n_samples: u64,
    has_mismatch: bool,
    has_fault: bool,
    has_test_fault: bool,
}

impl Trainer {
    /// A network with these weights on this machine.
    ///
    /// # Errors
    /// If the weights do not fit the shape, or the machine cannot run the network; circuits have three
    /// layers.
    pub fn new(shape: Shape, weights: Weights, machine: Machine) -> Result<Trainer, RunError> {
        let learner = Learner::new(shape.clone(), weights, &machine)?;
        Ok(Trainer {
            learner,
            shape,
            machine,
            n_epochs: 0,
            n_samples: 0,
            has_mismatch: false,
            has_fault: false,
            has_test_fault: false,
        })
    }

    /// Learns every sample of a data set once.
    ///
    /// `seed` is that of the shuffles; the first epoch of a trainer is epoch 0 of
    /// [`shuffle`]. Every `check_every`-th update since the trainer was made is compared with the
    /// reference, beginning with the first; none if it is 0 or the machine is the reference itself. The
    /// monitor hears of the first mismatch and the first fault of this trainer.
    ///
    /// # Errors
    /// If a sample does not fit the network, or the engine stops.
    pub fn epoch(
        &mut self,
        dataset: &Dataset,
        order: Order,
        seed: u64,
        check_every: u64,
        monitor: &mut dyn Monitor,
    ) -> Result<Tally, RunError> {
        let visits: Vec<usize> = match order {
            Order::File => (0..dataset.len()).collect(),
            Order::Shuffled => shuffle(dataset.len(), seed, u64::from(self.n_epochs))
                .into_iter()
                .map(|sample_idx| sample_idx as usize)
                .collect(),
        };
        self.n_epochs += 1;
        let epoch = self.n_epochs;
        monitor.epoch_started(epoch, visits.len());
        let mut tally = Tally::default();
        for (position, sample_idx) in visits.into_iter().enumerate() {
            let is_due = check_every > 0 && self.n_samples.is_multiple_of(check_every);
            let compare = if is_due { Compare::Yes } else { Compare::No };
            let target = dataset.target(sample_idx);
            let lesson =
                self.learner.learn(sample_idx, dataset.input(sample_idx), target, compare)?;
            self.n_samples += 1;
            tally.score.add(lesson.readout, target);
            tally.errors += u64::from(lesson.has_error);
            tally.updates += lesson.updates;
            tally.faults += lesson.faults;
            tally.compared += u64::from(lesson.is_compared);
            tally.mismatches += u64::from(lesson.mismatch.is_some());
            if let Some(description) = lesson.fault.filter(|_| !self.has_fault) {
                self.has_fault = true;
                monitor.noticed(&Notice::Fault { epoch, sample_idx, description });
            }
            if let Some(description) = lesson.mismatch.filter(|_| !self.has_mismatch) {
                self.has_mismatch = true;
                monitor.noticed(&Notice::Mismatch { epoch, sample_idx, description });
            }
            if (position + 1).is_multiple_of(SAMPLES_PER_REPORT) {
                monitor.trained(position + 1);
            }
        }
        monitor.trained(dataset.len());
        Ok(tally)
    }

    /// Answers a data set with the weights as they stand, on the same kind of machine.
    ///
    /// # Errors
    /// As [`evaluate`].
    pub fn evaluate(&self, dataset: &Dataset) -> Result<Evaluation, RunError> {
        evaluate(&self.shape, &self.weights()?, dataset, &self.machine)
    }

    /// As [`Trainer::evaluate`], and tells the monitor of the first fault.
    pub(crate) fn test(
        &mut self,
        dataset: &Dataset,
        monitor: &mut dyn Monitor,
    ) -> Result<Evaluation, RunError> {
        let evaluation = self.evaluate(dataset)?;
        if let Some(description) = evaluation.first_fault.clone().filter(|_| !self.has_test_fault) {
            self.has_test_fault = true;
            monitor.noticed(&Notice::TestFault { epoch: self.n_epochs, description });
        }
        Ok(evaluation)
    }

    /// Layer sizes, limits and variant.
    #[must_use]
    pub const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The weights as they stand now.
    ///
    /// # Errors
    /// Only if an engine does not keep its weights within their range.
    pub fn weights(&self) -> Result<Weights, RunError> {
        self.learner.weights()
    }
}

impl std::fmt::Debug for Trainer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trainer")
            .field("shape", &self.shape)
            .field("machine", &self.machine)
            .field("n_epochs", &self.n_epochs)
            .field("n_samples", &self.n_samples)
            .finish_non_exhaustive()
    }
}
