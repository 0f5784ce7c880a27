//! Learning rules of spikes and reward, evaluated once for every combination of them.

use synfire_net::rule::{Dependency, Factor, Variable};
use synfire_net::{LearningPeriod, PhaseSet, Plasticity, Projection, Rule, Rules};

/// Why a network cannot run on this engine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
#[non_exhaustive]
pub enum LifError {
    /// The rule reads something this engine does not have.
    #[error(
        "projection `{projection}`: the rule `{rule}` uses `{term}`, expected only x0, y0, r0, r1 and constants"
    )]
    Term { projection: String, rule: String, term: String },
    /// The projection learns in a way this engine does not have.
    #[error(
        "projection `{projection}` has {what}, expected a rule for weights alone, evaluated in every step, with a reward that is gone after its step"
    )]
    Unsupported { projection: String, what: String },
    /// A layer has what this engine does not have.
    #[error("layer `{layer}` has noise, which ideal neurons do not have")]
    Noise { layer: String },
    /// The rule asks for a change that is no integer multiple of the weight step.
    #[error(
        "projection `{projection}`: the rule `{rule}` changes a weight by {change}/128, expected a multiple of {step}"
    )]
    Fraction { projection: String, rule: String, change: i64, step: i16 },
}

/// The rule for the weight, if that is all there is and it needs no trace.
fn only_rule<'a>(
    projection: &Projection,
    plasticity: &'a Plasticity,
) -> Result<&'a Rule, LifError> {
    let unsupported = |what: &str| LifError::Unsupported {
        projection: projection.name.clone(),
        what: what.to_owned(),
    };
    let Rules { weight, delay, tag } = &plasticity.rules;
    if delay.is_some() {
        return Err(unsupported("a rule for delays"));
    }
    if tag.is_some() {
        return Err(unsupported("a rule for tags"));
    }
    if plasticity.period != LearningPeriod::ONE {
        return Err(unsupported(&format!("a learning period of {}", plasticity.period.get())));
    }
    if plasticity.reward.is_some_and(|reward| !reward.trace.is_flash()) {
        return Err(unsupported("a reward trace that outlives its step"));
    }
    weight.as_ref().ok_or_else(|| unsupported("no rule for weights"))
}

#[derive(Clone, Debug)]
pub(super) struct Learning {
    pub(super) source: usize,
    /// Change of weight by [reward given][x0][y0].
    pub(super) change: [[[i32; 2]; 2]; 2],
    pub(super) min: i32,
    pub(super) max: i32,
    pub(super) reward: Option<usize>,
    pub(super) phases: Option<PhaseSet>,
}

impl Learning {
    pub(super) fn new(projection: &Projection, plasticity: &Plasticity) -> Result<Self, LifError> {
        let rule = only_rule(projection, plasticity)?;
        let impulse = plasticity.reward.map_or(0, |reward| i64::from(reward.trace.impulse.whole()));
        let mut change = [[[0; 2]; 2]; 2];
        for (given, by_pre) in change.iter_mut().enumerate() {
            for (x0, by_post) in by_pre.iter_mut().enumerate() {
                for (y0, change) in by_post.iter_mut().enumerate() {
                    let reward = (given == 1).then_some(impulse);
                    let asked = evaluate(rule, x0 == 1, y0 == 1, reward).map_err(|term| {
                        let projection = projection.name.clone();
                        LifError::Term { projection, rule: rule.to_string(), term }
                    })?;
                    let step = i64::from(plasticity.range.step) * 128;
                    if asked % step != 0 {
                        return Err(LifError::Fraction {
                            projection: projection.name.clone(),
                            rule: rule.to_string(),
                            change: asked,
                            step: plasticity.range.step,
                        });
                    }
                    // A change far beyond the range saturates like one just beyond it.
                    *change = i32::try_from((asked / 128).clamp(-65_536, 65_536)).unwrap_or(0);
                }
            }
        }
        Ok(Self {
            source: projection.source.index(),
            change,
            min: i32::from(plasticity.range.min),
            max: i32::from(plasticity.range.max),
            reward: plasticity.reward.map(|reward| reward.source.index()),
            phases: plasticity.phases,
        })
    }
}

/// The change a rule asks for, in 1/128 of a weight unit, exactly; the name of a term it may not use.
/// `reward` is the impulse of the reward channel in a step in which it is driven.
pub(super) fn evaluate(
    rule: &Rule,
    x0: bool,
    y0: bool,
    reward: Option<i64>,
) -> Result<i64, String> {
    let mut change: i64 = 0;
    for product in rule.products() {
        let mut value = match product.gate() {
            Dependency::X0 => i64::from(x0),
            Dependency::Y0 => i64::from(y0),
            Dependency::U(k) => return Err(format!("u{k}")),
        };
        for factor in product.factors() {
            let factor = match *factor {
                Factor::X0 => i64::from(x0),
                Factor::Y0 => i64::from(y0),
                Factor::Sum { variable: Variable::R1, constant } => {
                    reward.unwrap_or(0) + i64::from(constant)
                }
                Factor::Sum { variable: Variable::R0, constant } => {
                    i64::from(reward.is_some()) + i64::from(constant)
                }
                Factor::Sum { variable, .. } | Factor::Sign { variable, .. } => {
                    return Err(format!("{variable:?}").to_lowercase());
                }
            };
            value = value.saturating_mul(factor);
        }
        // Exponents are -7 to 8, so that a product is always a whole number of 1/128.
        let scale = i64::from(product.mantissa()) << (i32::from(product.exponent()) + 7);
        change = change.saturating_add(value.saturating_mul(scale));
    }
    Ok(change)
}
