//! Rules that take the place of others between two steps: what is refused, what stays, and that the engine
//! goes on as the second simulator does, by whichever of its two ways it learns.

use crate::learning_twin::compare_states;
use crate::naive::Naive;
use crate::record::{Record, neuron, one_to_one, schedule};
use std::sync::Arc;
use synfire_loihi::{PlainEngine, RuleArithmetic, RulesError, lower};
use synfire_net::rule::{Target, Variable};
use synfire_net::{
    Connectivity, Delay, Engine, InputSchedule, LayerId, LearningPeriod, NetworkBuilder,
    Plasticity, ProjectionId, Reward, Rules, Strictness, Trace, Traces, WeightRange, Weights,
};

/// Engine and second simulator of one network.
struct Pair {
    engine: PlainEngine,
    naive: Naive,
    input: InputSchedule,
    /// The projection that does not learn, and the one that does.
    fixed: ProjectionId,
    id: ProjectionId,
}

fn rules(weight: &str) -> Rules {
    Rules::weight(weight.parse().unwrap())
}

fn all_rules(weight: &str, delay: &str, tag: &str) -> Rules {
    let rule = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
    Rules { weight: rule(weight), delay: rule(delay), tag: rule(tag) }
}

/// Three sources onto three neurons that each of them makes spike, and one source of reward.
fn pair(plasticity: impl FnOnce(LayerId) -> Plasticity) -> Pair {
    let mut builder = NetworkBuilder::new("exchange");
    let sources = builder.sources("sources", 3);
    let reward = builder.sources("reward", 1);
    let cells = builder.neurons("cells", 3, neuron(4096, 4096, 100));
    let fixed = builder.connect("drive", sources, cells, one_to_one(120));
    let weights = Weights::Each(vec![0, 2, 4, -6, 8, -10, 12, 14, 100]);
    let connectivity = Connectivity::AllToAll { weights, delay: Delay::new(1).unwrap() };
    let id = builder.connect_plastic("learns", sources, cells, connectivity, plasticity(reward));
    let network = Arc::new(builder.build().unwrap());
    let program = Arc::new(lower(Arc::clone(&network)).unwrap());
    Pair {
        engine: PlainEngine::with_seed(program, Strictness::Report, 5),
        naive: Naive::new(network, 5, RuleArithmetic::DEFAULT),
        input: input(sources, reward),
        fixed,
        id,
    }
}

/// Sources and reward spike now and then, also in neighbouring steps.
fn input(sources: LayerId, reward: LayerId) -> InputSchedule {
    let mut spikes = Vec::new();
    for step in 1..=100 {
        for source_idx in (0..3).filter(|idx| (step * 5 + idx * 3) % 7 < 3) {
            spikes.push((step, sources, u32::try_from(source_idx).unwrap()));
        }
        if step % 5 < 2 {
            spikes.push((step, reward, 0));
        }
    }
    schedule(&spikes)
}

impl Pair {
    /// Runs both for some steps and compares them after each.
    fn advance(&mut self, n_steps: u64) {
        for _ in 0..n_steps {
            let step = self.engine.step() + 1;
            let sources: Vec<_> =
                self.input.at(step).iter().map(|spike| (spike.layer, spike.source_idx)).collect();
            let expected = self.naive.advance(&sources);
            let mut record = Record::default();
            self.engine.advance(1, &self.input, &mut record).unwrap();
            assert_eq!(record.spikes, expected.spikes);
            let network = Arc::clone(self.engine.program().network());
            compare_states(&network, &self.engine, &self.naive, step).unwrap();
        }
    }

    fn set_rules(&mut self, rules: &Rules) {
        self.engine.set_rules(self.id, rules).unwrap();
        assert!(self.naive.learning[self.id.index()].as_mut().unwrap().set_rules(rules));
    }

    fn weights(&self) -> Vec<i16> {
        self.engine.weights(self.id).unwrap().to_vec()
    }
}

fn traced(reward: LayerId) -> Plasticity {
    let trace = |impulse, tau| Trace::new(impulse, tau);
    Plasticity {
        rules: all_rules("2^-2*x1*y0 - 2^-2*x0*y1", "x0 - y0", "2^-3*x1*y0 - x0*r1"),
        traces: Traces { x1: trace(40, 7), y1: trace(30, 3), ..Traces::NONE },
        reward: Some(Reward { source: reward, trace: trace(9, 4).unwrap() }),
        ..Plasticity::new("2*x0".parse().unwrap(), WeightRange::MIXED)
    }
}

#[test]
fn rules_without_what_they_need_are_refused() {
    let plain = |_| Plasticity::new("2*x0*y0".parse().unwrap(), WeightRange::MIXED);
    let mut pair = pair(plain);
    pair.advance(7);
    let before = pair.weights();
    let id = pair.id;
    let mut message = |rules: &Rules| {
        let error = pair.engine.set_rules(id, rules).unwrap_err();
        (error.to_string(), error)
    };
    let (text, error) = message(&Rules::default());
    assert_eq!(text, "projection `learns`: no rule, expected at least one of dw, dd and dt");
    assert_eq!(error, RulesError::NoRule { projection: "learns".into() });
    for term in ["x1", "x2", "y1", "y2", "y3", "r0", "r1"] {
        let (text, error) = message(&rules(&format!("2*x0 - x0*{term}")));
        let expected = format!(
            "projection `learns`: rule `2*x0 - x0*{term}` reads {term}, \
             which the projection does not have"
        );
        assert_eq!(text, expected);
        assert!(matches!(error, RulesError::Missing { term: found, .. } if found == term));
    }
    // A factor counts even if the mantissa of its product is 0.
    assert!(matches!(message(&rules("0*x0*x1")).1, RulesError::Missing { .. }));
    let (text, error) = message(&all_rules("2*u1*w", "u2*d", ""));
    let expected = "projection `learns`: rules use u1 and u2, expected one k for all u_k";
    assert_eq!(text, expected);
    assert!(matches!(error, RulesError::UnequalTurns { first: 1, other: 2, .. }));
    let (text, error) = message(&all_rules("2*x0", "x0", ""));
    let expected = "projection `learns`: found a rule dd, expected none, as the program has no \
                    accumulator slots for it";
    assert_eq!(text, expected);
    assert!(matches!(error, RulesError::NoRoom { target: Target::Delay, .. }));
    let (text, error) = message(&all_rules("", "", "x0"));
    let expected = "projection `learns`: found a rule dt, expected none, as the program has no tag bits for it";
    assert_eq!(text, expected);
    assert!(matches!(error, RulesError::NoRoom { target: Target::Tag, .. }));
    // Nothing was changed: the second simulator, which heard of none of this, agrees.
    assert_eq!(pair.weights(), before);
    pair.advance(30);
    assert_ne!(pair.weights(), before);

    let error = pair.engine.set_rules(pair.fixed, &rules("2*x0")).unwrap_err();
    assert_eq!(error, RulesError::Static { projection: "drive".into() });
    let expected = "projection `drive` does not learn: it has no rules to exchange";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn refused_rules_leave_learning_in_full_as_it_is() {
    let mut pair = pair(traced);
    pair.advance(23);
    let mut untouched = pair.engine.clone();
    for refused in [rules("x0*x2"), rules("x0*y3"), Rules::default(), all_rules("u1*w", "u0*d", "")]
    {
        pair.engine.set_rules(pair.id, &refused).unwrap_err();
    }
    pair.advance(40);
    untouched.advance(40, &pair.input, &mut ()).unwrap();
    compare_states(untouched.program().network(), &untouched, &pair.naive, 63).unwrap();
}

#[test]
fn traces_tags_delays_and_the_reward_survive() {
    let mut pair = pair(traced);
    pair.advance(33);
    let id = pair.id;
    let kept = |engine: &PlainEngine| {
        let traces = [Variable::X1, Variable::Y1, Variable::R1].map(|it| engine.trace(id, it));
        (traces, engine.tags(id), engine.delays(id))
    };
    let before = kept(&pair.engine);
    let (traces, tags, delays) = &before;
    assert!(traces.iter().all(|trace| trace.as_ref().unwrap().iter().any(|&value| value > 0)));
    assert!(tags.as_ref().unwrap().iter().any(|&tag| tag != 0));
    assert!(delays.iter().any(|&delay| delay != 1));
    let weights = pair.weights();
    pair.set_rules(&rules("4*x0*y0 - 2*x0"));
    assert_eq!((kept(&pair.engine), pair.weights()), (before.clone(), weights));
    pair.advance(25);
    // Tags and delays rest while nothing changes them, traces go on.
    let (rested, tags, delays) = kept(&pair.engine);
    assert_eq!((&tags, &delays), (&before.1, &before.2));
    assert_ne!(rested, before.0);
    // Both may be changed again, from where they were.
    pair.set_rules(&all_rules("2^-3*x0*t", "3*x0 - y0*sgn(t)", "x0 - 2^-2*y0*x1"));
    pair.advance(25);
    assert_ne!(kept(&pair.engine).1, before.1);
    assert_ne!(kept(&pair.engine).2, before.2);
}

/// The engine learns simple rules from spikes alone and all others in full.
#[test]
fn a_simple_rule_and_one_that_rounds_take_turns() {
    let plain = |reward| Plasticity {
        reward: Reward::flash(reward, 3),
        ..Plasticity::new("4*x0*y0*r0 - 2*x0*y0".parse().unwrap(), WeightRange::MIXED)
    };
    // Whichever step the exchange falls on: with spikes and reward just before, or not.
    for first in 1..=12 {
        let mut pair = pair(plain);
        assert!(pair.engine.program().synapses(pair.id).pulse.is_some());
        let texts = [
            "2^-1*x0*y0 - 2^-2*y0*r1",
            "4*x0*y0*r0 - 2*x0*y0",
            "2*y0 - 2*x0",
            "2^-3*u1*w - 2^-4*x0*w",
            "-2^-4*u2*sgn(w) + 2*x0*(r1-3)",
        ];
        pair.advance(first);
        for text in texts {
            pair.set_rules(&rules(text));
            pair.advance(9);
        }
    }
}

#[test]
fn a_simple_rule_and_one_that_reads_traces_take_turns() {
    for first in 1..=12 {
        let simple = "2*x0*y0 - 2*x0";
        let mut pair = pair(|reward| Plasticity { rules: rules(simple), ..traced(reward) });
        // Traces go on under a rule that does not read them.
        pair.advance(first);
        for text in ["2^-2*x1*y0 - 2^-2*x0*y1", simple, "2^-6*u0*x1*y1 - 2^-3*x0*r1", simple] {
            pair.set_rules(&rules(text));
            pair.advance(11);
        }
        assert!(pair.engine.trace(pair.id, Variable::X1).is_some());
    }
}

/// What was noted of a period stays when its rule is exchanged in the middle.
#[test]
fn a_period_goes_on_under_another_rule() {
    for first in 1..=8 {
        let mut pair = pair(|reward| Plasticity {
            rules: all_rules("u1*x1 - 2^-2*x0*y1", "", "y0*x1 - u1*t"),
            period: LearningPeriod::new(4).unwrap(),
            ..traced(reward)
        });
        pair.advance(first);
        pair.set_rules(&all_rules("2^-1*y0*x1 - 2^-2*x0*r1", "", "u2*y1"));
        pair.advance(17);
        pair.set_rules(&rules("8*u0*r0 - 2^-3*u0*w"));
        pair.advance(17);
    }
}

/// Turns follow the k of the rules that are there.
#[test]
fn turns_follow_the_new_rule() {
    let plain = |_| Plasticity::new("2*u0".parse().unwrap(), WeightRange::MIXED);
    let mut pair = pair(plain);
    let mut weight = Vec::new();
    for (step, k) in [(2, 2), (9, 1), (13, 9), (20, 0)] {
        while pair.engine.step() < step {
            pair.advance(1);
            weight.push(pair.weights()[0]);
        }
        pair.set_rules(&rules(&format!("2*u{k}")));
    }
    pair.advance(1);
    weight.push(pair.weights()[0]);
    let expected = [2, 4, 4, 6, 6, 6, 6, 8, 8, 10, 10, 12, 12, 12, 12, 12, 12, 12, 12, 12, 14];
    assert_eq!(weight, expected);
}
