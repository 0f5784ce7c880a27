//! The picture of samples: the same on every engine, true to the reference, and honest about what it leaves out.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use synfire_train::synfire_circuit::Form;
use synfire_train::synfire_data::{Dataset, digits};
use synfire_train::synfire_draw::{Glyph, PhasePopulation, PhaseRow};
use synfire_train::synfire_reference::{Matrix, Reference, Sample, Shape, Weights, init};
use synfire_train::{
    EngineKind, MOST_RASTER_ROWS, Machine, RasterError, RasterLook, SampleRaster, sample_raster,
};

const N_HIDDEN: usize = 40;
const SPIKING: [EngineKind; 3] = [EngineKind::Lif, EngineKind::Loihi, EngineKind::Fast];

fn shape() -> Shape {
    Shape::new(&[400, N_HIDDEN, 10]).unwrap()
}

fn dataset() -> Dataset {
    digits::generate(1, 60, 1).unwrap().train
}

fn drawn(
    weights: &Weights,
    samples: &[usize],
    engine: EngineKind,
    form: Form,
    n_rows: usize,
) -> Result<SampleRaster, RasterError> {
    let dataset = dataset();
    let max_active = u32::try_from(dataset.max_active()).unwrap();
    let machine = Machine::new(engine, form, max_active);
    let look = RasterLook { weights: "weights of a test".to_owned(), n_rows };
    sample_raster(&shape(), weights, &dataset, samples, &machine, &look)
}

fn population<'a>(raster: &'a SampleRaster, symbol: &str) -> &'a PhasePopulation {
    let mut all = raster.picture.panels.iter().flat_map(|panel| &panel.populations);
    all.find(|population| population.symbol == symbol).unwrap()
}

/// All weights of each matrix alike.
fn uniform(w1: i16, w2: i16) -> Weights {
    let matrix = |n, m, weight| Matrix::new(n, m, vec![weight; n * m]).unwrap();
    let forward = vec![matrix(400, N_HIDDEN, w1), matrix(N_HIDDEN, 10, w2)];
    Weights::from_forward(&shape(), forward).unwrap()
}

#[test]
fn every_engine_gives_the_same_picture_in_both_forms() {
    let weights = init::he(&shape(), 1);
    let mut texts = Vec::new();
    for form in [Form::Sized, Form::Published] {
        let of = |engine| drawn(&weights, &[0, 1, 1, 5], engine, form, 12).unwrap();
        let first = of(SPIKING[0]);
        assert!(first.samples.iter().any(|story| story.changed[0] > 0), "{:?}", first.samples);
        for engine in SPIKING {
            let other = of(engine);
            assert_eq!(other, first, "{engine} {form}");
            assert_eq!(other.svg().unwrap(), first.svg().unwrap());
        }
        texts.push(first.svg().unwrap());
    }
    assert_ne!(texts[0], texts[1], "the form is named");
}

/// The story of a sample, and every number that a mark tells, are those of the reference.
#[test]
fn the_picture_is_true_to_the_reference() {
    let weights = init::he(&shape(), 3);
    let samples: Vec<usize> = (0..12).collect();
    let raster = drawn(&weights, &samples, EngineKind::Fast, Form::Sized, 128).unwrap();
    let dataset = dataset();
    let mut reference = Reference::new(shape(), weights.clone()).unwrap();
    let mut n_numbers = 0;
    for (k, story) in raster.samples.iter().enumerate() {
        let before = reference.weights().clone();
        let target = dataset.target(k);
        let record = reference.learn(Sample { input: dataset.input(k), target }).unwrap().clone();
        let (hidden, output) = (record.layer(1).unwrap(), record.output());
        assert_eq!((story.sample_idx, story.class), (k, target));
        assert_eq!(story.active, output.active_list());
        assert_eq!(story.readout, record.readout(target));
        assert_eq!(story.potential, i64::from(*output.potential().iter().max().unwrap()));
        assert_eq!(story.errors_up, output.error_plus_list());
        assert_eq!(story.errors_down, output.error_minus_list());
        assert_eq!(story.n_hidden_up, hidden.error_plus_list().len());
        assert_eq!(story.n_hidden_down, hidden.error_minus_list().len());
        for (which, matrix) in reference.weights().forward().iter().enumerate() {
            let old = before.forward()[which].values();
            let n = old.iter().zip(matrix.values()).filter(|(old, new)| old != new).count();
            assert_eq!(story.changed[which], n, "sample {k}, w{}", which + 1);
        }
        // Marks that tell a sum: symbol, phase, name of the sum, what it must be.
        for (symbol, phase, name, sums, spiking) in [
            ("h", 2, "z", hidden.potential(), hidden.active()),
            ("h<", 2, "z", hidden.potential(), hidden.above_zero()),
            ("o", 3, "z", output.potential(), output.active()),
            ("o>", 3, "z", output.potential(), output.above_upper()),
        ] {
            let step = raster.picture.first_step + 12 * k as u64 + phase;
            let population = population(&raster, symbol);
            for row in &population.rows {
                let neuron_idx: usize = row.label.parse().unwrap();
                let mark = row.marks.iter().find(|mark| mark.step == step);
                assert_eq!(
                    mark.is_some(),
                    spiking[neuron_idx],
                    "{symbol} {neuron_idx} step {step}"
                );
                let Some(mark) = mark else { continue };
                let wanted = format!(", {name} = {}", sums[neuron_idx]);
                assert!(mark.note.ends_with(&wanted), "{} and not {wanted}", mark.note);
                n_numbers += 1;
            }
        }
        for (phase, name, sums) in [(6, "e+", hidden.e_plus()), (10, "e-", hidden.e_minus())] {
            let step = raster.picture.first_step + 12 * k as u64 + phase;
            for row in &population(&raster, "hT").rows {
                let neuron_idx: usize = row.label.parse().unwrap();
                let mark = row.marks.iter().find(|mark| mark.step == step);
                assert_eq!(mark.is_some(), sums[neuron_idx] > 0, "hT {neuron_idx} step {step}");
                let Some(mark) = mark else { continue };
                let wanted = format!(", {name} = {}", sums[neuron_idx]);
                assert!(mark.note.ends_with(&wanted), "{} and not {wanted}", mark.note);
                n_numbers += 1;
            }
        }
    }
    assert!(n_numbers > 500, "{n_numbers} numbers");
}

#[test]
fn what_is_left_out_is_said_and_counted() {
    let weights = init::he(&shape(), 1);
    let whole = drawn(&weights, &[1], EngineKind::Fast, Form::Sized, 128).unwrap();
    let few = drawn(&weights, &[1], EngineKind::Fast, Form::Sized, 5).unwrap();
    assert_eq!(whole.n_spikes, few.n_spikes);
    let (all, thinned) = (population(&whole, "h<"), population(&few, "h<"));
    assert_eq!((all.rows.len(), thinned.rows.len()), (N_HIDDEN, 5));
    assert!(all.counts.is_empty());
    // The numbers above the rows count what the whole picture shows.
    let step = whole.picture.first_step + 2;
    let is_in_step = |row: &&PhaseRow| row.marks.iter().any(|mark| mark.step == step);
    let n = all.rows.iter().filter(is_in_step).count() as u64;
    assert!(n > 5, "{n}");
    assert!(thinned.counts.contains(&(step, n)), "{:?}", thinned.counts);
    let note = &few.picture.panels[1].note;
    assert!(
        note.starts_with("5 of the ") && note.contains("(of 40) that spike, 3 of them"),
        "{note}"
    );
    // Half of those shown are active, however few are.
    let n_active = |rows: &[PhaseRow]| rows.iter().filter(is_in_step).count();
    let (of_all, of_few) = (population(&whole, "h"), population(&few, "h"));
    assert_eq!((n_active(&of_all.rows) > 3, n_active(&of_few.rows)), (true, 3));
    assert_eq!(whole.picture.panels[1].note, "all 40 neurons of each");
    // Every row that is shown is as it is in the whole picture.
    for row in &thinned.rows {
        assert!(all.rows.contains(row), "{}", row.label);
    }
    // Silent inputs are left out.
    let inputs = population(&whole, "x");
    assert!(inputs.rows.len() < 400 && inputs.rows.iter().all(|row| !row.marks.is_empty()));
    let note = &whole.picture.panels[2].note;
    assert_eq!(*note, format!("the {} neurons of 400 that spike", inputs.rows.len()));
}

/// Large sums pass the bias of the published circuit: spikes that mean nothing, and are shown so.
#[test]
fn phantoms_are_crosses() {
    let weights = uniform(254, 2);
    let published = drawn(&weights, &[1], EngineKind::Fast, Form::Published, 12).unwrap();
    assert!(published.samples[0].n_faults > 0 && published.first_fault.is_some());
    let glyphs = |raster: &SampleRaster, wanted: Glyph| {
        let panels = raster.picture.panels.iter();
        let rows = panels.flat_map(|panel| &panel.populations).flat_map(|it| &it.rows);
        rows.flat_map(|row| &row.marks).filter(|mark| mark.glyph == wanted).count()
    };
    assert!(glyphs(&published, Glyph::Cross) > 0);
    let sized = drawn(&weights, &[1], EngineKind::Fast, Form::Sized, 12).unwrap();
    assert_eq!((glyphs(&sized, Glyph::Cross), sized.samples[0].n_faults), (0, 0));
    // The ring turns whatever happens: twelve gates and two rewards, one mark each.
    for raster in [&published, &sized] {
        let gates = raster.picture.panels[3].populations.iter();
        let n_marks: Vec<usize> = gates.map(|gate| gate.rows[0].marks.len()).collect();
        assert_eq!(n_marks, [&[1; 12][..], &[2]].concat());
    }
}

#[test]
fn a_silent_network_is_a_picture_too() {
    let raster = drawn(&uniform(-2, 0), &[0, 1], EngineKind::Lif, Form::Sized, 7).unwrap();
    assert_eq!(population(&raster, "h").rows.len(), 7);
    let note = &raster.picture.panels[1].note;
    assert_eq!(note, "7 of 40 neurons, none of which spikes");
    assert!(raster.svg().unwrap().contains("no output spikes"));
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let weights = init::he(&shape(), 1);
    let error = |samples: &[usize], engine, n_rows| {
        let error = drawn(&weights, samples, engine, Form::Sized, n_rows).err().unwrap();
        assert!(error.is_usage(), "{error}");
        error.to_string()
    };
    assert_eq!(
        error(&[0], EngineKind::Reference, 12),
        "engine reference computes without spikes, expected `lif`, `loihi` or `fast`"
    );
    assert_eq!(error(&[], EngineKind::Lif, 12), "number of samples is 0, allowed are 1 to 24");
    assert_eq!(
        error(&[0; 25], EngineKind::Lif, 12),
        "number of samples is 25, allowed are 1 to 24"
    );
    assert_eq!(error(&[60], EngineKind::Lif, 12), "sample 60 of digits train, allowed are 0 to 59");
    for n_rows in [0, MOST_RASTER_ROWS + 1] {
        let wanted =
            format!("number of neurons shown of a population is {n_rows}, allowed are 1 to 128");
        assert_eq!(error(&[0], EngineKind::Lif, n_rows), wanted);
    }
    let machine = Machine::new(EngineKind::Lif, Form::Sized, 400);
    let look = RasterLook { weights: String::new(), n_rows: 12 };
    let of = |sizes: &[usize]| {
        let shape = Shape::new(sizes).unwrap();
        let weights = init::he(&shape, 1);
        sample_raster(&shape, &weights, &dataset(), &[0], &machine, &look)
            .err()
            .unwrap()
            .to_string()
    };
    assert_eq!(of(&[400, 8, 6, 10]), "the circuit has 3 layers, found 4");
    let wanted = "digits train has 400 inputs and 10 classes, the network 400 and 7";
    assert_eq!(of(&[400, 8, 7]), wanted);
}
