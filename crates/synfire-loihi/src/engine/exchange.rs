//! Exchanging the rules of a projection while a program runs: what is allowed.

use crate::program::Program;
use crate::rule::Microcode;
use synfire_net::rule::{Target, Variable};
use synfire_net::{ProjectionId, Rules};

/// Why rules were not exchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
#[non_exhaustive]
pub enum RulesError {
    /// The projection does not learn.
    #[error("projection `{projection}` does not learn: it has no rules to exchange")]
    Static { projection: String },
    /// There is no rule at all.
    #[error("projection `{projection}`: no rule, expected at least one of dw, dd and dt")]
    NoRule { projection: String },
    /// A trace or reward is read that the projection does not have.
    #[error(
        "projection `{projection}`: rule `{rule}` reads {term}, which the projection does not have"
    )]
    Missing { projection: String, rule: String, term: &'static str },
    /// The rules of one projection take turns differently.
    #[error(
        "projection `{projection}`: rules use u{first} and u{other}, expected one k for all u_k"
    )]
    UnequalTurns { projection: String, first: u8, other: u8 },
    /// There is no room for what a new rule would change.
    #[error(
        "projection `{projection}`: found a rule {target}, expected none, as the program has no {room} for it"
    )]
    NoRoom { projection: String, target: Target, room: &'static str },
}

impl Program {
    /// Lowers rules that are to take the place of a projection's own while the program runs.
    ///
    /// # Errors
    /// A projection that does not learn, a rule that reads a trace or reward it does not have, different
    /// `u_k`, or a rule for delays or tags where there was none: then there are neither slots nor bits for it.
    ///
    /// # Panics
    /// If the id belongs to another, larger network.
    pub fn exchange(&self, id: ProjectionId, rules: &Rules) -> Result<Microcode, RulesError> {
        check(self, id, rules)
    }
}

fn check(program: &Program, id: ProjectionId, rules: &Rules) -> Result<Microcode, RulesError> {
    let projection = program.network().projection(id);
    let name = || projection.name.clone();
    let (Some(plasticity), Some(microcode)) =
        (&projection.plasticity, &program.synapses(id).microcode)
    else {
        return Err(RulesError::Static { projection: name() });
    };
    if rules.iter().next().is_none() {
        return Err(RulesError::NoRule { projection: name() });
    }
    if let Err([first, other]) = rules.u_exponent() {
        return Err(RulesError::UnequalTurns { projection: name(), first, other });
    }
    let has_reward = plasticity.reward.is_some();
    for (_, rule) in rules.iter() {
        let rewards = [(Variable::R0, "r0"), (Variable::R1, "r1")].into_iter();
        let rewards = rewards.filter(|&(term, _)| !has_reward && rule.reads(term));
        let mut missing = plasticity.traces.missing(rule).chain(rewards.map(|(_, name)| name));
        if let Some(term) = missing.next() {
            let rule = rule.to_string();
            return Err(RulesError::Missing { projection: name(), rule, term });
        }
    }
    for (target, room) in [(Target::Delay, "accumulator slots"), (Target::Tag, "tag bits")] {
        if rules.iter().any(|(found, _)| found == target) && !microcode.changes(target) {
            return Err(RulesError::NoRoom { projection: name(), target, room });
        }
    }
    Ok(Microcode::new(rules, microcode.format(), microcode.arithmetic()))
}
