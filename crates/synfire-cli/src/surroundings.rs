//! What surrounds the command and is not said by its options: environment and terminal.

use std::io::IsTerminal;
use std::path::PathBuf;

use synfire_train::synfire_data::SearchPath;

/// The environment of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The folder of data sets named by `$SYNFIRE_DATA_DIR`.
    pub data_dir: Option<PathBuf>,
    /// The user's cache folder for Synfire.
    pub cache_dir: Option<PathBuf>,
    /// The HTTP proxy that downloads go through.
    pub proxy: Option<String>,
    /// Whether somebody watches the error stream; only then is progress shown.
    pub is_watched: bool,
    /// Whether an interrupt of the process (Ctrl-C) is to end a run of `chip run` or `train` early, with what it
    /// has so far. Otherwise it ends the process.
    pub takes_interrupts: bool,
    /// Which task of a Slurm job array this is.
    pub array_task: ArrayTask,
}

/// What Slurm says about a task of a job array, as the environment has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArrayTask {
    /// `$SLURM_ARRAY_TASK_ID`: which task.
    pub id: Option<String>,
    /// `$SLURM_ARRAY_TASK_COUNT`: how many tasks there are.
    pub count: Option<String>,
    /// `$SLURM_ARRAY_TASK_MIN`: the first of them.
    pub min: Option<String>,
    /// `$SLURM_ARRAY_TASK_STEP`: from one to the next.
    pub step: Option<String>,
}

impl Surroundings {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Surroundings {
        Surroundings {
            data_dir: path("SYNFIRE_DATA_DIR"),
            cache_dir: cache_dir().map(|dir| dir.join("synfire")),
            proxy: proxy(),
            is_watched: std::io::stderr().is_terminal(),
            takes_interrupts: true,
            array_task: ArrayTask {
                id: text("SLURM_ARRAY_TASK_ID"),
                count: text("SLURM_ARRAY_TASK_COUNT"),
                min: text("SLURM_ARRAY_TASK_MIN"),
                step: text("SLURM_ARRAY_TASK_STEP"),
            },
        }
    }

    /// Where data sets are looked for.
    pub(crate) fn search_path(&self, explicit: Option<PathBuf>) -> SearchPath {
        SearchPath::new(explicit, self.data_dir.clone(), self.cache_dir.clone())
    }
}

/// The folder in which programs of this user keep what can be had again.
fn cache_dir() -> Option<PathBuf> {
    if cfg!(windows) {
        path("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        Some(path("HOME")?.join("Library/Caches"))
    } else {
        path("XDG_CACHE_HOME").or_else(|| Some(path("HOME")?.join(".cache")))
    }
}

/// An environment variable; an empty one says nothing.
fn text(variable: &str) -> Option<String> {
    std::env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(|value| value.to_string_lossy().into_owned())
}

/// The proxy for downloads, as other programs have it; servers on this machine are asked without it.
fn proxy() -> Option<String> {
    let names = ["https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY"];
    let named = names.iter().find_map(|name| std::env::var(name).ok().filter(|it| !it.is_empty()));
    let without = ["no_proxy", "NO_PROXY"].iter().find_map(|name| std::env::var(name).ok());
    named.filter(|_| without.as_deref() != Some("*"))
}

/// An environment variable that names a path; an empty one names none.
fn path(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}
