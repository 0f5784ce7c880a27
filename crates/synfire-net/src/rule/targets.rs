//! What a rule changes: the weight, the delay or the tag of a synapse, each by a rule of its own.

use super::{Rule, Variable};
use std::fmt;

/// A number of a synapse that a rule changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// The weight; its rule is called `dw`.
    Weight,
    /// The delay; its rule is called `dd`.
    Delay,
    /// The tag; its rule is called `dt`.
    Tag,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Weight => "dw",
            Self::Delay => "dd",
            Self::Tag => "dt",
        })
    }
}

/// The rules of a projection, at most one for each target.
///
/// All of them read weight, delay and tag as they stood before any of them changed something, and all
/// `u_k` among them have the same k.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// The change of weight.
    pub weight: Option<Rule>,
    /// The change of delay, in steps.
    pub delay: Option<Rule>,
    /// The change of the tag, -256 to 255.
    pub tag: Option<Rule>,
}

impl Rules {
    /// A rule for the weight alone.
    #[must_use]
    pub const fn weight(rule: Rule) -> Self {
        Self { weight: Some(rule), delay: None, tag: None }
    }

    /// The rules that are there, with their targets.
    pub fn iter(&self) -> impl Iterator<Item = (Target, &Rule)> {
        [(Target::Weight, &self.weight), (Target::Delay, &self.delay), (Target::Tag, &self.tag)]
            .into_iter()
            .filter_map(|(target, rule)| Some((target, rule.as_ref()?)))
    }

    /// Whether some rule reads `variable`.
    #[must_use]
    pub fn reads(&self, variable: Variable) -> bool {
        self.iter().any(|(_, rule)| rule.reads(variable))
    }

    /// The k of the `u_k` in the rules, or the first two that differ.
    ///
    /// # Errors
    /// Two rules with different k.
    pub fn u_exponent(&self) -> Result<Option<u8>, [u8; 2]> {
        let mut found = self.iter().filter_map(|(_, rule)| rule.u_exponent());
        let Some(first) = found.next() else { return Ok(None) };
        match found.find(|&k| k != first) {
            None => Ok(Some(first)),
            Some(other) => Err([first, other]),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    #[test]
    fn rules_agree_on_the_k_of_their_u() {
        let rule = |text: &str| Some(text.parse().unwrap());
        let rules = |weight, delay, tag| Rules { weight, delay, tag };
        assert_eq!(Rules::default().u_exponent(), Ok(None));
        assert_eq!(rules(rule("x0*w"), None, rule("u3*t")).u_exponent(), Ok(Some(3)));
        assert_eq!(rules(rule("u2*w"), rule("u2*d"), rule("u3*t")).u_exponent(), Err([2, 3]));
        assert!(rules(None, rule("u2*d"), None).reads(Variable::D));
        assert!(!rules(None, rule("u2*d"), None).reads(Variable::T));
    }
}
