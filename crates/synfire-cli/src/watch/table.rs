//! The lines of those who watch: a row for each epoch, or for each run of several, in at most 79 columns.

#![expect(clippy::float_arithmetic, reason = "percentages, for the eye only")]

use synfire_train::{EpochMetrics, Summary};

use super::RunName;

/// What stands above the rows of epochs.
pub(super) const EPOCHS: [&str; 2] = [
    "       train %  test %",
    "epoch   binary   exact  binary  potential  mismatches  faults  seconds",
];

/// What stands above the rows of runs.
pub(super) const RUNS: [&str; 2] = [
    "               test %",
    "  seed  epochs  exact  binary  potential  mismatches  faults  seconds",
];

/// What stands above the rows of trials, whose names are longer.
pub(super) const TRIALS: [&str; 2] = [
    "                         test %",
    "           trial  epochs  exact  binary  potential  mismatches  faults  seconds",
];

/// The row of an epoch.
pub(super) fn of_epoch(row: &EpochMetrics) -> String {
    let [train, exact, binary, potential] =
        [row.train_binary, row.test_exact, row.test_binary, row.test_potential].map(per_cent);
    let mismatches = mismatches(row.compared, row.mismatches);
    format!(
        "{:>5}  {train:>7}  {exact:>6}  {binary:>6}  {potential:>9}  {mismatches:>10}  {:>6}  {:>7.1}",
        row.epoch,
        row.faults + row.test_faults,
        row.seconds
    )
}

/// The row of a run that has come to its end.
pub(super) fn of_run(run: &RunName, summary: &Summary) -> String {
    let name = match run {
        RunName::Seed(seed) => format!("{seed:>6}"),
        RunName::Trial(id) => format!("{id:>16}"),
    };
    let [exact, binary, potential] = match summary.rows.last() {
        Some(row) => [row.test_exact, row.test_binary, row.test_potential].map(per_cent),
        None => ["-", "-", "-"].map(str::to_owned),
    };
    let seconds: f64 = summary.rows.iter().map(|row| row.seconds).sum();
    format!(
        "{name}  {:>6}  {exact:>5}  {binary:>6}  {potential:>9}  {:>10}  {:>6}  {seconds:>7.1}",
        summary.rows.len(),
        mismatches(summary.compared(), summary.mismatches()),
        summary.faults()
    )
}

/// Two decimals, without the sign.
fn per_cent(fraction: f64) -> String {
    format!("{:.2}", 100.0 * fraction)
}

/// A number of mismatches; where nothing was compared it would say too much.
fn mismatches(compared: u64, mismatches: u64) -> String {
    if compared == 0 && mismatches == 0 { "-".to_owned() } else { mismatches.to_string() }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    const TABLE: &str = "epoch,train_exact,train_binary,train_potential,test_exact,test_binary,\
        test_potential,error_share,updates,saturated,faults,compared,mismatches,seconds,dead_classes,test_faults,\
        hidden_active\n\
        1,0.5,0.25,0.75,0.125,0.375,1.0,0.5,70,3,20,100,7,1.25,,22,50.5\n\
        60,0.5,1.0,1.0,1.0,1.0,1.0,0.5,70,3,0,0,0,12345.6,,0,48.0\n";

    #[test]
    fn rows_stand_below_their_headings() {
        let rows = synfire_train::parse_metrics_csv(TABLE.as_bytes()).unwrap();
        let lines: Vec<String> = rows.iter().map(of_epoch).collect();
        assert_eq!(
            lines,
            [
                "    1    25.00   12.50   37.50     100.00           7      42      1.2",
                "   60   100.00  100.00  100.00     100.00           -       0  12345.6",
            ]
        );
        for line in lines {
            assert_eq!(line.len(), EPOCHS[1].len());
        }
        assert!(EPOCHS.iter().chain(&RUNS).chain(&TRIALS).all(|line| line.len() < 80));
    }
}
