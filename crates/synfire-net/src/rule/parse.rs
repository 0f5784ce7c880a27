//! Reads a rule from its text, in one pass from left to right.
//!
//! 1. The tokeniser cuts names, numbers and single characters, so that `u10` is one unknown name
//!    and not `u1` followed by a number.
//! 2. The parser takes one token at a time and never goes back; the grammar nests one level deep,
//!    so nothing recurses. It stops at the first fault.
//!
//! Everything before the fault has then been accepted and is ASCII: bytes and columns agree.

use super::error::{Expected, Found, RuleError};
use super::reduce::Literals;
use super::{Dependency, Factor, Product, Rule, Variable};

pub(super) fn parse(text: &str) -> Result<Rule, RuleError> {
    if text.len() > Rule::MAX_TEXT_LEN {
        let boundary = (0..=Rule::MAX_TEXT_LEN).rev().find(|&offset| text.is_char_boundary(offset));
        return Err(RuleError::TextLength { offset: boundary.unwrap_or(0), found: text.len() });
    }
    let mut parser = Parser::new(text);
    let mut products = Vec::new();
    let (mut sign, mut first_factor) = match parser.sign() {
        Some(sign) => (sign, Expected::Factor),
        None => (Sign::Plus, Expected::SignOrFactor),
    };
    loop {
        if products.len() == Rule::MAX_PRODUCTS {
            return Err(RuleError::TooManyProducts { offset: parser.token.offset });
        }
        products.push(parser.product(products.len() + 1, sign, first_factor)?);
        if parser.token.kind == Kind::End {
            return Ok(Rule { products });
        }
        sign = parser.sign().ok_or_else(|| parser.unexpected(Expected::AfterFactor))?;
        first_factor = Expected::Factor;
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Plus,
    Minus,
}

/// What a pair of parentheses belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parentheses {
    /// `(V + C)`: any variable, either sign, and the constant is mandatory.
    Sum,
    /// `sgn(V + C)`: `w`, `d` or `t`, positive, and the constant is optional.
    Sgn,
}

/// The contents of parentheses, `sign * (variable + constant)`.
struct Pair {
    sign: Sign,
    variable: Variable,
    constant: i8,
}

/// A number of the text, `integer * 2^exponent`, not negative.
struct Literal<'a> {
    offset: usize,
    text: &'a str,
    integer: i64,
    exponent: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Number,
    Character,
    End,
}

#[derive(Clone, Copy)]
struct Token<'a> {
    kind: Kind,
    offset: usize,
    text: &'a str,
}

impl Token<'_> {
    const fn end(&self) -> usize {
        self.offset + self.text.len()
    }
}

/// The first token of `text` at or after byte `from`, which is on a character.
fn token_after(text: &str, from: usize) -> Token<'_> {
    let rest = text[from..].trim_ascii_start();
    let offset = text.len() - rest.len();
    let (kind, len) = match rest.chars().next() {
        None => (Kind::End, 0),
        Some(first) if first.is_ascii_digit() => {
            (Kind::Number, rest.bytes().take_while(u8::is_ascii_digit).count())
        }
        Some(first) if first.is_ascii_alphabetic() => {
            let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
            (Kind::Name, rest.bytes().take_while(in_name).count())
        }
        Some(first) => (Kind::Character, first.len_utf8()),
    };
    Token { kind, offset, text: &rest[..len] }
}

fn dependency(name: &str) -> Option<Dependency> {
    match name.as_bytes() {
        b"x0" => Some(Dependency::X0),
        b"y0" => Some(Dependency::Y0),
        [b'u', digit @ b'0'..=b'9'] => Some(Dependency::U(digit - b'0')),
        _ => None,
    }
}

fn variable(name: &str) -> Option<Variable> {
    match name {
        "x1" => Some(Variable::X1),
        "x2" => Some(Variable::X2),
        "y1" => Some(Variable::Y1),
        "y2" => Some(Variable::Y2),
        "y3" => Some(Variable::Y3),
        "r0" => Some(Variable::R0),
        "r1" => Some(Variable::R1),
        "w" => Some(Variable::W),
        "d" => Some(Variable::D),
        "t" => Some(Variable::T),
        _ => None,
    }
}

struct Parser<'a> {
    text: &'a str,
    /// The token to be taken next.
    token: Token<'a>,
    /// End of the token taken last, where the quotation of a product stops.
    taken_to: usize,
    /// The k of the first `u_k` of the rule.
    u_exponent: Option<u8>,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Parser<'a> {
        Parser { text, token: token_after(text, 0), taken_to: 0, u_exponent: None }
    }

    fn take(&mut self) -> Token<'a> {
        let taken = self.token;
        self.taken_to = taken.end();
        self.token = token_after(self.text, self.taken_to);
        taken
    }

    fn at(&self, character: &str) -> bool {
        self.token.kind == Kind::Character && self.token.text == character
    }

    fn take_if(&mut self, character: &str) -> bool {
        let found = self.at(character);
        if found {
            self.take();
        }
        found
    }

    fn require(&mut self, character: &str, expected: Expected) -> Result<(), RuleError> {
        if self.take_if(character) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    fn unexpected(&self, expected: Expected) -> RuleError {
        let found = Found::new(self.token.text);
        RuleError::Unexpected { offset: self.token.offset, found, expected }
    }

    fn sign(&mut self) -> Option<Sign> {
        if self.take_if("+") {
            Some(Sign::Plus)
        } else if self.take_if("-") {
            Some(Sign::Minus)
        } else {
            None
        }
    }

    /// Reads the `product`-th product of the rule, counted from 1, after its sign.
    fn product(
        &mut self,
        product: usize,
        sign: Sign,
        mut expected: Expected,
    ) -> Result<Product, RuleError> {
        let offset = self.token.offset;
        let mut literals = Literals::new(sign == Sign::Minus);
        let mut gate = None;
        let mut factors = Vec::new();
        loop {
            let factor_offset = self.token.offset;
            let factor = if self.token.kind == Kind::Number {
                let literal = self.literal()?;
                literals.multiply(literal.integer, literal.exponent).ok_or_else(|| {
                    RuleError::Overflow { offset: literal.offset, found: Found::new(literal.text) }
                })?;
                None
            } else if let Some(dependency) = self.dependency() {
                self.check_u(dependency, product, gate, factor_offset)?;
                match (gate, dependency) {
                    (None, _) => {
                        gate = Some(dependency);
                        None
                    }
                    (Some(_), Dependency::X0) => Some(Factor::X0),
                    (Some(_), Dependency::Y0) => Some(Factor::Y0),
                    (Some(_), Dependency::U(_)) => unreachable!("check_u refused it"),
                }
            } else if let Some(variable) = self.variable() {
                Some(Factor::Sum { variable, constant: 0 })
            } else if self.take_if("(") {
                let Pair { sign, variable, constant } = self.pair(Parentheses::Sum)?;
                if sign == Sign::Minus {
                    literals.negate();
                }
                Some(Factor::Sum { variable, constant })
            } else if self.token.kind == Kind::Name && self.token.text == "sgn" {
                self.take();
                self.require("(", Expected::Open)?;
                let Pair { variable, constant, .. } = self.pair(Parentheses::Sgn)?;
                Some(Factor::Sign { variable, constant })
            } else {
                return Err(self.unexpected(expected));
            };
            if let Some(factor) = factor {
                if factors.len() == Rule::MAX_FACTORS {
                    return Err(RuleError::TooManyFactors { offset: factor_offset, product });
                }
                factors.push(factor);
            }
            expected = Expected::Factor;
            if !self.take_if("*") {
                break;
            }
        }
        // `x1 y0` lacks a `*`, not a gate: the faults of the whole product wait for its end.
        if self.token.kind != Kind::End && !self.at("+") && !self.at("-") {
            return Err(self.unexpected(Expected::AfterFactor));
        }
        let Some(gate) = gate else {
            let text = Found::new(&self.text[offset..self.taken_to]);
            return Err(RuleError::NoDependency { offset, product, text });
        };
        Ok(Product { gate, scale: literals.reduce(offset, product)?, factors })
    }

    /// Takes a dependency, if one is next.
    fn dependency(&mut self) -> Option<Dependency> {
        let found = dependency(self.token.text)?;
        self.take();
        Some(found)
    }

    /// Takes a variable, if one is next.
    fn variable(&mut self) -> Option<Variable> {
        let found = variable(self.token.text)?;
        self.take();
        Some(found)
    }

    /// Refuses a `u_k` that is not a gate, or that differs from an earlier one.
    fn check_u(
        &mut self,
        dependency: Dependency,
        product: usize,
        gate: Option<Dependency>,
        offset: usize,
    ) -> Result<(), RuleError> {
        let Dependency::U(found) = dependency else { return Ok(()) };
        if let Some(gate) = gate {
            return Err(RuleError::UAsFactor { offset, product, gate, found });
        }
        match self.u_exponent.replace(found) {
            Some(first) if first != found => Err(RuleError::UnequalU { offset, first, found }),
            _ => Ok(()),
        }
    }

    /// Reads `int` or `2^k`, where a number is next.
    fn literal(&mut self) -> Result<Literal<'a>, RuleError> {
        let token = self.take();
        let integer = integer(token)?;
        if integer != 2 || !self.take_if("^") {
            return Ok(Literal { offset: token.offset, text: token.text, integer, exponent: 0 });
        }
        let sign = self.sign();
        if self.token.kind != Kind::Number {
            return Err(self.unexpected(Expected::Exponent));
        }
        let magnitude = self::integer(self.take())?;
        Ok(Literal {
            offset: token.offset,
            text: &self.text[token.offset..self.taken_to],
            integer: 1,
            exponent: if sign == Some(Sign::Minus) { -magnitude } else { magnitude },
        })
    }

    /// Reads the constant of a pair, `int`, `2^k` or `int * 2^k`, where a number is next.
    fn constant(&mut self) -> Result<Literal<'a>, RuleError> {
        let mut literal = self.literal()?;
        if !self.at("*") {
            return Ok(literal);
        }
        // `2^k` has been recognised and takes no further `*`; only an integer does.
        if literal.text.contains('^') {
            return Ok(literal);
        }
        self.take();
        let offset = self.token.offset;
        if self.token.kind != Kind::Number {
            return Err(self.unexpected(Expected::Power));
        }
        let power = self.literal()?;
        if !power.text.contains('^') {
            let found = Found::new(power.text);
            return Err(RuleError::Unexpected { offset, found, expected: Expected::Power });
        }
        literal.exponent = power.exponent;
        literal.text = &self.text[literal.offset..self.taken_to];
        Ok(literal)
    }

    /// Reads the inside of parentheses and the closing one.
    fn pair(&mut self, parentheses: Parentheses) -> Result<Pair, RuleError> {
        let sgn = parentheses == Parentheses::Sgn;
        let (first, second) = if sgn {
            (Expected::SynapticTerm, Expected::Synaptic)
        } else {
            (Expected::Term, Expected::Variable)
        };
        let sign_offset = self.token.offset;
        let leading = self.sign();
        if self.token.kind == Kind::Number {
            let literal = self.constant()?;
            let between_offset = self.token.offset;
            let between = self.sign().ok_or_else(|| self.unexpected(Expected::Sign))?;
            if sgn && between == Sign::Minus {
                return Err(subtracted(between_offset));
            }
            let variable = self.pair_variable(parentheses, second)?;
            self.require(")", Expected::Close)?;
            return pair(between, variable, leading.unwrap_or(Sign::Plus), &literal);
        }
        let variable = self.pair_variable(parentheses, first)?;
        if sgn && leading == Some(Sign::Minus) {
            return Err(subtracted(sign_offset));
        }
        let alone = sgn && leading.is_none();
        if alone && self.take_if(")") {
            return Ok(Pair { sign: Sign::Plus, variable, constant: 0 });
        }
        let expected = if alone { Expected::SignOrClose } else { Expected::Sign };
        let between = self.sign().ok_or_else(|| self.unexpected(expected))?;
        if self.token.kind != Kind::Number {
            return Err(self.unexpected(Expected::Literal));
        }
        let literal = self.constant()?;
        self.require(")", Expected::Close)?;
        pair(leading.unwrap_or(Sign::Plus), variable, between, &literal)
    }

    /// Takes the variable of a pair; `expected` is what is missing otherwise.
    fn pair_variable(
        &mut self,
        parentheses: Parentheses,
        expected: Expected,
    ) -> Result<Variable, RuleError> {
        let allowed =
            |variable: &Variable| parentheses == Parentheses::Sum || variable.is_synaptic();
        let found = variable(self.token.text).filter(allowed);
        let variable = found.ok_or_else(|| self.unexpected(expected))?;
        self.take();
        Ok(variable)
    }
}

/// The value of a number token, or an overflow beyond 63 bits.
fn integer(token: Token<'_>) -> Result<i64, RuleError> {
    // The token is all digits, so that only its size can be at fault.
    token
        .text
        .parse()
        .map_err(|_| RuleError::Overflow { offset: token.offset, found: Found::new(token.text) })
}

fn subtracted(offset: usize) -> RuleError {
    RuleError::Unexpected { offset, found: Found::new("-"), expected: Expected::Plus }
}

/// Brings `sign variable, literal_sign literal` to the form with a positive variable.
fn pair(
    sign: Sign,
    variable: Variable,
    literal_sign: Sign,
    literal: &Literal<'_>,
) -> Result<Pair, RuleError> {
    let &Literal { offset, text, integer, exponent } = literal;
    // -V + C = -(V - C): turning the variable turns the constant.
    let magnitude = if integer == 0 {
        0
    } else if exponent >= 0 {
        u32::try_from(exponent)
            .ok()
            .filter(|&shift| shift < integer.leading_zeros())
            .map(|shift| integer << shift)
            .ok_or_else(|| RuleError::Overflow { offset, found: Found::new(text) })?
    } else {
        u32::try_from(-exponent)
            .ok()
            .filter(|&shift| shift <= integer.trailing_zeros())
            .map(|shift| integer >> shift)
            .ok_or(RuleError::FractionalConstant { offset, integer, exponent })?
    };
    let found = if sign == literal_sign { magnitude } else { -magnitude };
    let constant = i8::try_from(found).map_err(|_| RuleError::Constant { offset, found })?;
    Ok(Pair { sign, variable, constant })
}
