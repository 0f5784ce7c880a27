//! Learning of one projection once more: clause S5 and section 3.4, from lists of spike steps.
//!
//! Every step of a learning period is kept: who spiked, and the random words of all traces, whether or not they
//! are needed. At its end each trace is worked out step by step from its list of spikes, every synapse is
//! visited, and the lists are forgotten.

use crate::naive_rule::{Event, Seen, Situation, Store, accumulate};
use synfire_loihi::RuleArithmetic;
use synfire_loihi::random::{Purpose, Words};
use synfire_net::rule::Variable;
use synfire_net::{DecayLaw, Network, Plasticity, ProjectionId, Rounding, Rules, Trace};

/// A synapse and its three numbers.
#[derive(Clone, Debug)]
pub(crate) struct NaiveSynapse {
    pub(crate) source: usize,
    pub(crate) target: usize,
    pub(crate) weight: i128,
    pub(crate) delay: i128,
    pub(crate) tag: i128,
}

/// A trace of all neurons of one side, or of the reward.
#[derive(Debug)]
struct NaiveTrace {
    parameters: Trace,
    factor: i128,
    words: Words,
    /// Value of each neuron at the end of the last period.
    before: Vec<i128>,
    /// For each step of the period the word of each neuron.
    drawn: Vec<Vec<u32>>,
}

#[derive(Debug)]
pub(crate) struct NaiveLearning {
    plasticity: Plasticity,
    rules: Rules,
    arithmetic: RuleArithmetic,
    /// x1, x2, y1, y2, y3.
    traces: [Option<NaiveTrace>; 5],
    reward: Option<NaiveTrace>,
    /// For each source, target and the reward the steps of the period in which it spiked, from 1.
    spikes: [Vec<Vec<usize>>; 3],
    /// Of weight, delay and tag.
    words: [Words; 3],
    /// Synapses for which some rule asked for a change.
    pub(crate) n_updates: u64,
}

impl NaiveLearning {
    pub(crate) fn new(
        network: &Network,
        id: ProjectionId,
        seed: u64,
        arithmetic: RuleArithmetic,
    ) -> Option<Self> {
        let projection = network.projection(id);
        let plasticity = projection.plasticity.clone()?;
        let [here, there] =
            [id.index(), projection.target.index()].map(|idx| u32::try_from(idx).unwrap());
        let [n_sources, n_targets] = [projection.source, projection.target]
            .map(|layer| network.layer(layer).n_neurons as usize);
        let words = |purpose, place| Words::new(seed, purpose, place);
        let trace = |parameters: Option<Trace>, purpose, place, n: usize| {
            Some(NaiveTrace {
                parameters: parameters?,
                factor: factor(&parameters?),
                words: words(purpose, place),
                before: vec![0; n],
                drawn: Vec::new(),
            })
        };
        let all = plasticity.traces;
        Some(Self {
            traces: [
                trace(all.x1, Purpose::X1, here, n_sources),
                trace(all.x2, Purpose::X2, here, n_sources),
                trace(all.y1, Purpose::Y1, there, n_targets),
                trace(all.y2, Purpose::Y2, there, n_targets),
                trace(all.y3, Purpose::Y3, there, n_targets),
            ],
            reward: trace(plasticity.reward.map(|reward| reward.trace), Purpose::R1, here, 1),
            spikes: [n_sources, n_targets, 1].map(|n| vec![Vec::new(); n]),
            words: [Purpose::Weight, Purpose::Delay, Purpose::Tag].map(|what| words(what, here)),
            rules: plasticity.rules.clone(),
            arithmetic,
            n_updates: 0,
            plasticity,
        })
    }

    /// Whether rules may take the place of others; if so, they do.
    pub(crate) fn set_rules(&mut self, rules: &Rules) -> bool {
        let there = |variable| match variable {
            Variable::X1 => self.traces[0].is_some(),
            Variable::X2 => self.traces[1].is_some(),
            Variable::Y1 => self.traces[2].is_some(),
            Variable::Y2 => self.traces[3].is_some(),
            Variable::Y3 => self.traces[4].is_some(),
            Variable::R0 | Variable::R1 => self.reward.is_some(),
            Variable::W | Variable::D | Variable::T => true,
        };
        let room = &self.plasticity.rules;
        let fits = *rules != Rules::default()
            && rules.u_exponent().is_ok()
            && Variable::ALL.into_iter().all(|variable| there(variable) || !rules.reads(variable))
            && (rules.delay.is_none() || room.delay.is_some())
            && (rules.tag.is_none() || room.tag.is_some());
        if fits {
            self.rules = rules.clone();
        }
        fits
    }

    /// What the engine shows of a trace: the values at the end of the last period; on top of them the
    /// impulses of spikes that were followed by another in this period. The reward trace has decayed since.
    pub(crate) fn trace(&self, variable: Variable) -> Option<Vec<i128>> {
        let (idx, side) = match variable {
            Variable::X1 => (0, 0),
            Variable::X2 => (1, 0),
            Variable::Y1 => (2, 1),
            Variable::Y2 => (3, 1),
            Variable::Y3 => (4, 1),
            Variable::R1 => {
                let trace = self.reward.as_ref()?;
                let steps = 0..trace.drawn.len();
                return Some(vec![steps.fold(trace.before[0], |value, step| {
                    trace.decayed(value, trace.drawn[step][0]).0
                })]);
            }
            _ => return None,
        };
        let trace = self.traces[idx].as_ref()?;
        let spikes = self.spikes[side].iter().enumerate();
        Some(spikes.map(|(neuron, steps)| trace.with_earlier(neuron, steps)).collect())
    }

    /// Notes the spikes of a step; at the end of a period, learns.
    pub(crate) fn step(
        &mut self,
        step: u64,
        spiked: [&[bool]; 2],
        is_rewarded: bool,
        synapses: &mut [NaiveSynapse],
        seen: &mut Seen,
    ) {
        let n = u64::from(self.plasticity.period.get());
        let within = usize::try_from((step - 1) % n + 1).unwrap();
        for (lists, flags) in self.spikes.iter_mut().zip([spiked[0], spiked[1], &[is_rewarded]]) {
            for (list, &flag) in lists.iter_mut().zip(flags) {
                list.extend(flag.then_some(within));
            }
        }
        for trace in self.traces.iter_mut().chain([&mut self.reward]).flatten() {
            let words = (0..trace.before.len()).map(|neuron| trace.words.word(step, neuron));
            trace.drawn.push(words.collect());
        }
        if step.is_multiple_of(n) {
            self.learn(step, synapses, seen);
        }
    }

    fn learn(&mut self, step: u64, synapses: &mut [NaiveSynapse], seen: &mut Seen) {
        let n = usize::from(self.plasticity.period.get());
        // [trace][neuron][step of the period - 1]
        let courses: Vec<Vec<Vec<i128>>> = self
            .traces
            .iter()
            .zip([0, 0, 1, 1, 1])
            .map(|(trace, side): (_, usize)| {
                let neurons = self.spikes[side].iter().enumerate();
                neurons
                    .map(|(neuron, steps)| match trace {
                        Some(trace) => trace.course(neuron, steps, n, seen),
                        None => vec![0; n],
                    })
                    .collect()
            })
            .collect();
        let r1 = self.reward_at_end(seen);
        let r0 = !self.spikes[2][0].is_empty();
        let k = self.rules.iter().find_map(|(_, rule)| rule.u_exponent());
        let number = step / n as u64;
        let turn = k.is_some_and(|k| number.is_multiple_of(2_u64.pow(k.into())));
        seen.count(Event::Turn, turn);
        seen.count(Event::NoTurn, k.is_some() && !turn);
        for (idx, synapse) in synapses.iter_mut().enumerate() {
            let times = [
                self.spikes[0][synapse.source].last().copied(),
                self.spikes[1][synapse.target].last().copied(),
                Some(n),
            ];
            let read = |time: Option<usize>| {
                let neurons = [synapse.source, synapse.source, synapse.target];
                let neuron = |trace: usize| neurons[trace.min(2)];
                let at = |trace: usize| time.map_or(0, |t| courses[trace][neuron(trace)][t - 1]);
                [at(0), at(1), at(2), at(3), at(4)]
            };
            let situation = Situation {
                x0: times[0].is_some(),
                y0: times[1].is_some(),
                turn,
                r0,
                r1,
                traces: times.map(read),
                weight: synapse.weight,
                delay: synapse.delay,
                tag: synapse.tag,
            };
            let mut is_asked = false;
            let range = self.plasticity.range;
            let targets = [
                (&self.rules.weight, Store::weight(range.min, range.max, range.step)),
                (&self.rules.delay, Store::DELAY),
                (&self.rules.tag, Store::TAG),
            ];
            let values = [&mut synapse.weight, &mut synapse.delay, &mut synapse.tag];
            for (((rule, store), value), words) in
                targets.into_iter().zip(values).zip(&mut self.words)
            {
                let Some(rule) = rule else { continue };
                let (accumulator, asked) =
                    accumulate(rule, *value, &situation, self.arithmetic, seen);
                is_asked |= asked != 0 || accumulator != *value * 128;
                let new = store.store(accumulator, words.word(step, idx), seen);
                seen.count(store.events[1], new != *value);
                *value = new;
            }
            self.n_updates += u64::from(is_asked);
        }
        for (trace, course) in self.traces.iter_mut().zip(&courses) {
            if let Some(trace) = trace {
                trace.before = course.iter().map(|values| values[n - 1]).collect();
                trace.drawn.clear();
            }
        }
        if let Some(reward) = &mut self.reward {
            reward.before = vec![r1];
            reward.drawn.clear();
        }
        for list in self.spikes.iter_mut().flatten() {
            list.clear();
        }
    }

    /// The trace of the reward decays through the period; all of its impulses come on top.
    fn reward_at_end(&self, seen: &mut Seen) -> i128 {
        let Some(reward) = &self.reward else { return 0 };
        let steps = &self.spikes[2][0];
        let mut value = reward.before[0];
        for words in &reward.drawn {
            value = reward.decayed(value, words[0]).0;
        }
        seen.count(Event::LastingReward, value > 0);
        seen.count(Event::RewardedPeriod, !steps.is_empty());
        seen.count(Event::RepeatedReward, steps.len() > 1);
        for step in steps {
            value += reward.impulse(reward.drawn[step - 1][0]).0;
        }
        value.min(127)
    }
}

impl NaiveTrace {
    /// What a step leaves, and whether it was rounded.
    fn decayed(&self, value: i128, word: u32) -> (i128, bool) {
        let exact = value * self.factor;
        let (whole, rest) = (exact / 65_536, exact % 65_536);
        let chance = i128::from(word / 65_536);
        let is_up = self.parameters.rounding == Rounding::Stochastic && rest + chance >= 65_536;
        (whole + i128::from(is_up), rest != 0)
    }

    /// What a spike adds, and whether its fraction came up.
    fn impulse(&self, word: u32) -> (i128, bool) {
        let impulse = self.parameters.impulse;
        let is_up = self.parameters.rounding == Rounding::Stochastic
            && word % 256 < u32::from(impulse.fraction());
        (i128::from(impulse.whole()) + i128::from(is_up), is_up)
    }

    /// The value before the period with the impulses of all spikes but the last.
    fn with_earlier(&self, neuron: usize, steps: &[usize]) -> i128 {
        let earlier = &steps[..steps.len().saturating_sub(1)];
        let impulses = earlier.iter().map(|step| self.impulse(self.drawn[step - 1][neuron]).0);
        (self.before[neuron] + impulses.sum::<i128>()).min(127)
    }

    /// The values at the end of the steps of the period.
    fn course(&self, neuron: usize, steps: &[usize], n: usize, seen: &mut Seen) -> Vec<i128> {
        let mut value = self.with_earlier(neuron, steps);
        seen.count(Event::RepeatedSpike, steps.len() > 1 && self.parameters.impulse.whole() > 0);
        let mut values = Vec::new();
        for step in 1..=n {
            let word = self.drawn[step - 1][neuron];
            let (left, is_rounded) = self.decayed(value, word);
            seen.count(Event::TraceRounded, is_rounded);
            value = left;
            if steps.last() == Some(&step) {
                let (impulse, is_up) = self.impulse(word);
                seen.count(Event::ImpulseFraction, is_up);
                seen.count(Event::TraceSaturated, value + impulse > 127);
                value = (value + impulse).min(127);
            }
            values.push(value);
        }
        values
    }
}

/// 65536 times what a step leaves, to the nearest, by floating point: no factor is near a tie.
#[expect(clippy::float_arithmetic, reason = "another way to the same whole number")]
#[expect(clippy::cast_possible_truncation, reason = "0 to 65536")]
fn factor(trace: &Trace) -> i128 {
    if trace.tau == 0 {
        return 0;
    }
    let tau = f64::from(trace.tau);
    let left = match trace.law {
        DecayLaw::Exponential => (-1.0 / tau).exp(),
        DecayLaw::Linear => 1.0 - 1.0 / tau,
    };
    (65_536.0 * left).round() as i128
}
