//! States that no run has led to: what one engine takes, the other takes, and both go on alike.
//!
//! A state from a file may hold anything. Values of a state are replaced at random, by some that nearly fit; neither
//! engine may panic, both must refuse the same states for the same reason, and what they take over they must
//! understand alike, to the last step.

use crate::case::Case;
use crate::dense::scramble;
use crate::random::{config, in_full, without_chance};
use crate::sides::{Chip, Lowered, Record, fail};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::Cell;
use synfire_net::{Engine, EngineState, InputSchedule, Strictness};

/// Numbers that look random, one after the other.
struct Numbers {
    seed: u64,
    n_drawn: u64,
}

impl Numbers {
    fn next(&mut self) -> u64 {
        self.n_drawn += 1;
        scramble(self.seed, self.n_drawn)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }

    /// A value near the ends of registers, near another one, or anything.
    fn value(&mut self, old: i64) -> i64 {
        let ends = [0, 1, 1 << 21, (1 << 21) - 1, 1 << 23, (1 << 23) - 1, 1 << 31, i64::MAX];
        let end = ends[self.below(ends.len())];
        match self.next() % 8 {
            0 | 1 => end,
            2 => -end,
            3 => old.saturating_add(1),
            4 => old.saturating_neg(),
            5 => old / 2,
            6 => i64::try_from(self.below(8192)).unwrap() * 64 - 4096 * 64,
            _ => 0,
        }
    }

    /// Replaces one of some values.
    fn replace<T: Copy + TryFrom<i64> + Into<i64>>(&mut self, values: &mut [T]) {
        let place = self.below(values.len());
        if let Some(value) = values.get_mut(place) {
            let drawn = self.value((*value).into());
            // Small values are more likely to be taken.
            let small = drawn.rem_euclid(130);
            *value = T::try_from(drawn).or(T::try_from(small)).unwrap_or(*value);
        }
    }
}

/// Replaces a few values.
fn forge(state: &mut EngineState, numbers: &mut Numbers) {
    for _ in 0..=numbers.below(4) {
        let [layer, projection] =
            [state.layers.len(), state.projections.len()].map(|n| numbers.below(n));
        if numbers.next().is_multiple_of(8) {
            // Anywhere in time; what is noted of a learning period may then not fit.
            state.step = numbers.next() >> numbers.below(64);
            state.operations.steps = state.step;
        }
        let layer = &mut state.layers[layer];
        match numbers.below(6) {
            0 => {
                numbers.replace(&mut layer.currents);
                // A voltage of 0 goes with any current.
                layer.voltages.fill(0);
            }
            1 => numbers.replace(&mut layer.voltages),
            2 => numbers.replace(&mut layer.held),
            3 => {
                layer.voltages.fill(0);
                numbers.replace(&mut layer.held);
            }
            4 => {
                let place = numbers.below(layer.in_flight.len());
                if let Some(charge) = layer.in_flight.get_mut(place) {
                    charge.charge = numbers.value(charge.charge);
                }
            }
            _ => {
                let place = numbers.below(layer.in_flight.len());
                if let Some(charge) = layer.in_flight.get_mut(place) {
                    charge.neuron_idx ^= 1;
                }
            }
        }
        let Some(Some(plastic)) = state.projections.get_mut(projection) else { continue };
        match numbers.below(6) {
            0 => numbers.replace(&mut plastic.weights),
            1 => numbers.replace(&mut plastic.delays),
            2 => numbers.replace(&mut plastic.tags),
            _ => {
                let Some(learner) = &mut plastic.learner else { continue };
                for values in [&mut learner.x1, &mut learner.y1, &mut learner.y3] {
                    numbers.replace(values);
                }
                numbers.replace(&mut learner.last_pre);
                numbers.replace(&mut learner.last_post);
                if let Some(reward) = &mut learner.reward {
                    reward.value = u8::try_from(numbers.below(140)).unwrap();
                }
            }
        }
    }
}

/// Runs a case up to a step, forges states there, and hands each to both engines. Returns how many were taken.
fn hand_over(case: &Case, seed: u64) -> Result<u64, TestCaseError> {
    let lowered = Lowered::new(case)?;
    let mut numbers = Numbers { seed, n_drawn: 0 };
    let mut engine = lowered.plain(Strictness::Report);
    let cut = u32::try_from(numbers.below(case.n_steps as usize)).unwrap();
    engine.advance(cut, &case.input, &mut ()).map_err(fail)?;
    let state = engine.state().unwrap();
    let mut n_taken = 0;
    for _ in 0..4 {
        let mut forged = state.clone();
        forge(&mut forged, &mut numbers);
        let mut sides: [Box<dyn Chip>; 2] = [
            Box::new(lowered.plain(Strictness::Report)),
            Box::new(lowered.fast(Strictness::Report, None)),
        ];
        let fresh = sides[0].state();
        let [one, other] = sides.each_mut().map(|side| side.restore(&forged));
        prop_assert_eq!(&one, &other);
        if one.is_err() {
            prop_assert!(sides.iter().all(|side| side.state() == fresh), "changed by {:?}", one);
            continue;
        }
        n_taken += 1;
        for side in &sides {
            let (taken, name) = (side.state().unwrap(), side.name());
            prop_assert_eq!(&taken.layers, &forged.layers, "{} after step {}", name, forged.step);
            prop_assert!(taken == forged, "{name}: another state than the one it took");
        }
        // Where time has moved there is no input.
        let nothing = InputSchedule::new();
        let input = if forged.step == u64::from(cut) { &case.input } else { &nothing };
        for _ in 0..24 {
            let [expected, found] = sides.each_mut().map(|side| {
                let mut record = Record::new(&lowered.sizes);
                side.advance(1, input, &mut record).map(|()| record.events)
            });
            prop_assert_eq!(found, expected);
            prop_assert!(sides[0].state() == sides[1].state(), "after {}", sides[0].step());
        }
    }
    Ok(n_taken)
}

fn check(cases: u32, strategy: impl Strategy<Value = Case>) {
    let n_taken = Cell::new(0);
    // Rules and sabotage that come on the way are of no interest here.
    let strategy = strategy.prop_map(|case| Case { changes: Vec::new(), ..case });
    let outcome = TestRunner::new(config(cases)).run(&(strategy, any::<u64>()), |(case, seed)| {
        n_taken.set(n_taken.get() + hand_over(&case, seed)?);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let n_taken = n_taken.get();
    println!("{n_taken} of {} forged states taken", 4 * config(cases).cases);
    assert!(n_taken > u64::from(cases / 4), "{n_taken}");
}

#[test]
fn networks_without_chance_are_forged() {
    check(400, without_chance());
}

#[test]
fn networks_that_learn_in_full_are_forged() {
    check(400, in_full());
}
