//! The data sets by name, and where their files are looked for.
//!
//! The names are those of run files and of the command line. Nothing here reads the environment or
//! touches a disk: the outermost program finds out the folders and hands them in.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::binarize::Preparation;

/// A data set that [`load`](crate::load) knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Source {
    /// `digits`, made by [`digits`](crate::digits): needs no files.
    Digits,
    /// `mnist`: handwritten digits, 28 x 28, 60,000 and 10,000.
    Mnist,
    /// `fashion-mnist`: articles of clothing, 28 x 28, 60,000 and 10,000.
    FashionMnist,
}

impl Source {
    /// All of them, in the order in which messages list them.
    pub const ALL: [Source; 3] = [Source::Digits, Source::Mnist, Source::FashionMnist];

    /// The name in run files, on the command line, and of the folder that holds the files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Source::Digits => "digits",
            Source::Mnist => "mnist",
            Source::FashionMnist => "fashion-mnist",
        }
    }

    /// Pixels cut off on each side unless something else is asked for: 4 for MNIST, whose border is
    /// empty (28 x 28 to 20 x 20, as in the paper), 0 for the others.
    #[must_use]
    pub const fn default_crop(self) -> usize {
        match self {
            Source::Mnist => 4,
            Source::Digits | Source::FashionMnist => 0,
        }
    }
}

impl Preparation {
    /// The preparation of `source` unless something else is asked for: its
    /// [default crop](Source::default_crop), and the threshold of the paper.
    #[must_use]
    pub const fn of(source: Source) -> Preparation {
        Preparation { crop: source.default_crop(), threshold: Preparation::DEFAULT_THRESHOLD }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Source {
    type Err = SourceError;

    fn from_str(name: &str) -> Result<Source, SourceError> {
        let known = Source::ALL.into_iter().find(|source| source.name() == name);
        known.ok_or_else(|| SourceError { found: name.to_owned() })
    }
}

/// A name that is no data set's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("data set is {found:?}, allowed are digits, mnist, fashion-mnist")]
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
        for source in Source::ALL {
            assert_eq!(source.to_string().parse(), Ok(source));
        }
        assert_eq!(
            "emnist".parse::<Source>().map_err(|e| e.to_string()),
            Err("data set is \"emnist\", allowed are digits, mnist, fashion-mnist".to_owned())
        );
    }

    #[test]
    fn preparations_are_those_of_the_paper() {
        assert_eq!(Preparation::of(Source::Mnist), Preparation { crop: 4, threshold: 129 });
        assert_eq!(Preparation::of(Source::FashionMnist), Preparation { crop: 0, threshold: 129 });
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
