//! From a data set's name to its training and test samples.
//!
//! For a known set of files, in this order:
//!
//! 1. the first folder of the search path that holds all four files is taken;
//! 2. each file is read, unpacked, hashed and parsed, piece by piece; of images only the active inputs
//!    that crop and threshold leave are kept;
//! 3. images and labels must agree in number, and each hash must be the known one;
//! 4. crop and threshold must fit the images, labels must be classes.
//!
//! A damaged file is thus reported as what it is (truncated, mislabelled) before its hash is. A set of the user's
//! own is the business of `own`. Nothing here writes or downloads anything.

use std::path::{Path, PathBuf};

use crate::binarize::Preparation;
use crate::checksum::{KnownFile, Part, Sha256Sum, known_files};
use crate::dataset::{Dataset, DatasetError, InputLists, Split};
use crate::idx::{Content, IdxError, Labels, MAX_UNPACKED_BYTES, Unpacking};
use crate::input_file::open_bounded;
use crate::npy::NpyError;
use crate::own;
use crate::source::{Origin, SearchPath, Source};

/// Classes of every known set.
pub(crate) const N_CLASSES: usize = 10;

/// Why a data set could not be loaded.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found, what is allowed, and where")]
#[non_exhaustive]
pub enum LoadError {
    /// No folder holds all files of the set.
    #[error("{}", missing_message(.wanted, .searched))]
    Missing { wanted: Source, searched: Vec<Searched> },
    /// There is nothing at the place of a set of the user's own.
    #[error("{wanted}: {expected} was not found; looked at {}", paths(.tried))]
    Place { wanted: Source, expected: &'static str, tried: Vec<PathBuf> },
    /// A part of a set of the user's own is not there.
    #[error("{wanted}: there are no {part} in {}; {}", .place.display(), names_message(.part, .names))]
    Part { wanted: Source, part: &'static str, place: PathBuf, names: Vec<String> },
    /// Training and test images differ in size.
    #[error(
        "{wanted}: test images have {} rows by {} columns, expected {} by {} as the training images",
        .test.0, .test.1, .train.0, .train.1
    )]
    Sizes { wanted: Source, train: (usize, usize), test: (usize, usize) },
    /// A file is no array of images or labels.
    #[error("{}: {cause}", .path.display())]
    Npy { path: PathBuf, cause: NpyError },
    /// A file is no archive of arrays.
    #[error("{}: not a complete npz archive: {reason}", .path.display())]
    Archive { path: PathBuf, reason: String },
    /// Too many inputs are active to be kept.
    #[error(
        "{}: number of active inputs in all images is more than the {allowed} allowed: the threshold makes too \
         many pixels count as 1, or there are too many images", .path.display()
    )]
    Active { path: PathBuf, allowed: usize },
    /// A file is there and cannot be read.
    #[error("{}: cannot be read: {cause}", .path.display())]
    Read { path: PathBuf, cause: std::io::Error },
    /// A file is far longer than any that is read.
    #[error("{}: file is longer than the {allowed} bytes allowed", .path.display())]
    FileSize { path: PathBuf, allowed: u64 },
    /// A file is not what its name says.
    #[error("{}: {cause}", .path.display())]
    Idx { path: PathBuf, cause: IdxError },
    /// An image file and its label file disagree on the number of samples.
    #[error(
        "{}: number of labels is {n_labels}, expected {n_images} as in {}",
        .labels.display(), .images.display()
    )]
    SampleCount { images: PathBuf, n_images: usize, labels: PathBuf, n_labels: usize },
    /// The content of a file is not that of the known set.
    #[error(
        "{}: SHA-256 of the unpacked content is {found}, expected {expected}",
        .path.display()
    )]
    Checksum { path: PathBuf, expected: &'static str, found: String },
    /// The samples do not make a data set, or the preparation does not fit them.
    #[error("{wanted}: {cause}")]
    Dataset { wanted: Source, cause: DatasetError },
}

/// A folder in which a set was looked for in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Searched {
    /// How the folder got into the search path.
    pub origin: Origin,
    /// The folder of the set, that is `mnist` in the folder of the search path.
    pub dir: PathBuf,
    /// The files that are not in it; all of them if there is no such folder.
    pub missing: Vec<&'static str>,
}

/// Loads `source`, from the first folder of `dirs` that holds it, as `preparation` says.
///
/// [`Source::Digits`] needs no folder. The files of MNIST and Fashion-MNIST may be plain or gzip, named as published
/// (`train-images-idx3-ubyte`) or as some archives name them (`train-images.idx3-ubyte`), with or
/// without `.gz`.
///
/// A set of the user's own lies where its path says; a relative path counts from the current folder and, if there
/// is no such place, from the folders of `dirs`.
///
/// - [`Source::Idx`]: a folder with four such files, those of the test samples called `t10k-` or `test-`; or a
///   folder and what their names begin with, `sets/emnist-letters` for `sets/emnist-letters-train-images-idx3-ubyte`
///   and so on. Files of images may be of rank 2, samples by features.
///
/// - [`Source::Npy`]: a folder with `x_train.npy`, `y_train.npy`, `x_test.npy` and `y_test.npy`, or an `.npz` archive
///   with these four arrays, such as Keras' `mnist.npz`; also with a large `X`. [`npy`](crate::npy) says which arrays
///   are read.
///
/// All images have one size, which is any; there are as many classes as the largest label of either half says, at
/// most 256. What is odd without being wrong, such as a class without samples, [`oddities`](crate::oddities) tells.
///
/// ```
/// use synfire_data::{Preparation, SearchPath, Source, load};
/// let split = load(&Source::Digits, &SearchPath::default(), &Preparation::of(&Source::Digits))?;
/// assert_eq!((split.train.len(), split.test.len()), (10_000, 2_000));
/// # Ok::<(), synfire_data::LoadError>(())
/// ```
///
/// # Errors
/// If files are missing (the message says which, and where to put them), damaged, or not those of
/// the known set; if crop or threshold is out of range; if the parts of a user's own set do not fit each other.
pub fn load(
    source: &Source,
    dirs: &SearchPath,
    preparation: &Preparation,
) -> Result<Split, LoadError> {
    let refused = |cause| LoadError::Dataset { wanted: source.clone(), cause };
    match source {
        Source::Digits => return crate::digits::default_set(preparation).map_err(refused),
        Source::Idx(path) | Source::Npy(path) => {
            return own::load_own(source, path, dirs, preparation);
        }
        Source::Mnist | Source::FashionMnist => {}
    }
    let files = find(source, dirs)?;
    let train_images = read_images(&files, Part::TrainImages, preparation)?;
    let train_labels = read_labels(&files, Part::TrainLabels)?;
    let test_images = read_images(&files, Part::TestImages, preparation)?;
    let test_labels = read_labels(&files, Part::TestLabels)?;

    for (images, labels) in [(&train_images, &train_labels), (&test_images, &test_labels)] {
        let [n_images, n_labels] = [images.content.len(), labels.content.as_slice().len()];
        check_counts((&images.file.path, n_images), (&labels.file.path, n_labels))?;
    }
    train_images.file.check_sum()?;
    train_labels.file.check_sum()?;
    test_images.file.check_sum()?;
    test_labels.file.check_sum()?;

    let labelled = |what: &str, images: Parsed<InputLists>, labels: Parsed<Labels>| {
        let name = format!("{source} {what}");
        Dataset::from_inputs(&name, N_CLASSES, images.content, &labels.content).map_err(refused)
    };
    Ok(Split {
        train: labelled("train", train_images, train_labels)?,
        test: labelled("test", test_images, test_labels)?,
    })
}

/// A file that was found, and what it should be.
#[derive(Clone, Debug)]
struct Found {
    known: KnownFile,
    path: PathBuf,
}

/// The files of `source` in the first folder that has them all.
fn find(source: &Source, dirs: &SearchPath) -> Result<Vec<Found>, LoadError> {
    let known = known_files(source);
    let mut searched = Vec::new();
    for (origin, dir) in dirs.dirs() {
        let dir = dir.join(source.short_name());
        let found: Vec<Found> = known.iter().filter_map(|file| find_file(&dir, file)).collect();
        if found.len() == known.len() {
            return Ok(found);
        }
        let is_missing = |file: &&KnownFile| found.iter().all(|f| f.known.part != file.part);
        let missing = known.iter().filter(is_missing).map(|file| file.name).collect();
        searched.push(Searched { origin, dir, missing });
    }
    Err(LoadError::Missing { wanted: source.clone(), searched })
}

/// The file under the first of its accepted names.
fn find_file(dir: &Path, file: &KnownFile) -> Option<Found> {
    let names = accepted_names(file.name);
    let path = names.into_iter().map(|name| dir.join(name)).find(|path| path.exists())?;
    Some(Found { known: *file, path })
}

/// The names under which an IDX file may lie; a plain file goes before a packed one.
pub(crate) fn accepted_names(name: &str) -> [String; 4] {
    let dotted = name.replacen("-idx", ".idx", 1);
    [name.to_owned(), dotted.clone(), format!("{name}.gz"), format!("{dotted}.gz")]
}

/// The words of [`LoadError::Part`].
fn names_message(part: &str, names: &[String]) -> String {
    let mut message = format!("expected one of {}", names.join(", "));
    if part.starts_with("test") {
        message += "; a set has samples of its own to be judged by";
    }
    message
}

/// Paths with commas between, as they are written.
fn paths(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// The words of [`LoadError::Missing`].
fn missing_message(wanted: &Source, searched: &[Searched]) -> String {
    let names: Vec<&str> = known_files(wanted).iter().map(|file| file.name).collect();
    let files = names.join(", ");
    let mut message =
        format!("the files of {wanted} were not found; it needs {files}, each plain or with .gz, ");
    if searched.is_empty() {
        message += &format!(
            "in a folder {wanted} inside the folder named by --data-dir or $SYNFIRE_DATA_DIR"
        );
    } else {
        message += "in one of these folders:";
    }
    for Searched { origin, dir, missing } in searched {
        let lacks = match missing.len() == names.len() {
            true => "has none of them".to_owned(),
            false => format!("lacks {}", missing.join(", ")),
        };
        message += &format!("\n  {} ({origin}): {lacks}", dir.display());
    }
    message + "\nthe set digits needs no files"
}

/// A parsed file with what is needed to check it further.
struct Parsed<T> {
    file: Hashed,
    content: T,
}

/// A file and the hash of its unpacked content.
struct Hashed {
    known: KnownFile,
    path: PathBuf,
    sha256: String,
}

impl Hashed {
    fn check_sum(&self) -> Result<(), LoadError> {
        if self.sha256 == self.known.sha256 {
            return Ok(());
        }
        Err(LoadError::Checksum {
            path: self.path.clone(),
            expected: self.known.sha256,
            found: self.sha256.clone(),
        })
    }
}

fn read_images(
    files: &[Found],
    part: Part,
    preparation: &Preparation,
) -> Result<Parsed<InputLists>, LoadError> {
    let Found { known, path } = found(files, part);
    let begin = |size: (usize, usize)| (InputLists::new(size, preparation), size.0 * size.1);
    let add = |(inputs, image_len): &mut (InputLists, usize), piece: &[u8]| {
        piece.chunks_exact(*image_len).for_each(|image| inputs.add(image));
        Ok(())
    };
    let ((content, _), sha256) = read_idx(&path, Content::Images, MAX_UNPACKED_BYTES, begin, add)?;
    Ok(Parsed { file: Hashed { known, path, sha256 }, content })
}

fn read_labels(files: &[Found], part: Part) -> Result<Parsed<Labels>, LoadError> {
    let Found { known, path } = found(files, part);
    let (content, sha256) = read_idx_labels(&path, MAX_UNPACKED_BYTES)?;
    Ok(Parsed { file: Hashed { known, path, sha256 }, content })
}

fn found(files: &[Found], part: Part) -> Found {
    let found = files.iter().find(|file| file.known.part == part);
    found.expect("`find` returns every part or an error").clone()
}

/// The labels of an IDX file with a payload of at most `most_bytes`, and the SHA-256 of its unpacked content.
pub(crate) fn read_idx_labels(path: &Path, most_bytes: u64) -> Result<(Labels, String), LoadError> {
    let add = |labels: &mut Vec<u8>, piece: &[u8]| {
        labels.extend_from_slice(piece);
        Ok(())
    };
    let (labels, sha256) = read_idx(path, Content::Labels, most_bytes, |_| Vec::new(), add)?;
    let damaged = |cause| LoadError::Idx { path: path.to_owned(), cause };
    Ok((Labels::new(labels).map_err(damaged)?, sha256))
}

/// Reads an IDX file with a payload of at most `most_bytes` piece by piece: `begin` makes from the rows and columns
/// of an image what `add` puts each piece into. Also returns the SHA-256 of the unpacked content.
pub(crate) fn read_idx<T>(
    path: &Path,
    content: Content,
    most_bytes: u64,
    begin: impl FnOnce((usize, usize)) -> T,
    mut add: impl FnMut(&mut T, &[u8]) -> Result<(), LoadError>,
) -> Result<(T, String), LoadError> {
    // The header is not part of the bound on the payload; a little more lets the parser say what is
    // wrong with a file that is just too long.
    let (input, failure) = open_bounded(path, most_bytes + (1 << 10))?;
    let damaged = |cause| failure.or(path, LoadError::Idx { path: path.to_owned(), cause });
    let mut file = Unpacking::open(input, content, most_bytes).map_err(damaged)?;
    let mut sum = Sha256Sum::default();
    sum.add(file.header_bytes());
    let mut parsed = begin(file.size());
    while let Some(piece) = file.next_piece().map_err(damaged)? {
        sum.add(piece);
        add(&mut parsed, piece)?;
    }
    Ok((parsed, sum.hex()))
}

/// Whether there are as many labels as images.
pub(crate) fn check_counts(
    (images, n_images): (&Path, usize),
    (labels, n_labels): (&Path, usize),
) -> Result<(), LoadError> {
    if n_images == n_labels {
        return Ok(());
    }
    let (images, labels) = (images.to_owned(), labels.to_owned());
    Err(LoadError::SampleCount { images, n_images, labels, n_labels })
}
