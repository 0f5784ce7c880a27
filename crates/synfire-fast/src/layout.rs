//! Where a program's parts lie: populations, routes of spikes, matrices and who shares them.

use crate::leaky::Leaky;
use crate::matrix::Matrix;
use crate::memoryless::Memoryless;
use synfire_loihi::engine::{Connection, Learning};
use synfire_loihi::random::{Purpose, Words};
use synfire_loihi::{Program, SynapseGroup};
use synfire_net::{Connectivity, LayerId, PhaseSet, ProjectionId};

/// What becomes of the input of a layer.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// Nothing projects onto sources.
    Sources,
    Memoryless(Memoryless),
    Leaky(Box<Leaky>),
}

impl Body {
    pub(crate) fn new(program: &Program, layer: LayerId, seed: u64) -> Self {
        let Some(group) = program.compartments(layer) else { return Self::Sources };
        #[expect(clippy::cast_possible_truncation, reason = "ids are 32 bits wide")]
        let place = layer.index() as u32;
        let words = || Words::new(seed, Purpose::Noise, place);
        match Memoryless::new(layer, group) {
            Some(memoryless) => Self::Memoryless(memoryless),
            None => Self::Leaky(Box::new(Leaky::new(group, group.config.noise.map(|_| words())))),
        }
    }
}

/// The number of sets of a layer that are kept: those that input not taken yet is made of, also while the step
/// before the last is looked at, and those that hold their neurons.
pub(crate) fn n_sets(program: &Program, layer: LayerId, routes: &[Route]) -> u64 {
    let relays = routes.iter().filter(|route| route.way == Way::Relay);
    let longest = relays.map(|route| u64::from(route.delay)).max().unwrap_or(0);
    let hold =
        program.compartments(layer).map_or(0, |group| u64::from(group.config.refractory.get()));
    (longest + 3).max(hold + 2)
}

/// How spikes of a layer reach one of its targets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) projection: ProjectionId,
    pub(crate) target: LayerId,
    pub(crate) n_targets: u32,
    /// What every synapse carries, if all carry the same; else 0.
    pub(crate) charge: i32,
    pub(crate) delay: u8,
    pub(crate) way: Way,
    pub(crate) count: Count,
}

/// What an update asks about a layer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// Words of a set of its neurons.
    pub(crate) n_words: usize,
    /// The phases in which it may spike.
    pub(crate) phases: Option<PhaseSet>,
    pub(crate) is_source: bool,
}

impl Facts {
    pub(crate) fn new(program: &Program, layer: LayerId) -> Self {
        let layer = program.network().layer(layer);
        Self {
            n_words: layer.n_neurons.div_ceil(64) as usize,
            phases: layer.phases,
            is_source: layer.is_source(),
        }
    }
}

/// What a spike carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The same charge to everyone.
    Broadcast,
    /// The same charge from every neuron to the one of its index.
    Relay,
    /// A row of a matrix.
    Dense,
    /// Synapse by synapse, each with its charge and delay.
    Listed,
}

/// Which operation a delivery is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    Static,
    Input,
    Plastic,
}

impl Route {
    pub(crate) fn new(program: &Program, id: ProjectionId) -> Self {
        let network = program.network();
        let projection = network.projection(id);
        let count = if projection.is_plastic() {
            Count::Plastic
        } else if network.layer(projection.source).is_source() {
            Count::Input
        } else {
            Count::Static
        };
        let charge = uniform_charge(program.synapses(id)).filter(|_| !projection.is_plastic());
        use Connectivity::{AllToAll, List, OneToAll, OneToOne};
        let way = match (&projection.connectivity, charge) {
            (OneToOne { .. }, Some(_)) => Way::Relay,
            (AllToAll { .. } | OneToAll { .. }, Some(_)) => Way::Broadcast,
            (AllToAll { .. }, None) if !learns_delays(program, id) => Way::Dense,
            (AllToAll { .. } | OneToAll { .. } | OneToOne { .. } | List(_), _) => Way::Listed,
        };
        Self {
            projection: id,
            target: projection.target,
            n_targets: network.layer(projection.target).n_neurons,
            charge: charge.unwrap_or(0),
            delay: projection.max_delay().get(),
            way,
            count,
        }
    }

    /// Steps from a spike to its effect.
    pub(crate) fn steps(&self) -> u64 {
        1 + u64::from(self.delay)
    }
}

/// Delays that are learned differ from synapse to synapse.
fn learns_delays(program: &Program, id: ProjectionId) -> bool {
    let plasticity = program.network().projection(id).plasticity.as_ref();
    plasticity.is_some_and(|plasticity| plasticity.rules.delay.is_some())
}

fn uniform_charge(group: &SynapseGroup) -> Option<i32> {
    let (first, rest) = group.weight_mantissas.split_first()?;
    rest.iter().all(|weight| weight == first).then(|| group.format.effective_weight(*first))
}

/// The synapses of all projections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Synapses {
    pub(crate) matrices: Vec<Matrix>,
    /// The projections whose synapses a matrix holds, ascending.
    pub(crate) members: Vec<Vec<ProjectionId>>,
    /// One per projection; `None` if its synapses are no matrix.
    pub(crate) matrix_of: Vec<Option<usize>>,
    /// One per projection; `None` if its synapses need no list.
    pub(crate) lists: Vec<Option<Connection>>,
}

impl Synapses {
    /// The synapses before the first step, copies sharing their matrix.
    pub(crate) fn new(program: &Program, routes: &[Route], learning: &[Option<Learning>]) -> Self {
        let network = program.network();
        let mut synapses = Self::default();
        for route in routes {
            let id = route.projection;
            let is_dense = route.way == Way::Dense;
            let list = (route.way == Way::Listed).then(|| Connection::new(program, id));
            synapses.lists.push(list);
            synapses.matrix_of.push(None);
            if is_dense {
                let source = network.layer(network.projection(id).source);
                let n_sources = source.n_neurons as usize;
                let matrix = Matrix::new(program.synapses(id), n_sources, route.n_targets as usize);
                synapses.place(program, learning, id, matrix);
            }
        }
        synapses
    }

    /// Gives a projection a matrix: that of another projection, if both are equal and stay so as long as the
    /// same neurons spike, or one of its own.
    pub(crate) fn place(
        &mut self,
        program: &Program,
        learning: &[Option<Learning>],
        id: ProjectionId,
        matrix: Matrix,
    ) {
        let twin = (0..self.matrices.len()).find(|&idx| {
            let other = self.members[idx].first();
            other.is_some_and(|&other| can_share(program, learning, id, other))
                && self.matrices[idx].is_equal(&matrix)
        });
        let place = twin.unwrap_or_else(|| self.add(matrix));
        self.matrix_of[id.index()] = Some(place);
        self.members[place].push(id);
        self.members[place].sort_unstable();
    }

    /// Puts a matrix where one without members is, or behind all.
    fn add(&mut self, matrix: Matrix) -> usize {
        match self.members.iter().position(Vec::is_empty) {
            Some(place) => {
                self.matrices[place] = matrix;
                place
            }
            None => {
                self.matrices.push(matrix);
                self.members.push(Vec::new());
                self.matrices.len() - 1
            }
        }
    }

    /// Takes a projection away from its matrix and returns a copy of it.
    pub(crate) fn withdraw(&mut self, id: ProjectionId) -> Option<Matrix> {
        let place = self.matrix_of[id.index()].take()?;
        self.members[place].retain(|&member| member != id);
        Some(self.matrices[place].clone())
    }

    /// Gives some of the projections that share a matrix a copy of their own, which they share.
    pub(crate) fn split(&mut self, place: usize, leaving: &[ProjectionId]) {
        let copy = self.matrices[place].clone();
        self.members[place].retain(|member| !leaving.contains(member));
        let other = self.add(copy);
        for &id in leaving {
            self.matrix_of[id.index()] = Some(other);
            self.members[other].push(id);
        }
    }

    /// Number of matrices in use.
    pub(crate) fn n_matrices(&self) -> usize {
        self.members.iter().filter(|members| !members.is_empty()).count()
    }
}

/// Whether two projections with equal weights keep them equal as long as their targets spike alike: same sources,
/// same rule without chance or memory, same reward, same charge per weight.
fn can_share(
    program: &Program,
    learning: &[Option<Learning>],
    a: ProjectionId,
    b: ProjectionId,
) -> bool {
    let network = program.network();
    let [first, second] = [a, b].map(|id| network.projection(id));
    let [first_group, second_group] = [a, b].map(|id| program.synapses(id));
    let reward = |plasticity: &Option<synfire_net::Plasticity>| {
        plasticity.as_ref().map(|plasticity| plasticity.reward)
    };
    let learns_alike = match (&learning[a.index()], &learning[b.index()]) {
        (None, None) => true,
        (Some(Learning::Pulse(code, pulse)), Some(Learning::Pulse(other_code, other_pulse))) => {
            (code, pulse) == (other_code, other_pulse)
        }
        _ => false,
    };
    first.source == second.source
        && network.layer(first.target).n_neurons == network.layer(second.target).n_neurons
        && first_group.format == second_group.format
        && reward(&first.plasticity) == reward(&second.plasticity)
        && learns_alike
}
