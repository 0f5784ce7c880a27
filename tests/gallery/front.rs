//! The picture of the front page is the one that the command beside it draws.

use std::fs;
use synfire_cli::{Status, Surroundings, run};
use synfire_tests::workspace;

const PICTURE: &str = "docs/images/raster.svg";

#[test]
fn the_front_page_shows_what_its_command_draws() {
    let page = fs::read_to_string(workspace().join("README.md")).unwrap();
    assert!(page.contains(&format!("]({PICTURE})")), "the picture is not on the page");
    let start = page.find("`synfire raster ").unwrap() + 1;
    let command = page[start..].split('`').next().unwrap();
    assert!(command.ends_with(PICTURE), "{command}");
    let scratch = tempfile::tempdir().unwrap();
    let made = scratch.path().join("raster.svg");
    let args = command.split_whitespace().map(|word| match word {
        PICTURE => made.to_str().unwrap().to_owned(),
        _ => word.to_owned(),
    });
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let status = run(args, &Surroundings::default(), &mut stdout, &mut stderr);
    assert_eq!(status, Status::Success, "{}", String::from_utf8_lossy(&stderr));
    let [made, shown] =
        [made, workspace().join(PICTURE)].map(|path| fs::read_to_string(path).unwrap());
    assert!(made == shown, "{PICTURE} differs: run `{command}` again");
}
