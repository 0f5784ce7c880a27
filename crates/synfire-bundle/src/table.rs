//! The files of a case as text: one function for each, and the ids they share.
//!
//! All are CSV with a heading, commas and line feeds, no quotes: no name holds a comma. Neurons are called by layer and
//! index where spikes are listed, and by one global id where synapses are; ids count through the layers in their order,
//! compartments first, generators after them.

use std::fmt::Write;

use synfire_train::synfire_loihi::Program;
use synfire_train::synfire_net::rule::{Dependency, Factor, Product, Variable};
use synfire_train::synfire_net::{
    Connectivity, LayerId, LayerKind, Network, NetworkBuilder, Projection, ProjectionId, Weights,
};

use crate::case::Case;
use crate::circuit::Circuit;
use crate::golden::Golden;

/// The headings of the tables, by the names of their files.
pub(crate) const COMPARTMENTS: &str = "id,layer,lanl,index,vth_mantissa,bias_mantissa,bias_exponent,\
    current_decay,voltage_decay,refractory,vmin,vmax,slots";
pub(crate) const GENERATORS: &str = "id,layer,lanl,index";
pub(crate) const PHASES: &str = "phase,layer,lanl,meaning";
pub(crate) const PROJECTIONS: &str =
    "projection,from,to,pattern,synapses,first,sign,bits,exponent,delay,rule";
pub(crate) const RULES: &str =
    "rule,text,x0,y0,r1,mantissa,exponent,reward,impulse,min,max,step,phases";
pub(crate) const SYNAPSES: &str = "pre,post,weight,exponent,delay,rule";
pub(crate) const SPIKES: &str = "step,layer,neuron";
pub(crate) const CHANGES: &str = "sample,step,rule,pre,post,old,new";
pub(crate) const SAMPLES: &str =
    "sample,first_step,last_step,index,label,inputs,spikes,changes,weights_sha256,shows";

/// The word in the column `rule` of a synapse that does not learn.
pub(crate) const NO_RULE: &str = "none";

/// A circuit as the chip would be loaded with it, and the ids of its neurons.
pub(crate) struct View<'a> {
    pub(crate) circuit: &'a Circuit,
    pub(crate) program: &'a Program,
    /// The id of the first neuron of each layer.
    first_ids: Vec<u32>,
    lanl: Vec<String>,
    rules: Vec<Option<&'static str>>,
}

impl<'a> View<'a> {
    pub(crate) fn new(circuit: &'a Circuit, program: &'a Program) -> View<'a> {
        let mut next = 0;
        let first_id = |layer: &synfire_train::synfire_net::Layer| {
            let first = next;
            next += layer.n_neurons;
            first
        };
        let first_ids = circuit.network().layers().iter().map(first_id).collect();
        let (lanl, rules) = (circuit.lanl_names(), circuit.rules());
        View { circuit, program, first_ids, lanl, rules }
    }

    fn network(&self) -> &Network {
        self.circuit.network()
    }

    fn id(&self, layer: LayerId, neuron: u32) -> u32 {
        self.first_ids[layer.index()] + neuron
    }

    fn name(&self, layer: LayerId) -> &str {
        &self.network().layer(layer).name
    }

    fn rule(&self, projection: ProjectionId) -> &'static str {
        self.rules[projection.index()].unwrap_or(NO_RULE)
    }

    /// Every neuron of the layers of one kind: its id, its layer, its index.
    fn neurons(&self, is_source: bool) -> impl Iterator<Item = (u32, LayerId, u32)> {
        let layers = self
            .network()
            .layer_ids()
            .filter(move |&id| self.network().layer(id).is_source() == is_source);
        layers.flat_map(move |layer| {
            let n = self.network().layer(layer).n_neurons;
            (0..n).map(move |index| (self.id(layer, index), layer, index))
        })
    }

    pub(crate) fn compartments(&self) -> String {
        let mut text = format!("{COMPARTMENTS}\n");
        for (id, layer, index) in self.neurons(false) {
            let Some(group) = self.program.compartments(layer) else { continue };
            let config = &group.config;
            line(
                &mut text,
                format_args!(
                    "{id},{},{},{index},{},{},{},{},{},{},{},{},{}",
                    self.name(layer),
                    self.lanl[layer.index()],
                    config.threshold.mantissa(),
                    config.bias.mantissa(),
                    config.bias.exponent(),
                    config.current_decay.get(),
                    config.voltage_decay.get(),
                    config.refractory.get(),
                    config.voltage_limits.min(),
                    config.voltage_limits.max(),
                    group.n_accumulators,
                ),
            );
        }
        text
    }

    pub(crate) fn generators(&self) -> String {
        let mut text = format!("{GENERATORS}\n");
        for (id, layer, index) in self.neurons(true) {
            let (name, lanl) = (self.name(layer), &self.lanl[layer.index()]);
            line(&mut text, format_args!("{id},{name},{lanl},{index}"));
        }
        text
    }

    pub(crate) fn phases(&self) -> String {
        let mut text = format!("{PHASES}\n");
        for (phase, layer, meaning) in self.circuit.meanings() {
            let (name, lanl) = (self.name(layer), &self.lanl[layer.index()]);
            line(&mut text, format_args!("{phase},{name},{lanl},{meaning}"));
        }
        text
    }

    pub(crate) fn projections(&self) -> String {
        let network = self.network();
        let mut text = format!("{PROJECTIONS}\n");
        let mut first = 0;
        for id in network.projection_ids() {
            let projection = network.projection(id);
            let format = self.program.synapses(id).format;
            let n_synapses = network.n_synapses(id);
            let pattern = match projection.connectivity {
                Connectivity::AllToAll { .. } => "all-to-all",
                Connectivity::OneToOne { .. } => "one-to-one",
                Connectivity::OneToAll { .. } => "one-to-all",
                Connectivity::List(_) => "list",
            };
            line(
                &mut text,
                format_args!(
                    "{},{},{},{pattern},{n_synapses},{first},{},{},{},{},{}",
                    id.index(),
                    self.name(projection.source),
                    self.name(projection.target),
                    format.weight.sign_mode(),
                    format.weight.bits(),
                    format.exponent.get(),
                    projection.max_delay().get(),
                    self.rule(id),
                ),
            );
            first += n_synapses;
        }
        text
    }

    /// The microcode: a line for each product.
    pub(crate) fn rules(&self) -> String {
        let network = self.network();
        let mut text = format!("{RULES}\n");
        for id in network.projection_ids() {
            let Some(plasticity) = &network.projection(id).plasticity else { continue };
            let Some(rule) = &plasticity.rules.weight else { continue };
            let (reward, impulse) = match plasticity.reward {
                Some(reward) => (self.id(reward.source, 0), reward.trace.impulse.whole()),
                None => continue,
            };
            let range = plasticity.range;
            let phases: Vec<String> = plasticity
                .phases
                .map(|phases| phases.iter().map(|phase| phase.to_string()).collect())
                .unwrap_or_default();
            for product in rule.products() {
                let [x0, y0, r1] = powers(product);
                line(
                    &mut text,
                    format_args!(
                        "{},{rule},{x0},{y0},{r1},{},{},{reward},{impulse},{},{},{},{}",
                        self.rule(id),
                        product.mantissa(),
                        product.exponent(),
                        range.min,
                        range.max,
                        range.step,
                        phases.join(" "),
                    ),
                );
            }
        }
        text
    }

    pub(crate) fn synapses(&self) -> String {
        let network = self.network();
        let n_synapses: usize = network.projection_ids().map(|id| network.n_synapses(id)).sum();
        let mut text = String::with_capacity(24 * n_synapses);
        text += SYNAPSES;
        text.push('\n');
        for id in network.projection_ids() {
            let projection = network.projection(id);
            let group = self.program.synapses(id);
            let (exponent, rule) = (group.format.exponent.get(), self.rule(id));
            for (synapse, weight) in network.synapses(id).zip(&group.weight_mantissas) {
                let pre = self.id(projection.source, synapse.source);
                let post = self.id(projection.target, synapse.target);
                let delay = synapse.delay.get();
                line(&mut text, format_args!("{pre},{post},{weight},{exponent},{delay},{rule}"));
            }
        }
        text
    }

    pub(crate) fn stimulus(&self, case: &Case) -> String {
        let mut text = format!("{SPIKES}\n");
        for spike in self.circuit.schedule(&case.samples).spikes() {
            let layer = self.name(spike.layer);
            line(&mut text, format_args!("{},{layer},{}", spike.step, spike.source_idx));
        }
        text
    }

    pub(crate) fn spikes(&self, golden: &Golden) -> String {
        let mut text = format!("{SPIKES}\n");
        for spike in &golden.spikes {
            let layer = self.name(spike.layer);
            line(&mut text, format_args!("{},{layer},{}", spike.step, spike.neuron));
        }
        text
    }

    pub(crate) fn changes(&self, golden: &Golden) -> String {
        let mut text = format!("{CHANGES}\n");
        for change in &golden.changes {
            let projection = self.network().projection(change.projection);
            let pre = self.id(projection.source, change.pre);
            let post = self.id(projection.target, change.post);
            let rule = self.rule(change.projection);
            let (sample, step, old, new) = (change.sample, change.step, change.old, change.new);
            line(&mut text, format_args!("{sample},{step},{rule},{pre},{post},{old},{new}"));
        }
        text
    }

    pub(crate) fn samples(&self, case: &Case, golden: &Golden) -> String {
        let mut text = format!("{SAMPLES}\n");
        let outcomes = case.samples.iter().zip(&golden.outcomes).enumerate();
        for (sample, (given, outcome)) in outcomes {
            let first = self.circuit.first_step(sample);
            let last = self.circuit.first_step(sample + 1) - 1;
            let index = given.index.map(|index| index.to_string()).unwrap_or_default();
            let (label, n_inputs) = (given.target, given.input.len());
            let (n_spikes, n_changes) = (outcome.n_spikes, outcome.n_changes);
            let (sum, shows) = (&outcome.sha256, &outcome.shows);
            line(
                &mut text,
                format_args!(
                    "{sample},{first},{last},{index},{label},{n_inputs},{n_spikes},{n_changes},{sum},{shows}"
                ),
            );
        }
        text
    }

    /// The network in the form that `synfire chip` reads, with 0 in the place of every weight of a matrix.
    pub(crate) fn network_toml(&self) -> String {
        let network = self.network();
        let mut builder = NetworkBuilder::new(network.name());
        for layer in network.layers() {
            builder.layer(layer.clone());
        }
        for projection in network.projections() {
            let connectivity = match &projection.connectivity {
                Connectivity::AllToAll { weights: Weights::Each(_), delay } => {
                    Connectivity::AllToAll { weights: Weights::Uniform(0), delay: *delay }
                }
                other => other.clone(),
            };
            let (name, plasticity) = (projection.name.clone(), projection.plasticity.clone());
            builder.projection(Projection { name, connectivity, plasticity, ..*projection });
        }
        if let Some(gating) = network.gating() {
            builder.gating(gating.clone());
        }
        let without = builder.build().expect("zeros are as valid as other weights");
        let head = "# The circuit without its matrices, whose weights are all 0 here: those of the case are in\n\
                    # synapses.csv and weights.npz. `synfire chip check` reads this file.\n\n";
        head.to_owned() + &synfire_train::synfire_net::file::write(&without)
    }

    /// Numbers of compartments, of generators, and of synapses that learn, that do not, and from generators.
    pub(crate) fn counts(&self) -> [usize; 5] {
        let network = self.network();
        let n = |is_source| self.neurons(is_source).count();
        let mut synapses = [0; 3];
        for id in network.projection_ids() {
            let projection = network.projection(id);
            let is_input = matches!(network.layer(projection.source).kind, LayerKind::Source);
            let kind = if projection.is_plastic() { 0 } else { 1 + usize::from(is_input) };
            synapses[kind] += network.n_synapses(id);
        }
        [n(false), n(true), synapses[0], synapses[1], synapses[2]]
    }
}

/// How often a product reads x0, y0 and r1. The circuits' rule reads nothing else.
fn powers(product: &Product) -> [u8; 3] {
    let mut powers = [0; 3];
    match product.gate() {
        Dependency::X0 => powers[0] += 1,
        Dependency::Y0 => powers[1] += 1,
        Dependency::U(_) => {}
    }
    for factor in product.factors() {
        match factor {
            Factor::X0 => powers[0] += 1,
            Factor::Y0 => powers[1] += 1,
            Factor::Sum { variable: Variable::R1, constant: 0 } => powers[2] += 1,
            _ => {}
        }
    }
    powers
}

/// Adds a line. Writing to a text cannot fail.
fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(content);
    text.push('\n');
}
