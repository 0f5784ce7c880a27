//! How the answer of an engine is read: clause R9, from spikes and potentials.
//!
//! The reference reads its own record; this is the same clause for a circuit's outputs.

use synfire_reference::Readout;

/// Reads outputs that fired, in ascending order, and the potentials of all.
pub(crate) fn read(fired: &[u32], potential: &[i64], target: usize) -> Readout {
    let mut largest = 0;
    for (neuron_idx, &value) in potential.iter().enumerate() {
        if value > potential[largest] {
            largest = neuron_idx;
        }
    }
    Readout {
        exact: matches!(fired, &[only] if only as usize == target),
        binary: fired.first().map_or(0, |&first| first as usize),
        potential: largest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_wins_and_silence_reads_as_class_0() {
        let silent = read(&[], &[-4, -2, -2], 0);
        assert_eq!(silent, Readout { exact: false, binary: 0, potential: 1 });
        let right = read(&[2], &[514, 512, 900], 2);
        assert_eq!(right, Readout { exact: true, binary: 2, potential: 2 });
        let two = read(&[1, 2], &[0, 600, 600], 2);
        assert_eq!(two, Readout { exact: false, binary: 1, potential: 1 });
    }
}
