//! One suite for every engine: small networks whose every step is known by hand.
//!
//! Each [`Check`] is one sentence of clauses S1 to S6 of `docs/semantics.md`. An engine that passes keeps
//! the order of events; whether it computes a whole circuit is the business of the
//! [ladder](crate::climb). Values come from the clauses alone, never from an engine.

use crate::ladder::Build;
use std::sync::Arc;
use synfire_net::{
    Connectivity, Decay, Delay, Engine, InputSchedule, LayerId, Network, NetworkBuilder, Neuron,
    Plasticity, ProjectionId, Raster, Refractory, Reward, Rule, UNIT_GAIN, WeightRange, Weights,
};

/// One sentence of the semantics and how to see it.
#[derive(Clone, Copy)]
pub struct Check {
    /// What must hold.
    pub sentence: &'static str,
    run: fn(&Build) -> Result<(), String>,
}

/// The suite.
pub const SUITE: [Check; 9] = [
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
