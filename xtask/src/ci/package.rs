//! The stage `package`: what would be published, packed, unpacked and checked.
//!
//! 1. `cargo package --workspace` packs every member that is published, without its own verification: that
//!    one treats our crates as released ones, which never change, and so checks stale copies of them when the
//!    same version is packed twice.
//! 2. The tarballs of the published crates are unpacked side by side, in an empty folder.
//! 3. They are checked as a workspace of their own, in which each finds the others by path. It has our
//!    profiles and our lock file, so that foreign dependencies are those that are compiled already.
//!
//! A file that a tarball lacks, a manifest that only works in this workspace, or a dependency on an
//! unpublished member fails here.

use super::{Outcome, execute};
use crate::{layers, workspace};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use toml::Table;

pub(super) fn run() -> Result<Outcome> {
    let metadata = workspace::metadata()?;
    let target = metadata["target_directory"].as_str().context("cargo names no target folder")?;
    let mut pack = workspace::cargo();
    pack.args(["package", "--workspace", "--no-verify", "--quiet"]);
    // What is never published may depend on what is not, which no registry could give it.
    pack.args(layers::UNPUBLISHED.iter().flat_map(|name| ["--exclude", name]));
    if execute(&mut pack)? == Outcome::Failed {
        return Ok(Outcome::Failed);
    }
    let unpacked = Path::new(target).join("package/unpacked");
    if unpacked.exists() {
        std::fs::remove_dir_all(&unpacked)
            .with_context(|| format!("cannot empty {}", unpacked.display()))?;
    }
    std::fs::create_dir_all(&unpacked)
        .with_context(|| format!("cannot make {}", unpacked.display()))?;
    let mut crates = Vec::new();
    for (name, _) in layers::ARROWS {
        let folder = format!("{name}-{}", version(&metadata, name)?);
        let tarball = Path::new(target).join("package").join(format!("{folder}.crate"));
        unpack(&tarball, &unpacked)?;
        crates.push((*name, folder));
    }
    let root = workspace::root();
    let ours =
        std::fs::read_to_string(root.join("Cargo.toml")).context("cannot read Cargo.toml")?;
    let ours: Table = ours.parse().context("Cargo.toml is no TOML")?;
    std::fs::write(unpacked.join("Cargo.toml"), manifest(&ours, &crates))
        .and_then(|()| std::fs::copy(root.join("Cargo.lock"), unpacked.join("Cargo.lock")))
        .with_context(|| format!("cannot write into {}", unpacked.display()))?;
    let mut check = workspace::cargo();
    check.current_dir(&unpacked).args(["check", "--workspace"]).env("CARGO_TARGET_DIR", target);
    execute(&mut check)
}

fn version<'a>(metadata: &'a Value, name: &str) -> Result<&'a str> {
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let package = packages.iter().find(|package| package["name"] == name);
    package
        .and_then(|package| package["version"].as_str())
        .with_context(|| format!("{name} has no version"))
}

fn unpack(tarball: &Path, into: &Path) -> Result<()> {
    let status = Command::new("tar")
        // Files in a tarball are older than any build; cargo would take them for unchanged.
        .arg("-xzmf")
        .arg(tarball)
        .arg("-C")
        .arg(into)
        .status()
        .context("cannot run tar")?;
    if !status.success() {
        bail!("cannot unpack {}", tarball.display());
    }
    Ok(())
}

/// The manifest of a workspace of unpacked crates, with the resolver and the profiles of `ours`.
fn manifest(ours: &Table, crates: &[(&str, String)]) -> String {
    let mut workspace = Table::new();
    if let Some(resolver) = ours.get("workspace").and_then(|workspace| workspace.get("resolver")) {
        workspace.insert("resolver".to_owned(), resolver.clone());
    }
    let members: Vec<_> = crates.iter().map(|(_, folder)| folder.clone().into()).collect();
    workspace.insert("members".to_owned(), toml::Value::Array(members));
    let patches: Table = crates
        .iter()
        .map(|(name, folder)| {
            let path = Table::from_iter([("path".to_owned(), folder.clone().into())]);
            ((*name).to_owned(), path.into())
        })
        .collect();
    let mut whole = Table::new();
    whole.insert("workspace".to_owned(), workspace.into());
    if let Some(profile) = ours.get("profile") {
        whole.insert("profile".to_owned(), profile.clone());
    }
    let registry = Table::from_iter([("crates-io".to_owned(), patches.into())]);
    whole.insert("patch".to_owned(), registry.into());
    whole.to_string()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn unpacked_crates_find_each_other_by_path() {
        let ours =
            "[workspace]\nresolver = \"3\"\nmembers = [\"x\"]\n[profile.dev]\nopt-level = 1\n";
        let crates = [("synfire-net", "synfire-net-0.1.0".to_owned())];
        let made: Table = manifest(&ours.parse().unwrap(), &crates).parse().unwrap();
        assert_eq!(made["workspace"]["members"][0].as_str(), Some("synfire-net-0.1.0"));
        assert_eq!(made["workspace"]["resolver"].as_str(), Some("3"));
        assert_eq!(made["profile"]["dev"]["opt-level"].as_integer(), Some(1));
        let path = &made["patch"]["crates-io"]["synfire-net"]["path"];
        assert_eq!(path.as_str(), Some("synfire-net-0.1.0"));
    }

    #[test]
    fn a_tarball_that_is_missing_fails() {
        let folder = tempfile::tempdir().unwrap();
        assert!(unpack(&folder.path().join("none.crate"), folder.path()).is_err());
    }
}
