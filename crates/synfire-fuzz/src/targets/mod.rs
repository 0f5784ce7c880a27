//! The list of targets.

mod arrays;
mod bundle;
mod checkpoint;
mod data;
mod download;
mod lists;
mod network;
mod runs;
mod tables;

/// A parser under fire.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, of the command line and of its folder of inputs.
    pub name: &'static str,
    /// What is parsed, for a table.
    pub about: &'static str,
    /// What inputs are.
    pub form: Form,
    /// Inputs longer than this find nothing more, and take longer.
    pub longest: usize,
    /// Hands an input to the parser.
    ///
    /// Panics if the parser does, or if what came out is not what it has to be.
    pub run: fn(&[u8]),
    /// Inputs that are well formed, or nearly so.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Words that the parser knows.
    pub words: &'static [&'static str],
}

/// What the bytes of an input are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A file.
    Bytes,
    /// A text; bytes after the first that is no UTF-8 are left out.
    Text,
    /// Pieces with two bytes of length before each, of which a file is made.
    Pieces,
}

/// Every target, in the order of their names.
pub const TARGETS: &[Target] = &[
    bundle::BUNDLE_CHECK,
    bundle::BUNDLE_DUMP,
    bundle::BUNDLE_SCORE,
    checkpoint::CHECKPOINT,
    checkpoint::CHECKPOINT_PARTS,
    data::DATA_NPY,
    data::DATA_NPZ,
    download::DOWNLOAD,
    tables::EVENTS,
    runs::GRID,
    data::IDX,
    data::IDX_GZIP,
    lists::LISTS,
    tables::METRICS,
    network::NETWORK,
    arrays::NPY,
    arrays::NPZ,
    arrays::NPZ_ENTRIES,
    network::PLACEMENT,
    runs::PLAN,
    network::RULE,
    runs::RUN_FILE,
    arrays::SPIKE_FILE,
    network::SPIKES,
    checkpoint::STATE,
    arrays::TENSORS,
];

/// The target of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// Messages quote little, and nothing that moves a cursor.
fn check_message(message: &str, longest: usize) {
    assert!(message.len() < longest, "{} bytes: {message}", message.len());
    let is_plain = |c: char| !c.is_control() || c == '\n';
    assert!(message.chars().all(is_plain), "{message:?}");
}
