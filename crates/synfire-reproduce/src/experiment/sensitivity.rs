//! How much the result depends on what was chosen: one choice after the other, the rest as in the paper.

use synfire_data::Preparation;
use synfire_train::Order;

use super::training::{Task, Training};
use crate::scale::Scale;
use crate::trial::Trial;

/// The name of a group of settings, and of each of its settings; the paper's choice is called `base` in all.
pub(crate) const GROUPS: [(&str, &[&str]); 6] = [
    ("hidden", &["50", "100", "200", "base", "1000", "2000"]),
    ("threshold", &["103", "base", "154"]),
    ("init", &["1", "2", "base", "8"]),
    ("order", &["base", "file"]),
    ("theta", &["base", "10", "26", "50", "100", "200"]),
    ("fashion-theta", &["0", "50", "100"]),
];

/// The name of a trial.
pub(crate) fn trial_name(group: &str, setting: &str, seed: u64) -> String {
    match setting {
        "base" => format!("base.seed-{seed}"),
        _ => format!("{group}-{setting}.seed-{seed}"),
    }
}

pub(crate) fn n_seeds(scale: Scale) -> u64 {
    scale.pick(1, 1, 5)
}

/// The settings of a group that are run at this scale: a wide network says nothing more on few samples.
pub(crate) fn settings_at(scale: Scale, group: &str) -> &'static [&'static str] {
    let settings = GROUPS.iter().find(|(name, _)| *name == group).map_or(&[][..], |(_, all)| all);
    match (group, scale) {
        ("hidden", Scale::Smoke) => &settings[..4],
        ("hidden", Scale::Quick) => &settings[..5],
        _ => settings,
    }
}

pub(crate) fn trials(scale: Scale) -> Vec<Trial> {
    let epochs = scale.pick(1, 2, 15);
    let mut trials = Vec::new();
    for seed in 1..=n_seeds(scale) {
        let base = Training::new(Task::mnist(scale), seed, epochs);
        trials.push(base.clone().trial(trial_name("", "base", seed)));
        for (group, settings) in GROUPS {
            for setting in settings.iter().filter(|setting| **setting != "base") {
                if !settings_at(scale, group).contains(setting) {
                    continue;
                }
                let name = trial_name(group, setting, seed);
                trials.push(changed(&base, group, setting, scale).trial(name));
            }
        }
    }
    trials
}

fn changed(base: &Training, group: &str, setting: &str, scale: Scale) -> Training {
    let number = || setting.parse().unwrap_or(0_u16);
    let mut training = base.clone();
    match group {
        "hidden" => training.task.n_hidden = usize::from(number()),
        "threshold" => {
            let threshold = u8::try_from(number()).unwrap_or(u8::MAX);
            training.task.preparation = Preparation { threshold, ..training.task.preparation };
        }
        "init" => training.init_quarters = number().cast_signed(),
        "order" => training.order = Order::File,
        "theta" => training.theta = i32::from(number()),
        _ => {
            training.task = Task::fashion(scale);
            training.theta = i32::from(number());
        }
    }
    training
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each setting is a choice of its own, and no two trials have one name.
    #[test]
    fn settings_differ() {
        let trials = trials(Scale::Full);
        for (idx, trial) in trials.iter().enumerate() {
            for other in &trials[..idx] {
                assert_ne!(trial.name, other.name);
                assert_ne!(trial.parameters, other.parameters, "{} and {}", trial.name, other.name);
            }
        }
    }
}
