//! `synfire export` and `synfire import`: what they write, what they say, and that nothing is lost on the way.

use synfire_cli::Status;
use synfire_exchange::{
    Array, NirTarget, WeightFile, weight_arrays, write_nir, write_npz, write_weights,
};
use synfire_reference::{Shape, Weights, init};

use crate::command::Scratch;

fn shape() -> Shape {
    Shape::new(&[8, 5, 3]).expect("a shape")
}

fn weights() -> Weights {
    init::he(&shape(), 1)
}

/// A folder with a weight file.
fn scratch() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("w.npz", &write_weights(&weights()).expect("small"));
    scratch
}

#[test]
fn there_and_back_by_every_way_that_keeps_all() {
    let scratch = scratch();
    let arrays = "w1 (5, 8), w2 (3, 5), w2Tp (5, 3), w2Tm (5, 3), int16";
    for name in ["new/theirs.safetensors", "theirs.npz"] {
        let said = scratch.says(&format!("export @/w.npz --out @/{name}"));
        assert_eq!(said, format!("wrote @/{name}: {arrays}\n"));
        let said = scratch.says(&format!("import @/{name} --out @/back.npz"));
        let expected =
            format!("read @/{name}: 8-5-3, variant circuit\nwrote @/back.npz: {arrays}\n");
        assert_eq!(said, expected);
        assert_eq!(scratch.read("back.npz"), scratch.read("w.npz"), "{name}");
    }
    // The form can be named, and a folder is a place for weights.npz.
    let _ = scratch.says("export @/w.npz --format safetensors --out @/file");
    let said = scratch.says("import @/file --out @/folder");
    assert!(said.ends_with(&format!("wrote @/folder/weights.npz: {arrays}\n")), "{said}");
    assert_eq!(scratch.read("folder/weights.npz"), scratch.read("w.npz"));
    // Safetensors are weight files as well.
    let _ = scratch.says("export @/new/theirs.safetensors --out @/once-more.npz");
    assert_eq!(scratch.read("once-more.npz"), scratch.read("w.npz"));
}

#[test]
fn graphs_are_those_of_the_library() {
    let scratch = scratch();
    for target in NirTarget::ALL {
        let said = scratch.says(&format!("export @/w.npz --target {target} --out @/n.nir"));
        assert_eq!(said, format!("wrote @/n.nir: NIR graph for {target}, 8-5-3\n"));
        assert!(
            scratch.read("n.nir") == write_nir(&weights(), target).expect("a graph"),
            "{target}"
        );
    }
    let _ = scratch.says("export @/w.npz --out @/plain.nir");
    assert!(scratch.read("plain.nir") == scratch.read("n.nir"), "generic is the default");
}

#[test]
fn runs_are_exported_and_not_written_over() {
    let scratch = Scratch::new();
    scratch.runs("train --engine reference --samples 50 --epochs 1 --hidden 8 --out @/run");
    let _ = scratch.says("export @/run --out @/saved_weights/final_weights_ours.npz");
    assert_eq!(
        scratch.read("saved_weights/final_weights_ours.npz"),
        scratch.read("run/weights.npz")
    );
    let message =
        scratch.fails(Status::Usage, "import @/saved_weights/final_weights_ours.npz --out @/run");
    assert_eq!(message, "error: output @/run: it is the folder of a run, whose weights stay");
    let message = scratch.fails(Status::Usage, "export @/run --out @/run/weights.npz");
    assert!(message.contains("is read by this command"), "{message}");
    let message = scratch.fails(Status::Usage, "export @ --out @/w.npz");
    assert!(message.contains("is not the folder of a run"), "{message}");
    scratch.runs("train --variant lanl-numpy --engine reference --samples 50 --epochs 1 --hidden 8 --out @/lanl");
    let _ = scratch.says("export @/lanl --out @/lanl.safetensors");
    let said = scratch.says("import @/lanl.safetensors --out @/lanl.npz");
    assert!(said.starts_with("read @/lanl.safetensors: 400-8-10, variant lanl-numpy\n"), "{said}");
    let message =
        scratch.fails(Status::Usage, "import @/lanl.safetensors --variant circuit --out @/x.npz");
    assert!(message.ends_with("holds weights of variant lanl-numpy, not of circuit"), "{message}");
}

/// What was missing in a file is said.
#[test]
fn imports_say_what_they_made_up() {
    let scratch = Scratch::new();
    let arrays = weight_arrays(&weights());
    let array =
        |wanted: &str| arrays.iter().find(|(name, _)| name == wanted).expect("is there").1.clone();
    let put = |arrays: &[(&str, Array)]| {
        let pairs = arrays.iter().map(|(name, array)| (*name, array));
        scratch.write("theirs.npz", &write_npz(pairs).expect("small"));
        scratch.says("import @/theirs.npz --out @/ours.npz")
    };
    let said = put(&[("w1", array("w1")), ("w2", array("w2")), ("seed", Array::list(vec![1_i64]))]);
    let notes: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("note: ")).collect();
    let rebuilt =
        "no feedback matrices: they start as the forward ones transposed, positive and negative";
    assert_eq!(notes, [rebuilt, "not read: seed"]);
    let ours = WeightFile::parse(&scratch.read("ours.npz"), shape().limits()).expect("weights");
    assert_eq!(ours.into_weights(&shape()).expect("weights"), weights());
    let said = put(&[
        ("W1", array("w1")),
        ("W2", array("w2")),
        ("W2Tp", array("w2Tp")),
        ("W2Tm", array("w2Tp")),
    ]);
    assert!(said.contains("note: W2Tm has the sign of its positive twin"), "{said}");
}

#[test]
fn wrong_uses_and_bad_files() {
    let scratch = scratch();
    for (words, message) in [
        (
            "export @/w.npz --out @/x",
            "output @/x: its ending is not .npz, .safetensors or .nir: name the --format",
        ),
        (
            "export @/w.npz --out @/x.npz --target norse",
            "--target is for NIR graphs, the format is npz",
        ),
        (
            "export @/w.npz --out @/x.nir --samples 1",
            "--samples and --circuit are for spikes, the format is nir",
        ),
    ] {
        assert_eq!(scratch.fails(Status::Usage, words), format!("error: {message}"));
    }
    scratch.write("bad.safetensors", b"\x10\0\0\0\0\0\0\0{}");
    let message = scratch.fails(Status::Failure, "import @/bad.safetensors --out @/x.npz");
    assert!(
        message.starts_with("error: @/bad.safetensors: not a complete safetensors file"),
        "{message}"
    );
    let message = scratch.fails(Status::Failure, "import @/none.npz --out @/x.npz");
    assert!(message.starts_with("error: @/none.npz: cannot be read"), "{message}");
    assert!(!scratch.path("x.npz").exists());
}
