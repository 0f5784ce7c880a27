//! Data sets of the user's own: files named by their folder, of any image size and number of classes.
//!
//! In this order:
//!
//! 1. the place is found: the path itself or, if it is relative and leads nowhere, below a folder of the search
//!    path;
//! 2. its four parts are found by their names;
//! 3. each is read piece by piece; of images only the active inputs that crop and threshold leave are kept;
//! 4. images and labels agree in number, training and test images in size;
//! 5. there are as many classes as the largest label says.
//!
//! Nothing is known beforehand of such a set, so that nothing is compared with a checksum here; a run records what
//! it was trained on ([`Dataset::fingerprint`]) and does not go on with anything else.

use std::path::{Path, PathBuf};

use crate::binarize::Preparation;
use crate::checksum::Part;
use crate::dataset::{Dataset, InputLists, Split};
use crate::idx::{Content, Labels, MAX_OWN_BYTES};
use crate::load::{LoadError, accepted_names, check_counts, read_idx, read_idx_labels};
use crate::source::{SearchPath, Source};

/// Most active inputs of all images of a file together: 1 GiB of lists.
const MOST_ACTIVE: usize = 1 << 28;

/// One half of a set as it was read.
struct Half {
    inputs: InputLists,
    labels: Labels,
}

/// Loads IDX files.
pub(crate) fn load_idx(
    source: &Source,
    path: &Path,
    dirs: &SearchPath,
    preparation: &Preparation,
) -> Result<Split, LoadError> {
    let tried = places(path, dirs);
    let Some((dir, prefix)) = tried.iter().find_map(|place| idx_place(place)) else {
        let expected = "a folder, or a folder and what the names of its files begin with,";
        return Err(LoadError::Place { wanted: source.clone(), expected, tried });
    };
    let find = |part| {
        let names: Vec<String> =
            idx_names(part).iter().map(|name| format!("{prefix}{name}")).collect();
        let found = names.iter().map(|name| dir.join(name)).find(|path| path.exists());
        found.ok_or_else(|| LoadError::Part {
            wanted: source.clone(),
            part: part.name(),
            place: dir.clone(),
            names,
        })
    };
    // What is not there is said before anything is read.
    let [train_images, train_labels, test_images, test_labels] = Part::ALL.map(find);
    let (train_images, train_labels) = (train_images?, train_labels?);
    let (test_images, test_labels) = (test_images?, test_labels?);
    let half = |images: PathBuf, labels: PathBuf| -> Result<Half, LoadError> {
        let inputs = read_images(&images, preparation)?;
        let (read, _) = read_idx_labels(&labels, MAX_OWN_BYTES)?;
        check_counts((&images, inputs.len()), (&labels, read.as_slice().len()))?;
        Ok(Half { inputs, labels: read })
    };
    split(source, half(train_images, train_labels)?, half(test_images, test_labels)?)
}

/// The places that a path may mean.
fn places(path: &Path, dirs: &SearchPath) -> Vec<PathBuf> {
    let mut places = vec![path.to_owned()];
    if path.is_relative() {
        places.extend(dirs.dirs().map(|(_, dir)| dir.join(path)));
    }
    places
}

/// The folder that a place means and what the names in it begin with: all of it, or all but its last part.
fn idx_place(place: &Path) -> Option<(PathBuf, String)> {
    if place.is_dir() {
        return Some((place.to_owned(), String::new()));
    }
    let prefix = format!("{}-", place.file_name()?.to_str()?);
    let dir = match place.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    let is_there =
        |part| idx_names(part).iter().any(|name| dir.join(format!("{prefix}{name}")).exists());
    Part::ALL.into_iter().any(is_there).then(|| (dir.to_owned(), prefix))
}

/// The names under which a part may lie, in the order in which they are looked for.
fn idx_names(part: Part) -> Vec<String> {
    let (halves, kinds): (&[&str], &[&str]) = match part {
        Part::TrainImages => (&["train"], &["images-idx3", "images-idx2"]),
        Part::TrainLabels => (&["train"], &["labels-idx1"]),
        Part::TestImages => (&["t10k", "test"], &["images-idx3", "images-idx2"]),
        Part::TestLabels => (&["t10k", "test"], &["labels-idx1"]),
    };
    let mut names = Vec::new();
    for half in halves {
        for kind in kinds {
            names.extend(accepted_names(&format!("{half}-{kind}-ubyte")));
        }
    }
    names
}

fn read_images(path: &Path, preparation: &Preparation) -> Result<InputLists, LoadError> {
    let begin = |size: (usize, usize)| (InputLists::new(size, preparation), size.0 * size.1);
    let add = |(inputs, image_len): &mut (InputLists, usize), piece: &[u8]| {
        piece.chunks_exact(*image_len).for_each(|image| inputs.add(image));
        check_active(inputs, path)
    };
    let ((inputs, _), _) = read_idx(path, Content::Samples, MAX_OWN_BYTES, begin, add)?;
    Ok(inputs)
}

fn check_active(inputs: &InputLists, path: &Path) -> Result<(), LoadError> {
    if inputs.n_active() > MOST_ACTIVE {
        return Err(LoadError::Active { path: path.to_owned(), allowed: MOST_ACTIVE });
    }
    Ok(())
}

/// Both halves as data sets of one size and with the same classes.
fn split(source: &Source, train: Half, test: Half) -> Result<Split, LoadError> {
    if train.inputs.size() != test.inputs.size() {
        let (train, test) = (train.inputs.size(), test.inputs.size());
        return Err(LoadError::Sizes { wanted: source.clone(), train, test });
    }
    let most = [&train, &test].iter().flat_map(|half| half.labels.as_slice()).max();
    let n_classes = most.map_or(1, |&most| usize::from(most) + 1);
    let name = source.short_name();
    let labelled = |what: &str, half: Half| {
        Dataset::from_inputs(&format!("{name} {what}"), n_classes, half.inputs, &half.labels)
            .map_err(|cause| LoadError::Dataset { wanted: source.clone(), cause })
    };
    Ok(Split { train: labelled("train", train)?, test: labelled("test", test)? })
}
