//! The learning rule through its public face: vectors, refusals with their place and message,
//! limits, and laws over generated rules and hostile texts.
//!
//! The vectors are what Lava 0.10 makes of the same texts: gate, mantissa, exponent, other factors.
//! The refused texts are those Lava refuses, and those it reads silently as something else.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use synfire_net::rule::{Dependency, Expected, Factor, Found, Rule, RuleError, Variable, strategy};

use Dependency::U;

const X0: Dependency = Dependency::X0;
const Y0: Dependency = Dependency::Y0;

const fn bare(variable: Variable) -> Factor {
    sum(variable, 0)
}

const fn sum(variable: Variable, constant: i8) -> Factor {
    Factor::Sum { variable, constant }
}

const fn sign(variable: Variable, constant: i8) -> Factor {
    Factor::Sign { variable, constant }
}

#[track_caller]
fn assert_products(text: &str, expected: &[(Dependency, i8, i8, &[Factor])]) {
    let rule = Rule::parse(text).unwrap();
    let products: Vec<_> = rule
        .products()
        .iter()
        .map(|product| (product.gate(), product.mantissa(), product.exponent(), product.factors()))
        .collect();
    assert_eq!(products, expected, "{text}");
}

#[test]
fn products_keep_gate_scale_and_factors_in_text_order() {
    let y1 = bare(Variable::Y1);
    assert_products(
        "2^-2*x1*y0 - 2*x0*y0",
        &[(Y0, 1, -2, &[bare(Variable::X1)]), (X0, -2, 0, &[Factor::Y0])],
    );
    assert_products(
        "y0*x0*y1*4 - y0*x0*2",
        &[(Y0, 4, 0, &[Factor::X0, y1]), (Y0, -2, 0, &[Factor::X0])],
    );
    assert_products("x0*(y1-64)", &[(X0, 1, 0, &[sum(Variable::Y1, -64)])]);
    assert_products("x0*(4-y1)", &[(X0, -1, 0, &[sum(Variable::Y1, -4)])]);
}

#[test]
fn scales_reduce_as_in_lava() {
    for (text, mantissa, exponent) in [
        ("4*x0", 4, 0),
        ("8*x0", 4, 1),
        ("16*x0", 4, 2),
        ("56*x0", 7, 3),
        ("128*x0", 4, 5),
        ("3*2^2*x0", 3, 2),
        ("2*x0*3", 6, 0),
        ("-8*x0", -4, 1),
        ("0*x0", 0, 0),
        ("-0*x0", 0, 0),
        ("-8*2^8*x0", -8, 8),
        ("7*2^8*x0", 7, 8),
        ("2^-7*x0", 1, -7),
        ("16*2^-9*x0", 4, -7),
        ("2^4*x0*2^-8", 1, -4),
        ("+ x0", 1, 0),
        ("-x0", -1, 0),
    ] {
        assert_products(text, &[(X0, mantissa, exponent, &[])]);
    }
}

/// Every `n*2^k` near the limits is accepted exactly when the chip can hold its value, with two exceptions that
/// are Lava's: a number of at most 7 stays as it is written, and a larger one is halved no further than to 7.
#[test]
fn scales_are_accepted_exactly_when_they_can_be_held() {
    // In units of 2^-20, so that all of them are whole.
    let value = |mantissa: i64, exponent: i64| mantissa << (exponent + 20);
    let held: BTreeSet<i64> =
        (-8..=7).flat_map(|m| (-7..=8).map(move |e| (m, e))).map(|(m, e)| value(m, e)).collect();
    let mut n_accepted = 0;
    for number in -512..=512_i64 {
        for exponent in -9..=9_i64 {
            // What a person would do: halve what is too large while it is even.
            let [mut left, mut power] = [number, exponent];
            while !(-7..=7).contains(&left) && left % 2 == 0 && power < 8 {
                [left, power] = [left / 2, power + 1];
            }
            let is_exception = (-7..=7).contains(&left) && !(-7..=8).contains(&power);
            let expected = held.contains(&value(number, exponent)) && !is_exception;
            for text in [
                format!("{number}*2^{exponent}*x0"),
                format!("{}2^{exponent}*x0*{}", if number < 0 { "-" } else { "" }, number.abs()),
            ] {
                match Rule::parse(&text) {
                    Err(error) => assert!(!expected, "{text}: {error}"),
                    Ok(rule) => {
                        assert!(expected, "{text}: {rule}");
                        let product = &rule.products()[0];
                        let found = value(product.mantissa().into(), product.exponent().into());
                        assert_eq!(found, value(number, exponent), "{text}: {rule}");
                        n_accepted += 1;
                    }
                }
            }
        }
    }
    // Both exceptions, and the only -8 that there is.
    for text in ["2*2^-8*x0", "1*2^9*x0", "0*2^9*x0", "16*2^-10*x0"] {
        assert!(matches!(Rule::parse(text), Err(RuleError::Exponent { .. })), "{text}");
    }
    assert_products("-8*2^8*x0", &[(X0, -8, 8, &[])]);
    assert_eq!(n_accepted, 2 * 957);
}

#[test]
fn every_name_of_the_grammar_is_read() {
    for variable in Variable::ALL {
        assert_products(&format!("x0*{variable}"), &[(X0, 1, 0, &[bare(variable)])]);
        assert_products(&format!("x0*({variable}+9)"), &[(X0, 1, 0, &[sum(variable, 9)])]);
        let sgn = Rule::parse(&format!("x0*sgn({variable})"));
        assert_eq!(sgn.is_ok(), variable.is_synaptic(), "{variable}");
    }
    for k in 0..=9 {
        assert_products(&format!("u{k}*x0"), &[(U(k), 1, 0, &[Factor::X0])]);
    }
}

#[test]
fn sums_take_either_order_and_signs() {
    let y1 = Variable::Y1;
    for (text, mantissa, constant) in [
        ("(y1+3)", 1, 3),
        ("(y1-3)", 1, -3),
        ("(+y1+3)", 1, 3),
        ("(-y1+3)", -1, -3),
        ("(-y1-3)", -1, 3),
        ("(3+y1)", 1, 3),
        ("(3-y1)", -1, -3),
        ("(-3+y1)", 1, -3),
        ("(-3-y1)", -1, 3),
        ("(y1+2^3)", 1, 8),
        ("(y1-3*2^2)", 1, -12),
        ("(4*2^-1 + y1)", 1, 2),
        ("(y1+0)", 1, 0),
        ("(y1+127)", 1, 127),
        ("(y1-128)", 1, -128),
        ("(128-y1)", -1, -128),
    ] {
        assert_products(&format!("x0*{text}"), &[(X0, mantissa, 0, &[sum(y1, constant)])]);
    }
    // Two turned variables cancel.
    let factors = &[sum(y1, -4), sum(Variable::X1, -4)];
    assert_products("x0*(4-y1)*(4-x1)", &[(X0, 1, 0, factors)]);
}

#[test]
fn sgn_reads_the_weight_delay_and_tag() {
    assert_products("x0*sgn(w)", &[(X0, 1, 0, &[sign(Variable::W, 0)])]);
    assert_products("x0*sgn(w - 3)", &[(X0, 1, 0, &[sign(Variable::W, -3)])]);
    assert_products(
        "x0*sgn(-2^3 + t)*w",
        &[(X0, 1, 0, &[sign(Variable::T, -8), bare(Variable::W)])],
    );
    assert_products("x0*sgn(+d+1)", &[(X0, 1, 0, &[sign(Variable::D, 1)])]);
}

#[test]
fn white_space_is_ignored_between_symbols_only() {
    let spaced = Rule::parse("\n  - 2 ^ - 3 * x0 * ( y1\t- 6 )\r\n + u1 * sgn ( w ) ").unwrap();
    assert_eq!(spaced, Rule::parse("-2^-3*x0*(y1-6)+u1*sgn(w)").unwrap());
    for text in ["x 0", "1 2*x0", "u 1*x1", "s gn(w)*x0"] {
        assert!(Rule::parse(text).is_err(), "{text}");
    }
}

/// Place, what was found there, what was expected there.
#[test]
fn a_misplaced_symbol_is_named_with_its_place() {
    for (text, offset, found, expected) in [
        ("", 0, "", Expected::SignOrFactor),
        ("  ", 2, "", Expected::SignOrFactor),
        ("*x0", 0, "*", Expected::SignOrFactor),
        ("--x0", 1, "-", Expected::Factor),
        ("x0*", 3, "", Expected::Factor),
        ("x0 +", 4, "", Expected::Factor),
        ("x0*-2", 3, "-", Expected::Factor),
        ("x0 + -y0", 5, "-", Expected::Factor),
        ("2*x0 *q", 6, "q", Expected::Factor),
        ("u10*x1", 0, "u10", Expected::SignOrFactor),
        ("x0*u10", 3, "u10", Expected::Factor),
        ("X0", 0, "X0", Expected::SignOrFactor),
        ("x0*x3", 3, "x3", Expected::Factor),
        ("x0 y0", 3, "y0", Expected::AfterFactor),
        ("x1 y1", 3, "y1", Expected::AfterFactor),
        ("2x0", 1, "x0", Expected::AfterFactor),
        ("0.5*x0", 1, ".", Expected::AfterFactor),
        ("x0/2", 2, "/", Expected::AfterFactor),
        ("3^2*x0", 1, "^", Expected::AfterFactor),
        ("x0)", 2, ")", Expected::AfterFactor),
        ("x0*\u{e9}", 3, "\u{e9}", Expected::Factor),
        ("2^*x0", 2, "*", Expected::Exponent),
        ("2^x0", 2, "x0", Expected::Exponent),
        ("2^--1*x0", 3, "-", Expected::Exponent),
        ("x0*sgn w", 7, "w", Expected::Open),
        ("x0*()", 4, ")", Expected::Term),
        ("x0*((y1+1))", 4, "(", Expected::Term),
        ("x0*(x0+1)", 4, "x0", Expected::Term),
        ("x0*(y1)", 6, ")", Expected::Sign),
        ("x0*(y1*2)", 6, "*", Expected::Sign),
        ("x0*(2^3*y1)", 7, "*", Expected::Sign),
        ("x0*(3)", 5, ")", Expected::Sign),
        ("x0*(2*y1)", 6, "y1", Expected::Power),
        ("x0*(2*3+y1)", 6, "3", Expected::Power),
        ("x0*(y1+2*3)", 9, "3", Expected::Power),
        ("x0*(y1+x1)", 7, "x1", Expected::Literal),
        ("x0*(3+4)", 6, "4", Expected::Variable),
        ("x0*(y1-64", 9, "", Expected::Close),
        ("x0*(y1-64+1)", 9, "+", Expected::Close),
        ("x0*sgn(x1)", 7, "x1", Expected::SynapticTerm),
        ("x0*sgn(1+x1)", 9, "x1", Expected::Synaptic),
        ("x0*sgn(w*2)", 8, "*", Expected::SignOrClose),
        ("x0*sgn(+w)", 9, ")", Expected::Sign),
        ("x0*sgn(-w+1)", 7, "-", Expected::Plus),
        ("x0*sgn(1-w)", 8, "-", Expected::Plus),
    ] {
        let found = if found.is_empty() { Found::End } else { Found::Text(found.to_owned()) };
        let expected = RuleError::Unexpected { offset, found, expected };
        assert_eq!(Rule::parse(text), Err(expected), "{text}");
    }
}

#[test]
fn numbers_out_of_range_are_refused_with_what_they_came_to() {
    for (text, offset, product, found) in
        [("9*x0", 0, 1, 9), ("x0 - 9*x0", 5, 2, -9), ("36*x0*2", 0, 1, 9), ("8*2^8*x0", 0, 1, 8)]
    {
        let expected = RuleError::Mantissa { offset, product, found };
        assert_eq!(Rule::parse(text), Err(expected), "{text}");
    }
    for (text, found) in [("2^9*x0", 9), ("2^-8*x0", -8), ("2*2^-8*x0", -8), ("0*2^9*x0", 9)] {
        let expected = RuleError::Exponent { offset: 0, product: 1, found };
        assert_eq!(Rule::parse(text), Err(expected), "{text}");
    }
    for (text, offset, found) in [
        ("x0*(y1+128)", 7, 128),
        ("x0*(y1-129)", 7, -129),
        ("x0*(-y1-128)", 8, 128),
        ("x0*sgn(2^7+w)", 7, 128),
        ("x0*(y1-9223372036854775807)", 7, -i64::MAX),
    ] {
        assert_eq!(Rule::parse(text), Err(RuleError::Constant { offset, found }), "{text}");
    }
    for (text, integer, exponent) in [
        ("x0*(2^-1+y1)", 1, -1),
        ("x0*(6*2^-2+y1)", 6, -2),
        ("x0*(6*2^-9000000000000000000+y1)", 6, -9_000_000_000_000_000_000),
    ] {
        let expected = RuleError::FractionalConstant { offset: 4, integer, exponent };
        assert_eq!(Rule::parse(text), Err(expected), "{text}");
    }
}

#[test]
fn literals_beyond_63_bits_are_an_error() {
    for (text, offset, found) in [
        ("9223372036854775808*x0", 0, "9223372036854775808"),
        ("x0*9223372036854775807*2", 23, "2"),
        ("2^9223372036854775807*2^1*x0", 22, "2^1"),
        ("2^-99999999999999999999*x0", 3, "99999999999999999999"),
        ("x0*(y1 + 2^63)", 9, "2^63"),
        ("x0*(y1 + 3*2^62)", 9, "3*2^62"),
        ("x0*(y1 + 1*2^4294967297)", 9, "1*2^4294967297"),
    ] {
        let expected = RuleError::Overflow { offset, found: Found::Text(found.to_owned()) };
        assert_eq!(Rule::parse(text), Err(expected), "{text}");
    }
    // A magnitude within 63 bits is refused for what it is, and nothing shifts by 2^62 places.
    assert!(matches!(
        Rule::parse("9223372036854775807*x0"),
        Err(RuleError::Mantissa { found: i64::MAX, .. })
    ));
    assert_products("x0*(y1 + 0*2^9223372036854775807)", &[(X0, 1, 0, &[bare(Variable::Y1)])]);
}

#[test]
fn every_u_of_a_rule_has_one_k_and_gates() {
    assert_eq!(
        Rule::parse("u1*x1 + u2*x1"),
        Err(RuleError::UnequalU { offset: 8, first: 1, found: 2 })
    );
    assert!(Rule::parse("u2*x1 + x0 - u2*y1").is_ok());
    assert_eq!(
        Rule::parse("x0*u1"),
        Err(RuleError::UAsFactor { offset: 3, product: 1, gate: X0, found: 1 })
    );
    assert_products("u1*x0", &[(U(1), 1, 0, &[Factor::X0])]);
}

#[test]
fn messages_say_where_what_and_what_instead() {
    for (text, message) in [
        (
            "x1*y1",
            "learning rule, column 1: product 1, `x1*y1`, has no spike factor, expected one of \
             x0, y0, u0 to u9 to gate it",
        ),
        (
            "x0*y1 - 2 * r1*w + y0",
            "learning rule, column 9: product 2, `2 * r1*w`, has no spike factor, expected one of \
             x0, y0, u0 to u9 to gate it",
        ),
        (
            "2*x0* q",
            "learning rule, column 7: found `q`, expected a factor: a whole number, 2^k, x0, y0, \
             u0 to u9, x1, x2, y1, y2, y3, r0, r1, w, d, t, `(` or `sgn(`",
        ),
        (
            "u10*x1",
            "learning rule, column 1: found `u10`, expected a sign or a factor: a whole number, \
             2^k, x0, y0, u0 to u9, x1, x2, y1, y2, y3, r0, r1, w, d, t, `(` or `sgn(`",
        ),
        (
            "x0*(2*y1)",
            "learning rule, column 7: found `y1`, expected 2^k, as parentheses hold one variable \
             plus or minus a constant, and no other product",
        ),
        ("x0*(y1-64", "learning rule, column 10: found the end of the text, expected `)`"),
        (
            "x0\u{1b}[2J",
            "learning rule, column 3: found `\\u{1b}`, expected `*`, `+`, `-` or the end of the rule",
        ),
        ("9*x0", "learning rule, column 1: mantissa of product 1 reduces to 9, expected -8 to 7"),
        (
            "x0+2^9*y0",
            "learning rule, column 4: exponent of product 2 reduces to 9, expected -7 to 8",
        ),
        (
            "u1*x1 + u2*x1",
            "learning rule, column 9: found u2 after u1, expected all u_k of a rule to have the \
             same k",
        ),
        (
            "y0*u3",
            "learning rule, column 4: found u3 after the gate y0 of product 1, expected u_k to be \
             the first of x0, y0 and u_k, as it can only be a gate",
        ),
        (
            "x0*(-y1-128)",
            "learning rule, column 9: constant beside the positive variable is 128, expected -128 \
             to 127",
        ),
        ("x0*(y1+3*2^-1)", "learning rule, column 8: constant is 3*2^-1, expected a whole number"),
        (
            "2^99999999999999999999*x0",
            "learning rule, column 3: found `99999999999999999999`, expected numbers whose product \
             is below 2^63",
        ),
    ] {
        assert_eq!(Rule::parse(text).unwrap_err().to_string(), message, "{text}");
    }
}

#[test]
fn limits_hold_exactly() {
    let products = |n: usize| vec!["x0"; n].join("+");
    let most = Rule::parse(&products(Rule::MAX_PRODUCTS)).unwrap();
    assert_eq!(most.products().len(), Rule::MAX_PRODUCTS);
    let error = Rule::parse(&products(Rule::MAX_PRODUCTS + 1)).unwrap_err();
    assert_eq!(error, RuleError::TooManyProducts { offset: 3 * Rule::MAX_PRODUCTS });
    assert_eq!(
        error.to_string(),
        "learning rule, column 769: found product 257, expected at most 256"
    );

    let factors = |n: usize| format!("x0{}", "*x1".repeat(n));
    let most = Rule::parse(&factors(Rule::MAX_FACTORS)).unwrap();
    assert_eq!(most.products()[0].factors().len(), Rule::MAX_FACTORS);
    let error = Rule::parse(&factors(Rule::MAX_FACTORS + 1)).unwrap_err();
    assert_eq!(error, RuleError::TooManyFactors { offset: 21, product: 1 });
    assert_eq!(
        error.to_string(),
        "learning rule, column 22: found factor 7 of product 1 besides its gate and literals, \
         expected at most 6"
    );

    let padded = |n: usize| format!("x0{}", " ".repeat(n - 2));
    assert!(Rule::parse(&padded(Rule::MAX_TEXT_LEN)).is_ok());
    let error = Rule::parse(&padded(Rule::MAX_TEXT_LEN + 1)).unwrap_err();
    let expected = RuleError::TextLength { offset: Rule::MAX_TEXT_LEN, found: 32_769 };
    assert_eq!(error, expected);
    assert_eq!(
        error.to_string(),
        "learning rule: text is 32769 bytes long, expected at most 32768"
    );
    // The limit falls within a character of two bytes.
    let error = Rule::parse(&format!("x{}", "\u{e9}".repeat(Rule::MAX_TEXT_LEN))).unwrap_err();
    assert_eq!(error.offset(), Rule::MAX_TEXT_LEN - 1);

    // The longest rule that fits the other limits prints to less than the longest text.
    let longest = format!("-7*2^-7*u0{}", "*sgn(w-128)".repeat(Rule::MAX_FACTORS));
    let longest = vec![longest.trim_start_matches('-'); Rule::MAX_PRODUCTS].join(" - ");
    assert!(longest.len() < Rule::MAX_TEXT_LEN);
    assert_eq!(Rule::parse(&longest).unwrap().to_string(), longest);
}

#[test]
fn long_hostile_texts_end_quickly_with_short_messages() {
    for unit in ["(", "sgn(", "9", "x0*", "+", "2^", "2*", "u", "((y1", "\u{1f980}", "\0"] {
        let text = unit.repeat(Rule::MAX_TEXT_LEN / unit.len());
        let error = Rule::parse(&text).unwrap_err();
        assert!(error.to_string().len() < 600, "{unit}: {error}");
    }
}

#[test]
fn queries_see_gates_reads_and_reward() {
    let rule = Rule::parse("x0*(y1-64) + u3*sgn(w)*r1 - u3*x2 + x0").unwrap();
    assert_eq!(rule.gates(), BTreeSet::from([X0, U(3)]));
    assert_eq!(rule.u_exponent(), Some(3));
    let read: Vec<_> = Variable::ALL.into_iter().filter(|&v| rule.reads(v)).collect();
    assert_eq!(read, [Variable::X2, Variable::Y1, Variable::R1, Variable::W]);
    assert!(rule.needs_reward());
    assert!(Rule::parse("y0*(r0+1)").unwrap().needs_reward());

    let rule = Rule::parse("2*x0*y0").unwrap();
    assert_eq!(rule.gates(), BTreeSet::from([X0]));
    assert_eq!(rule.u_exponent(), None);
    assert!(!rule.needs_reward());
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Stored {
    dw: Rule,
}

#[test]
fn a_stored_rule_is_its_text() {
    let stored: Stored = toml::from_str("dw = \"x0 * (4 - y1)\"").unwrap();
    assert_eq!(toml::to_string(&stored).unwrap(), "dw = \"-x0*(y1-4)\"\n");
    let refused = toml::from_str::<Stored>("dw = \"x1*y1\"").unwrap_err();
    assert!(refused.message().contains("product 1, `x1*y1`, has no spike factor"));
}

/// Text over the alphabet of the grammar, in and out of order.
fn near_grammar() -> impl Strategy<Value = String> {
    let symbols = vec![
        "x0",
        "y0",
        "u0",
        "u3",
        "x1",
        "y1",
        "r1",
        "w",
        "t",
        "sgn",
        "(",
        ")",
        "+",
        "-",
        "*",
        "^",
        "*",
        "2",
        "2^",
        "4",
        "9",
        "0",
        "64",
        "128",
        " ",
        "(w-3)",
        "x0*",
        "*x0",
        "u10",
        "9223372036854775807",
    ];
    prop::collection::vec(select(symbols), 0..24).prop_map(|symbols| symbols.concat())
}

/// The text of a valid rule with one piece cut out and one character put in.
fn damaged() -> impl Strategy<Value = String> {
    (strategy(), any::<Index>(), 0..4_usize, any::<Index>(), any::<Option<char>>()).prop_map(
        |(rule, cut, len, insert, character)| {
            let mut text = rule.to_string();
            let from = cut.index(text.len());
            text.drain(from..text.len().min(from + len));
            if let Some(character) = character {
                text.insert(insert.index(text.len() + 1), character);
            }
            text
        },
    )
}

/// Writes the rule as nobody should: literals anywhere in the product, constants on either side
/// of turned variables, white space wherever it may stand. `choice(n)` decides, below `n`.
fn write_loosely(rule: &Rule, mut choice: impl FnMut(usize) -> usize) -> String {
    let mut symbols: Vec<String> = Vec::new();
    for (product_idx, product) in rule.products().iter().enumerate() {
        let mut negative = product.mantissa() < 0;
        let mut factors = vec![product.gate().to_string()];
        for &factor in product.factors() {
            factors.push(match factor {
                Factor::Sum { variable, constant: 0 } if choice(2) == 0 => variable.to_string(),
                Factor::Sum { variable, constant } => {
                    let constant = i16::from(constant);
                    let turned = choice(2) == 1;
                    negative ^= turned;
                    let constant = if turned { -constant } else { constant };
                    let variable = format!("{}{variable}", if turned { "-" } else { "+" });
                    if choice(2) == 0 {
                        format!("({variable}{constant:+})")
                    } else {
                        format!("({constant}{variable})")
                    }
                }
                Factor::Sign { variable, constant } => format!("sgn({constant}+{variable})"),
                Factor::X0 | Factor::Y0 => factor.to_string(),
            });
        }
        let mantissa = product.mantissa().unsigned_abs().to_string();
        let power = format!("2^{:+}", product.exponent());
        for literal in [mantissa, power] {
            let place = choice(factors.len() + 1);
            factors.insert(place, literal);
        }
        if negative || product_idx > 0 {
            symbols.push(if negative { "-" } else { "+" }.to_owned());
        }
        symbols.push(factors.join("*"));
    }
    let mut text = String::new();
    let dense = symbols.concat();
    for (offset, character) in dense.char_indices() {
        let inside = offset > 0
            && character.is_ascii_alphanumeric()
            && dense.as_bytes()[offset - 1].is_ascii_alphanumeric();
        if !inside {
            text.push_str([" ", "", "", "\n\t"][choice(4)]);
        }
        text.push(character);
    }
    text
}

fn check_place(text: &str, result: &Result<Rule, RuleError>) -> Result<(), TestCaseError> {
    if let Err(error) = result {
        prop_assert!(error.offset() <= text.len());
        prop_assert!(text.is_char_boundary(error.offset()));
        prop_assert!(!error.to_string().is_empty());
        if let RuleError::Unexpected { offset, found: Found::Text(found), .. } = error {
            prop_assert!(text[*offset..].starts_with(found.trim_end_matches("...")));
        }
    }
    Ok(())
}

proptest! {
    /// What is printed parses back to the same rule.
    #[test]
    fn printing_round_trips(rule in strategy()) {
        let text = rule.to_string();
        prop_assert!(text.len() < Rule::MAX_TEXT_LEN);
        prop_assert_eq!(Rule::parse(&text), Ok(rule));
    }

    /// However it is written, a rule is the same rule.
    #[test]
    fn loose_writing_parses_to_the_same_rule(
        rule in strategy(),
        choices in prop::collection::vec(any::<Index>(), 1..64),
    ) {
        let mut turn = choices.iter().cycle();
        let text = write_loosely(&rule, |n| turn.next().map_or(0, |index| index.index(n)));
        prop_assume!(text.len() <= Rule::MAX_TEXT_LEN);
        prop_assert_eq!(Rule::parse(&text), Ok(rule), "{}", text);
    }

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        check_place(&text, &Rule::parse(&text))?;
    }

    #[test]
    fn text_near_the_grammar_never_panics(text in near_grammar()) {
        let result = Rule::parse(&text);
        check_place(&text, &result)?;
        if let Ok(rule) = result {
            prop_assert_eq!(Rule::parse(&rule.to_string()), Ok(rule));
        }
    }

    #[test]
    fn damaged_rules_never_panic(text in damaged()) {
        check_place(&text, &Rule::parse(&text))?;
    }
}
