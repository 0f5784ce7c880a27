//! The suite of the semantics, on every engine; and that it notices an engine that breaks it.

use crate::ladder::{fast, lif, loihi};
use std::sync::Arc;
use synfire_circuit::LifEngine;
use synfire_net::{Engine, Network, Sabotage, Strictness};
use synfire_verify::conformance::{SUITE, failures};

#[test]
fn every_engine_follows_the_semantics() {
    assert_eq!(failures(&lif), Vec::<String>::new());
    assert_eq!(failures(&loihi), Vec::<String>::new());
    assert_eq!(failures(&fast), Vec::<String>::new());
}

#[test]
fn an_engine_that_delivers_late_is_noticed() {
    let late = |network: Arc<Network>| {
        let mut engine =
            LifEngine::new(network, Strictness::Report).map_err(|error| error.to_string())?;
        engine.sabotage(Sabotage::DeliverAfterLearning);
        Ok(Box::new(engine) as Box<dyn Engine>)
    };
    let failed = failures(&late);
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(failed[0].starts_with("S4: a spike carries the weight before"), "{failed:?}");
    assert!(SUITE.len() > failed.len());
}
