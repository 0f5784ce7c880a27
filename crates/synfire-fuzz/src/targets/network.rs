//! Networks and what belongs to them: the TOML form, learning rules, placements, spikes that go in.

use std::sync::OnceLock;

use synfire_cli::parse_spikes;
use synfire_loihi::place::Manual;
use synfire_net::file::{self, FileError};
use synfire_net::{Network, Rule};

use super::{Form, Target, check_message};
use crate::pieces::text;

/// Everything that the form can say, once.
const FULL: &str = r#"name = "full"
[gating]
period = 3
chain = ["g0", "g1", "g2"]
[[layer]]
name = "in"
size = 2
[[layer]]
name = "h"
size = 2
phases = [0, 2]
[layer.neuron]
current_decay = 4096
voltage_decay = 128
threshold = 64
bias = -4
refractory = 2
voltage_floor = -100
voltage_ceiling = 1000
noise = { target = "current", exponent = 3, mantissa_offset = 1 }
[[layer]]
name = "g0"
size = 1
neuron = { current_decay = 4096, voltage_decay = 4096, threshold = 64, bias = 0, refractory = 1 }
[[layer]]
name = "g1"
size = 1
neuron = { current_decay = 4096, voltage_decay = 4096, threshold = 64, bias = 0, refractory = 1 }
[[layer]]
name = "g2"
size = 1
neuron = { current_decay = 4096, voltage_decay = 4096, threshold = 64, bias = 0, refractory = 1 }
[[projection]]
name = "p"
from = "in"
to = "h"
pattern = "all-to-all"
gain = 128
delay = 3
weights = [2, -2, 4, 254]
[projection.learning]
rule = "y0*x0*r1*4 - y0*x0*2"
delay_rule = "2^-2*x1*y0"
tag_rule = "x0*(t-3)"
min = -256
max = 254
step = 2
period = 4
phases = [1]
x1 = { impulse = 64, tau = 2, fraction = 5, law = "linear", rounding = "down" }
y1 = { impulse = 16, tau = 32 }
reward = { source = "g0", impulse = 1 }
[[projection]]
name = "q"
from = "g0"
to = "g1"
pattern = "one-to-one"
weight = 100
[[projection]]
name = "r"
from = "in"
to = "h"
pattern = "list"
synapses = [[0, 1, -7, 2], [1, 0, 5, 0]]
"#;

const SMALL: &str = "name = \"a\"\n[[layer]]\nname = \"s\"\nsize = 3\n";

/// Layers for a single projection.
const LAYERS: &str = r#"name = "n"
layer = [{ name = "in", size = 2 }, { name = "g0", size = 1, neuron = { current_decay = 1, voltage_decay = 0,
threshold = 9, bias = 0, refractory = 1 } }, { name = "h", size = 2, neuron = { current_decay = 1,
voltage_decay = 0, threshold = 9, bias = 0, refractory = 1 } }, { name = "g1", size = 1, neuron = {
current_decay = 1, voltage_decay = 0, threshold = 9, bias = 0, refractory = 1 } }]
[[projection]]
"#;

pub(super) const NETWORK: Target = Target {
    name: "network",
    about: "networks in their TOML form",
    form: Form::Text,
    longest: 1024,
    run: network,
    seeds: || {
        let parts = FULL.split("[[projection]]\n");
        let (layers, projections): (Vec<_>, Vec<_>) =
            (parts.clone().take(1).collect(), parts.skip(1).collect());
        let alone =
            projections.iter().map(|part| format!("{LAYERS}{part}").replace("phases = [1]\n", ""));
        let layers = layers.into_iter().chain([SMALL]).map(str::to_owned);
        layers.chain(alone).map(String::into_bytes).collect()
    },
    words: &[
        "[[layer]]\n",
        "[[projection]]\n",
        "[gating]\n",
        "name = ",
        "size = ",
        "phases = ",
        "neuron = ",
        "current_decay = ",
        "voltage_decay = ",
        "threshold = ",
        "bias = ",
        "refractory = ",
        "voltage_floor = ",
        "voltage_ceiling = ",
        "noise = ",
        "target = ",
        "exponent = ",
        "mantissa_offset = ",
        "from = ",
        "to = ",
        "pattern = ",
        "\"all-to-all\"",
        "\"one-to-one\"",
        "\"one-to-all\"",
        "\"list\"",
        "weight = ",
        "weights = ",
        "synapses = ",
        "delay = ",
        "gain = ",
        "[projection.learning]\n",
        "rule = ",
        "delay_rule = ",
        "tag_rule = ",
        "min = ",
        "max = ",
        "step = ",
        "period = ",
        "x1 = ",
        "y3 = ",
        "reward = ",
        "source = ",
        "impulse = ",
        "tau = ",
        "fraction = ",
        "law = ",
        "\"linear\"",
        "rounding = ",
        "chain = ",
        "dendrites = ",
        "filter = ",
        "\"\"\"",
        "'''",
        "\\u0000",
        "0x",
        "0b",
        "1e9",
        "inf",
        "1979-05-27",
        "4294967295",
        "-9223372036854775808",
        "[[[[",
        "{a.b.c=",
        "#",
        "\r\n",
    ],
};

fn network(bytes: &[u8]) {
    match file::parse(text(bytes)) {
        Ok(network) => {
            let written = file::write(&network);
            assert_eq!(file::parse(&written).as_ref(), Ok(&network), "{written}");
        }
        Err(FileError::Invalid(problems)) => {
            assert!(!problems.as_slice().is_empty());
            check_message(&problems.to_string(), 100_000);
        }
        Err(error) => check_message(&error.to_string(), 20_000),
    }
}

pub(super) const RULE: Target = Target {
    name: "rule",
    about: "learning rules",
    form: Form::Text,
    longest: 128,
    run: rule,
    seeds: || {
        [
            "y0*x0*r1*4 - y0*x0*2",
            "2^-2*x1*y0 + u4*(w-12*2^2)*sgn(t+3)",
            "-x0*(3 - d)*2^3*y2*y3*r0",
            "u0*sgn(w)",
            "",
        ]
        .map(|rule| rule.as_bytes().to_vec())
        .to_vec()
    },
    words: &[
        "x0",
        "y0",
        "u0",
        "u9",
        "x1",
        "x2",
        "y1",
        "y2",
        "y3",
        "r0",
        "r1",
        "w",
        "d",
        "t",
        "sgn(",
        "2^",
        "2^-",
        "*",
        "+",
        "-",
        "(",
        ")",
        "9223372036854775807",
        "9223372036854775808",
        "128",
        "127",
    ],
};

fn rule(bytes: &[u8]) {
    let text = text(bytes);
    match Rule::parse(text) {
        Ok(rule) => {
            let written = rule.to_string();
            assert_eq!(Rule::parse(&written).as_ref(), Ok(&rule), "{written}");
        }
        Err(error) => {
            assert!(text.is_char_boundary(error.offset()), "{error}");
            check_message(&error.to_string(), 1000);
        }
    }
}

/// A network with layers of sources and of neurons.
fn fixed() -> &'static Network {
    static NETWORK: OnceLock<Network> = OnceLock::new();
    NETWORK.get_or_init(|| file::parse(FULL).expect("a seed that is well formed"))
}

pub(super) const PLACEMENT: Target = Target {
    name: "placement",
    about: "placements by hand",
    form: Form::Text,
    longest: 256,
    run: |bytes| match Manual::parse(text(bytes), fixed()) {
        Ok(manual) => {
            for population in &manual.populations {
                assert!(!population.cores.is_empty());
                assert!(population.cores.iter().all(|core| core.core < 4096));
            }
        }
        Err(error) => check_message(&error.to_string(), 20_000),
    },
    seeds: || {
        [
            "[[population]]\nlayer = \"h\"\nchip = 1\ncores = [2, 3]\naccumulators = 8\n",
            "[[population]]\nlayer = \"g0\"\ncore_range = [2, 3]\n[[population]]\nlayer = \"g1\"\ncores = [2]\n",
            "population = [{layer = \"h\", cores = [0x10]}]",
        ]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
    },
    words: &[
        "[[population]]\n",
        "layer = ",
        "chip = ",
        "cores = ",
        "core_range = ",
        "accumulators = ",
        "\"h\"",
        "\"g0\"",
        "\"in\"",
        "[2, 3]",
        "4095",
        "4096",
        "4294967295",
        "population.",
    ],
};

pub(super) const SPIKES: Target = Target {
    name: "spikes",
    about: "spikes that go into a run, as CSV",
    form: Form::Text,
    longest: 256,
    run: |bytes| match parse_spikes(text(bytes), fixed(), 10) {
        Ok(schedule) => {
            assert!(schedule.spikes().iter().all(|spike| (1..=10).contains(&spike.step)));
            assert!(schedule.spikes().windows(2).all(|pair| pair[0] < pair[1]));
        }
        Err(error) => check_message(&format!("{error:#}"), 4000),
    },
    seeds: || {
        [
            "step,layer,neuron\n1,in,0\n10,in,1\n",
            "step,layer,neuron\r\n7,\"in\", 0\r\n\n3,h,0\n",
            "\u{feff}step,layer,neuron\n",
        ]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
    },
    words: &[
        "step,layer,neuron\n",
        "1,in,0\n",
        "in",
        "\"",
        "\"\"",
        ",",
        "\r\n",
        "18446744073709551616",
        "-1",
    ],
};
