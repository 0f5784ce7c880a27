//! The page on fixed measurements.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::*;
use crate::bench::machine::Machine;
use crate::bench::whole::Threads;

fn timing(group: &str, function: &str, value: &str, median: f64) -> Timing {
    let [bench, group, function, value] = ["sample", group, function, value].map(ToOwned::to_owned);
    Timing { bench, group, function, value, median, throughput: None }
}

fn run(check: u64, wall: f64, training: f64) -> Run {
    Run {
        options: format!("--check {check}"),
        layers: "400-400-10".to_owned(),
        epochs: 60,
        check,
        wall,
        training,
        n_samples: 3_600_000,
        compared: 36_000,
        mismatches: 0,
        accuracy: 0.9577,
        peak_bytes: Some(70_000_000),
    }
}

fn measured() -> Measured {
    let late = "mnist train 400-400-10 late";
    let mut rows = timing("floor", "rows i8", late, 1000.0);
    rows.throughput = Some(Throughput::Bytes(40_000));
    let mut step = timing("kernels", "compartment step", "", 2000.0);
    step.throughput = Some(Throughput::Elements(400));
    let timings = vec![
        timing("sample", "reference", late, 1500.0),
        timing("sample", "loihi", late, 200_000.0),
        timing("sample", "fast", late, 5000.0),
        rows,
        timing("width", "fast", "1000", 12_000.0),
        timing("width", "fast", "200", 4000.0),
        timing("width", "loihi", "200", 100_000.0),
        timing("inference", "fast", late, 4400.0),
        step,
    ];
    let mnist =
        vec![run(100, 40.0, 36.0), run(0, 38.0, 30.0), run(100, 50.0, 37.8), run(0, 38.0, 42.0)];
    let threads = Threads {
        epochs: 20,
        one: vec![10.0, 12.0],
        two: vec![11.0, 14.2],
        peak_bytes: Some(90_000_000),
    };
    let machine = Machine {
        command: "cargo xtask bench".to_owned(),
        date: "2026-11-21".to_owned(),
        lines: vec![("cores", "2".to_owned())],
    };
    Measured {
        is_quick: false,
        machine,
        timings,
        runs: Some(Runs { mnist, fashion: Vec::new(), threads }),
    }
}

fn line<'a>(page: &'a str, start: &str) -> &'a str {
    page.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}\n{page}"))
}

#[test]
fn targets_are_compared_with_what_was_measured() {
    let text = targets(&measured());
    let row = |start| line(&text, start).rsplit(" | ").take(2).collect::<Vec<_>>();
    // 36.9 s for 3.6 million samples.
    assert_eq!(row("| training sample, fast, MNIST"), ["yes |", "10.2 us"]);
    assert_eq!(row("| training sample, fast, Fashion"), ["- |", "not measured"]);
    assert_eq!(row("| inference, fast, 400-400-10, MNIST, late"), ["no, by 10.0 % |", "4.40 us"]);
    assert_eq!(row("| training sample, reference"), ["yes |", "1.50 us"]);
    assert_eq!(row("| MNIST, 60 epochs"), ["yes |", "45.0 s"]);
    assert_eq!(row("| two seeds"), ["no, by 4.13 % |", "1.15"]);
    assert_eq!(row("| most memory"), ["yes |", "70.0 MB"]);
    assert_eq!(row("| `--check 100` against"), ["yes |", "1.02"]);
}

#[test]
fn an_aim_is_met_up_to_its_value() {
    let target =
        |measured| Target { what: String::new(), unit: "us", must: 15.0, aim: Some(5.0), measured };
    let verdicts = [5.0, 5.1, 15.0, 30.0].map(|value| target(Some(value)).verdict());
    assert_eq!(verdicts, ["aim", "yes", "yes", "no, by 100 %"]);
}

#[test]
fn a_short_run_meets_no_target_of_a_long_one() {
    let mut measured = measured();
    for run in &mut measured.runs.as_mut().unwrap().mnist {
        run.epochs = 2;
    }
    let text = targets(&measured);
    assert!(line(&text, "| MNIST, 60 epochs").contains("not measured"));
    assert!(text.contains("mean over 2 epochs"));
}

#[test]
fn samples_have_ratios_to_plain_engine_chip_and_floor() {
    let text = tables(&measured());
    let found: Vec<_> =
        text.lines().filter(|line| line.starts_with("| MNIST 400-400-10 | late")).collect();
    assert_eq!(found[0], "| MNIST 400-400-10 | late | 1.50 | - | 200 | 5.00 | - | - | - |");
    let ratios =
        "| MNIST 400-400-10 | late | 40.0 | 300 | 1000 | 40.0 | 1.00 | - | - | - | 5.00 | 1.50 |";
    assert_eq!(found[1], ratios);
    assert_eq!(found[2], "| MNIST 400-400-10 | late | - | - | - | 4.40 | - | 38.6 |");
    assert_eq!(
        workload("fashion-mnist train 784-1000-10 initial"),
        ["Fashion-MNIST 784-1000-10", "initial"]
    );
}

#[test]
fn growth_is_in_the_order_of_widths() {
    let text = growth(&Timings(&measured().timings));
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with("| 400-")).collect();
    assert_eq!(rows[0], "| 400-200-10 | 4.00 | - | - | 100 | 25.0 | - |");
    assert_eq!(rows[1], "| 400-1000-10 | 12.0 | - | - | - | - | - |");
}

#[test]
fn benches_without_a_table_of_their_own_have_one_each() {
    let text = others(&Timings(&measured().timings));
    assert_eq!(line(&text, "| compartment"), "| compartment step | 2.00 us | 5.00 ns | - |");
    assert!(!text.contains("### sample"));
}

#[test]
fn prose_survives() {
    let first = page(&measured(), "## Notes\nBy hand.");
    let kept = notes(&first).unwrap();
    assert_eq!(kept, "## Notes\nBy hand.");
    assert_eq!(page(&measured(), &kept), first);
    assert!(first.contains("| command | `cargo xtask bench` |") && first.contains("| cores | 2 |"));
}

#[test]
fn a_page_whose_prose_cannot_be_told_is_refused() {
    assert_eq!(notes("").unwrap(), "");
    assert!(notes("# Performance\nBy hand.\n").is_err());
    assert!(notes(&format!("{BEGIN}\n")).is_err());
    assert!(notes(&format!("{BEGIN}\n{END}\n{END}\n")).is_err());
}

#[test]
fn what_was_not_measured_is_said_or_left_out() {
    let none = Measured::default();
    assert_eq!(tables(&none), "");
    assert!(page(&none, "").contains("left out"));
    assert!(page(&Measured { is_quick: true, ..none }, "").contains("quick run"));
}

#[test]
fn medians_and_units() {
    assert_eq!((median([3.0, 1.0, 2.0]), median([4.0, 1.0])), (Some(2.0), Some(2.5)));
    assert_eq!(median([]), None);
    assert_eq!([0.5, 2e3, 3e6, 4.5e9].map(time), ["0.500 ns", "2.00 us", "3.00 ms", "4.50 s"]);
}
