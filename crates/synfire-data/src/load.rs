//! From a data set's name to its training and test samples.
//!
//! For a set of files, in this order:
//!
//! 1. the first folder of the search path that holds all four files is taken;
//! 2. each file is read, unpacked, hashed and parsed, piece by piece; of images only the active inputs
//!    that crop and threshold leave are kept;
//! 3. images and labels must agree in number, and each hash must be the known one;
//! 4. crop and threshold must fit the images, labels must be classes.
//!
//! A damaged file is thus reported as what it is (truncated, mislabelled) before its hash is. This
//! is the only file of the crate that opens files; it writes none and downloads nothing.

use std::cell::RefCell;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::binarize::Preparation;
use crate::checksum::{KnownFile, Part, Sha256Sum, known_files};
use crate::dataset::{Dataset, DatasetError, InputLists, Split};
use crate::idx::{Content, IdxError, Labels, MAX_UNPACKED_BYTES, Unpacking};
use crate::source::{Origin, SearchPath, Source};

/// Classes of every known set.
pub(crate) const N_CLASSES: usize = 10;

/// Why a data set could not be loaded.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found, what is allowed, and where")]
#[non_exhaustive]
pub enum LoadError {
    /// No folder holds all files of the set.
    #[error("{}", missing_message(*.wanted, .searched))]
    Missing { wanted: Source, searched: Vec<Searched> },
    /// A file is there and cannot be read.
    #[error("{}: cannot be read: {cause}", .path.display())]
    Read { path: PathBuf, cause: std::io::Error },
    /// A file is far longer than any known one.
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
/// [`Source::Digits`] needs no folder. The files may be plain or gzip, named as published
/// (`train-images-idx3-ubyte`) or as some archives name them (`train-images.idx3-ubyte`), with or
/// without `.gz`.
///
/// ```
/// use synfire_data::{Preparation, SearchPath, Source, load};
/// let split = load(Source::Digits, &SearchPath::default(), &Preparation::of(Source::Digits))?;
/// assert_eq!((split.train.len(), split.test.len()), (10_000, 2_000));
/// # Ok::<(), synfire_data::LoadError>(())
/// ```
///
/// # Errors
/// If files are missing (the message says which, and where to put them), damaged, or not those of
/// the known set; if crop or threshold is out of range.
pub fn load(
    source: Source,
    dirs: &SearchPath,
    preparation: &Preparation,
) -> Result<Split, LoadError> {
    let refused = |cause| LoadError::Dataset { wanted: source, cause };
    if source == Source::Digits {
        return crate::digits::default_set(preparation).map_err(refused);
    }
    let files = find(source, dirs)?;
    let train_images = read_images(&files, Part::TrainImages, preparation)?;
    let train_labels = read_labels(&files, Part::TrainLabels)?;
    let test_images = read_images(&files, Part::TestImages, preparation)?;
    let test_labels = read_labels(&files, Part::TestLabels)?;

    check_counts(&train_images, &train_labels)?;
    check_counts(&test_images, &test_labels)?;
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
fn find(source: Source, dirs: &SearchPath) -> Result<Vec<Found>, LoadError> {
    let known = known_files(source);
    let mut searched = Vec::new();
    for (origin, dir) in dirs.dirs() {
        let dir = dir.join(source.name());
        let found: Vec<Found> = known.iter().filter_map(|file| find_file(&dir, file)).collect();
        if found.len() == known.len() {
            return Ok(found);
        }
        let is_missing = |file: &&KnownFile| found.iter().all(|f| f.known.part != file.part);
        let missing = known.iter().filter(is_missing).map(|file| file.name).collect();
        searched.push(Searched { origin, dir, missing });
    }
    Err(LoadError::Missing { wanted: source, searched })
}

/// The file under the first of its accepted names; a plain file goes before a packed one.
fn find_file(dir: &Path, file: &KnownFile) -> Option<Found> {
    let dotted = file.name.replacen("-idx", ".idx", 1);
    let names =
        [file.name.to_owned(), dotted.clone(), format!("{}.gz", file.name), format!("{dotted}.gz")];
    let path = names.into_iter().map(|name| dir.join(name)).find(|path| path.exists())?;
    Some(Found { known: *file, path })
}

/// The words of [`LoadError::Missing`].
fn missing_message(wanted: Source, searched: &[Searched]) -> String {
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
    let begin = |file: &Unpacking<Input>| {
        let size = file.size();
        (InputLists::new(size, preparation), size.0 * size.1)
    };
    let parsed = read(files, part, Content::Images, begin, |(inputs, image_len), piece| {
        piece.chunks_exact(*image_len).for_each(|image| inputs.add(image));
    })?;
    Ok(Parsed { file: parsed.file, content: parsed.content.0 })
}

fn read_labels(files: &[Found], part: Part) -> Result<Parsed<Labels>, LoadError> {
    let begin = |_: &Unpacking<Input>| Vec::new();
    let Parsed { file, content } = read(files, part, Content::Labels, begin, |labels, piece| {
        labels.extend_from_slice(piece);
    })?;
    let damaged = |cause| LoadError::Idx { path: file.path.clone(), cause };
    let content = Labels::new(content).map_err(damaged)?;
    Ok(Parsed { file, content })
}

/// Reads a file piece by piece: `begin` makes from the header what `add` puts each piece into.
fn read<T>(
    files: &[Found],
    part: Part,
    content: Content,
    begin: impl FnOnce(&Unpacking<Input>) -> T,
    mut add: impl FnMut(&mut T, &[u8]),
) -> Result<Parsed<T>, LoadError> {
    let found = files.iter().find(|file| file.known.part == part);
    let Found { known, path } = found.expect("`find` returns every part or an error").clone();
    let failure = Failure::default();
    let input = BufReader::with_capacity(1 << 16, open_bounded(&path, &failure)?);
    // What the parser cannot read may be the file's fault or that of its content.
    let damaged = |cause| match failure.borrow_mut().take() {
        Some(cause) => LoadError::Read { path: path.clone(), cause },
        None => LoadError::Idx { path: path.clone(), cause },
    };
    let mut file = Unpacking::open(input, content).map_err(damaged)?;
    let mut sum = Sha256Sum::default();
    sum.add(file.header_bytes());
    let mut parsed = begin(&file);
    while let Some(piece) = file.next_piece().map_err(damaged)? {
        sum.add(piece);
        add(&mut parsed, piece);
    }
    Ok(Parsed { file: Hashed { known, path, sha256: sum.hex() }, content: parsed })
}

/// The first error of reading a file itself.
type Failure = Rc<RefCell<Option<std::io::Error>>>;

/// A file that is being read.
type Input = BufReader<Watched>;

/// A file that keeps the error it fails with, which a decoder would pass on as its own.
struct Watched {
    file: std::io::Take<File>,
    failure: Failure,
}

impl Read for Watched {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        self.file.read(bytes).inspect_err(|error| {
            // Who reads tries again after an interruption.
            if error.kind() != std::io::ErrorKind::Interrupted {
                let kept = std::io::Error::new(error.kind(), error.to_string());
                self.failure.borrow_mut().get_or_insert(kept);
            }
        })
    }
}

/// The file, if it is one and not absurdly long.
fn open_bounded(path: &Path, failure: &Failure) -> Result<Watched, LoadError> {
    let failed = |cause| LoadError::Read { path: path.to_owned(), cause };
    // Opening a pipe would wait for a writer for ever, so the kind is asked for first.
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(failed(std::io::Error::other("it is not a regular file")));
    }
    // The header is not part of the bound on the payload; a little more lets the parser say what is
    // wrong with a file that is just too long.
    let allowed = MAX_UNPACKED_BYTES + (1 << 10);
    if metadata.len() > allowed {
        return Err(LoadError::FileSize { path: path.to_owned(), allowed });
    }
    let file = File::open(path).map_err(failed)?;
    // The file may grow while it is read.
    Ok(Watched { file: file.take(allowed), failure: Rc::clone(failure) })
}

fn check_counts(images: &Parsed<InputLists>, labels: &Parsed<Labels>) -> Result<(), LoadError> {
    let (n_images, n_labels) = (images.content.len(), labels.content.as_slice().len());
    if n_images == n_labels {
        return Ok(());
    }
    let (images, labels) = (images.file.path.clone(), labels.file.path.clone());
    Err(LoadError::SampleCount { images, n_images, labels, n_labels })
}
