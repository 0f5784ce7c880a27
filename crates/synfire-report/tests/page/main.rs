//! The page of runs: what is on it, what is said where something is missing, and what is refused.

mod folder;
mod markup;
mod sweep;

use std::path::{Path, PathBuf};

use folder::{Made, put, row, write_sweep};
use synfire_report::synfire_train::synfire_data::{SearchPath, Source};
use synfire_report::synfire_train::synfire_reference::{Shape, init};
use synfire_report::synfire_train::{
    Checksums, EngineKind, EpochMetrics, metrics_csv, write_weights,
};
use synfire_report::{MOST_DETAILED, Report, read_folders, report};

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a scratch folder")
}

/// The report of folders, without any data but the built-in; its markup is checked.
fn made(dirs: &[PathBuf]) -> Report {
    let report = report(dirs, &SearchPath::default()).unwrap_or_else(|error| panic!("{error}"));
    markup::check(&report.html);
    report
}

fn message(dirs: &[PathBuf]) -> String {
    report(dirs, &SearchPath::default()).expect_err("refused").to_string()
}

/// A digits run whose metrics say what its weights answer, so that nothing is left to complain of.
fn digits(dir: &Path) -> PathBuf {
    Made::new(Source::Digits, 12, 3).write(dir)
}

#[track_caller]
fn has(page: &str, words: &[&str]) {
    for word in words {
        assert!(page.contains(word), "{word:?} is not on the page");
    }
}

#[test]
fn one_run_has_every_part() {
    let scratch = scratch();
    let page = made(&[digits(&scratch.path().join("one"))]).html;
    has(
        &page,
        &[
            "digits 400-12-10, chip model (engine fast), sized circuit, seed 1",
            "Synfire 0.1.0, commit 0123456789abcdef",
            "<span>--dataset digits</span>",
            "Accuracy of the three readouts",
            "samples read right (%)",
            ">epoch</text>",
            "Confusion matrix, potential readout",
            "Confusion matrix, binary readout",
            "Misread samples, potential readout: ",
            "class=\"synfire-raster\"",
            "Receptive fields of 12 of 12 hidden neurons",
            "Histogram of w2Tm, feedback, negative",
            "Weights at the limits -256 and 254",
            "Active neurons per test sample",
            "weight changes in an epoch",
            "These are estimates, not measurements.",
            "measured by the paper",
            "All 3 epochs of one as a table",
            "One update in 100 was compared",
            "prefers-color-scheme:dark",
            "@media print",
        ],
    );
    // Values are told where one rests on them.
    has(&page, &["<title>potential, test, epoch 3: 87.30 %</title>"]);
    // These weights were never trained, and the page says so.
    has(&page, &["The weights answer otherwise than the run recorded."]);
}

#[test]
fn equal_folders_give_equal_pages() {
    let scratch = scratch();
    let dir = digits(&scratch.path().join("one"));
    assert!(made(std::slice::from_ref(&dir)) == made(&[dir]));
}

#[test]
fn the_paper_stands_beside_its_data_sets_only() {
    let scratch = scratch();
    let page = |dataset: Source| {
        let dir =
            Made::new(dataset.clone(), 20, 6).write(&scratch.path().join(dataset.short_name()));
        made(&[dir]).html
    };
    let mnist = page(Source::Mnist);
    has(
        &mnist,
        &[
            "paper, potential 97.5 % (400-400-10, 60 epochs)",
            "paper, binary 96.3 % (Table 1, 400-400-10, 60 epochs)",
            "paper, binary 95.7 % (text, 400-400-10, 60 epochs)",
            ">97.5</text>",
        ],
    );
    has(&page(Source::FashionMnist), &["paper, binary 79.0 % (784-400-10, 40 epochs)"]);
    assert!(!page(Source::Digits).contains("paper, "));
}

#[test]
fn what_needs_data_that_is_missing_is_left_out_and_said() {
    let scratch = scratch();
    let dir = Made::new(Source::Mnist, 20, 4).write(&scratch.path().join("mnist"));
    let Report { html, notes } = made(std::slice::from_ref(&dir));
    has(
        &html,
        &[
            "The data set mnist is not there, or is damaged. Confusion matrix and misread samples are left out.",
            "The raster is left out.",
            "Sparsity is left out.",
            "The estimate is left out.",
            "Accuracy of the three readouts",
            "Receptive fields of 20 of 20 hidden neurons",
            "Weights at the limits",
        ],
    );
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("train-images-idx3-ubyte"), "{notes:?}");
    std::fs::remove_file(dir.join("weights.npz")).expect("a file");
    let Report { html, notes } = made(&[dir]);
    has(&html, &["The file weights.npz is missing.", "Accuracy of the three readouts"]);
    assert!(notes[0].ends_with("weights.npz is missing"), "{notes:?}");
}

#[test]
fn another_data_set_than_that_of_the_run_is_not_used() {
    let scratch = scratch();
    let checksums = Checksums { dataset: Some("0".repeat(64)), ..Checksums::default() };
    let made_run = Made { checksums, ..Made::new(Source::Digits, 12, 2) };
    let Report { html, notes } = made(&[made_run.write(&scratch.path().join("run"))]);
    has(&html, &["The data set digits found is not the one of the run."]);
    assert!(notes[0].ends_with("is not the one that the run was trained on"), "{notes:?}");
}

#[test]
fn odd_names_are_text() {
    let scratch = scratch();
    let name = "odd <b>&\"name' --x";
    let odd = digits(&scratch.path().join(name));
    let other = Made::new(Source::Digits, 12, 3).seed(2).write(&scratch.path().join("plain"));
    let page = made(&[odd, other]).html;
    has(&page, &["odd &lt;b&gt;&amp;&quot;name"]);
    assert!(!page.contains("<b>"));
}

#[test]
fn several_runs_are_overlaid_and_told_apart() {
    let scratch = scratch();
    let dirs: Vec<PathBuf> = (1..=3)
        .map(|seed| {
            let mut run = Made::new(Source::Digits, 12, 4).seed(seed);
            run.rows[3].test_binary = 0.9 + 0.01 * seed as f64;
            run.write(&scratch.path().join(format!("{seed}/run")))
        })
        .collect();
    let page = made(&dirs).html;
    has(
        &page,
        &[
            "3 runs compared",
            "Accuracy of the binary readout, test samples",
            "1/run",
            "3/run",
            // Mean and deviation of 91, 92, 93.
            "92.00 \u{b1} 1.00",
            "The runs differ in their seeds only",
            "id=\"run3-answers\"",
            "exact where compared",
        ],
    );
    // Each has a colour, a dash and a marker.
    for class in ["c0", "c1", "c2"] {
        has(&page, &[&format!("class=\"mark {class}\"")]);
    }
    for (class, dash) in [("c1", "7 3"), ("c2", "9 3 2 3")] {
        let line = format!("class=\"line {class}\"");
        let dashed = format!("{line} stroke-dasharray=\"{dash}\"");
        let counts = [&line, &dashed].map(|words| page.matches(words).count());
        assert!(counts[0] > 0 && counts[0] == counts[1], "{counts:?} of {dashed}");
    }
    let mut other = Made::new(Source::Mnist, 12, 4);
    other.config.check_every = 0;
    other.rows.iter_mut().for_each(|row| row.compared = 0);
    let mixed = made(&[dirs[0].clone(), other.write(&scratch.path().join("mnist"))]).html;
    has(&mixed, &["their accuracies do not compare", "not compared", "Nothing was compared."]);
    assert!(!mixed.contains("\u{b1}"));
}

#[test]
fn more_runs_than_fit_in_detail_are_still_compared() {
    let scratch = scratch();
    let n = MOST_DETAILED as u64 + 1;
    let dirs: Vec<PathBuf> = (1..=n)
        .map(|seed| {
            let run = Made::new(Source::Mnist, 8, 2).seed(seed);
            run.write(&scratch.path().join(format!("seed-{seed}")))
        })
        .collect();
    let page = made(&dirs).html;
    has(&page, &["The first 6 of 7 runs follow in detail", "All 2 epochs of seed-7 as a table"]);
    assert!(page.contains("id=\"run6-cost\"") && !page.contains("id=\"run7-cost\""));
}

#[test]
fn a_sweep_stands_for_its_seeds() {
    let scratch = scratch();
    let dir = scratch.path().join("sweep");
    write_sweep(&dir, "1..=3");
    let words = message(std::slice::from_ref(&dir));
    assert!(words.ends_with("holds none of the runs of its seeds yet"), "{words}");
    for seed in [1, 3] {
        Made::new(Source::Digits, 12, 3).seed(seed).write(&dir.join(format!("seed-{seed}")));
    }
    let page = made(&[dir]).html;
    has(&page, &["2 runs compared", ">seed-1<", ">seed-3<", "2 seeds"]);
}

#[test]
fn a_run_that_is_not_finished_says_so() {
    let scratch = scratch();
    let mut run = Made::new(Source::Digits, 12, 9);
    run.rows.truncate(1);
    let page = made(&[run.write(&scratch.path().join("run"))]).html;
    has(&page, &["1 of 9: the run is not finished", "All 1 epochs of"]);
}

#[test]
fn what_was_proved_and_what_was_not() {
    let scratch = scratch();
    let page = |change: &dyn Fn(&mut Made)| {
        let mut run = Made::new(Source::Digits, 12, 2);
        change(&mut run);
        made(&[run.write(&scratch.path().join("run"))]).html
    };
    let whole = page(&|run| run.rows.iter_mut().for_each(|row| row.compared = 10_000));
    has(&whole, &["Every update was compared, and all are equal, bit for bit: ", "No fault: "]);
    let wrong = page(&|run| run.rows[0].mismatches = 2);
    has(&wrong, &["Not exact. ", "2 comparisons found a weight that differs"]);
    assert!(!wrong.contains("all are equal"));
    has(&page(&|run| run.rows[1].test_faults = 1), &["There were faults. "]);
    let dead = page(&|run| run.rows[1].dead_classes = "3 8".to_owned());
    has(&dead, &["Dead classes: 3, 8. "]);
    let reference = page(&|run| run.config.engine = EngineKind::Reference);
    has(&reference, &["computed by the integer reference itself"]);
    assert!(!reference.contains("updates compared with the reference"));
}

#[test]
fn what_is_missing_or_damaged_is_named_with_what_to_do() {
    let scratch = scratch();
    let refused = |name: &str, change: &dyn Fn(&Path)| {
        let dir = digits(&scratch.path().join(name));
        change(&dir);
        message(&[dir])
    };
    let nothing = message(&[scratch.path().join("nowhere")]);
    assert!(nothing.contains("nowhere holds no run: there is no run.toml in it"), "{nothing}");
    let remove = |dir: &Path| std::fs::remove_file(dir.join("metrics.csv")).expect("a file");
    let words = refused("a", &remove);
    assert!(words.contains("metrics.csv is missing: the run has finished no epoch yet"), "{words}");
    assert!(words.contains("`synfire train --config ") && words.contains("run.toml`"), "{words}");
    let words = refused("b", &|dir| {
        remove(dir);
        put(dir, "checkpoint.safetensors", b"");
    });
    assert!(words.contains("`synfire train --resume "), "{words}");
    let words = refused("c", &|dir| put(dir, "metrics.csv", b"epoch,train\n1,2\n"));
    assert!(words.contains("metrics.csv is damaged: "), "{words}");
    let words = refused("d", &|dir| put(dir, "run.toml", b"dataset = \"digits\"\nepoks = 3\n"));
    assert!(words.contains("run.toml, ") && words.contains("epoks"), "{words}");
    let words = refused("e", &|dir| put(dir, "weights.npz", b"PK"));
    assert!(words.contains("weights.npz is damaged: "), "{words}");
    let words = refused("f", &|dir| {
        let weights = init::he(&Shape::new(&[400, 13, 10]).expect("a shape"), 1);
        put(dir, "weights.npz", &write_weights(&weights).expect("weights"));
    });
    assert!(words.contains("array w1 has shape (13, 400), expected (12, 400)"), "{words}");
    let rows = |rows: &[EpochMetrics]| {
        let bytes = metrics_csv(rows).expect("a table");
        refused("g", &|dir| put(dir, "metrics.csv", &bytes))
    };
    for (row_idx, value) in [(0, f64::NAN), (1, 1.5), (1, -0.1)] {
        let mut table = [row(1), row(2)];
        table[row_idx].test_exact = value;
        let words = rows(&table);
        let expected = format!("test_exact in row {} is {value}, expected 0 to 1", row_idx + 1);
        assert!(words.contains(&expected), "{words}");
    }
    let words = rows(&[row(1), row(1)]);
    assert!(words.contains("epoch in row 2 is 1, expected at least 2"), "{words}");
    assert_eq!(message(&[]), "number of folders is 0, expected at least 1");
    let dir = digits(&scratch.path().join("h"));
    let twice = message(&[dir.clone(), dir.join("../h")]);
    assert!(twice.ends_with("is named twice"), "{twice}");
}

/// A hundred runs and files of the largest size are read; one more, or one byte more, is refused before it is read.
#[test]
fn what_is_too_much_is_refused_before_it_is_read() {
    let scratch = scratch();
    let made = Made::new(Source::Digits, 1, 1);
    for (n, expected) in [(100, None), (101, Some("number of runs is 101, expected 1 to 100"))] {
        let dir = scratch.path().join(format!("sweep-{n}"));
        write_sweep(&dir, &format!("1..={n}"));
        for seed in 1..=n {
            let dir = made.clone().seed(seed).write(&dir.join(format!("seed-{seed}")));
            // A file that is read would be named.
            if n > 100 {
                put(&dir, "weights.npz", b"PK");
            }
        }
        let found = read_folders(&[dir]);
        match expected {
            None => assert_eq!(found.expect("a sweep").len(), 100),
            Some(words) => assert_eq!(found.expect_err("refused").to_string(), words),
        }
    }
    let lengthened = |name: &str, len: u64| {
        let dir = made.write(&scratch.path().join(name));
        let file = std::fs::File::options().append(true).open(dir.join(name)).expect("a file");
        file.set_len(len).expect("a sparse file");
        message(&[dir])
    };
    for (name, most) in [("run.toml", 1 << 20), ("metrics.csv", 64 << 20), ("weights.npz", 1 << 30)]
    {
        let words = lengthened(name, most + 1);
        let expected = format!("expected a regular file of at most {most} bytes");
        assert!(words.contains(name) && words.contains(&expected), "{words}");
    }
    let dir = made.write(&scratch.path().join("longest"));
    let mut run = std::fs::read(dir.join("run.toml")).expect("a record");
    run.push(b'#');
    run.resize(1 << 20, b'.');
    put(&dir, "run.toml", &run);
    assert_eq!(read_folders(&[dir]).expect("a run").len(), 1);
}

/// As much as a page can hold: sixty epochs of the paper's network, which answers nearly everything wrongly.
#[test]
fn a_long_run_fits_into_a_page() {
    let scratch = scratch();
    let dir = Made::new(Source::Digits, 400, 60).write(&scratch.path().join("long"));
    let report = made(&[dir]);
    assert!(report.html.len() < 2_500_000, "{} bytes", report.html.len());
    assert!(report.html.contains("All 60 epochs of long as a table"));
}
