//! A strict reader of the page's markup: more is asked of it than of HTML in general.

use std::collections::BTreeSet;

/// Elements that have no end.
const VOID: [&str; 3] = ["meta", "link", "br"];

/// Reads a page and checks it: tags nest and end, attributes are quoted, identifiers are unique and references
/// lead somewhere, nothing is loaded, nothing runs, and everything drawn has a name.
pub(crate) fn check(page: &str) {
    let mut open: Vec<(String, String)> = Vec::new();
    let (mut ids, mut references) = (BTreeSet::new(), Vec::new());
    // Of the elements that are open, the names of those inside.
    let mut inside: Vec<BTreeSet<String>> = Vec::new();
    let mut rest = page.strip_prefix("<!DOCTYPE html>").expect("a document type");
    while let Some((text, tag)) = rest.split_once('<') {
        assert!(!text.contains('>'), "a stray bracket in {text:?}");
        check_entities(text);
        let (tag, after) = tag.split_once('>').expect("a tag ends");
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            let (opened, attributes) = open.pop().expect("something is open");
            assert_eq!(opened, name, "{attributes}");
            let found = inside.pop().unwrap_or_default();
            let has = |name: &str| found.contains(name);
            let is_within_svg = open.iter().any(|(outer, _)| outer == "svg");
            match name {
                // One in another one is a part of it.
                "svg" if !attributes.contains("aria-hidden") && !is_within_svg => {
                    assert!(has("title"), "{attributes}");
                }
                "table" => assert!(has("caption") && has("thead"), "{attributes}"),
                "figure" => assert!(has("figcaption") && (has("h3") || has("h4")), "{found:?}"),
                _ => {}
            }
            if let Some(outer) = inside.last_mut() {
                // A table in a figure is not asked for the figure's name.
                outer.extend(found);
            }
            continue;
        }
        let (name, attributes) = tag.split_once([' ', '\n']).unwrap_or((tag, ""));
        let (attributes, ends) = match attributes.strip_suffix('/') {
            Some(attributes) => (attributes, true),
            None => (attributes, false),
        };
        let (name, ends) = name.strip_suffix('/').map_or((name, ends), |name| (name, true));
        assert!(!["script", "iframe", "img", "object", "embed", "base"].contains(&name), "{tag}");
        for (key, value) in read_attributes(attributes) {
            check_entities(value);
            assert!(!key.starts_with("on") && key != "src", "{tag}");
            match key {
                "id" => assert!(ids.insert(value.to_owned()), "{value} twice"),
                "href" if value != "data:," => {
                    references.push(value.strip_prefix('#').expect(tag).to_owned());
                }
                "aria-labelledby" => references.extend(value.split(' ').map(str::to_owned)),
                "clip-path" => references.push(value[5..value.len() - 1].to_owned()),
                _ => {}
            }
        }
        if let Some(names) = inside.last_mut() {
            names.insert(name.to_owned());
        }
        if name == "style" {
            let (style, after) = rest.split_once("</style>").expect("a style ends");
            for word in ["@import", "url(", "expression", "<"] {
                assert!(!style.contains(word), "{word} in a style");
            }
            rest = after;
        } else if !ends && !VOID.contains(&name) {
            open.push((name.to_owned(), attributes.to_owned()));
            inside.push(BTreeSet::new());
        }
    }
    assert!(open.is_empty(), "{open:?} never end");
    for reference in references {
        assert!(ids.contains(&reference), "#{reference} leads nowhere");
    }
    for (place, _) in page.match_indices("://") {
        let before = &page[place.saturating_sub(20)..place];
        assert!(before.ends_with("xmlns=\"http"), "an address: {}", &page[place - 20..place + 30]);
    }
}

fn check_entities(text: &str) {
    for part in text.split('&').skip(1) {
        let entity = part.split(';').next().expect("a part");
        assert!(["amp", "lt", "gt", "quot", "#39"].contains(&entity), "&{entity}");
    }
}

fn read_attributes(text: &str) -> Vec<(&str, &str)> {
    let mut attributes = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (key, value) =
            rest.split_once("=\"").unwrap_or_else(|| panic!("{rest:?} is not quoted"));
        let (value, after) = value.split_once('"').expect("a value ends");
        assert!(!key.contains(char::is_whitespace), "{key:?}");
        assert!(attributes.iter().all(|(other, _)| *other != key), "{key} twice in {text}");
        attributes.push((key, value));
        rest = after.trim_start();
    }
    attributes
}

/// The reader itself can say no.
#[test]
fn what_is_badly_formed_is_refused() {
    let refuses = |page: &str| {
        let page = format!("<!DOCTYPE html><html>{page}</html>");
        std::panic::catch_unwind(|| check(&page)).is_err()
    };
    assert!(!refuses("<p id=\"a\">a &lt; b</p><a href=\"#a\">there</a>"));
    for page in [
        "<p>",
        "<p></div>",
        "<p id=a></p>",
        "<p id=\"a\"></p><p id=\"a\"></p>",
        "<a href=\"#b\"></a>",
        "<a href=\"b.html\"></a>",
        "<p>a & b</p>",
        "<p>a > b</p>",
        "<script></script>",
        "<p onclick=\"\"></p>",
        "<p>https://x</p>",
        "<svg></svg>",
        "<table></table>",
        "<figure><figcaption></figcaption></figure>",
        "<style>a{background:url(x)}</style>",
    ] {
        assert!(refuses(page), "{page}");
    }
}
