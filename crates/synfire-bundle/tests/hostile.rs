//! Hostile bundles and dumps in memory, under sums that are right: each limit is one, and messages quote little.

use std::collections::BTreeMap;

use synfire_bundle::synfire_train::synfire_data::sha256_hex;
use synfire_bundle::{CompareConfig, check_files, compare, compare_files, tiny};

type Files = BTreeMap<String, Vec<u8>>;

const SPIKES: &str = "cases/learning/spikes.csv";
const CHANGES: &str = "cases/learning/changes.csv";

/// The tiny bundle with one file changed, and its sum.
fn changed(name: &str, change: impl FnOnce(&str) -> String) -> Files {
    let mut files = tiny();
    let before = String::from_utf8_lossy(&files[name]).into_owned();
    let after = change(&before);
    assert_ne!(before, after, "{name}");
    let sums = String::from_utf8_lossy(&files["SHA256SUMS"]).into_owned();
    let sums = sums.replace(&sha256_hex(before.as_bytes()), &sha256_hex(after.as_bytes()));
    files.insert(name.to_owned(), after.into_bytes());
    if name != "SHA256SUMS" {
        files.insert("SHA256SUMS".to_owned(), sums.into_bytes());
    }
    files
}

fn replaced(name: &str, from: &str, to: &str) -> Files {
    changed(name, |text| text.replacen(from, to, 1))
}

/// What a comparison with the bundle's own spikes and changes says.
fn compared(mut files: Files) -> String {
    let whole = tiny();
    files.insert("spikes".to_owned(), whole[SPIKES].clone());
    files.insert("weights".to_owned(), whole[CHANGES].clone());
    let choices = CompareConfig {
        spikes: "spikes".into(),
        weights: Some("weights".into()),
        ..CompareConfig::default()
    };
    compare_files(&choices, &files).err().map_or_else(String::new, |error| error.to_string())
}

/// What the check says first.
fn checked(files: &Files) -> String {
    let checked = check_files(files).expect("a bundle");
    checked.problems.first().map_or_else(String::new, ToString::to_string)
}

/// Says of all that are wrong, so that one look shows which limits are none.
#[track_caller]
fn assert_all(said: Vec<(String, &str)>) {
    let is_wrong = |(said, expected): &&(String, &str)| {
        !said.contains(expected)
            || said.len() > 1000
            || said.chars().any(|c| c.is_control() && c != '\n')
    };
    let wrong: Vec<_> = said.iter().filter(is_wrong).collect();
    assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), said.len());
}

#[test]
fn a_whole_bundle_is_refused_by_none_of_them() {
    assert_eq!(compared(tiny()), "");
    assert_eq!(checked(&tiny()), "");
}

#[test]
fn tables_of_a_case_to_compare_with() {
    let file = |name: &str| format!("cases/learning/{name}");
    let row = |name: &str, from: &str, to: &str| compared(replaced(&file(name), from, to));
    let long = "y".repeat(101);
    let layers: String =
        (1..=201).fold(String::new(), |text, id| text + &format!("{id},l{id},l,0\n"));
    let compartments = |text: &str| {
        let heading = text.lines().next().unwrap_or_default().to_owned();
        let rows = layers.lines().enumerate();
        let rows = rows.map(|(id, line)| {
            format!(
                "{id},l{id},l,0{}\n",
                ",0".repeat(heading.matches(',').count() - line.matches(',').count())
            )
        });
        heading.clone() + "\n" + &rows.collect::<String>()
    };
    let more_than_samples = |text: &str| {
        let sample = text.lines().nth(1).unwrap_or_default().to_owned() + "\n";
        text.to_owned() + &sample.repeat(10_000)
    };
    let rules = |text: &str| {
        (0..65).fold(text.to_owned(), |text, rule| text + &format!("0,3,0,0,0,rule{rule}\n"))
    };
    assert_all(vec![
        (row("compartments.csv", ",x,", &format!(",{long},")), "layer is `yyyy"),
        (row("compartments.csv", ",x,", ",\u{1b}[2J,"), "layer is `\\u{1b}[2J`"),
        (row("generators.csv", ",start,start,", ",start,\u{1b}[2J,"), "lanl is `\\u{1b}[2J`"),
        (row("phases.csv", ",x,", ",\u{1b}[2J,"), "layer `\\u{1b}[2J` is not in the case"),
        (row("spikes.csv", ",x,", ",\u{1b}[2J,"), "layer `\\u{1b}[2J` is not in the case"),
        (
            compared(changed(&file("phases.csv"), |text| text.trim_end().to_owned() + &long)),
            "meaning is `",
        ),
        (compared(changed(&file("compartments.csv"), compartments)), "more than 200 layers"),
        (compared(changed(&file("samples.csv"), more_than_samples)), "more than 10000 samples"),
        (
            compared(changed(&file("samples.csv"), |text| {
                text.lines().next().unwrap_or_default().to_owned()
            })),
            "found no sample, expected at least 1",
        ),
        (compared(changed(&file("synapses.csv"), rules)), "more than 64 rules"),
        (
            compared(changed(&file("synapses.csv"), |text| format!("{text}0,3,0,0,0,{long}\n"))),
            "rule is `yyyy",
        ),
        (
            row("case.toml", "period = 12", "period = 4294967295"),
            "period is 4294967295, expected 12",
        ),
        (row("case.toml", "name = \"learning\"", "name = \"\\u001b\""), "name is `\\u{1b}`"),
        (row("case.toml", "samples = 1\n", "samples = 10001\n"), "number of samples is 10001"),
        (row("case.toml", "layers = [3", "layers = [65537"), "layer size is 65537"),
    ]);
}

#[test]
fn headers_and_sums() {
    let toml = |text: String| checked(&changed("bundle.toml", |_| text));
    let cases = format!("cases = [{}]", "\"a\",".repeat(101));
    let header =
        |from: &str, to: &str| checked(&changed("bundle.toml", |text| text.replace(from, to)));
    let zeros = "0".repeat(64);
    let names = (0..2001).fold(String::new(), |text, n| text + &format!("{zeros}  f{n}\n"));
    let bomb = format!("x = [{}]", "{a.a.a.a=1},".repeat(80_000));
    let case = |text: String| checked(&changed("cases/learning/case.toml", |_| text));
    assert_all(vec![
        (
            toml(" ".repeat((1 << 20) + 1)),
            "bundle.toml: cannot be read: expected at most 1048576 bytes",
        ),
        (toml(bomb.clone()), "allowed are 67108864"),
        (case(bomb), "allowed are 67108864"),
        (header("cases = [\"learning\", \"inference\"]", &cases), "number of cases is 101"),
        (checked(&changed("SHA256SUMS", |_| names.clone())), "more than 2000 files"),
        (header("\"inference\"", "\"\\u001b[2J\""), "case is `\\u{1b}[2J`, expected a plain name"),
    ]);
}

/// What a machine's spikes are refused for.
fn dumped(dump: &[u8], offset: i64) -> String {
    let mut files = tiny();
    files.insert("dump".to_owned(), dump.to_vec());
    let choices = CompareConfig { spikes: "dump".into(), offset, ..CompareConfig::default() };
    compare_files(&choices, &files).err().map_or_else(String::new, |error| error.to_string())
}

#[test]
fn dumps_of_a_machine() {
    let rows = |row: &str| dumped(format!("step,id\n{row}\n").as_bytes(), 0);
    assert_all(vec![
        (
            rows("18446744073709551615,0"),
            "step is 18446744073709551615, expected 1 to 1099511627776",
        ),
        (rows("0,0"), "step is 0, expected 1 to"),
        (rows("1,4294967295"), "id is `4294967295`, expected 0 to"),
        (dumped(b"step,id\n1,0\n", i64::MAX), "moved by 9223372036854775807"),
        (
            dumped(b"step,layer,neuron\n1,\x1b[2J,0\n", 0),
            "layer is `\\u{1b}[2J`, expected one of x, ",
        ),
        (dumped(b"\xff\xfe", 0), "expected CSV in UTF-8, or .npz"),
        (dumped(&vec![0; (1 << 28) + 1], 0), "expected at most 268435456 bytes"),
        (dumped(b"PK\x05\x06", 0), "not a complete npz archive"),
    ]);
    // An offset that is as large as there can be is no step of the advice that it leads to.
    let mut files = tiny();
    let later: String = String::from_utf8_lossy(&files[SPIKES]).lines().skip(1).fold(
        "step,layer,neuron\n".to_owned(),
        |text, line| {
            let (step, rest) = line.split_once(',').unwrap_or_default();
            let step: u64 = step.parse().unwrap_or_default();
            text + &format!("{},{rest}\n", step + 1)
        },
    );
    files.insert("dump".to_owned(), later.into_bytes());
    let choices = CompareConfig { spikes: "dump".into(), ..CompareConfig::default() };
    let hints = compare_files(&choices, &files).expect("comparable").hints;
    assert!(hints[0].ends_with("try --offset -1"), "{hints:?}");
}

/// On the disk a link could lead out of the folder, be it of a file or of a case.
#[cfg(unix)]
#[test]
fn links_in_a_bundle_are_not_followed() {
    let scratch = tempfile::tempdir().expect("a folder");
    let [bundle, elsewhere] = ["bundle", "elsewhere"].map(|name| scratch.path().join(name));
    for (name, bytes) in tiny() {
        let path = bundle.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("writable");
    }
    let spikes = scratch.path().join("spikes.csv");
    std::fs::copy(bundle.join(SPIKES), &spikes).expect("writable");
    let choices = CompareConfig { bundle: bundle.clone(), spikes, ..CompareConfig::default() };
    let compared = || compare(&choices).err().map_or_else(String::new, |error| error.to_string());
    assert_eq!(compared(), "");
    std::fs::rename(bundle.join("cases"), &elsewhere).expect("movable");
    std::os::unix::fs::symlink(&elsewhere, bundle.join("cases")).expect("a link");
    let said = compared();
    assert!(said.ends_with("case.toml: is a link, expected a file"), "{said}");
    std::fs::remove_file(bundle.join("cases")).expect("a link");
    std::fs::rename(&elsewhere, bundle.join("cases")).expect("movable");
    std::fs::rename(bundle.join(SPIKES), &elsewhere).expect("movable");
    std::os::unix::fs::symlink(&elsewhere, bundle.join(SPIKES)).expect("a link");
    let said = compared();
    assert!(said.ends_with("spikes.csv: is a link, expected a file"), "{said}");
}
