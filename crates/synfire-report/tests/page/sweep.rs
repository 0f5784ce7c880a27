//! The page of a sweep: heat tables, mean curves, what is missing, and nothing of times and places.

#![expect(clippy::float_arithmetic, reason = "figures that look like those of a run")]

use std::path::Path;

use synfire_report::sweep_report;
use synfire_report::synfire_train::synfire_data::Source;
use synfire_report::synfire_train::{Merged, Plan, merge, parse_grid};

use crate::folder::Made;
use crate::{has, markup, scratch};

const GRID: &str = "[base]\nepochs = 3\ncheck = 100\n\
                    [grid]\nhidden = [12, 14]\norder = [\"shuffled\", \"file\"]\nseed = \"1..=3\"\n";

/// Writes the trials of a plan, their figures a little different from one to the next.
fn write(plan: &Plan, dir: &Path, change: impl Fn(usize, &mut Made)) {
    for (trial_idx, trial) in plan.trials().iter().enumerate() {
        let mut made = Made::new(Source::Digits, 12, 3);
        let config = trial.choices().config();
        made.layers[1] = config.n_hidden.expect("chosen");
        (made.config.n_hidden, made.config.order) = (config.n_hidden, config.order);
        made.config.seed = config.seed;
        for row in &mut made.rows {
            row.test_potential = f64::from(u32::try_from(50 + trial_idx).expect("small")) / 100.0;
        }
        change(trial_idx, &mut made);
        made.write(&dir.join("trials").join(trial.id().to_string()));
    }
}

fn page(merged: &Merged) -> String {
    let page = sweep_report(merged);
    markup::check(&page);
    page
}

fn plan(grid: &str) -> Plan {
    parse_grid(grid).unwrap_or_else(|error| panic!("{error}"))
}

fn merged(plan: Plan, dir: &Path) -> Merged {
    merge(plan, dir).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn groups_are_tables_and_curves() {
    let scratch = scratch();
    write(&plan(GRID), scratch.path(), |_, _| {});
    let page = page(&merged(plan(GRID), scratch.path()));
    has(
        &page,
        &[
            "Sweep of 12 trials in 4 groups",
            "<dt>hidden</dt><dd><strong>12, 14</strong></dd>",
            "<dt>epochs</dt><dd>3</dd>",
            "Accuracy of the potential readout by hidden and order",
            "hidden \\ order",
            // 50, 51, 52 % and 59, 60, 61 %: the lowest and the highest.
            "<td class=\"n h0\">51.00 \u{b1} 1.00</td>",
            "<td class=\"n h6\">60.00 \u{b1} 1.00</td>",
            "hidden 14, order file",
            "<title>hidden 14, order file, epoch 3: 60.00 %</title>",
            "3,600 updates were compared with the integer reference, bit for bit: 0 mismatches, 0 faults.",
        ],
    );
    for trial in plan(GRID).trials() {
        has(&page, &[&trial.id().to_string()]);
    }
    assert!(!page.contains("not finished"));
}

/// Neither times nor folders nor programs are on it.
#[test]
fn the_page_does_not_depend_on_who_computed_it() {
    let [one, other] = [scratch(), scratch()];
    write(&plan(GRID), one.path(), |_, _| {});
    write(&plan(GRID), other.path(), |_, made| {
        made.config.commit = None;
        made.rows.iter_mut().for_each(|row| row.seconds = 99.0);
    });
    let [one, other] = [one, other].map(|dir| page(&merged(plan(GRID), dir.path())));
    assert!(one == other);
}

#[test]
fn what_is_missing_or_wrong_is_said() {
    let scratch = scratch();
    write(&plan(GRID), scratch.path(), |trial_idx, made| {
        made.rows[0].mismatches = u64::from(trial_idx == 5);
    });
    let ids: Vec<String> = plan(GRID).trials().iter().map(|trial| trial.id().to_string()).collect();
    std::fs::remove_dir_all(scratch.path().join("trials").join(&ids[2])).expect("removable");
    let page = page(&merged(plan(GRID), scratch.path()));
    has(
        &page,
        &[
            &format!("1 of 12 trials are not finished and not on this page: {}.", ids[2]),
            "2 of 3",
            "1 mismatch, 0 faults",
            &format!("These trials did not keep their claims: {}.", ids[5]),
        ],
    );
}

/// One trial, or values with signs of markup in them.
#[test]
fn the_smallest_and_the_oddest_sweep_have_a_page() {
    let scratch = scratch();
    let grid = "[base]\nepochs = 3\ncheck = 100\nhidden = 12\n[grid]\nseed = [1]\n";
    write(&plan(grid), scratch.path(), |_, _| {});
    has(&page(&merged(plan(grid), scratch.path())), &["Sweep of 1 trial in 1 group", "all trials"]);
    let grid = "[grid]\nepochs = [2, 3]\ncheck = [1, 2]\nhidden = [3, 4]\ninit-weights = [\"<b>&\"]\nseed = [7]\n";
    let none = merged(plan(grid), scratch.path());
    assert_eq!(none.trials.len(), 0);
    has(&page(&none), &["8 of 8 trials are not finished", "&lt;b&gt;&amp;"]);
}

/// What is beyond the limits of a page is counted, not forgotten; a group without trials is no curve.
#[test]
fn a_large_sweep_is_cut_where_it_says_so() {
    let list = |n: u32| (1..=n).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    let scratch = scratch();
    let unwritten = |grid: String| page(&merged(plan(&grid), scratch.path()));
    for (n, n_gone, expected) in [(8, 0, None), (9, 0, Some(9)), (9, 1, None), (12, 2, Some(10))] {
        let dir = scratch.path().join(format!("{n}-{n_gone}"));
        let grid = format!(
            "[base]\nepochs = 3\ncheck = 100\n[grid]\nhidden = [{}]\nseed = [1]\n",
            list(n)
        );
        write(&plan(&grid), &dir, |_, _| {});
        for trial in &plan(&grid).trials()[..n_gone] {
            let dir = dir.join("trials").join(trial.id().to_string());
            std::fs::remove_dir_all(dir).expect("removable");
        }
        let page = page(&merged(plan(&grid), &dir));
        assert_eq!(page.contains("groups that end highest"), expected.is_some(), "{n}, {n_gone}");
        if let Some(n) = expected {
            has(
                &page,
                &[&format!("The 8 groups that end highest, of {n}; the table above has all.")],
            );
        }
    }
    for (n, is_crossed) in [(16, true), (17, false)] {
        let (checks, orders) = (list(n), "\"shuffled\", \"file\"");
        let page =
            unwritten(format!("[grid]\ncheck = [{checks}]\norder = [{orders}]\nseed = [1]\n"));
        assert_eq!(page.contains("Accuracy of the potential readout by"), is_crossed, "{n}");
        let cut = format!("<strong>{}, and more</strong>", list(16));
        assert_eq!(page.contains(&cut), !is_crossed, "{n}");
    }
    for (n, is_cut) in [(500, false), (501, true)] {
        let page = unwritten(format!("[grid]\ncheck = [{}]\nseed = [1]\n", list(n)));
        assert_eq!(
            page.contains("The first 500 of 501 groups; groups.csv has all."),
            is_cut,
            "{n}"
        );
        assert_eq!(page.contains("groups.csv has all"), is_cut, "{n}");
    }
    let grid = "[base]\nepochs = 1\nhidden = 1\ncheck = 100\n[grid]\nseed = \"1..=501\"\n";
    let dir = scratch.path().join("trials-501");
    write(&plan(grid), &dir, |_, made| {
        made.config.epochs = 1;
        made.rows.truncate(1);
        made.rows[0].test_potential = 0.5;
    });
    has(&page(&merged(plan(grid), &dir)), &["The first 500 of 501 trials; sweep.csv has all."]);
}
