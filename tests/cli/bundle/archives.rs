//! Spikes and weights as NumPy writes them.

use std::collections::BTreeMap;

use synfire_cli::Status;
use synfire_train::synfire_exchange::{Array, write_npz};

use super::spikes::{found, golden, has};
use super::{bundle, shared, text};
use crate::scratch::Scratch;

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
