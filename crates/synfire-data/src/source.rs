//! The data sets by name, and where their files are looked for.
//!
//! The names are those of run files and of the command line: those of the known sets, `idx:DIR` and `npy:DIR` for
//! a set of the user's own. Nothing here reads the environment or touches a disk: the outermost program finds out
//! the folders and hands them in.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::binarize::Preparation;

/// A data set that [`load`](crate::load) knows or is told the place of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Source {
    /// `digits`, made by [`digits`](crate::digits): needs no files.
    Digits,
    /// `mnist`: handwritten digits, 28 x 28, 60,000 and 10,000.
    Mnist,
    /// `fashion-mnist`: articles of clothing, 28 x 28, 60,000 and 10,000.
    FashionMnist,
    /// `idx:DIR`: IDX files of the user's own in this folder, of any size and number of classes.
    Idx(PathBuf),
    /// `npy:DIR`: arrays of NumPy in this folder, or in this `.npz` file.
    Npy(PathBuf),
}

impl Source {
    /// Those with a name of their own, in the order in which messages list them.
    pub const KNOWN: [Source; 3] = [Source::Digits, Source::Mnist, Source::FashionMnist];

    /// A name for folders and files: that of a known set, which is also that of the folder with its files; of
    /// another the last part of its path, with `-` for whatever is not a letter, a digit or one of `._-`.
    ///
    /// ```
    /// use synfire_data::Source;
    /// let names = ["mnist", "idx:sets/my digits", "npy:../x.npz", "idx:.."];
    /// let short = names.map(|name| name.parse::<Source>().map(|source| source.short_name()));
    /// assert_eq!(short, ["mnist", "my-digits", "x", "idx"].map(|name| Ok(name.to_owned())));
    /// ```
    #[must_use]
    pub fn short_name(&self) -> String {
        let (kind, path) = match self {
            Source::Digits => return "digits".to_owned(),
            Source::Mnist => return "mnist".to_owned(),
            Source::FashionMnist => return "fashion-mnist".to_owned(),
            Source::Idx(path) => ("idx", path.as_path()),
            Source::Npy(path) => ("npy", path.as_path()),
        };
        let is_archive = path.extension().is_some_and(|extension| extension == "npz");
        let last = if is_archive { path.file_stem() } else { path.file_name() };
        let last = last.unwrap_or_default().to_string_lossy();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let plain: String = last.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
        // A name that begins with a dot would be hidden, one that begins with a dash an option.
        let plain = plain.trim_start_matches(['.', '-']);
        if plain.is_empty() { kind.to_owned() } else { plain.to_owned() }
    }

    /// Pixels cut off on each side unless something else is asked for: 4 for MNIST, whose border is
    /// empty (28 x 28 to 20 x 20, as in the paper), 0 for the others.
    #[must_use]
    pub const fn default_crop(&self) -> usize {
        match self {
            Source::Mnist => 4,
            Source::Digits | Source::FashionMnist | Source::Idx(_) | Source::Npy(_) => 0,
        }
    }

    /// The place of a set of the user's own.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Source::Digits | Source::Mnist | Source::FashionMnist => None,
            Source::Idx(path) | Source::Npy(path) => Some(path),
        }
    }
}

impl Preparation {
    /// The preparation of `source` unless something else is asked for: its
    /// [default crop](Source::default_crop), and the threshold of the paper.
    #[must_use]
    pub const fn of(source: &Source) -> Preparation {
        Preparation { crop: source.default_crop(), threshold: Preparation::DEFAULT_THRESHOLD }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Digits | Source::Mnist | Source::FashionMnist => {
                formatter.pad(&self.short_name())
            }
            Source::Idx(path) => write!(formatter, "idx:{}", path.display()),
            Source::Npy(path) => write!(formatter, "npy:{}", path.display()),
        }
    }
}

impl FromStr for Source {
    type Err = SourceError;

    fn from_str(name: &str) -> Result<Source, SourceError> {
        let wrong = || SourceError { found: name.to_owned() };
        match name.split_once(':') {
            Some(("idx", path)) if !path.is_empty() => Ok(Source::Idx(path.into())),
            Some(("npy", path)) if !path.is_empty() => Ok(Source::Npy(path.into())),
            Some(_) => Err(wrong()),
            None => Source::KNOWN
                .into_iter()
                .find(|source| source.short_name() == name)
                .ok_or_else(wrong),
        }
    }
}

/// A name that is no data set's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("data set is {found:?}, allowed are digits, mnist, fashion-mnist, idx:DIR, npy:DIR")]
pub struct SourceError {
    /// The name given.
    pub found: String,
}

/// How a folder got into a [`SearchPath`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Named by the user for this run (`--data-dir`).
    Explicit,
    /// Named by the environment (`SYNFIRE_DATA_DIR`).
    Environment,
    /// The user's cache folder.
    Cache,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Origin::Explicit => "--data-dir",
            Origin::Environment => "$SYNFIRE_DATA_DIR",
            Origin::Cache => "cache folder",
        })
    }
}

/// The folders in which data sets are looked for, in order.
///
/// Each holds one folder per set, named like it: `mnist/`, `fashion-mnist/`.
///
/// ```
/// use synfire_data::SearchPath;
/// let path = SearchPath::new(None, Some("/data".into()), Some("/home/me/.cache/synfire".into()));
/// assert_eq!(path.dirs().count(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchPath(Vec<(Origin, PathBuf)>);

impl SearchPath {
    /// The folder named for this run, the one named by the environment, the user's cache folder:
    /// those that are there, in this order. An empty path counts as not there, so that an empty
    /// environment variable means nothing and not the working folder.
    #[must_use]
    pub fn new(
        explicit: Option<PathBuf>,
        environment: Option<PathBuf>,
        cache: Option<PathBuf>,
    ) -> SearchPath {
        let all = [
            (Origin::Explicit, explicit),
            (Origin::Environment, environment),
            (Origin::Cache, cache),
        ];
        let named = |(origin, dir): (Origin, Option<PathBuf>)| Some((origin, dir?));
        let there = |(_, dir): &(Origin, PathBuf)| !dir.as_os_str().is_empty();
        SearchPath(all.into_iter().filter_map(named).filter(there).collect())
    }

    /// The folder named for this run, if one was.
    #[must_use]
    pub fn explicit(&self) -> Option<&Path> {
        self.dirs().find(|(origin, _)| *origin == Origin::Explicit).map(|(_, dir)| dir)
    }

    /// The folders in the order in which they are searched.
    #[must_use]
    pub fn dirs(&self) -> impl ExactSizeIterator<Item = (Origin, &Path)> {
        self.0.iter().map(|(origin, dir)| (*origin, dir.as_path()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Origin, Preparation, SearchPath, Source};

    #[test]
    fn names_read_back() {
        let own = [Source::Idx("../a b/c:d".into()), Source::Npy("x.npz".into())];
        for source in Source::KNOWN.into_iter().chain(own) {
            assert_eq!(source.to_string().parse(), Ok(source));
        }
        for name in ["emnist", "idx:", "npy:", "idx", "csv:x", ""] {
            let allowed = "allowed are digits, mnist, fashion-mnist, idx:DIR, npy:DIR";
            assert_eq!(
                name.parse::<Source>().map_err(|error| error.to_string()),
                Err(format!("data set is {name:?}, {allowed}"))
            );
        }
    }

    #[test]
    fn short_names_are_names_of_files() {
        for (path, expected) in [
            ("sets/mine/", "mine"),
            ("/", "idx"),
            ("..", "idx"),
            ("a/.hidden", "hidden"),
            ("--out", "out"),
            ("früh 2", "fr-h-2"),
            ("a.npz", "a"),
        ] {
            assert_eq!(Source::Idx(path.into()).short_name(), expected, "{path}");
        }
    }

    #[test]
    fn preparations_are_those_of_the_paper() {
        assert_eq!(Preparation::of(&Source::Mnist), Preparation { crop: 4, threshold: 129 });
        assert_eq!(Preparation::of(&Source::FashionMnist), Preparation { crop: 0, threshold: 129 });
    }

    #[test]
    fn the_search_goes_from_explicit_to_cache() {
        let path = SearchPath::new(Some("a".into()), Some("b".into()), Some("c".into()));
        let order: Vec<Origin> = path.dirs().map(|(origin, _)| origin).collect();
        assert_eq!(order, [Origin::Explicit, Origin::Environment, Origin::Cache]);
        let without = SearchPath::new(None, Some("".into()), Some("c".into()));
        assert_eq!(without.dirs().map(|(origin, _)| origin).collect::<Vec<_>>(), [Origin::Cache]);
    }
}
