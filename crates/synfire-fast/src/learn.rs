//! Learning: which projections, in which order, and what becomes of shared matrices.
//!
//! 1. Coincidences in phases in which a projection may not learn are reported, projection by projection; a strict
//!    engine stops there, and only the projections before it learn.
//! 2. Matrices of rules that need neither chance nor memory change in the rows of sources that spiked (and, if the
//!    rule says so, in the columns of targets that did). Projections that share a matrix are asked for their updates
//!    first; those that want another one than the first get a copy.
//! 3. All other rules are learned by the plain engine's learner.

use crate::engine::FastEngine;
use crate::fault::KernelFault;
use crate::fired::Set;
use crate::matrix::Matrix;
use synfire_loihi::engine::{Learning, Report, Spiked, Synapses};
use synfire_net::{FaultKind, LayerId, ProjectionId, StepError};

/// Where to look for projections that learn.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plastic {
    /// The plastic projections from each layer, ascending.
    from: Vec<Vec<Candidate>>,
    /// The plastic projections onto each layer that can learn from spikes of targets alone, ascending.
    onto: Vec<Vec<ProjectionId>>,
    /// Those that take note of every step, ascending.
    full: Vec<ProjectionId>,
}

/// A projection whose sources spiked.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    id: ProjectionId,
    target: LayerId,
    /// Nothing happens unless targets spiked too.
    needs_both: bool,
}

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
                    let target = projection.target;
                    let candidate = Candidate { id, target, needs_both: true };
                    plastic.from[projection.source.index()].push(candidate);
                    plastic.full.push(id);
                }
                Some(Learning::Pulse(_, pulse)) => {
                    let asks = |place: usize| {
                        [false, true].iter().any(|&rewarded| pulse.changes(rewarded)[place] != 0)
                    };
                    let target = projection.target;
                    let candidate = Candidate { id, target, needs_both: !asks(0) };
                    plastic.from[projection.source.index()].push(candidate);
                    if asks(1) {
                        plastic.onto[target.index()].push(id);
                    }
                }
            }
        }
        self.plastic = plastic;
    }

    /// S5: the learning phase.
    #[inline(always)]
    pub(crate) fn learn(&mut self, report: &mut Report<'_>) -> Result<(), StepError> {
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.clear();
        for &layer in self.spiking() {
            let from = self.plastic.from[layer.index()].iter().filter(|candidate| {
                !candidate.needs_both || self.fired.has_any(candidate.target, self.step)
            });
            candidates.extend(from.map(|candidate| candidate.id));
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
                [source, target].iter().all(|&layer| self.fired.has_any(layer, self.step));
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
        self.set(source).list(&mut pre);
        self.set(target).list(&mut post);
        match &self.synapses.lists[id.index()] {
            Some(list) => {
                list.coincidences(&pre, Spiked { neurons: &post, has: self.set(target).has_fn() })
            }
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
    #[inline(always)]
    fn learn_by_pulse(&mut self, id: ProjectionId, end: Option<ProjectionId>) {
        let Some(Learning::Pulse(microcode, pulse)) = &self.learning[id.index()] else { return };
        let network = self.program.network();
        let projection = network.projection(id);
        let (source, target) = (projection.source, projection.target);
        let is_rewarded = projection.plasticity.as_ref().is_some_and(|plasticity| {
            let reward = plasticity.reward;
            reward.is_some_and(|reward| self.fired.has_any(reward.source, self.step))
        });
        let changes = pulse.changes(is_rewarded);
        let [pre_only, post_only, both] = changes;
        let [pre, post] = [source, target].map(|layer| self.fired.at(layer, self.step));
        let (has_pre, has_post) = (!pre.is_empty(), !post.is_empty());
        let Some(place) = self.synapses.matrix_of[id.index()] else {
            let Some(list) = &mut self.synapses.lists[id.index()] else { return };
            let (mut pre_list, mut post_list) = (Vec::new(), Vec::new());
            pre.list(&mut pre_list);
            post.list(&mut post_list);
            self.operations.plastic_updates += list.learn(
                microcode,
                changes,
                Spiked { neurons: &pre_list, has: pre.has_fn() },
                Spiked { neurons: &post_list, has: post.has_fn() },
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
            let post = self.set(network.projection(member).target);
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
            let post = self.set(network.projection(member).target);
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

    fn set(&self, layer: LayerId) -> Set<'_> {
        self.fired.at(layer, self.step)
    }

    /// Changes a matrix by the spikes of a projection's sources and targets.
    fn change(&mut self, place: usize, id: ProjectionId, changes: [i32; 3]) {
        let dispatch = self.dispatch();
        let projection = self.program.network().projection(id);
        let [pre, post] =
            [projection.source, projection.target].map(|layer| self.fired.at(layer, self.step));
        let matrix = &mut self.synapses.matrices[place];
        self.operations.plastic_updates +=
            matrix.learn(dispatch, changes, pre, post, &mut self.rows);
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
            self.fired.at(projection.source, self.step).list(&mut pre);
            self.fired.at(projection.target, self.step).list(&mut post);
            let is_rewarded = plasticity
                .reward
                .is_some_and(|reward| self.fired.has_any(reward.source, self.step));
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
