//! The TOML form: what a user reads when a file is wrong, and that no text makes the parser panic.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use proptest::prelude::*;
use proptest::sample::{Index, select};
use synfire_net::file::{parse, write};
use synfire_net::strategy::{Limits, network};

const VALID: &str = r#"name = "pair"
gating = { period = 12, chain = ["gate"] }

[[layer]]
name = "in"
size = 2

[[layer]]
name = "out"
size = 2
phases = [1, 11]
neuron = { current_decay = 4096, voltage_decay = 4096, threshold = 64, bias = 0, refractory = 2 }

[[layer]]
name = "gate"
size = 1
neuron = { current_decay = 4096, voltage_decay = 4096, threshold = 64, bias = 0, refractory = 1 }

[[projection]]
name = "p"
from = "in"
to = "out"
pattern = "one-to-one"
weight = 2
delay = 3

[projection.learning]
rule = "4*x0*y0*r1"
min = -256
max = 254
step = 2
phases = [1]
reward = { source = "gate", impulse = 1 }
"#;

/// What is said of the valid file after one replacement.
#[track_caller]
fn assert_message(from: &str, to: &str, expected: &str) {
    assert!(VALID.contains(from), "{from}");
    let error = parse(&VALID.replacen(from, to, 1)).unwrap_err();
    assert_eq!(error.to_string(), expected, "{from} -> {to}");
}

#[test]
fn the_valid_file_is_valid() {
    let network = parse(VALID).unwrap();
    assert_eq!(parse(&write(&network)), Ok(network.clone()));
    assert_eq!(parse(&VALID.replace('\n', "\r\n")), Ok(network));
}

#[test]
fn an_unknown_layer_is_named_with_its_line() {
    assert_message(
        "to = \"out\"",
        "to = \"nowhere\"",
        "line 22: projection `p` names layer `nowhere`, which the file does not define",
    );
    assert_message(
        "from = \"in\"",
        "from = \"a\\nb\"",
        "line 21: projection `p` names layer `a\\nb`, which the file does not define",
    );
    assert_message(
        "source = \"gate\"",
        "source = \"gat\"",
        "line 33: the reward of projection `p` names layer `gat`, which the file does not define",
    );
    assert_message(
        "[\"gate\"]",
        "[\"gate\", \"g1\"]",
        "line 2: the gating chain names layer `g1`, which the file does not define",
    );
}

#[test]
fn a_rule_without_a_spike_factor_is_explained() {
    let no_factor = |product: &str| {
        format!(
            "line 28: learning rule, column 1: product 1, `{product}`, has no spike factor, expected one \
             of x0, y0, u0 to u9 to gate it"
        )
    };
    assert_message("4*x0*y0*r1", "x1*y1", &no_factor("x1*y1"));
    assert_message("4*x0*y0*r1", "4*r1", &no_factor("4*r1"));
    assert_message("\"4*x0*y0*r1\"", "4", "line 28: invalid type: integer `4`, expected a string");
}

#[test]
fn numbers_out_of_range_are_named_with_the_range() {
    for found in ["63", "300", "-1"] {
        let expected = format!("line 25: delay is {found}, expected 0 to 62");
        assert_message("delay = 3", &format!("delay = {found}"), &expected);
    }
    assert_message(
        "refractory = 2",
        "refractory = 64",
        "line 12: refractory period is 64, expected 1 to 63",
    );
    assert_message(
        "current_decay = 4096",
        "current_decay = 70000",
        "line 12: decay is 70000, expected 0 to 4096",
    );
    assert_message(
        "phases = [1, 11]",
        "phases = [\n1,\n64,\n]",
        "line 13: layer `out` names phase 64, expected 0 to 63",
    );
    assert_message(
        "phases = [1]",
        "phases = [99]",
        "line 32: projection `p` names phase 99, expected 0 to 63",
    );
    assert_message(
        "min = -256",
        "min = -40000",
        "line 29: invalid value: integer `-40000`, expected an integer, -32768 to 32767",
    );
    assert_message("impulse = 1", "impulse = 128", "line 33: impulse is 128, expected 0 to 127");
    assert_message(
        "threshold = 64",
        "threshold = 3000000000",
        "line 12: invalid value: integer `3000000000`, expected an integer, -2147483648 to 2147483647",
    );
}

#[test]
fn sizes_are_counts() {
    assert_message("size = 2\n", "", "line 4: missing field `size`");
    assert_message(
        "size = 2",
        "size = -2",
        "line 6: invalid value: integer `-2`, expected an integer, 0 to 4294967295",
    );
    assert_message(
        "size = 2",
        "size = 5000000000",
        "line 6: invalid value: integer `5000000000`, expected an integer, 0 to 4294967295",
    );
    assert_message(
        "size = 2",
        "size = 2.5",
        "line 6: invalid type: floating point `2.5`, expected an integer, 0 to 4294967295",
    );
}

/// A few words ask for 16 * 10^18 synapses. Were they enumerated, this test would not end.
#[test]
fn a_huge_size_takes_neither_memory_nor_time() {
    let huge = VALID
        .replace("size = 2", "size = 4000000000")
        .replace("one-to-one", "all-to-all")
        .replace("weight = 2", "weight = 3");
    assert_eq!(
        parse(&huge).unwrap_err().to_string(),
        "the network has 3 problems
  layer `in`: has 4000000000 neurons, expected 1 to 16777216
  layer `out`: has 4000000000 neurons, expected 1 to 16777216
  projection `p`: synapse 0 (neuron 0 to 0) has weight 3, expected -256 to 254 in steps of 2"
    );
    let large = huge.replace("4000000000", "16777216");
    assert_eq!(
        parse(&large).unwrap_err().to_string(),
        "the network has 3 problems
  network: has 33554433 neurons and sources in all, expected at most 16777216
  network: has 281474976710656 synapses in all, expected at most 268435456
  projection `p`: synapse 0 (neuron 0 to 0) has weight 3, expected -256 to 254 in steps of 2"
    );
}

#[test]
fn unknown_keys_are_answered_with_the_known_ones() {
    assert_message(
        "delay = 3",
        "delai = 3",
        "line 25: unknown field `delai`, expected one of `name`, `from`, `to`, `pattern`, `delay`, \
         `gain`, `weight`, `weights`, `synapses`, `learning`",
    );
    assert_message(
        "threshold",
        "treshold",
        "line 12: unknown field `treshold`, expected one of `current_decay`, `voltage_decay`, \
         `threshold`, `bias`, `refractory`, `voltage_floor`, `voltage_ceiling`",
    );
    assert_message(
        "one-to-one",
        "some-to-some",
        "line 23: unknown variant `some-to-some`, expected one of `all-to-all`, `one-to-one`, \
         `one-to-all`, `list`",
    );
}

#[test]
fn patterns_ask_for_their_own_keys() {
    let either = "line 20: projection `p` is `one-to-one`: needs either `weight`, for all synapses, or \
                  `weights`, one each";
    assert_message("weight = 2\n", "", either);
    assert_message("weight = 2\n", "weight = 2\nweights = [2, 2]\n", either);
    assert_message(
        "weight = 2\n",
        "synapses = [[0, 0, 2, 0]]\n",
        "line 20: projection `p` is `one-to-one`: `synapses` belongs to the pattern `list`",
    );
    let rows = "line 20: projection `p` is `list`: weights and delays belong into `synapses`, one row each";
    assert_message("one-to-one", "list", rows);
    assert_message("\"one-to-one\"\nweight = 2", "\"list\"\nsynapses = []", rows);
    assert_message(
        "\"one-to-one\"\nweight = 2\ndelay = 3",
        "\"list\"",
        "line 20: projection `p` is `list`: needs `synapses`, rows of source, target, weight and delay",
    );
    assert_message(
        "\"one-to-one\"\nweight = 2\ndelay = 3",
        "\"list\"\nsynapses = [\n[0, 0, 2, 0],\n[0, 1, 2, 63]]",
        "line 26: delay is 63, expected 0 to 62",
    );
}

#[test]
fn the_whole_is_validated() {
    assert_message(
        "phases = [1, 11]",
        "phases = [1, 12]",
        "the network has 1 problem\n  layer `out`: phase 12 is named, expected 0 to 11",
    );
    // The first of two layers with one name is meant; that there are two is the only complaint.
    let twice = format!("{VALID}\n[[layer]]\nname = \"in\"\nsize = 3\n");
    assert_eq!(
        parse(&twice).unwrap_err().to_string(),
        "the network has 1 problem\n  layer `in`: the name is used more than once"
    );
}

#[test]
fn other_texts_are_no_networks() {
    let message = |text: &str| parse(text).unwrap_err().to_string();
    assert_eq!(message(""), "line 1: missing field `name`");
    assert_eq!(
        message("name = \"n\""),
        "the network has 1 problem\n  network: has no layer, expected at least one"
    );
    assert_eq!(message("name = \"n\"\nthis is no TOML"), "line 2: key with no value, expected `=`");
    assert_eq!(message("{\"name\": \"json\"}"), "line 1: invalid key-value pair, expected key");
    let deep = format!("name = {}", "[".repeat(100_000));
    assert_eq!(message(&deep), "line 1: cannot recurse further; max recursion depth met");
}

/// A change of a text at a random place.
#[derive(Clone, Debug)]
enum Edit {
    Delete,
    Duplicate,
    Replace(&'static str),
    Insert(String),
}

fn edit() -> impl Strategy<Value = (Edit, Index, usize)> {
    let tokens = [
        "[",
        "]",
        "{",
        "}",
        "\"",
        "'",
        "=",
        "#",
        ",",
        "\n",
        "[[layer]]\n",
        "-",
        "0",
        "64",
        "4000000000",
        "99999999999999999999",
        "1.5",
        "inf",
        "true",
        "name",
        "\\",
        "\u{0}",
        "\u{fffd}",
        "x1*",
        "size = 0\n",
        "all-to-all",
        "list",
        "period = 0\n",
        "step = 0\n",
        "weight = 2147483647\n",
        "min = -32768\n",
    ];
    let kind = prop_oneof![
        3 => Just(Edit::Delete),
        2 => Just(Edit::Duplicate),
        4 => select(tokens.to_vec()).prop_map(Edit::Replace),
        1 => any::<String>().prop_map(Edit::Insert),
    ];
    (kind, any::<Index>(), prop_oneof![3 => 0_usize..=4, 1 => 0_usize..=200])
}

fn apply(text: &mut String, (edit, place, len): &(Edit, Index, usize)) {
    let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
    let start = boundary(place.index(text.len() + 1)).unwrap_or(0);
    let end = boundary(start + len).unwrap_or(start).max(start);
    match edit {
        Edit::Delete => text.replace_range(start..end, ""),
        Edit::Duplicate => {
            let span = text[start..end].to_owned();
            text.insert_str(start, &span);
        }
        Edit::Replace(token) => text.replace_range(start..end, token),
        Edit::Insert(inserted) => text.insert_str(start, inserted),
    }
}

proptest! {
    /// What can be read is valid, and is written and read back without a change.
    #[test]
    fn a_damaged_file_is_refused_or_read(
        network in network(Limits::default()),
        use_fixed in any::<bool>(),
        edits in prop::collection::vec(edit(), 1..=4),
    ) {
        let mut text = if use_fixed { VALID.to_owned() } else { write(&network) };
        for edit in &edits {
            apply(&mut text, edit);
        }
        match parse(&text) {
            Ok(network) => prop_assert_eq!(parse(&write(&network)), Ok(network)),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>(), bytes in any::<Vec<u8>>()) {
        let _ = parse(&text);
        let _ = parse(&String::from_utf8_lossy(&bytes));
    }
}
