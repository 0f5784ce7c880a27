//! Which sources a result belongs to: the crates that compute, the versions of everything else, and the experiment.
//!
//! What is only said of results is no part of it, nor are unit tests and other experiments: a change of words
//! computes nothing anew, a change of one experiment that experiment, a change of arithmetic everything.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Crates on which no result depends: those that show, carry away, and talk.
const WITHOUT_EFFECT: [&str; 7] = [
    "synfire-bench",
    "synfire-bundle",
    "synfire-cli",
    "synfire-draw",
    "synfire-exchange",
    "synfire-fuzz",
    "synfire-report",
];

/// The sources of a workspace, as far as results depend on them.
#[derive(Clone, Debug)]
pub struct Sources {
    /// Everything but the experiments.
    common: Sha256,
    /// The text of each experiment's module.
    experiments: BTreeMap<String, String>,
}

impl Sources {
    /// Those of the workspace with this root.
    ///
    /// # Errors
    /// If one cannot be read.
    pub fn read(root: &Path) -> Result<Sources> {
        let mut files = vec![root.join("Cargo.lock"), root.join("rust-toolchain.toml")];
        let mut experiments = BTreeMap::new();
        for dir in sorted(&root.join("crates"))? {
            let name = dir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name == "synfire-reproduce" {
                for file in sorted(&dir.join("src").join("experiment"))? {
                    let module =
                        file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                    experiments.insert(module, String::from_utf8_lossy(&read(&file)?).into_owned());
                }
            } else if !WITHOUT_EFFECT.contains(&name) {
                add_files(&dir.join("src"), &mut files)?;
            }
        }
        let mut common = Sha256::new();
        for file in files {
            let name =
                file.strip_prefix(root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
            add(&mut common, &name, &read(&file)?);
        }
        Ok(Sources { common, experiments })
    }

    /// The SHA-256 of all sources on which the experiment in this module depends.
    ///
    /// # Errors
    /// If there is no such module.
    pub fn hash(&self, module: &str) -> Result<String> {
        let mut hash = self.common.clone();
        let mut used = BTreeSet::from([module]);
        let mut open = vec![module];
        while let Some(module) = open.pop() {
            let text = self.experiments.get(module);
            let text = text.with_context(|| format!("there is no experiment `{module}`"))?;
            let mentions = |name: &str| {
                let is_whole =
                    |after: &str| !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
                // In a list of names it may stand anywhere.
                let paths: &[&str] =
                    if text.contains("super::{") { &[""] } else { &["super::", "experiment::"] };
                paths.iter().any(|path| text.split(&format!("{path}{name}")).skip(1).any(is_whole))
            };
            for other in self.experiments.keys().filter(|name| mentions(name)) {
                if used.insert(other) {
                    open.push(other);
                }
            }
        }
        for module in used {
            add(&mut hash, module, self.experiments[module].as_bytes());
        }
        Ok(hash.finalize().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }
}

fn add(hash: &mut Sha256, name: &str, text: &[u8]) {
    hash.update(name.as_bytes());
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text);
}

/// A file, of Rust without its unit tests, which stand at the end.
fn read(path: &Path) -> Result<Vec<u8>> {
    let mut text = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let tests = b"\n#[cfg(test)]\nmod ";
    if path.extension().is_some_and(|extension| extension == "rs")
        && let Some(start) = text.windows(tests.len()).position(|window| window == tests)
    {
        text.truncate(start);
    }
    Ok(text)
}

fn add_files(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for path in sorted(dir)? {
        if path.is_dir() {
            add_files(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn sorted(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("{} cannot be read", dir.display()))?;
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::item::ITEMS;

    /// What computes a result counts, what tells of it and other experiments do not.
    #[test]
    fn the_hash_is_that_of_what_computes() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let experiments = "crates/synfire-reproduce/src/experiment";
        write("Cargo.lock", "1");
        write("rust-toolchain.toml", "1");
        write("crates/synfire-net/src/lib.rs", "1");
        write("crates/synfire-draw/src/lib.rs", "1");
        write(&format!("{experiments}/a.rs"), "use super::b::X;");
        write(&format!("{experiments}/b.rs"), "use super::{x, c};");
        write(&format!("{experiments}/c.rs"), "super::different::x(), super::e::y()");
        write(&format!("{experiments}/e.rs"), "crate::experiment::f::z()");
        write(&format!("{experiments}/f.rs"), "1");
        write(&format!("{experiments}/d.rs"), "1");
        write("crates/synfire-reproduce/src/section/a.rs", "1");
        let hash = || Sources::read(root).unwrap().hash("a").unwrap();
        let before = hash();
        assert_eq!(before.len(), 64);
        for (path, text) in [
            ("crates/synfire-draw/src/lib.rs", "2"),
            ("crates/synfire-net/src/lib.rs", "1\n#[cfg(test)]\nmod tests {}\n"),
            ("crates/synfire-reproduce/src/section/a.rs", "2"),
            (&format!("{experiments}/d.rs"), "2"),
        ] {
            write(path, text);
            assert_eq!(hash(), before, "{path}");
        }
        let mut seen = vec![before];
        for (path, text) in [
            ("Cargo.lock", "2"),
            ("rust-toolchain.toml", "2"),
            ("crates/synfire-net/src/lib.rs", "2"),
            ("crates/synfire-net/src/deeper/new.rs", "2"),
            (&format!("{experiments}/f.rs"), "2"),
            (&format!("{experiments}/c.rs"), "2"),
            (&format!("{experiments}/a.rs"), "use super::b::Y;"),
        ] {
            write(path, text);
            assert!(!seen.contains(&hash()), "{path}");
            seen.push(hash());
        }
        assert!(Sources::read(root).unwrap().hash("g").is_err());
    }

    /// Each item names the module of its experiment.
    #[test]
    fn items_name_their_experiments() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        let sources = Sources::read(root).unwrap();
        for item in ITEMS {
            match item.experiment {
                Some(module) => assert_eq!(sources.hash(module).unwrap().len(), 64),
                None => assert!((item.trials)(crate::Scale::Full).is_empty(), "{}", item.name),
            }
        }
    }
}
