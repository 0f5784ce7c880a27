//! One suite for every engine: small networks whose every step is known by hand.
//!
//! Each [`Check`] is one sentence of clauses S1 to S7 of `docs/semantics.md`; an engine that takes no states passes
//! those of clause S7 by refusing them. An engine that passes keeps
//! the order of events; whether it computes a whole circuit is the business of the
//! [ladder](crate::climb). Values come from the clauses alone, never from an engine.

use crate::ladder::Build;
use std::sync::Arc;
use synfire_net::{
    Connectivity, Decay, Delay, Engine, EngineState, InFlight, InputSchedule, LayerId, Network,
    NetworkBuilder, Neuron, Operations, Plasticity, ProjectionId, Raster, Refractory, Reward, Rule,
    UNIT_GAIN, WeightRange, Weights,
};

/// One sentence of the semantics and how to see it.
#[derive(Clone, Copy)]
pub struct Check {
    /// What must hold.
    pub sentence: &'static str,
    run: fn(&Build) -> Result<(), String>,
}

/// The suite.
pub const SUITE: [Check; 12] = [
    Check {
        sentence: "S1: a source that spikes at t acts in t + 1",
        run: source_acts_one_step_later,
    },
    Check {
        sentence: "S2: a neuron spikes strictly above its threshold",
        run: threshold_is_strict,
    },
    Check {
        sentence: "S2: current and voltage decay towards zero",
        run: decays_round_towards_zero,
    },
    Check { sentence: "S2: refractory R holds R - 1 steps", run: refractory_holds },
    Check { sentence: "S2: a held neuron keeps its current", run: current_survives_the_hold },
    Check { sentence: "S4: a spike with delay d acts in t + 1 + d", run: delays_add_up },
    Check {
        sentence: "S4: a spike carries the weight before its step's learning",
        run: delivery_before_learning,
    },
    Check {
        sentence: "S5: reward counts in the step in which it is given",
        run: reward_is_of_its_step,
    },
    Check { sentence: "S5: weights saturate at the ends of their range", run: weights_saturate },
    Check { sentence: "S7: a state names what is on its way and held", run: states_are_canonical },
    Check { sentence: "S7: a restored engine goes on as if never interrupted", run: states_go_on },
    Check { sentence: "S7: a state that does not fit changes nothing", run: states_are_refused },
];

/// Runs the suite; the failures, each with its sentence.
#[must_use]
pub fn failures(build: &Build) -> Vec<String> {
    let failed =
        |check: &Check| (check.run)(build).err().map(|why| format!("{}: {why}", check.sentence));
    SUITE.iter().filter_map(failed).collect()
}

/// A source and a neuron, one synapse.
struct Pair {
    network: Arc<Network>,
    source: LayerId,
    neuron: LayerId,
}

fn pair(neuron: Neuron, weight: i32, delay: Delay) -> Result<Pair, String> {
    let mut builder = NetworkBuilder::new("pair");
    let source = builder.sources("source", 1);
    let target = builder.neurons("neuron", 1, neuron);
    let weights = Weights::Uniform(weight);
    builder.connect("synapse", source, target, Connectivity::OneToOne { weights, delay });
    let network = Arc::new(builder.build().map_err(|problems| problems.to_string())?);
    Ok(Pair { network, source, neuron: target })
}

impl Pair {
    /// Drives the source in the given steps; the voltages after each step and the steps of spikes.
    fn run(
        &self,
        build: &Build,
        steps: u32,
        driven: &[u64],
    ) -> Result<(Vec<i64>, Vec<u64>), String> {
        let mut engine = build(Arc::clone(&self.network))?;
        let mut schedule = InputSchedule::new();
        driven.iter().for_each(|&step| schedule.push(step, self.source, 0));
        let mut raster = Raster::new(&self.network, 1);
        let mut voltages = Vec::new();
        for _ in 0..steps {
            engine.advance(1, &schedule, &mut raster).map_err(|error| error.to_string())?;
            voltages.push(engine.voltages(self.neuron)[0]);
        }
        let spikes = (1..=u64::from(steps)).filter(|&step| raster.contains(step, self.neuron, 0));
        Ok((voltages, spikes.collect()))
    }
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), String> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{what}: found {found:?}, expected {expected:?}"))
    }
}

fn memoryless(threshold: i32, refractory: Refractory) -> Neuron {
    Neuron::memoryless(threshold * UNIT_GAIN, 0, refractory)
}

fn source_acts_one_step_later(build: &Build) -> Result<(), String> {
    let pair = pair(memoryless(64, Refractory::ONE), 100, Delay::ZERO)?;
    expect("spikes", pair.run(build, 6, &[2, 4])?.1, vec![3, 5])
}

fn threshold_is_strict(build: &Build) -> Result<(), String> {
    for (weight, spikes) in [(64, vec![]), (65, vec![2])] {
        let pair = pair(memoryless(64, Refractory::ONE), weight, Delay::ZERO)?;
        expect(&format!("spikes at weight {weight}"), pair.run(build, 3, &[1])?.1, spikes)?;
    }
    Ok(())
}

fn decays_round_towards_zero(build: &Build) -> Result<(), String> {
    // Impulse response at decays 1024 and 512, weight 100; three public emulators agree on it.
    let decay = |value| Decay::new(value).ok_or("a decay of at most 4096".to_owned());
    let neuron = Neuron {
        current_decay: decay(1024)?,
        voltage_decay: decay(512)?,
        ..memoryless(400, Refractory::ONE)
    };
    let voltages =
        [6400, 10_400, 12_700, 13_812, 14_110, 13_864, 13_269, 12_463, 11_544, 10_580, 9616];
    for sign in [1, -1] {
        let pair = pair(neuron, 100 * sign, Delay::ZERO)?;
        let expected = voltages.map(|voltage| voltage * i64::from(sign)).to_vec();
        expect("voltages", pair.run(build, 12, &[1])?.0[1..].to_vec(), expected)?;
    }
    Ok(())
}

fn refractory_holds(build: &Build) -> Result<(), String> {
    for (steps, spikes) in [(1, vec![2, 3, 4, 5, 6, 7]), (2, vec![2, 4, 6]), (3, vec![2, 5])] {
        let refractory =
            Refractory::new(steps).ok_or("a refractory period of 1 to 63".to_owned())?;
        let pair = pair(memoryless(64, refractory), 100, Delay::ZERO)?;
        let found = pair.run(build, 7, &[1, 2, 3, 4, 5, 6])?.1;
        expect(&format!("spikes at refractory {steps}"), found, spikes)?;
    }
    Ok(())
}

fn current_survives_the_hold(build: &Build) -> Result<(), String> {
    // Input 6400 decays by a quarter a step: the second spike, at threshold 4992, comes from what was
    // kept while the neuron was held.
    let decay = Decay::new(1024).ok_or("a decay of at most 4096".to_owned())?;
    for (steps, voltages) in [
        (1, vec![0, 4800, 0, 2700, 4725, 0, 1138, 1991, 2630, 3109]),
        (2, vec![0, 0, 3600, 0, 0, 1518, 2656, 3509, 4148, 4627]),
        (3, vec![0, 0, 0, 2700, 4725, 0, 0, 0, 639, 1118]),
    ] {
        let refractory =
            Refractory::new(steps).ok_or("a refractory period of 1 to 63".to_owned())?;
        let neuron = Neuron {
            current_decay: decay,
            voltage_decay: Decay::NONE,
            ..memoryless(78, refractory)
        };
        let found = pair(neuron, 100, Delay::ZERO)?.run(build, 11, &[1])?.0[1..].to_vec();
        expect(&format!("voltages at refractory {steps}"), found, voltages)?;
    }
    Ok(())
}

fn delays_add_up(build: &Build) -> Result<(), String> {
    for steps in [0, 1, 6, 7, 30, 62] {
        let delay = Delay::new(steps).ok_or("a delay of 0 to 62".to_owned())?;
        let pair = pair(memoryless(64, Refractory::ONE), 100, delay)?;
        let found = pair.run(build, 70, &[1, 3])?.1;
        let first = 2 + u64::from(steps);
        expect(&format!("spikes at delay {steps}"), found, vec![first, first + 2])?;
    }
    Ok(())
}

/// A pre- and a postsynaptic neuron that spike when their sources say so, and a plastic synapse.
struct Synapse {
    network: Arc<Network>,
    drives: [LayerId; 2],
    post: LayerId,
    reward: LayerId,
    plastic: ProjectionId,
}

fn synapse(rule: &str, weight: i32) -> Result<Synapse, String> {
    let mut builder = NetworkBuilder::new("plastic synapse");
    let drives = ["pre drive", "post drive"].map(|name| builder.sources(name, 1));
    let reward = builder.sources("reward", 1);
    let [pre, post] =
        ["pre", "post"].map(|name| builder.neurons(name, 1, memoryless(1024, Refractory::ONE)));
    let wire =
        |weight| Connectivity::AllToAll { weights: Weights::Uniform(weight), delay: Delay::ZERO };
    builder.connect("drive pre", drives[0], pre, wire(2040));
    builder.connect("drive post", drives[1], post, wire(2040));
    let plasticity = Plasticity {
        reward: Reward::flash(reward, 1),
        ..Plasticity::new(Rule::parse(rule).map_err(|error| error.to_string())?, WeightRange::MIXED)
    };
    let plastic = builder.connect_plastic("synapse", pre, post, wire(weight), plasticity);
    let network = Arc::new(builder.build().map_err(|problems| problems.to_string())?);
    Ok(Synapse { network, drives, post, reward, plastic })
}

impl Synapse {
    /// Both neurons spike in each of the given steps; rewards are given in theirs. Returns the weight
    /// after each step and the current of the postsynaptic neuron in each.
    fn run(
        &self,
        build: &Build,
        steps: u64,
        together: &[u64],
        rewards: &[u64],
    ) -> Result<(Vec<i16>, Vec<i64>), String> {
        let mut engine: Box<dyn Engine> = build(Arc::clone(&self.network))?;
        let mut schedule = InputSchedule::new();
        for &step in together {
            // A source acts one step later, so it spikes one step before the neuron.
            self.drives.iter().for_each(|&drive| schedule.push(step - 1, drive, 0));
        }
        rewards.iter().for_each(|&step| schedule.push(step, self.reward, 0));
        let (mut weights, mut currents) = (Vec::new(), Vec::new());
        for _ in 0..steps {
            engine.advance(1, &schedule, &mut ()).map_err(|error| error.to_string())?;
            weights.push(engine.weights(self.plastic).ok_or("the projection learns")?[0]);
            currents.push(engine.currents(self.post)[0]);
        }
        Ok((weights, currents))
    }
}

const PUBLISHED: &str = "y0*x0*r1*4 - y0*x0*2";

fn delivery_before_learning(build: &Build) -> Result<(), String> {
    let (weights, currents) = synapse("2*x0*y0", 10)?.run(build, 5, &[3], &[])?;
    expect("weights", weights, vec![10, 10, 12, 12, 12])?;
    expect("current after the coincidence", currents[3], 10 * i64::from(UNIT_GAIN))
}

fn reward_is_of_its_step(build: &Build) -> Result<(), String> {
    for (reward, last) in [(2, -2), (3, 2), (4, -2)] {
        let (weights, _) = synapse(PUBLISHED, 0)?.run(build, 4, &[3], &[reward])?;
        expect(&format!("weight with reward in step {reward}"), weights[3], last)?;
    }
    Ok(())
}

fn weights_saturate(build: &Build) -> Result<(), String> {
    let steps = [3, 4, 5, 6];
    let (up, _) = synapse(PUBLISHED, 248)?.run(build, 6, &steps, &steps)?;
    expect("upwards", up[2..].to_vec(), vec![250, 252, 254, 254])?;
    let (down, _) = synapse(PUBLISHED, -250)?.run(build, 6, &steps, &[])?;
    expect("downwards", down[2..].to_vec(), vec![-252, -254, -256, -256])
}

/// A neuron that is held for two steps after a spike, with a synapse of delay 3.
fn slow_pair() -> Result<Pair, String> {
    let refractory = Refractory::new(3).ok_or("a refractory period of 1 to 63".to_owned())?;
    pair(memoryless(64, refractory), 100, Delay::new(3).ok_or("a delay of 0 to 62".to_owned())?)
}

/// An engine that takes states, advanced by so many steps; `None` if it takes none and says so.
fn advanced(
    build: &Build,
    network: &Arc<Network>,
    steps: u32,
    schedule: &InputSchedule,
) -> Result<Option<Box<dyn Engine>>, String> {
    let mut engine = build(Arc::clone(network))?;
    engine.advance(steps, schedule, &mut ()).map_err(|error| error.to_string())?;
    if engine.state().is_some() {
        return Ok(Some(engine));
    }
    match engine.restore(&EngineState::default()) {
        Err(_) => Ok(None),
        Ok(()) => Err("no state is given, but one is taken".to_owned()),
    }
}

fn states_are_canonical(build: &Build) -> Result<(), String> {
    let pair = slow_pair()?;
    let mut schedule = InputSchedule::new();
    // Driven in 1, 4 and 6: the neuron spikes in 5, is held in 6 and 7, and spikes in 8; in 10 it is held.
    [1, 4, 6].into_iter().for_each(|step| schedule.push(step, pair.source, 0));
    let charge = 100 * i64::from(UNIT_GAIN);
    for (steps, current, held, arrivals) in [
        (0, 0, 0, vec![]),
        (1, 0, 0, vec![4]),
        (4, 0, 0, vec![1, 4]),
        (5, charge, 2, vec![3]),
        (6, 0, 1, vec![2, 4]),
        (7, 0, 0, vec![1, 3]),
        (8, charge, 2, vec![2]),
        (10, charge, 0, vec![]),
    ] {
        let Some(engine) = advanced(build, &pair.network, steps, &schedule)? else { return Ok(()) };
        let state = engine.state().unwrap_or_default();
        expect("step", state.step, steps.into())?;
        let [_, layer] = &state.layers[..] else { return Err("two layers".to_owned()) };
        expect(&format!("current after {steps}"), &layer.currents[..], &[current])?;
        expect(&format!("voltage after {steps}"), &layer.voltages[..], &[0])?;
        expect(&format!("held steps after {steps}"), &layer.held[..], &[held])?;
        let in_flight: Vec<InFlight> =
            arrivals.iter().map(|&steps| InFlight { steps, neuron_idx: 0, charge }).collect();
        expect(&format!("in flight after {steps}"), &layer.in_flight, &in_flight)?;
        expect("projections", &state.projections[..], &[None])?;
    }
    Ok(())
}

fn states_go_on(build: &Build) -> Result<(), String> {
    let Synapse { network, drives, post, reward, plastic } = synapse(PUBLISHED, 250)?;
    let mut schedule = InputSchedule::new();
    for step in [1, 2, 3, 5, 6, 8, 9] {
        drives.iter().for_each(|&drive| schedule.push(step, drive, 0));
    }
    [3, 4, 6, 10].into_iter().for_each(|step| schedule.push(step, reward, 0));
    let slow = slow_pair()?;
    let mut slow_schedule = InputSchedule::new();
    [1, 4, 6, 7].into_iter().for_each(|step| slow_schedule.push(step, slow.source, 0));
    let cases = [
        (&network, post, &schedule, Some(plastic)),
        (&slow.network, slow.neuron, &slow_schedule, None),
    ];
    for (network, layer, schedule, projection) in cases {
        for cut in 0..12 {
            let Some(mut first) = advanced(build, network, cut, schedule)? else { return Ok(()) };
            let state = first.state().unwrap_or_default();
            // One that has gone elsewhere meanwhile.
            let Some(mut second) = advanced(build, network, 17 - cut, schedule)? else {
                return Err("a state is given only now and then".to_owned());
            };
            second.restore(&state).map_err(|error| error.to_string())?;
            expect("the state that was restored", second.state(), Some(state))?;
            for step in u64::from(cut) + 1..=14 {
                let what = format!("restored after {cut}, in step {step}");
                let [one, other] = [&mut first, &mut second].map(|engine| {
                    let mut raster = Raster::new(network, step);
                    let outcome = engine.advance(1, schedule, &mut raster);
                    let weights =
                        projection.and_then(|id| engine.weights(id)).map(|it| it.to_vec());
                    let values = [engine.currents(layer), engine.voltages(layer)];
                    (outcome, raster, values, weights, engine.operations())
                });
                expect(&what, other, one)?;
                expect(&what, second.state(), first.state())?;
            }
        }
    }
    Ok(())
}

fn states_are_refused(build: &Build) -> Result<(), String> {
    let Synapse { network, drives, .. } = synapse("2*x0*y0", 10)?;
    let mut schedule = InputSchedule::new();
    drives.iter().for_each(|&drive| schedule.push(1, drive, 0));
    let Some(mut engine) = advanced(build, &network, 2, &schedule)? else { return Ok(()) };
    let state = engine.state().unwrap_or_default();
    type Spoil = fn(&mut EngineState);
    let spoil: [(&str, Spoil); 8] = [
        ("a layer less", |state| drop(state.layers.pop())),
        ("a weight beyond its range", |state| {
            state.projections.iter_mut().flatten().for_each(|it| it.weights[0] = 256);
        }),
        ("a weight more", |state| {
            state.projections.iter_mut().flatten().for_each(|it| it.weights.push(0));
        }),
        ("weights of a projection that does not learn", |state| {
            let plastic = state.projections.iter().flatten().next().cloned();
            state.projections.fill(plastic);
        }),
        ("a hold longer than any", |state| {
            state.layers.iter_mut().for_each(|layer| layer.held.fill(1));
        }),
        ("input later than the longest delay", |state| {
            let charge = InFlight { steps: 2, neuron_idx: 0, charge: 64 };
            state.layers.iter_mut().for_each(|layer| layer.in_flight = vec![charge]);
        }),
        ("more input than synapses carry", |state| {
            let charge = InFlight { steps: 1, neuron_idx: 0, charge: 1 << 30 };
            state.layers.iter_mut().for_each(|layer| layer.in_flight = vec![charge]);
        }),
        ("a step that is not counted", |state| {
            state.operations = Operations { steps: 1, ..state.operations };
        }),
    ];
    for (what, spoil) in spoil {
        let mut other = state.clone();
        spoil(&mut other);
        if engine.restore(&other).is_ok() {
            return Err(format!("{what} is not refused"));
        }
        expect(&format!("the state after {what}"), engine.state().as_ref(), Some(&state))?;
    }
    Ok(())
}
