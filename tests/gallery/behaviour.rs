//! What the page says of each example, held against the engine, for several seeds where there is chance.

use crate::scene::Scene;

/// Voices speak at the taught times before the lessons end and after.
#[test]
fn the_rhythm_is_kept_without_the_teacher() {
    for seed in 0..20 {
        let mut scene = Scene::new("delay-pattern", seed);
        scene.advance_to(660);
        let taught: Vec<(u64, u32)> = (0..16)
            .flat_map(|trial| {
                [(7, 0), (14, 1), (21, 2)].map(|(lag, voice)| (10 + 40 * trial + lag, voice))
            })
            .collect();
        assert_eq!(scene.spikes("voice"), taught, "seed {seed}");
        assert_eq!(scene.spikes("teacher").last(), Some(&(10 + 40 * 11 + 20, 2)));
        assert_eq!(scene.n_faults(), 0);
    }
}

/// Right pairs end at the upper limit, wrong ones below where they began.
#[test]
fn rewarded_habits_grow() {
    for seed in 0..10 {
        let mut scene = Scene::new("reward", seed);
        scene.advance_to(3000);
        let [right, wrong, also_wrong, also_right] = scene.weights("habit")[..] else {
            unreachable!()
        };
        assert!(right > 220 && also_right > 220, "seed {seed}: {right}, {also_right}");
        assert!(wrong < 160 && also_wrong < 160, "seed {seed}: {wrong}, {also_wrong}");
        assert!(scene.spikes("reward").len() > 20);
        assert_eq!(scene.n_faults(), 0);
    }
}

/// No reward, no change; with it, the better a cue foretold, the more its weight grows.
#[test]
fn tags_bridge_the_wait_for_the_reward() {
    for seed in 0..20 {
        let mut scene = Scene::new("eligibility", seed);
        // The cell spikes in step 19 of the first trial.
        scene.advance_to(19);
        let [nearest, near, far, late] = scene.tags("synapse")[..] else { unreachable!() };
        assert!(nearest > near && near > far && far > 0 && late == 0, "seed {seed}");
        scene.advance_to(10 + 4 * 60 + 9 + 23);
        assert_eq!(scene.weights("synapse"), [20; 4]);
        scene.advance_to(740);
        let [nearest, near, far, late] = scene.weights("synapse")[..] else { unreachable!() };
        assert!(nearest > near + 10 && near > far + 5 && far > late, "seed {seed}");
        assert_eq!(late, 20);
        assert_eq!(scene.n_faults(), 0);
    }
}

#[test]
fn one_rival_speaks_at_a_time() {
    let mut scene = Scene::new("winner-take-all", 0);
    scene.advance_to(300);
    let spikes = scene.spikes("rival");
    for (steps, winner) in [(20..=100, 0), (130..=200, 3), (230..=300, 5)] {
        let speakers: Vec<u32> = spikes
            .iter()
            .filter(|(step, _)| steps.contains(step))
            .map(|&(_, rival)| rival)
            .collect();
        assert!(
            speakers.len() > 5 && speakers.iter().all(|&rival| rival == winner),
            "{speakers:?}"
        );
    }
    assert_eq!(scene.n_faults(), 0);
}

#[test]
fn the_message_passes_from_gate_to_gate() {
    let mut scene = Scene::new("gating-ring", 0);
    scene.advance_to(84);
    let message = scene.spikes("message");
    assert_eq!(message.len(), 13);
    for (layer, lag) in [("a", 1), ("b", 4), ("c", 8)] {
        let expected: Vec<_> = message.iter().map(|&(step, bit)| (step + lag, bit)).collect();
        assert_eq!(scene.spikes(layer), expected);
    }
    for gate in 0..12 {
        let expected: Vec<_> = (12 + gate..=84).step_by(12).map(|step| (step, 0)).collect();
        assert_eq!(scene.spikes(&format!("g{gate}")), expected);
    }
    assert_eq!(scene.n_faults(), 0);
}
