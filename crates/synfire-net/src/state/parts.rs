//! A state as named arrays of integers and back, for whoever writes it to a file.
//!
//! Layers are joined: `currents`, `voltages` and `held` hold the values of all layers one after the other, `sizes`
//! says how many there are of each. Charge in flight is four arrays of one length. Projections have arrays of their
//! own, named by their position: `weights.3`, `x1.3`. Arrays without a value are left out.

use super::{EngineState, InFlight, LayerState, LearnerState, PlasticState, RewardState};
use crate::Operations;
use crate::printable::Printable;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Most layers, and most projections, of a state that is put together: each takes some hundred bytes, and a byte of
/// a file can ask for one.
const MOST_ELEMENTS: usize = 1 << 20;

/// A named array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// Unique among the parts of a state: letters, digits, `_` and `.`.
    pub name: String,
    /// The values.
    pub values: Values<'a>,
}

/// Integers of one width.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are the widths")]
pub enum Values<'a> {
    U8(Cow<'a, [u8]>),
    I16(Cow<'a, [i16]>),
    U32(Cow<'a, [u32]>),
    I64(Cow<'a, [i64]>),
    U64(Cow<'a, [u64]>),
}

/// Why parts do not make a state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
#[non_exhaustive]
pub enum PartsError {
    /// A part is missing that every state has.
    #[error("no `{name}`")]
    Missing { name: String },
    /// A part has values of another width.
    #[error("`{name}` has values of type {found}, expected {expected}")]
    Width { name: String, found: &'static str, expected: &'static str },
    /// Too few or too many values.
    #[error("`{name}` has {found} values, expected {expected}")]
    Length { name: String, found: usize, expected: usize },
    /// A position or flag beyond the end.
    #[error("`{name}`: value {idx} is {found}, expected less than {end}")]
    Position { name: String, idx: usize, found: u32, end: usize },
    /// More layers or projections than anybody can mean.
    #[error("`{name}` has {found} values, expected at most {MOST_ELEMENTS}")]
    Elements { name: String, found: usize },
    /// A part that no state has, or has twice.
    #[error("`{}` is unknown, or there a second time", Printable(name))]
    Unknown { name: String },
}

impl<'a> Part<'a> {
    /// An array of any [`Width`] with its name.
    pub fn new<T: Width>(name: impl Into<String>, values: impl Into<Cow<'a, [T]>>) -> Self {
        Self { name: name.into(), values: T::wrap(values.into()) }
    }

    /// The array.
    ///
    /// # Errors
    /// Values of another width.
    pub fn take<T: Width>(self) -> Result<Vec<T>, PartsError> {
        let (name, found) = (self.name, self.values.width());
        T::unwrap(self.values).ok_or(PartsError::Width { name, found, expected: T::NAME })
    }
}

impl Values<'_> {
    /// The type as Rust names it.
    #[must_use]
    pub const fn width(&self) -> &'static str {
        match self {
            Self::U8(_) => "u8",
            Self::I16(_) => "i16",
            Self::U32(_) => "u32",
            Self::I64(_) => "i64",
            Self::U64(_) => "u64",
        }
    }

    /// The number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::U8(values) => values.len(),
            Self::I16(values) => values.len(),
            Self::U32(values) => values.len(),
            Self::I64(values) => values.len(),
            Self::U64(values) => values.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Integers of which [`Values`] can hold an array: `u8`, `i16`, `u32`, `i64`, `u64`.
pub trait Width: Copy + 'static {
    /// The type as Rust names it.
    const NAME: &'static str;
    /// Puts an array among the values.
    fn wrap(values: Cow<'_, [Self]>) -> Values<'_>;
    /// The array, if it is of this width.
    fn unwrap(values: Values<'_>) -> Option<Vec<Self>>;
}

macro_rules! width {
    ($($width:ident $variant:ident),*) => {$(
        impl Width for $width {
            const NAME: &'static str = stringify!($width);
            fn wrap(values: Cow<'_, [Self]>) -> Values<'_> {
                Values::$variant(values)
            }
            fn unwrap(values: Values<'_>) -> Option<Vec<Self>> {
                match values {
                    Values::$variant(values) => Some(values.into_owned()),
                    _ => None,
                }
            }
        }
    )*};
}

width!(u8 U8, i16 I16, u32 U32, i64 I64, u64 U64);

/// Parts that are being gathered.
#[derive(Debug, Default)]
struct Gathered<'a>(Vec<Part<'a>>);

impl<'a> Gathered<'a> {
    /// An array; nothing if it is empty.
    fn add<T: Width>(&mut self, name: impl Into<String>, values: impl Into<Cow<'a, [T]>>) {
        let part = Part::new(name, values);
        if !part.values.is_empty() {
            self.0.push(part);
        }
    }
}

/// Parts that wait to be taken.
struct Waiting<'a>(BTreeMap<String, Values<'a>>);

impl<'a> Waiting<'a> {
    fn new(parts: impl IntoIterator<Item = Part<'a>>) -> Result<Self, PartsError> {
        let mut waiting = BTreeMap::new();
        for Part { name, values } in parts {
            if waiting.contains_key(&name) {
                return Err(PartsError::Unknown { name });
            }
            waiting.insert(name, values);
        }
        Ok(Self(waiting))
    }

    /// An array; an empty one if it is not there.
    fn take<T: Width>(&mut self, name: &str) -> Result<Vec<T>, PartsError> {
        match self.0.remove_entry(name) {
            Some((name, values)) => Part { name, values }.take(),
            None => Ok(Vec::new()),
        }
    }

    /// An array with a value for each layer, or each projection.
    fn take_elements<T: Width>(&mut self, name: &str) -> Result<Vec<T>, PartsError> {
        match self.0.get(name).map(Values::len) {
            Some(found) if found > MOST_ELEMENTS => {
                Err(PartsError::Elements { name: name.to_owned(), found })
            }
            _ => self.take(name),
        }
    }

    /// An array of a known length.
    fn take_all<T: Width>(&mut self, name: &str, expected: usize) -> Result<Vec<T>, PartsError> {
        let values = self.take::<T>(name)?;
        if values.is_empty() && expected > 0 {
            return Err(PartsError::Missing { name: name.to_owned() });
        }
        check_length(name, values.len(), expected)?;
        Ok(values)
    }
}

impl EngineState {
    /// The state as named arrays, weights and traces borrowed.
    #[must_use]
    pub fn parts(&self) -> Vec<Part<'_>> {
        let mut parts = Gathered::default();
        parts.add("step", vec![self.step]);
        parts.add("seed", self.seed.into_iter().collect::<Vec<u64>>());
        parts.add("operations", self.operations.counts().to_vec());
        self.add_layers(&mut parts);
        let kinds = self.projections.iter().map(|state| match state {
            None => STATIC,
            Some(PlasticState { learner: None, .. }) => PLASTIC,
            Some(PlasticState { learner: Some(_), .. }) => WITH_LEARNER,
        });
        parts.add("plastic", kinds.collect::<Vec<u8>>());
        for (id, state) in self.projections.iter().enumerate() {
            let Some(state) = state else { continue };
            parts.add(format!("weights.{id}"), &state.weights[..]);
            parts.add(format!("delays.{id}"), &state.delays[..]);
            parts.add(format!("tags.{id}"), &state.tags[..]);
            let Some(learner) = &state.learner else { continue };
            for (name, values) in learner.arrays() {
                parts.add(format!("{name}.{id}"), &values[..]);
            }
            let reward = learner
                .reward
                .iter()
                .flat_map(|reward| [reward.value, reward.pending, u8::from(reward.has_spiked)]);
            parts.add(format!("reward.{id}"), reward.collect::<Vec<u8>>());
        }
        parts.0
    }

    fn add_layers(&self, parts: &mut Gathered<'_>) {
        let sizes = self.layers.iter().map(|layer| position(layer.currents.len()));
        parts.add("sizes", sizes.collect::<Vec<u32>>());
        let layers = || self.layers.iter();
        let currents = layers().flat_map(|layer| layer.currents.iter().copied());
        parts.add("currents", currents.collect::<Vec<i64>>());
        let voltages = layers().flat_map(|layer| layer.voltages.iter().copied());
        parts.add("voltages", voltages.collect::<Vec<i64>>());
        let held = layers().flat_map(|layer| layer.held.iter().copied());
        parts.add("held", held.collect::<Vec<u8>>());
        let in_flight = || {
            let ids = (0_u32..).zip(&self.layers);
            ids.flat_map(|(id, layer)| layer.in_flight.iter().map(move |charge| (id, charge)))
        };
        parts.add("in_flight.layer", in_flight().map(|(id, _)| id).collect::<Vec<u32>>());
        let steps = in_flight().map(|(_, charge)| charge.steps);
        parts.add("in_flight.steps", steps.collect::<Vec<u8>>());
        let neurons = in_flight().map(|(_, charge)| charge.neuron_idx);
        parts.add("in_flight.neuron", neurons.collect::<Vec<u32>>());
        let charges = in_flight().map(|(_, charge)| charge.charge);
        parts.add("in_flight.charge", charges.collect::<Vec<i64>>());
    }

    /// Puts a state together. Whether it fits a network is not looked at: see [`EngineState::check`].
    ///
    /// # Errors
    /// Parts that are missing, unknown, of another width or of a length that does not fit the others.
    pub fn from_parts<'a>(parts: impl IntoIterator<Item = Part<'a>>) -> Result<Self, PartsError> {
        let mut parts = Waiting::new(parts)?;
        let [step] = parts.take_all("step", 1)?[..] else { return Err(missing("step")) };
        let seed = parts.take::<u64>("seed")?;
        check_length("seed", seed.len(), seed.len().min(1))?;
        let operations = Operations::of_counts(&parts.take_all("operations", 6)?);
        let layers = take_layers(&mut parts)?;
        let mut projections = Vec::new();
        for (idx, kind) in parts.take_elements::<u8>("plastic")?.into_iter().enumerate() {
            if kind > WITH_LEARNER {
                let (name, found, end) = ("plastic".to_owned(), kind.into(), 3);
                return Err(PartsError::Position { name, idx, found, end });
            }
            projections.push(if kind == STATIC {
                None
            } else {
                Some(take_plastic(&mut parts, idx, kind == WITH_LEARNER)?)
            });
        }
        match parts.0.into_iter().next() {
            Some((name, _)) => Err(PartsError::Unknown { name }),
            None => Ok(Self { step, seed: seed.first().copied(), operations, layers, projections }),
        }
    }
}

/// Values of `plastic`, one per projection: it does not learn, it does, it has a learner with a memory.
const STATIC: u8 = 0;
const PLASTIC: u8 = 1;
const WITH_LEARNER: u8 = 2;

fn take_plastic(
    parts: &mut Waiting<'_>,
    id: usize,
    has_learner: bool,
) -> Result<PlasticState, PartsError> {
    Ok(PlasticState {
        weights: parts.take(&format!("weights.{id}"))?,
        delays: parts.take(&format!("delays.{id}"))?,
        tags: parts.take(&format!("tags.{id}"))?,
        learner: if has_learner { Some(take_learner(parts, id)?) } else { None },
    })
}

fn take_layers(parts: &mut Waiting<'_>) -> Result<Vec<LayerState>, PartsError> {
    let sizes = parts.take_elements::<u32>("sizes")?;
    // At most 2^20 numbers below 2^32.
    let n_neurons = sizes.iter().map(|&size| size as usize).sum();
    let mut currents = parts.take_all("currents", n_neurons)?.into_iter();
    let mut voltages = parts.take_all("voltages", n_neurons)?.into_iter();
    let mut held = parts.take_all("held", n_neurons)?.into_iter();
    let mut layers: Vec<LayerState> = sizes
        .iter()
        .map(|&size| LayerState {
            currents: currents.by_ref().take(size as usize).collect(),
            voltages: voltages.by_ref().take(size as usize).collect(),
            held: held.by_ref().take(size as usize).collect(),
            in_flight: Vec::new(),
        })
        .collect();
    let of_layers = parts.take::<u32>("in_flight.layer")?;
    let n = of_layers.len();
    let steps = parts.take_all("in_flight.steps", n)?;
    let neurons = parts.take_all("in_flight.neuron", n)?;
    let charges = parts.take_all("in_flight.charge", n)?;
    let values = steps.into_iter().zip(neurons).zip(charges);
    for ((idx, id), ((steps, neuron_idx), charge)) in of_layers.into_iter().enumerate().zip(values)
    {
        let end = layers.len();
        let Some(layer) = layers.get_mut(id as usize) else {
            let name = "in_flight.layer".to_owned();
            return Err(PartsError::Position { name, idx, found: id, end });
        };
        layer.in_flight.push(InFlight { steps, neuron_idx, charge });
    }
    Ok(layers)
}

fn take_learner(parts: &mut Waiting<'_>, id: usize) -> Result<LearnerState, PartsError> {
    let mut take = |name: &str| parts.take(&format!("{name}.{id}"));
    let mut learner = LearnerState {
        x1: take("x1")?,
        x2: take("x2")?,
        y1: take("y1")?,
        y2: take("y2")?,
        y3: take("y3")?,
        last_pre: take("last_pre")?,
        last_post: take("last_post")?,
        reward: None,
    };
    let name = format!("reward.{id}");
    learner.reward = match parts.take::<u8>(&name)?[..] {
        [] => None,
        [value, pending, flag @ (0 | 1)] => {
            Some(RewardState { value, pending, has_spiked: flag == 1 })
        }
        [_, _, flag] => {
            return Err(PartsError::Position { name, idx: 2, found: flag.into(), end: 2 });
        }
        ref values => {
            return Err(PartsError::Length { name, found: values.len(), expected: 3 });
        }
    };
    Ok(learner)
}

impl LearnerState {
    fn arrays(&self) -> [(&'static str, &Vec<u8>); 7] {
        [
            ("x1", &self.x1),
            ("x2", &self.x2),
            ("y1", &self.y1),
            ("y2", &self.y2),
            ("y3", &self.y3),
            ("last_pre", &self.last_pre),
            ("last_post", &self.last_post),
        ]
    }
}

impl Operations {
    const fn counts(&self) -> [u64; 6] {
        [
            self.steps,
            self.spikes,
            self.static_deliveries,
            self.input_deliveries,
            self.plastic_deliveries,
            self.plastic_updates,
        ]
    }

    /// Counts that are missing are 0.
    fn of_counts(counts: &[u64]) -> Self {
        let count = |idx: usize| counts.get(idx).copied().unwrap_or(0);
        Self {
            steps: count(0),
            spikes: count(1),
            static_deliveries: count(2),
            input_deliveries: count(3),
            plastic_deliveries: count(4),
            plastic_updates: count(5),
        }
    }
}

/// Networks have fewer layers, neurons and projections than fit 32 bits.
fn position(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn missing(name: &str) -> PartsError {
    PartsError::Missing { name: name.to_owned() }
}

fn check_length(name: &str, found: usize, expected: usize) -> Result<(), PartsError> {
    if found == expected {
        return Ok(());
    }
    Err(PartsError::Length { name: name.to_owned(), found, expected })
}
