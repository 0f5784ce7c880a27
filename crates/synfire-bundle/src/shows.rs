//! What a sample is an example of: errors, ties, weights at their ends, large sums.
//!
//! Each is a short word; a sample shows any number of them, listed in the column `shows` of `samples.csv`. They are
//! found from the reference's record of the sample and the weights before and after it.

use std::collections::BTreeSet;

use synfire_train::synfire_reference::{LayerRecord, Record, WeightLimits, Weights};

/// What a word stands for, in the order in which words are listed.
pub(crate) const WORDS: &[(&str, &str)] = &[
    ("no-error", "the output has no error: nothing changes"),
    ("d2+", "an output is to go up"),
    ("d2-", "an output is to go down"),
    ("d1+", "a hidden neuron is to go up"),
    ("d1-", "a hidden neuron is to go down"),
    ("d1+-", "one hidden neuron is to go up and down"),
    ("z1=0", "a hidden potential is exactly 0 while there is an error: its gate stays closed"),
    ("z1=512", "a hidden potential is exactly 512: h is silent"),
    ("z1=1024", "a hidden potential is exactly 1024 while there is an error: its gate is open"),
    ("z2=0", "the target's potential is exactly 0: it gets no error"),
    ("z2=512", "an output potential is exactly 512: o is silent"),
    ("z2=1024", "a wrong output's potential is exactly 1024: it still gets its error"),
    ("e+=0", "e+ of an open hidden neuron is exactly 0: no d1+"),
    ("e-=0", "e- of an open hidden neuron is exactly 0: no d1-"),
    ("w1-max", "a weight of W1 at 254 is asked to go up"),
    ("w1-min", "a weight of W1 at -256 is asked to go down"),
    ("w1-max-both", "a weight of W1 at 254 is asked to go up, stays, and then goes down"),
    ("w2-max", "a weight of W2, and so of F+, at 254 is asked to go up"),
    ("w2-min", "a weight of W2, and so of F+, at -256 is asked to go down"),
    ("f-max", "a weight of F- at 254 is asked to go up"),
    ("f-min", "a weight of F- at -256 is asked to go down"),
    ("f-parts", "F- and F+ of a synapse were opposite and are not any more"),
    ("z1>9216", "a hidden potential whose echo fires the published circuit in phase 0"),
    ("z1>17344", "a hidden potential whose echo fires the published circuit in phase 8"),
    ("z1<-17344", "a hidden potential as large downwards"),
];

/// What the sample of this record shows, learned from the weights `before`; `after` are the weights it left.
pub(crate) fn shows(
    record: &Record,
    target: usize,
    before: &Weights,
    after: &Weights,
) -> BTreeSet<&'static str> {
    let limits = WeightLimits::CIRCUIT;
    let (min, max) = (limits.min(), limits.max());
    let [hidden, output] = record.layers() else { return BTreeSet::new() };
    let mut found = BTreeSet::new();
    let mut note = |word: &'static str, is_shown: bool| {
        if is_shown {
            found.insert(word);
        }
    };
    let any =
        |layer: &LayerRecord, test: &dyn Fn(usize) -> bool| (0..layer.potential().len()).any(test);
    let has_error = record.has_error();
    note("no-error", !has_error);
    note("d2+", !output.error_plus_list().is_empty());
    note("d2-", !output.error_minus_list().is_empty());
    note("d1+", !hidden.error_plus_list().is_empty());
    note("d1-", !hidden.error_minus_list().is_empty());
    let both = |j: usize| hidden.error_plus()[j] && hidden.error_minus()[j];
    note("d1+-", any(hidden, &both));
    let z1 = hidden.potential();
    note("z1=0", has_error && z1.contains(&0));
    note("z1=512", z1.contains(&512));
    note("z1=1024", has_error && z1.contains(&1024));
    let z2 = output.potential();
    note("z2=0", z2.get(target) == Some(&0));
    note("z2=512", z2.contains(&512));
    note("z2=1024", any(output, &|k| k != target && z2[k] == 1024));
    note("e+=0", has_error && any(hidden, &|j| hidden.gate()[j] && hidden.e_plus()[j] == 0));
    note("e-=0", has_error && any(hidden, &|j| hidden.gate()[j] && hidden.e_minus()[j] == 0));
    // A row of W1 per active input, a row of W2 per active hidden neuron, of F per output with an error.
    let w1 = &before.forward()[0];
    for row in record.input_list().iter().map(|&i| w1.row(i as usize)) {
        note("w1-max", any(hidden, &|j| hidden.error_plus()[j] && row[j] == max));
        note("w1-max-both", any(hidden, &|j| both(j) && row[j] == max));
        let falls = |j: usize| hidden.error_minus()[j] && !hidden.error_plus()[j];
        note("w1-min", any(hidden, &|j| falls(j) && row[j] == min));
    }
    let (w2, minus) = (&before.forward()[1], &before.feedback_minus()[0]);
    for &j in hidden.active_list() {
        let j = j as usize;
        note("w2-max", any(output, &|k| output.error_plus()[k] && w2.row(j)[k] == max));
        note("w2-min", any(output, &|k| output.error_minus()[k] && w2.row(j)[k] == min));
        note("f-max", any(output, &|k| output.error_minus()[k] && minus.row(k)[j] == max));
        note("f-min", any(output, &|k| output.error_plus()[k] && minus.row(k)[j] == min));
    }
    let is_opposite = |weights: &Weights, k: usize, j: usize| {
        weights.feedback_plus()[0].row(k)[j] == -weights.feedback_minus()[0].row(k)[j]
    };
    note(
        "f-parts",
        any(output, &|k| any(hidden, &|j| is_opposite(before, k, j) && !is_opposite(after, k, j))),
    );
    note("z1>9216", z1.iter().any(|&z| z > 9216));
    note("z1>17344", z1.iter().any(|&z| z > 17_344));
    note("z1<-17344", z1.iter().any(|&z| z < -17_344));
    found
}

/// The words in their order, separated by spaces.
pub(crate) fn listed(shown: &BTreeSet<&str>) -> String {
    let words: Vec<&str> =
        WORDS.iter().map(|&(word, _)| word).filter(|word| shown.contains(word)).collect();
    words.join(" ")
}
