//! Every intermediate of one sample, by name.
//!
//! A [`Record`] holds what the network computed for the last sample: potentials, activity, gates,
//! error sums, error signals. Names are the layer's ([`Shape::layer_name`]), a dot and the
//! quantity: `h.active`, `o.error_plus`. It holds no weights; those are the reference's.
//!
//! The weights of the sample's potentials and errors are the ones from **before** its update.

use crate::forward::list_set;
use crate::shape::Shape;

/// Potentials compared at once.
const WIDE: usize = 16;

/// What one layer did in one sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerRecord {
    pub(crate) name: String,
    pub(crate) fire: i32,
    pub(crate) zero: i32,
    pub(crate) upper: i32,
    /// Largest potential at which the gate is open.
    pub(crate) ceiling: i32,
    pub(crate) potential: Vec<i32>,
    pub(crate) active: Vec<bool>,
    pub(crate) above_zero: Vec<bool>,
    pub(crate) above_upper: Vec<bool>,
    pub(crate) gate: Vec<bool>,
    pub(crate) active_list: Vec<u32>,
    pub(crate) e_plus: Vec<i32>,
    pub(crate) e_minus: Vec<i32>,
    pub(crate) error_plus: Vec<bool>,
    pub(crate) error_minus: Vec<bool>,
    pub(crate) error_plus_list: Vec<u32>,
    pub(crate) error_minus_list: Vec<u32>,
    /// Whether any of the error fields may differ from zero and must be cleared.
    pub(crate) has_error_values: bool,
}

impl LayerRecord {
    pub(crate) fn new(shape: &Shape, layer: usize) -> LayerRecord {
        let n = shape.n_neurons(layer);
        let n_sums = if shape.is_hidden(layer) { n } else { 0 };
        let thresholds = shape.thresholds();
        LayerRecord {
            name: shape.layer_name(layer),
            fire: thresholds.fire,
            zero: thresholds.zero,
            upper: thresholds.upper,
            ceiling: shape.gate_ceiling(),
            potential: vec![0; n],
            active: vec![false; n],
            above_zero: vec![false; n],
            above_upper: vec![false; n],
            gate: vec![false; n],
            active_list: Vec::with_capacity(n + 8),
            e_plus: vec![0; n_sums],
            e_minus: vec![0; n_sums],
            error_plus: vec![false; n],
            error_minus: vec![false; n],
            error_plus_list: Vec::with_capacity(n + 8),
            error_minus_list: Vec::with_capacity(n + 8),
            has_error_values: false,
        }
    }

    /// Derives activity and gates from the potentials (R1, R2).
    #[inline(always)]
    pub(crate) fn answer(&mut self) {
        let (fire, zero, upper, ceiling) = (self.fire, self.zero, self.upper, self.ceiling);
        let (potentials, potential_rest) = self.potential.as_chunks::<WIDE>();
        let (active, active_rest) = self.active.as_chunks_mut::<WIDE>();
        let (above_zero, above_zero_rest) = self.above_zero.as_chunks_mut::<WIDE>();
        let (above_upper, above_upper_rest) = self.above_upper.as_chunks_mut::<WIDE>();
        let (gate, gate_rest) = self.gate.as_chunks_mut::<WIDE>();
        let answers = active.iter_mut().zip(above_zero).zip(above_upper.iter_mut().zip(gate));
        for (potential, ((active, above_zero), (above_upper, gate))) in
            potentials.iter().zip(answers)
        {
            *active = potential.map(|z| z > fire);
            *above_zero = potential.map(|z| z > zero);
            *above_upper = potential.map(|z| z > upper);
            *gate = potential.map(|z| (z > zero) & (z <= ceiling));
        }
        let answers = active_rest.iter_mut().zip(above_zero_rest);
        let answers = answers.zip(above_upper_rest.iter_mut().zip(gate_rest));
        for (&z, ((active, above_zero), (above_upper, gate))) in potential_rest.iter().zip(answers)
        {
            *active = z > fire;
            *above_zero = z > zero;
            *above_upper = z > upper;
            *gate = (z > zero) & (z <= ceiling);
        }
        list_set(&self.active, &mut self.active_list);
    }

    /// Forgets the errors of the sample before.
    pub(crate) fn clear_errors(&mut self) {
        if self.has_error_values {
            self.e_plus.fill(0);
            self.e_minus.fill(0);
            self.error_plus.fill(false);
            self.error_minus.fill(false);
            self.error_plus_list.clear();
            self.error_minus_list.clear();
            self.has_error_values = false;
        }
    }

    /// The layer's short name: `h`, `h1`, ..., `o`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sums of the weights from the active neurons below, in weight units (z).
    #[must_use]
    pub fn potential(&self) -> &[i32] {
        &self.potential
    }

    /// Who is active: potential above 512 (R1).
    #[must_use]
    pub fn active(&self) -> &[bool] {
        &self.active
    }

    /// The active neurons, ascending.
    #[must_use]
    pub fn active_list(&self) -> &[u32] {
        &self.active_list
    }

    /// Whose potential is above 0.
    #[must_use]
    pub fn above_zero(&self) -> &[bool] {
        &self.above_zero
    }

    /// Whose potential is above 1024, in every variant.
    #[must_use]
    pub fn above_upper(&self) -> &[bool] {
        &self.above_upper
    }

    /// Whose derivative gate b is open: above 0 and not above 1024 (R2); in `lanl-numpy` below
    /// 1024.
    #[must_use]
    pub fn gate(&self) -> &[bool] {
        &self.gate
    }

    /// Positive error sums e+ of a hidden layer, in weight units, gated or not (R4). Zero where
    /// no error came back; empty for the output.
    #[must_use]
    pub fn e_plus(&self) -> &[i32] {
        &self.e_plus
    }

    /// Negative error sums e-, like [`LayerRecord::e_plus`].
    #[must_use]
    pub fn e_minus(&self) -> &[i32] {
        &self.e_minus
    }

    /// Positive error signals d+: the neuron's weights grow (R3, R4).
    #[must_use]
    pub fn error_plus(&self) -> &[bool] {
        &self.error_plus
    }

    /// Negative error signals d-: the neuron's weights shrink (R3, R4).
    #[must_use]
    pub fn error_minus(&self) -> &[bool] {
        &self.error_minus
    }

    /// The neurons with a positive error signal, ascending.
    #[must_use]
    pub fn error_plus_list(&self) -> &[u32] {
        &self.error_plus_list
    }

    /// The neurons with a negative error signal, ascending.
    #[must_use]
    pub fn error_minus_list(&self) -> &[u32] {
        &self.error_minus_list
    }

    fn quantities(&self) -> impl Iterator<Item = (&'static str, Values<'_>)> {
        let is_hidden = !self.e_plus.is_empty();
        let always = [
            ("potential", Values::Integers(&self.potential)),
            ("active", Values::Bits(&self.active)),
            ("above_zero", Values::Bits(&self.above_zero)),
            ("above_upper", Values::Bits(&self.above_upper)),
            ("gate", Values::Bits(&self.gate)),
        ];
        let sums = [
            ("e_plus", Values::Integers(&self.e_plus)),
            ("e_minus", Values::Integers(&self.e_minus)),
        ];
        let errors = [
            ("error_plus", Values::Bits(&self.error_plus)),
            ("error_minus", Values::Bits(&self.error_minus)),
        ];
        always.into_iter().chain(sums.into_iter().filter(move |_| is_hidden)).chain(errors)
    }
}

/// The values of one named quantity, one per neuron of its layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values<'a> {
    /// Integers in weight units.
    Integers(&'a [i32]),
    /// Yes or no.
    Bits(&'a [bool]),
}

/// How one sample is read (R9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readout {
    /// Whether all output bits equal the one-hot target.
    pub exact: bool,
    /// The class by output bits: the first active output, or 0 if none is active.
    pub binary: usize,
    /// The class by output potential: the first of the largest.
    pub potential: usize,
}

/// Every intermediate of one sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub(crate) input: Vec<bool>,
    pub(crate) input_list: Vec<u32>,
    /// Layers 1 and up.
    pub(crate) layers: Vec<LayerRecord>,
    pub(crate) target: Option<usize>,
    pub(crate) n_updates: u64,
}

impl Record {
    pub(crate) fn new(shape: &Shape) -> Record {
        Record {
            input: vec![false; shape.n_inputs()],
            input_list: Vec::with_capacity(shape.n_inputs()),
            layers: (1..shape.n_layers()).map(|layer| LayerRecord::new(shape, layer)).collect(),
            target: None,
            n_updates: 0,
        }
    }

    /// Replaces the input; indices must have been checked.
    pub(crate) fn set_input(&mut self, active: &[u32]) {
        self.input.fill(false);
        self.input_list.clear();
        self.input_list.extend_from_slice(active);
        for &neuron_idx in active {
            self.input[neuron_idx as usize] = true;
        }
    }

    /// Who is active in the input.
    #[must_use]
    pub fn input(&self) -> &[bool] {
        &self.input
    }

    /// The active inputs, ascending.
    #[must_use]
    pub fn input_list(&self) -> &[u32] {
        &self.input_list
    }

    /// The layers above the input, from the first hidden one to the output.
    #[must_use]
    pub fn layers(&self) -> &[LayerRecord] {
        &self.layers
    }

    /// One layer by its position in the [`Shape`]; `None` for the input and above the output.
    #[must_use]
    pub fn layer(&self, layer: usize) -> Option<&LayerRecord> {
        self.layers.get(layer.checked_sub(1)?)
    }

    /// The output layer.
    #[must_use]
    pub fn output(&self) -> &LayerRecord {
        &self.layers[self.layers.len() - 1]
    }

    /// The class the sample was learned with; `None` after inference.
    #[must_use]
    pub fn target(&self) -> Option<usize> {
        self.target
    }

    /// Whether the output has any error signal. Without one nothing is learned.
    #[must_use]
    pub fn has_error(&self) -> bool {
        let output = self.output();
        !output.error_plus_list.is_empty() || !output.error_minus_list.is_empty()
    }

    /// Number of steps made by forward weights: one for each pair of an active source and an error
    /// signal of its target, whether or not the weight was saturated. The feedback weights of a
    /// layer step as often as the forward weights they mirror.
    #[must_use]
    pub fn n_updates(&self) -> u64 {
        self.n_updates
    }

    /// Every intermediate with its name, from the input to the output.
    pub fn quantities(&self) -> impl Iterator<Item = (String, Values<'_>)> {
        let input = std::iter::once(("x.active".to_owned(), Values::Bits(&self.input)));
        input.chain(self.layers.iter().flat_map(|layer| {
            layer.quantities().map(move |(name, values)| (format!("{}.{name}", layer.name), values))
        }))
    }

    /// One intermediate by name, such as `h.active`; `None` if there is none of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Values<'_>> {
        let (layer_name, wanted) = name.split_once('.')?;
        if layer_name == "x" {
            return (wanted == "active").then_some(Values::Bits(&self.input));
        }
        let layer = self.layers.iter().find(|layer| layer.name == layer_name)?;
        layer.quantities().find(|(quantity, _)| *quantity == wanted).map(|(_, values)| values)
    }

    /// Reads the answer, and whether it is exactly `class`.
    #[must_use]
    pub fn readout(&self, class: usize) -> Readout {
        let output = self.output();
        let mut largest = 0;
        for (neuron_idx, &potential) in output.potential.iter().enumerate() {
            if potential > output.potential[largest] {
                largest = neuron_idx;
            }
        }
        Readout {
            exact: output.active_list.len() == 1
                && output.active.get(class).copied().unwrap_or(false),
            binary: output.active_list.first().map_or(0, |&first| first as usize),
            potential: largest,
        }
    }
}
