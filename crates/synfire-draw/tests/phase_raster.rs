//! The raster by phase: every spike once, with its words; text that cannot break out; limits.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use synfire_draw::{
    DrawError, Glyph, MAX_PHASE_ROWS, PhaseBand, PhaseMark, PhasePopulation, PhaseRaster, PhaseRow,
    Pixels, RasterPanel, SampleSpan, Tone, phase_raster,
};

fn mark(step: u64, glyph: Glyph, note: &str) -> PhaseMark {
    PhaseMark { step, glyph, note: note.to_owned() }
}

fn row(label: &str, marks: Vec<PhaseMark>) -> PhaseRow {
    PhaseRow { label: label.to_owned(), marks }
}

/// Two samples of four phases from step 5 on.
fn picture() -> PhaseRaster {
    let sample = |name: &str| SampleSpan {
        name: name.to_owned(),
        lines: vec!["class 3".to_owned()],
        pixels: Some(Pixels { width: 3, bits: vec![true, true, false, false, false, true] }),
    };
    let population = |symbol: &str, rows| PhasePopulation {
        symbol: symbol.to_owned(),
        name: "hidden".to_owned(),
        note: "as elsewhere".to_owned(),
        rows,
        counts: vec![(6, 123)],
    };
    PhaseRaster {
        title: "title".to_owned(),
        description: "described".to_owned(),
        first_step: 5,
        period: 4,
        bands: vec![
            PhaseBand { name: "input".to_owned(), ..PhaseBand::default() },
            PhaseBand {
                first: 2,
                last: 3,
                name: "learning".to_owned(),
                parts: vec!["up".to_owned(), "down".to_owned()],
                tone: Tone::Up,
            },
        ],
        legend: Glyph::ALL.map(|glyph| (glyph, format!("{glyph:?}"))).to_vec(),
        samples: vec![sample("first"), sample("second")],
        panels: vec![RasterPanel {
            name: "panel".to_owned(),
            note: "of many".to_owned(),
            populations: vec![
                population(
                    "h",
                    vec![
                        row("7", vec![mark(5, Glyph::Disc, "one"), mark(8, Glyph::Up, "two")]),
                        row("9", vec![mark(12, Glyph::Cross, "three")]),
                    ],
                ),
                population("g", vec![row("", vec![mark(9, Glyph::Bar, "four")])]),
            ],
        }],
    }
}

/// The marks of a picture: class, left, top, words.
fn marks(svg: &str) -> Vec<(String, i32, i32, String)> {
    let number = |text: &str| -> i32 {
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == '-')).unwrap_or(text.len());
        text[..end].parse().unwrap()
    };
    svg.lines()
        .filter(|line| line.starts_with("<path") && line.contains("<title>"))
        .map(|line| {
            let class = line.split("class=\"").nth(1).unwrap().split('"').next().unwrap();
            let path = line.split("d=\"M").nth(1).unwrap();
            let note = line.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
            let y = path.split_once(' ').unwrap().1;
            (class.to_owned(), number(path), number(y), note.to_owned())
        })
        .collect()
}

/// Whether tags open and close in order and text holds no mark-up: enough of XML for what is written here.
fn is_well_formed(svg: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        if rest[..start].contains('>') {
            return false;
        }
        let Some(length) = rest[start..].find('>') else { return false };
        let tag = &rest[start + 1..start + length];
        rest = &rest[start + length + 1..];
        if tag.matches('"').count() % 2 == 1 {
            return false;
        }
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
    }
    open.is_empty() && !rest.contains('>')
}

#[test]
fn every_spike_is_one_mark_in_its_column() {
    let svg = phase_raster(&picture()).unwrap();
    assert!(is_well_formed(&svg), "{svg}");
    let marks = marks(&svg);
    let words: Vec<&str> = marks.iter().map(|mark| &mark.3[..]).collect();
    assert_eq!(words, ["one", "two", "three", "four"]);
    let classes: Vec<&str> = marks.iter().map(|mark| &mark.0[..]).collect();
    assert_eq!(classes, ["k-disc", "k-up", "k-cross", "k-bar"]);
    // Steps 5, 8 and 12: columns are 44 pixels wide; marks are drawn about their middle.
    let near = |found: i32, wanted: i32| assert!((found - wanted).abs() <= 4, "{marks:?}");
    near(marks[1].1 - marks[0].1, 3 * 44);
    near(marks[2].1 - marks[0].1, 7 * 44);
    near(marks[2].2 - marks[0].2, 7);
    assert!(marks[3].2 > marks[2].2 + 7);
}

#[test]
fn all_words_are_there() {
    let svg = phase_raster(&picture()).unwrap();
    for words in [
        ">title<",
        ">described<",
        ">first<",
        ">second<",
        ">class 3<",
        ">input<",
        ">learning<",
        ">up<",
        ">down<",
        ">panel<",
        ">of many<",
        ">hidden<",
        ">as elsewhere<",
        ">123<",
        ">Diamond<",
        ">7<",
        ">9<",
        ">12<",
    ] {
        assert!(svg.contains(words), "{words} is missing");
    }
    // The picture of each sample: a row of two and a pixel alone.
    assert_eq!(svg.matches("M0 0h2v1h-2zM2 1h1v1h-1z").count(), 2);
    // The symbol again at the second sample, where a population has several rows.
    assert_eq!((svg.matches(">h<").count(), svg.matches(">g<").count()), (2, 1));
    // Each glyph has a colour for light and for dark, and a page may set it.
    for class in ["k-disc", "k-cross"] {
        assert_eq!(svg.matches(&format!("--r-{class}:var(--raster-{class},#")).count(), 2);
    }
    assert!(svg.contains("@media (prefers-color-scheme:dark)"));
}

#[test]
fn equal_input_gives_equal_text() {
    assert_eq!(phase_raster(&picture()).unwrap(), phase_raster(&picture()).unwrap());
    assert_ne!(Glyph::Up.cmp(&Glyph::Down), std::cmp::Ordering::Equal);
    let mut other = picture();
    other.panels[0].populations[0].rows[0].marks[0].glyph = Glyph::Ring;
    assert_ne!(phase_raster(&picture()).unwrap(), phase_raster(&other).unwrap());
}

#[test]
fn names_cannot_break_out() {
    let evil = "</text><script>\"'&\u{0}\u{ffff}";
    let safe = "&lt;/text&gt;&lt;script&gt;&quot;&#39;&amp;\u{fffd}\u{fffd}";
    let mut picture = picture();
    picture.title = evil.to_owned();
    picture.description = evil.to_owned();
    picture.bands[1].name = evil.to_owned();
    picture.bands[1].parts[0] = evil.to_owned();
    picture.legend[0].1 = evil.to_owned();
    picture.samples[0].name = evil.to_owned();
    picture.samples[0].lines[0] = evil.to_owned();
    picture.panels[0].name = evil.to_owned();
    picture.panels[0].note = evil.to_owned();
    let population = &mut picture.panels[0].populations[0];
    population.symbol = evil.to_owned();
    population.name = evil.to_owned();
    population.note = evil.to_owned();
    population.rows[0].label = evil.to_owned();
    population.rows[0].marks[0].note = evil.to_owned();
    let svg = phase_raster(&picture).unwrap();
    assert!(!svg.contains("<script") && is_well_formed(&svg), "{svg}");
    // The title twice, bands and symbol in both samples.
    assert_eq!(svg.matches(safe).count(), 18, "{svg}");
}

/// Up to three samples of twelve phases fit into a window of 1280 pixels; more are to be scrolled.
#[test]
fn a_few_samples_fit_the_window() {
    let width = |n_samples: usize| -> i32 {
        let mut picture = picture();
        picture.period = 12;
        picture.samples = vec![picture.samples[0].clone(); n_samples];
        picture.panels[0].populations[0].rows[1].marks.clear();
        let svg = phase_raster(&picture).unwrap();
        svg.split(" width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
    };
    let widths: Vec<i32> = (1..=4).map(width).collect();
    assert!(widths[..3].iter().all(|&width| width <= 1240), "{widths:?}");
    assert!(widths[0] < widths[1] && widths[3] > 1240, "{widths:?}");
}

#[test]
fn what_does_not_fit_is_refused() {
    let error = |change: &dyn Fn(&mut PhaseRaster)| {
        let mut picture = picture();
        change(&mut picture);
        phase_raster(&picture).err().unwrap()
    };
    let outside = |what, found, min, max| DrawError::Outside { what, found, min, max };
    assert_eq!(error(&|it| it.samples.clear()), DrawError::Empty { what: "a sample" });
    assert_eq!(error(&|it| it.panels.clear()), DrawError::Empty { what: "a row" });
    assert_eq!(error(&|it| it.period = 0), outside("number of phases", 0, 1, 64));
    assert_eq!(error(&|it| it.first_step = 0), outside("first step", 0, 1, u64::MAX / 2));
    assert_eq!(error(&|it| it.bands[1].last = 4), outside("last phase of a band", 4, 2, 3));
    let late = |it: &mut PhaseRaster| it.panels[0].populations[1].rows[0].marks[0].step = 13;
    assert_eq!(error(&late), outside("step of a mark", 13, 5, 12));
    let early = |it: &mut PhaseRaster| it.panels[0].populations[1].counts[0].0 = 4;
    assert_eq!(error(&early), outside("step of a mark", 4, 5, 12));
    let ragged = |it: &mut PhaseRaster| it.samples[1].pixels.as_mut().unwrap().width = 4;
    assert_eq!(error(&ragged), outside("number of pixels of a sample", 6, 8, 8));
    let many = |it: &mut PhaseRaster| {
        it.panels[0].populations[0].rows = vec![PhaseRow::default(); MAX_PHASE_ROWS];
    };
    let (found, max) = (MAX_PHASE_ROWS as u64 + 1, MAX_PHASE_ROWS as u64);
    assert_eq!(error(&many), DrawError::TooMany { what: "rows", found, max });
    let long = |it: &mut PhaseRaster| it.samples = vec![SampleSpan::default(); 65];
    assert_eq!(error(&long), DrawError::TooMany { what: "samples", found: 65, max: 64 });
}
