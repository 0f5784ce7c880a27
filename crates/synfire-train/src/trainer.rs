//! Epochs: a data set, an order, a machine, one tally per epoch.
//!
//! A trainer learns in the order it is given and on one thread; nothing it computes depends on time or
//! on the number of threads. Where data comes from and where results go is the business of
//! [`run`](crate::run()).

use std::time::Duration;

use rayon::ThreadPool;
use synfire_data::{Dataset, shuffle};
use synfire_reference::{Sample, Shape, Weights};

use crate::config::Order;
use crate::error::RunError;
use crate::evaluate::{Evaluation, evaluate};
use crate::learner::{Compare, Learner, LearnerState};
use crate::machine::Machine;
use crate::metrics::Tally;
use crate::monitor::{Monitor, Notice};
use crate::position::Position;

/// The monitor hears of progress once in so many samples.
const SAMPLES_PER_REPORT: usize = 64;

/// A network in training on one machine. The front page has an example.
pub struct Trainer {
    learner: Learner,
    shape: Shape,
    machine: Machine,
    position: Position,
}

/// What a training goes through again and again.
#[derive(Clone, Copy)]
pub(crate) struct Course<'a> {
    pub(crate) dataset: &'a Dataset,
    pub(crate) order: Order,
    /// Of the shuffles.
    pub(crate) seed: u64,
    /// Every so-manieth update is compared.
    pub(crate) check_every: u64,
}

impl Trainer {
    /// A network with these weights on this machine.
    ///
    /// # Errors
    /// If the weights do not fit the shape, or the machine cannot run the network; circuits have three
    /// layers.
    pub fn new(shape: Shape, weights: Weights, machine: Machine) -> Result<Trainer, RunError> {
        let learner = Learner::new(shape.clone(), weights, &machine)?;
        Ok(Trainer { learner, shape, machine, position: Position::default() })
    }

    /// A network that stands where another one stood.
    pub(crate) fn resume(
        shape: Shape,
        machine: Machine,
        learner: &LearnerState,
        position: Position,
    ) -> Result<Trainer, RunError> {
        let learner = Learner::resume(shape.clone(), &machine, learner)?;
        Ok(Trainer { learner, shape, machine, position })
    }

    /// How far the training is.
    pub(crate) const fn position(&self) -> &Position {
        &self.position
    }

    /// Where the network stands; `None` if its engine takes no states.
    pub(crate) fn state(&self) -> Option<LearnerState> {
        self.learner.state()
    }

    /// Ends an epoch that was trained and evaluated.
    pub(crate) fn finish_epoch(&mut self) -> (Tally, Duration) {
        self.position.finish_epoch()
    }

    /// Learns every sample of a data set once.
    ///
    /// `seed` is that of the shuffles; the first epoch of a trainer is epoch 0 of
    /// [`shuffle`]. Every `check_every`-th update since the trainer was made is compared with the
    /// reference, beginning with the first; none if it is 0 or the machine is the reference itself. If it is
    /// more than 1, a comparison looks at every weight that the update can have changed and at a part of the
    /// others, and at the end of the epoch all are looked at. The monitor hears of the first mismatch and the
    /// first fault of this trainer.
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
        let course = Course { dataset, order, seed, check_every };
        while !self.go_on(&course, monitor, &mut |_| false)? {}
        Ok(self.finish_epoch().0)
    }

    /// Trains to the end of the epoch, and says whether it got there.
    ///
    /// It ends earlier, after any sample, if the monitor wants to stop. Now and then `is_due` is asked, with the
    /// time, whether there is another reason for a break.
    pub(crate) fn go_on(
        &mut self,
        course: &Course<'_>,
        monitor: &mut dyn Monitor,
        is_due: &mut dyn FnMut(Duration) -> bool,
    ) -> Result<bool, RunError> {
        let dataset = course.dataset;
        if self.position.is_between_epochs() {
            self.begin_epoch(dataset, monitor);
        }
        if self.position.is_trained {
            return Ok(true);
        }
        let shuffled = match course.order {
            Order::File => Vec::new(),
            Order::Shuffled => shuffle(dataset.len(), course.seed, u64::from(self.position.epochs)),
        };
        let sample_at = |place: usize| shuffled.get(place).map_or(place, |&idx| idx as usize);
        let first = usize::try_from(self.position.tally.score.samples).unwrap_or(usize::MAX);
        // What holds of the whole set need not be asked of each sample.
        let sizes = self.shape.sizes();
        let fits = dataset.n_inputs() <= self.shape.n_neurons(0)
            && dataset.n_classes() <= sizes.last().copied().unwrap_or(0);
        let start = monitor.now();
        let before = self.position.seconds;
        for place in first..dataset.len() {
            let sample_idx = sample_at(place);
            if !fits {
                let (input, target) = (dataset.input(sample_idx), dataset.target(sample_idx));
                Sample { input, target }
                    .check(&self.shape)
                    .map_err(|cause| RunError::Sample { sample_idx, cause })?;
            }
            self.learn(course, sample_idx, monitor)?;
            if place + 1 == dataset.len() {
                break;
            }
            let mut is_over = monitor.wants_stop();
            if (place + 1).is_multiple_of(SAMPLES_PER_REPORT) {
                monitor.trained(&self.position.tally);
                is_over |= is_due(monitor.now());
            }
            if is_over {
                self.position.seconds = before + monitor.now().saturating_sub(start);
                return Ok(false);
            }
        }
        // Samples that were not compared may have changed what no comparison has looked at yet.
        if course.check_every > 1 {
            let last = sample_at(dataset.len().saturating_sub(1));
            self.compare_all(last, monitor)?;
        }
        self.position.is_trained = true;
        self.position.seconds = before + monitor.now().saturating_sub(start);
        monitor.trained(&self.position.tally);
        Ok(true)
    }

    /// Tells the monitor of the epoch that runs, or comes next.
    pub(crate) fn begin_epoch(&self, dataset: &Dataset, monitor: &mut dyn Monitor) {
        let Position { tally, .. } = &self.position;
        monitor.epoch_started(self.position.epoch(), dataset.len(), tally);
    }

    /// Learns one sample, which fits the network, and counts it.
    fn learn(
        &mut self,
        course: &Course<'_>,
        sample_idx: usize,
        monitor: &mut dyn Monitor,
    ) -> Result<(), RunError> {
        let Course { dataset, check_every, .. } = *course;
        let is_due = check_every > 0 && self.position.samples.is_multiple_of(check_every);
        let compare = match (is_due, check_every) {
            (false, _) => Compare::Nothing,
            (true, 1) => Compare::Whole,
            (true, _) => Compare::Sparse,
        };
        let (input, target) = (dataset.input(sample_idx), dataset.target(sample_idx));
        let lesson = self.learner.learn(sample_idx, input, target, compare)?;
        let epoch = self.position.epoch();
        let Position { samples, tally, has_mismatch, has_fault, .. } = &mut self.position;
        *samples += 1;
        tally.score.add(lesson.readout, target);
        tally.errors += u64::from(lesson.has_error);
        tally.updates += lesson.updates;
        tally.faults += lesson.faults;
        tally.compared += u64::from(lesson.is_compared);
        tally.mismatches += u64::from(lesson.is_mismatch);
        if lesson.faults > 0 && !*has_fault {
            *has_fault = true;
            let description = self.learner.first_fault().unwrap_or_default();
            monitor.noticed(&Notice::Fault { epoch, sample_idx, description });
        }
        if lesson.is_mismatch && !*has_mismatch {
            *has_mismatch = true;
            let description = self.learner.mismatch().unwrap_or_default();
            monitor.noticed(&Notice::Mismatch { epoch, sample_idx, description });
        }
        Ok(())
    }

    fn compare_all(&mut self, last: usize, monitor: &mut dyn Monitor) -> Result<(), RunError> {
        let difference = self
            .learner
            .compare_all()
            .map_err(|cause| RunError::Training { sample_idx: last, cause })?;
        let Some(description) = difference else { return Ok(()) };
        let epoch = self.position.epoch();
        let Position { tally, has_mismatch, .. } = &mut self.position;
        tally.mismatches += 1;
        if !*has_mismatch {
            *has_mismatch = true;
            monitor.noticed(&Notice::WeightsDiffer { epoch, description });
        }
        Ok(())
    }

    /// Answers a data set with the weights as they stand, on the same kind of machine.
    ///
    /// # Errors
    /// As [`evaluate`].
    pub fn evaluate(&self, dataset: &Dataset) -> Result<Evaluation, RunError> {
        evaluate(&self.shape, &self.weights()?, dataset, &self.machine)
    }

    /// As [`Trainer::evaluate`], in `pool` if there is one, and tells the monitor of the first fault.
    pub(crate) fn test(
        &mut self,
        dataset: &Dataset,
        pool: Option<&ThreadPool>,
        monitor: &mut dyn Monitor,
    ) -> Result<Evaluation, RunError> {
        let (shape, machine, weights) = (&self.shape, &self.machine, self.weights()?);
        let evaluated = || evaluate(shape, &weights, dataset, machine);
        let evaluation = match pool {
            None => evaluated()?,
            Some(pool) => pool.install(evaluated)?,
        };
        let epoch = self.position.epoch();
        let has_test_fault = &mut self.position.has_test_fault;
        if let Some(description) = evaluation.first_fault.clone().filter(|_| !*has_test_fault) {
            *has_test_fault = true;
            monitor.noticed(&Notice::TestFault { epoch, description });
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
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use std::borrow::Cow;
    use std::sync::Arc;
    use std::time::Duration;
    use synfire_circuit::{Form, LifEngine};
    use synfire_data::digits;
    use synfire_net::{
        Engine, InputSchedule, LayerId, Network, Observer, Operations, ProjectionId, StepError,
        Strictness, WeightsError,
    };
    use synfire_reference::init;

    #[derive(Default)]
    struct Listener {
        reports: Vec<u64>,
        notices: Vec<String>,
    }

    /// An engine that changes one weight of one copy, with no spike to show for it.
    struct Slips {
        engine: LifEngine,
        copy: ProjectionId,
        place: usize,
        step: u64,
    }

    impl Engine for Slips {
        fn name(&self) -> &'static str {
            "slips"
        }
        fn network(&self) -> &Network {
            self.engine.network()
        }
        fn step(&self) -> u64 {
            self.engine.step()
        }
        fn advance(
            &mut self,
            steps: u32,
            input: &InputSchedule,
            observer: &mut dyn Observer,
        ) -> Result<(), StepError> {
            let before = self.step();
            self.engine.advance(steps, input, observer)?;
            if (before..self.step()).contains(&self.step) {
                let mut weights = self.engine.weights(self.copy).unwrap().into_owned();
                weights[self.place] ^= 2;
                self.set_weights(self.copy, &weights).unwrap();
            }
            Ok(())
        }
        fn currents(&self, layer: LayerId) -> Vec<i64> {
            self.engine.currents(layer)
        }
        fn voltages(&self, layer: LayerId) -> Vec<i64> {
            self.engine.voltages(layer)
        }
        fn weights(&self, projection: ProjectionId) -> Option<Cow<'_, [i16]>> {
            self.engine.weights(projection)
        }
        fn set_weights(&mut self, to: ProjectionId, weights: &[i16]) -> Result<(), WeightsError> {
            self.engine.set_weights(to, weights)
        }
        fn operations(&self) -> Operations {
            self.engine.operations()
        }
    }

    impl Monitor for Listener {
        fn now(&mut self) -> Duration {
            Duration::ZERO
        }
        fn trained(&mut self, tally: &Tally) {
            self.reports.push(tally.score.samples);
        }
        fn noticed(&mut self, notice: &Notice) {
            self.notices.push(notice.to_string());
        }
    }

    /// A weight that slips in one copy, far from everything that sample 0, the only one compared, looks at.
    #[test]
    fn what_no_compared_sample_sees_is_seen_at_the_end_of_the_epoch() {
        let train = digits::generate(1, 40, 1).unwrap().train;
        let shape = Shape::new(&[400, 20, 10]).unwrap();
        let mismatches = |step: u64, check_every: u64| {
            let machine = Machine::Circuit {
                form: Form::Sized,
                max_active: 400,
                build: Arc::new(move |network: Arc<Network>| {
                    let is_w1 = |id: &ProjectionId| {
                        let is_plastic = network.projection(*id).plasticity.is_some();
                        is_plastic && network.n_synapses(*id) == 400 * 20
                    };
                    let copy = network.projection_ids().filter(is_w1).last().unwrap();
                    let engine = LifEngine::new(network, Strictness::Report)?;
                    Ok(Box::new(Slips { engine, copy, place: 0, step }) as Box<dyn Engine>)
                }),
            };
            let mut trainer = Trainer::new(shape.clone(), init::he(&shape, 1), machine).unwrap();
            let mut listener = Listener::default();
            let tally = trainer.epoch(&train, Order::File, 0, check_every, &mut listener).unwrap();
            assert!(tally.compared <= 1, "{tally:?}");
            (tally.mismatches, listener.notices)
        };
        assert_eq!(mismatches(u64::MAX, 1000), (0, Vec::new()));
        let (n, notices) = mismatches(12 * 30, 1000);
        assert_eq!((n, notices.len()), (1, 1), "{notices:?}");
        assert!(notices[0].starts_with("after epoch 1: weights differ"), "{notices:?}");
        assert_eq!(mismatches(12 * 30, 0), (0, Vec::new()), "nobody asked");
    }

    /// The order is part of a result: epoch e of a run visits as `shuffle(n, seed, e - 1)` says.
    #[test]
    fn epochs_visit_in_the_pinned_order() {
        let train = digits::generate(1, 150, 1).unwrap().train;
        let shape = Shape::new(&[400, 20, 10]).unwrap();
        let trainer =
            || Trainer::new(shape.clone(), init::he(&shape, 1), Machine::Reference).unwrap();
        let (mut shuffled, mut by_hand) = (trainer(), trainer());
        for epoch in 0..2 {
            let mut listener = Listener::default();
            let tally = shuffled.epoch(&train, Order::Shuffled, 5, 1, &mut listener).unwrap();
            assert_eq!(listener.reports, [64, 128, 150]);
            let samples = shuffle(150, 5, epoch).into_iter().map(|sample_idx| {
                (train.input(sample_idx as usize), train.label(sample_idx as usize))
            });
            let sorted = Dataset::from_samples("sorted", (20, 20), 10, samples).unwrap();
            let expected = by_hand.epoch(&sorted, Order::File, 0, 0, &mut listener).unwrap();
            assert_eq!(tally, expected);
            assert!(tally.updates > 0);
            assert_eq!(shuffled.weights().unwrap(), by_hand.weights().unwrap());
        }
    }

    /// The circuit has the error threshold of the shape, or it would not learn what the reference does.
    #[test]
    fn error_thresholds_reach_the_circuit() {
        let train = digits::generate(1, 60, 1).unwrap().train;
        let weights_at = |theta: i32, machine: &Machine| {
            let shape = Shape::new(&[400, 20, 10]).unwrap().with_error_threshold(1, theta).unwrap();
            let mut trainer =
                Trainer::new(shape.clone(), init::he(&shape, 1), machine.clone()).unwrap();
            let tally = trainer.epoch(&train, Order::File, 0, 1, &mut Listener::default()).unwrap();
            assert_eq!((tally.mismatches, tally.faults), (0, 0), "theta {theta}");
            trainer.weights().unwrap()
        };
        let fast = Machine::new(crate::EngineKind::Fast, Form::Sized, 400);
        assert_eq!(weights_at(100, &fast), weights_at(100, &Machine::Reference));
        assert_ne!(weights_at(100, &fast), weights_at(0, &fast));
    }

    #[test]
    fn circuits_have_three_layers() {
        let shape = Shape::new(&[8, 6, 5, 3]).unwrap();
        let machine = Machine::new(crate::EngineKind::Lif, Form::Sized, 8);
        let error = Trainer::new(shape.clone(), init::he(&shape, 1), machine).err().unwrap();
        assert_eq!(error.to_string(), "the circuit has 3 layers, found 4");
    }
}
