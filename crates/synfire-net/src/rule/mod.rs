//! The learning rule of a projection, as data: a sum of products.
//!
//! A rule adds to its target (a weight, a delay or a tag) whenever learning takes place
//!
//! ```text
//! sum over products:  gate * mantissa * 2^exponent * factor * factor * ...
//! ```
//!
//! A product contributes only in steps where its gate is 1: a presynaptic spike (`x0`), a
//! postsynaptic spike (`y0`) or a turn of the learning period (`u0` to `u9`). Its factors are
//! traces, reward, weight, delay or tag, each with an integer constant added, or signs of such.
//!
//! Here are the types and what one may ask of them; the text form is read by `parse`, written by
//! `print`, and its literals are brought to mantissa and exponent by `reduce`. Nothing here runs a
//! rule: how wide a trace is, and where a product saturates, is the business of an engine.
//! A rule belongs to one target; [`Rules`] holds those of a projection, which share the `k` of their
//! `u_k`.
//!
//! Form and grammar follow Loihi's learning rules as Lava writes them, except that texts which
//! Lava reads silently as something else are refused.

mod error;
mod parse;
mod print;
mod reduce;
#[cfg(feature = "proptest")]
mod strategy;
mod targets;

use std::collections::BTreeSet;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use error::{Expected, Found, RuleError};
use reduce::Scale;
#[cfg(feature = "proptest")]
pub use strategy::strategy;
#[cfg(feature = "proptest")]
pub(crate) use strategy::strategy_of;
pub use targets::{Rules, Target};

/// What switches a product on. It is 0 or 1, and with 0 the product contributes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dependency {
    /// `x0`: the presynaptic neuron spikes in this step.
    X0,
    /// `y0`: the postsynaptic neuron spikes in this step.
    Y0,
    /// `u_k`: 1 in every 2^k-th learning period, with k in 0..=9.
    U(u8),
}

/// A value that a factor reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    /// First presynaptic trace.
    X1,
    /// Second presynaptic trace.
    X2,
    /// First postsynaptic trace.
    Y1,
    /// Second postsynaptic trace.
    Y2,
    /// Third postsynaptic trace.
    Y3,
    /// Reward spike.
    R0,
    /// Reward trace.
    R1,
    /// Weight mantissa.
    W,
    /// Synaptic delay.
    D,
    /// Synaptic tag.
    T,
}

impl Variable {
    /// Every variable, in the order of the grammar.
    pub const ALL: [Variable; 10] = [
        Variable::X1,
        Variable::X2,
        Variable::Y1,
        Variable::Y2,
        Variable::Y3,
        Variable::R0,
        Variable::R1,
        Variable::W,
        Variable::D,
        Variable::T,
    ];

    /// Whether `sgn(...)` may read it: the weight, the delay and the tag.
    #[must_use]
    pub const fn is_synaptic(self) -> bool {
        matches!(self, Variable::W | Variable::D | Variable::T)
    }
}

/// One factor of a product, besides its gate and its scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Factor {
    /// The presynaptic spike flag, as a factor beside another gate.
    X0,
    /// The postsynaptic spike flag, as a factor beside another gate.
    Y0,
    /// `variable + constant`; a bare variable has the constant 0.
    Sum {
        /// What is read.
        variable: Variable,
        /// What is added to it.
        constant: i8,
    },
    /// The sign, -1, 0 or 1, of `variable + constant`. The variable is `w`, `d` or `t`.
    Sign {
        /// What is read.
        variable: Variable,
        /// What is added to it.
        constant: i8,
    },
}

impl Factor {
    /// The variable it reads; a spike flag reads none.
    #[must_use]
    pub const fn variable(self) -> Option<Variable> {
        match self {
            Factor::X0 | Factor::Y0 => None,
            Factor::Sum { variable, .. } | Factor::Sign { variable, .. } => Some(variable),
        }
    }
}

/// One product of a [`Rule`]: `gate * mantissa * 2^exponent * factors`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Product {
    gate: Dependency,
    scale: Scale,
    factors: Vec<Factor>,
}

impl Product {
    /// What switches the product on: the first dependency in its text.
    #[must_use]
    pub const fn gate(&self) -> Dependency {
        self.gate
    }

    /// Mantissa of the scale, in -8..=7, with all signs of the product in it.
    ///
    /// Zero is allowed. -8 occurs only with the exponent 8, because `-8 * 2^k` is reduced to
    /// `-4 * 2^(k+1)` where there is room.
    #[must_use]
    pub const fn mantissa(&self) -> i8 {
        self.scale.mantissa()
    }

    /// Exponent of the scale, a power of two, in -7..=8.
    #[must_use]
    pub const fn exponent(&self) -> i8 {
        self.scale.exponent()
    }

    /// The other factors in the order of the text, at most [`Rule::MAX_FACTORS`].
    #[must_use]
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }
}

/// A learning rule for one target, with at least one product.
///
/// ```
/// use synfire_net::rule::{Dependency, Factor, Rule, Variable};
///
/// let rule: Rule = "2^-2*x1*y0 - 2*x0*(y1 - 64)".parse()?;
/// let [ltp, ltd] = rule.products() else { unreachable!("two products were written") };
/// assert_eq!((ltp.gate(), ltp.mantissa(), ltp.exponent()), (Dependency::Y0, 1, -2));
/// assert_eq!(ltd.factors(), [Factor::Sum { variable: Variable::Y1, constant: -64 }]);
/// assert_eq!(rule.to_string(), "2^-2*y0*x1 - 2*x0*(y1-64)");
///
/// let refused = Rule::parse("x1*y1").unwrap_err();
/// assert_eq!(
///     refused.to_string(),
///     "learning rule, column 1: product 1, `x1*y1`, has no spike factor, expected \
///      one of x0, y0, u0 to u9 to gate it"
/// );
/// # Ok::<(), synfire_net::rule::RuleError>(())
/// ```
///
/// Serialised, a rule is its text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rule {
    products: Vec<Product>,
}

impl Rule {
    /// Longest text accepted, in bytes. Every product and factor that fits the other two limits
    /// prints to fewer.
    pub const MAX_TEXT_LEN: usize = 32_768;

    /// Most products of a rule.
    pub const MAX_PRODUCTS: usize = 256;

    /// Most factors of a product besides gate and literals.
    ///
    /// Six of the widest kind, nine bits and a sign, times a mantissa stay below 2^58: an engine
    /// multiplies them in 64 bits without a check.
    pub const MAX_FACTORS: usize = 6;

    /// Reads a rule from its text.
    ///
    /// ```text
    /// rule    := [sign] product { sign product }
    /// product := factor { "*" factor }
    /// factor  := literal | dep | var | "(" pair ")" | "sgn(" ( pair | w | d | t ) ")"
    /// pair    := [sign] var sign literal | [sign] literal sign var
    /// literal := int | "2^" [sign] int | int "*2^" [sign] int
    /// dep     := x0 | y0 | u0 .. u9
    /// var     := x1 | x2 | y1 | y2 | y3 | r0 | r1 | w | d | t
    /// ```
    ///
    /// White space may stand between any two symbols, though not within a name or a number.
    /// The first dependency of a product becomes its gate; further `x0` and `y0` become
    /// factors, while `u_k` can only be a gate. Under `sgn` the variable is `w`, `d` or `t`, and
    /// positive. The literals of a product are multiplied; while the mantissa is even and of
    /// magnitude above 7 it is halved and the exponent, unless it is 8, goes up.
    ///
    /// # Errors
    ///
    /// [`RuleError`], with the place in `text`, for a text outside this grammar; for a product
    /// without dependency; for `u_k` with different k; for a mantissa outside -8..=7, an exponent
    /// outside -7..=8 or an added constant outside -128..=127; and above the limits of length,
    /// products and factors.
    pub fn parse(text: &str) -> Result<Rule, RuleError> {
        parse::parse(text)
    }

    /// The products, in the order of the text.
    #[must_use]
    pub fn products(&self) -> &[Product] {
        &self.products
    }

    /// The distinct gates of its products: at most three, as all `u_k` have the same k.
    #[must_use]
    pub fn gates(&self) -> BTreeSet<Dependency> {
        self.products.iter().map(Product::gate).collect()
    }

    /// The k of the `u_k` in the rule, in 0..=9, or `None` if none of its gates is a `u_k`.
    #[must_use]
    pub fn u_exponent(&self) -> Option<u8> {
        self.products.iter().find_map(|product| match product.gate {
            Dependency::U(k) => Some(k),
            Dependency::X0 | Dependency::Y0 => None,
        })
    }

    /// Whether some factor reads `variable`, within a sum or a sign or bare.
    ///
    /// A factor counts even if the mantissa of its product is 0.
    #[must_use]
    pub fn reads(&self, variable: Variable) -> bool {
        self.products
            .iter()
            .flat_map(|product| &product.factors)
            .any(|factor| factor.variable() == Some(variable))
    }

    /// Whether the rule reads `r0` or `r1`, so that its projection needs a source of reward.
    #[must_use]
    pub fn needs_reward(&self) -> bool {
        self.reads(Variable::R0) || self.reads(Variable::R1)
    }
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Rule, RuleError> {
        Rule::parse(text)
    }
}

impl TryFrom<String> for Rule {
    type Error = RuleError;

    fn try_from(text: String) -> Result<Rule, RuleError> {
        Rule::parse(&text)
    }
}

impl From<Rule> for String {
    fn from(rule: Rule) -> String {
        rule.to_string()
    }
}
