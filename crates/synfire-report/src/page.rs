//! The whole page: head, contents, the sections of one run or of several.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::findings::Findings;
use crate::folder::RunFolder;
use crate::pixels;
use crate::section::{
    DETAILS, Place, Told, compared, describe, details, every_epoch, heading, what_ran,
};

const STYLE: &str = include_str!("page.css");

/// Nothing is loaded and nothing runs, whatever a text says that was escaped badly.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// Runs of a report that are shown in detail; further ones are compared only.
pub const MOST_DETAILED: usize = 6;

pub(crate) fn page(folders: &[RunFolder], findings: &[Findings]) -> String {
    let title = match folders {
        [only] => describe(only),
        _ => format!("{} runs compared", folders.len()),
    };
    let (contents, body) = match (folders, findings) {
        ([folder], [findings]) => one(&Told { folder, findings }),
        _ => several(folders, findings),
    };
    framed(&title, &contents, &body)
}

/// Names and titles of sections.
pub(crate) type Contents = Vec<(String, String)>;

/// A whole page around its sections.
pub(crate) fn framed(title: &str, contents: &Contents, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="generator" content=(concat!("synfire ", env!("CARGO_PKG_VERSION")));
                // Otherwise browsers ask for one.
                link rel="icon" href="data:,";
                title { "Synfire: " (title) }
                style { (PreEscaped(STYLE)) (pixels::style()) }
            }
            body {
                a.skip href="#main" { "Skip to the report" }
                header {
                    p.kind { "Synfire report" }
                    h1 { (title) }
                    nav aria-label="Contents" {
                        ul { @for (id, name) in contents { li { a href=(format!("#{id}")) { (name) } } } }
                    }
                }
                main id="main" { (body) }
                footer {
                    p {
                        "Written by Synfire " (env!("CARGO_PKG_VERSION")) " from the files of the runs. Paper: Renner et al., The \
                         backpropagation algorithm implemented on spiking neuromorphic hardware, Nature Communications 15:9691 \
                         (2024)."
                    }
                }
            }
        }
    };
    page.into_string()
}

fn one(told: &Told<'_>) -> (Contents, Markup) {
    let place = Place::top();
    let mut contents = vec![("run".to_owned(), "What ran".to_owned())];
    contents.extend(DETAILS.map(|(id, title)| (id.to_owned(), title.to_owned())));
    contents.push(("epochs".to_owned(), "Every epoch".to_owned()));
    let body = html! {
        (place.section("run", "What ran", &what_ran(told.folder)))
        (details(&place, told))
        (place.section("epochs", "Every epoch", &every_epoch(told.folder)))
    };
    (contents, body)
}

fn several(folders: &[RunFolder], findings: &[Findings]) -> (Contents, Markup) {
    let place = Place::top();
    let mut contents: Contents = ["Runs", "Learning", "Exactness"]
        .map(|title| (title.to_lowercase(), title.to_owned()))
        .to_vec();
    for (run_idx, folder) in folders.iter().take(findings.len()).enumerate() {
        contents.push((Place::of_run(run_idx).id("run"), folder.name.clone()));
    }
    contents.push(("epochs".to_owned(), "Every epoch".to_owned()));
    let body = html! {
        (compared(&place, folders))
        @if folders.len() > findings.len() {
            p.warning {
                "The first " (findings.len()) " of " (folders.len()) " runs follow in detail; the comparison above has \
                 all. A report of one run alone shows all of it."
            }
        }
        @for (run_idx, (folder, findings)) in folders.iter().zip(findings).enumerate() {
            @let place = Place::of_run(run_idx);
            article.run id=(place.id("run")) {
                (heading(2, &format!("Run {}", folder.name)))
                p.about { (describe(folder)) }
                (what_ran(folder))
                (details(&place, &Told { folder, findings }))
            }
        }
        (place.section("epochs", "Every epoch", &html! { @for folder in folders { (every_epoch(folder)) } }))
    };
    (contents, body)
}
