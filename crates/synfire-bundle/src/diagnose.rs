//! What may be behind a difference: guesses that hold for all spikes first, then for the first that differs.

use std::collections::BTreeSet;

use crate::compare::SpikeFinding;
use crate::score::Score;

type Spikes = BTreeSet<(u64, u32)>;

/// Spikes looked at for each shift.
const LOOKED_AT: usize = 100_000;
/// Names that are listed.
const LISTED: usize = 8;

/// Sentences about the differences of spikes, the most telling first. `at` is the first difference, `offset` what was
/// added to the steps already.
pub(crate) fn diagnose(
    score: &Score,
    expected: &Spikes,
    found: &Spikes,
    missing: &Spikes,
    extra: &Spikes,
    at: ((u64, u32), SpikeFinding),
    offset: i64,
) -> Vec<String> {
    if found.is_empty() {
        return vec!["the dump has no spike of these layers up to the case's last step".to_owned()];
    }
    let mut hints = Vec::new();
    hints.extend(moved(score, expected, found, offset));
    hints.extend(exchanged(score, expected, found));
    if hints.is_empty() {
        hints.extend(cut_short(score, found, missing, extra));
    }
    hints.extend(silent(score, expected, found));
    if hints.is_empty() {
        hints.extend(instead(score, missing, extra, at));
    }
    hints
}

/// All spikes are some steps too late or too early.
fn moved(score: &Score, expected: &Spikes, found: &Spikes, offset: i64) -> Option<String> {
    let looked_at: Vec<_> = found.iter().take(LOOKED_AT).collect();
    let n_agreeing = |steps: i64| {
        let agrees = |&&&(step, id): &&&(u64, u32)| {
            step.checked_add_signed(steps).is_some_and(|step| expected.contains(&(step, id)))
        };
        looked_at.iter().filter(agrees).count()
    };
    let as_it_is = n_agreeing(0);
    let most = i64::from(score.header.period);
    let best =
        (1..=most).flat_map(|steps| [-steps, steps]).max_by_key(|&steps| n_agreeing(steps))?;
    let (n, of) = (n_agreeing(best), looked_at.len());
    if n * 10 < of * 9 || n <= as_it_is {
        return None;
    }
    let way = if best < 0 { "late" } else { "early" };
    Some(format!(
        "{n} of {of} spikes are right but {} too {way}: try --offset {}",
        steps(best.unsigned_abs()),
        best.saturating_add(offset)
    ))
}

fn steps(n: u64) -> String {
    if n == 1 { "1 step".to_owned() } else { format!("{n} steps") }
}

/// Two layers stand under each other's name, or one under another's.
fn exchanged(score: &Score, expected: &Spikes, found: &Spikes) -> Vec<String> {
    let by_layer = |spikes: &Spikes| {
        let mut by_layer = vec![Vec::new(); score.layers.len()];
        for &(step, id) in spikes {
            let layer = score.layer_of(id);
            by_layer[layer].push((step, id - score.layers[layer].first_id));
        }
        by_layer
    };
    let (expected, found) = (by_layer(expected), by_layer(found));
    let differs = |layer: &usize| expected[*layer] != found[*layer];
    let others: Vec<usize> = (0..score.layers.len()).filter(differs).collect();
    let mut hints = Vec::new();
    for (place, &a) in others.iter().enumerate() {
        for &b in &others[place + 1..] {
            let (one, two) = (&score.layers[a].name, &score.layers[b].name);
            let is_there = [a, b].map(|layer| !expected[layer].is_empty());
            let is_a_as_b = expected[a] == found[b] && is_there[0];
            let is_b_as_a = expected[b] == found[a] && is_there[1];
            if is_a_as_b && is_b_as_a {
                hints.push(format!("layers {one} and {two} are exchanged"));
            } else if is_a_as_b && found[a].is_empty() {
                hints.push(format!("what layer {one} must do stands under layer {two}"));
            } else if is_b_as_a && found[b].is_empty() {
                hints.push(format!("what layer {two} must do stands under layer {one}"));
            }
        }
    }
    hints
}

/// The dump is right as far as it goes.
fn cut_short(score: &Score, found: &Spikes, missing: &Spikes, extra: &Spikes) -> Option<String> {
    let (&(last, _), &(first_missing, _)) = (found.last()?, missing.first()?);
    if !extra.is_empty() || first_missing < last || missing.last()?.0 == last {
        return None;
    }
    let place = match score.sample_of(last) {
        None => "before the first sample".to_owned(),
        Some(sample) => format!("in sample {sample} of {}", score.samples.len()),
    };
    Some(format!(
        "the dump ends in step {last}, {place}; the case goes on to step {}",
        score.last_step()
    ))
}

/// Layers that never spike in the dump.
fn silent(score: &Score, expected: &Spikes, found: &Spikes) -> Option<String> {
    let layers = |spikes: &Spikes| -> BTreeSet<usize> {
        spikes.iter().map(|&(_, id)| score.layer_of(id)).collect()
    };
    let heard = layers(found);
    let silent: Vec<&str> = layers(expected)
        .into_iter()
        .filter(|layer| !heard.contains(layer))
        .map(|layer| &*score.layers[layer].name)
        .collect();
    if silent.is_empty() {
        return None;
    }
    let listed = silent.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
    let more = match silent.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!("the dump has no spike of {listed}{more}; --layers compares others alone"))
}

/// What happens in the place of the first difference.
fn instead(
    score: &Score,
    missing: &Spikes,
    extra: &Spikes,
    ((step, id), finding): ((u64, u32), SpikeFinding),
) -> Option<String> {
    // For a spike that is missing, one that is too much is looked for, and the other way round.
    let (others, verb) = match finding {
        SpikeFinding::Missing => (extra, "spikes"),
        SpikeFinding::Extra => (missing, "must spike"),
        SpikeFinding::Twice => return None,
    };
    let period = u64::from(score.header.period);
    let later = (1..=period).find(|&n| others.contains(&(step + n, id)));
    let earlier = (1..=period.min(step)).find(|&n| others.contains(&(step - n, id)));
    let name = score.name_of(id);
    if let Some(n) = later.filter(|&n| earlier.is_none_or(|earlier| n <= earlier)) {
        return Some(format!("{name} {verb} {} later instead, in step {}", steps(n), step + n));
    }
    if let Some(n) = earlier {
        return Some(format!("{name} {verb} {} earlier instead, in step {}", steps(n), step - n));
    }
    let in_step = || others.range((step, 0)..=(step, u32::MAX)).map(|&(_, other)| other);
    let layer = score.layer_of(id);
    if let Some(other) = in_step().find(|&other| score.layer_of(other) == layer) {
        return Some(format!("neuron {} {verb} instead", score.name_of(other)));
    }
    let index = |id: u32| id - score.layers[score.layer_of(id)].first_id;
    let other = in_step().find(|&other| index(other) == index(id))?;
    Some(format!("neuron {} {verb} instead, of another layer", score.name_of(other)))
}
