//! The proof: that it reads well, that its bounds hold, and the figures stated about its room.

use proptest::prelude::*;
use synfire_circuit::{
    CircuitShape, Dials, Form, LearningCircuit, LifEngine, PlasticWeights, Population, margin,
};
use synfire_net::{Engine, InputSchedule, Strictness, UNIT_GAIN};

fn build(shape: CircuitShape, form: Form) -> LearningCircuit {
    LearningCircuit::new(shape, form, &PlasticWeights::zeros(&shape)).unwrap()
}

#[test]
fn a_complete_proof_says_so() {
    let circuit = build(CircuitShape::new(241, 170, 10), Form::Sized);
    let proof = margin::prove(&circuit);
    assert!(proof.is_complete());
    let text = proof.to_string();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "population  phase   input from      to   harmless to   headroom");
    // Phase 0 of h: 241 weights of -256 to 254 at half a unit; who was active is held, who was not was at most at 256
    // and has been potentiated since.
    let hold = i64::from(circuit.dials().hold_hidden);
    let (from, to) = ((256 + hold).min(-241 * 128), (241 * 127 + hold).max(256 + 241));
    let row = lines.iter().find(|line| line.starts_with("h               0 ")).unwrap();
    let cells: Vec<_> = row.split_whitespace().collect();
    assert_eq!(cells[2..5], [from.to_string(), to.to_string(), "2048".to_owned()], "{row}");
    assert!(row.ends_with("proved silent"), "{row}");
    assert!(lines.iter().any(|line| line.ends_with("may spike, cannot wrap")));
    assert_eq!(
        *lines.last().unwrap(),
        "proved: no weight within the limits can make a population spike outside its phases or a sum wrap"
    );
    assert!(!text.contains("NOT") && lines.iter().all(|line| line.len() <= 100), "{text}");
}

#[test]
fn a_proof_that_fails_says_where_and_by_how_much() {
    let proof = margin::prove(&build(CircuitShape::new(37, 36, 10), Form::Published));
    assert!(!proof.is_complete());
    let text = proof.to_string();
    assert!(text.contains("NOT proved: watched at run time"), "{text}");
    // 37 * 254 = 9398 against 9216, in plastic weight units of 64.
    let tail: Vec<_> = text.lines().rev().take(4).collect();
    assert_eq!(
        tail,
        [
            "  h> in phase 0: worst case overshoots by 182 plastic weight units",
            "  h< in phase 0: worst case overshoots by 182 plastic weight units",
            "  h in phase 0: worst case overshoots by 182 plastic weight units",
            "not proved for every weight within the limits; the engines watch every step:",
        ]
    );
    let row = proof.missing().next().unwrap();
    assert_eq!((row.headroom(), row.is_proved()), (-182 * i64::from(UNIT_GAIN), false));
}

/// Clause G1 in half units of charge: the largest |z| for which a population with activation A stays
/// silent and unwrapped under inhibition I, in plastic weight units.
fn reach(activation: i64, inhibition: i64, plastic_gain: i64) -> i64 {
    let silent = activation + inhibition;
    let unwrapped = 32_768 - inhibition;
    let open = 32_767 - activation;
    silent.min(unwrapped).min(open) * 64 / plastic_gain
}

/// Clause G5 and the figures in the documentation of the strengths, from the strengths themselves.
#[test]
fn the_room_is_as_stated() {
    let activation = |form: Form, population: Population| {
        let circuit = build(CircuitShape::new(1, 1, 1), form);
        let neuron = *circuit.network().layer(circuit.layer(population)).neuron().unwrap();
        let opening = circuit.dials().opening(population);
        assert_eq!(neuron.threshold, opening.threshold * UNIT_GAIN);
        assert_eq!(neuron.bias, opening.bias * UNIT_GAIN);
        i64::from((neuron.threshold - neuron.bias) / UNIT_GAIN)
    };
    let published = Dials::published();
    // For symmetric sums, which those of no weight at all are.
    let sized = Dials::sized(0, 0, 0, 0);
    let unit = i64::from(sized.plastic_gain);
    let (high, low) =
        (activation(Form::Sized, Population::O), activation(Form::Published, Population::O));
    assert_eq!((high, low), (10_880, 9216));
    let inhibition = -i64::from(sized.hold_output);
    assert_eq!(inhibition, 10_944);
    assert_eq!(reach(high, inhibition, unit), 43_648);
    // What strengths with eight-bit mantissas could reach: none is better, and with the published
    // threshold the best is less.
    let best = |activation: i64| (0..=255).map(|k| reach(activation, k * 64, unit)).max().unwrap();
    assert_eq!((0..=511).map(|k| best(k * 64)).max(), Some(43_648));
    assert_eq!(best(low), 41_984);
    // Hidden neurons of the sized circuit: who was active is held, nobody else.
    let hidden = activation(Form::Sized, Population::H);
    let hold = -i64::from(sized.hold_hidden);
    assert_eq!((hidden, hold), (2048, 28_672));
    let weight = |charge: i64| charge * 64 / unit;
    assert_eq!(weight((hidden + hold).min(32_767 - hidden)), 61_438);
    assert_eq!(weight(-32_768), -65_536);
    // The published circuit trusts the bias in phase 0 and holds in phase 8, at its own unit.
    assert_eq!(published.plastic_gain, UNIT_GAIN);
    assert_eq!(activation(Form::Published, Population::H), low);
    assert_eq!(low - i64::from(published.hold_hidden), 17_344);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The bounds hold: whatever weights and samples, no neuron's input leaves its row of the proof. The
    /// neurons have no memory, so their current is the input of the step.
    #[test]
    fn no_input_leaves_its_bounds(
        form in prop_oneof![Just(Form::Published), Just(Form::Sized)],
        sizes in (1_u32..14, 1_u32..14, 1_u32..4),
        extreme in any::<bool>(),
        halves in prop::collection::vec(-128_i16..=127, 13 * 13 + 13 * 3),
        samples in prop::collection::vec((any::<u16>(), any::<u32>()), 1..6),
    ) {
        let (n_inputs, n_hidden, n_outputs) = sizes;
        let shape = CircuitShape::new(n_inputs, n_hidden, n_outputs);
        let mut halves = halves.into_iter().map(|half| match (extreme, half) {
            (false, half) => half * 2,
            (true, half) if half % 3 == 0 => -256,
            (true, _) => 254,
        });
        let mut take = |n: u32| halves.by_ref().take(n as usize).collect::<Vec<_>>();
        let (w1, w2) = (take(n_inputs * n_hidden), take(n_hidden * n_outputs));
        let weights = PlasticWeights::from_forward(&shape, w1, w2);
        let circuit = LearningCircuit::new(shape, form, &weights).unwrap();
        let proof = margin::prove(&circuit);
        prop_assert!(proof.is_complete(), "{}", proof);

        let mut engine = LifEngine::new(circuit.network().clone(), Strictness::Strict).unwrap();
        circuit.start(&mut engine, &mut ()).unwrap();
        let network = circuit.network();
        let mut schedule = InputSchedule::new();
        for (sample, (bits, target)) in (0..).zip(samples) {
            let active: Vec<_> = (0..n_inputs).filter(|input| bits >> input & 1 == 1).collect();
            schedule.clear();
            circuit.schedule_sample(sample, &active, target % n_outputs, &mut schedule);
            for _ in 0..12 {
                engine.advance(1, &schedule, &mut ()).unwrap();
                let phase = network.phase(engine.step()).unwrap();
                for row in proof.rows.iter().filter(|row| row.phase == phase) {
                    let layer = network.find_layer(&row.population).unwrap();
                    for current in engine.currents(layer) {
                        prop_assert!(
                            (row.lowest..=row.highest).contains(&current),
                            "{} in phase {}: {} outside {}..={}",
                            row.population, phase, current, row.lowest, row.highest
                        );
                    }
                }
            }
        }
    }
}
