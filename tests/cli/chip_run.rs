//! `synfire chip run`: spikes in, spikes, tables and pictures out, and what stands in the way.

use serde_json::Value;
use synfire_cli::Status;

use crate::scratch::Scratch;

/// Two layers that excite and inhibit each other; any engine runs it.
const NET: &str = r#"
name = "pair"

[[layer]]
name = "in"
size = 3

[[layer]]
name = "a, b"
size = 4
neuron = { current_decay = 4096, voltage_decay = 512, threshold = 6400, bias = 64, refractory = 2 }

[[layer]]
name = "c"
size = 1
neuron = { current_decay = 1024, voltage_decay = 1024, threshold = 12800, bias = 0, refractory = 1 }

[[projection]]
name = "in to ab"
from = "in"
to = "a, b"
pattern = "all-to-all"
weight = 30
delay = 2

[[projection]]
name = "ab to c"
from = "a, b"
to = "c"
pattern = "all-to-all"
weight = 100

[[projection]]
name = "c to ab"
from = "c"
to = "a, b"
pattern = "all-to-all"
weight = -60
"#;

/// One neuron that learns from one source, by everything a rule can use.
const LEARNER: &str = r#"
name = "learner"

[[layer]]
name = "in"
size = 2

[[layer]]
name = "n"
size = 1
neuron = { current_decay = 4096, voltage_decay = 4096, threshold = 6400, bias = 0, refractory = 1 }

[[projection]]
name = "s"
from = "in"
to = "n"
pattern = "all-to-all"
weight = 120

[projection.learning]
rule = "2^-2*x1*y0"
tag_rule = "u0*x0"
delay_rule = "2^-6*x1*y0"
min = 0
max = 255
step = 1
x1 = { impulse = 64, tau = 2, rounding = "down" }
y1 = { impulse = 16, tau = 4, rounding = "down" }
"#;

/// A neuron that charges itself until its voltage is clamped.
const OVERFLOWING: &str = r#"
name = "overflowing"

[[layer]]
name = "calm"
size = 1
neuron = { current_decay = 4096, voltage_decay = 4096, threshold = 64, bias = 128, refractory = 1 }

[[layer]]
name = "full"
size = 12
neuron = { current_decay = 4096, voltage_decay = 0, threshold = 8388544, bias = 524160, refractory = 1 }
"#;

const INPUT: &str = "step,layer,neuron\n30,in,1\n1,in,0\n1,in,1\n1,in,2\n2,in,0\n2,in,1\n2,in,2\n";

fn scratch() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("net.toml", NET.as_bytes());
    scratch.write("learner.toml", LEARNER.as_bytes());
    scratch.write("full.toml", OVERFLOWING.as_bytes());
    scratch.write("in.csv", INPUT.as_bytes());
    scratch
}

fn text(scratch: &Scratch, name: &str) -> String {
    String::from_utf8(scratch.read(name)).expect("text")
}

/// The names of files in a folder, sorted.
fn files(scratch: &Scratch, folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(scratch.path(folder)).expect("a folder");
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.expect("readable").file_name().into_string().expect("text")
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

#[test]
fn both_engines_write_the_same_spikes() {
    let scratch = scratch();
    for engine in ["lif", "loihi"] {
        let words = format!(
            "chip run @/net.toml --steps 200 --input @/in.csv --engine {engine} --spikes @/{engine}.csv"
        );
        let answer = scratch.synfire(&words).succeeded();
        assert_eq!(answer.stderr, "", "quiet when piped");
        assert!(answer.stdout.contains(&format!("pair: engine {engine}, 200 steps")));
    }
    let lif = text(&scratch, "lif.csv");
    assert_eq!(lif, text(&scratch, "loihi.csv"));
    assert!(lif.starts_with("step,layer,neuron\n1,in,0\n1,in,1\n1,in,2\n2,in,0\n"), "{lif}");
    // Names with commas are quoted.
    assert!(lif.contains(",\"a, b\",3\n") && lif.contains(",c,0\n"), "{lif}");
    assert_eq!(files(&scratch, "").len(), 6, "no temporary file is left");
}

#[test]
fn spikes_that_came_out_can_go_in() {
    let scratch = scratch();
    let run = "chip run @/net.toml --steps 40";
    scratch.synfire(&format!("{run} --input @/in.csv --spikes @/all.csv")).succeeded();
    scratch
        .synfire(&format!("{run} --input @/in.csv --spikes @/sources.csv --layers in"))
        .succeeded();
    let sources = text(&scratch, "sources.csv");
    assert_eq!(sources.lines().count(), 1 + 7);
    scratch.synfire(&format!("{run} --input @/sources.csv --spikes @/again.csv")).succeeded();
    assert_eq!(text(&scratch, "all.csv"), text(&scratch, "again.csv"));
    // All of them cannot: a neuron is no source.
    let message = scratch.synfire(&format!("{run} --input @/all.csv")).failed(Status::Failure);
    assert!(
        message.contains("layer is `a, b`, which is no layer of sources, expected `in`"),
        "{message}"
    );
}

/// Voltages by hand: three quarters of the voltage before, and the bias.
#[test]
fn probes_are_tables_and_pictures() {
    let scratch = scratch();
    scratch
        .synfire_args(&[
            "chip",
            "run",
            "@/net.toml",
            "--steps",
            "6",
            "--probe",
            "a, b.v,c.u",
            "--probe",
            "c.v,c.u",
            "--sample-every",
            "2",
            "--out",
            "@/state",
        ])
        .succeeded();
    assert_eq!(
        files(&scratch, "state"),
        ["a, b.v.csv", "a, b.v.svg", "c.u.csv", "c.u.svg", "c.v.csv", "c.v.svg"]
    );
    let mut v = 0_i64;
    let mut expected = "step,n0,n1,n2,n3\n0,0,0,0,0\n".to_owned();
    for step in 1..=6 {
        v = v * (4096 - 512) / 4096 + 64;
        if step % 2 == 0 {
            expected += &format!("{step},{v},{v},{v},{v}\n");
        }
    }
    assert_eq!(text(&scratch, "state/a, b.v.csv"), expected);
    assert_eq!(text(&scratch, "state/c.u.csv"), "step,n0\n0,0\n2,0\n4,0\n6,0\n");
    let svg = text(&scratch, "state/a, b.v.svg");
    assert!(svg.starts_with("<svg") && svg.contains("pair: a, b.v"), "{svg}");
    assert!(svg.contains("threshold"), "{svg}");
}

#[test]
fn every_part_of_a_learning_synapse_can_be_probed() {
    let scratch = scratch();
    scratch.write("in.csv", b"step,layer,neuron\n1,in,0\n3,in,1\n");
    let words = "chip run @/learner.toml --steps 4 --input @/in.csv --out @/state \
                 --probe s.w,s.d,s.t,s.x1,s.y1,n.u,n.v";
    scratch.synfire(words).succeeded();
    let table = |name| text(&scratch, &format!("state/s.{name}.csv"));
    // 120 * 64 exceeds 6400: the neuron spikes a step after each source, with x1 at 64 * exp(-1/2) = 38 for
    // the source itself and, two steps later, less for the other.
    assert!(table("w").starts_with("step,s0,s1\n0,120,120\n1,120,120\n2,"), "{}", table("w"));
    let last = table("w");
    let last: Vec<i64> = last
        .lines()
        .last()
        .expect("rows")
        .split(',')
        .map(|cell| cell.parse().expect("a number"))
        .collect();
    assert!(last[0] == 4 && last[1] > 125 && last[2] > 125, "{last:?}");
    assert!(table("x1").starts_with("step,n0,n1\n0,0,0\n1,64,0\n2,38,0\n"), "{}", table("x1"));
    assert!(table("y1").starts_with("step,n0\n0,0\n1,0\n2,16\n"), "{}", table("y1"));
    assert!(table("t").starts_with("step,s0,s1\n0,0,0\n1,1,0\n"), "{}", table("t"));
    assert!(table("d").starts_with("step,s0,s1\n0,0,0\n"), "{}", table("d"));
    let message =
        scratch.synfire("chip run @/learner.toml --steps 4 --engine lif").failed(Status::Failure);
    assert!(message.contains("learner.toml: engine lif cannot run it: "), "{message}");
}

/// Beyond 1000 values, only what has changed since the sample before.
#[test]
fn many_values_stand_in_rows() {
    let scratch = scratch();
    let net = LEARNER.replace("size = 2", "size = 1001").replace("weight = 120", "weight = 5");
    scratch.write("net.toml", net.as_bytes());
    scratch.write("in.csv", b"step,layer,neuron\n2,in,7\n");
    let words = "chip run @/net.toml --steps 3 --input @/in.csv --out @/state --probe s.t,s.x1";
    scratch.synfire(words).succeeded();
    let tags = text(&scratch, "state/s.t.csv");
    let rows: Vec<&str> = tags.lines().collect();
    assert_eq!(rows.len(), 1 + 1001 + 1);
    assert_eq!(
        [rows[0], rows[1], rows[1001], rows[1002]],
        ["step,synapse,value", "0,0,0", "0,1000,0", "2,7,1"]
    );
    assert!(text(&scratch, "state/s.x1.csv").ends_with("0,1000,0\n2,7,64\n3,7,38\n"));
    assert!(text(&scratch, "state/s.t.svg").contains("the first 16 of 1001"));
}

#[test]
fn pictures_show_the_layers_asked_for() {
    let scratch = scratch();
    let run = "chip run @/net.toml --steps 40 --input @/in.csv";
    scratch.synfire(&format!("{run} --raster @/all.svg")).succeeded();
    scratch.synfire(&format!("{run} --raster @/some.svg --layers c,in")).succeeded();
    let [all, some] = ["all.svg", "some.svg"].map(|name| text(&scratch, name));
    assert!(all.starts_with("<svg") && all.contains("a, b") && !some.contains("a, b"));
    assert!(some.len() < all.len());
    scratch.synfire(&format!("{run} --raster @/again.svg")).succeeded();
    assert_eq!(all, text(&scratch, "again.svg"));
}

#[test]
fn faults_are_counted_and_the_run_goes_on() {
    let scratch = scratch();
    let answer = scratch.synfire("chip run @/full.toml --steps 20 --spikes @/out.csv");
    assert_eq!(answer.status, Status::Failure);
    assert!(
        answer.stderr.starts_with("fault: step 17, layer full, neuron 0: voltage is 8910720, "),
        "{}",
        answer.stderr
    );
    assert_eq!(answer.stderr.lines().count(), 11, "{}", answer.stderr);
    assert!(answer.stderr.ends_with("and 2 more faults\n"));
    assert!(answer.stdout.contains("20 steps\n"), "{}", answer.stdout);
    assert_eq!(text(&scratch, "out.csv").matches("calm").count(), 20);
}

/// Strict, the run stops in the step of the fault, and what was found until then is kept.
#[test]
fn a_strict_run_stops_and_keeps_what_it_has() {
    let scratch = scratch();
    let words = "chip run @/full.toml --steps 20 --strict --spikes @/out.csv --raster @/out.svg \
                 --probe full.v --out @/state";
    let answer = scratch.synfire(words);
    assert_eq!(answer.status, Status::Failure);
    assert_eq!(answer.stderr.lines().count(), 2, "{}", answer.stderr);
    assert!(answer.stderr.contains("error: stopped in step 17 of 20: "), "{}", answer.stderr);
    assert!(answer.stdout.contains("17 steps of 20 (stopped by fault)"), "{}", answer.stdout);
    let spikes = text(&scratch, "out.csv");
    assert!(spikes.starts_with("step,layer,neuron\n1,calm,0\n2,calm,0\n"), "{spikes}");
    assert!(spikes.ends_with("\n17,calm,0\n"), "{spikes}");
    assert!(text(&scratch, "out.svg").contains("calm"));
    let table = text(&scratch, "state/full.v.csv");
    let last = format!("\n16{}\n", ",8386560".repeat(12));
    assert!(table.starts_with("step,n0,n1,") && table.ends_with(&last), "{table}");
}

#[test]
fn json_is_one_object() {
    let scratch = scratch();
    let words = "chip run @/full.toml --steps 50 --json --strict --spikes @/out.csv --seed 7";
    let answer = scratch.synfire(words);
    assert_eq!(answer.status, Status::Failure);
    let json: Value = serde_json::from_str(&answer.stdout).expect("one object");
    assert_eq!(json["network"], "overflowing");
    assert_eq!((&json["steps"], &json["steps_asked"]), (&17.into(), &50.into()));
    assert_eq!(
        (&json["stopped_by"], &json["faults"], &json["seed"]),
        (&"fault".into(), &1.into(), &7.into())
    );
    assert_eq!(json["layers"][0]["spikes"], 17);
    // Of a step that was not finished nothing is known.
    assert_eq!(json["estimates"][0]["steps"], 16);
    let words = "chip run @/net.toml --steps 200 --input @/in.csv --constants sana-fe,davies";
    let text = scratch.synfire(words).succeeded().stdout;
    let sets = ["estimate by sana-fe: 200 steps", "estimate by davies-2018: 200 steps"];
    assert!(sets.iter().all(|set| text.contains(set)), "{text}");
    assert_eq!(json["layers"][1]["faults"], 1);
    assert_eq!(json["written"].as_array().map(Vec::len), Some(1));
    assert!(json["first_faults"][0].as_str().is_some_and(|fault| fault.contains("voltage")));
    let words = "chip run @/net.toml --steps 200 --input @/in.csv --json --engine lif";
    let json: Value =
        serde_json::from_str(&scratch.synfire(words).succeeded().stdout).expect("one object");
    assert_eq!(json["stopped_by"], Value::Null);
    assert_eq!(json["estimates"], serde_json::json!([]), "no chip, no estimate");
    assert_eq!(json["layers"][0]["spikes"], 7);
    assert_eq!(json["operations"]["input_deliveries"], 7 * 4);
}

#[test]
fn wrong_input_is_named_by_file_line_and_column() {
    let scratch = scratch();
    let run = "chip run @/net.toml --steps 20 --input @/in.csv --spikes @/out.csv";
    let message = scratch.synfire(run).failed(Status::Failure);
    let start = format!("error: {}: ", scratch.path("in.csv").display());
    assert_eq!(message, format!("{start}line 2, column 1: step is `30`, expected 1 to 20\n"));
    assert!(!scratch.path("out.csv").exists());
    scratch.write("in.csv", b"step,layer,neuron\n1,in,0\n1,in,\xff\n");
    let message = scratch.synfire(run).failed(Status::Failure);
    assert_eq!(message, format!("{start}line 3: byte 0xff is not UTF-8, expected a text file\n"));
    scratch.write("in.csv", b"1,in,0\n");
    let message = scratch.synfire(run).failed(Status::Failure);
    assert!(message.contains("heading is `1,in,0`, expected `step,layer,neuron`"), "{message}");
    std::fs::remove_file(scratch.path("in.csv")).expect("it was there");
    let message = scratch.synfire(run).failed(Status::Failure);
    assert!(message.starts_with(&format!("{start}cannot be read: ")), "{message}");
}

#[test]
fn wrong_use_is_told_and_nothing_is_written() {
    let scratch = scratch();
    for (words, expected) in [
        ("net.toml", "--steps <N>"),
        ("net.toml --steps 0", "0 is not in 1..=4294967295"),
        ("net.toml --steps 4294967296", "4294967296 is not in 1..=4294967295"),
        ("net.toml --steps 5 --probe c.v", "--out <DIR>"),
        ("net.toml --steps 5 --out @/state", "--probe <NAMES>"),
        ("net.toml --steps 5 --probe c.v --out @/state --sample-every 0", "0 is not in 1.."),
        (
            "net.toml --steps 5 --probe c.v,c.w --out @/state",
            "probe is `c.w`, expected one of `a, b.u`, `a, b.v`, `c.u`, `c.v`",
        ),
        ("net.toml --steps 5 --probe in.v --out @/state", "probe is `in.v`, expected one of"),
        (
            "learner.toml --steps 5 --probe s.y3 --out @/state",
            "expected one of `n.u`, `n.v`, `s.w`, `s.d`, `s.t`, `s.x1`, `s.y1`",
        ),
        (
            "net.toml --steps 5 --spikes @/out.csv --layers d",
            "layer of --layers is `d`, expected one of",
        ),
        ("net.toml --steps 5 --engine reference", "[possible values: loihi, lif]"),
        ("net.toml --steps 5 --spikes @/net.toml", "net.toml is read by this command"),
        (
            "net.toml --steps 40 --input @/in.csv --raster @/../{here}/in.csv",
            "in.csv is read by this",
        ),
        ("net.toml --steps 5 --spikes @/out --raster @/out", "out is named twice"),
        (
            "net.toml --steps 5 --spikes @/out/c.v.csv --probe c.v --out @/out",
            "c.v.csv is named twice",
        ),
        ("net.toml --steps 5 --spikes @/", "expected the name of a file"),
    ] {
        let here = scratch.path("");
        let here = here.file_name().and_then(|name| name.to_str()).expect("a plain path");
        let words = format!("chip run @/{}", words.replace("{here}", here));
        let message = scratch.synfire(&words).failed(Status::Usage);
        assert!(message.contains(expected), "{words}: {message}");
        assert_eq!(
            files(&scratch, ""),
            ["full.toml", "in.csv", "learner.toml", "net.toml"],
            "{words}"
        );
    }
}

/// Below a regular file no folder can be made, whoever runs the test.
#[test]
fn an_output_that_cannot_be_written_is_found_before_the_run() {
    let scratch = scratch();
    for option in
        ["--spikes @/in.csv/x.csv", "--raster @/in.csv/x.svg", "--probe c.v --out @/in.csv/x"]
    {
        // Would take hours if it were found wrong only at the end.
        let words = format!("chip run @/net.toml --steps 4000000000 {option}");
        let message = scratch.synfire(&words).failed(Status::Failure);
        assert!(message.contains("cannot be written: "), "{message}");
    }
}

/// A neuron with more synapses than a core holds runs, but nothing can be said about its cost.
#[test]
fn a_network_that_no_core_holds_runs_without_estimate() {
    let scratch = scratch();
    let net = NET.replace("size = 3", "size = 5000");
    scratch.write("net.toml", net.as_bytes());
    let words = "chip run @/net.toml --steps 40 --input @/in.csv";
    let answer = scratch.synfire(words).succeeded();
    assert!(
        answer.stderr.starts_with("note: no estimate of energy and time: placement "),
        "{answer:?}"
    );
    assert!(!answer.stdout.contains("estimate"), "{}", answer.stdout);
    scratch.write("place.toml", b"[[population]]\nlayer = \"c\"\ncores = [1]\n");
    let message =
        scratch.synfire(&format!("{words} --placement @/place.toml")).failed(Status::Failure);
    assert!(message.starts_with("error: refused, for "), "{message}");
}

#[test]
fn the_seed_makes_the_noise() {
    let scratch = scratch();
    let noise = r#"bias = 64, noise = { target = "current", exponent = 12, mantissa_offset = 0 }"#;
    scratch.write("net.toml", NET.replace("bias = 64", noise).as_bytes());
    let spikes = |seed: u32| {
        let words = format!("chip run @/net.toml --steps 300 --seed {seed} --spikes @/out.csv");
        scratch.synfire(&words).succeeded();
        text(&scratch, "out.csv")
    };
    let first = spikes(1);
    assert!(first.lines().count() > 10, "{first}");
    assert_eq!(first, spikes(1));
    assert_ne!(first, spikes(2));
}
