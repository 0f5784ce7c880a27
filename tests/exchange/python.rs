//! Weight files read and written by NumPy and by Python's safetensors.

use std::path::Path;

use synfire_exchange::{WeightFile, weight_arrays, write_weight_tensors, write_weights};
use synfire_reference::{Shape, Weights, init};
use synfire_tests::Python;

/// A network with several of everything, among its weights both ends of their range.
fn network() -> (Shape, Weights) {
    let shape = Shape::new(&[7, 5, 3]).expect("a shape");
    let (mut forward, ..) = init::he(&shape, 1).into_parts();
    forward[0].set(0, 0, -256);
    forward[1].set(4, 2, 254);
    let weights = Weights::from_forward(&shape, forward).expect("weights");
    (shape, weights)
}

/// The weights as Python would print them: name, type, shape, sum of place times value.
fn told(weights: &Weights) -> String {
    let mut lines: Vec<String> = weight_arrays(weights)
        .iter()
        .map(|(name, array)| {
            let values = (0..array.values().len())
                .map(|place| array.values().integer(place).expect("an integer"));
            let sum: i128 = (1..).zip(values).map(|(place, value)| place * value).sum();
            let [rows, columns] = *array.shape() else { panic!("a matrix") };
            format!("{name} int16 ({rows}, {columns}) {sum}\n")
        })
        .collect();
    lines.sort_unstable();
    lines.concat()
}

const TELL: &str = r"
import numpy as np
def tell(arrays):
    for name in sorted(arrays):
        a = arrays[name]
        assert a.flags.c_contiguous
        print(name, a.dtype, a.shape, int((np.arange(1, a.size + 1) * a.astype(np.int64).ravel()).sum()))
";

fn weights_of(path: &Path, shape: &Shape) -> Weights {
    let bytes = std::fs::read(path).expect("readable");
    let file = WeightFile::parse(&bytes, shape.limits()).expect("a weight file");
    file.into_weights(shape).expect("weights of this shape")
}

#[test]
fn numpy_reads_and_writes_the_weights() {
    let Some(python) = Python::with(&["numpy"]) else { return };
    let (shape, weights) = network();
    let dir = tempfile::tempdir().expect("a scratch folder");
    let path = dir.path().join("final_weights_ours.npz");
    let bytes = write_weights(&weights).expect("small");
    std::fs::write(&path, &bytes).expect("writable");
    // As LANL's restore mode reads it, and with the shapes that it expects.
    let script = r"
import sys
with np.load(sys.argv[1], allow_pickle=True) as f:
    loaded = {k: f[k] for k in f}
tell(loaded)
w1, w2 = loaded['w1'], loaded['w2']
assert (w2.T == loaded['w2Tp']).all() and w1.shape[0] == w2.shape[1]
";
    assert_eq!(python.run(&(TELL.to_owned() + script), &[&path]), told(&weights));
    // As NumPy and the authors' programs write it; each must come back bit for bit.
    let script = r"
import sys
ours, folder = sys.argv[1:]
w = dict(np.load(ours))
np.savez(folder + '/plain.npz', **w)
np.savez_compressed(folder + '/compressed.npz', **w)
np.savez(folder + '/float.npz', **{k: a.astype(float) for k, a in w.items()})
np.savez(folder + '/fortran.npz', **{k: np.asfortranarray(a) for k, a in w.items()})
np.savez(folder + '/wide.npz', **{k: a.astype('>i8') for k, a in w.items()})
np.savez(folder + '/series.npz', **{k: np.stack([a * 0, a], axis=2).astype(float) for k, a in w.items()})
np.savez(folder + '/simulation.npz', W1=w['w1'], W2=w['w2'], W2Tp=w['w2Tp'], W2Tm=w['w2Tp'], W1_copy=w['w1'])
np.savez(folder + '/forward.npz', w1=w['w1'], w2=w['w2'])
import io, zipfile
with zipfile.ZipFile(ours) as z:
    for name in z.namelist():
        f = io.BytesIO()
        np.save(f, w[name[:-4]])
        assert z.read(name) == f.getvalue(), name
";
    let args = [path.as_os_str(), dir.path().as_os_str()];
    assert_eq!(python.run(&("import numpy as np".to_owned() + script), &args), "");
    for name in
        ["plain", "compressed", "float", "fortran", "wide", "series", "simulation", "forward"]
    {
        let found = weights_of(&dir.path().join(format!("{name}.npz")), &shape);
        assert!(found == weights, "{name}");
    }
}

#[test]
fn safetensors_of_python_reads_and_writes_the_weights() {
    let Some(python) = Python::with(&["numpy", "safetensors.numpy"]) else { return };
    let (shape, weights) = network();
    let dir = tempfile::tempdir().expect("a scratch folder");
    let path = dir.path().join("weights.safetensors");
    std::fs::write(&path, write_weight_tensors(&weights, &shape)).expect("writable");
    let script = r"
import sys
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
ours, theirs, bare = sys.argv[1:]
loaded = load_file(ours)
tell(loaded)
with safe_open(ours, 'np') as f:
    metadata = f.metadata()
print(metadata['format'], metadata['layers'], metadata['variant'], metadata['threshold_fire'])
save_file(loaded, theirs, metadata)
save_file(loaded, bare)
";
    let (theirs, bare) = (dir.path().join("theirs"), dir.path().join("bare"));
    let said = python.run(&(TELL.to_owned() + script), &[&path, &theirs, &bare]);
    assert_eq!(said, told(&weights) + "synfire-weights 7-5-3 circuit 512\n");
    for path in [&path, &theirs, &bare] {
        assert!(weights_of(path, &shape) == weights, "{}", path.display());
    }
    let file = WeightFile::parse(&std::fs::read(&theirs).expect("readable"), shape.limits());
    assert_eq!(file.expect("a weight file").told(), Some(&shape));
}
