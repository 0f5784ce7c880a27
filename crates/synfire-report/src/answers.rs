//! What the weights of a run answer on the test samples, counted by the integer reference.
//!
//! The run counted the same when it ended; here every answer is kept: which class was read as which, by how
//! much, and who was active. Nothing is learned.

use synfire_train::synfire_data::Dataset;
use synfire_train::synfire_reference::{Reference, SampleError, Shape, Weights};

/// Answers on all test samples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) n_samples: u64,
    /// Samples with all output bits right.
    pub(crate) exact: u64,
    /// By target, then by what the binary readout reads.
    pub(crate) binary: Vec<Vec<u64>>,
    /// By target, then by what the potential readout reads.
    pub(crate) potential: Vec<Vec<u64>>,
    /// Samples for which no output spikes.
    pub(crate) silent: u64,
    /// Samples that the potential readout reads wrongly, those first in which it is most certain.
    pub(crate) misread: Vec<Misread>,
    /// Active neurons over all samples, layer by layer from the input.
    pub(crate) active: Vec<u64>,
    /// By neuron of the first hidden layer, samples in which it is active.
    pub(crate) hidden: Vec<u64>,
}

/// A sample that is read wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Misread {
    pub(crate) sample_idx: usize,
    pub(crate) target: usize,
    pub(crate) read: usize,
    /// Potential of the output that was read, in weight units.
    pub(crate) potential: i32,
    /// Potential of the output that was meant.
    pub(crate) of_target: i32,
}

impl Misread {
    /// How far the wrong output is ahead.
    pub(crate) const fn margin(&self) -> i32 {
        self.potential - self.of_target
    }
}

impl Answers {
    pub(crate) fn new(
        shape: &Shape,
        weights: &Weights,
        test: &Dataset,
    ) -> Result<Answers, SampleError> {
        let n_classes = shape.n_classes().max(test.n_classes());
        let mut answers = Answers {
            binary: vec![vec![0; n_classes]; n_classes],
            potential: vec![vec![0; n_classes]; n_classes],
            active: vec![0; shape.n_layers()],
            hidden: vec![0; shape.n_neurons(1)],
            ..Answers::default()
        };
        let Ok(mut reference) = Reference::new(shape.clone(), weights.clone()) else {
            // Weights of a folder were checked against its shape.
            return Ok(answers);
        };
        for sample_idx in 0..test.len() {
            let target = test.target(sample_idx);
            let record = reference.infer(test.input(sample_idx))?;
            let readout = record.readout(target);
            answers.n_samples += 1;
            answers.exact += u64::from(readout.exact);
            answers.binary[target][readout.binary] += 1;
            answers.potential[target][readout.potential] += 1;
            answers.silent += u64::from(record.output().active_list().is_empty());
            answers.active[0] += record.input_list().len() as u64;
            for (sum, layer) in answers.active[1..].iter_mut().zip(record.layers()) {
                *sum += layer.active_list().len() as u64;
            }
            for &neuron_idx in record.layers()[0].active_list() {
                answers.hidden[neuron_idx as usize] += 1;
            }
            let potentials = record.output().potential();
            let read = readout.potential;
            if read != target {
                let of = |class: usize| potentials.get(class).copied().unwrap_or(i32::MIN / 2);
                let (potential, of_target) = (of(read), of(target));
                answers.misread.push(Misread { sample_idx, target, read, potential, of_target });
            }
        }
        answers.misread.sort_by_key(|misread| (-misread.margin(), misread.sample_idx));
        Ok(answers)
    }

    /// Samples read right by a readout's table.
    pub(crate) fn right(confusion: &[Vec<u64>]) -> u64 {
        confusion.iter().enumerate().map(|(class, row)| row[class]).sum()
    }

    /// The pairs of what was meant and what was read, the most frequent first, each with its samples.
    pub(crate) fn pairs(&self) -> Vec<((usize, usize), Vec<Misread>)> {
        let mut pairs: std::collections::BTreeMap<(usize, usize), Vec<Misread>> =
            std::collections::BTreeMap::new();
        for misread in &self.misread {
            pairs.entry((misread.target, misread.read)).or_default().push(*misread);
        }
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        pairs.sort_by_key(|(pair, samples)| (std::cmp::Reverse(samples.len()), *pair));
        pairs
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use synfire_train::synfire_circuit::Form;
    use synfire_train::synfire_data::digits;
    use synfire_train::synfire_reference::init;
    use synfire_train::{EngineKind, Machine, evaluate};

    /// What is counted here is what the run counts when it evaluates.
    #[test]
    fn counts_are_those_of_an_evaluation() {
        let test = digits::generate(digits::SEED, 10, 300).unwrap().test;
        let shape = Shape::new(&[test.n_inputs(), 30, 10]).unwrap();
        let weights = init::he(&shape, 3);
        let answers = Answers::new(&shape, &weights, &test).unwrap();
        let machine = Machine::new(EngineKind::Reference, Form::Sized, 0);
        let score = evaluate(&shape, &weights, &test, &machine).unwrap().score;
        let right = [&answers.binary, &answers.potential].map(|table| Answers::right(table));
        assert_eq!((answers.n_samples, answers.exact), (score.samples, score.exact));
        assert_eq!(right, [score.binary, score.potential]);
        assert_eq!(answers.misread.len() as u64, score.samples - score.potential);
        assert!(answers.misread.is_sorted_by_key(|misread| -misread.margin()));
        assert!(answers.misread.iter().all(|misread| misread.margin() >= 0));
        let in_pairs: usize = answers.pairs().iter().map(|(_, samples)| samples.len()).sum();
        assert_eq!(in_pairs, answers.misread.len());
        assert_eq!(answers.hidden.iter().sum::<u64>(), answers.active[1]);
        assert_eq!(answers.active[0], test.total_active() as u64);
    }
}
