//! The ladder on networks that proptest draws and shrinks.

use proptest::prelude::*;
use std::sync::Arc;
use synfire_circuit::{Form, LifEngine};
use synfire_fast::FastEngine;
use synfire_loihi::{PlainEngine, lower};
use synfire_net::{Engine, Network, Strictness};
use synfire_verify::{Case, Claim, Climb, Rung, cases, climb};

pub(crate) fn lif(network: Arc<Network>) -> Result<Box<dyn Engine>, String> {
    let engine = LifEngine::new(network, Strictness::Report).map_err(|error| error.to_string())?;
    Ok(Box::new(engine))
}

pub(crate) fn loihi(network: Arc<Network>) -> Result<Box<dyn Engine>, String> {
    let program = lower(network).map_err(|error| error.to_string())?;
    Ok(Box::new(PlainEngine::new(Arc::new(program), Strictness::Report)))
}

pub(crate) fn fast(network: Arc<Network>) -> Result<Box<dyn Engine>, String> {
    let program = lower(network).map_err(|error| error.to_string())?;
    Ok(Box::new(FastEngine::new(Arc::new(program), Strictness::Report)))
}

pub(crate) fn ladder(case: &Case, form: Form) -> Climb {
    let rung = |name, build| Rung { name, build };
    climb(case, form, &[rung("lif", &lif), rung("loihi", &loihi), rung("fast", &fast)])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// E1 to E8: one gating cycle is one reference update, for every network and sample.
    #[test]
    fn the_sized_circuit_is_the_reference(case in cases::strategy(Form::Sized)) {
        let found = ladder(&case, Form::Sized);
        prop_assert!(found.failure.is_none(), "{:?}", found.failure);
        prop_assert!(found.counts.iter().all(|counts| counts.get(Claim::Forward) > 0));
    }

    /// The published circuit is exact as long as its sums stay below its holds.
    #[test]
    fn the_published_circuit_is_the_reference_for_small_layers(
        case in cases::strategy(Form::Published).prop_filter(
            "proved sizes",
            |case| case.shape.n_inputs <= 36 && case.shape.n_hidden <= 36,
        ),
    ) {
        let found = ladder(&case, Form::Published);
        prop_assert!(found.failure.is_none(), "{:?}", found.failure);
    }
}
