//! The test of the test: plants a fault, and shows that the comparison catches and locates it.
//!
//! Each [`Planted`] fault makes one engine deviate while the circuit, the reference and the comparison
//! stay as they are. It is caught if, on some case, the first difference in what was computed or learnt
//! belongs to one of the claims the fault must refute; for a fault in a single spike the place must be
//! that spike's. A fault that no case reveals is a failure of the comparison or of the cases.

use crate::claim::Claim;
use crate::disguise::{Disguise, Tamper};
use crate::ladder::Case;
use crate::lockstep::{Check, Lockstep};
use crate::mismatch::Mismatch;
use std::sync::Arc;
use synfire_circuit::{Form, LearningCircuit, Population};
use synfire_net::{
    Connectivity, Decay, Delay, Engine, LayerKind, Network, NetworkBuilder, Refractory, Sabotage,
};

/// Makes an engine that reports faults and goes on, deviating as told.
pub type BuildSabotaged =
    dyn Fn(Arc<Network>, Option<Sabotage>) -> Result<Box<dyn Engine>, String> + Sync;

/// One fault of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planted {
    /// What is wrong.
    pub name: String,
    /// The claims it may refute first.
    pub claims: Vec<Claim>,
    plant: Plant,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Plant {
    /// A layer spikes at its threshold already.
    AtThreshold(Population),
    /// A layer rests for another number of steps.
    Refractory(Population, u8),
    /// A layer keeps 1/4096 of its voltage.
    VoltageDecay(Population),
    /// A layer keeps 1/4096 of its current.
    CurrentDecay(Population),
    /// A projection, by name, delivers later (or earlier) by one step.
    Delay(String, i8),
    /// The reward comes later (or earlier) by one step.
    Reward(i8),
    /// A weight of a copy, by its position in [`LearningCircuit::plastic`], is off by 2 from the first
    /// sample on.
    Copy(usize),
    /// No weight falls below -254.
    Clip,
    /// The negative feedback matrix is made from w2 after every sample.
    Mirror,
    /// Weights are delivered after the learning of their step.
    DeliverLate,
    /// The error goes back through weights that this sample has changed already.
    UpdatedFeedback,
    /// One spike of a population in a phase is lost.
    Drop(Population, u32),
    /// A population spikes in a phase in which it may not.
    Stray(Population, u32),
}

/// A fault that was caught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catch {
    /// The case that revealed it.
    pub case: String,
    /// Where.
    pub mismatch: Mismatch,
}

/// The list of faults.
///
/// # Panics
/// If the smallest circuit cannot be built.
#[must_use]
pub fn faults(form: Form) -> Vec<Planted> {
    use Claim::{Copies, Forward, HiddenError, HiddenUpdate, OutputError, OutputUpdate, Silence};
    use Population::{C, DMinus, DPlus, H, HBack, HHigh, HLow, Mh, Mx, O, OHigh, OLow, T, X};
    let mut list = Vec::new();
    let mut add = |name: String, claims: &[Claim], plant| {
        list.push(Planted { name, claims: claims.to_vec(), plant });
    };
    for (population, threshold, claim) in [
        (H, "512", Forward),
        (HLow, "0", Forward),
        (HHigh, "1024", Forward),
        (O, "512", Forward),
        (OLow, "0", Forward),
        (OHigh, "1024", Forward),
        (HBack, "the error threshold", HiddenError),
    ] {
        let name = format!(">= instead of > at {threshold} in {}", population.name());
        add(name, &[claim], Plant::AtThreshold(population));
    }
    add("delivery after learning".to_owned(), &[HiddenError], Plant::DeliverLate);
    add(
        "back-propagation through updated weights".to_owned(),
        &[HiddenError],
        Plant::UpdatedFeedback,
    );
    let updates = [OutputUpdate, HiddenUpdate, Copies];
    add("reward one step early".to_owned(), &updates, Plant::Reward(-1));
    add("reward one step late".to_owned(), &updates, Plant::Reward(1));
    // Not o and o>: they never spike in 3 and again in 5, because an active output has no positive error.
    for (population, steps) in [(H, 3), (OLow, 3), (HBack, 2)] {
        let name = format!("refractory {steps} in {}", population.name());
        add(name, &[Forward, OutputError, HiddenError], Plant::Refractory(population, steps));
    }
    let spiking = [Forward, OutputError, HiddenError];
    for population in [H, HLow, HHigh, O, OLow, OHigh, HBack] {
        let name = format!("voltage decay 4095 in {}", population.name());
        add(name, &spiking, Plant::VoltageDecay(population));
    }
    // The one population that is open in two consecutive steps.
    add("current decay 4095 in hT".to_owned(), &[HiddenError], Plant::CurrentDecay(HBack));
    let copies =
        ["w1 onto h<", "w1 onto h>", "w2 onto o<", "w2 onto o>", "feedback plus", "feedback minus"];
    for (name, position) in copies.iter().zip([1, 2, 4, 5, 6, 7]) {
        let claims = [Copies, Forward, OutputError, HiddenError];
        add(format!("a weight of {name} off by 2"), &claims, Plant::Copy(position));
    }
    add("clip at 254 on both sides".to_owned(), &updates, Plant::Clip);
    add("F- mirrored instead of stored".to_owned(), &[Copies], Plant::Mirror);
    for (population, phase) in [
        (X, 1),
        (X, 7),
        (X, 11),
        (Mx, 6),
        (H, 2),
        (H, 5),
        (H, 9),
        (HLow, 2),
        (HHigh, 2),
        (Mh, 3),
        (C, 6),
        (O, 3),
        (OLow, 3),
        (OHigh, 3),
        (T, 3),
        (DPlus, 4),
        (DMinus, 4),
        (O, 5),
        (O, 9),
        (HBack, 5),
        (HBack, 6),
        (HBack, 9),
        (HBack, 10),
        (H, 7),
        (H, 11),
        (HLow, 7),
        (HHigh, 11),
    ] {
        let name = format!("a dropped spike of {} in phase {phase}", population.name());
        add(name, &spiking, Plant::Drop(population, phase));
    }
    for (population, phase) in [(H, 8), (H, 0), (O, 8), (C, 5), (X, 4)] {
        let name = format!("a spike of {} in phase {phase}", population.name());
        add(name, &[Silence], Plant::Stray(population, phase));
    }
    let shape = synfire_circuit::CircuitShape::new(2, 2, 2);
    let weights = synfire_circuit::PlasticWeights::zeros(&shape);
    let circuit = LearningCircuit::new(shape, form, &weights).expect("a small circuit is valid");
    for (name, delay) in shiftable(&circuit) {
        let any = [Forward, OutputError, OutputUpdate, HiddenError, HiddenUpdate, Copies];
        add(format!("delay one longer: {name}"), &any, Plant::Delay(name.clone(), 1));
        if delay > 0 {
            add(format!("delay one shorter: {name}"), &any, Plant::Delay(name, -1));
        }
    }
    list
}

/// The projections whose delay matters to every sample: all but those that only hold a layer down, the
/// ring, and what the sources start.
fn shiftable(circuit: &LearningCircuit) -> Vec<(String, u8)> {
    let network = circuit.network();
    let [input, target, _] = circuit.sources();
    let projections = network.projections().iter().filter(|projection| {
        let from_gate = circuit.chain().gates.contains(&projection.source);
        let to_gate = circuit.chain().gates.contains(&projection.target);
        let holds = from_gate && projection.name.contains("weight -");
        let from_source = network.layer(projection.source).is_source()
            && ![input, target].contains(&projection.source);
        !holds && !to_gate && !from_source
    });
    projections.map(|projection| (projection.name.clone(), projection.max_delay().get())).collect()
}

/// Looks for a case that reveals a planted fault in the engine that `build` makes.
///
/// # Errors
/// Why the comparison did not catch it: no case revealed it, the first mismatch was of another claim or
/// place, or an engine could not be made or stopped.
pub fn catch(
    planted: &Planted,
    form: Form,
    cases: &[Case],
    build: &BuildSabotaged,
) -> Result<Catch, String> {
    for case in cases {
        if let Some(mismatch) = reveal(&planted.plant, form, case, build)? {
            if !planted.claims.contains(&mismatch.claim) {
                return Err(format!("seen, but not where it belongs: {}, {mismatch}", case.name));
            }
            return Ok(Catch { case: case.name.clone(), mismatch });
        }
    }
    Err(format!("none of {} cases revealed it", cases.len()))
}

/// Runs one case without a fault: whatever is found is a false alarm.
///
/// # Errors
/// The false alarm, or why an engine could not be made or stopped.
pub fn clean(form: Form, case: &Case, build: &BuildSabotaged) -> Result<(), String> {
    let circuit = circuit(form, case)?;
    let engine = build(Arc::clone(circuit.network()), None)?;
    match run(&circuit, engine, case, None)? {
        None => Ok(()),
        Some(mismatch) => Err(format!("false alarm: {}, {mismatch}", case.name)),
    }
}

fn circuit(form: Form, case: &Case) -> Result<Arc<LearningCircuit>, String> {
    LearningCircuit::new(case.shape, form, &case.weights)
        .map(Arc::new)
        .map_err(|error| error.to_string())
}

/// The first mismatch of a case run with a fault; of a stray spike, the first stray one.
fn run(
    circuit: &Arc<LearningCircuit>,
    engine: Box<dyn Engine>,
    case: &Case,
    plant: Option<&Plant>,
) -> Result<Option<Mismatch>, String> {
    let is_stray = matches!(plant, Some(Plant::Stray(..)));
    let mut lockstep =
        Lockstep::new(Arc::clone(circuit), engine).map_err(|error| error.to_string())?;
    for (active, target) in &case.samples {
        let cycle = lockstep
            .run_sample(active, *target, Check::Compare)
            .map_err(|error| error.to_string())?;
        let Some(comparison) = &cycle.comparison else { continue };
        let found = match plant {
            None => comparison.first(),
            Some(_) if is_stray => comparison.stray.as_ref(),
            Some(_) => comparison.mismatch.as_ref(),
        };
        if let Some(mismatch) = found {
            return Ok(Some(mismatch.clone()));
        }
    }
    Ok(None)
}

fn reveal(
    plant: &Plant,
    form: Form,
    case: &Case,
    build: &BuildSabotaged,
) -> Result<Option<Mismatch>, String> {
    let circuit = circuit(form, case)?;
    let network = Arc::clone(circuit.network());
    let disguised = |network: Network, tamper: Tamper, sabotage: Option<Sabotage>| {
        let engine = build(Arc::new(network), sabotage)?;
        Ok::<_, String>(Box::new(Disguise::new(engine, &circuit, tamper)) as Box<dyn Engine>)
    };
    let on_layer = |population: Population, change: &dyn Fn(&mut synfire_net::Neuron)| {
        edit(&network, &[(circuit.layer(population), change)], None)
    };
    let engine = match plant {
        Plant::AtThreshold(population) => {
            // All sums are multiples of one weight unit: above one unit less is at least.
            let edited =
                on_layer(*population, &|neuron| neuron.threshold -= synfire_net::UNIT_GAIN);
            disguised(edited, Tamper::None, None)?
        }
        Plant::Refractory(population, steps) => {
            let refractory = Refractory::new(*steps).ok_or("a refractory period of 1 to 63")?;
            disguised(
                on_layer(*population, &|neuron| neuron.refractory = refractory),
                Tamper::None,
                None,
            )?
        }
        Plant::VoltageDecay(population) => {
            let decay = Decay::new(4095).ok_or("a decay of at most 4096")?;
            disguised(
                on_layer(*population, &|neuron| neuron.voltage_decay = decay),
                Tamper::None,
                None,
            )?
        }
        Plant::CurrentDecay(population) => {
            let decay = Decay::new(4095).ok_or("a decay of at most 4096")?;
            disguised(
                on_layer(*population, &|neuron| neuron.current_decay = decay),
                Tamper::None,
                None,
            )?
        }
        Plant::Delay(name, by) => {
            disguised(edit(&network, &[], Some((name, *by))), Tamper::None, None)?
        }
        Plant::Reward(by) => disguised((*network).clone(), Tamper::Reward(*by), None)?,
        Plant::Clip => disguised((*network).clone(), Tamper::Clip, None)?,
        Plant::Mirror => disguised((*network).clone(), Tamper::Mirror, None)?,
        Plant::Copy(position) => {
            let (_, projection) = circuit.plastic()[*position];
            disguised((*network).clone(), Tamper::Copy(projection), None)?
        }
        Plant::DeliverLate => build(network, Some(Sabotage::DeliverAfterLearning))?,
        Plant::UpdatedFeedback => {
            let (.., plus, _) = circuit.matrices();
            build(network, Some(Sabotage::DeliverAfterLearningOf(plus)))?
        }
        Plant::Stray(population, phase) => {
            let step = circuit.first_step(0) + u64::from(*phase);
            let layer = circuit.layer(*population);
            let engine = build(network, Some(Sabotage::AddSpike { step, layer, neuron_idx: 0 }))?;
            let place = (population.name(), *phase, 0);
            return located(run(&circuit, engine, case, Some(plant))?, &place);
        }
        Plant::Drop(population, phase) => {
            // Which neuron spikes there is not known before a run without a fault.
            let mut whole = Lockstep::new(Arc::clone(&circuit), build(Arc::clone(&network), None)?)
                .map_err(|error| error.to_string())?;
            let Some((active, target)) = case.samples.first() else { return Ok(None) };
            whole.run_sample(active, *target, Check::Skip).map_err(|error| error.to_string())?;
            let step = circuit.first_step(0) + u64::from(*phase);
            let layer = circuit.layer(*population);
            let Some(neuron_idx) = whole.raster().spikes(step, layer).next() else {
                return Ok(None);
            };
            let engine = build(network, Some(Sabotage::DropSpike { step, layer, neuron_idx }))?;
            let place = (population.name(), *phase, neuron_idx);
            return located(run(&circuit, engine, case, Some(plant))?, &place);
        }
    };
    run(&circuit, engine, case, Some(plant))
}

/// A fault in one spike must be found in that spike.
fn located(
    mismatch: Option<Mismatch>,
    place: &(String, u32, u32),
) -> Result<Option<Mismatch>, String> {
    match mismatch {
        Some(mismatch)
            if (mismatch.place.as_str(), mismatch.phase, mismatch.neuron_idx)
                != (place.0.as_str(), place.1, place.2) =>
        {
            Err(format!(
                "seen, but not at {}, phase {}, neuron {}: {mismatch}",
                place.0, place.1, place.2
            ))
        }
        Some(mismatch) => Ok(Some(mismatch)),
        None => Err(format!("not seen: {}, phase {}, neuron {}", place.0, place.1, place.2)),
    }
}

type NeuronChange<'a> = (synfire_net::LayerId, &'a dyn Fn(&mut synfire_net::Neuron));

/// A network with some neurons changed, and the delay of one projection.
fn edit(network: &Network, neurons: &[NeuronChange<'_>], delay: Option<(&str, i8)>) -> Network {
    let mut builder = NetworkBuilder::new(network.name());
    for id in network.layer_ids() {
        let mut layer = network.layer(id).clone();
        if let LayerKind::Neurons(neuron) = &mut layer.kind {
            for (_, change) in neurons.iter().filter(|(changed, _)| *changed == id) {
                change(neuron);
            }
        }
        builder.layer(layer);
    }
    for projection in network.projections() {
        let mut projection = projection.clone();
        if let Some((_, by)) = delay.filter(|(name, _)| *name == projection.name)
            && let Connectivity::AllToAll { delay, .. }
            | Connectivity::OneToOne { delay, .. }
            | Connectivity::OneToAll { delay, .. } = &mut projection.connectivity
        {
            *delay = delay.get().checked_add_signed(by).and_then(Delay::new).unwrap_or(*delay);
        }
        builder.projection(projection);
    }
    if let Some(gating) = network.gating() {
        builder.gating(gating.clone());
    }
    builder.build().expect("the edit keeps the network valid")
}
