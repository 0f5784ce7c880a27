//! What the engine promises beyond numbers: order of reports, faults, strictness, replaced weights,
//! counts, and that each sabotage is visible.

use crate::record::{Record, engine, neuron, one_to_one, schedule};
use synfire_loihi::PlainEngine;
use synfire_net::{
    Connectivity, Delay, Engine, Fault, FaultKind, Gating, LayerId, NetworkBuilder, Neuron,
    Observer, Operations, PhaseSet, Plasticity, ProjectionId, Refractory, Sabotage, StepError,
    Strictness, WeightRange, Weights, WeightsError,
};

/// Two sources onto two neurons, all to all and plastic, with a period of four.
fn pair(strictness: Strictness) -> (PlainEngine, LayerId, LayerId, ProjectionId) {
    let mut builder = NetworkBuilder::new("pair");
    let sources = builder.sources("sources", 2);
    let cells = builder.neurons("cells", 2, neuron(4096, 4096, 100));
    let id = builder.connect_plastic(
        "weights",
        sources,
        cells,
        Connectivity::AllToAll { weights: Weights::Uniform(120), delay: Delay::ZERO },
        Plasticity {
            phases: Some(PhaseSet::of(&[1])),
            ..Plasticity::new("2*x0*y0".parse().unwrap(), WeightRange::MIXED)
        },
    );
    builder.gating(Gating { period: 4, chain: Vec::new() });
    builder.allow(cells, PhaseSet::of(&[1, 2]));
    (engine(builder, strictness), sources, cells, id)
}

#[test]
fn spikes_are_reported_in_order_and_faults_before_them() {
    #[derive(Default)]
    struct Log(Vec<String>);
    impl Observer for Log {
        fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
            self.0.push(format!("{step} {layer} {neurons:?}"));
        }
        fn fault(&mut self, fault: &Fault) {
            self.0.push(format!("{} {} {}", fault.step, fault.layer, fault.kind));
        }
    }
    let (mut engine, sources, _, _) = pair(Strictness::Report);
    let input = schedule(&[(1, sources, 0), (1, sources, 1), (3, sources, 1)]);
    let mut log = Log::default();
    engine.advance(5, &input, &mut log).unwrap();
    assert_eq!(
        log.0,
        [
            "1 layer #0 [0, 1]",
            "2 layer #1 [0, 1]",
            "3 layer #0 [1]",
            "4 layer #1 spike in phase 3, in which the layer may not spike",
            "4 layer #1 spike in phase 3, in which the layer may not spike",
            "4 layer #1 [0, 1]",
        ]
    );
    assert_eq!(engine.name(), "loihi");
    assert_eq!(engine.network().name(), "pair");
}

#[test]
fn coincidences_outside_their_phases_are_faults() {
    let (mut engine, sources, cells, projection) = pair(Strictness::Report);
    // Phase 1 (step 2) is allowed, phase 2 (step 3) is not.
    let input = schedule(&[(1, sources, 0), (2, sources, 0), (3, sources, 1)]);
    let mut record = Record::default();
    engine.advance(3, &input, &mut record).unwrap();
    let kind = FaultKind::LearningOutsidePhase { phase: 2, projection, source_idx: 1 };
    let fault = |neuron_idx| Fault { step: 3, layer: cells, neuron_idx, kind };
    assert_eq!(record.faults, [fault(0), fault(1)]);
    // The learning happens all the same.
    assert_eq!(*engine.weights(projection).unwrap(), [122, 122, 122, 122]);
    assert_eq!(engine.operations().plastic_updates, 4);
}

#[test]
fn a_strict_engine_stops_at_the_first_fault() {
    let (mut engine, sources, cells, _) = pair(Strictness::Strict);
    let input = schedule(&[(3, sources, 1)]);
    let mut record = Record::default();
    let error = engine.advance(10, &input, &mut record).unwrap_err();
    assert_eq!(
        error.to_string(),
        "step 4, layer cells, neuron 0: spike in phase 3, in which the layer may not spike"
    );
    let kind = FaultKind::SpikeOutsidePhase { phase: 3 };
    assert_eq!(record.faults, [Fault { step: 4, layer: cells, neuron_idx: 0, kind }]);
    // The fault stopped it before the spikes of its layer were reported.
    assert_eq!(record.spikes, [(3, sources, vec![1])]);
    assert_eq!(engine.step(), 4);
    let error = engine.advance(1, &input, &mut ()).unwrap_err();
    assert_eq!(error, StepError::Stopped { step: 4 });
}

#[test]
fn input_for_something_else_is_refused() {
    let (_, sources, cells, _) = pair(Strictness::Strict);
    for (spike, message) in [
        ((2, cells, 0), "input spike of step 2: layer `cells` is not a layer of sources"),
        ((2, sources, 2), "input spike of step 2: source 2 of layer `sources`, expected 0 to 1"),
    ] {
        let (mut engine, ..) = pair(Strictness::Report);
        // Outside the steps that are run it is not looked at.
        engine.advance(1, &schedule(&[spike]), &mut ()).unwrap();
        let error = engine.advance(1, &schedule(&[spike]), &mut ()).unwrap_err();
        assert_eq!(error.to_string(), message);
        let error = engine.advance(1, &schedule(&[]), &mut ()).unwrap_err();
        assert_eq!(error, StepError::Stopped { step: 1 });
    }
}

#[test]
fn a_source_outside_its_phases_is_a_fault() {
    let mut builder = NetworkBuilder::new("source");
    let source = builder.sources("source", 1);
    builder.gating(Gating { period: 3, chain: Vec::new() });
    builder.allow(source, PhaseSet::of(&[0]));
    let mut engine = engine(builder, Strictness::Report);
    let mut record = Record::default();
    engine
        .advance(4, &schedule(&[(1, source, 0), (2, source, 0), (4, source, 0)]), &mut record)
        .unwrap();
    let kind = FaultKind::SpikeOutsidePhase { phase: 1 };
    assert_eq!(record.faults, [Fault { step: 2, layer: source, neuron_idx: 0, kind }]);
}

#[test]
fn weights_are_replaced_or_nothing_changes() {
    let (mut engine, sources, cells, id) = pair(Strictness::Report);
    engine.set_weights(id, &[254, -256, 0, 2]).unwrap();
    assert_eq!(*engine.weights(id).unwrap(), [254, -256, 0, 2]);
    let error = engine.set_weights(id, &[0, 0, 1, 0]).unwrap_err();
    assert!(matches!(error, WeightsError::Weight { synapse_idx: 2, found: 1, .. }), "{error}");
    assert!(matches!(engine.set_weights(id, &[0; 3]), Err(WeightsError::Count { .. })));
    assert_eq!(*engine.weights(id).unwrap(), [254, -256, 0, 2]);
    engine.advance(2, &schedule(&[(1, sources, 0)]), &mut ()).unwrap();
    assert_eq!(engine.currents(cells), [254 * 64, -256 * 64]);
}

#[test]
fn static_projections_show_no_weights() {
    let mut builder = NetworkBuilder::new("static");
    let source = builder.sources("source", 1);
    let cell = builder.neurons("cell", 1, neuron(4096, 4096, 1));
    let id = builder.connect("fixed", source, cell, one_to_one(64));
    let mut engine = engine(builder, Strictness::Strict);
    assert_eq!(engine.weights(id), None);
    assert!(matches!(engine.set_weights(id, &[64]), Err(WeightsError::Static { .. })));
    assert_eq!((engine.currents(source), engine.voltages(source)), (vec![], vec![]));
}

#[test]
fn operations_are_counted() {
    let mut builder = NetworkBuilder::new("counts");
    let sources = builder.sources("sources", 3);
    let first = builder.neurons("first", 2, neuron(4096, 4096, 1));
    let second = builder.neurons("second", 2, neuron(4096, 4096, 1));
    let all =
        |weight| Connectivity::AllToAll { weights: Weights::Uniform(weight), delay: Delay::ZERO };
    builder.connect("input", sources, first, all(2));
    builder.connect("static", first, second, one_to_one(2));
    builder.connect_plastic(
        "plastic",
        first,
        second,
        all(2),
        Plasticity::new("2*x0 + 2*y0*x0".parse().unwrap(), WeightRange::MIXED),
    );
    let mut engine = engine(builder, Strictness::Strict);
    engine.advance(3, &schedule(&[(1, sources, 0), (1, sources, 2)]), &mut ()).unwrap();
    let expected = Operations {
        steps: 3,
        spikes: 4,
        input_deliveries: 4,
        static_deliveries: 2,
        plastic_deliveries: 4,
        plastic_updates: 4,
    };
    assert_eq!(engine.operations(), expected);
}

/// One neuron that drives another, and a plastic synapse between them.
fn sabotaged(sabotage: Option<Sabotage>) -> (Record, Vec<i64>, i16) {
    let mut builder = NetworkBuilder::new("sabotage");
    let source = builder.sources("source", 1);
    let held = Neuron { refractory: Refractory::new(3).unwrap(), ..neuron(4096, 0, 10) };
    let first = builder.neurons("first", 1, neuron(4096, 4096, 10));
    let second = builder.neurons("second", 1, held);
    builder.connect("source", source, first, one_to_one(20));
    let id = builder.connect_plastic(
        "weight",
        first,
        second,
        one_to_one(20),
        Plasticity::new("2*x0".parse().unwrap(), WeightRange::MIXED),
    );
    let mut engine = engine(builder, Strictness::Strict);
    if let Some(sabotage) = sabotage {
        engine.sabotage(sabotage);
    }
    let mut record = Record::default();
    let mut currents = Vec::new();
    for _ in 0..4 {
        engine.advance(1, &schedule(&[(1, source, 0)]), &mut record).unwrap();
        currents.push(engine.currents(second)[0]);
    }
    let weight = engine.weights(id).unwrap()[0];
    (record, currents, weight)
}

#[test]
fn every_sabotage_is_visible() {
    let (clean, currents, weight) = sabotaged(None);
    let [source, first, second] = [0, 1, 2].map(|idx: usize| clean.spikes[idx].1);
    assert_eq!(clean.spikes, [(1, source, vec![0]), (2, first, vec![0]), (3, second, vec![0])]);
    assert_eq!((currents, weight), (vec![0, 0, 1280, 0], 22));

    let (late, currents, weight) = sabotaged(Some(Sabotage::DeliverAfterLearning));
    assert_eq!(late, clean);
    assert_eq!((currents, weight), (vec![0, 0, 1408, 0], 22));

    let drop = Sabotage::DropSpike { step: 2, layer: first, neuron_idx: 0 };
    let (dropped, currents, weight) = sabotaged(Some(drop));
    assert_eq!(dropped.spikes, clean.spikes[..1]);
    assert_eq!((currents, weight), (vec![0; 4], 20));

    let add = Sabotage::AddSpike { step: 2, layer: second, neuron_idx: 0 };
    let (added, currents, weight) = sabotaged(Some(add));
    // The neuron is held in steps 3 and 4 and does not spike when its input comes.
    let expected = [(1, source, vec![0]), (2, first, vec![0]), (2, second, vec![0])];
    assert_eq!(added.spikes, expected);
    assert_eq!((currents, weight), (vec![0, 0, 1280, 0], 22));

    let nowhere = Sabotage::AddSpike { step: 2, layer: second, neuron_idx: 7 };
    assert_eq!(sabotaged(Some(nowhere)).0, clean);
    let source_too = Sabotage::DropSpike { step: 1, layer: source, neuron_idx: 0 };
    assert_eq!(sabotaged(Some(source_too)).0, Record::default());
}
