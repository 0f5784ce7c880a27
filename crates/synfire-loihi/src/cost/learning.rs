//! Which synapses the learning engine looks at.
//!
//! A product of a rule is other than 0 only where its gate is, and where its further factors `x0` and `y0` are:
//! it reaches the synapses of sources that spiked in the learning period, those of targets that did, those
//! whose source and target both did, or all. What traces, rewards and weights make of it is not asked.

use super::counts::Counts;
use super::fan::{Fan, Pattern};
use super::layout::Layout;
use std::collections::BTreeMap;
use synfire_net::rule::{Dependency, Factor, Product};
use synfire_net::{LearningPeriod, Network, Plasticity, Rules};

/// What the learning engine is taken to look at, at the end of a learning period.
///
/// No public source says it. The energy measured for the published network that learned on a chip suggests
/// [`LearningVisits::All`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LearningVisits {
    /// Every plastic synapse, at the end of every learning period.
    All,
    /// The synapses that some product of a rule can reach, given the spikes of the period; a product counts
    /// whatever its scale.
    Touched,
}

/// Learning of all projections.
#[derive(Clone, Debug)]
pub(super) struct Learning {
    visits: LearningVisits,
    plastic: Vec<Plastic>,
    windows: Vec<Window>,
    /// All plastic synapses of each core, by period.
    all: BTreeMap<LearningPeriod, Vec<u64>>,
    /// One per core.
    scratch: Vec<Reached>,
}

#[derive(Clone, Debug)]
struct Plastic {
    /// Position of the projection.
    fan: usize,
    period: LearningPeriod,
    /// The k of the `u_k` of its rules.
    turn: Option<u8>,
    always: Reach,
    in_turn: Reach,
    /// The spikes of source and target layer in the period.
    pre: usize,
    post: usize,
    /// Number of synapses on each core.
    n_synapses: Vec<u64>,
}

/// Spikes of a layer in a learning period.
#[derive(Clone, Debug)]
struct Window {
    layer: usize,
    period: LearningPeriod,
    spiked: Vec<u32>,
    has_spiked: Vec<bool>,
}

/// What products reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Reach {
    all: bool,
    rows: bool,
    columns: bool,
    coincidences: bool,
}

/// Numbers of synapses of one projection on one core.
#[derive(Clone, Copy, Debug, Default)]
struct Reached {
    rows: u64,
    columns: u64,
    coincidences: u64,
}

impl Reach {
    fn of<'a>(products: impl Iterator<Item = &'a Product>) -> Self {
        let mut reach = Self::default();
        for product in products {
            let needs =
                |gate, factor| product.gate() == gate || product.factors().contains(&factor);
            let (pre, post) =
                (needs(Dependency::X0, Factor::X0), needs(Dependency::Y0, Factor::Y0));
            match (pre, post) {
                (false, false) => reach.all = true,
                (true, false) => reach.rows = true,
                (false, true) => reach.columns = true,
                (true, true) => reach.coincidences = true,
            }
        }
        reach
    }

    const fn or(self, other: Self) -> Self {
        Self {
            all: self.all || other.all,
            rows: self.rows || other.rows,
            columns: self.columns || other.columns,
            coincidences: self.coincidences || other.coincidences,
        }
    }
}

impl Plastic {
    fn new(
        fan: usize,
        plasticity: &Plasticity,
        [pre, post]: [usize; 2],
        n_synapses: Vec<u64>,
    ) -> Self {
        let Plasticity { rules, period, .. } = plasticity;
        let in_turn = |product: &&Product| matches!(product.gate(), Dependency::U(_));
        Self {
            fan,
            period: *period,
            turn: rules.u_exponent().unwrap_or_else(|[first, _]| Some(first)),
            always: Reach::of(products(rules).filter(|product| !in_turn(product))),
            in_turn: Reach::of(products(rules).filter(in_turn)),
            pre,
            post,
            n_synapses,
        }
    }

    /// What is reached in the learning at the end of `step`.
    fn reach(&self, step: u64) -> Reach {
        match self.turn {
            Some(k) if self.period.turn(step, k) => self.always.or(self.in_turn),
            _ => self.always,
        }
    }
}

fn products(rules: &Rules) -> impl Iterator<Item = &Product> {
    rules.iter().flat_map(|(_, rule)| rule.products())
}

impl Learning {
    pub(super) fn new(
        network: &Network,
        layout: &Layout,
        fans: &[Fan],
        visits: LearningVisits,
    ) -> Self {
        let mut plastic = Vec::new();
        let mut windows: Vec<Window> = Vec::new();
        let mut all: BTreeMap<_, Vec<u64>> = BTreeMap::new();
        for (idx, (projection, fan)) in network.projections().iter().zip(fans).enumerate() {
            let Some(plasticity) = &projection.plasticity else { continue };
            let period = plasticity.period;
            let mut window = |layer: usize| {
                let known = windows.iter().position(|w| (w.layer, w.period) == (layer, period));
                known.unwrap_or_else(|| {
                    let n_neurons = network.layers()[layer].n_neurons as usize;
                    let has_spiked = vec![false; n_neurons];
                    windows.push(Window { layer, period, spiked: Vec::new(), has_spiked });
                    windows.len() - 1
                })
            };
            let ends = [window(fan.source), window(fan.target)];
            let n_synapses = fan.count_all(layout);
            let of_period = all.entry(period).or_insert_with(|| vec![0; n_synapses.len()]);
            for (sum, n) in of_period.iter_mut().zip(&n_synapses) {
                *sum += n;
            }
            plastic.push(Plastic::new(idx, plasticity, ends, n_synapses));
        }
        let scratch = vec![Reached::default(); layout.cores.len()];
        Self { visits, plastic, windows, all, scratch }
    }

    /// Takes note of the spikes of a step, by layer, and adds the visits of each core if it ends a period.
    pub(super) fn step(
        &mut self,
        step: u64,
        spikes: &[Vec<u32>],
        fans: &[Fan],
        layout: &Layout,
        cores: &mut [Counts],
    ) {
        for window in &mut self.windows {
            for &neuron_idx in &spikes[window.layer] {
                if !std::mem::replace(&mut window.has_spiked[neuron_idx as usize], true) {
                    window.spiked.push(neuron_idx);
                }
            }
        }
        for plastic in self.plastic.iter().filter(|plastic| plastic.period.ends_at(step)) {
            let fan = &fans[plastic.fan];
            let (pre, post) = (&self.windows[plastic.pre], &self.windows[plastic.post]);
            let reach = plastic.reach(step);
            if !reach.all && pre.spiked.is_empty() && post.spiked.is_empty() {
                continue;
            }
            self.scratch.fill(Reached::default());
            if !reach.all {
                count(fan, reach, [pre, post], layout, &mut self.scratch);
            }
            for ((counts, reached), n) in
                cores.iter_mut().zip(&self.scratch).zip(&plastic.n_synapses)
            {
                // A coincidence is in a row and in a column.
                let n = match reach {
                    Reach { all: true, .. } => *n,
                    Reach { rows: true, columns: true, .. } => {
                        reached.rows + reached.columns - reached.coincidences
                    }
                    Reach { rows: true, .. } => reached.rows,
                    Reach { columns: true, .. } => reached.columns,
                    _ => reached.coincidences,
                };
                counts.rule_evaluations += n;
                if self.visits == LearningVisits::Touched {
                    counts.learning_visits += n;
                }
            }
        }
        if self.visits == LearningVisits::All {
            for (_, n_synapses) in self.all.iter().filter(|(period, _)| period.ends_at(step)) {
                for (counts, n) in cores.iter_mut().zip(n_synapses) {
                    counts.learning_visits += n;
                }
            }
        }
        for window in self.windows.iter_mut().filter(|window| window.period.ends_at(step)) {
            for neuron_idx in window.spiked.drain(..) {
                window.has_spiked[neuron_idx as usize] = false;
            }
        }
    }
}

/// Adds what is needed of the synapses in rows and columns of those that spiked.
fn count(
    fan: &Fan,
    reach: Reach,
    [pre, post]: [&Window; 2],
    layout: &Layout,
    cores: &mut [Reached],
) {
    if reach.rows {
        fan.count_rows(&pre.spiked, layout, |core, _, n| cores[core].rows += n);
    }
    if reach.columns {
        for &target in &post.spiked {
            let n = match &fan.pattern {
                Pattern::Dense { .. } => fan.n_sources,
                Pattern::OneToOne { .. } => 1,
                Pattern::List(list) => list.fan_in[target as usize].into(),
            };
            if let Some(core) = layout.core(fan.target, target) {
                cores[core].columns += n;
            }
        }
    }
    if reach.coincidences || (reach.rows && reach.columns) {
        count_coincidences(fan, [pre, post], layout, cores);
    }
}

fn count_coincidences(
    fan: &Fan,
    [pre, post]: [&Window; 2],
    layout: &Layout,
    cores: &mut [Reached],
) {
    let mut add = |target: u32, n: u64| {
        if let Some(core) = layout.core(fan.target, target) {
            cores[core].coincidences += n;
        }
    };
    match &fan.pattern {
        Pattern::Dense { .. } => {
            let n_pre = pre.spiked.len() as u64;
            post.spiked.iter().for_each(|&target| add(target, n_pre));
        }
        Pattern::OneToOne { .. } => {
            let both = pre.spiked.iter().filter(|&&idx| post.has_spiked[idx as usize]);
            both.for_each(|&target| add(target, 1));
        }
        Pattern::List(list) => {
            for &(target, _) in pre.spiked.iter().flat_map(|&source| list.links(source)) {
                if post.has_spiked[target as usize] {
                    add(target, 1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    /// Which synapses each kind of product reaches, in and out of turn.
    #[test]
    fn reach_follows_gates_and_spike_factors() {
        let rows = [
            ("2*x0", "r", "r"),
            ("2*y0*x1", "c", "c"),
            ("y0*x0*r1*4 - y0*x0*2", "b", "b"),
            ("x0*y0 - y0*x1", "cb", "cb"),
            ("2*u1", "", "a"),
            ("u1*x0 - y0", "c", "rc"),
            ("u1*x0*y0 + x0*y1", "r", "rb"),
        ];
        for (rule, out_of_turn, in_turn) in rows {
            let plasticity =
                Plasticity::new(rule.parse().unwrap(), synfire_net::WeightRange::MIXED);
            let plastic = Plastic::new(0, &plasticity, [0, 0], Vec::new());
            // u1 has its turn in every second learning.
            for (step, expected) in [(1, out_of_turn), (2, in_turn), (3, out_of_turn)] {
                let has = |letter| expected.contains(letter);
                let expected = Reach {
                    all: has('a'),
                    rows: has('r'),
                    columns: has('c'),
                    coincidences: has('b'),
                };
                assert_eq!(plastic.reach(step), expected, "{rule}, step {step}");
            }
        }
    }
}
