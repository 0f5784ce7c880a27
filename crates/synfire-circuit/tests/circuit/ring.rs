//! The gating chain: one start spike, and the pulse runs for ever, one gate a step.

use synfire_circuit::{
    CircuitShape, Form, InferenceCircuit, LearningCircuit, LifEngine, PlasticWeights, Population,
};
use synfire_net::{Engine, InputSchedule, LayerId, Network, Observer, Raster, Strictness};

/// The layers that spiked in each step, neurons aside.
#[derive(Default)]
struct Spiked(Vec<(u64, LayerId)>);

impl Observer for Spiked {
    fn spikes(&mut self, step: u64, layer: LayerId, _: &[u32]) {
        self.0.push((step, layer));
    }
}

const CYCLES: u64 = 1000;

/// Without samples nothing spikes but the gates, gate k in phase k - 1 and in no other.
fn check_pulse(network: &Network, spiked: &[(u64, LayerId)], gates: &[LayerId], from: u64) {
    let period = gates.len() as u64;
    let expected: Vec<_> = (from..=CYCLES * period)
        .map(|step| {
            let phase = (step - 1) % period;
            (step, gates[usize::try_from((phase + 1) % period).unwrap()])
        })
        .collect();
    assert_eq!(spiked, expected);
    assert_eq!(network.gating().map(|gating| &gating.chain[..]), Some(gates));
}

#[test]
fn the_ring_of_twelve_runs_for_ever_after_one_spike() {
    let shape = CircuitShape::new(3, 2, 2);
    for form in [Form::Published, Form::Sized] {
        let circuit = LearningCircuit::new(shape, form, &PlasticWeights::zeros(&shape)).unwrap();
        let mut engine = LifEngine::new(circuit.network().clone(), Strictness::Strict).unwrap();
        let mut spiked = Spiked::default();
        circuit.start(&mut engine, &mut spiked).unwrap();
        // The start source in step 11, gate 0 in step 12, the last of the first cycle.
        let chain = circuit.chain();
        assert_eq!(spiked.0, [(11, chain.start), (12, chain.gates[0])]);
        assert_eq!((chain.start_step(), engine.step()), (11, 12));
        spiked.0.clear();
        let steps = u32::try_from((CYCLES - 1) * 12).unwrap();
        engine.advance(steps, &InputSchedule::new(), &mut spiked).unwrap();
        assert_eq!(chain.gates.len(), 12);
        check_pulse(circuit.network(), &spiked.0, &chain.gates, 13);
    }
}

#[test]
fn the_ring_of_four_runs_for_ever_after_one_spike() {
    let shape = CircuitShape::new(3, 2, 2);
    for form in [Form::Published, Form::Sized] {
        let circuit = InferenceCircuit::new(shape, form, &[0; 6], &[0; 4]).unwrap();
        let gates: Vec<_> = (0..4).map(|k| circuit.layer(Population::Gate(k)).unwrap()).collect();
        let mut engine = LifEngine::new(circuit.network().clone(), Strictness::Strict).unwrap();
        let mut spiked = Spiked::default();
        circuit.start(&mut engine, &mut spiked).unwrap();
        assert_eq!(engine.step(), 4);
        assert_eq!(spiked.0.iter().map(|(step, _)| *step).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(spiked.0[1].1, gates[0]);
        spiked.0.clear();
        let steps = u32::try_from((CYCLES - 1) * 4).unwrap();
        engine.advance(steps, &InputSchedule::new(), &mut spiked).unwrap();
        check_pulse(circuit.network(), &spiked.0, &gates, 5);
        assert_eq!(circuit.layer(Population::Gate(4)), None);
        assert_eq!(circuit.layer(Population::Mx), None);
    }
}

#[test]
fn without_a_start_spike_nothing_moves() {
    let shape = CircuitShape::new(3, 2, 2);
    let weights = PlasticWeights::from_forward(&shape, vec![254; 6], vec![254; 4]);
    let circuit = LearningCircuit::new(shape, Form::Sized, &weights).unwrap();
    let mut engine = LifEngine::new(circuit.network().clone(), Strictness::Strict).unwrap();
    let mut schedule = InputSchedule::new();
    for sample in 0..5 {
        circuit.schedule_sample(sample, &[0, 1, 2], 0, &mut schedule);
    }
    let mut raster = Raster::new(circuit.network(), 1);
    engine.advance(12 * 6, &schedule, &mut raster).unwrap();
    let n_given = schedule.spikes().len() as u64;
    assert_eq!((raster.n_spikes(), n_given), (n_given, 5 * (3 + 1 + 2)));
    assert_eq!(engine.operations().spikes, 0);
}
