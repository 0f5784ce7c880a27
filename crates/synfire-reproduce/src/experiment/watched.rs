//! A learning circuit that is watched sample by sample: its faults, and whether each update is the reference's.
//!
//! An update is what the learning rule is given: the sets of sources and targets that spike in the same step on each
//! of the eight plastic projections, in each of the twelve phases. It is **wrong** if any of these is not what the
//! reference, from the same state, asks for. The state before a sample is that of the first copies, W1 onto h and
//! W2 onto o, and of F+ and F-, as the engine holds them: after a wrong update the reference takes over what the engine
//! made of these matrices, so that each sample is judged by itself. Copies that have drifted apart stay so; what they
//! do to later updates counts.
//!
//! It says the same as `synfire_verify::Lockstep` with every sample compared, as long as the copies are equal (a test
//! holds them together), costs a tenth of it, and goes on to say something after they are not.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use synfire_circuit::{CircuitShape, Form, LEARNING_PERIOD, LearningCircuit, PlasticWeights};
use synfire_fast::FastEngine;
use synfire_loihi::lower;
use synfire_net::{Engine, FaultKind, LayerId, Network, ProjectionId, Raster, Strictness};
use synfire_reference::{Matrix, MatrixName, Record, Reference, Sample, Shape, Weights};
use synfire_verify::{Check, Lockstep};

/// The circuit of a shape in a form, with these weights.
pub(crate) fn circuit_of(
    shape: &Shape,
    form: Form,
    max_active: u32,
    weights: &Weights,
) -> Result<Arc<LearningCircuit>> {
    let sizes = circuit_shape(shape, max_active)?;
    Ok(Arc::new(LearningCircuit::new(sizes, form, &plastic_of(weights))?))
}

/// Sizes of the circuit for a shape of three layers.
pub(crate) fn circuit_shape(shape: &Shape, max_active: u32) -> Result<CircuitShape> {
    let [n_inputs, n_hidden, n_outputs] =
        <[usize; 3]>::try_from(shape.sizes()).ok().context("the circuit has three layers")?;
    let [n_inputs, n_hidden, n_outputs] = [n_inputs, n_hidden, n_outputs].map(u32::try_from);
    Ok(CircuitShape::new(n_inputs?, n_hidden?, n_outputs?).with_max_active(max_active))
}

/// The four matrices as a circuit takes them.
pub(crate) fn plastic_of(weights: &Weights) -> PlasticWeights {
    PlasticWeights {
        w1: weights.forward()[0].values().to_vec(),
        w2: weights.forward()[1].values().to_vec(),
        feedback_plus: weights.feedback_plus()[0].values().to_vec(),
        feedback_minus: weights.feedback_minus()[0].values().to_vec(),
    }
}

/// The four matrices as the reference takes them.
pub(crate) fn weights_of(shape: &Shape, plastic: PlasticWeights) -> Result<Weights> {
    let matrix = |values, source: usize, target: usize| {
        Matrix::new(shape.n_neurons(source), shape.n_neurons(target), values)
    };
    let forward = vec![matrix(plastic.w1, 0, 1)?, matrix(plastic.w2, 1, 2)?];
    let plus = vec![matrix(plastic.feedback_plus, 2, 1)?];
    let minus = vec![matrix(plastic.feedback_minus, 2, 1)?];
    Ok(Weights::new(shape, forward, plus, minus)?)
}

/// A fast engine for a network, which goes on after faults as the chip would.
pub(crate) fn fast(network: &Arc<Network>) -> Result<FastEngine> {
    let program = lower(Arc::clone(network)).map_err(|refusals| anyhow::anyhow!("{refusals}"))?;
    Ok(FastEngine::new(Arc::new(program), Strictness::Report))
}

/// A circuit that is watched.
pub(crate) struct Watched {
    lockstep: Lockstep,
    reference: Reference,
    wires: [Wire; 8],
    names: Vec<String>,
    n_outputs: usize,
}

/// A plastic projection.
struct Wire {
    projection: ProjectionId,
    source: LayerId,
    target: LayerId,
    matrix: MatrixName,
    /// Whether it is the copy that the reference follows.
    is_first: bool,
}

/// What was seen since it was last asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tally {
    pub(crate) samples: u64,
    /// Samples in which the reference finds an output error.
    pub(crate) errors: u64,
    /// Samples with any fault.
    pub(crate) faulty: u64,
    /// Samples whose update was wrong.
    pub(crate) wrong: u64,
    /// Those of them in which the reference changes nothing at all.
    pub(crate) wrong_silent: u64,
    /// Samples in which a copy of W1, a copy of W2, F+ or F- were updated wrongly.
    pub(crate) wrong_in: [u64; 4],
    /// Places of the first sample with a fault and the first with a wrong update, counted from 0.
    pub(crate) first: [Option<u64>; 2],
    /// Samples with a fault and faults, by layer, phase and kind: `h, phase 8, spike`.
    pub(crate) places: BTreeMap<String, [u64; 2]>,
    /// The least and the greatest potential of a hidden neuron and of an output.
    pub(crate) z1: [i32; 2],
    pub(crate) z2: [i32; 2],
}

impl Watched {
    /// Watches an engine on a circuit, or on one that differs from it in nothing but strengths and neurons.
    pub(crate) fn new(
        circuit: &Arc<LearningCircuit>,
        engine: Box<dyn Engine>,
        shape: Shape,
        weights: Weights,
    ) -> Result<Watched> {
        let network = circuit.network();
        let ([a, b, c], [d, e, f], plus, minus) = circuit.matrices();
        let [w1, w2] = [0, 1].map(MatrixName::Forward);
        let wire = |(projection, matrix, is_first): (ProjectionId, MatrixName, bool)| Wire {
            projection,
            source: network.projection(projection).source,
            target: network.projection(projection).target,
            matrix,
            is_first,
        };
        let wires = [
            (a, w1, true),
            (b, w1, false),
            (c, w1, false),
            (d, w2, true),
            (e, w2, false),
            (f, w2, false),
            (plus, MatrixName::FeedbackPlus(0), true),
            (minus, MatrixName::FeedbackMinus(0), true),
        ]
        .map(wire);
        let names = network.layers().iter().map(|layer| layer.name.clone()).collect();
        let n_outputs = shape.n_classes();
        Ok(Watched {
            lockstep: Lockstep::new(Arc::clone(circuit), engine)?,
            reference: Reference::new(shape, weights)?,
            wires,
            names,
            n_outputs,
        })
    }

    /// Runs one sample, counts what happens, and says whether its update was wrong.
    pub(crate) fn run_sample(
        &mut self,
        active: &[u32],
        target: usize,
        tally: &mut Tally,
    ) -> Result<bool> {
        let cycle = self.lockstep.run_sample(active, u32::try_from(target)?, Check::Skip)?;
        if !cycle.faults.is_empty() {
            count_faults(&cycle.faults, &self.names, tally);
        }
        let (faulty, sample) = (!cycle.faults.is_empty(), cycle.sample);
        let first_step = self.lockstep.circuit().first_step(sample);
        let record = self.reference.learn(Sample { input: active, target })?;
        let is_wrong = judge(&self.wires, self.lockstep.raster(), first_step, record);
        tally.note(record, sample, faulty, &is_wrong);
        let mut any = false;
        for (wire, is_wrong) in self.wires.iter().zip(is_wrong) {
            any |= is_wrong;
            if is_wrong && wire.is_first {
                let weights = self.lockstep.engine().weights(wire.projection);
                let weights = weights.context("it learns")?;
                self.reference.set_rows(wire.matrix, 0, &weights)?;
            }
        }
        Ok(any)
    }

    /// The weights of the first copies as the engine holds them.
    pub(crate) fn weights(&self) -> Result<Weights> {
        weights_of(self.reference.shape(), self.lockstep.plastic_weights())
    }

    /// Synapses in which the engine's first copies are not what the reference followed; must be 0.
    pub(crate) fn lost(&self) -> Result<u64> {
        let mut lost = 0;
        for wire in self.wires.iter().filter(|wire| wire.is_first) {
            let weights = self.read(wire)?;
            let known = self.reference.weights();
            let followed = match wire.matrix {
                MatrixName::Forward(idx) => &known.forward()[idx],
                MatrixName::FeedbackPlus(idx) => &known.feedback_plus()[idx],
                MatrixName::FeedbackMinus(idx) => &known.feedback_minus()[idx],
            };
            lost += differing(&weights, followed.values());
        }
        Ok(lost)
    }

    /// Synapses in which copies have drifted apart: not all three of W1 equal, of W2, and F+ not W2 transposed.
    pub(crate) fn drift(&self) -> Result<[u64; 3]> {
        let [a, b, c, d, e, f, plus, _] = &self.wires;
        let three = |[one, two, three]: [&Wire; 3]| -> Result<u64> {
            let (one, two, three) = (self.read(one)?, self.read(two)?, self.read(three)?);
            let rest = two.iter().zip(three.iter());
            let apart = one.iter().zip(rest).filter(|(a, (b, c))| a != b || a != c);
            Ok(apart.count() as u64)
        };
        let (w2, plus) = (self.read(d)?, self.read(plus)?);
        let n_hidden = plus.len() / self.n_outputs;
        let transposed: Vec<i16> = (0..plus.len())
            .map(|idx| w2[idx % n_hidden * self.n_outputs + idx / n_hidden])
            .collect();
        Ok([three([a, b, c])?, three([d, e, f])?, differing(&plus, &transposed)])
    }

    fn read(&self, wire: &Wire) -> Result<Cow<'_, [i16]>> {
        self.lockstep.engine().weights(wire.projection).context("it learns")
    }
}

/// Places in which two lists of weights differ.
pub(crate) fn differing(one: &[i16], other: &[i16]) -> u64 {
    one.iter().zip(other).filter(|(one, other)| one != other).count() as u64
}

/// Which of the projections were given other coincidences than the reference asks for.
fn judge(wires: &[Wire; 8], raster: &Raster, first_step: u64, record: &Record) -> [bool; 8] {
    let hidden = &record.layers()[0];
    let output = record.output();
    let (x, h) = (record.input_list(), hidden.active_list());
    let (up, down) = (output.error_plus_list(), output.error_minus_list());
    let hidden_errors = [hidden.error_plus_list(), hidden.error_minus_list()];
    let mut is_wrong = [false; 8];
    for phase in 0..LEARNING_PERIOD {
        let late = usize::from(phase > 8);
        // Sources and targets expected on the copies of W1, those of W2, F+ and F-.
        let expected: [(&[u32], &[u32]); 4] = match phase {
            5 | 9 => {
                let (plus, minus) = if phase == 5 { (up, down) } else { (down, up) };
                [(&[], &[]), (h, plus), (plus, h), (minus, h)]
            }
            7 | 11 => [(x, hidden_errors[late]), (&[], &[]), (&[], &[]), (&[], &[])],
            _ => [(&[], &[]); 4],
        };
        for (idx, wire) in wires.iter().enumerate() {
            let (sources, targets) = expected[[0, 0, 0, 1, 1, 1, 2, 3][idx]];
            let step = first_step + u64::from(phase);
            let found = (raster.words(step, wire.source), raster.words(step, wire.target));
            let is_found = !found.0.is_empty() && !found.1.is_empty();
            let is_expected = !sources.is_empty() && !targets.is_empty();
            is_wrong[idx] |= is_found != is_expected
                || (is_found && !(equals(found.0, sources) && equals(found.1, targets)));
        }
    }
    is_wrong
}

/// Whether packed spikes are those of an ascending list.
fn equals(words: &[u64], list: &[u32]) -> bool {
    let mut rest = list.iter().copied().peekable();
    (0_u32..).zip(words).all(|(place, &word)| {
        let mut expected = 0;
        while let Some(neuron_idx) = rest.next_if(|&neuron_idx| neuron_idx / 64 == place) {
            expected |= 1 << (neuron_idx % 64);
        }
        expected == word
    }) && rest.next().is_none()
}

const fn kind_of(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::SpikeOutsidePhase { .. } => "spike",
        FaultKind::LearningOutsidePhase { .. } => "coincidence",
        FaultKind::VoltageClamped { .. } => "clamp",
        _ => "wrap",
    }
}

fn count_faults(faults: &[synfire_net::Fault], names: &[String], tally: &mut Tally) {
    // Phase by phase and layer by layer, as an engine reports them; coincidences come after all spikes of a step.
    let mut of_sample: BTreeMap<(LayerId, u64, &'static str), u64> = BTreeMap::new();
    for fault in faults {
        let phase = (fault.step - 1) % u64::from(LEARNING_PERIOD);
        *of_sample.entry((fault.layer, phase, kind_of(fault.kind))).or_default() += 1;
    }
    for ((layer, phase, kind), n) in of_sample {
        let place = format!("{}, phase {phase}, {kind}", names[layer.index()]);
        let [samples, faults] = tally.places.entry(place).or_default();
        *samples += 1;
        *faults += n;
    }
}

impl Tally {
    fn note(&mut self, record: &Record, sample: u64, faulty: bool, is_wrong: &[bool; 8]) {
        let any = is_wrong.contains(&true);
        if self.samples == 0 {
            (self.z1, self.z2) = ([i32::MAX, i32::MIN], [i32::MAX, i32::MIN]);
        }
        self.samples += 1;
        self.errors += u64::from(record.has_error());
        self.faulty += u64::from(faulty);
        self.wrong += u64::from(any);
        self.wrong_silent += u64::from(any && !record.has_error());
        let [a, b, c, d, e, f, plus, minus] = *is_wrong;
        for (n, is_wrong) in self.wrong_in.iter_mut().zip([a || b || c, d || e || f, plus, minus]) {
            *n += u64::from(is_wrong);
        }
        for (first, is_it) in self.first.iter_mut().zip([faulty, any]) {
            if is_it && first.is_none() {
                *first = Some(sample);
            }
        }
        widen(&mut self.z1, record.layers()[0].potential());
        widen(&mut self.z2, record.output().potential());
    }

    /// Samples with a fault of this kind in this phase, in any of these layers; a sample with several counts once for
    /// the layer with most.
    pub(crate) fn samples_with(&self, layers: &[&str], phase: u32, kind: &str) -> u64 {
        let place = |layer: &&str| self.places.get(&format!("{layer}, phase {phase}, {kind}"));
        layers.iter().filter_map(place).map(|[samples, _]| *samples).max().unwrap_or(0)
    }

    /// Adds up what was seen of consecutive samples.
    pub(crate) fn merge(&mut self, other: &Tally) {
        if self.samples == 0 {
            (self.z1, self.z2) = (other.z1, other.z2);
        }
        self.samples += other.samples;
        self.errors += other.errors;
        self.faulty += other.faulty;
        self.wrong += other.wrong;
        self.wrong_silent += other.wrong_silent;
        for (sum, n) in self.wrong_in.iter_mut().zip(other.wrong_in) {
            *sum += n;
        }
        for (first, other) in self.first.iter_mut().zip(other.first) {
            *first = first.or(other);
        }
        for (place, [samples, faults]) in &other.places {
            let sums = self.places.entry(place.clone()).or_default();
            sums[0] += samples;
            sums[1] += faults;
        }
        widen(&mut self.z1, &other.z1);
        widen(&mut self.z2, &other.z2);
    }
}

fn widen(ends: &mut [i32; 2], values: &[i32]) {
    let (mut least, mut greatest) = (ends[0], ends[1]);
    for &value in values {
        least = least.min(value);
        greatest = greatest.max(value);
    }
    *ends = [least, greatest];
}

#[cfg(test)]
pub(crate) mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use synfire_data::{Dataset, digits, shuffle};
    use synfire_net::Sabotage;
    use synfire_reference::init;
    use synfire_verify::Comparison;

    /// Digits in negative: most inputs are active.
    pub(crate) fn small() -> (Dataset, Shape) {
        let train = digits::generate(1, 200, 1).unwrap().train;
        let negative = |sample_idx| -> Vec<u32> {
            let dark = train.input(sample_idx);
            (0..400).filter(|input| !dark.contains(input)).collect()
        };
        let samples = (0..200).map(|sample_idx| (negative(sample_idx), train.label(sample_idx)));
        let negatives = Dataset::from_samples("negatives", (20, 20), 10, samples).unwrap();
        (negatives, Shape::new(&[400, 30, 10]).unwrap())
    }

    /// Clause R8's weights grown, and those onto some hidden neurons shifted, so that potentials spread.
    pub(crate) fn grown(shape: &Shape, scale: i16, shift: i16) -> Weights {
        let start = init::he(shape, 1);
        let [w1, w2] = start.forward() else { unreachable!("two matrices") };
        let n_hidden = w1.n_targets();
        let values = w1.values().iter().enumerate().map(|(idx, weight)| {
            let row = i16::try_from(idx % n_hidden % 5).unwrap();
            (weight * scale + shift * (row - 1)).clamp(-256, 254)
        });
        let grown = Matrix::new(w1.n_sources(), n_hidden, values.collect()).unwrap();
        Weights::from_forward(shape, vec![grown, w2.clone()]).unwrap()
    }

    /// Watches a circuit on weights so large that potentials pass all bounds of the published one, and beside it the
    /// lockstep that compares everything.
    fn beside(form: Form, scale: i16, spoil: Option<Sabotage>) -> (Tally, [u64; 3], u64, u64) {
        let (train, shape) = small();
        let weights = grown(&shape, scale, 20 * i16::from(scale > 1));
        let circuit = circuit_of(&shape, form, 400, &weights).unwrap();
        let engine = || {
            let mut engine = fast(circuit.network()).unwrap();
            if let Some(spoil) = spoil {
                engine.sabotage(spoil);
            }
            Box::new(engine)
        };
        let mut watched = Watched::new(&circuit, engine(), shape, weights).unwrap();
        let mut lockstep = Lockstep::new(Arc::clone(&circuit), engine()).unwrap();
        let mut tally = Tally::default();
        let (mut both, mut compared) = (0, 0);
        let mut has_drifted = false;
        for sample_idx in shuffle(train.len(), 1, 0) {
            let sample_idx = sample_idx as usize;
            let (active, target) = (train.input(sample_idx), train.target(sample_idx));
            let is_wrong = watched.run_sample(active, target, &mut tally).unwrap();
            assert_eq!(watched.lost().unwrap(), 0, "sample {sample_idx}");
            let class = u32::try_from(target).unwrap();
            let cycle = lockstep.run_sample(active, class, Check::Compare).unwrap();
            let mismatch =
                cycle.comparison.as_ref().and_then(|Comparison { mismatch, .. }| mismatch.clone());
            if has_drifted {
                continue;
            }
            compared += 1;
            // The lockstep also looks at spikes that change no weight.
            assert!(!is_wrong || mismatch.is_some(), "{sample_idx}");
            let of_weights = mismatch.is_some_and(|mismatch| mismatch.source_idx.is_some());
            assert!(is_wrong || !of_weights, "sample {sample_idx}");
            both += u64::from(is_wrong);
            has_drifted = watched.drift().unwrap() != [0; 3];
        }
        (tally, watched.drift().unwrap(), both, compared)
    }

    #[test]
    fn the_sized_circuit_is_never_wrong() {
        let (tally, drift, wrong, compared) = beside(Form::Sized, 2, None);
        assert_eq!((tally.wrong, tally.faulty, drift, wrong, compared), (0, 0, [0; 3], 0, 200));
        assert!(tally.errors > 100 && tally.z1[1] > 9216, "{tally:?}");
        assert_eq!(tally.first, [None, None]);
    }

    /// What the published circuit does at such potentials, and a spike that is lost, are found and located.
    #[test]
    fn what_goes_wrong_is_counted() {
        let (tally, drift, wrong, compared) = beside(Form::Published, 2, None);
        assert!(
            tally.wrong > 0 && wrong > 0 && compared >= wrong,
            "{tally:?}, {drift:?}, {wrong} of {compared}"
        );
        assert!(tally.samples_with(&["h"], 8, "spike") > 0, "{tally:?}");

        // o> of the target loses its spike in phase 5, in the first sample in which it has one.
        let (train, shape) = small();
        let circuit = circuit_of(&shape, Form::Sized, 400, &init::he(&shape, 1)).unwrap();
        let layer = circuit.layer(synfire_circuit::Population::OHigh);
        let mut found = false;
        for (sample, sample_idx) in (0..40).zip(shuffle(train.len(), 1, 0)) {
            let step = circuit.first_step(sample) + 5;
            let neuron_idx = u32::from(train.label(sample_idx as usize));
            let spoil = Sabotage::DropSpike { step, layer, neuron_idx };
            let (tally, drift, wrong, _) = beside(Form::Sized, 1, Some(spoil));
            if tally.wrong == 0 {
                continue;
            }
            found = true;
            assert_eq!(tally.first[1], Some(sample), "{tally:?}");
            assert_eq!(tally.wrong_in[1], tally.wrong);
            assert!(wrong == 1 && drift[1] > 0 && drift[0] == 0 && drift[2] == 0, "{drift:?}");
            break;
        }
        assert!(found);
    }

    #[test]
    fn lists_and_words_are_compared() {
        assert!(equals(&[0b101, 1], &[0, 2, 64]));
        assert!(!equals(&[0b101, 1], &[0, 2]) && !equals(&[0b101], &[0, 2, 64]));
        assert!(!equals(&[0b100], &[0, 2]) && equals(&[0], &[]));
    }
}
