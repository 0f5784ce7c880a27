//! Our names and those of the authors' published code: unique and complete.

use std::collections::BTreeSet;
use synfire_circuit::{
    CircuitError, CircuitShape, Form, LearningCircuit, PlasticWeights, Population, Side,
};

fn everyone() -> impl Iterator<Item = Population> {
    Population::WORKING.into_iter().chain((0..12).map(Population::Gate))
}

#[test]
fn names_are_unique_in_both_languages() {
    for name in [Population::name, Population::lanl_name] {
        let names: BTreeSet<_> = everyone().map(name).collect();
        assert_eq!(names.len(), 15 + 12);
        assert!(names.iter().all(|name| !name.is_empty() && name.trim() == name));
    }
}

/// The names of clause P1.
#[test]
fn the_authors_names_are_complete() {
    let names: Vec<_> = everyone().map(Population::lanl_name).collect();
    let expected = [
        "x", "m_x6", "h1", "h1_copy", "h1_copy2", "m_h1", "c_h1", "h1T", "o", "o_copy", "o_copy2",
        "oT-", "t", "d+", "d-", "g00", "g01", "g02", "g03", "g04", "g05", "g06", "g07", "g08",
        "g09", "g10", "g11",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_circuit_can_be_built_with_the_authors_names() {
    let shape = CircuitShape::new(5, 4, 3);
    let weights = PlasticWeights::zeros(&shape);
    for (name, other) in [
        (Population::name as fn(Population) -> String, Population::lanl_name as fn(_) -> _),
        (Population::lanl_name, Population::name),
    ] {
        let circuit = LearningCircuit::named(shape, Form::Published, &weights, name).unwrap();
        let network = circuit.network();
        for population in everyone() {
            let layer = circuit.layer(population);
            assert_eq!(network.find_layer(&name(population)), Some(layer));
            assert_eq!(network.layer(layer).phases, Some(population.learning_phases()));
            let size = match population.side() {
                Side::Input => 5,
                Side::Hidden => 4,
                Side::Output => 3,
                Side::Single => 1,
            };
            assert_eq!(network.layer(layer).n_neurons, size);
        }
        assert_eq!(network.find_layer(&other(Population::Mx)), None);
        // Fifteen populations, twelve gates, sources of input, target, reward and start.
        assert_eq!(network.layers().len(), 15 + 12 + 4);
    }
}

#[test]
fn names_given_twice_are_refused() {
    let shape = CircuitShape::new(2, 2, 2);
    let twice = |population: Population| match population {
        Population::HHigh => "h1_copy".to_owned(),
        _ => population.lanl_name(),
    };
    let refused = LearningCircuit::named(shape, Form::Sized, &PlasticWeights::zeros(&shape), twice);
    let error = refused.unwrap_err();
    assert!(matches!(error, CircuitError::Network(_)));
    let text = error.to_string();
    assert!(text.contains("layer `h1_copy`: the name is used more than once"), "{text}");
}
