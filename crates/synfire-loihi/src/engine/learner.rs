//! Learning in full: traces, rewards, turns and tags of one projection while a program runs.
//!
//! During a learning period spikes are only noted. At its end the course of every trace through the period is
//! worked out, then every synapse that some product can reach is evaluated, once, from what it was before.
//! Synapses that no product reaches keep their values exactly and are not visited.
//!
//! How an engine stores its synapses is its own business: a learner reaches them through [`Synapses`].

use crate::program::Program;
use crate::random::{Purpose, Words};
use crate::rule::{Microcode, Moment, Reading, store_delay, store_tag};
use crate::trace::{Course, TraceConfig};
use synfire_net::rule::{Target, Variable};
use synfire_net::{
    LearnerState, LearningPeriod, Plasticity, ProjectionId, Reward, RewardState, Trace,
};

/// The synapses of a projection, wherever an engine keeps them.
pub trait Synapses {
    /// Visits the synapses in rows of sources or columns of targets that `has_row` and `has_column` name,
    /// each once, in any order, with its index in canonical order, source, target, weight and delay.
    fn visit(
        &mut self,
        has_row: impl Fn(usize) -> bool,
        has_column: impl Fn(usize) -> bool,
        visit: impl FnMut(usize, usize, usize, &mut i16, &mut u8),
    );
}

/// The learning of one projection in full: traces, rewards, turns, tags and chance (clause S5).
#[derive(Clone, Debug)]
pub struct Learner {
    microcode: Microcode,
    period: LearningPeriod,
    pre: Side,
    post: Side,
    reward: Option<RewardChannel>,
    /// One per synapse, if there is a rule for tags.
    tags: Vec<i16>,
    weight_words: Words,
    delay_words: Words,
    tag_words: Words,
}

/// Sources or targets: their traces and the spikes of the period.
#[derive(Clone, Debug)]
struct Side {
    traces: Vec<SideTrace>,
    /// The step of the period in which each neuron spiked last, from 1; 0 if it did not.
    last_spike: Vec<u8>,
    /// Those that did.
    spiked: Vec<u32>,
}

#[derive(Clone, Debug)]
struct SideTrace {
    variable: Variable,
    config: TraceConfig,
    words: Words,
    /// One per neuron: see [`Course::stored`].
    stored: Vec<u8>,
    /// One row per neuron, one value per step of the period.
    courses: Vec<u8>,
}

#[derive(Clone, Debug)]
struct RewardChannel {
    config: TraceConfig,
    words: Words,
    /// The trace, without the impulses of this period.
    value: u8,
    /// The impulses of this period.
    pending: u8,
    has_spiked: bool,
}

impl Learner {
    /// The learner of a projection of `program` before the first step, with these rules; its chance comes from
    /// `seed`.
    pub(super) fn new(
        program: &Program,
        id: ProjectionId,
        seed: u64,
        microcode: Microcode,
        plasticity: &Plasticity,
    ) -> Self {
        let network = program.network();
        let ends = network.projection(id);
        let [n_sources, n_targets] =
            [ends.source, ends.target].map(|layer| network.layer(layer).n_neurons as usize);
        #[expect(clippy::cast_possible_truncation, reason = "ids are 32 bits wide")]
        let [projection, target] = [id.index() as u32, ends.target.index() as u32];
        let words = |purpose, place| Words::new(seed, purpose, place);
        let period = plasticity.period;
        let side = |n, traces: &[(Variable, Purpose, Option<Trace>)], place| {
            let traces = traces.iter().filter_map(|&(variable, purpose, trace)| {
                Some(SideTrace {
                    variable,
                    config: TraceConfig::new(&trace?),
                    words: words(purpose, place),
                    stored: vec![0; n],
                    courses: vec![0; n * usize::from(period.get())],
                })
            });
            Side { traces: traces.collect(), last_spike: vec![0; n], spiked: Vec::new() }
        };
        let traces = plasticity.traces;
        let pre = [(Variable::X1, Purpose::X1, traces.x1), (Variable::X2, Purpose::X2, traces.x2)];
        let post = [
            (Variable::Y1, Purpose::Y1, traces.y1),
            (Variable::Y2, Purpose::Y2, traces.y2),
            (Variable::Y3, Purpose::Y3, traces.y3),
        ];
        let n_tags = if microcode.changes(Target::Tag) { network.n_synapses(id) } else { 0 };
        Self {
            period,
            pre: side(n_sources, &pre, projection),
            post: side(n_targets, &post, target),
            reward: plasticity.reward.map(|Reward { trace, .. }| RewardChannel {
                config: TraceConfig::new(&trace),
                words: words(Purpose::R1, projection),
                value: 0,
                pending: 0,
                has_spiked: false,
            }),
            tags: vec![0; n_tags],
            weight_words: words(Purpose::Weight, projection),
            delay_words: words(Purpose::Delay, projection),
            tag_words: words(Purpose::Tag, projection),
            microcode,
        }
    }

    pub(super) fn set_microcode(&mut self, microcode: Microcode) {
        self.microcode = microcode;
    }

    /// One tag per synapse, or none without a rule for tags.
    #[must_use]
    pub fn tags(&self) -> &[i16] {
        &self.tags
    }

    /// A trace of every source or target, or the reward trace, as the last learning left it; see
    /// [`PlainEngine::trace`](crate::PlainEngine::trace).
    #[must_use]
    pub fn trace(&self, variable: Variable) -> Option<Vec<u8>> {
        if variable == Variable::R1 {
            return self.reward.as_ref().map(|reward| vec![reward.value]);
        }
        let mut traces = self.pre.traces.iter().chain(&self.post.traces);
        traces.find(|trace| trace.variable == variable).map(|trace| trace.stored.clone())
    }

    /// What is remembered between two steps, tags aside.
    #[must_use]
    pub fn memory(&self) -> LearnerState {
        let stored = |variable| self.trace(variable).unwrap_or_default();
        LearnerState {
            x1: stored(Variable::X1),
            x2: stored(Variable::X2),
            y1: stored(Variable::Y1),
            y2: stored(Variable::Y2),
            y3: stored(Variable::Y3),
            last_pre: self.pre.last_spike.clone(),
            last_post: self.post.last_spike.clone(),
            reward: self.reward.as_ref().map(|reward| RewardState {
                value: reward.value,
                pending: reward.pending,
                has_spiked: reward.has_spiked,
            }),
        }
    }

    /// Remembers what another learner of the same projection did.
    pub(super) fn take_over(&mut self, memory: &LearnerState, tags: &[i16]) {
        for trace in self.pre.traces.iter_mut().chain(&mut self.post.traces) {
            let stored = match trace.variable {
                Variable::X1 => &memory.x1,
                Variable::X2 => &memory.x2,
                Variable::Y1 => &memory.y1,
                Variable::Y2 => &memory.y2,
                Variable::Y3 => &memory.y3,
                Variable::R0 | Variable::R1 | Variable::W | Variable::D | Variable::T => continue,
            };
            trace.stored.clone_from(stored);
        }
        self.pre.remember(&memory.last_pre);
        self.post.remember(&memory.last_post);
        if let (Some(reward), Some(memory)) = (&mut self.reward, &memory.reward) {
            let RewardState { value, pending, has_spiked } = *memory;
            (reward.value, reward.pending, reward.has_spiked) = (value, pending, has_spiked);
        }
        self.tags.copy_from_slice(tags);
    }

    /// Takes note of the spikes of a step, of sources (`pre`) and targets (`post`), ascending, and learns if the
    /// step ends a period. To be called in every step, counted from 1. Returns the number of synapses for
    /// which some rule
    /// asked for a change.
    pub fn step(
        &mut self,
        step: u64,
        pre: &[u32],
        post: &[u32],
        is_rewarded: bool,
        synapses: &mut impl Synapses,
    ) -> u64 {
        let period = u64::from(self.period.get());
        let before = (step - 1) / period * period;
        self.pre.note(step, before, pre);
        self.post.note(step, before, post);
        if let Some(reward) = &mut self.reward {
            reward.step(step, is_rewarded);
        }
        if !self.period.ends_at(step) {
            return 0;
        }
        self.pre.work_out(before, self.period);
        self.post.work_out(before, self.period);
        let (r0, r1) = self.reward.as_mut().map_or((false, 0), RewardChannel::end);
        let turn = self.microcode.turn().is_some_and(|k| self.period.turn(step, k));
        let n_updates = self.learn(step, turn, (r0, r1), synapses);
        self.pre.clear();
        self.post.clear();
        n_updates
    }

    fn learn(
        &mut self,
        step: u64,
        turn: bool,
        (r0, r1): (bool, u8),
        synapses: &mut impl Synapses,
    ) -> u64 {
        let Self { microcode, period, pre, post, tags, .. } = self;
        let [by_pre, by_post, by_turn] = microcode.gates();
        let everywhere = by_turn && turn;
        if !everywhere && pre.spiked.is_empty() && post.spiked.is_empty() {
            return 0;
        }
        let mut n_updates = 0;
        let (weight_words, delay_words, tag_words) =
            (&mut self.weight_words, &mut self.delay_words, &mut self.tag_words);
        let has_row = |source: usize| everywhere || (by_pre && pre.last_spike[source] > 0);
        let has_column = |target: usize| by_post && post.last_spike[target] > 0;
        synapses.visit(has_row, has_column, |idx, source, target, weight, delay| {
            let [x, y] = [pre.last_spike[source], post.last_spike[target]];
            let read = |at: u8| {
                let mut reading = Reading::default();
                pre.read(source, at, *period, &mut reading);
                post.read(target, at, *period, &mut reading);
                reading
            };
            let moment = Moment {
                x0: x > 0,
                y0: y > 0,
                turn,
                at_pre: read(x),
                at_post: read(y),
                at_end: if everywhere { read(period.get()) } else { Reading::default() },
                r0,
                r1,
                weight: *weight,
                delay: *delay,
                tag: tags.get(idx).copied().unwrap_or(0),
            };
            let asked = [Target::Weight, Target::Delay, Target::Tag]
                .map(|target| microcode.ask(target, &moment));
            if let Some(accumulator) = asked[0] {
                *weight = microcode.store_weight(accumulator, weight_words.word(step, idx));
            }
            if let Some(accumulator) = asked[1] {
                *delay = store_delay(accumulator, delay_words.word(step, idx));
            }
            if let (Some(accumulator), Some(tag)) = (asked[2], tags.get_mut(idx)) {
                *tag = store_tag(accumulator, tag_words.word(step, idx));
            }
            if asked.iter().any(Option::is_some) {
                n_updates += 1;
            }
        });
        n_updates
    }
}

impl Side {
    /// Takes note of spikes of `step`; `before` is the last step of the period before.
    #[expect(clippy::cast_possible_truncation, reason = "a period has at most 63 steps")]
    fn note(&mut self, step: u64, before: u64, spikes: &[u32]) {
        for &neuron_idx in spikes {
            let neuron = neuron_idx as usize;
            let earlier = self.last_spike[neuron];
            if earlier == 0 {
                self.spiked.push(neuron_idx);
            } else {
                for trace in &mut self.traces {
                    let word = trace.words.word(before + u64::from(earlier), neuron);
                    trace.stored[neuron] = trace.config.add(trace.stored[neuron], word);
                }
            }
            self.last_spike[neuron] = (step - before) as u8;
        }
    }

    /// Notes who spiked last when, in the order of neurons: nothing depends on the order.
    fn remember(&mut self, last_spike: &[u8]) {
        self.last_spike.copy_from_slice(last_spike);
        self.spiked.clear();
        let noted = (0_u32..).zip(last_spike).filter(|&(_, &at)| at > 0);
        self.spiked.extend(noted.map(|(neuron_idx, _)| neuron_idx));
    }

    /// Works out every trace through the period that began after step `before`.
    fn work_out(&mut self, before: u64, period: LearningPeriod) {
        let n_steps = usize::from(period.get());
        for SideTrace { config, words, stored, courses, .. } in &mut self.traces {
            let neurons = stored.iter_mut().zip(&self.last_spike).zip(courses.chunks_mut(n_steps));
            for (neuron, ((stored, &last_spike), values)) in neurons.enumerate() {
                let course = Course { stored: *stored, last_spike };
                course.write(config, values, |at| words.word(before + u64::from(at), neuron));
                *stored = values.last().copied().unwrap_or(0);
            }
        }
    }

    /// Fills in the traces of a neuron at a step of the period, counted from 1; nothing at 0.
    fn read(&self, neuron: usize, at: u8, period: LearningPeriod, reading: &mut Reading) {
        if at == 0 {
            return;
        }
        for SideTrace { variable, courses, .. } in &self.traces {
            let value = courses[neuron * usize::from(period.get()) + usize::from(at) - 1];
            match variable {
                Variable::X1 => reading.x1 = value,
                Variable::X2 => reading.x2 = value,
                Variable::Y1 => reading.y1 = value,
                Variable::Y2 => reading.y2 = value,
                Variable::Y3 => reading.y3 = value,
                Variable::R0 | Variable::R1 | Variable::W | Variable::D | Variable::T => {}
            }
        }
    }

    fn clear(&mut self) {
        for neuron_idx in self.spiked.drain(..) {
            self.last_spike[neuron_idx as usize] = 0;
        }
    }
}

impl RewardChannel {
    fn step(&mut self, step: u64, is_rewarded: bool) {
        if self.value != 0 || is_rewarded {
            let word = self.words.word(step, 0);
            self.value = self.config.decay(self.value, word);
            if is_rewarded {
                self.pending = self.config.add(self.pending, word);
                self.has_spiked = true;
            }
        }
    }

    /// Ends a period: `r0` and `r1`. Impulses of the period count in full, whichever step they fell in.
    fn end(&mut self) -> (bool, u8) {
        self.value = (self.value + self.pending).min(127);
        self.pending = 0;
        (std::mem::take(&mut self.has_spiked), self.value)
    }
}
