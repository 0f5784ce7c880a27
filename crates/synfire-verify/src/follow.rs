//! Follows the weights of an engine at the cost of what changes, and trusts it with nothing.
//!
//! The circuit's rule changes a weight only where a pre- and a postsynaptic spike coincide. The lockstep
//! hears every spike, so it knows by itself which rows can have changed in a sample that was not compared:
//! those rows are **stale**, and before a comparison the reference takes over the stale rows that it
//! needs, and no other. What the engine did to any other row therefore stays visible. After a compared
//! sample these rows are held against the engine, in every copy:
//!
//! - those that the sample changed, by the spikes or by the reference;
//! - all of the output and feedback matrices, which are small;
//! - one of [`N_TURNS`] parts of the rest, the next one each time.
//!
//! Of the rows that were taken over for it, the sample's spikes tell whether the copies agree where that made a
//! difference; their weights are compared when their turn comes. A full comparison looks at every row of every
//! copy.

use crate::claim::{Claim, Counts};
use crate::heard::Heard;
use crate::mismatch::Mismatch;
use crate::rows::Rows;
use std::ops::Range;
use synfire_circuit::LearningCircuit;
use synfire_net::{Engine, LayerId, ProjectionId};
use synfire_reference::{Matrix, MatrixName, Record, Reference, Weights, WeightsError};

/// Sparse comparisons until every row of every copy was compared.
pub(crate) const N_TURNS: usize = 16;

/// Weights read at once: few enough to stay near the processor, many enough for engines that can only
/// hand out all of them.
const WEIGHTS_AT_ONCE: usize = 1 << 15;

/// Which weights to compare after a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All of them.
    Full,
    /// Those that can have changed, and a part of the rest.
    Sparse,
}

/// What the reference knows of the engine's weights.
pub(crate) struct Following {
    /// In causal order of learning: w2, the feedback matrices, w1.
    matrices: [Followed; 4],
    turn: usize,
    /// Weights on their way from the engine.
    buffer: Vec<i16>,
}

/// One matrix of the reference and the projections that hold copies of it.
struct Followed {
    name: MatrixName,
    /// The first is the one the reference takes over.
    copies: Vec<Twin>,
    /// The phase in which it learns last.
    phase: u32,
    n_rows: usize,
    n_targets: usize,
    /// Rows that the engine can have changed since the reference knew them.
    stale: Rows,
    /// Rows taken over for the sample that runs.
    taken: Rows,
    /// Rows to compare after it.
    due: Rows,
}

struct Twin {
    projection: ProjectionId,
    source: LayerId,
    target: LayerId,
    claim: Claim,
}

impl Following {
    /// The reference knows all weights of the moment.
    pub(crate) fn new(circuit: &LearningCircuit) -> Self {
        let (w1, w2, plus, minus) = circuit.matrices();
        let followed = |name, projections: &[ProjectionId], first, phase| {
            Followed::new(circuit, name, projections, first, phase)
        };
        let matrices = [
            followed(MatrixName::Forward(1), &w2, Claim::OutputUpdate, 9),
            followed(MatrixName::FeedbackPlus(0), &[plus], Claim::Copies, 9),
            followed(MatrixName::FeedbackMinus(0), &[minus], Claim::Copies, 9),
            followed(MatrixName::Forward(0), &w1, Claim::HiddenUpdate, 11),
        ];
        Self { matrices, turn: 0, buffer: Vec::new() }
    }

    /// What is to be kept from one sample to the next: stale rows in the order of the matrices, and whose turn it is.
    pub(crate) fn memory(&self) -> ([Vec<u64>; 4], u8) {
        // Below 16.
        let turn = u8::try_from(self.turn).unwrap_or(u8::MAX);
        (self.matrices.each_ref().map(|matrix| matrix.stale.words().to_vec()), turn)
    }

    /// Takes over what another one kept.
    ///
    /// # Errors
    /// Rows that a matrix does not have, or a turn there is not.
    pub(crate) fn remember(&mut self, stale: &[Vec<u64>; 4], turn: u8) -> Result<(), String> {
        if usize::from(turn) >= N_TURNS {
            return Err(format!("turn is {turn}, expected 0 to {}", N_TURNS - 1));
        }
        self.turn = turn.into();
        for (matrix, words) in self.matrices.iter_mut().zip(stale) {
            if !matrix.stale.set_words(words) {
                let (name, n_rows) = (matrix.name, matrix.n_rows);
                return Err(format!(
                    "stale rows of {name:?}: {} words, expected bits for {n_rows} rows",
                    words.len()
                ));
            }
        }
        Ok(())
    }

    /// A sample was not compared: what it can have changed is not known any more.
    pub(crate) fn skip(&mut self, heard: &Heard) {
        for matrix in &mut self.matrices {
            let Followed { copies, stale, .. } = matrix;
            coincidences(copies, heard, stale);
        }
    }

    /// Nothing is known any more.
    pub(crate) fn forget(&mut self) {
        for matrix in &mut self.matrices {
            matrix.stale.add_all();
        }
    }

    /// The reference takes over the stale rows that it needs for a sample with these inputs, or all of them.
    pub(crate) fn take_over(
        &mut self,
        extent: Extent,
        active: &[u32],
        engine: &dyn Engine,
        reference: &mut Reference,
    ) -> Result<(), WeightsError> {
        for matrix in &mut self.matrices {
            matrix.taken.clear();
            if extent == Extent::Sparse && matrix.is_large() {
                for &source_idx in active {
                    matrix.taken.add(source_idx as usize);
                }
                matrix.taken.add_range(part(self.turn, matrix.n_rows));
                matrix.taken.keep_those(&matrix.stale);
            } else {
                matrix.taken.add_those(&matrix.stale);
            }
            let projection = matrix.copies[0].projection;
            for rows in matrix.taken.runs() {
                let weights = room(&mut self.buffer, rows.len() * matrix.n_targets);
                engine.read_weights(projection, rows.start * matrix.n_targets, weights);
                reference.set_rows(matrix.name, rows.start, weights)?;
            }
            matrix.stale.remove_those(&matrix.taken);
        }
        Ok(())
    }

    /// E3, E5 and E6 after a sample that the reference has learnt, too. The claim of an update counts the
    /// changes that the reference made, that of the copies each weight compared.
    pub(crate) fn compare(
        &mut self,
        extent: Extent,
        heard: &Heard,
        engine: &dyn Engine,
        reference: &Reference,
        counts: &mut Counts,
    ) -> Option<Difference> {
        let record = reference.record();
        let [n_w1, n_w2] = changes(record);
        counts.add(Claim::OutputUpdate, n_w2);
        counts.add(Claim::HiddenUpdate, n_w1);
        let mut first = None;
        for matrix in &mut self.matrices {
            match extent {
                Extent::Full => matrix.due.add_all(),
                Extent::Sparse if !matrix.is_large() => matrix.due.add_all(),
                Extent::Sparse => {
                    matrix.due.clear();
                    coincidences(&matrix.copies, heard, &mut matrix.due);
                    if n_w1 > 0 {
                        for &source_idx in record.input_list() {
                            matrix.due.add(source_idx as usize);
                        }
                    }
                    matrix.due.add_range(part(self.turn, matrix.n_rows));
                    matrix.due.remove_those(&matrix.stale);
                }
            }
            let found = matrix.compare(engine, reference.weights(), &mut self.buffer, counts);
            first = first.or(found);
        }
        if extent == Extent::Sparse {
            self.turn = (self.turn + 1) % N_TURNS;
        }
        first
    }

    /// Compares all weights between two samples: those that are stale between the copies, all others with
    /// the reference.
    pub(crate) fn compare_all(
        &mut self,
        engine: &dyn Engine,
        reference: &mut Reference,
        counts: &mut Counts,
    ) -> Result<Option<Difference>, WeightsError> {
        self.take_over(Extent::Full, &[], engine, reference)?;
        let mut first = None;
        for matrix in &mut self.matrices {
            matrix.due.add_all();
            let found = matrix.compare(engine, reference.weights(), &mut self.buffer, counts);
            first = first.or(found);
        }
        Ok(first)
    }
}

/// A weight that is not the reference's.
pub(crate) struct Difference {
    claim: Claim,
    projection: ProjectionId,
    phase: u32,
    source_idx: usize,
    target_idx: usize,
    expected: i16,
    found: Option<i16>,
}

impl Difference {
    pub(crate) fn mismatch(&self, circuit: &LearningCircuit, sample: u64) -> Mismatch {
        let position = |idx: usize| u32::try_from(idx).unwrap_or(u32::MAX);
        Mismatch {
            claim: self.claim,
            sample,
            phase: self.phase,
            place: circuit.network().projection(self.projection).name.clone(),
            neuron_idx: position(self.target_idx),
            source_idx: Some(position(self.source_idx)),
            expected: format!("weight {}", self.expected),
            found: self.found.map_or_else(|| "no weight".to_owned(), |found| found.to_string()),
            agreed_up_to: self.phase.checked_sub(1),
        }
    }
}

impl Followed {
    fn new(
        circuit: &LearningCircuit,
        name: MatrixName,
        projections: &[ProjectionId],
        first: Claim,
        phase: u32,
    ) -> Self {
        let network = circuit.network();
        let twin = |(idx, &projection): (usize, &ProjectionId)| {
            let claim = if idx == 0 { first } else { Claim::Copies };
            let ends = network.projection(projection);
            Twin { projection, source: ends.source, target: ends.target, claim }
        };
        let copies: Vec<Twin> = projections.iter().enumerate().map(twin).collect();
        let n_rows = network.layer(copies[0].source).n_neurons as usize;
        let n_targets = network.layer(copies[0].target).n_neurons as usize;
        let [stale, taken, due] = [(); 3].map(|()| Rows::none(n_rows));
        Self { name, copies, phase, n_rows, n_targets, stale, taken, due }
    }

    /// Whether it is compared in parts: the weights of the input are nearly all there are.
    fn is_large(&self) -> bool {
        self.name == MatrixName::Forward(0)
    }

    /// Compares the rows that are due in every copy, and returns the first difference in the first copy
    /// that has one.
    fn compare(
        &self,
        engine: &dyn Engine,
        weights: &Weights,
        buffer: &mut Vec<i16>,
        counts: &mut Counts,
    ) -> Option<Difference> {
        let expected = matrix_of(weights, self.name).values();
        let n_weights = (self.due.len() * self.n_targets) as u64;
        let mut first = None;
        for twin in &self.copies {
            if twin.claim == Claim::Copies {
                counts.add(Claim::Copies, n_weights);
            }
            let at_once = (WEIGHTS_AT_ONCE / self.n_targets).max(1);
            for run in self.due.runs() {
                for start in run.clone().step_by(at_once) {
                    let rows = start..run.end.min(start + at_once);
                    first = first.or_else(|| self.stretch(twin, rows, expected, engine, buffer));
                }
            }
        }
        first
    }

    fn stretch(
        &self,
        twin: &Twin,
        rows: Range<usize>,
        expected: &[i16],
        engine: &dyn Engine,
        buffer: &mut Vec<i16>,
    ) -> Option<Difference> {
        let start = rows.start * self.n_targets;
        let expected = &expected[start..rows.end * self.n_targets];
        let found = room(buffer, expected.len());
        let is_there = engine.read_weights(twin.projection, start, found);
        if is_there && found == expected {
            return None;
        }
        let differs = |idx: &usize| !is_there || found[*idx] != expected[*idx];
        let idx = (0..expected.len()).find(differs)?;
        Some(Difference {
            claim: twin.claim,
            projection: twin.projection,
            phase: self.phase,
            source_idx: rows.start + idx / self.n_targets,
            target_idx: idx % self.n_targets,
            expected: expected[idx],
            found: is_there.then_some(found[idx]),
        })
    }
}

/// Adds the rows whose source spiked together with any target, in any copy and any phase.
fn coincidences(copies: &[Twin], heard: &Heard, rows: &mut Rows) {
    for twin in copies {
        for phase in heard.together(twin.source, twin.target) {
            rows.add_words(heard.words(phase, twin.source));
        }
    }
}

/// The rows of one of [`N_TURNS`] parts.
const fn part(turn: usize, n_rows: usize) -> Range<usize> {
    turn * n_rows / N_TURNS..(turn + 1) * n_rows / N_TURNS
}

/// Room for so many weights.
fn room(buffer: &mut Vec<i16>, n_weights: usize) -> &mut [i16] {
    if buffer.len() < n_weights {
        buffer.resize(n_weights, 0);
    }
    &mut buffer[..n_weights]
}

fn matrix_of(weights: &Weights, name: MatrixName) -> &Matrix {
    match name {
        MatrixName::Forward(idx) => &weights.forward()[idx],
        MatrixName::FeedbackPlus(idx) => &weights.feedback_plus()[idx],
        MatrixName::FeedbackMinus(idx) => &weights.feedback_minus()[idx],
    }
}

/// Weights of w1 and w2 that the reference was asked to change.
fn changes(record: &Record) -> [u64; 2] {
    let hidden = &record.layers()[0];
    let output = record.output();
    let errors = |plus: &[u32], minus: &[u32]| (plus.len() + minus.len()) as u64;
    let n_inputs = record.input_list().len() as u64;
    let n_active = hidden.active_list().len() as u64;
    [
        n_inputs * errors(hidden.error_plus_list(), hidden.error_minus_list()),
        n_active * errors(output.error_plus_list(), output.error_minus_list()),
    ]
}
