//! A package outside the workspace: written to a temporary folder, built without network, run.

use crate::CRATES;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use synfire_tests::workspace;

/// A package with one program.
pub(crate) struct Package {
    pub(crate) name: String,
    /// Crates of this workspace it depends on, by path.
    pub(crate) crates: Vec<&'static str>,
    /// The program.
    pub(crate) main: String,
}

impl Package {
    /// Builds and runs it; returns how long that took, or what cargo said.
    pub(crate) fn run(&self, target_dir: &Path) -> Result<Duration, String> {
        let start = Instant::now();
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let at = |path: &str| folder.path().join(path);
        let write = |path: &str, text: &str| {
            std::fs::write(at(path), text).map_err(|error| format!("{path}: {error}"))
        };
        std::fs::create_dir(at("src")).map_err(|error| error.to_string())?;
        write("Cargo.toml", &self.manifest())?;
        write("src/main.rs", &self.main)?;
        let lock = workspace().join("Cargo.lock");
        std::fs::copy(lock, at("Cargo.lock")).map_err(|error| format!("Cargo.lock: {error}"))?;
        let output = Command::new(env!("CARGO"))
            .args(["run", "--quiet", "--offline", "--manifest-path"])
            .arg(at("Cargo.toml"))
            .current_dir(folder.path())
            .env("CARGO_TARGET_DIR", target_dir)
            .output()
            .map_err(|error| format!("cargo: {error}"))?;
        if output.status.success() {
            return Ok(start.elapsed());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("{}\n{said}\nits program:\n{}", output.status, self.main))
    }

    fn manifest(&self) -> String {
        // The table `workspace` keeps it out of any other.
        let mut manifest = format!(
            "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
             [workspace]\n\n[profile.dev]\ndebug = false\nincremental = false\n\n[dependencies]\n",
            self.name
        );
        for name in &self.crates {
            let path = workspace().join("crates").join(name);
            _ = writeln!(manifest, "{name} = {{ path = {:?} }}", path.display().to_string());
        }
        // Ours are optimised like in the workspace's own tests; the rest need only build quickly. A crate
        // that a package does not see makes no difference to it.
        for name in CRATES {
            _ = writeln!(manifest, "\n[profile.dev.package.{name}]\nopt-level = 1");
        }
        manifest
    }
}
