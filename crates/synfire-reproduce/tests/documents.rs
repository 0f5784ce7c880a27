//! The documents in `docs` are those of the record beside them: no number in them was written by hand.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::path::Path;
use synfire_reproduce::{Record, Scale, document};

#[test]
fn the_documents_are_those_of_the_record() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join("docs");
    let read = |name: &str| fs::read_to_string(docs.join(name)).unwrap();
    let text = read("reproduction.json");
    let mut record = Record::parse(&text).unwrap();
    assert_eq!(record.scale, Scale::Full);
    let document = document(&mut record).unwrap();
    let differs =
        "differs from what the record gives: `cargo xtask reproduce --rewrite` writes it anew";
    assert!(record.to_json().unwrap() == text, "reproduction.json {differs}");
    assert!(document.page == read("reproduction.md"), "reproduction.md {differs}");
    assert!(document.findings == read("findings.md"), "findings.md {differs}");
    assert!(!document.figures.is_empty());
    for figure in &document.figures {
        let name = format!("reproduction/{}.svg", figure.name);
        assert!(figure.svg == read(&name), "{name} {differs}");
    }
    let n_files = fs::read_dir(docs.join("reproduction")).unwrap().count();
    assert_eq!(n_files, document.figures.len(), "figures that no section draws");
    assert!(!record.expectations.is_empty());
    for expectation in &record.expectations {
        assert!(expectation.holds, "{expectation:?}");
    }
}
