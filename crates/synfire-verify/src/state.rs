//! Where a lockstep stands between two samples: the engine, the reference, and what one knows of the other.
//!
//! A lockstep that is resumed from a state compares what the one it was taken of would have compared: the same
//! weights, the same counts, the same mismatches, also after a mismatch. What the last sample did (raster, cycle,
//! record) is not part of it.

use synfire_circuit::PlasticWeights;
use synfire_net::{EngineState, Part, PartsError, Width};

/// Where a [`Lockstep`](crate::Lockstep) stands after a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockstepState {
    /// Where the engine stands.
    pub engine: EngineState,
    /// The sample that comes next, counted from 0.
    pub next_sample: u64,
    /// The weights of the reference. They are those of the engine, but for rows that are stale and rows that differ.
    pub reference: PlasticWeights,
    /// Rows that the engine can have changed since the reference knew them: of `w2`, the positive and the negative
    /// feedback matrix, and `w1`; row k is bit k mod 64 of word k / 64.
    pub stale: [Vec<u64>; 4],
    /// The part of `w1` that the next sparse comparison looks at, 0 to 15.
    pub turn: u8,
}

const STALE: [&str; 4] = ["stale.w2", "stale.feedback_plus", "stale.feedback_minus", "stale.w1"];
const REFERENCE: [&str; 4] =
    ["reference.w1", "reference.w2", "reference.feedback_plus", "reference.feedback_minus"];

impl LockstepState {
    /// The state as named arrays of integers, for files: those of the [engine](EngineState::parts), and with them
    /// `next_sample`, `turn`, `reference.w1`, `stale.w1` and the like.
    #[must_use]
    pub fn parts(&self) -> Vec<Part<'_>> {
        let mut parts = self.engine.parts();
        parts.push(Part::new("next_sample", vec![self.next_sample]));
        parts.push(Part::new("turn", vec![self.turn]));
        let PlasticWeights { w1, w2, feedback_plus, feedback_minus } = &self.reference;
        for (name, weights) in REFERENCE.into_iter().zip([w1, w2, feedback_plus, feedback_minus]) {
            parts.push(Part::new(name, &weights[..]));
        }
        for (name, rows) in STALE.into_iter().zip(&self.stale) {
            parts.push(Part::new(name, &rows[..]));
        }
        parts
    }

    /// Puts a state together. Whether it fits a circuit is looked at when it is resumed.
    ///
    /// # Errors
    /// Parts that are missing, unknown, of another width or of a length that does not fit the others.
    pub fn from_parts<'a>(parts: impl IntoIterator<Item = Part<'a>>) -> Result<Self, PartsError> {
        let mut parts: Vec<Part<'a>> = parts.into_iter().collect();
        let next_sample = one(&take::<u64>(&mut parts, "next_sample")?, "next_sample")?;
        let turn = one(&take::<u8>(&mut parts, "turn")?, "turn")?;
        let [w1, w2, feedback_plus, feedback_minus] = REFERENCE;
        let reference = PlasticWeights {
            w1: take(&mut parts, w1)?,
            w2: take(&mut parts, w2)?,
            feedback_plus: take(&mut parts, feedback_plus)?,
            feedback_minus: take(&mut parts, feedback_minus)?,
        };
        let mut stale = <[Vec<u64>; 4]>::default();
        for (rows, name) in stale.iter_mut().zip(STALE) {
            *rows = take(&mut parts, name)?;
        }
        let engine = EngineState::from_parts(parts)?;
        Ok(Self { engine, next_sample, reference, stale, turn })
    }
}

/// Takes a part out of the others.
fn take<T: Width>(parts: &mut Vec<Part<'_>>, name: &str) -> Result<Vec<T>, PartsError> {
    match parts.iter().position(|part| part.name == name) {
        Some(place) => parts.swap_remove(place).take(),
        None => Err(PartsError::Missing { name: name.to_owned() }),
    }
}

fn one<T: Copy>(values: &[T], name: &str) -> Result<T, PartsError> {
    match values {
        [value] => Ok(*value),
        _ => {
            let (name, found) = (name.to_owned(), values.len());
            Err(PartsError::Length { name, found, expected: 1 })
        }
    }
}
