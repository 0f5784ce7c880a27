//! Learning: which projections, in which order, and what becomes of shared matrices.
//!
//! 1. Coincidences in phases in which a projection may not learn are reported, projection by projection; a strict
//!    engine stops there, and only the projections before it learn.
//! 2. Matrices of rules that need neither chance nor memory change in the rows of sources that spiked (and, if the
//!    rule says so, in the columns of targets that did). Projections that share a matrix are asked for their updates
//!    first; those that want another one than the first get a copy.
//! 3. All other rules are learned by the plain engine's learner.

use crate::engine::{FastEngine, Plastic, spiked_as};
use crate::fault::KernelFault;
use crate::matrix::Matrix;
use synfire_loihi::engine::{Learning, Report, Synapses};
use synfire_net::{FaultKind, LayerId, ProjectionId, StepError};

impl FastEngine {
    /// Finds out where to look for learning; to be called again when rules have changed.
    pub(crate) fn find_plastic(&mut self) {
        let network = self.program.network();
        let mut plastic = Plastic {
            from: vec![Vec::new(); network.layers().len()],
            onto: vec![Vec::new(); network.layers().len()],
            full: Vec::new(),
        };
        for id in network.projection_ids() {
            let projection = network.projection(id);
            match &self.learning[id.index()] {
                None => {}
                Some(Learning::Full(_)) => {
                    plastic.from[projection.source.index()].push(id);
                    plastic.full.push(id);
                }
                Some(Learning::Pulse(_, pulse)) => {
                    plastic.from[projection.source.index()].push(id);
                    if [false, true].iter().any(|&rewarded| pulse.changes(rewarded)[1] != 0) {
                        plastic.onto[projection.target.index()].push(id);
                    }
                }
            }
        }
        self.plastic = plastic;
    }

    /// S5: the learning phase.
    pub(crate) fn learn(&mut self, report: &mut Report<'_>) -> Result<(), StepError> {
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.clear();
        for &layer in self.spiking() {
            candidates.extend_from_slice(&self.plastic.from[layer.index()]);
            candidates.extend_from_slice(&self.plastic.onto[layer.index()]);
        }
        let mut outcome = Ok(());
        if !candidates.is_empty() {
            candidates.sort_unstable();
            candidates.dedup();
            let forbidden = self.report_forbidden(&candidates, report);
            let end = forbidden.as_ref().err().map(|&(id, _)| id);
            outcome = forbidden.map_err(|(_, error)| error);
            for &id in candidates.iter().take_while(|&&id| end.is_none_or(|end| id < end)) {
                self.learn_by_pulse(id, end);
            }
            if end.is_some() || !self.plastic.full.is_empty() {
                self.learn_in_full(end);
            }
        } else if !self.plastic.full.is_empty() {
            self.learn_in_full(None);
        }
        self.candidates = candidates;
        outcome
    }

    /// Reports coincidences in phases in which a projection may not learn; the projection at which a strict engine
    /// stops.
    fn report_forbidden(
        &mut self,
        candidates: &[ProjectionId],
        report: &mut Report<'_>,
    ) -> Result<(), (ProjectionId, StepError)> {
        for &id in candidates {
            let projection = report.network.projection(id);
            let (source, target) = (projection.source, projection.target);
            let phases = projection.plasticity.as_ref().and_then(|plasticity| plasticity.phases);
            let has_coincidence =
                !self.spikes[source.index()].is_empty() && !self.spikes[target.index()].is_empty();
            let Some(phase) = report.phase_outside(phases).filter(|_| has_coincidence) else {
                continue;
            };
            for (source_idx, target_idx) in self.coincidences(id, source, target) {
                let kind = FaultKind::LearningOutsidePhase { phase, projection: id, source_idx };
                report.fault(target, target_idx, kind).map_err(|error| (id, error))?;
            }
        }
        Ok(())
    }

    fn coincidences(&self, id: ProjectionId, source: LayerId, target: LayerId) -> Vec<(u32, u32)> {
        let (mut pre, mut post) = (Vec::new(), Vec::new());
        self.spikes[source.index()].list(&mut pre);
        self.spikes[target.index()].list(&mut post);
        match &self.synapses.lists[id.index()] {
            Some(list) => list.coincidences(&pre, spiked_as(&post, self.spiked(target))),
            None => {
                let pairs = |&source_idx: &u32| {
                    post.iter().map(move |&target_idx| (source_idx, target_idx))
                };
                pre.iter().flat_map(pairs).collect()
            }
        }
    }

    /// Learns by a rule that needs neither chance nor memory, for all projections that share the matrix of `id`, unless
    /// one before it has done so. Projections from `end` on do not learn.
    fn learn_by_pulse(&mut self, id: ProjectionId, end: Option<ProjectionId>) {
        let Some(Learning::Pulse(microcode, pulse)) = &self.learning[id.index()] else { return };
        let network = self.program.network();
        let projection = network.projection(id);
        let (source, target) = (projection.source, projection.target);
        let is_rewarded = projection.plasticity.as_ref().is_some_and(|plasticity| {
            let reward = plasticity.reward;
            reward.is_some_and(|reward| !self.spikes[reward.source.index()].is_empty())
        });
        let changes = pulse.changes(is_rewarded);
        let [pre_only, post_only, both] = changes;
        let (has_pre, has_post) =
            (!self.spikes[source.index()].is_empty(), !self.spikes[target.index()].is_empty());
        let Some(place) = self.synapses.matrix_of[id.index()] else {
            let Some(list) = &mut self.synapses.lists[id.index()] else { return };
            let (mut pre, mut post) = (Vec::new(), Vec::new());
            let [pre_spikes, post_spikes] =
                [source, target].map(|layer| &self.spikes[layer.index()]);
            pre_spikes.list(&mut pre);
            post_spikes.list(&mut post);
            self.operations.plastic_updates += list.learn(
                microcode,
                changes,
                spiked_as(&pre, |neuron| pre_spikes.has(neuron as usize)),
                spiked_as(&post, |neuron| post_spikes.has(neuron as usize)),
            );
            return;
        };
        let members = &self.synapses.members[place];
        if let [_] = members[..] {
            let asks = (has_pre && has_post && both != 0)
                || (has_pre && pre_only != 0)
                || (has_post && post_only != 0);
            if asks {
                self.change(place, id, changes);
            }
            return;
        }
        // What each of the copies asks for: nothing, or an update by the spikes of its targets.
        let asked = |member: ProjectionId| {
            let post = &self.spikes[network.projection(member).target.index()];
            let asks = (has_pre && !post.is_empty() && both != 0)
                || (has_pre && pre_only != 0)
                || (!post.is_empty() && post_only != 0);
            (asks && end.is_none_or(|end| member < end)).then_some(post)
        };
        let first = asked(members[0]);
        let differ = |member: &ProjectionId| asked(*member) != first;
        if members.iter().any(differ) && self.fault != Some(KernelFault::CopyNotSplit) {
            // Copies that ask for the same leave together; the others are looked at in turn.
            let other = members.iter().copied().find(differ);
            let leaving: Vec<_> = other.map_or_else(Vec::new, |other| {
                members.iter().copied().filter(|&member| asked(member) == asked(other)).collect()
            });
            self.synapses.split(place, &leaving);
            return self.learn_by_pulse(id, end);
        }
        // Once for all of them, when the first that spiked comes along.
        let candidate = members.iter().copied().find(|&member| {
            let post = &self.spikes[network.projection(member).target.index()];
            has_pre || !post.is_empty()
        });
        if candidate == Some(id) && first.is_some() {
            let n_copies = members.len() as u64;
            let before = self.operations.plastic_updates;
            self.change(place, id, changes);
            let n_updates = self.operations.plastic_updates - before;
            self.operations.plastic_updates += n_updates * (n_copies - 1);
        }
    }

    /// Changes a matrix by the spikes of a projection's sources and targets.
    fn change(&mut self, place: usize, id: ProjectionId, changes: [i32; 3]) {
        let dispatch = self.dispatch();
        let projection = self.program.network().projection(id);
        let [pre, post] =
            [projection.source, projection.target].map(|layer| &self.spikes[layer.index()]);
        let matrix = &mut self.synapses.matrices[place];
        self.operations.plastic_updates +=
            matrix.learn(dispatch, changes, pre, post.words(), &mut self.rows);
    }

    /// Lets every learner take note of the step, and learn if its period is over; those from `end` on do not.
    fn learn_in_full(&mut self, end: Option<ProjectionId>) {
        let network = self.program.network();
        let (mut pre, mut post) = (Vec::new(), Vec::new());
        for &id in self.plastic.full.iter().take_while(|&&id| end.is_none_or(|end| id < end)) {
            let projection = network.projection(id);
            let (Some(Learning::Full(learner)), Some(plasticity)) =
                (&mut self.learning[id.index()], &projection.plasticity)
            else {
                continue;
            };
            self.spikes[projection.source.index()].list(&mut pre);
            self.spikes[projection.target.index()].list(&mut post);
            let is_rewarded = plasticity
                .reward
                .is_some_and(|reward| !self.spikes[reward.source.index()].is_empty());
            let n_updates =
                match (self.synapses.matrix_of[id.index()], &mut self.synapses.lists[id.index()]) {
                    (Some(place), _) => {
                        let matrix = &mut self.synapses.matrices[place];
                        let mut dense = Dense { matrix, delay: projection.max_delay().get() };
                        learner.step(self.step, &pre, &post, is_rewarded, &mut dense)
                    }
                    (None, Some(list)) => learner.step(self.step, &pre, &post, is_rewarded, list),
                    (None, None) => 0,
                };
            self.operations.plastic_updates += n_updates;
        }
    }
}

/// A matrix as the plain engine's learner reaches it.
struct Dense<'a> {
    matrix: &'a mut Matrix,
    delay: u8,
}

impl Synapses for Dense<'_> {
    fn visit(
        &mut self,
        has_row: impl Fn(usize) -> bool,
        has_column: impl Fn(usize) -> bool,
        visit: impl FnMut(usize, usize, usize, &mut i16, &mut u8),
    ) {
        self.matrix.visit(self.delay, has_row, has_column, visit);
    }
}
