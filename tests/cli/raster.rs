//! `synfire raster`: pictures of runs and of initial weights, and what is said when something is missing.

use synfire_cli::Status;

use crate::scratch::{Scratch, uniform};

#[test]
fn initial_weights_need_nothing() {
    let scratch = Scratch::new();
    let said = scratch.synfire("raster --hidden 30 --out @/a.svg").succeeded().stdout;
    let again =
        scratch.synfire("raster --hidden 30 --out @/b.svg --engine loihi").succeeded().stdout;
    assert!(scratch.read("a.svg") == scratch.read("b.svg"), "the engine changes the picture");
    assert_eq!(said.replace("a.svg", "b.svg"), again);
    // One sample with an error and one without.
    assert_eq!(said.matches("no error, nothing to learn").count(), 1, "{said}");
    assert_eq!(said.matches("update: ").count(), 1, "{said}");
    assert!(said.contains(", 0 faults; wrote "), "{said}");
    let svg = String::from_utf8(scratch.read("a.svg")).expect("text");
    assert!(svg.contains("400-30-10, initial weights of seed 1, sized circuit"), "{svg}");
    scratch.synfire("raster --hidden 30 --seed 2 --out @/c.svg").succeeded();
    assert!(scratch.read("c.svg") != scratch.read("a.svg"), "the seed changes nothing");
}

#[test]
fn a_run_is_drawn_as_its_record_says() {
    let scratch = Scratch::new();
    scratch
        .synfire("train --samples 40 --epochs 1 --hidden 25 --circuit published --engine lif --out @/run")
        .succeeded();
    let said = scratch.synfire("raster @/run --samples 3,3,0").succeeded().stdout;
    assert_eq!(said.matches("sample 3 of class").count(), 2, "{said}");
    let svg = String::from_utf8(scratch.read("run/raster.svg")).expect("text");
    assert!(svg.contains("400-25-10, trained weights, published circuit"), "{svg}");
    // The same from the weights alone.
    let words =
        "raster --weights @/run/weights.npz --circuit published --samples 3,3,0 --out @/w.svg";
    scratch.synfire(words).succeeded();
    assert!(scratch.read("w.svg") == scratch.read("run/raster.svg"), "another picture");
    // What is named here goes over the record; the other half is another picture.
    scratch.synfire("raster @/run --circuit sized --out @/s.svg").succeeded();
    let svg = String::from_utf8(scratch.read("s.svg")).expect("text");
    assert!(svg.contains("trained weights, sized circuit"), "{svg}");
    scratch.synfire("raster @/run --samples 3,3,0 --split test --out @/t.svg").succeeded();
    assert!(scratch.read("t.svg") != scratch.read("w.svg"));
    // More neurons, more rows.
    scratch.synfire("raster @/run --samples 3,3,0 --neurons 25 --out @/n.svg").succeeded();
    assert!(scratch.read("n.svg").len() > scratch.read("w.svg").len());
}

#[test]
fn a_run_without_spikes_is_drawn_on_an_engine_that_has_them() {
    let scratch = Scratch::new();
    scratch
        .synfire("train --samples 20 --epochs 1 --hidden 8 --engine reference --out @/run")
        .succeeded();
    let answer = scratch.synfire("raster @/run").succeeded();
    assert!(answer.stderr.contains("its weights run on engine fast here"), "{answer:?}");
    let error = scratch.synfire("raster @/run --engine reference").failed(Status::Usage);
    assert!(error.contains("engine reference computes without spikes"), "{error}");
}

/// Faults of the published circuit are there to be seen; they do not fail the picture.
#[test]
fn phantoms_are_drawn_and_named() {
    let scratch = Scratch::new();
    scratch.write("w.npz", &uniform(8, 254, 2));
    let words = "raster --weights @/w.npz --samples 1 --out @/p.svg --circuit";
    let answer = scratch.synfire(&format!("{words} published")).succeeded();
    assert!(answer.stderr.starts_with("warning: step "), "{answer:?}");
    assert!(!answer.stdout.contains(" 0 faults"), "{answer:?}");
    assert!(
        String::from_utf8(scratch.read("p.svg")).expect("text").contains("means nothing, a fault")
    );
    let answer = scratch.synfire(&format!("{words} sized")).succeeded();
    assert_eq!(answer.stderr, "");
}

#[test]
fn what_is_missing_is_named() {
    let scratch = Scratch::new();
    let fails = |words: &str, wanted: &str| {
        let error = scratch.synfire(words).failed(Status::Usage);
        assert!(error.contains(wanted), "{words}: {error}");
    };
    fails("raster @/nothing", "nothing is not the folder of a run: there is no run.toml in it");
    scratch
        .synfire("train --samples 20 --epochs 1 --hidden 8 --seeds 1,2 --out @/both")
        .succeeded();
    fails("raster @/both", "both holds runs of several seeds, expected one of them, such as ");
    scratch.synfire("raster @/both/seed-1 --samples 0").succeeded();
    std::fs::remove_file(scratch.path("both/seed-2/weights.npz")).expect("was there");
    fails("raster @/both/seed-2", "seed-2 has no weights.npz: the run has finished no epoch yet");
    fails("raster @/both/seed-1 --seed 2", "cannot be used with");
    fails(
        "raster @/both/seed-1 --samples 10000",
        "sample 10000 of digits train, allowed are 0 to 9999",
    );
    fails("raster --samples 1,x", "`x`: expected numbers and ranges such as 0,5,7 or 0..=3");
    fails("raster --neurons 0", "expected 1 to 128");
    let same = "raster --weights @/both/seed-1/weights.npz --out @/both/seed-1/weights.npz";
    fails(same, "is read by this command: choose another file");
    let error =
        scratch.synfire("raster --weights @/none.npz --out @/x.svg").failed(Status::Failure);
    assert!(error.contains("none.npz: cannot be read"), "{error}");
    assert!(!scratch.path("x.svg").exists());
}
