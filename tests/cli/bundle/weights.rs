//! Somebody's weights: changes, and weights as they stand.

use std::collections::BTreeMap;

use synfire_cli::Status;

use super::spikes::{compare, found, golden, has};
use super::{shared, text};
use crate::scratch::{Answer, Scratch};

/// Lines of `changes.csv`, each cut into its columns.
pub(super) fn changes() -> Vec<Vec<String>> {
    let changes = text(shared(), "cases/ties/changes.csv");
    changes.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// Compares weights with the case `ties`, whose spikes are right.
pub(super) fn weigh(scratch: &Scratch, weights: &[u8], words: &[&str]) -> Answer {
    scratch.write("weights", weights);
    let words: Vec<&str> =
        ["--weights", "@/weights"].into_iter().chain(words.iter().copied()).collect();
    compare(scratch, &golden("ties", "spikes.csv"), &words)
}

pub(super) fn changes_csv(changes: &[Vec<String>]) -> Vec<u8> {
    let lines: String = changes.iter().map(|columns| columns.join(",") + "\n").collect();
    format!("sample,step,rule,pre,post,old,new\n{lines}").into_bytes()
}

#[test]
fn a_weight_off_by_two_is_named() {
    let scratch = Scratch::new();
    let mut changes = changes();
    let at = changes.iter().position(|columns| columns[2] == "w1<").expect("a change");
    let [step, old, new] =
        [1, 5, 6].map(|column| changes[at][column].parse::<i64>().expect("a number"));
    changes[at][6] = (new + 2).to_string();
    let said = found(weigh(&scratch, &changes_csv(&changes), &[]));
    has(&said, "spikes: all as they must be");
    has(&said, "changes expected, 1 different");
    has(&said, &format!("first difference: step {step}, sample "));
    has(&said, ": weight w1< from x ");
    let way = if new > old { "potentiation" } else { "depression" };
    has(&said, &format!("expected {new} ({way} from {old}), found {}", new + 2));
    changes.remove(at);
    let said = found(weigh(&scratch, &changes_csv(&changes), &[]));
    has(&said, "found no change");
}

pub(super) fn to_id(number: i64) -> u32 {
    u32::try_from(number).expect("an id")
}

/// The golden weights after the last sample as `pre,post,weight`.
pub(super) fn last_weights() -> BTreeMap<(u32, u32), i64> {
    let synapses = text(shared(), "cases/ties/synapses.csv");
    let mut weights = BTreeMap::new();
    for line in synapses.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        if columns[5] != "none" {
            let number = |column: usize| columns[column].parse::<i64>().expect("a number");
            weights.insert((to_id(number(0)), to_id(number(1))), number(2));
        }
    }
    for columns in changes() {
        let number = |column: usize| columns[column].parse::<i64>().expect("a number");
        weights.insert((to_id(number(3)), to_id(number(4))), number(6));
    }
    weights
}

pub(super) fn weights_csv(weights: &BTreeMap<(u32, u32), i64>) -> Vec<u8> {
    let lines: String =
        weights.iter().map(|((pre, post), weight)| format!("{pre},{post},{weight}\n")).collect();
    format!("pre,post,weight\n{lines}").into_bytes()
}

#[test]
fn weights_as_they_stand_are_compared() {
    let scratch = Scratch::new();
    let mut weights = last_weights();
    let said = weigh(&scratch, &weights_csv(&weights), &[]).succeeded().stdout;
    has(&said, &format!("weights: {0} of {0} compared, all as they must be", weights.len()));
    let (&synapse, &weight) = weights.iter().nth(100).expect("a weight");
    weights.insert(synapse, weight + 2);
    let said = found(weigh(&scratch, &weights_csv(&weights), &[]));
    has(&said, "first difference: after sample 9: weight ");
    has(&said, &format!("expected {weight}, found {}", weight + 2));
    let said = found(weigh(&scratch, &weights_csv(&weights), &["--after", "0"]));
    has(&said, "after sample 0: weight ");
    let message = weigh(&scratch, &weights_csv(&weights), &["--after", "10"]).failed(Status::Usage);
    has(&message, "sample is 10, expected 0 to 9");
}

/// The published schedule forgets the reward of a run's last sample: its potentiation becomes depression.
#[test]
fn a_forgotten_reward_is_named() {
    let scratch = Scratch::new();
    // The last sample that changes something; in this case the last one does not.
    let mut changes = changes();
    let last = changes.last().expect("a change")[0].clone();
    let number =
        |columns: &[String], column: usize| columns[column].parse::<i64>().expect("a number");
    let mut step = 0;
    for columns in &mut changes {
        let [old, new] = [5, 6].map(|column| number(columns, column));
        if columns[0] == last && new > old {
            columns[6] = (old - 2).to_string();
            step = if step == 0 { number(columns, 1) } else { step };
        }
    }
    let said = found(weigh(&scratch, &changes_csv(&changes), &[]));
    has(&said, &format!("first difference: step {step}, sample {last}: weight "));
    has(
        &said,
        &format!(" weights that must go up in step {step} go down: as if its reward were missing"),
    );

    // The same from the weights after that sample, all that some machines can show.
    let mut weights = last_weights();
    for columns in changes.iter().filter(|columns| columns[0] == last) {
        let synapse = (to_id(number(columns, 3)), to_id(number(columns, 4)));
        weights.insert(synapse, number(columns, 6));
    }
    let said = found(weigh(&scratch, &weights_csv(&weights), &["--after", &last]));
    has(
        &said,
        &format!(
            " weights that must go up in sample {last} went down: as if its rewards were missing"
        ),
    );

    // And from the generators, where they are recorded: the last reward of the case.
    let mut rows = golden("ties", "spikes.csv");
    let mut stimulus = golden("ties", "stimulus.csv");
    let place = stimulus.iter().rposition(|row| row.1 == "reward").expect("a reward");
    let (step, ..) = stimulus.remove(place);
    rows.extend(stimulus);
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, &format!("step {step}, phase 7 of sample 9 (class 3), layer reward, neuron 0 (id "));
    has(&said, "expected a spike (reward: coincidences of this step go up), found none");
}
