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
use crate::idx::{self, Labels, MAX_OWN_BYTES};
use crate::input_file::open_bounded;
use crate::load::{LoadError, accepted_names, check_counts, read_idx, read_idx_labels};
use crate::npy::{self, NpyError};
use crate::npz::Archive;
use crate::source::{SearchPath, Source};

/// Most active inputs of all images of a file together: 1 GiB of lists.
const MOST_ACTIVE: usize = 1 << 28;
/// The longest file with an array: elements have at most eight bytes; a little more is for the header.
const LONGEST_NPY: u64 = 8 * MAX_OWN_BYTES + (1 << 13);

/// One half of a set as it was read.
struct Half {
    inputs: InputLists,
    labels: Labels,
}

/// Where the parts of a set lie.
enum Place<'a> {
    /// IDX files in a folder, and what their names begin with.
    Idx(PathBuf, String),
    /// Arrays in a folder.
    Npy(PathBuf),
    /// Arrays in an archive.
    Npz(PathBuf),
    /// Arrays in an archive in memory, which messages call by this path.
    Packed(PathBuf, &'a [u8]),
}

/// Loads a set of the user's own.
pub(crate) fn load_own(
    source: &Source,
    path: &Path,
    dirs: &SearchPath,
    preparation: &Preparation,
) -> Result<Split, LoadError> {
    let (place, expected): (fn(&Path) -> Option<Place<'static>>, _) = match source {
        Source::Npy(_) => (npy_place, "a folder with arrays, or an archive of them,"),
        _ => (idx_place, "a folder, or a folder and what the names of its files begin with,"),
    };
    let tried = tried(path, dirs);
    let Some(place) = tried.iter().find_map(|path| place(path)) else {
        return Err(LoadError::Place { wanted: source.clone(), expected, tried });
    };
    load_place(source, &place, preparation)
}

/// Loads a set from the bytes of an `.npz` file, as `npy:PATH` does from the file itself; messages and the set's name
/// call it by `path`.
///
/// # Errors
/// As [`load`](crate::load()) of such a set.
pub fn load_npz(path: &Path, bytes: &[u8], preparation: &Preparation) -> Result<Split, LoadError> {
    load_place(&Source::Npy(path.to_owned()), &Place::Packed(path.to_owned(), bytes), preparation)
}

fn load_place(
    source: &Source,
    place: &Place<'_>,
    preparation: &Preparation,
) -> Result<Split, LoadError> {
    // What is not there is said before anything is read.
    let found = place.parts(source)?;
    let [train_images, train_labels, test_images, test_labels] = &found;
    let half = |images: &PathBuf, labels: &PathBuf| -> Result<Half, LoadError> {
        let inputs = place.images(images, preparation)?;
        let read = place.labels(labels)?;
        check_counts((images, inputs.len()), (labels, read.as_slice().len()))?;
        Ok(Half { inputs, labels: read })
    };
    split(source, half(train_images, train_labels)?, half(test_images, test_labels)?)
}

/// The places that a path may mean.
fn tried(path: &Path, dirs: &SearchPath) -> Vec<PathBuf> {
    let mut tried = vec![path.to_owned()];
    if path.is_relative() {
        tried.extend(dirs.dirs().map(|(_, dir)| dir.join(path)));
    }
    tried
}

/// A folder, or all of a path but its last part, with which the names in it begin.
fn idx_place(path: &Path) -> Option<Place<'static>> {
    if path.is_dir() {
        return Some(Place::Idx(path.to_owned(), String::new()));
    }
    let prefix = format!("{}-", path.file_name()?.to_str()?);
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    let is_there =
        |part| idx_names(part).iter().any(|name| dir.join(format!("{prefix}{name}")).exists());
    Part::ALL.into_iter().any(is_there).then(|| Place::Idx(dir.to_owned(), prefix))
}

fn npy_place(path: &Path) -> Option<Place<'static>> {
    match path {
        _ if path.is_dir() => Some(Place::Npy(path.to_owned())),
        _ if path.exists() => Some(Place::Npz(path.to_owned())),
        _ => None,
    }
}

/// The names under which a part may lie in a folder, in the order in which they are looked for.
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

/// The names that an array may have.
const fn npy_names(part: Part) -> [&'static str; 2] {
    match part {
        Part::TrainImages => ["x_train", "X_train"],
        Part::TrainLabels => ["y_train", "Y_train"],
        Part::TestImages => ["x_test", "X_test"],
        Part::TestLabels => ["y_test", "Y_test"],
    }
}

impl<'a> Place<'a> {
    /// The archive, if it is one.
    fn archive(&self) -> Result<Option<Archive<'a>>, LoadError> {
        Ok(match self {
            Place::Npz(path) => Some(Archive::open(path)?),
            Place::Packed(path, bytes) => Some(Archive::of(path, bytes)?),
            Place::Idx(..) | Place::Npy(_) => None,
        })
    }

    /// The four parts in order; those of an archive are given as if it were a folder.
    fn parts(&self, source: &Source) -> Result<[PathBuf; 4], LoadError> {
        let archive = self.archive()?;
        let find = |part: Part| {
            let (place, names) = match self {
                Place::Idx(dir, prefix) => {
                    (dir, idx_names(part).iter().map(|name| format!("{prefix}{name}")).collect())
                }
                Place::Npy(dir) => {
                    (dir, npy_names(part).map(|name| format!("{name}.npy")).to_vec())
                }
                Place::Npz(path) | Place::Packed(path, _) => {
                    (path, npy_names(part).map(str::to_owned).to_vec())
                }
            };
            let is_there = |name: &&String| match &archive {
                Some(archive) => archive.has(name),
                None => place.join(name).exists(),
            };
            match names.iter().find(is_there) {
                Some(name) => Ok(place.join(name)),
                None => {
                    let (wanted, part, place) = (source.clone(), part.name(), place.clone());
                    Err(LoadError::Part { wanted, part, place, names })
                }
            }
        };
        let [train_images, train_labels, test_images, test_labels] = Part::ALL.map(find);
        Ok([train_images?, train_labels?, test_images?, test_labels?])
    }

    /// Of images only the active inputs.
    fn images(&self, path: &Path, preparation: &Preparation) -> Result<InputLists, LoadError> {
        let begin = |size: (usize, usize)| (InputLists::new(size, preparation), size.0 * size.1);
        let add = |(inputs, image_len): &mut (InputLists, usize), piece: &[u8]| {
            piece.chunks_exact(*image_len).for_each(|image| inputs.add(image));
            match inputs.n_active() > MOST_ACTIVE {
                true => Err(LoadError::Active { path: path.to_owned(), allowed: MOST_ACTIVE }),
                false => Ok(()),
            }
        };
        let (inputs, _) = match self {
            Place::Idx(..) => read_idx(path, idx::Content::Samples, MAX_OWN_BYTES, begin, add)?.0,
            Place::Npy(_) | Place::Npz(_) | Place::Packed(..) => {
                self.read_npy(path, npy::Content::Images, begin, add)?
            }
        };
        Ok(inputs)
    }

    fn labels(&self, path: &Path) -> Result<Labels, LoadError> {
        let labels = match self {
            Place::Idx(..) => return Ok(read_idx_labels(path, MAX_OWN_BYTES)?.0),
            Place::Npy(_) | Place::Npz(_) | Place::Packed(..) => {
                let add = |labels: &mut Vec<u8>, piece: &[u8]| {
                    labels.extend_from_slice(piece);
                    Ok(())
                };
                self.read_npy(path, npy::Content::Labels, |_| Vec::new(), add)?
            }
        };
        let none = |_| LoadError::Npy { path: path.to_owned(), cause: NpyError::NoSamples };
        Labels::new(labels).map_err(none)
    }

    /// Reads an array piece by piece: `begin` makes from the rows and columns of an image what `add` puts each
    /// piece into.
    fn read_npy<T>(
        &self,
        path: &Path,
        content: npy::Content,
        begin: impl FnOnce((usize, usize)) -> T,
        mut add: impl FnMut(&mut T, &[u8]) -> Result<(), LoadError>,
    ) -> Result<T, LoadError> {
        let of_content = |cause| LoadError::Npy { path: path.to_owned(), cause };
        let read = |input: &mut dyn std::io::Read, damaged: &dyn Fn(NpyError) -> LoadError| {
            let mut file = npy::Unpacking::open(input, content).map_err(damaged)?;
            let mut parsed = begin(file.size());
            while let Some(piece) = file.next_piece().map_err(damaged)? {
                add(&mut parsed, piece)?;
            }
            Ok(parsed)
        };
        if let Some(mut archive) = self.archive()? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let array = archive.array(name);
            let mut array = array.map_err(|reason| of_content(NpyError::Read { reason }))?;
            return read(&mut array, &of_content);
        }
        let (mut input, failure) = open_bounded(path, LONGEST_NPY)?;
        read(&mut input, &|cause| failure.or(path, of_content(cause)))
    }
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
