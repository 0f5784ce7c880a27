//! The sections of the page. Each takes what was read and found, and makes its part; none reads anything.

mod activity;
mod answers;
mod cost;
mod epochs;
mod exactness;
mod head;
mod learning;
mod runs;
mod spikes;
mod weights;

use maud::{Markup, html};

use crate::findings::Findings;
use crate::folder::RunFolder;

pub(crate) use epochs::every_epoch;
pub(crate) use head::{accuracy, describe, what_ran};
pub(crate) use learning::pictures;
pub(crate) use runs::compared;

/// Where on the page something stands: what its identifiers begin with, and how deep its headings are.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    prefix: String,
    depth: u8,
}

impl Place {
    /// Directly on the page.
    pub(crate) const fn top() -> Place {
        Place { prefix: String::new(), depth: 2 }
    }

    /// Below the heading of a run.
    pub(crate) fn of_run(run_idx: usize) -> Place {
        Place { prefix: format!("run{}-", run_idx + 1), depth: 3 }
    }

    pub(crate) fn id(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// A section with its heading.
    pub(crate) fn section(&self, name: &str, title: &str, body: &Markup) -> Markup {
        html! {
            section id=(self.id(name)) { (heading(self.depth, title)) (body) }
        }
    }

    /// A figure: its title, what is drawn, and what to see in it.
    pub(crate) fn figure(&self, title: &str, see: &str, body: &Markup) -> Markup {
        html! {
            figure { (heading(self.depth + 1, title)) (body) figcaption { (see) } }
        }
    }
}

pub(crate) fn heading(depth: u8, title: &str) -> Markup {
    html! {
        @match depth {
            2 => h2 { (title) },
            3 => h3 { (title) },
            _ => h4 { (title) },
        }
    }
}

/// In the place of what is left out.
fn left_out(reason: &str, what: &str) -> Markup {
    html! { p.left-out { (reason) " " (what) } }
}

/// Something that may be wider than the page; it scrolls, with the keyboard too.
pub(crate) fn wide(label: &str, body: &Markup) -> Markup {
    html! { div.wide role="region" aria-label=(label) tabindex="0" { (body) } }
}

/// A run and what was found out about it.
pub(crate) struct Told<'a> {
    pub(crate) folder: &'a RunFolder,
    pub(crate) findings: &'a Findings,
}

/// Names and titles of the sections that [`details`] makes.
pub(crate) const DETAILS: [(&str, &str); 7] = [
    ("learning", "Learning"),
    ("exactness", "Exactness"),
    ("answers", "Answers"),
    ("spikes", "Spike by spike"),
    ("weights", "Weights"),
    ("activity", "Activity and updates"),
    ("cost", "Cost on the chip"),
];

/// All there is to see of one run.
pub(crate) fn details(place: &Place, told: &Told<'_>) -> Markup {
    let bodies = [
        learning::curves(place, told.folder),
        exactness::summary(told.folder),
        answers::answers(place, told),
        spikes::raster(place, told.findings),
        weights::weights(place, told),
        activity::activity(place, told),
        cost::cost(place, told),
    ];
    html! {
        @for ((name, title), body) in DETAILS.into_iter().zip(&bodies) {
            (place.section(name, title, body))
        }
    }
}
