//! Faults that are planted in a bundle: found by its check and by its reader.

use synfire_cli::Status;
use synfire_tests::Python;

use super::{copy, forge, text};

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
