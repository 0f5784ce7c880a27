//! The commands of `docs/examples/README.md`, run in a copy, leave exactly the files that lie there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use synfire_cli::{Status, Surroundings, run};
use synfire_tests::workspace;

const FOLDER: &str = "docs/examples";

/// The commands of the page, without those that only show how something is called.
fn commands(page: &str) -> Vec<Vec<String>> {
    let lines = page.lines().filter(|line| line.starts_with("synfire chip run "));
    lines.map(|line| line.split_whitespace().map(ToOwned::to_owned).collect()).collect()
}

/// Every file below a folder, relative to it.
fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            let below = files(&entry.path());
            found.extend(below.into_iter().map(|file| format!("{name}/{file}")));
        } else {
            found.insert(name);
        }
    }
    found
}

#[test]
fn the_page_shows_what_its_commands_draw() {
    let original = workspace().join(FOLDER);
    let page = fs::read_to_string(original.join("README.md")).unwrap();
    let commands = commands(&page);
    assert_eq!(commands.len(), 5, "one command for each example");
    let scratch = tempfile::tempdir().unwrap();
    for name in files(&original) {
        if name.ends_with("net.toml") || name.ends_with("input.csv") {
            let copy = scratch.path().join(&name);
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::copy(original.join(&name), copy).unwrap();
        }
    }
    for command in &commands {
        let here = scratch.path().to_str().unwrap();
        let args = command.iter().map(|arg| arg.replace(FOLDER, here));
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let status = run(args, &Surroundings::default(), &mut stdout, &mut stderr);
        let said = String::from_utf8_lossy(&stderr);
        assert_eq!(status, Status::Success, "{command:?}: {said}");
    }
    let made = files(scratch.path());
    let mut shown = files(&original);
    assert!(shown.remove("README.md"));
    // No network: tests of the command run it.
    shown.retain(|name| !name.starts_with("sweep/"));
    assert_eq!(made, shown, "files of the examples");
    let n_pictures = shown.iter().filter(|name| name.ends_with(".svg")).count();
    assert!(n_pictures >= 6, "{n_pictures} pictures");
    for name in &shown {
        let [made, shown] =
            [scratch.path(), &original].map(|dir| fs::read(dir.join(name)).unwrap());
        assert!(made == shown, "{FOLDER}/{name} differs: run the commands of the page again");
        if name.ends_with(".svg") {
            assert!(page.contains(name.as_str()), "{name} is not on the page");
        }
    }
}
