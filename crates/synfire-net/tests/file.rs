//! The TOML form: what a user reads when a file is wrong, and that no text makes the parser panic.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use proptest::prelude::*;
use proptest::sample::{Index, select};
use synfire_net::file::{parse, write};
use synfire_net::rule::Target;
use synfire_net::strategy::{Limits, learning_network, network};
use synfire_net::{
    DecayLaw, Impulse, LearningPeriod, Network, Noise, NoiseTarget, Plasticity, Reward, Rounding,
    Trace, Traces,
};

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

/// Every key of learning over the whole language, and of noise.
const LEARNING: &str = r#"name = "learning"

[[layer]]
name = "in"
size = 2

[[layer]]
name = "reward"
size = 1

[[layer]]
name = "out"
size = 2

[layer.neuron]
current_decay = 4096
voltage_decay = 4096
threshold = 64
bias = 0
refractory = 2
noise = { target = "current", exponent = 7, mantissa_offset = -2 }

[[projection]]
name = "p"
from = "in"
to = "out"
pattern = "all-to-all"
weight = 2

[projection.learning]
rule = "u1*r1*t + 2^-2*x2*y0*y2"
delay_rule = "x0 - u1*d"
tag_rule = "x1*y0 - x0*y1"
min = -256
max = 254
step = 2
period = 63
x1 = { impulse = 127, fraction = 255, tau = 65535, law = "linear", rounding = "down" }
x2 = { impulse = 0, tau = 0 }
y1 = { impulse = 64, tau = 2, law = "exponential", rounding = "stochastic" }
y2 = { impulse = 1, fraction = 0, tau = 1, rounding = "down" }
y3 = { impulse = 2, tau = 3, law = "linear" }
reward = { source = "reward", impulse = 100, fraction = 1, tau = 9, law = "linear", rounding = "down" }
"#;

/// What is said of a valid file after one replacement.
#[track_caller]
fn assert_message_of(valid: &str, from: &str, to: &str, expected: &str) {
    assert!(valid.contains(from), "{from}");
    let error = parse(&valid.replacen(from, to, 1)).unwrap_err();
    assert_eq!(error.to_string(), expected, "{from} -> {to}");
}

#[track_caller]
fn assert_message(from: &str, to: &str, expected: &str) {
    assert_message_of(VALID, from, to, expected);
}

fn plasticity(network: &Network) -> &Plasticity {
    network.projections()[0].plasticity.as_ref().unwrap()
}

#[test]
fn every_key_of_learning_is_read_and_written() {
    let network = parse(LEARNING).unwrap();
    let learning = plasticity(&network);
    let rules: Vec<_> =
        learning.rules.iter().map(|(target, rule)| (target, rule.to_string())).collect();
    assert_eq!(
        rules,
        [
            (Target::Weight, "u1*r1*t + 2^-2*y0*x2*y2".to_owned()),
            (Target::Delay, "x0 - u1*d".to_owned()),
            (Target::Tag, "y0*x1 - x0*y1".to_owned()),
        ]
    );
    assert_eq!(learning.period, LearningPeriod::new(63).unwrap());
    let trace = |whole, fraction, tau, law, rounding| Trace {
        impulse: Impulse::new(whole, fraction).unwrap(),
        tau,
        law,
        rounding,
    };
    use DecayLaw::{Exponential, Linear};
    use Rounding::{Down, Stochastic};
    assert_eq!(
        learning.traces,
        Traces {
            x1: Some(trace(127, 255, 65_535, Linear, Down)),
            x2: Some(trace(0, 0, 0, Exponential, Stochastic)),
            y1: Some(trace(64, 0, 2, Exponential, Stochastic)),
            y2: Some(trace(1, 0, 1, Exponential, Down)),
            y3: Some(trace(2, 0, 3, Linear, Stochastic)),
        }
    );
    let source = network.find_layer("reward").unwrap();
    assert_eq!(learning.reward, Some(Reward { source, trace: trace(100, 1, 9, Linear, Down) }));
    let noise = Noise { target: NoiseTarget::Current, exponent: 7, mantissa_offset: -2 };
    assert_eq!(network.layers()[2].neuron().unwrap().noise, Some(noise));

    let text = write(&network);
    assert_eq!(parse(&text), Ok(network));
    // What is as usual is not written.
    for (part, is_there) in [
        ("rounding = \"down\"", true),
        ("rounding = \"stochastic\"", false),
        ("law = \"linear\"", true),
        ("law = \"exponential\"", false),
        ("fraction = 255", true),
        ("fraction = 0", false),
    ] {
        assert_eq!(text.contains(part), is_there, "{part} in {text}");
    }
}

#[test]
fn keys_of_learning_may_be_absent() {
    let plain = parse(VALID).unwrap();
    let learning = plasticity(&plain);
    assert_eq!(learning.rules.iter().count(), 1);
    assert_eq!((learning.period, learning.traces), (LearningPeriod::ONE, Traces::NONE));
    // A reward without a time constant is one of its step.
    assert_eq!(learning.reward.map(|reward| Some(reward.trace)), Some(Trace::flash(1)));
    assert_eq!(plain.layers()[1].neuron().unwrap().noise, None);
    assert!(!write(&plain).contains("tau"));
    assert!(!write(&plain).contains("period = 1\n"));
    // A rule for any one target is enough; noise without a mean has none.
    for key in ["delay_rule", "tag_rule"] {
        let text = VALID.replacen("rule =", &format!("{key} ="), 1);
        let network = parse(&text).unwrap();
        assert_eq!(plasticity(&network).rules.weight, None);
        assert_eq!(parse(&write(&network)), Ok(network));
    }
    for (target, expected) in [("current", NoiseTarget::Current), ("voltage", NoiseTarget::Voltage)]
    {
        let noise = format!("refractory = 2, noise = {{ target = \"{target}\", exponent = 23 }}");
        let network = parse(&VALID.replacen("refractory = 2", &noise, 1)).unwrap();
        let expected = Noise { target: expected, exponent: 23, mantissa_offset: 0 };
        assert_eq!(network.layers()[1].neuron().unwrap().noise, Some(expected));
        assert_eq!(parse(&write(&network)), Ok(network));
    }
}

#[test]
fn numbers_of_learning_are_named_with_the_range() {
    let assert = |from, to: &str, expected: &str| assert_message_of(LEARNING, from, to, expected);
    for found in ["0", "64", "-1", "300"] {
        let expected = format!("line 37: learning period is {found}, expected 1 to 63");
        assert("period = 63", &format!("period = {found}"), &expected);
    }
    // In a trace and in a reward, at both ends.
    for (key, at, from, quantity, found, range) in [
        ("impulse", 38, "127", "impulse", ["128", "-1", "1000"], "0 to 127"),
        ("impulse", 43, "100", "impulse", ["128", "-1", "1000"], "0 to 127"),
        ("fraction", 38, "255", "fraction of an impulse", ["256", "-1", "999"], "0 to 255"),
        ("fraction", 43, "1,", "fraction of an impulse", ["256", "-1", "999"], "0 to 255"),
        ("tau", 38, "65535", "time constant tau", ["65536", "-1", "70000"], "0 to 65535"),
        ("tau", 43, "9", "time constant tau", ["65536", "-1", "70000"], "0 to 65535"),
    ] {
        for found in found {
            let comma = if from.ends_with(',') { "," } else { "" };
            assert_message_of(
                LEARNING,
                &format!("{key} = {from}"),
                &format!("{key} = {found}{comma}"),
                &format!("line {at}: {quantity} is {found}, expected {range}"),
            );
        }
    }
    for (line, from, to) in [
        (38, "tau = 65535, law = \"linear\"", "tau = 1"),
        (43, "tau = 9, law = \"linear\"", "tau = 9"),
    ] {
        let expected =
            format!("line {line}: unknown variant `cubic`, expected `exponential` or `linear`");
        assert(from, &format!("{to}, law = \"cubic\""), &expected);
        let expected =
            format!("line {line}: unknown variant `up`, expected `stochastic` or `down`");
        let from = &format!("{from}, rounding = \"down\"");
        assert_message_of(LEARNING, from, &format!("{to}, rounding = \"up\""), &expected);
    }
    assert(
        "\"current\"",
        "\"threshold\"",
        "line 21: unknown variant `threshold`, expected `current` or `voltage`",
    );
    assert(
        "exponent = 7",
        "exponent = 256",
        "line 21: invalid value: integer `256`, expected an integer, 0 to 255",
    );
    assert(
        "offset = -2",
        "offset = -129",
        "line 21: invalid value: integer `-129`, expected an integer, -128 to 127",
    );
}

#[test]
fn tables_of_learning_know_their_keys() {
    let assert = |from, to: &str, expected: &str| assert_message_of(LEARNING, from, to, expected);
    let trace = "`impulse`, `fraction`, `tau`, `law`, `rounding`";
    assert(
        "x2 = { impulse = 0,",
        "x2 = { impuls = 0,",
        &format!("line 39: unknown field `impuls`, expected one of {trace}"),
    );
    assert(
        "\"reward\", impulse",
        "\"reward\", decay = 1, impulse",
        &format!("line 43: unknown field `decay`, expected one of `source`, {trace}"),
    );
    assert("x2 = { impulse = 0, tau = 0 }", "x2 = { impulse = 0 }", "line 39: missing field `tau`");
    assert("x2 = { impulse = 0, tau = 0 }", "x2 = { tau = 0 }", "line 39: missing field `impulse`");
    assert("impulse = 100, ", "", "line 43: missing field `impulse`");
    assert("source = \"reward\", ", "", "line 43: missing field `source`");
    assert(
        "source = \"reward\"",
        "source = \"nobody\"",
        "line 43: the reward of projection `p` names layer `nobody`, which the file does not define",
    );
    assert("exponent = 7, ", "", "line 21: missing field `exponent`");
    assert(
        "mantissa_offset",
        "mean",
        "line 21: unknown field `mean`, expected one of `target`, `exponent`, `mantissa_offset`",
    );
    let keys = "`rule`, `delay_rule`, `tag_rule`, `min`, `max`, `step`, `period`, `phases`, `x1`, `x2`, \
                `y1`, `y2`, `y3`, `reward`";
    for key in ["x0", "r1", "weight_rule"] {
        let expected = format!("line 39: unknown field `{key}`, expected one of {keys}");
        assert("x2 =", &format!("{key} ="), &expected);
    }
    // A table of its own says the same of its lines.
    let text = LEARNING.replacen("x2 = { impulse = 0, tau = 0 }\n", "", 1);
    let tabled = format!("{text}\n[projection.learning.x2]\nimpulse = 0\ntau = 0\n");
    assert_eq!(parse(&tabled), parse(LEARNING));
    assert_message_of(
        &tabled,
        "0\ntau",
        "0\ntaux",
        &format!("line 46: unknown field `taux`, expected one of {trace}"),
    );
}

/// The line is that of the rule in the file, the column that in the rule.
#[test]
fn a_fault_in_a_rule_is_shown_in_its_line() {
    for (line, key, rule) in [
        (31, "rule", "u1*r1*t + 2^-2*x2*y0*y2"),
        (32, "delay_rule", "x0 - u1*d"),
        (33, "tag_rule", "x1*y0 - x0*y1"),
    ] {
        let from = format!("\n{key} = \"{rule}\"");
        let assert = |rule: &str, expected: &str| {
            let to = format!("\n{key} = {rule}");
            assert_message_of(LEARNING, &from, &to, &format!("line {line}: {expected}"));
        };
        assert(
            "\"x0 + 2*q\"",
            "learning rule, column 8: found `q`, expected a factor: a whole number, 2^k, x0, y0, u0 to \
             u9, x1, x2, y1, y2, y3, r0, r1, w, d, t, `(` or `sgn(`",
        );
        assert(
            "'x0 + 9*y0'",
            "learning rule, column 6: mantissa of product 2 reduces to 9, expected -8 to 7",
        );
        assert(
            "\"u1*d - u2*d\"",
            "learning rule, column 8: found u2 after u1, expected all u_k of a rule to have the same k",
        );
        assert(
            "\"\"",
            "learning rule, column 1: found the end of the text, expected a sign or a factor: a whole \
             number, 2^k, x0, y0, u0 to u9, x1, x2, y1, y2, y3, r0, r1, w, d, t, `(` or `sgn(`",
        );
        assert("7", "invalid type: integer `7`, expected a string");
    }
}

#[test]
fn features_that_are_not_modelled_are_refused_by_name() {
    // Whatever is said of them, and however it is written.
    for value in ["1", "{ slots = [1, 2] }", "[]", "\"yes\""] {
        for (key, feature) in [
            ("dendrites", "neurons of several compartments"),
            ("axon_delay", "axonal delays"),
            ("homeostasis", "thresholds that adapt"),
        ] {
            assert_message(
                "phases = [1, 11]",
                &format!("{key} = {value}"),
                &format!("line 11: layer `out` has `{key}`: {feature} are not modelled"),
            );
        }
        assert_message(
            "delay = 3",
            &format!("filter = {value}"),
            "line 25: projection `p` has `filter`: box-shaped synaptic filters are not modelled",
        );
    }
    assert_message(
        "[projection.learning]",
        "[projection.filter]\nlength = 3\n[projection.learning]",
        "line 27: projection `p` has `filter`: box-shaped synaptic filters are not modelled",
    );
    assert_message(
        "[[layer]]\nname = \"gate\"",
        "[layer.homeostasis]\nrate = 3\n[[layer]]\nname = \"gate\"",
        "line 14: layer `out` has `homeostasis`: thresholds that adapt are not modelled",
    );
    // Elsewhere they are as unknown as any other key, and nowhere are they recommended.
    assert_message(
        "bias = 0",
        "homeostasis = 0",
        "line 12: unknown field `homeostasis`, expected one of `current_decay`, `voltage_decay`, \
         `threshold`, `bias`, `refractory`, `voltage_floor`, `voltage_ceiling`, `noise`",
    );
    assert_message(
        "phases = [1, 11]",
        "phase = [1, 11]",
        "line 11: unknown field `phase`, expected one of `name`, `size`, `phases`, `neuron`",
    );
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
         `threshold`, `bias`, `refractory`, `voltage_floor`, `voltage_ceiling`, `noise`",
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

/// What a file says is quoted without what would clear a screen, and not at any length.
#[test]
fn messages_quote_little_and_nothing_that_moves_a_cursor() {
    for key in ["a\u{7f}".to_owned(), "x".repeat(10_000)] {
        let message = parse(&format!("name = 'n'\n'{key}' = 1")).unwrap_err().to_string();
        assert!(!message.contains(char::is_control), "{message:?}");
        assert!(message.len() < 700, "{message}");
    }
    let message = parse("name = 'n'\n\"\\u001b[2J\" = 1").unwrap_err().to_string();
    let expected = "line 2: unknown field `\\u{1b}[2J`, expected one of ";
    assert!(message.starts_with(expected), "{message:?}");
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
        "fraction = 256",
        "tau = -1",
        "period = 63\n",
        "\"linear\"",
        "noise = {}\n",
        "filter = 1\n",
        "tag_rule = \"u9\"\n",
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
        network in prop_oneof![network(Limits::default()), learning_network(Limits::default())],
        fixed in prop::option::of(select(vec![VALID, LEARNING])),
        edits in prop::collection::vec(edit(), 1..=4),
    ) {
        let mut text = fixed.map_or_else(|| write(&network), str::to_owned);
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
