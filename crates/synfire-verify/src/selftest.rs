//! The test of the test: plants a fault, and shows that the comparison catches and locates it.
//!
//! Each [`Planted`] fault makes one engine deviate while the circuit, the reference and the comparison
//! stay as they are. It is caught if, on some case, the first difference in what was computed or learnt
//! belongs to one of the claims the fault must refute; for a fault in a single spike the place must be
//! that spike's. A fault that no case reveals is a failure of the comparison or of the cases.
//!
//! An engine can have faults of its own, in shortcuts that no other engine takes ([`OwnFault`]): who builds
//! it plants them, by number. A shortcut for matrices that stay equal goes wrong only where they do not, which
//! never happens in a circuit that is right; there a spike is lost in both that engine and a witness without
//! the shortcut, and the two are compared.

use crate::claim::Claim;
use crate::disguise::{Disguise, Tamper};
use crate::ladder::{Case, OPERATION_COUNTS, engines};
use crate::lockstep::{Check, Lockstep};
use crate::mismatch::Mismatch;
use std::sync::Arc;
use synfire_circuit::{Form, LearningCircuit, Population};
use synfire_net::{
    Connectivity, Decay, Delay, Engine, LayerKind, Network, NetworkBuilder, Refractory, Sabotage,
};

/// What an engine does wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deviation {
    /// What any engine can do wrong.
    pub sabotage: Option<Sabotage>,
    /// The number of a fault of the engine's own.
    pub own: Option<usize>,
}

impl Deviation {
    const NONE: Self = Self { sabotage: None, own: None };

    const fn by(sabotage: Sabotage) -> Self {
        Self { sabotage: Some(sabotage), own: None }
    }
}

/// Makes an engine that reports faults and goes on, deviating as told.
pub type BuildDeviating = dyn Fn(Arc<Network>, Deviation) -> Result<Box<dyn Engine>, String> + Sync;

/// A fault in what is an engine's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnFault {
    /// What is wrong.
    pub name: &'static str,
    /// Its number, for [`Deviation::own`].
    pub number: usize,
    /// When it shows.
    pub shows: Shows,
}

/// When a fault in what is an engine's own can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// By itself.
    Alone,
    /// When copies of a matrix that were equal so far are to become different.
    WhenCopiesDiffer,
}

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
    /// A fault of the engine's own.
    Own(usize),
    /// A fault of the engine's own, and a spike of a population in a phase is lost, so that the copy onto it,
    /// by its position in [`LearningCircuit::plastic`], does not learn what the others do.
    OwnBesideDrop { own: usize, population: Population, phase: u32, copy: usize },
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
    // Not h< and h>: what they keep of their small bias is less than the grain of potentials, and they rest after a
    // hold.
    for population in [H, O, OLow, OHigh, HBack] {
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

/// The faults of an engine's own as a list like that of [`faults`].
#[must_use]
pub fn own_faults(own: &[OwnFault]) -> Vec<Planted> {
    let mut list = Vec::new();
    for fault in own {
        let number = fault.number;
        match fault.shows {
            Shows::Alone => list.push(Planted {
                name: fault.name.to_owned(),
                claims: vec![Claim::Forward],
                plant: Plant::Own(number),
            }),
            Shows::WhenCopiesDiffer => {
                // The learning phases of h, and the copies of w1 onto its companions.
                for (population, copy) in [(Population::HLow, 1), (Population::HHigh, 2)] {
                    for phase in [7, 11] {
                        let lost = format!("a dropped spike of {} in {phase}", population.name());
                        list.push(Planted {
                            name: format!("{}, with {lost}", fault.name),
                            claims: vec![Claim::Engines],
                            plant: Plant::OwnBesideDrop { own: number, population, phase, copy },
                        });
                    }
                }
            }
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
        let from_memory = projection.source == circuit.layer(Population::Mh);
        let holds = (from_gate || from_memory) && projection.name.contains("weight -");
        let from_source = network.layer(projection.source).is_source()
            && ![input, target].contains(&projection.source);
        !holds && !to_gate && !from_source
    });
    projections.map(|projection| (projection.name.clone(), projection.max_delay().get())).collect()
}

/// Looks for a case that reveals a planted fault in the engine that `build` makes. Where the reference cannot
/// follow, that engine is held against the one that `witness` makes.
///
/// # Errors
/// Why the comparison did not catch it: no case revealed it, the first mismatch was of another claim or
/// place, or an engine could not be made or stopped.
pub fn catch(
    planted: &Planted,
    form: Form,
    cases: &[Case],
    build: &BuildDeviating,
    witness: &BuildDeviating,
) -> Result<Catch, String> {
    for case in cases {
        if let Some(mismatch) = reveal(&planted.plant, form, case, build, witness)? {
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
pub fn clean(form: Form, case: &Case, build: &BuildDeviating) -> Result<(), String> {
    let circuit = circuit(form, case)?;
    let engine = build(Arc::clone(circuit.network()), Deviation::NONE)?;
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
    build: &BuildDeviating,
    witness: &BuildDeviating,
) -> Result<Option<Mismatch>, String> {
    let circuit = circuit(form, case)?;
    let network = Arc::clone(circuit.network());
    let disguised = |network: Network, tamper: Tamper| {
        let engine = build(Arc::new(network), Deviation::NONE)?;
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
            disguised(edited, Tamper::None)?
        }
        Plant::Refractory(population, steps) => {
            let refractory = Refractory::new(*steps).ok_or("a refractory period of 1 to 63")?;
            disguised(
                on_layer(*population, &|neuron| neuron.refractory = refractory),
                Tamper::None,
            )?
        }
        Plant::VoltageDecay(population) => {
            let decay = Decay::new(4095).ok_or("a decay of at most 4096")?;
            disguised(on_layer(*population, &|neuron| neuron.voltage_decay = decay), Tamper::None)?
        }
        Plant::CurrentDecay(population) => {
            let decay = Decay::new(4095).ok_or("a decay of at most 4096")?;
            disguised(on_layer(*population, &|neuron| neuron.current_decay = decay), Tamper::None)?
        }
        Plant::Delay(name, by) => disguised(edit(&network, &[], Some((name, *by))), Tamper::None)?,
        Plant::Reward(by) => disguised((*network).clone(), Tamper::Reward(*by))?,
        Plant::Clip => disguised((*network).clone(), Tamper::Clip)?,
        Plant::Mirror => disguised((*network).clone(), Tamper::Mirror)?,
        Plant::Copy(position) => {
            let (_, projection) = circuit.plastic()[*position];
            disguised((*network).clone(), Tamper::Copy(projection))?
        }
        Plant::DeliverLate => build(network, Deviation::by(Sabotage::DeliverAfterLearning))?,
        Plant::UpdatedFeedback => {
            let (.., plus, _) = circuit.matrices();
            build(network, Deviation::by(Sabotage::DeliverAfterLearningOf(plus)))?
        }
        Plant::Stray(population, phase) => {
            let step = circuit.first_step(0) + u64::from(*phase);
            let layer = circuit.layer(*population);
            let stray = Sabotage::AddSpike { step, layer, neuron_idx: 0 };
            let engine = build(network, Deviation::by(stray))?;
            let place = (population.name(), *phase, 0);
            return located(run(&circuit, engine, case, Some(plant))?, &place);
        }
        Plant::Drop(population, phase) => {
            let Some(drop) = droppable(&circuit, case, build, *population, *phase)? else {
                return Ok(None);
            };
            let Sabotage::DropSpike { neuron_idx, .. } = drop else { return Ok(None) };
            let engine = build(network, Deviation::by(drop))?;
            let place = (population.name(), *phase, neuron_idx);
            return located(run(&circuit, engine, case, Some(plant))?, &place);
        }
        Plant::Own(own) => build(network, Deviation { own: Some(*own), ..Deviation::NONE })?,
        Plant::OwnBesideDrop { own, population, phase, copy } => {
            let Some(drop) = droppable(&circuit, case, witness, *population, *phase)? else {
                return Ok(None);
            };
            let beside = |own| {
                let lower = witness(Arc::clone(&network), Deviation::by(drop))?;
                let upper = build(Arc::clone(&network), Deviation { own, ..Deviation::by(drop) })?;
                apart(&circuit, case, lower, upper)
            };
            if let Some(mismatch) = beside(None)? {
                return Err(format!("false alarm: {}, {mismatch}", case.name));
            }
            let found = beside(Some(*own))?;
            let (expected, _) = circuit.plastic()[*copy];
            return match found {
                // Both copies stood at the end of their range: not to be located here.
                Some(mismatch) if mismatch.place == OPERATION_COUNTS => Ok(None),
                Some(mismatch) if mismatch.place != expected => {
                    Err(format!("seen, but not in {expected}: {mismatch}"))
                }
                found => Ok(found),
            };
        }
    };
    run(&circuit, engine, case, Some(plant))
}

/// The loss of a spike of a population in a phase of the first sample, if there is one.
fn droppable(
    circuit: &Arc<LearningCircuit>,
    case: &Case,
    build: &BuildDeviating,
    population: Population,
    phase: u32,
) -> Result<Option<Sabotage>, String> {
    // Which neuron spikes there is not known before a run without a fault.
    let engine = build(Arc::clone(circuit.network()), Deviation::NONE)?;
    let mut whole =
        Lockstep::new(Arc::clone(circuit), engine).map_err(|error| error.to_string())?;
    let Some((active, target)) = case.samples.first() else { return Ok(None) };
    whole.run_sample(active, *target, Check::Skip).map_err(|error| error.to_string())?;
    let step = circuit.first_step(0) + u64::from(phase);
    let layer = circuit.layer(population);
    let first = whole.raster().spikes(step, layer).next();
    Ok(first.map(|neuron_idx| Sabotage::DropSpike { step, layer, neuron_idx }))
}

/// The first difference of two engines that run one case.
fn apart(
    circuit: &Arc<LearningCircuit>,
    case: &Case,
    lower: Box<dyn Engine>,
    upper: Box<dyn Engine>,
) -> Result<Option<Mismatch>, String> {
    let lockstep =
        |engine| Lockstep::new(Arc::clone(circuit), engine).map_err(|error| error.to_string());
    let (mut lower, mut upper) = (lockstep(lower)?, lockstep(upper)?);
    for (active, target) in &case.samples {
        for side in [&mut lower, &mut upper] {
            side.run_sample(active, *target, Check::Skip).map_err(|error| error.to_string())?;
        }
        if let Some(mismatch) = engines(&lower, &upper) {
            return Ok(Some(mismatch));
        }
    }
    Ok(None)
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
