//! Learning periods: every one that there is, and the turns of `u_k` in them.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use synfire_net::LearningPeriod;

/// Against counting: a learning ends every `steps`-th step, and `u_k` is 1 in every 2^k-th learning.
#[test]
fn every_period_and_every_turn() {
    for steps in 1..=63_u8 {
        let period = LearningPeriod::new(steps).unwrap();
        assert_eq!(period.get(), steps);
        assert_eq!(LearningPeriod::try_from(i64::from(steps)), Ok(period));
        assert_eq!(u8::from(period), steps);
        // Steps since the last learning, and learnings since the last turn of each `u_k`.
        let mut since_learning = 0;
        let mut since_turn = [0_u32; 10];
        for step in 1..=u64::from(steps) * 1024 {
            since_learning += 1;
            assert_eq!(
                period.ends_at(step),
                since_learning == steps,
                "period {steps}, step {step}"
            );
            if since_learning < steps {
                continue;
            }
            since_learning = 0;
            for (k, since) in (0..).zip(&mut since_turn) {
                *since += 1;
                let is_turn = *since == 1 << k;
                assert_eq!(period.turn(step, k), is_turn, "period {steps}, step {step}, u{k}");
                if is_turn {
                    *since = 0;
                }
            }
        }
    }
}

#[test]
fn nothing_else_is_a_period() {
    assert_eq!((LearningPeriod::default(), LearningPeriod::ONE.get()), (LearningPeriod::ONE, 1));
    for steps in (64..=u8::MAX).chain([0]) {
        assert_eq!(LearningPeriod::new(steps), None);
    }
    for steps in [i64::MIN, -1, 0, 64, 255, 256, 257, i64::MAX] {
        let expected = format!("learning period is {steps}, expected 1 to 63");
        assert_eq!(LearningPeriod::try_from(steps), Err(expected));
    }
}

/// A step and a k far beyond all rules: no overflow.
#[test]
fn the_ends_of_the_numbers() {
    let last = LearningPeriod::new(63).unwrap();
    assert!(last.ends_at(u64::MAX / 63 * 63));
    assert!(!last.ends_at(u64::MAX));
    assert!(LearningPeriod::ONE.turn(1 << 63, 63));
    assert!(!LearningPeriod::ONE.turn(u64::MAX, 1));
    assert!(!LearningPeriod::ONE.turn(1 << 63, u8::MAX));
}

/// Worked example E17: the weight that starts at 0 and learns by `2*u_k`, as Lava has it after each step.
#[test]
fn turns_come_when_lava_has_them() {
    let rows: [(u8, u8, &[i32]); 3] = [
        (1, 1, &[0, 2, 2, 4, 4, 6, 6, 8]),
        (2, 0, &[0, 2, 2, 4, 4, 6, 6, 8]),
        (2, 1, &[0, 0, 0, 2, 2, 2, 2, 4, 4, 4, 4, 6]),
    ];
    for (steps, k, expected) in rows {
        let period = LearningPeriod::new(steps).unwrap();
        let mut weight = 0;
        let weights = (1..).zip(expected).map(|(step, _)| {
            weight += if period.ends_at(step) && period.turn(step, k) { 2 } else { 0 };
            weight
        });
        assert_eq!(weights.collect::<Vec<_>>(), expected, "period {steps}, u{k}");
    }
}
