//! The synapses of one projection while a program runs: delivery and learning.
//!
//! Weights are held in canonical order, one row per source. An all-to-all projection whose delays do not
//! change is a dense matrix whose rows have one weight per target, all with one delay; any other lists the
//! synapses of each source. Delivery and learning start from the neurons that spiked and touch their rows or columns
//! only.
//!
//! The weights held here are whole weight units before a shift: a weight stands for
//! `weight << shift` units of charge, exactly. Lowering has made sure that this is the effective weight
//! of every weight that learning can reach.

use super::learner::Synapses;
use crate::axon::Accumulators;
use crate::limits::UNIT_BITS;
use crate::program::Program;
use crate::rule::Microcode;
use synfire_net::{Connectivity, ProjectionId};

/// Where input for later steps is added.
pub trait Slots {
    /// The input, in units of charge, to which spikes of `step` with this delay add, one sum per compartment.
    fn deliver(&mut self, step: u64, delay: u8) -> &mut [i32];
}

impl Slots for Accumulators {
    fn deliver(&mut self, step: u64, delay: u8) -> &mut [i32] {
        self.deliver(step, delay)
    }
}

/// Who spiked in a step: the neurons, ascending, and the same as a question.
#[derive(Clone, Copy, Debug)]
pub struct Spiked<'a, F> {
    /// The neurons that spiked, ascending.
    pub neurons: &'a [u32],
    /// Whether a neuron did.
    pub has: F,
}

/// The synapses of one projection while a program runs.
#[derive(Clone, Debug)]
pub struct Connection {
    weights: Vec<i16>,
    /// Power of two from a weight to its charge.
    shift: u32,
    pattern: Pattern,
}

#[derive(Clone, Debug)]
enum Pattern {
    /// Synapse `source * n_targets + target` for every pair.
    Dense { n_sources: u32, n_targets: u32, delay: u8 },
    /// Synapses `first[source]..first[source + 1]` for each source.
    Sparse {
        first: Vec<usize>,
        links: Vec<Link>,
        /// The synapses of each target, for rules gated by its spikes.
        columns: Vec<Vec<usize>>,
    },
}

/// Ends and delay of one synapse.
#[derive(Clone, Copy, Debug)]
struct Link {
    source: u32,
    target: u32,
    delay: u8,
}

impl Connection {
    /// The synapses of a projection before the first step.
    ///
    /// # Panics
    /// If the id belongs to another, larger network.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "see the comment")]
    pub fn new(program: &Program, id: ProjectionId) -> Self {
        let group = program.synapses(id);
        let exponent = group.format.exponent.get();
        let (weights, shift) = if group.microcode.is_some() {
            // A gain of 1 or more keeps the exponent of a plastic projection at -6 or more.
            (group.weight_mantissas.clone(), UNIT_BITS.saturating_add_signed(exponent.into()))
        } else {
            // An effective weight is a multiple of 64, and 1/64 of it at most 2^15 - 1.
            let units = |&mantissa| (group.format.effective_weight(mantissa) >> UNIT_BITS) as i16;
            (group.weight_mantissas.iter().map(units).collect(), UNIT_BITS)
        };
        Self { weights, shift, pattern: Pattern::new(program, id) }
    }

    /// Adds the effective weights of the synapses of `spikes` to the slots of their steps, and counts
    /// them.
    pub fn deliver(&self, step: u64, spikes: &[u32], slots: &mut impl Slots) -> u64 {
        if spikes.is_empty() {
            return 0;
        }
        match &self.pattern {
            Pattern::Dense { n_targets, delay, .. } => {
                let n_targets = *n_targets as usize;
                let sums = slots.deliver(step, *delay);
                for &source_idx in spikes {
                    let row = &self.weights[source_idx as usize * n_targets..][..n_targets];
                    for (sum, &weight) in sums.iter_mut().zip(row) {
                        *sum += i32::from(weight) << self.shift;
                    }
                }
                (spikes.len() * n_targets) as u64
            }
            Pattern::Sparse { first, links, .. } => {
                let mut delivered = 0;
                for &source_idx in spikes {
                    let row = first[source_idx as usize]..first[source_idx as usize + 1];
                    delivered += row.len() as u64;
                    let mut weights = self.weights[row.clone()].iter();
                    // Most rows have one delay, so that its slot is looked up once and not per synapse.
                    for links in links[row].chunk_by(|a, b| a.delay == b.delay) {
                        let sums = slots.deliver(step, links[0].delay);
                        for (link, &weight) in links.iter().zip(&mut weights) {
                            sums[link.target as usize] += i32::from(weight) << self.shift;
                        }
                    }
                }
                delivered
            }
        }
    }

    /// Applies the changes that the rule asks for where only the presynaptic, only the postsynaptic,
    /// or both neurons spiked, and counts the synapses for which that is not 0.
    pub fn learn(
        &mut self,
        microcode: &Microcode,
        [pre_only, post_only, both]: [i32; 3],
        pre: Spiked<'_, impl Fn(u32) -> bool>,
        post: Spiked<'_, impl Fn(u32) -> bool>,
    ) -> u64 {
        let mut n_updates = 0;
        let weights = &mut self.weights;
        let mut update = |synapse_idx: usize, change: i32| {
            if change != 0 {
                weights[synapse_idx] = microcode.learn(weights[synapse_idx], change);
                n_updates += 1;
            }
        };
        match &self.pattern {
            Pattern::Dense { n_sources, n_targets, .. } => {
                let row = |source_idx: u32| source_idx as usize * *n_targets as usize;
                for &source_idx in pre.neurons {
                    for &target_idx in post.neurons {
                        update(row(source_idx) + target_idx as usize, both);
                    }
                }
                if pre_only != 0 {
                    for &source_idx in pre.neurons {
                        for target_idx in (0..*n_targets).filter(|&idx| !(post.has)(idx)) {
                            update(row(source_idx) + target_idx as usize, pre_only);
                        }
                    }
                }
                if post_only != 0 && !post.neurons.is_empty() {
                    for source_idx in (0..*n_sources).filter(|&idx| !(pre.has)(idx)) {
                        for &target_idx in post.neurons {
                            update(row(source_idx) + target_idx as usize, post_only);
                        }
                    }
                }
            }
            Pattern::Sparse { first, links, columns } => {
                for &source_idx in pre.neurons {
                    let row = first[source_idx as usize]..first[source_idx as usize + 1];
                    for (synapse_idx, link) in row.clone().zip(&links[row]) {
                        let y0 = (post.has)(link.target);
                        update(synapse_idx, if y0 { both } else { pre_only });
                    }
                }
                if post_only != 0 {
                    for &target_idx in post.neurons {
                        for &synapse_idx in &columns[target_idx as usize] {
                            if !(pre.has)(links[synapse_idx].source) {
                                update(synapse_idx, post_only);
                            }
                        }
                    }
                }
            }
        }
        n_updates
    }

    /// The delay of every synapse, in canonical order.
    #[must_use]
    pub fn delays(&self) -> Vec<u8> {
        match &self.pattern {
            Pattern::Dense { delay, .. } => vec![*delay; self.weights.len()],
            Pattern::Sparse { links, .. } => links.iter().map(|link| link.delay).collect(),
        }
    }

    /// Replaces the delays of synapses whose delays are learned, in canonical order; without a rule for delays there
    /// are none to replace.
    pub fn set_delays(&mut self, delays: &[u8]) {
        if let Pattern::Sparse { links, .. } = &mut self.pattern {
            for (link, &delay) in links.iter_mut().zip(delays) {
                link.delay = delay;
            }
        }
    }

    /// Source and target of every synapse whose neurons both spiked, in canonical order.
    pub fn coincidences(
        &self,
        pre: &[u32],
        post: Spiked<'_, impl Fn(u32) -> bool>,
    ) -> Vec<(u32, u32)> {
        let mut found = Vec::new();
        for &source_idx in pre {
            match &self.pattern {
                Pattern::Dense { .. } => {
                    found.extend(post.neurons.iter().map(|&target_idx| (source_idx, target_idx)));
                }
                Pattern::Sparse { first, links, .. } => {
                    let row = first[source_idx as usize]..first[source_idx as usize + 1];
                    let targets = links[row].iter().map(|link| link.target);
                    found.extend(
                        targets.filter(|&idx| (post.has)(idx)).map(|idx| (source_idx, idx)),
                    );
                }
            }
        }
        found
    }

    /// The weights of a plastic projection, which are its mantissas, in canonical order.
    #[must_use]
    pub fn weights(&self) -> &[i16] {
        &self.weights
    }

    /// The same, to be replaced; each must be a mantissa of the projection's format.
    pub fn weights_mut(&mut self) -> &mut [i16] {
        &mut self.weights
    }
}

impl Synapses for Connection {
    // A dense matrix has one delay, which does not change.
    fn visit(
        &mut self,
        has_row: impl Fn(usize) -> bool,
        has_column: impl Fn(usize) -> bool,
        mut visit: impl FnMut(usize, usize, usize, &mut i16, &mut u8),
    ) {
        match &mut self.pattern {
            Pattern::Dense { n_sources, n_targets, delay } => {
                let n_targets = *n_targets as usize;
                let columns: Vec<usize> = (0..n_targets).filter(|&idx| has_column(idx)).collect();
                for source in 0..*n_sources as usize {
                    let mut visit = |target: usize| {
                        let idx = source * n_targets + target;
                        visit(idx, source, target, &mut self.weights[idx], &mut delay.clone());
                    };
                    if has_row(source) {
                        (0..n_targets).for_each(&mut visit);
                    } else {
                        columns.iter().copied().for_each(&mut visit);
                    }
                }
            }
            Pattern::Sparse { links, .. } => {
                for (idx, link) in links.iter_mut().enumerate() {
                    let [source, target] = [link.source as usize, link.target as usize];
                    if has_row(source) || has_column(target) {
                        visit(idx, source, target, &mut self.weights[idx], &mut link.delay);
                    }
                }
            }
        }
    }
}

impl Pattern {
    fn new(program: &Program, id: ProjectionId) -> Self {
        let network = program.network();
        let projection = network.projection(id);
        let n_sources = network.layer(projection.source).n_neurons;
        let n_targets = network.layer(projection.target).n_neurons;
        let learns_delays = projection
            .plasticity
            .as_ref()
            .is_some_and(|plasticity| plasticity.rules.delay.is_some());
        if let Connectivity::AllToAll { delay, .. } = &projection.connectivity
            && !learns_delays
        {
            return Self::Dense { n_sources, n_targets, delay: delay.get() };
        }
        let links: Vec<Link> = network
            .synapses(id)
            .map(|synapse| Link {
                source: synapse.source,
                target: synapse.target,
                delay: synapse.delay.get(),
            })
            .collect();
        let first = (0..=n_sources)
            .map(|source_idx| links.partition_point(|link| link.source < source_idx))
            .collect();
        let mut columns = vec![Vec::new(); n_targets as usize];
        if projection.is_plastic() {
            for (synapse_idx, link) in links.iter().enumerate() {
                columns[link.target as usize].push(synapse_idx);
            }
        }
        Self::Sparse { first, links, columns }
    }
}
