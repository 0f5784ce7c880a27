//! The command as a function, in a scratch folder.

use std::path::PathBuf;

use synfire_cli::{Status, Surroundings, run};

/// A folder that vanishes with the test.
pub(crate) struct Scratch(tempfile::TempDir);

impl Scratch {
    pub(crate) fn new() -> Scratch {
        Scratch(tempfile::tempdir().expect("a scratch folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).expect("writable");
    }

    /// Runs the command with words separated by spaces; `@` stands for the scratch folder, in answers too.
    fn call(&self, words: &str) -> (Status, String, String) {
        let here = self.0.path().to_str().expect("a plain path");
        let args = std::iter::once("synfire").chain(words.split_whitespace());
        let args: Vec<String> = args.map(|word| word.replace('@', here)).collect();
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let status = run(args, &Surroundings::default(), &mut stdout, &mut stderr);
        let text = |bytes| String::from_utf8(bytes).expect("text").replace(here, "@");
        (status, text(stdout), text(stderr))
    }

    /// What a command says that goes well and has nothing to complain about.
    pub(crate) fn says(&self, words: &str) -> String {
        let (status, stdout, stderr) = self.call(words);
        assert_eq!((status, &stderr[..]), (Status::Success, ""), "{words}: {stdout}");
        stdout
    }

    /// Runs a command that may warn.
    pub(crate) fn runs(&self, words: &str) {
        let (status, stdout, stderr) = self.call(words);
        assert_eq!(status, Status::Success, "{words}: {stdout}{stderr}");
    }

    /// What a command says that finds a difference.
    pub(crate) fn differs(&self, words: &str) -> String {
        let (status, stdout, stderr) = self.call(words);
        assert_eq!((status, &stderr[..]), (Status::Failure, ""), "{words}: {stdout}");
        stdout
    }

    /// The message of a command that fails in this way.
    pub(crate) fn fails(&self, expected: Status, words: &str) -> String {
        let (status, stdout, stderr) = self.call(words);
        assert_eq!((status, &stdout[..]), (expected, ""), "{words}: {stderr}");
        stderr.trim_end().to_owned()
    }
}
