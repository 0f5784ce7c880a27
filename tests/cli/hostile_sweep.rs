//! Hostile sweeps: grid files, plans, and folders of trials. Each ends in an error that names the file and what is
//! wrong, within bounded memory, and nothing is written, least of all elsewhere; see `hostile`.

use std::fmt::Write as _;
use std::fs::File;
use std::os::unix::fs::symlink;

use serde_json::Value;

use crate::trap::{LIMIT_KIB, Trap};

/// Numbers as a list.
fn list(numbers: impl Iterator<Item = u32>) -> String {
    let numbers: Vec<String> = numbers.map(|n| n.to_string()).collect();
    format!("[{}]", numbers.join(", "))
}

#[test]
fn grids_that_ask_for_more_than_anybody_can_mean() {
    let trap = Trap::new();
    let refused = |text: &str, expected: &str| {
        trap.write("grid.toml", text.as_bytes());
        trap.refused("sweep plan grid.toml --out sweep", &["grid.toml", expected]);
        trap.refused("sweep plan grid.toml --out sweep --dry-run", &["grid.toml", expected]);
    };
    let billion =
        format!("[grid]\nhidden = {0}\nepochs = {0}\nseed = \"1..=1000\"\n", list(1..1001));
    refused(&billion, "line 1, column 2: the grid has 1000000000 combinations, expected at most");
    refused("[grid]\nseed = \"0..=18446744073709551615\"\n", "more than 10000 seeds");
    refused("[grid]\nseed = \"hash 0..=18446744073709551615\"\n", "line 2, column 8: ");
    refused(&format!("[grid]\nhidden = {}\n", list(1..10_002)), "has 10001 combinations");
    let trials: String = (0..12_000).fold(String::new(), |mut text, seed| {
        writeln!(text, "[[trial]]\nseed = {seed}").expect("text");
        text
    });
    refused(&trials, "the grid has 12000 combinations, expected at most 10000");
    refused("[grid]\nhidden = [1000000000000]\n", "hidden is 1000000000000, expected 1 to 65536");
    refused("[grid]\nhidden = []\n", "hidden has no value, expected at least 1");
    let long = format!("[grid]\ndataset = [\"idx:{}\"]\n", "x".repeat(5000));
    refused(&long, "dataset has 5004 bytes, expected at most ");
}

#[test]
fn grids_that_are_bombs_or_no_text() {
    let trap = Trap::new();
    let refused = |text: &str, expected: &str| {
        trap.write("grid.toml", text.as_bytes());
        trap.refused("sweep plan grid.toml --out sweep", &["grid.toml", expected]);
    };
    let memory = "allowed are 67108864";
    refused(&format!("x = [{}]", "{a.a.a.a=1},".repeat(80_000)), memory);
    refused(&"[[trial]]\n".repeat(100_000), memory);
    refused(&format!("[grid]\nhidden = {}", "[".repeat(1_000_000)), memory);
    refused(&format!("x = {}", "[".repeat(3000)), "line 1, column ");
    refused(&format!("{} = 1", "a.".repeat(400_000)), "line 1, column ");
    refused(&" ".repeat(2 << 20), "at most 1048576 bytes");
    refused("\"\\u001b[2J\" = 1", "unknown key `\\u{1b}[2J`");
    trap.write("grid.toml", &[0xff; 100]);
    trap.refused("sweep plan grid.toml --out sweep", &["grid.toml: cannot be read: "]);
    trap.refused("sweep plan /dev/zero --out sweep", &["/dev/zero: ", "expected a regular file"]);
    trap.refused("sweep plan . --out sweep", &[".: cannot be read: expected a regular file"]);
    // Where a trial lies is no choice of the grid.
    refused("[base]\nout = \"../../../out\"\n[grid]\nseed = [1]\n", "out cannot be in [base]");
}

/// A folder with the plan of two trials, and their names.
fn planned(trap: &Trap) -> (String, Vec<String>) {
    let grid = "[base]\nsamples = 20\nhidden = 4\nepochs = 1\n[grid]\nseed = [1, 2]\n";
    trap.write("grid.toml", grid.as_bytes());
    let output = trap.synfire("sweep plan grid.toml --out sweep --json", LIMIT_KIB);
    assert!(output.status.success(), "{output:?}");
    let json: Value = serde_json::from_slice(&output.stdout).expect("an object");
    let id = |trial: &Value| trial["id"].as_str().expect("a name").to_owned();
    let ids = json["trials"].as_array().expect("a list").iter().map(id).collect();
    (std::fs::read_to_string(trap.path("sweep/plan.toml")).expect("a plan"), ids)
}

/// What reads a plan, and runs or merges what it says.
const READERS: [&str; 2] = ["sweep run sweep", "sweep merge sweep --partial"];

#[test]
fn plans_that_were_tampered_with() {
    let trap = Trap::new();
    let (plan, ids) = planned(&trap);
    let refused = |text: &str, expected: &str| {
        assert_ne!(text, plan);
        trap.write("sweep/plan.toml", text.as_bytes());
        for reader in READERS {
            trap.refused(reader, &["plan.toml", expected]);
        }
    };
    let id = |name: &str| plan.replacen(&ids[0], name, 1);
    refused(&plan.replacen("hidden = 4", "hidden = 5", 1), ", trial 1: id is ");
    refused(&plan.replacen("seed = 1", "seed = 2", 1), "but its choices make ");
    // What leads out of the folder is no name.
    for name in ["../../../out", "/tmp/synfire-out", "..", "", "a/b", "\\u001b[2J"] {
        refused(&id(name), "expected 16 hexadecimal digits");
    }
    refused(&id(&"0".repeat(1_000_000)), "expected 16 hexadecimal digits");
    let second = plan.rfind("[[trial]]").expect("two trials");
    refused(&format!("{plan}{}", &plan[second..]), "is there twice");
    refused(&plan[..plan.find("[[trial]]").expect("two trials")], "number of trials is 0");
    refused(
        &plan.replacen("form = 1", "form = 9223372036854775807", 1),
        "expected 1: it was written",
    );
    refused(&plan.replacen("form = 1", "form = 2", 1), "form is 2, expected 1");
    refused(
        &plan.replacen("hidden = 4", "hidden = 4\nout = \"../../out\"", 1),
        "unknown key `out`",
    );
    refused(&plan[..plan.len() / 2 + 7], "plan.toml");
}

#[test]
fn plans_that_ask_for_more_memory_than_any_does() {
    let trap = Trap::new();
    planned(&trap);
    let refused = |text: &str, expected: &str| {
        trap.write("sweep/plan.toml", text.as_bytes());
        for reader in READERS {
            trap.refused(reader, &["plan.toml", expected]);
        }
    };
    let memory = "allowed are 536870912";
    refused(&format!("x = [{}]", "{a.a.a.a.a.a=1},".repeat(1_000_000)), memory);
    refused(&"[[trial]]\n".repeat(3_000_000), memory);
    // About as much as is allowed.
    refused(&format!("form = 1\n{}", "[[trial]]\n".repeat(350_000)), "number of trials is 350000");
    refused(&" ".repeat(33 << 20), "at most 33554432 bytes");
    std::fs::remove_file(trap.path("sweep/plan.toml")).expect("a plan");
    symlink("/dev/zero", trap.path("sweep/plan.toml")).expect("a link");
    for reader in READERS {
        trap.refused(reader, &["plan.toml", "expected a regular file"]);
    }
}

/// A trial's folder that is a link would be written to, wherever it leads.
#[test]
fn trials_that_are_links_are_neither_run_nor_merged() {
    let trap = Trap::new();
    let (_, ids) = planned(&trap);
    std::fs::create_dir_all(trap.path("elsewhere")).expect("a folder");
    std::fs::create_dir_all(trap.path("sweep/trials")).expect("a folder");
    for target in [trap.path("elsewhere"), trap.path("sweep"), ids[0].as_str().into()] {
        for id in &ids {
            symlink(&target, trap.path(&format!("sweep/trials/{id}"))).expect("a link");
        }
        for reader in READERS {
            trap.refused(reader, &[&ids[0], "expected a folder of its own, no link and no file"]);
        }
        for id in &ids {
            std::fs::remove_file(trap.path(&format!("sweep/trials/{id}"))).expect("a link");
        }
    }
    trap.write(&format!("sweep/trials/{}", ids[0]), b"a file");
    trap.write(&format!("sweep/trials/{}", ids[1]), b"a file");
    for reader in READERS {
        trap.refused(reader, &[&ids[0], "expected a folder of its own, no link and no file"]);
    }
}

#[test]
fn results_of_trials_that_are_links_bombs_or_far_too_long() {
    let trap = Trap::new();
    let (_, ids) = planned(&trap);
    let ran = trap.synfire("sweep run sweep", LIMIT_KIB);
    assert!(ran.status.success(), "{ran:?}");
    let file = |id: usize, name: &str| format!("sweep/trials/{}/{name}", ids[id]);
    let refused = |words: &str, expected: &[&str]| drop(trap.refused(words, expected));
    let restored = |name: &str, hostile: &dyn Fn(&std::path::Path)| {
        let path = trap.path(&file(0, name));
        let whole = std::fs::read(&path).expect("a file");
        std::fs::remove_file(&path).expect("a file");
        hostile(&path);
        for reader in READERS {
            // Weights are looked into when they are merged.
            if name != "weights.npz" || reader.contains("merge") {
                refused(reader, &[&ids[0], name]);
            }
        }
        std::fs::remove_file(&path).expect("a file");
        std::fs::write(&path, whole).expect("writable");
    };
    let bomb = format!("x = [{}]", "{a.a.a.a=1},".repeat(80_000));
    for name in ["run.toml", "metrics.csv", "weights.npz"] {
        restored(name, &|path| symlink("/dev/zero", path).expect("a link"));
        restored(name, &|path| symlink(name, path).expect("a link"));
        // A file that takes no place on the disk, of a terabyte.
        restored(name, &|path| {
            File::create(path).expect("a file").set_len(1 << 40).expect("a sparse file");
        });
    }
    restored("run.toml", &|path| std::fs::write(path, &bomb).expect("writable"));
    restored("weights.npz", &|path| std::fs::write(path, b"PK\x05\x06").expect("writable"));
    let merged = trap.synfire("sweep merge sweep", LIMIT_KIB);
    assert!(merged.status.success(), "{merged:?}");
}

/// Each table is one that a trial could have; all together are more than any sweep has.
#[test]
fn tables_that_are_too_long_together() {
    let trap = Trap::new();
    let grid = "[base]\nsamples = 20\nhidden = 4\nepochs = 1\n[grid]\nseed = \"1..=3\"\n";
    trap.write("grid.toml", grid.as_bytes());
    for words in ["sweep plan grid.toml --out sweep", "sweep run sweep"] {
        assert!(trap.synfire(words, LIMIT_KIB).status.success());
    }
    for trial in std::fs::read_dir(trap.path("sweep/trials")).expect("a folder").flatten() {
        let path = trial.path().join("metrics.csv");
        let mut table = std::fs::read(&path).expect("a table");
        table.resize(60 << 20, b'\n');
        std::fs::write(path, table).expect("writable");
    }
    trap.refused(
        "sweep merge sweep",
        &["metrics.csv: ", "have 188743680 bytes, allowed are 134217728"],
    );
}
