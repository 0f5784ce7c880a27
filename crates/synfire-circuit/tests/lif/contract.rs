//! What the engine promises beyond numbers: order of reports, faults, strictness, replaced weights,
//! counts.

use crate::record::{Record, engine, neuron, one_to_one, rule, schedule};
use synfire_circuit::LifEngine;
use synfire_net::{
    Connectivity, Delay, Engine, Fault, FaultKind, Gating, LayerId, NetworkBuilder, Observer,
    Operations, PhaseSet, Plasticity, ProjectionId, StepError, Strictness, Weights, WeightsError,
};

/// Two sources onto two neurons, all to all and plastic, with a period of four.
fn pair(strictness: Strictness) -> (LifEngine, LayerId, LayerId, ProjectionId) {
    let mut builder = NetworkBuilder::new("pair");
    let sources = builder.sources("sources", 2);
    let cells = builder.neurons("cells", 2, neuron([4096, 4096], 6400, 1));
    let all = Connectivity::AllToAll { weights: Weights::Uniform(120), delay: Delay::ZERO };
    let plasticity = Plasticity { phases: Some(PhaseSet::of(&[1])), ..rule("2*x0*y0") };
    let id = builder.connect_plastic("weights", sources, cells, all, plasticity);
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
    let (mut engine, sources, ..) = pair(Strictness::Report);
    let mut input = schedule(&[(1, sources)]);
    input.push(1, sources, 1);
    input.push(3, sources, 1);
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
    assert_eq!((engine.name(), engine.network().name(), engine.step()), ("lif", "pair", 5));
}

#[test]
fn a_strict_engine_stops_at_the_first_fault_and_stays_stopped() {
    let (mut engine, sources, cells, _) = pair(Strictness::Strict);
    let input = schedule(&[(3, sources)]);
    let mut record = Record::default();
    let error = engine.advance(10, &input, &mut record).unwrap_err();
    assert_eq!(
        error.to_string(),
        "step 4, layer cells, neuron 0: spike in phase 3, in which the layer may not spike"
    );
    let kind = FaultKind::SpikeOutsidePhase { phase: 3 };
    assert_eq!(record.faults, [Fault { step: 4, layer: cells, neuron_idx: 0, kind }]);
    assert_eq!(record.spikes, [(3, sources, vec![0])]);
    assert_eq!(engine.step(), 4);
    for _ in 0..2 {
        let error = engine.advance(1, &schedule(&[]), &mut record).unwrap_err();
        assert_eq!(error, StepError::Stopped { step: 4 });
        assert_eq!(error.to_string(), "the engine stopped in step 4 and cannot go on");
    }
    assert_eq!(engine.step(), 4);
}

#[test]
fn a_coincidence_outside_its_phases_is_a_fault_and_learns_all_the_same() {
    for strictness in [Strictness::Report, Strictness::Strict] {
        let (mut engine, sources, cells, projection) = pair(strictness);
        // Phase 1 (step 2) is allowed, phase 2 (step 3) is not.
        let mut input = schedule(&[(1, sources), (2, sources)]);
        input.push(3, sources, 1);
        let mut record = Record::default();
        let result = engine.advance(3, &input, &mut record);
        let kind = FaultKind::LearningOutsidePhase { phase: 2, projection, source_idx: 1 };
        let fault = |neuron_idx| Fault { step: 3, layer: cells, neuron_idx, kind };
        if strictness == Strictness::Report {
            result.unwrap();
            assert_eq!(record.faults, [fault(0), fault(1)]);
            assert_eq!(*engine.weights(projection).unwrap(), [122, 122, 122, 122]);
        } else {
            let stopped =
                matches!(result, Err(StepError::Fault { fault: at, .. }) if at == fault(0));
            assert!(stopped, "{result:?}");
            assert_eq!(*engine.weights(projection).unwrap(), [122, 122, 120, 120]);
        }
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
    engine.advance(4, &schedule(&[(1, source), (2, source), (4, source)]), &mut record).unwrap();
    let kind = FaultKind::SpikeOutsidePhase { phase: 1 };
    assert_eq!(record.faults, [Fault { step: 2, layer: source, neuron_idx: 0, kind }]);
}

#[test]
fn weights_are_replaced_or_nothing_changes() {
    let (mut engine, sources, cells, id) = pair(Strictness::Report);
    engine.set_weights(id, &[254, -256, 0, 2]).unwrap();
    assert_eq!(*engine.weights(id).unwrap(), [254, -256, 0, 2]);
    for (weights, message) in [
        (
            &[0, 0, 1, 0][..],
            "projection `weights`, synapse 2: weight 1, expected -256 to 254 in steps of 2",
        ),
        (
            &[0, 256, 0, 0],
            "projection `weights`, synapse 1: weight 256, expected -256 to 254 in steps of 2",
        ),
        (&[0; 3], "projection `weights`: 3 weights, expected 4"),
    ] {
        assert_eq!(engine.set_weights(id, weights).unwrap_err().to_string(), message);
    }
    assert_eq!(*engine.weights(id).unwrap(), [254, -256, 0, 2]);
    engine.advance(2, &schedule(&[(1, sources)]), &mut ()).unwrap();
    assert_eq!(engine.currents(cells), [254 * 64, -256 * 64]);
}

#[test]
fn static_projections_show_no_weights() {
    let mut builder = NetworkBuilder::new("static");
    let source = builder.sources("source", 1);
    let cell = builder.neurons("cell", 1, neuron([4096, 4096], 64, 1));
    let id = builder.connect("fixed", source, cell, one_to_one(64, 0));
    let mut engine = engine(builder, Strictness::Strict);
    assert_eq!(engine.weights(id), None);
    let error = engine.set_weights(id, &[64]).unwrap_err();
    assert!(matches!(&error, WeightsError::Static { .. }), "{error}");
    assert_eq!((engine.currents(source), engine.voltages(source)), (vec![], vec![]));
}

#[test]
fn operations_are_counted() {
    let mut builder = NetworkBuilder::new("counts");
    let sources = builder.sources("sources", 3);
    let first = builder.neurons("first", 2, neuron([4096, 4096], 64, 1));
    let second = builder.neurons("second", 2, neuron([4096, 4096], 64, 1));
    let all =
        |weight| Connectivity::AllToAll { weights: Weights::Uniform(weight), delay: Delay::ZERO };
    builder.connect("input", sources, first, all(2));
    builder.connect("static", first, second, one_to_one(2, 0));
    builder.connect_plastic("plastic", first, second, all(2), rule("2*x0 + 2*y0*x0"));
    let mut engine = engine(builder, Strictness::Strict);
    let mut input = schedule(&[(1, sources)]);
    input.push(1, sources, 2);
    engine.advance(3, &input, &mut ()).unwrap();
    // Two sources to two neurons; they spike once, and so do those they drive.
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
