//! The paper's two experiments, seed by seed.

use super::training::{Task, Training};
use crate::scale::Scale;
use crate::trial::Trial;

/// MNIST 400-400-10.
pub(crate) fn mnist(scale: Scale) -> Vec<Trial> {
    trials(&Task::mnist(scale), scale.pick(2, 3, 15), scale.pick(3, 10, 60))
}

/// Fashion-MNIST 784-400-10.
pub(crate) fn fashion(scale: Scale) -> Vec<Trial> {
    trials(&Task::fashion(scale), scale.pick(2, 2, 10), scale.pick(3, 10, 60))
}

/// Seeds from 1; every update of seed 1 is compared with the reference, and every hundredth of the others.
fn trials(task: &Task, n_seeds: u64, epochs: u32) -> Vec<Trial> {
    (1..=n_seeds)
        .map(|seed| {
            let mut training = Training::new(task.clone(), seed, epochs);
            if seed == 1 {
                training.check_every = 1;
            }
            training.trial(format!("seed-{seed}"))
        })
        .collect()
}
