//! `synfire bundle`: bundles are equal, run without us, notice what was changed in them, and name what somebody else's
//! machine does wrong.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use synfire_cli::Status;
use synfire_tests::Python;
use synfire_train::synfire_data::sha256_hex;
use synfire_train::synfire_exchange::{Array, write_npz};

use crate::scratch::{Answer, Scratch};

const CASES: [&str; 7] =
    ["first", "trained", "inference", "ties", "saturation", "both-errors", "large-sums"];

/// A small run and its bundle, made once: nobody changes them.
struct Shared {
    scratch: Scratch,
}

fn shared() -> &'static Scratch {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    let shared = SHARED.get_or_init(|| {
        let scratch = Scratch::new();
        let words = "train --samples 200 --epochs 1 --hidden 16 --check 0 --out @/run";
        scratch.synfire(words).succeeded();
        let answer = scratch.synfire("bundle @/run --out @/bundle --samples 3").succeeded();
        assert!(answer.stdout.contains("case first: 3 samples, 48 steps, "), "{answer:?}");
        assert!(answer.stdout.contains("/bundle: 95 files, "), "{answer:?}");
        Shared { scratch }
    });
    &shared.scratch
}

fn bundle() -> PathBuf {
    shared().path("bundle")
}

/// Every file below a folder.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut waiting = vec![dir.to_owned()];
    while let Some(place) = waiting.pop() {
        for entry in std::fs::read_dir(&place).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(dir).expect("below").to_str().expect("plain");
                files.insert(name.to_owned(), std::fs::read(&path).expect("a file"));
            }
        }
    }
    files
}

/// A bundle of one's own to spoil, as `bundle` in a scratch folder.
fn copy() -> Scratch {
    let scratch = Scratch::new();
    for (name, bytes) in files(&bundle()) {
        let path = scratch.path("bundle").join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("writable");
    }
    scratch
}

fn text(scratch: &Scratch, name: &str) -> String {
    String::from_utf8(scratch.read(&format!("bundle/{name}"))).expect("text")
}

/// Writes a file of a bundle, and its sum as a forger would.
fn forge(scratch: &Scratch, name: &str, content: &str) {
    scratch.write(&format!("bundle/{name}"), content.as_bytes());
    let sums = text(scratch, "SHA256SUMS");
    let sums: String = sums
        .lines()
        .map(|line| match line.split_once("  ") {
            Some((_, other)) if other == name => {
                format!("{}  {name}\n", sha256_hex(content.as_bytes()))
            }
            _ => format!("{line}\n"),
        })
        .collect();
    scratch.write("bundle/SHA256SUMS", sums.as_bytes());
}

#[test]
fn equal_runs_give_equal_bundles() {
    let scratch = Scratch::new();
    let words = "train --samples 200 --epochs 1 --hidden 16 --engine reference --out @/other/run";
    scratch.synfire(words).succeeded();
    let words = "bundle @/other/run --out @/deep/down/nbp/ --samples 3";
    scratch.synfire(words).succeeded();
    let (one, two) = (files(&bundle()), files(&scratch.path("deep/down/nbp")));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(*bytes == two[name], "{name} differs");
    }
    let beside = std::fs::read_dir(scratch.path("deep/down")).expect("a folder").count();
    assert_eq!(beside, 1, "nothing temporary is left");
}

#[test]
fn a_bundle_passes_its_check() {
    let scratch = Scratch::new();
    let dir = bundle().display().to_string();
    let answer = scratch.synfire_args(&["bundle", "check", &dir]).succeeded();
    for case in CASES {
        assert!(answer.stdout.contains(&format!("case {case}: ")), "{answer:?}");
    }
    assert!(answer.stdout.trim_end().ends_with("whole and right"), "{answer:?}");
    let answer = scratch.synfire_args(&["bundle", "check", &dir, "--json"]).succeeded();
    let answer: serde_json::Value = serde_json::from_str(&answer.stdout).expect("one object");
    assert_eq!(answer["is_right"], true);
    assert_eq!(answer["cases"].as_array().map(Vec::len), Some(CASES.len()));
}

/// The cases show what they promise, whatever the run.
#[test]
fn hard_cases_are_hard() {
    let shown = |case: &str| {
        let samples = text(shared(), &format!("cases/{case}/samples.csv"));
        let words: Vec<String> = samples
            .lines()
            .skip(1)
            .filter_map(|line| line.rsplit(',').next())
            .flat_map(|words| words.split(' ').map(str::to_owned))
            .collect();
        words
    };
    for (case, wanted) in [
        (
            "ties",
            &["z1=0", "z1=512", "z1=1024", "z2=0", "z2=512", "z2=1024", "e+=0", "e-=0", "no-error"]
                [..],
        ),
        ("saturation", &["w1-max", "w1-min", "w2-max", "w2-min", "f-max", "f-min", "f-parts"]),
        ("both-errors", &["d1+-", "w1-max-both"]),
        ("large-sums", &["z1>9216", "z1>17344", "z1<-17344"]),
    ] {
        let words = shown(case);
        for word in wanted {
            assert!(words.iter().any(|found| found == word), "{case} shows no {word}: {words:?}");
        }
    }
}

/// Everything needed is in the folder: the reader knows the standard library and its tables.
#[test]
fn sixty_lines_of_python_reproduce_every_case() {
    let reader = text(shared(), "reader.py");
    assert!(reader.lines().count() <= 60, "{}", reader.lines().count());
    assert!(reader.contains("\nimport csv, hashlib, os, struct, sys\n"), "{reader}");
    let Some(python) = Python::with(&["csv", "hashlib"]) else { return };
    let output = python.command().arg(bundle().join("reader.py")).output().expect("Python starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    let mut cases: Vec<String> = CASES.iter().map(|case| format!("{case}: OK")).collect();
    cases.sort();
    assert_eq!(said.lines().collect::<Vec<_>>(), cases);
}

/// One line of a table is changed, where and how, and what must be said of it.
struct Fault {
    file: &'static str,
    /// Of the lines below the heading, the first of which this holds.
    line: fn(&str) -> bool,
    /// What becomes of it; `None` if it goes.
    becomes: fn(&str) -> Option<String>,
    /// The file that the check names, if another: what comes out differs first.
    named: &'static str,
}

fn more(line: &str, column: usize, by: i64) -> Option<String> {
    let mut columns: Vec<String> = line.split(',').map(str::to_owned).collect();
    columns[column] = (columns[column].parse::<i64>().expect("a number") + by).to_string();
    Some(columns.join(","))
}

/// Each fault is planted with right checksums, as by mistake of a maker, and found by the check with its line and by
/// the reader; with the checksums as they were, the file is named.
#[test]
fn planted_faults_are_found_by_check_and_reader() {
    const FAULTS: [Fault; 9] = [
        Fault {
            file: "spikes.csv",
            line: |line| line.contains(",d+,"),
            becomes: |_| None,
            named: "spikes.csv",
        },
        Fault {
            file: "spikes.csv",
            line: |line| line.contains(",hT,"),
            becomes: |line| more(line, 0, 1),
            named: "spikes.csv",
        },
        Fault {
            file: "changes.csv",
            line: |line| line.contains(",f-,"),
            becomes: |line| more(line, 6, 2),
            named: "changes.csv",
        },
        Fault {
            file: "synapses.csv",
            line: |line| line.ends_with(",w2"),
            becomes: |line| more(line, 2, if line.contains(",254,") { -2 } else { 2 }),
            named: "synapses.csv",
        },
        Fault {
            file: "synapses.csv",
            line: |line| line.ends_with(",4,none"),
            becomes: |line| more(line, 4, 1),
            named: "synapses.csv",
        },
        Fault {
            file: "compartments.csv",
            line: |line| line.contains(",o,o,1,"),
            becomes: |line| more(line, 4, 64),
            named: "compartments.csv",
        },
        Fault {
            file: "stimulus.csv",
            line: |line| line.contains(",reward,"),
            becomes: |_| None,
            named: "stimulus.csv",
        },
        Fault {
            file: "rules.csv",
            line: |line| line.starts_with("w1,"),
            becomes: |line| more(line, 5, -2),
            named: "rules.csv",
        },
        Fault {
            file: "samples.csv",
            line: |line| line.starts_with("2,"),
            becomes: |line| Some(line.replacen(line.split(',').nth(8)?, &"0".repeat(64), 1)),
            named: "samples.csv",
        },
    ];
    let python = Python::with(&["csv", "hashlib"]);
    for Fault { file, line, becomes, named } in FAULTS {
        let scratch = copy();
        let name = format!("cases/saturation/{file}");
        let before = text(&scratch, &name);
        let lines: Vec<&str> = before.lines().collect();
        let at = 1 + lines[1..].iter().position(|it| line(it)).expect("such a line");
        let mut after: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
        match becomes(lines[at]) {
            None => drop(after.remove(at)),
            Some(other) => after[at] = other,
        }
        let after = after.join("\n") + "\n";

        scratch.write(&format!("bundle/{name}"), after.as_bytes());
        let answer = scratch.synfire("bundle check @/bundle");
        assert_eq!(answer.status, Status::Failure, "{file}: {answer:?}");
        let problem = format!("problem: {name}: SHA-256 is ");
        assert!(answer.stdout.contains(&problem), "{file}: {answer:?}");

        forge(&scratch, &name, &after);
        let answer = scratch.synfire("bundle check @/bundle");
        assert_eq!(answer.status, Status::Failure, "{file}: {answer:?}");
        let place = format!("problem: cases/saturation/{named}, line {}: ", at + 1);
        // A weight of the start that is another one makes the other copies wrong, not itself.
        let is_found = answer.stdout.contains(&place)
            || file == "synapses.csv" && answer.stdout.contains("synapses.csv, line ");
        assert!(is_found, "{place} {answer:?}");
        assert_eq!(answer.stdout.matches("problem: ").count(), 1, "{answer:?}");

        if let Some(python) = &python {
            let reader = scratch.path("bundle/reader.py");
            let output = python.command().arg(reader).arg("saturation").output().expect("Python");
            let said = String::from_utf8_lossy(&output.stdout);
            assert_eq!(output.status.code(), Some(1), "{file}: {output:?}");
            assert!(said.starts_with("saturation: step "), "{file}: {output:?}");
        }
    }
}

/// Bundles that were made to harm, or are damaged: an answer, little memory, nothing outside the folder.
#[test]
fn hostile_bundles_are_answered() {
    let check = |scratch: &Scratch| {
        let answer = scratch.synfire("bundle check @/bundle");
        assert_eq!(answer.status, Status::Failure, "{answer:?}");
        answer.stdout
    };
    let has = |said: &str, words: &str| assert!(said.contains(words), "{words}: {said}");

    let scratch = copy();
    let sums = text(&scratch, "SHA256SUMS");
    let climbing = format!("{sums}{}  ../../outside\n", "0".repeat(64));
    scratch.write("bundle/SHA256SUMS", climbing.as_bytes());
    let said = check(&scratch);
    has(
        &said,
        "problem: SHA256SUMS, line 95: name is `../../outside`, expected a file within the bundle",
    );

    scratch.write("bundle/SHA256SUMS", sums.as_bytes());
    scratch.write("bundle/extra.txt", b"more");
    has(&check(&scratch), "problem: extra.txt: is not listed in SHA256SUMS");
    std::fs::remove_file(scratch.path("bundle/extra.txt")).expect("there");
    std::fs::remove_file(scratch.path("bundle/cases/ties/rules.csv")).expect("there");
    has(&check(&scratch), "problem: cases/ties/rules.csv: is listed and not there");

    for (name, from, to, message) in [
        ("bundle.toml", "form = 1", "form = 2", "form is 2, expected 1"),
        ("bundle.toml", "\"ties\"", "\"../ties\"", "case is `../ties`, expected a plain name"),
        ("bundle.toml", "cases = ", "cases = 7 #", "bundle.toml, line "),
        ("cases/ties/case.toml", "layers = [24", "layers = [65536", "lines, expected more than "),
        (
            "cases/ties/case.toml",
            "layers = [24",
            "layers = [4294967295",
            "layer size is 4294967295",
        ),
        (
            "cases/ties/case.toml",
            "samples = 10",
            "samples = 99999999",
            "number of samples is 99999999",
        ),
        ("cases/ties/case.toml", "\"sized\"", "\"huge\"", "circuit is `huge`"),
        ("cases/ties/case.toml", "\"learning\"", "\"inference\"", "lines, expected "),
        ("cases/ties/samples.csv", "sample,", "simple,", "samples.csv, line 1: heading is "),
        (
            "cases/ties/stimulus.csv",
            "11,start,0",
            "11,start",
            "stimulus.csv, line 2: found 2 columns",
        ),
        ("cases/ties/stimulus.csv", "\n13,input,", "\n14,input,", "stimulus.csv, line "),
        ("cases/ties/spikes.csv", "step,", "\u{0},", "spikes.csv, line 1: heading is "),
    ] {
        let scratch = copy();
        let content = text(&scratch, name);
        assert!(content.contains(from), "{name} has no {from}");
        forge(&scratch, name, &content.replacen(from, to, 1));
        has(&check(&scratch), message);
    }

    // Somebody may run the reader.
    let scratch = copy();
    let reader = text(&scratch, "reader.py");
    forge(&scratch, "reader.py", &format!("import shutil\n{reader}"));
    has(&check(&scratch), "problem: reader.py, line 1: found `import shutil`, expected ");

    let scratch = copy();
    scratch.write("bundle/cases/ties/changes.csv", b"\xff\xfe");
    has(&check(&scratch), "cases/ties/changes.csv, line 1: is no text in UTF-8");
    #[cfg(unix)]
    {
        let path = scratch.path("bundle/cases/ties/changes.csv");
        std::fs::remove_file(&path).expect("there");
        std::os::unix::fs::symlink("/dev/zero", &path).expect("a link");
        has(&check(&scratch), "cases/ties/changes.csv: is no regular file");
    }
    let message = scratch.synfire("bundle check @/nowhere").failed(Status::Failure);
    has(&message, "is no bundle: there is no bundle.toml in it");
}

/// A folder is replaced only if it is a bundle and that is asked for; what fails leaves nothing.
#[test]
fn folders_are_taken_as_a_whole_or_not_at_all() {
    let scratch = Scratch::new();
    let run = shared().path("run").display().to_string();
    let make = |words: &[&str]| -> Answer {
        let words: Vec<&str> =
            ["bundle", &run, "--samples", "1"].into_iter().chain(words.iter().copied()).collect();
        scratch.synfire_args(&words)
    };
    make(&["--out", "@/b"]).succeeded();
    let message = make(&["--out", "@/b"]).failed(Status::Failure);
    assert!(message.contains("is there already: replace the bundle with --overwrite"), "{message}");
    scratch.write("b/mine.txt", b"mine");
    make(&["--out", "@/b", "--overwrite"]).succeeded();
    assert!(!scratch.path("b/mine.txt").exists(), "a bundle is replaced as a whole");
    std::fs::create_dir(scratch.path("empty")).expect("a folder");
    make(&["--out", "@/empty"]).succeeded();
    std::fs::create_dir(scratch.path("thesis")).expect("a folder");
    scratch.write("thesis/chapter.txt", b"years of work");
    let message = make(&["--out", "@/thesis", "--overwrite"]).failed(Status::Failure);
    assert!(message.contains("is there already and is no bundle"), "{message}");
    assert_eq!(scratch.read("thesis/chapter.txt"), b"years of work");
    let message = make(&["--out", "@/c", "--samples", "0"]);
    assert_eq!(message.status, Status::Usage);
    let message = scratch
        .synfire_args(&["bundle", &run, "--samples", "0", "--out", "@/c"])
        .failed(Status::Usage);
    assert_eq!(message, "error: number of samples is 0, expected 1 to 200\n");
    let message = scratch.synfire("bundle @/thesis --out @/c").failed(Status::Usage);
    assert!(message.contains("holds no run: there is no run.toml in it"), "{message}");
    let names: Vec<_> = std::fs::read_dir(scratch.path(""))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(names.len(), 3, "nothing temporary is left: {names:?}");

    scratch.synfire("train --samples 20 --epochs 1 --hidden 8 --seeds 1,2 --out @/s").succeeded();
    let message = scratch.synfire("bundle @/s --out @/c").failed(Status::Usage);
    assert!(message.contains("holds runs of several seeds, expected one of them"), "{message}");
    let words = "train --samples 20 --epochs 1 --hidden 8 --engine reference --variant lanl-numpy --out @/l";
    scratch.synfire(words).succeeded();
    let message = scratch.synfire("bundle @/l --out @/c").failed(Status::Failure);
    assert!(message.contains("variant is lanl-numpy, expected circuit"), "{message}");
    std::fs::remove_file(scratch.path("s/seed-1/weights.npz")).expect("there");
    let message = scratch.synfire("bundle @/s/seed-1 --out @/c").failed(Status::Failure);
    assert!(message.contains("has no weights.npz: the run has finished no epoch yet"), "{message}");
}

/// The published circuit leaves exactness where sums are large: its phantoms are golden too.
#[test]
fn the_published_circuit_has_a_bundle() {
    let scratch = Scratch::new();
    let words =
        "train --samples 60 --epochs 1 --hidden 12 --circuit published --check 0 --out @/run";
    scratch.synfire(words);
    scratch.synfire("bundle @/run --out @/bundle --samples 2").succeeded();
    let case = text(&scratch, "cases/large-sums/case.toml");
    let faults = case.lines().find_map(|line| line.strip_prefix("faults = ")).expect("a count");
    assert_ne!(faults, "0", "{case}");
    scratch.synfire("bundle check @/bundle").succeeded();
    if let Some(python) = Python::with(&["csv", "hashlib"]) {
        let reader = scratch.path("bundle/reader.py");
        let output = python.command().arg(reader).arg("large-sums").output().expect("Python");
        assert!(output.status.success(), "{output:?}");
    }
}

/// Spikes as rows.
type Rows = Vec<(u64, String, u32)>;

fn golden(case: &str, file: &str) -> Rows {
    let row = |line: &str| {
        let columns: Vec<&str> = line.split(',').collect();
        (
            columns[0].parse().expect("a step"),
            columns[1].to_owned(),
            columns[2].parse().expect("a neuron"),
        )
    };
    text(shared(), &format!("cases/{case}/{file}")).lines().skip(1).map(row).collect()
}

fn csv(rows: &Rows) -> String {
    let lines: String =
        rows.iter().map(|(step, layer, neuron)| format!("{step},{layer},{neuron}\n")).collect();
    format!("step,layer,neuron\n{lines}")
}

/// Compares a dump with the case `ties`.
fn compare(scratch: &Scratch, rows: &Rows, words: &[&str]) -> Answer {
    scratch.write("dump.csv", csv(rows).as_bytes());
    let dir = bundle().display().to_string();
    let all = ["bundle", "compare", &dir, "@/dump.csv", "--case", "ties"];
    scratch.synfire_args(&all.into_iter().chain(words.iter().copied()).collect::<Vec<_>>())
}

/// What a comparison that found something says.
fn found(answer: Answer) -> String {
    assert_eq!(answer.status, Status::Failure, "{answer:?}");
    assert_eq!(answer.stderr, "", "{answer:?}");
    answer.stdout
}

/// The first spike of a layer in a phase, and its place in the list.
fn first_of(rows: &Rows, layer: &str, phase: u64) -> (usize, u64, u32) {
    let is_meant = |row: &&(u64, String, u32)| row.1 == layer && (row.0 - 1) % 12 == phase;
    let place = rows.iter().position(|row| is_meant(&row)).expect("such a spike");
    (place, rows[place].0, rows[place].2)
}

fn has(said: &str, words: &str) {
    assert!(said.contains(words), "no `{words}` in: {said}");
}

#[test]
fn golden_spikes_are_as_they_must_be() {
    let scratch = Scratch::new();
    let rows = golden("ties", "spikes.csv");
    let said = compare(&scratch, &rows, &[]).succeeded().stdout;
    has(&said, "case ties, 10 samples, 27 layers: ");
    has(&said, "spikes: all as they must be");
    // Any order, LANL's names, generators among them, later spikes.
    let mut other: Rows = rows.iter().rev().cloned().collect();
    for row in &mut other {
        row.1 = match &*row.1 {
            "h<" => "h1_copy".to_owned(),
            "g3" => "g03".to_owned(),
            "oT" => "oT-".to_owned(),
            name => name.to_owned(),
        };
    }
    other.extend(golden("ties", "stimulus.csv"));
    other.push((400, "x".to_owned(), 0));
    let said = compare(&scratch, &other, &[]).succeeded().stdout;
    has(&said, "31 layers: ");
    has(&said, "1 spikes after the last step of the case were not compared");
    let changes = bundle().join("cases/ties/changes.csv").display().to_string();
    let said = compare(&scratch, &rows, &["--weights", &changes]).succeeded().stdout;
    has(&said, "changes expected, all as they must be");
    let said = compare(&scratch, &rows, &["--json"]).succeeded().stdout;
    let answer: serde_json::Value = serde_json::from_str(&said).expect("one object");
    assert_eq!((&answer["is_equal"], &answer["missing"]), (&true.into(), &0.into()));
}

#[test]
fn a_missing_spike_is_named() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    let (place, step, neuron) = first_of(&rows, "d+", 4);
    rows.remove(place);
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, "spikes: 1 missing, 0 too much, 0 listed twice");
    has(&said, &format!("first difference: step {step}, phase 4 of sample "));
    has(&said, &format!("layer d+, neuron {neuron} (id "));
    has(&said, "expected a spike (output error d2+), found none");
    let said = found(compare(&scratch, &rows, &["--json"]));
    let answer: serde_json::Value = serde_json::from_str(&said).expect("one object");
    let first = &answer["first"];
    assert_eq!((&first["finding"], &first["layer"]), (&"missing".into(), &"d+".into()));
    assert_eq!((&first["step"], &first["neuron"]), (&step.into(), &neuron.into()));
    assert_eq!(first["meaning"], "output error d2+");
}

#[test]
fn a_spike_too_much_is_named() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    // Phase 8 of sample 1, in which nothing may spike: the echo of a replay.
    rows.push((33, "h".to_owned(), 5));
    let n_lines = rows.len() + 1;
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, "spikes: 0 missing, 1 too much");
    has(
        &said,
        "first difference: step 33, phase 8 of sample 1 (class 2), layer h (LANL h1), neuron 5 (id ",
    );
    let place = format!("found one in a phase in which this layer may not spike, line {n_lines}");
    has(&said, &place);
}

#[test]
fn a_late_spike_is_named() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    let (place, step, neuron) = first_of(&rows, "hT", 5);
    // Later than the next phase, in which the same neuron may spike as well.
    rows[place].0 += 3;
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, &format!("step {step}, phase 5 of sample "));
    has(&said, &format!("layer hT (LANL h1T), neuron {neuron} (id "));
    has(&said, "expected a spike (replay of h), found none");
    has(&said, &format!("hint: hT {neuron} spikes 3 steps later instead, in step {}", step + 3));
    let mut rows = golden("ties", "spikes.csv");
    let (place, step, neuron) = first_of(&rows, "mx", 6);
    rows[place].0 += 1;
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, &format!("hint: mx {neuron} spikes 1 step later instead, in step {}", step + 1));
    rows[place].0 -= 2;
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, &format!("step {}, phase 5 of sample ", step - 1));
    has(&said, &format!("hint: mx {neuron} must spike 1 step later instead, in step {step}"));
}

#[test]
fn a_wrong_neuron_is_named() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    let (place, step, neuron) = first_of(&rows, "c", 6);
    let taken: Vec<u32> =
        rows.iter().filter(|row| row.0 == step && row.1 == "c").map(|row| row.2).collect();
    let other = (0..32).rev().find(|neuron| !taken.contains(neuron)).expect("a silent neuron");
    rows[place].2 = other;
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, "spikes: 1 missing, 1 too much");
    has(&said, &format!("layer c (LANL c_h1), neuron {} (id ", neuron.min(other)));
    let hint = match neuron < other {
        true => format!("hint: neuron c {other} spikes instead"),
        false => format!("hint: neuron c {neuron} must spike instead"),
    };
    has(&said, &hint);
}

#[test]
fn a_wrong_layer_is_named() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    let (place, step, neuron) = first_of(&rows, "d+", 4);
    rows[place].1 = "d-".to_owned();
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, &format!("step {step}, phase 4 of sample "));
    has(&said, &format!("hint: neuron d- {neuron} spikes instead, of another layer"));
    rows[place].1 = "e".to_owned();
    let message = compare(&scratch, &rows, &[]).failed(Status::Failure);
    has(
        &message,
        &format!("dump.csv, line {}: layer is `e`, expected one of x, mx, h, ", place + 2),
    );
    rows[place] = (step, "d+".to_owned(), 5);
    let message = compare(&scratch, &rows, &[]).failed(Status::Failure);
    has(&message, "neuron of layer d+ is `5`, expected 0 to 4");
}

#[test]
fn exchanged_layers_are_named() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    for row in &mut rows {
        row.1 = match &*row.1 {
            "h<" => "h>".to_owned(),
            "h>" => "h<".to_owned(),
            name => name.to_owned(),
        };
    }
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, "phase 2 of sample ");
    has(&said, "layer h< (LANL h1_copy), neuron ");
    has(&said, "expected a spike (z1 > 0), found none");
    has(&said, "hint: layers h< and h> are exchanged");
    let mut rows = golden("ties", "spikes.csv");
    rows.retain(|row| row.1 != "oT");
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, "hint: the dump has no spike of oT; --layers compares others alone");
    compare(&scratch, &rows, &["--layers", "h,h1_copy,d+"]).succeeded();
    let message = compare(&scratch, &rows, &["--layers", "z"]).failed(Status::Usage);
    has(&message, "layer is `z`, expected one of x, mx, ");
}

#[test]
fn a_dump_cut_short_is_named() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    rows.retain(|row| row.0 <= 99);
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, "first difference: step 100, phase 3 of sample 7 ");
    has(&said, "hint: the dump ends in step 99, in sample 7 of 10; the case goes on to step 132");
    let said = found(compare(&scratch, &Vec::new(), &[]));
    has(&said, "hint: the dump has no spike of these layers up to the case's last step");
}

#[test]
fn a_shift_by_a_phase_is_named() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    for row in &mut rows {
        row.0 += 1;
    }
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, "first difference: step 12, phase 11, layer g0 (LANL g00), neuron 0 (id ");
    has(&said, "are right but 1 step too late: try --offset -1");
    compare(&scratch, &rows, &["--offset", "-1"]).succeeded();
    for row in &mut rows {
        row.0 -= 2;
    }
    let said = found(compare(&scratch, &rows, &["--offset", "3"]));
    has(&said, "are right but 2 steps too late: try --offset 1");
}

#[test]
fn a_spike_listed_twice_is_named() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    let (_, step, neuron) = first_of(&rows, "x", 7);
    rows.push((step, "x".to_owned(), neuron));
    let said = found(compare(&scratch, &rows, &[]));
    has(&said, "spikes: 0 missing, 0 too much, 1 listed twice");
    has(&said, &format!("step {step}, phase 7 of sample "));
    has(
        &said,
        &format!("expected one spike (replay of x), found it twice, line {}", rows.len() + 1),
    );
}

/// Of two differences the earlier one is named, wherever it stands in the dump.
#[test]
fn the_first_difference_is_the_first_in_time() {
    let scratch = Scratch::new();
    let mut rows = golden("ties", "spikes.csv");
    rows.insert(0, (105, "o".to_owned(), 0));
    rows.push((57, "o".to_owned(), 0));
    has(&found(compare(&scratch, &rows, &[])), "first difference: step 57, phase 8 of sample 3 ");
}

/// Lines of `changes.csv`, each cut into its columns.
fn changes() -> Vec<Vec<String>> {
    let changes = text(shared(), "cases/ties/changes.csv");
    changes.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// Compares weights with the case `ties`, whose spikes are right.
fn weigh(scratch: &Scratch, weights: &[u8], words: &[&str]) -> Answer {
    scratch.write("weights", weights);
    let words: Vec<&str> =
        ["--weights", "@/weights"].into_iter().chain(words.iter().copied()).collect();
    compare(scratch, &golden("ties", "spikes.csv"), &words)
}

fn changes_csv(changes: &[Vec<String>]) -> Vec<u8> {
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

fn to_id(number: i64) -> u32 {
    u32::try_from(number).expect("an id")
}

/// The golden weights after the last sample as `pre,post,weight`.
fn last_weights() -> BTreeMap<(u32, u32), i64> {
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

fn weights_csv(weights: &BTreeMap<(u32, u32), i64>) -> Vec<u8> {
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

/// What NumPy writes is taken as well: lists, rasters, matrices.
#[test]
fn archives_are_compared() {
    let scratch = Scratch::new();
    let dir = bundle().display().to_string();
    let compare = |name: &str, words: &[&str]| {
        let all = ["bundle", "compare", &dir, name, "--case", "ties"];
        scratch.synfire_args(&all.into_iter().chain(words.iter().copied()).collect::<Vec<_>>())
    };
    let rows = golden("ties", "spikes.csv");
    let mut ids = BTreeMap::new();
    for line in text(shared(), "cases/ties/compartments.csv").lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        let index: u32 = columns[3].parse().expect("an index");
        ids.insert((columns[1].to_owned(), index), columns[0].parse::<i32>().expect("an id"));
    }
    let steps: Vec<i64> = rows.iter().map(|row| row.0.cast_signed()).collect();
    let of_rows: Vec<i32> = rows.iter().map(|row| ids[&(row.1.clone(), row.2)]).collect();
    let (steps, of_rows) = (Array::list(steps), Array::list(of_rows));
    let bytes = write_npz([("step", &steps), ("id", &of_rows)]).expect("small");
    scratch.write("list.npz", &bytes);
    compare("@/list.npz", &[]).succeeded();

    let raster = |layer: &str, n: usize| {
        let mut cells = vec![false; n * 132];
        for row in rows.iter().filter(|row| row.1 == layer) {
            cells[row.2 as usize * 132 + usize::try_from(row.0).expect("small") - 1] = true;
        }
        cells
    };
    let h = Array::new(&[32, 132], raster("h", 32)).expect("an array");
    let mut cells = raster("d+", 5);
    let d = Array::new(&[5, 132], cells.clone()).expect("an array");
    let bytes = write_npz([("h1", &h), ("d+", &d)]).expect("small");
    scratch.write("raster.npz", &bytes);
    compare("@/raster.npz", &["--layers", "h,d+"]).succeeded();
    let place = cells.iter().position(|&cell| cell).expect("a spike");
    cells[place] = false;
    let d = Array::new(&[5, 132], cells).expect("an array");
    scratch.write("raster.npz", &write_npz([("h1", &h), ("d+", &d)]).expect("small"));
    let said = found(compare("@/raster.npz", &["--layers", "h,d+"]));
    has(&said, &format!("step {}, phase 4 of sample ", place % 132 + 1));
    let wrong = Array::new(&[31, 7], vec![0_u8; 217]).expect("an array");
    scratch.write("raster.npz", &write_npz([("h", &wrong)]).expect("small"));
    let message = compare("@/raster.npz", &[]).failed(Status::Failure);
    has(&message, "array h has shape [31, 7], expected 32 neurons by steps");

    // The weights of the start are not those of the end.
    let spikes = bundle().join("cases/ties/spikes.csv").display().to_string();
    let weights = bundle().join("cases/ties/weights.npz").display().to_string();
    let said = found(compare(&spikes, &["--weights", &weights]));
    has(&said, "first difference: after sample 9: weight ");
    // The first sample of this case has no error: after it they stand.
    compare(&spikes, &["--weights", &weights, "--after", "0"]).succeeded();
}
