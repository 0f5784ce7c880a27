//! Why a text is not a learning rule: where, what was found there and what is allowed there.

use std::fmt;

use super::{Dependency, Rule};

/// Why a text is not usable as a learning rule.
///
/// Offsets count bytes from the start of the text, and lie on a character of it or at its end;
/// the column of a message is the offset plus one. Products are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say where, what was found and what was expected")]
#[non_exhaustive]
pub enum RuleError {
    /// A symbol stands where the grammar has no place for it.
    #[error("learning rule, column {}: found {found}, expected {expected}", .offset + 1)]
    Unexpected { offset: usize, found: Found, expected: Expected },

    /// A product has none of `x0`, `y0`, `u0` to `u9`, so nothing says when it applies.
    #[error(
        "learning rule, column {}: product {product}, {text}, has no spike factor, \
         expected one of x0, y0, u0 to u9 to gate it",
        .offset + 1
    )]
    NoDependency { offset: usize, product: usize, text: Found },

    /// Two `u_k` of a rule have different k.
    #[error(
        "learning rule, column {}: found u{found} after u{first}, \
         expected all u_k of a rule to have the same k",
        .offset + 1
    )]
    UnequalU { offset: usize, first: u8, found: u8 },

    /// A `u_k` follows another dependency in its product, where it could only be a factor.
    #[error(
        "learning rule, column {}: found u{found} after the gate {gate} of product {product}, \
         expected u_k to be the first of x0, y0 and u_k, as it can only be a gate",
        .offset + 1
    )]
    UAsFactor { offset: usize, product: usize, gate: Dependency, found: u8 },

    /// The literals of a product do not reduce to a signed 4-bit mantissa.
    #[error(
        "learning rule, column {}: mantissa of product {product} reduces to {found}, \
         expected -8 to 7",
        .offset + 1
    )]
    Mantissa { offset: usize, product: usize, found: i64 },

    /// The literals of a product do not reduce to an exponent the chip has.
    #[error(
        "learning rule, column {}: exponent of product {product} reduces to {found}, \
         expected -7 to 8",
        .offset + 1
    )]
    Exponent { offset: usize, product: usize, found: i64 },

    /// The constant added to a variable, once the variable is positive, is not 8-bit signed.
    #[error(
        "learning rule, column {}: constant beside the positive variable is {found}, \
         expected -128 to 127",
        .offset + 1
    )]
    Constant { offset: usize, found: i64 },

    /// The constant added to a variable is not a whole number.
    #[error(
        "learning rule, column {}: constant is {integer}*2^{exponent}, expected a whole number",
        .offset + 1
    )]
    FractionalConstant { offset: usize, integer: i64, exponent: i64 },

    /// A number, an exponent, or the product of the literals so far, takes more than 63 bits.
    #[error(
        "learning rule, column {}: found {found}, expected numbers whose product is below 2^63",
        .offset + 1
    )]
    Overflow { offset: usize, found: Found },

    /// The text is longer than any rule needs. The offset is where the excess begins.
    #[error("learning rule: text is {found} bytes long, expected at most {}", Rule::MAX_TEXT_LEN)]
    TextLength { offset: usize, found: usize },

    /// There is one more product than a rule may have. The offset is where it begins.
    #[error(
        "learning rule, column {}: found product {}, expected at most {}",
        .offset + 1, Rule::MAX_PRODUCTS + 1, Rule::MAX_PRODUCTS
    )]
    TooManyProducts { offset: usize },

    /// There is one more factor than a product may have. The offset is where it begins.
    #[error(
        "learning rule, column {}: found factor {} of product {product} besides its gate \
         and literals, expected at most {}",
        .offset + 1, Rule::MAX_FACTORS + 1, Rule::MAX_FACTORS
    )]
    TooManyFactors { offset: usize, product: usize },
}

impl RuleError {
    /// Where in the text the trouble begins, in bytes: at a character, or at the end of the text.
    #[must_use]
    pub const fn offset(&self) -> usize {
        match *self {
            RuleError::Unexpected { offset, .. }
            | RuleError::NoDependency { offset, .. }
            | RuleError::UnequalU { offset, .. }
            | RuleError::UAsFactor { offset, .. }
            | RuleError::Mantissa { offset, .. }
            | RuleError::Exponent { offset, .. }
            | RuleError::Constant { offset, .. }
            | RuleError::FractionalConstant { offset, .. }
            | RuleError::Overflow { offset, .. }
            | RuleError::TextLength { offset, .. }
            | RuleError::TooManyProducts { offset }
            | RuleError::TooManyFactors { offset, .. } => offset,
        }
    }
}

/// A piece of the text as an error quotes it, or the end of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The end of the text.
    End,
    /// A piece of the text, cut after 40 characters.
    Text(String),
}

impl Found {
    const MAX_CHARS: usize = 40;

    /// Quotes `text`; an empty one is the end of the text.
    pub(super) fn new(text: &str) -> Found {
        if text.is_empty() {
            return Found::End;
        }
        let mut quoted: String = text.chars().take(Found::MAX_CHARS).collect();
        if quoted.len() < text.len() {
            quoted.push_str("...");
        }
        Found::Text(quoted)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::End => f.write_str("the end of the text"),
            // Escaped, because a text from a file may hold characters that move the cursor.
            Found::Text(text) => write!(f, "`{}`", text.escape_debug()),
        }
    }
}

/// What the grammar allows at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// The first factor of the rule, or the sign before it.
    SignOrFactor,
    /// A factor.
    Factor,
    /// What may follow a complete factor.
    AfterFactor,
    /// The integer after `2^` and its optional sign.
    Exponent,
    /// The opening parenthesis of `sgn`.
    Open,
    /// The closing parenthesis of a sum or of `sgn`.
    Close,
    /// A variable or a literal, the first of a sum, optionally after a sign.
    Term,
    /// The sign between variable and literal.
    Sign,
    /// What may follow the variable under `sgn`: a sign, or the closing parenthesis.
    SignOrClose,
    /// The literal that completes a sum.
    Literal,
    /// A power of two after `*`: the constant of a sum has no other product.
    Power,
    /// The variable that completes a sum.
    Variable,
    /// A variable or a literal, the first under `sgn`.
    SynapticTerm,
    /// The variable under `sgn`.
    Synaptic,
    /// A plus: the variable under `sgn` cannot be subtracted.
    Plus,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Expected::SignOrFactor => {
                "a sign or a factor: a whole number, 2^k, x0, y0, u0 to u9, x1, x2, y1, y2, y3, \
                 r0, r1, w, d, t, `(` or `sgn(`"
            }
            Expected::Factor => {
                "a factor: a whole number, 2^k, x0, y0, u0 to u9, x1, x2, y1, y2, y3, r0, r1, \
                 w, d, t, `(` or `sgn(`"
            }
            Expected::AfterFactor => "`*`, `+`, `-` or the end of the rule",
            Expected::Exponent => "the exponent of 2: a whole number, with or without a sign",
            Expected::Open => "`(` after sgn",
            Expected::Close => "`)`",
            Expected::Term => {
                "a sum of one variable and one whole number: x1, x2, y1, y2, y3, r0, r1, w, d, t, \
                 a whole number or 2^k"
            }
            Expected::Sign => "`+` or `-`, as parentheses hold one variable and one whole number",
            Expected::SignOrClose => "`+`, `-` or `)`",
            Expected::Literal => "a whole number or 2^k, to be added to the variable",
            Expected::Power => {
                "2^k, as parentheses hold one variable plus or minus a constant, and no other \
                 product"
            }
            Expected::Variable => "a variable: x1, x2, y1, y2, y3, r0, r1, w, d or t",
            Expected::SynapticTerm => "w, d or t under sgn, with or without a whole number",
            Expected::Synaptic => "w, d or t under sgn",
            Expected::Plus => "`+`, as the variable under sgn is positive",
        })
    }
}
