//! The circuit with one part changed at a time, on the same samples from the same weights: what each part is for.
//!
//! Every circuit here is the wiring of the sized one with other strengths, refractory periods or biases; the published
//! one is among them (a test holds it against the published form).

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::{json, to_value};
use synfire_circuit::{Dials, Form, Opening, Population, Side};
use synfire_data::shuffle;
use synfire_reference::{Reference, Sample};

use super::changed::{
    Changed, HIDDEN, MEMORY_HOLD_MOST, OUTPUT, Part, earlier, lean, network_of, published, wide,
};
use super::training::{Task, Training, max_active};
use super::watched::{Tally, Watched, circuit_of};
use crate::material::Material;
use crate::scale::Scale;
use crate::trial::{Trial, Watch};

/// The strength that holds the hidden populations, in units of 64, of the figure.
const HOLD_STEP: i32 = 2048;
/// Places of faults that are kept of each circuit.
const MOST_PLACES: usize = 8;

/// Both tasks at two stages of training.
pub(crate) fn trials(scale: Scale) -> Vec<Trial> {
    let (mnist, fashion) = (Task::mnist(scale), Task::fashion(scale));
    let (late, later) = (scale.pick(2, 2, 20), scale.pick(3, 3, 60));
    let n_samples = scale.pick(40, 200, 1000);
    [
        ("mnist", &mnist, 0),
        ("mnist", &mnist, late),
        ("fashion", &fashion, late),
        ("fashion", &fashion, later),
    ]
    .into_iter()
    .map(|(name, task, epochs)| {
        let training = Training::new(task.clone(), 1, epochs);
        let parameters = json!({ "training": training.parameters(), "samples": n_samples });
        let expected_ms = u64::from(epochs) * 400 + 60 * n_samples as u64 / 10;
        let name = format!("{name}-{epochs}");
        Trial::new(name, parameters, expected_ms, move |material, watch| {
            Ok(to_value(run(&training, n_samples, material, watch)?)?)
        })
    })
    .collect()
}

/// All circuits on the same samples from the same weights.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ablations {
    /// After so many epochs, of the reference.
    pub(crate) epochs: u32,
    /// The strengths by which the sized circuit holds h, o and hT down, in units of 64, without sign.
    pub(crate) holds: [i32; 3],
    pub(crate) parts: Vec<Ablation>,
    /// The strength that holds h, h<, h>, and the samples with a fault and with a wrong update under it.
    pub(crate) scan: Vec<(i32, u64, u64)>,
}

/// One circuit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ablation {
    /// Which one, see [`parts`].
    pub(crate) name: String,
    pub(crate) tally: Tally,
    /// Synapses in which copies differ at the end: W1, W2, F+ and W2.
    pub(crate) drift: [u64; 3],
    /// Synapses that were not followed; must be 0.
    pub(crate) lost: u64,
}

/// The published circuit, and ours.
pub(crate) const BASES: [&str; 2] = ["published", "sized"];

/// All circuits that are compared, by the strengths of the sized one: the published one with mends, one after the other
/// and alone; then, of the published one and ours, each with one part changed, their names beginning as [`BASES`].
pub(crate) fn parts(sized: Dials) -> Vec<Part> {
    let full = Part::new(BASES[1], Form::Sized, sized);
    let all_held = Part::new(BASES[0], Form::Published, Dials::published());
    // Hidden neurons like all others, held by a gate.
    let alike = Dials { hidden: sized.other, hold_hidden: sized.hold_output, ..sized };
    let rest = 512 - sized.other.bias;
    let opening =
        Opening { threshold: 512, gate: rest - 256, gate_high: rest - 512, ..sized.other };
    let halved = Dials { hidden: opening, other: opening, ..alike };
    let by_gates = |name: &str, dials| Part::new(name, Form::Published, dials);
    let mut parts = vec![
        lean(by_gates("unit halved", halved).held([8128; 3])),
        lean(by_gates("unit halved, threshold 2,688", alike).held([8128; 3])),
        lean(by_gates("unit halved, threshold 2,688, i sized", alike)),
        by_gates("unit halved, threshold 2,688, i sized, h held in 0, o in 8", alike),
        all_held.named("h also held in 0, o in 8"),
        published().named("i 16,256").held([16_256; 3]),
        earlier(),
        wide(),
    ];
    for base in [published(), full] {
        parts.extend(changed(&base));
    }
    parts
}

/// A circuit and what it is with one part changed.
fn changed(base: &Part) -> Vec<Part> {
    use Population as P;
    let with = |what: &str| base.clone().named(format!("{}, {what}", base.name));
    let alone = |what: &str, populations: &[Population]| {
        with(&format!("refractory 1 in {what}")).refractory(populations, 1)
    };
    let [hidden, output, _] = base.holds();
    let all = |part: Part| {
        let part = part.without(&[8, 0], Side::Hidden).without(&[6, 8, 10, 0], Side::Output);
        part.held([hidden, output, 0])
    };
    vec![
        base.clone(),
        with("h not held in 8").without(&[8], Side::Hidden),
        with("h not held in 0").without(&[0], Side::Hidden),
        with("o not held in 6").without(&[6], Side::Output),
        with("o not held in 8").without(&[8], Side::Output),
        with("o not held in 10").without(&[10], Side::Output),
        with("o not held in 0").without(&[0], Side::Output),
        with("hT, oT not held in 4").held([hidden, output, 0]),
        all(with("nobody held")),
        with("i halved").held_by(2),
        with("i times 1.5").held_by(6),
        with("three quarters of the bias").biased_by(3),
        with("half the bias").biased_by(2),
        with("a quarter of the bias").biased_by(1),
        with("no bias").biased_by(0),
        all(with("no bias, nobody held")).biased_by(0),
        alone("x", &[P::X]),
        alone("mx", &[P::Mx]),
        alone("h, h<, h>", &HIDDEN),
        alone("mh", &[P::Mh]),
        alone("c", &[P::C]),
        alone("o, o<, o>", &OUTPUT),
        alone("oT", &[P::OBack]),
        alone("t, d+, d-", &[P::T, P::DPlus, P::DMinus]),
        with("refractory 2 in hT").refractory(&[P::HBack], 2),
    ]
}

fn run(
    training: &Training,
    n_samples: usize,
    material: &Material,
    watch: &Watch<'_>,
) -> Result<Ablations> {
    let split = training.task.split(material)?;
    let shape = training.shape(&split)?;
    let mut reference = Reference::new(shape.clone(), training.initial_weights(&shape)?)?;
    let sample_at = |sample_idx: u32| {
        let sample_idx = sample_idx as usize;
        Sample { input: split.train.input(sample_idx), target: split.train.target(sample_idx) }
    };
    let epochs = u64::from(training.epochs);
    for epoch in 0..epochs {
        watch.done(epoch, epochs + 5)?;
        for sample_idx in shuffle(split.train.len(), training.seed, epoch) {
            reference.learn(sample_at(sample_idx))?;
        }
    }
    let weights = reference.weights().clone();
    let mut order = shuffle(split.train.len(), training.seed, epochs);
    order.truncate(n_samples);
    let most = max_active(&split)?;
    let circuits = [
        circuit_of(&shape, Form::Published, most, &weights)?,
        circuit_of(&shape, Form::Sized, most, &weights)?,
    ];
    let sized = *circuits[1].dials();
    let try_out = |part: &Part| -> Result<Ablation> {
        watch.done(epochs, epochs + 5)?;
        let circuit = &circuits[usize::from(part.form == Form::Sized)];
        let engine = Box::new(Changed::new(circuit, &network_of(circuit, part)?)?);
        let mut watched = Watched::new(circuit, engine, shape.clone(), weights.clone())?;
        let mut tally = Tally::default();
        for &sample_idx in &order {
            let Sample { input, target } = sample_at(sample_idx);
            watched.run_sample(input, target, &mut tally)?;
        }
        let (drift, lost) = (watched.drift()?, watched.lost()?);

        // What matters most is kept.
        let mut places: Vec<_> = std::mem::take(&mut tally.places).into_iter().collect();
        places.sort_by_key(|(place, [samples, _])| (std::cmp::Reverse(*samples), place.clone()));
        tally.places = places.into_iter().take(MOST_PLACES).collect();
        Ok(Ablation { name: part.name.clone(), tally, drift, lost })
    };
    let scan = (0..=MEMORY_HOLD_MOST / HOLD_STEP).map(|step| {
        let dials = Dials { hold_hidden: -step * HOLD_STEP, ..sized };
        let Ablation { tally, .. } = try_out(&Part::new("scan", Form::Sized, dials))?;
        Ok((step * HOLD_STEP, tally.faulty, tally.wrong))
    });
    Ok(Ablations {
        epochs: training.epochs,
        holds: [-sized.hold_hidden, -sized.hold_output, -sized.hold_error],
        scan: scan.collect::<Result<_>>()?,
        parts: parts(sized).iter().map(try_out).collect::<Result<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use synfire_net::Engine;
    use synfire_reference::init;

    use crate::experiment::watched::fast;
    use crate::experiment::watched::tests::{grown, small};

    /// A form without any change does, sample by sample, what the form does.
    #[test]
    fn changed_circuits_are_what_they_say() {
        let (train, shape) = small();
        let weights = grown(&shape, 2, 20);
        let sized = circuit_of(&shape, Form::Sized, 400, &weights).unwrap();
        let all = parts(*sized.dials());
        for (form, name) in [(Form::Sized, "sized"), (Form::Published, "published")] {
            let circuit = circuit_of(&shape, form, 400, &weights).unwrap();
            let part = all.iter().find(|part| part.name == name).unwrap();
            let changed = network_of(&circuit, part).unwrap();
            let tallies: Vec<Tally> = [
                Box::new(fast(circuit.network()).unwrap()) as Box<dyn Engine>,
                Box::new(Changed::new(&circuit, &changed).unwrap()),
            ]
            .into_iter()
            .map(|engine| {
                let mut watched =
                    Watched::new(&circuit, engine, shape.clone(), weights.clone()).unwrap();
                let mut tally = Tally::default();
                for sample_idx in 0..train.len() {
                    let (active, target) = (train.input(sample_idx), train.target(sample_idx));
                    watched.run_sample(active, target, &mut tally).unwrap();
                }
                tally
            })
            .collect();
            assert_eq!(tallies[0], tallies[1], "{name}");
            assert_eq!(tallies[0].faulty > 0, form == Form::Published, "{:?}", tallies[0]);
        }
    }

    /// On wider registers the published circuit does the same, phantoms included, as long as nothing wraps.
    #[test]
    fn wide_registers_change_nothing_but_wraps() {
        let (train, shape) = small();
        let weights = grown(&shape, 2, 12);
        let circuit = circuit_of(&shape, Form::Published, 400, &weights).unwrap();
        let tally_of = |part: &Part| {
            let engine = Changed::new(&circuit, &network_of(&circuit, part).unwrap()).unwrap();
            let mut watched =
                Watched::new(&circuit, Box::new(engine), shape.clone(), weights.clone()).unwrap();
            let mut tally = Tally::default();
            for sample_idx in 0..train.len() {
                let (active, target) = (train.input(sample_idx), train.target(sample_idx));
                watched.run_sample(active, target, &mut tally).unwrap();
            }
            tally
        };
        let narrow = tally_of(&published());
        assert!(narrow.places.keys().all(|place| !place.contains("wrap")), "{narrow:?}");
        assert!(narrow.faulty > 0, "{narrow:?}");
        assert_eq!(tally_of(&wide()), narrow);
    }

    #[test]
    fn an_engine_for_another_wiring_is_refused() {
        let (_, shape) = small();
        let circuit = circuit_of(&shape, Form::Sized, 400, &init::he(&shape, 1)).unwrap();
        let other = circuit_of(&shape, Form::Published, 400, &init::he(&shape, 1)).unwrap();
        assert!(Changed::new(&circuit, other.network()).is_err());
    }
}
