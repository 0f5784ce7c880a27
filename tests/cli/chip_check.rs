//! `synfire chip check`: what the chip would hold and where, or everything that stands in the way.

use serde_json::Value;
use synfire_cli::Status;

use crate::scratch::Scratch;

const NET: &str = r#"
name = "small"

[[layer]]
name = "in"
size = 400

[[layer]]
name = "hidden"
size = 400
neuron = { current_decay = 4096, voltage_decay = 4096, threshold = 65536, bias = 0, refractory = 2 }

[[projection]]
name = "w"
from = "in"
to = "hidden"
pattern = "all-to-all"
weight = 24
delay = 9

[projection.learning]
rule = "2^1*x0*y0"
min = -256
max = 254
step = 2
"#;

fn scratch() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("net.toml", NET.as_bytes());
    scratch
}

#[test]
fn a_network_that_fits_is_described() {
    let scratch = scratch();
    let answer = scratch.synfire("chip check @/net.toml --picture @/cores.svg").succeeded();
    assert_eq!(answer.stderr, "");
    for expected in [
        "small: 400 neurons, 400 sources; synapses: 0 from sources, 0 between neurons, 160000 that learn",
        "1024*64",
        "mixed 8-bit",
        "dw = 2^1*x0*y0",
        "synapse words",
        "binds: ",
    ] {
        assert!(answer.stdout.contains(expected), "{expected}: {}", answer.stdout);
    }
    let svg = String::from_utf8(scratch.read("cores.svg")).expect("text");
    assert!(svg.starts_with("<svg") && svg.contains("hidden"), "{svg}");
}

#[test]
fn json_has_layers_projections_and_cores() {
    let scratch = scratch();
    let answer = scratch.synfire("chip check @/net.toml --json").succeeded();
    let json: Value = serde_json::from_str(&answer.stdout).expect("one object");
    assert_eq!(json["accepted"], true);
    assert_eq!(json["layers"][1]["accumulators"], 16);
    assert_eq!(json["projections"][0]["sign_mode"], "mixed");
    assert_eq!(json["projections"][0]["rules"]["dw"], "2^1*x0*y0");
    let cores = json["placement"]["cores"].as_array().expect("cores");
    assert_eq!(json["placement"]["n_cores"], cores.len());
    let neurons = cores.iter().flat_map(|core| core["slices"].as_array()).flatten();
    assert_eq!(neurons.filter_map(|slice| slice["n"].as_u64()).sum::<u64>(), 400);
}

/// By the published constants: 52 pJ for each of four places, of which one is active in the step after a spike
/// (81 pJ); the spike is 23.6 pJ for its synapse and 1.7 pJ for its arrival; 113 ns are the barrier.
#[test]
fn a_step_and_a_spike_are_estimated() {
    let scratch = scratch();
    let net = NET.replace("size = 400", "size = 1");
    let net = net.split("[projection.learning]").next().expect("a part");
    scratch.write("net.toml", net.as_bytes());
    let answer = scratch.synfire("chip check @/net.toml --json").succeeded();
    let json: Value = serde_json::from_str(&answer.stdout).expect("one object");
    let estimate = &json["estimates"][0];
    assert_eq!(
        (&estimate["is_estimate"], &estimate["constants"]),
        (&true.into(), &"davies-2018".into())
    );
    let is = |value: &Value, expected: f64| {
        let found = value.as_f64().expect("a number");
        assert!((found / expected - 1.0).abs() < 1e-9, "{found}, expected {expected}");
    };
    is(&estimate["quiet_step_energy_joules"], 4.0 * 52e-12);
    is(&estimate["spike_of_neuron_0"][0]["energy_joules"], 23.6e-12 + 1.7e-12 + 29e-12);
    is(&estimate["leakage_watts"], 0.104);
    let text = scratch.synfire("chip check @/net.toml --constants sana-fe").succeeded().stdout;
    assert!(text.contains("estimate by sana-fe: a step without spikes takes "), "{text}");
}

#[test]
fn layers_go_where_they_are_told() {
    let scratch = scratch();
    let placement = "[[population]]\nlayer = \"hidden\"\nchip = 1\ncore_range = [5, 8]\n";
    scratch.write("place.toml", placement.as_bytes());
    let answer =
        scratch.synfire("chip check @/net.toml --placement @/place.toml --json").succeeded();
    let json: Value = serde_json::from_str(&answer.stdout).expect("one object");
    let cores = json["placement"]["cores"].as_array().expect("cores");
    let found: Vec<_> =
        cores.iter().map(|core| (core["chip"].as_u64(), core["core"].as_u64())).collect();
    assert_eq!(found, [5, 6, 7, 8].map(|core| (Some(1), Some(core))));
    scratch.synfire("chip check @/net.toml --placement greedy").succeeded();
}

/// Problems of the network come alone; what the chip cannot hold comes with what is wrong in the placement.
#[test]
fn every_reason_is_told_at_once() {
    let scratch = scratch();
    let refused = |net: &str, placement: &str| {
        scratch.write("net.toml", net.as_bytes());
        scratch.write("place.toml", placement.as_bytes());
        let words = "chip check @/net.toml --placement @/place.toml";
        let message = scratch.synfire(words).failed(Status::Failure);
        let answer = scratch.synfire(&format!("{words} --json"));
        assert_eq!(answer.status, Status::Failure);
        let json: Value = serde_json::from_str(&answer.stdout).expect("one object");
        assert_eq!(json["accepted"], false);
        let reasons = json["reasons"].as_array().expect("reasons").clone();
        for reason in &reasons {
            assert!(message.contains(reason.as_str().expect("text")), "{reason}: {message}");
        }
        (reasons.len(), message)
    };
    let invalid =
        NET.replacen("size = 400", "size = 0", 1).replace("weight = 24", "weights = [3, 4]");
    let (n_reasons, message) = refused(&invalid, "");
    assert!(n_reasons >= 2, "{message}");
    assert!(message.contains("layer `in`") && message.contains("projection `w`"), "{message}");

    let inexact =
        NET.replace("threshold = 65536", "threshold = 65537").replace("bias = 0", "bias = 4097");
    let (n_reasons, message) = refused(&inexact, "[[population]]\nlayer = \"x\"\ncores = [1]\n");
    assert_eq!(n_reasons, 3, "{message}");
    let place = scratch.path("place.toml").display().to_string();
    for expected in [
        "layer `hidden`: threshold is 65537",
        "layer `hidden`: bias is 4097",
        &format!("{place}: line 2: population of layer `x`, which the network does not have"),
    ] {
        assert!(message.contains(expected), "{expected}: {message}");
    }

    let (_, message) = refused(NET, "[[population]]\nlayer = \"hidden\"\ncores = [0]\n");
    assert!(
        message.contains("layer `hidden`: core 0.0 has ") && message.contains("synapse words"),
        "{message}"
    );
    let (n_reasons, message) = refused("name = 3", "");
    assert_eq!(n_reasons, 1);
    assert!(message.contains("line 1: "), "{message}");
    assert!(message.starts_with(&format!(
        "error: {}: refused, for 1 reason\n",
        scratch.path("net.toml").display()
    )));
}

#[test]
fn files_that_are_no_text() {
    let scratch = scratch();
    let message = scratch.synfire("chip check @/none.toml").failed(Status::Failure);
    assert!(message.contains("none.toml: cannot be read: "), "{message}");
    let message = scratch.synfire("chip check @/").failed(Status::Failure);
    assert!(message.contains("expected a regular file"), "{message}");
    scratch.write("net.toml", b"name = \"\xc3\x28\"\n");
    let message = scratch.synfire("chip check @/net.toml").failed(Status::Failure);
    assert!(message.contains("line 1: byte 0xc3 is not UTF-8, expected a text file"), "{message}");
    let net = scratch.path("net.toml");
    let file = std::fs::File::create(&net).expect("writable");
    file.set_len((256 << 20) + 1).expect("sparse");
    let message = scratch.synfire("chip check @/net.toml").failed(Status::Failure);
    assert!(message.contains("268435457 bytes, expected at most 268435456"), "{message}");
}

#[test]
fn wrong_use_is_told() {
    let scratch = scratch();
    for (words, expected) in [
        ("chip check", "<NET.toml>"),
        ("chip", "Usage: synfire chip"),
        ("chip check @/net.toml --picture @/net.toml", "is read by this command"),
        ("chip check @/net.toml --picture @/", "expected the name of a file"),
    ] {
        let message = scratch.synfire(words).failed(Status::Usage);
        assert!(message.contains(expected), "{words}: {message}");
    }
}

/// What the help shows as a network is one.
#[test]
fn the_network_of_the_help_is_accepted() {
    let scratch = Scratch::new();
    for words in ["chip --help", "chip check --help"] {
        let help = scratch.synfire(words).succeeded().stdout;
        let (_, rest) = help.split_once("A network is a TOML file:\n").expect("the form");
        let (net, _) = rest.split_once("\nA weight carries").expect("what follows");
        scratch.write("net.toml", net.as_bytes());
        scratch.synfire("chip check @/net.toml").succeeded();
    }
}
