//! Each kernel against its scalar definition or plain loops, on every instruction set of this machine.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
use super::*;
use crate::lanes::{Dispatch, Lanes};
use synfire_loihi::fixed;
use synfire_loihi::{Bias, Compartment, Threshold, VoltageLimits};
use synfire_net::{Decay, Refractory};

fn every_path(mut check: impl FnMut(Dispatch)) {
    for lanes in Lanes::available() {
        check(Dispatch::new(lanes).unwrap());
    }
}

/// Numbers that look drawn, the same in every run.
fn drawn(n: usize, from: i32, to: i32) -> Vec<i32> {
    let mut state = 1_u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        i32::try_from(
            i64::from(from) + (state >> 33).cast_signed() % (i64::from(to) - i64::from(from) + 1),
        )
        .unwrap()
    };
    (0..n).map(|_| draw()).collect()
}

/// Every width around the blocks, more rows than fit 16 bits, codes at their limits.
#[test]
fn sums_are_exact_at_every_width_and_number_of_rows() {
    for n_blocks in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 25, 33] {
        let stride = n_blocks * BLOCK;
        for n_rows in [1_usize, 2, 255, 256, 257, 600] {
            let extremes = drawn(n_rows * stride, 0, 3);
            let bytes: Vec<i8> = extremes
                .iter()
                .map(|&place| [-128, 127, 1, -128][usize::try_from(place).unwrap()])
                .collect();
            let words: Vec<i16> = extremes
                .iter()
                .map(|&place| [-256, 255, 32_767, 0][usize::try_from(place).unwrap()])
                .collect();
            let rows: Vec<u32> = (0..u32::try_from(n_rows).unwrap()).rev().collect();
            let sum_of = |code: &dyn Fn(usize) -> i32| -> Vec<i32> {
                (0..stride).map(|t| (0..n_rows).map(|s| code(s * stride + t)).sum()).collect()
            };
            let stored: Vec<u8> = bytes.iter().map(|&code| byte_of(code)).collect();
            let expected_bytes = sum_of(&|place| bytes[place].into());
            let expected_words = sum_of(&|place| words[place].into());
            every_path(|dispatch| {
                let mut sums = vec![7; stride];
                for widest in [1, 2, 3, 7] {
                    let found = dispatch.run(SumBytes {
                        codes: &stored,
                        stride,
                        rows: &rows,
                        widest,
                        first_block: 0,
                        n_targets: stride - 5,
                        sums: &mut sums,
                    });
                    assert_eq!(sums, expected_bytes);
                    let targets = &expected_bytes[..stride - 5];
                    let ends = (*targets.iter().min().unwrap(), *targets.iter().max().unwrap());
                    assert_eq!(found, ends);
                    if n_blocks > 1 {
                        sums.fill(7);
                        let part = SumBytes {
                            codes: &stored,
                            stride,
                            rows: &rows,
                            widest,
                            first_block: 1,
                            n_targets: BLOCK,
                            sums: &mut sums[BLOCK..],
                        };
                        dispatch.run(part);
                        assert_eq!(sums[..BLOCK], [7; BLOCK], "columns before the part");
                        assert_eq!(sums[BLOCK..], expected_bytes[BLOCK..]);
                    }
                }
                dispatch.run(|| sum_words(&words, stride, &rows, &mut sums));
                assert_eq!(sums, expected_words);
            });
        }
    }
}

/// All rows at an end of the range, so that one row more in a block would overflow.
#[test]
fn the_longest_block_does_not_overflow() {
    let rows: Vec<u32> = (0..600).collect();
    for code in [-128, 127] {
        every_path(|dispatch| {
            let mut sums = [0; BLOCK];
            let codes = vec![byte_of(code); 600 * BLOCK];
            let codes = &codes;
            let (rows, widest, n_targets) = (&rows, 1, BLOCK);
            let ends = dispatch.run(SumBytes {
                codes,
                stride: BLOCK,
                rows,
                widest,
                first_block: 0,
                n_targets,
                sums: &mut sums,
            });
            assert_eq!(ends, (600 * i32::from(code), 600 * i32::from(code)));
            assert_eq!(sums, [600 * i32::from(code); BLOCK]);
        });
    }
}

/// Every code and every change, in the whole range and in a narrower one.
#[test]
fn changes_add_and_clamp() {
    for [min, max] in [[-128_i8, 127], [-32, 31], [0, 63]] {
        let all: Vec<i8> = (min..=max).collect();
        let n_codes = all.len().next_multiple_of(BLOCK);
        for change in -127..=127_i8 {
            let mut before = all.clone();
            before.resize(2 * n_codes, min);
            let changes = vec![change; n_codes];
            let clamped =
                |code: i8| (i32::from(code) + i32::from(change)).clamp(min.into(), max.into());
            every_path(|dispatch| {
                let mut codes: Vec<u8> = before.iter().map(|&code| byte_of(code)).collect();
                dispatch.run(|| change_bytes(&mut codes, &[0], &changes, [min, max]));
                let codes: Vec<i8> = codes.into_iter().map(code_of).collect();
                let found = codes[..n_codes].iter().map(|&code| i32::from(code));
                assert!(found.eq(before[..n_codes].iter().map(|&code| clamped(code))));
                assert_eq!(codes[n_codes..], before[n_codes..], "a row that was not named");
            });
        }
    }
    let all: Vec<i16> = (0..256).collect();
    for change in [-255, -1, 0, 2, 255] {
        every_path(|dispatch| {
            let mut codes = all.clone();
            dispatch.run(|| change_words(&mut codes, &[0], &[change; 256], [0, 255]));
            let clamped = all.iter().map(|&code| (code + change).clamp(0, 255));
            assert!(codes.iter().copied().eq(clamped));
        });
    }
}

#[test]
fn comparison_is_strict_and_clears_what_is_beyond() {
    for n in [1, 63, 64, 65, 127, 128, 200] {
        let sums = drawn(n, -3, 3);
        every_path(|dispatch| {
            let mut words = vec![u64::MAX; n.div_ceil(64)];
            dispatch.run(|| above(&sums, 1, &mut words));
            for bit in 0..64 * words.len() {
                let is_set = words[bit / 64] >> (bit % 64) & 1 == 1;
                assert_eq!(is_set, sums.get(bit).is_some_and(|&sum| sum > 1));
            }
        });
    }
}

/// Every power of two and its neighbours, every decay of a coarse grid and its ends.
#[test]
fn decay_is_the_scalar_one() {
    let magnitudes = (0..=23).flat_map(|bits| [(1 << bits) - 1, 1 << bits, (1 << bits) + 1]);
    for magnitude in
        magnitudes.filter(|&magnitude| magnitude <= 1 << 23).chain(drawn(300, 0, 1 << 23))
    {
        for loss in (0..=4096).step_by(31).chain([1, 4095, 4096]) {
            let kept = 4096 - i32::from(loss);
            for state in [magnitude, -magnitude] {
                let expected = fixed::decay(state, Decay::new(loss).unwrap());
                assert_eq!(decayed(state, kept), expected, "{state} {loss}");
            }
        }
    }
}

/// Random states and inputs, many of them beyond every register, against the scalar step.
#[test]
fn a_step_is_the_scalar_step() {
    const N: usize = 200;
    let mut n_faults = 0;
    let mut n_spikes = 0;
    for (current, voltage) in [(0, 0), (4096, 4096), (1024, 128), (4095, 1), (0, 4096)] {
        for (bias, limits) in [(0, None), (4095, Some((23, 2))), (-4096, Some((10, 7)))] {
            for refractory in [1, 2, 63] {
                let config = CompartmentConfig {
                    current_decay: Decay::new(current).unwrap(),
                    voltage_decay: Decay::new(voltage).unwrap(),
                    threshold: Threshold::new(20).unwrap(),
                    bias: Bias::new(bias, 7).unwrap(),
                    refractory: Refractory::new(refractory).unwrap(),
                    voltage_limits: limits.map_or(VoltageLimits::REGISTER, |(floor, ceiling)| {
                        VoltageLimits::new(floor, ceiling).unwrap()
                    }),
                    noise: None,
                };
                let ends = config.voltage_limits;
                let before = States {
                    current: drawn(N, -(1 << 23), (1 << 23) - 1),
                    voltage: drawn(N, ends.min(), ends.max()),
                    held: drawn(N, -3, 2).iter().map(|&held| held.max(0)).collect(),
                };
                let wide = drawn(N, -(1 << 22), 1 << 22);
                let narrow = drawn(N, -5000, 5000);
                for input in [wide, narrow, vec![0; N]] {
                    let mut after = before.clone();
                    let mut fired = vec![0; N];
                    every_path(|dispatch| {
                        let parameters = StepParameters::new(&config);
                        let stepped = dispatch
                            .run(|| step(&parameters, &before, &input, &mut after, &mut fired));
                        let mut has_fault = false;
                        let mut has_changed = false;
                        for idx in 0..N {
                            let start = Compartment {
                                current: before.current[idx],
                                voltage: before.voltage[idx],
                                held: u8::try_from(before.held[idx]).unwrap(),
                            };
                            let mut state = start;
                            let outcome = config.step(&mut state, input[idx]);
                            assert_eq!(after.current[idx], state.current);
                            assert_eq!(after.voltage[idx], state.voltage);
                            assert_eq!(after.held[idx], i32::from(state.held));
                            assert_eq!(fired[idx], u8::from(outcome.spiked));
                            has_fault |= config.faults(outcome).next().is_some();
                            has_changed |= state != start || outcome.spiked;
                            n_spikes += usize::from(outcome.spiked);
                        }
                        // The step may suspect a fault where there is none, never the other way round.
                        assert!(stepped.has_fault || !has_fault);
                        assert_eq!(stepped.has_changed, has_changed);
                        n_faults += usize::from(has_fault);
                    });
                }
            }
        }
    }
    assert!(n_faults > 10 && n_spikes > 1000, "{n_faults} {n_spikes}");
}
