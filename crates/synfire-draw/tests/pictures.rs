//! What pictures hold: marks at their places, each once; names that cannot break the text; limits.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use synfire_draw::{
    Bar, BarPicture, CoreBox, CoreMap, CurvePicture, DrawError, Panel, RasterPicture, RasterRow,
    RasterSpike, Segment, Series, bars, core_map, curves, raster,
};

fn row(name: &str, n_neurons: u32) -> RasterRow {
    RasterRow { name: name.to_owned(), n_neurons }
}

fn spike(step: u64, row: usize, neuron_idx: u32) -> RasterSpike {
    RasterSpike { step, row, neuron_idx }
}

fn picture(spikes: Vec<RasterSpike>) -> RasterPicture {
    RasterPicture {
        title: "title".to_owned(),
        rows: vec![row("first", 4), row("second", 300)],
        first_step: 1,
        last_step: 100,
        spikes,
        period: None,
    }
}

/// `[x, y, width, height]` of what covers the spikes of a band, by its colour.
fn spikes(svg: &str, colour: &str) -> Vec<[i32; 4]> {
    let head = format!("<path fill=\"{colour}\" d=\"");
    let Some(line) = svg.lines().find_map(|line| line.strip_prefix(&head)) else {
        return Vec::new();
    };
    let path = line.strip_suffix("\"/>").unwrap();
    let number = |text: &str| text.parse::<i32>().unwrap();
    path.split_terminator('z')
        .map(|one| {
            let (x, rest) = one.strip_prefix('M').unwrap().split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (width, rest) = rest.split_once('v').unwrap();
            let (height, back) = rest.split_once('h').unwrap();
            assert_eq!(number(back), -number(width), "{one}");
            [x, y, width, height].map(number)
        })
        .collect()
}

/// The left and upper edges of rectangles of a colour.
fn marks(svg: &str, colour: &str) -> Vec<(i32, i32)> {
    let attribute = |line: &str, name: &str| -> i32 {
        let start = line.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
        line[start..].split('"').next().unwrap().parse().unwrap()
    };
    let is_mark = |line: &&str| line.starts_with("<rect") && line.contains(colour);
    svg.lines().filter(is_mark).map(|line| (attribute(line, "x"), attribute(line, "y"))).collect()
}

const FIRST: &str = "#0072B2";
const SECOND: &str = "#D55E00";

#[test]
fn every_spike_has_its_place() {
    let svg = raster(&picture(vec![spike(1, 0, 0), spike(2, 0, 3), spike(100, 1, 299)])).unwrap();
    let first = spikes(&svg, FIRST);
    assert_eq!(first.len(), 2);
    // One step to the right, three neurons further down.
    let pitch = (960 - 20 - 150) / 100;
    assert!((first[1][0] - first[0][0] - pitch).abs() <= 1, "{first:?}");
    assert!(first[1][1] > first[0][1] + 6);
    let second = spikes(&svg, SECOND);
    assert_eq!(second.len(), 1);
    assert!(second[0][0] > 900 && second[0][1] > first[1][1] + 150, "{second:?}");
}

/// Whatever the number of spikes, no pixel is covered twice.
#[test]
fn crowds_stay_small() {
    // Three hundred neurons at once are one stroke as high as their band.
    let crowd = (0..300).flat_map(|neuron| [spike(50, 1, neuron); 3]).collect();
    let svg = raster(&picture(crowd)).unwrap();
    let [[_, _, width, height]] = spikes(&svg, SECOND)[..] else { panic!("{svg}") };
    assert!((2..=4).contains(&width) && height == 192, "{width} {height}");
    // Spikes in all steps are one line.
    let mut long = picture((1..=100_000).map(|step| spike(step, 0, 1)).collect());
    long.last_step = 100_000;
    let [[_, _, width, _]] = spikes(&raster(&long).unwrap(), FIRST)[..] else { panic!() };
    assert!((789..=792).contains(&width), "{width}");
    // The worst there is: every second pixel.
    let neurons = |step: u64| (0..4).map(move |k| (step * 7919 + k * 104_729) % 300);
    let mut noise = picture(Vec::new());
    noise.last_step = 60_000;
    noise.spikes = (1..=60_000)
        .flat_map(|step| {
            neurons(step).map(move |neuron| spike(step, 1, u32::try_from(neuron).unwrap()))
        })
        .collect();
    let n_bytes = raster(&noise).unwrap().len();
    assert!(n_bytes < 1_500_000, "{n_bytes}");
}

#[test]
fn phases_zero_have_lines() {
    let lines = |period| {
        let svg = raster(&RasterPicture { period, ..picture(vec![spike(1, 0, 0)]) }).unwrap();
        svg.lines().filter(|line| line.starts_with("<polyline")).count()
    };
    assert_eq!(lines(Some(12)) - lines(None), 9);
    // Lines closer than a few pixels are left out.
    assert_eq!(lines(Some(0)), lines(None));
}

#[test]
fn names_cannot_break_the_picture() {
    let mut odd = picture(vec![spike(1, 0, 0)]);
    odd.title = "<script>&\"' \u{7}\u{fffe}".to_owned();
    odd.rows[0].name = "</text><g>".to_owned();
    let svg = raster(&odd).unwrap();
    assert!(!svg.contains("<script") && !svg.contains("<g>") && !svg.contains('\u{7}'));
    assert!(svg.contains("&lt;script&gt;&amp;&quot;&apos; \u{fffd}\u{fffd}"), "{svg}");
}

#[test]
fn equal_input_gives_equal_text() {
    let spikes = vec![spike(5, 1, 7), spike(1, 0, 0), spike(9, 0, 2)];
    let mut turned = spikes.clone();
    turned.reverse();
    assert_eq!(raster(&picture(spikes)).unwrap(), raster(&picture(turned)).unwrap());
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let refused = |change: &dyn Fn(&mut RasterPicture)| {
        let mut picture = picture(vec![spike(1, 0, 0)]);
        change(&mut picture);
        raster(&picture).unwrap_err().to_string()
    };
    assert_eq!(refused(&|it| it.rows.clear()), "a picture needs a row, found none");
    assert_eq!(
        refused(&|it| it.first_step = 0),
        "steps 0 to 100, expected the first to be 1 or more and not after the last"
    );
    assert_eq!(refused(&|it| it.spikes[0].row = 2), "row of a spike is 2, expected 0 to 1");
    assert_eq!(refused(&|it| it.spikes[0].step = 101), "step of a spike is 101, expected 1 to 100");
    assert_eq!(
        refused(&|it| it.spikes[0].neuron_idx = 4),
        "neuron of a spike is 4, expected 0 to 3"
    );
    assert_eq!(
        refused(&|it| it.rows = vec![row("r", 1); 1001]),
        "rows: found 1001, expected at most 1000"
    );
    assert!(refused(&|it| it.rows = vec![row("r", 64); 1000]).contains("pixels of height"));
}

fn panel(points: Vec<(u64, i64)>) -> Panel {
    let series = vec![Series { name: "a".to_owned(), points }];
    Panel { label: "weight".to_owned(), series, level: None }
}

fn drawn(panels: Vec<Panel>) -> Result<String, DrawError> {
    curves(&CurvePicture { title: "t".to_owned(), first_step: 1, last_step: 100_000, panels })
}

/// A single point that stands out of a hundred thousand is drawn, and the text stays short.
#[test]
fn extremes_survive_the_thinning() {
    let flat: Vec<(u64, i64)> = (1..=100_000).map(|step| (step, 100)).collect();
    let mut peak = flat.clone();
    peak[77_777].1 = 10_000;
    let [flat, peak] = [flat, peak].map(|points| drawn(vec![panel(points)]).unwrap());
    assert!(peak.len() < 100_000);
    let highest = |svg: &str| lines(svg)[0].iter().map(|point| point.1).min();
    assert!(highest(&peak).unwrap() < 90, "{:?}", highest(&peak));
    assert!(highest(&flat).unwrap() > 100);
}

/// The points of each curve, in pixels.
fn lines(svg: &str) -> Vec<Vec<(i32, i32)>> {
    let curves = svg.lines().filter(|line| line.contains("stroke-width=\"2\""));
    let point = |text: &str| -> (i32, i32) {
        let (x, y) = text.split_once(',').unwrap();
        (x.parse().unwrap(), y.parse().unwrap())
    };
    curves
        .map(|line| {
            let points = line.split("points=\"").nth(1).unwrap().split('"').next().unwrap();
            points.split_whitespace().map(point).collect()
        })
        .collect()
}

/// A value stays until the next; the last stays until the end of the steps.
#[test]
fn values_are_held() {
    let svg = drawn(vec![panel(vec![(1, 5)]), panel(vec![(1, 5), (50_001, 9)])]).unwrap();
    let [one, two] = &lines(&svg)[..] else { panic!("{svg}") };
    let end = 960 - 130;
    assert_eq!((one[0].0, one.last().unwrap().0), (90, end));
    assert_eq!(one[0].1, one.last().unwrap().1);
    let [start, before, after, last] = two[..] else { panic!("{two:?}") };
    assert_eq!((start.1, before.0, after.1, last.0), (before.1, after.0, last.1, end));
    assert!(after.1 < before.1 && (before.0 - (90 + end) / 2).abs() <= 1, "{two:?}");
    // Even what comes with the last step shows.
    let svg = drawn(vec![panel(vec![(100_000, 5)])]).unwrap();
    let [(from, _), (to, _)] = lines(&svg)[0][..] else { panic!("{svg}") };
    assert!(to > from);
}

/// The line of the text and its place.
fn text_at(svg: &str, text: &str) -> (i32, i32) {
    let lines: Vec<&str> = svg.lines().collect();
    let idx = lines.iter().position(|line| *line == text).unwrap();
    let number = |name: &str| {
        let value = lines[idx - 1].split(&format!(" {name}=\"")).nth(1).unwrap();
        value.split('"').next().unwrap().parse::<i32>().unwrap()
    };
    (number("x"), number("y"))
}

/// All of up to 32 series stand in the legend, and the level with them, each on a line of its own.
#[test]
fn legends_are_whole() {
    let series = |k: i64| Series { name: format!("s{k}"), points: vec![(1, k)] };
    let level = Some((31, "limit".to_owned()));
    let panel = Panel { label: "l".to_owned(), series: (0..32).map(series).collect(), level };
    let svg = drawn(vec![panel.clone(), panel]).unwrap();
    let mut last = text_at(&svg, "limit");
    for name in (0..32).map(|k| format!("s{k}")) {
        let at = text_at(&svg, &name);
        assert_eq!((at.0, at.1), (last.0, last.1 + 15), "{name}");
        last = at;
    }
    let second = svg.rfind("limit").map(|idx| text_at(&svg[idx - 200..], "limit")).unwrap();
    assert!(second.1 > last.1 + 15, "{second:?} {last:?}");
}

#[test]
fn curves_that_cannot_be_drawn_are_refused() {
    assert_eq!(drawn(Vec::new()).unwrap_err().to_string(), "a picture needs a panel, found none");
    let message = |points| drawn(vec![panel(points)]).unwrap_err().to_string();
    assert_eq!(message(Vec::new()), "a picture needs a point in each series, found none");
    assert_eq!(message(vec![(5, 0), (5, 1)]), "step of a point is 5, expected 6 to 100000");
    assert_eq!(message(vec![(0, 0)]), "step of a point is 0, expected 1 to 100000");
    // The ends of the numbers are no trouble.
    drawn(vec![panel(vec![(1, i64::MIN), (2, i64::MAX)])]).unwrap();
    drawn(vec![panel(vec![(1, i64::MAX)])]).unwrap();
}

fn core(core: u32) -> CoreBox {
    let segments = vec![Segment { name: "h".to_owned(), share: 0.5, colour_idx: 0 }];
    CoreBox {
        core,
        label: core.to_string(),
        segments,
        load: 0.9,
        binds: "synapse words".to_owned(),
    }
}

fn map(chips: Vec<Vec<CoreBox>>) -> CoreMap {
    CoreMap { title: "map".to_owned(), columns: 8, rows: 4, chips }
}

/// Four cores to a tile, two by two; eight tiles to a row.
#[test]
fn cores_lie_in_their_tiles() {
    let svg = core_map(&map(vec![[0, 1, 2, 4, 32].map(core).to_vec()])).unwrap();
    let mut found = marks(&svg, FIRST);
    let legend = found.pop().unwrap();
    assert!(legend.1 > found.iter().map(|mark| mark.1).max().unwrap());
    let [zero, one, two, four, thirty_two] = found[..] else { unreachable!("{found:?}") };
    assert!(one.0 > zero.0 && one.1 == zero.1);
    assert!(two.0 == zero.0 && two.1 > zero.1);
    assert!(four.0 > one.0 && four.1 == zero.1);
    assert!(thirty_two.0 == zero.0 && thirty_two.1 > two.1);
}

#[test]
fn what_binds_is_named() {
    let other = CoreBox { binds: "input axons".to_owned(), ..core(9) };
    let svg = core_map(&map(vec![vec![core(1), other], vec![core(1)]])).unwrap();
    assert!(svg.contains("by number of cores: synapse words (2), input axons (1)\n"), "{svg}");
}

#[test]
fn maps_that_cannot_be_drawn_are_refused() {
    assert_eq!(
        core_map(&map(Vec::new())).unwrap_err().to_string(),
        "a picture needs a chip, found none"
    );
    let message = core_map(&map(vec![vec![core(128)]])).unwrap_err().to_string();
    assert_eq!(message, "core is 128, expected 0 to 127");
    let message = core_map(&map(vec![vec![core(1)], vec![core(7), core(7)]])).unwrap_err();
    assert_eq!(message.to_string(), "a chip has core 7 twice, expected once");
    let mut odd = core(1);
    odd.segments[0].share = f64::NAN;
    let message = core_map(&map(vec![vec![odd]])).unwrap_err().to_string();
    assert_eq!(message, "the share of `h` is not a number of 0 or more");
}

#[test]
fn bars_add_up() {
    let picture = BarPicture {
        title: "energy".to_owned(),
        unit: "pJ".to_owned(),
        parts: vec!["a".to_owned(), "b".to_owned()],
        bars: vec![Bar { name: "phase 0".to_owned(), values: vec![30, 70] }],
    };
    let svg = bars(&picture).unwrap();
    assert!(svg.contains("100 pJ") && svg.contains("phase 0"));
    let one = marks(&svg, FIRST)[0];
    let two = marks(&svg, SECOND)[0];
    // The second part begins where the first ends: at 30 of 100.
    assert!((two.0 - one.0 - (960 - 150 - 140) * 3 / 10).abs() <= 1);
    // The axis has its unit and ends with the bar.
    assert_eq!((text_at(&svg, "0").0, text_at(&svg, "pJ").0), (one.0, 960 - 12));
    assert_eq!(text_at(&svg, "100").0, 960 - 140);
    let message = |picture: &BarPicture| bars(picture).unwrap_err().to_string();
    assert_eq!(message(&BarPicture::default()), "a picture needs a bar, found none");
    let mut short = picture;
    short.bars[0].values.pop();
    assert_eq!(message(&short), "number of values of a bar is 1, expected 2 to 2");
    // The largest sums fit.
    short.bars = vec![Bar { name: "x".to_owned(), values: vec![u64::MAX; 2] }];
    assert!(bars(&short).unwrap().contains("\n3.6893e19 pJ\n"));
}
