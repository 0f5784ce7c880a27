//! Numbers as words of a text.

#![expect(clippy::float_arithmetic, reason = "fractions as percents")]

use crate::statistics::Spread;

/// Hundredths of a percent: `95.77`.
pub(crate) fn percent(fraction: f64) -> String {
    format!("{:.2}", 100.0 * fraction)
}

/// Mean and standard deviation of fractions, in percent: `95.77 ± 0.22`; of one value, the value.
pub(crate) fn percents(fractions: &[f64]) -> String {
    let spread = Spread::of(fractions);
    match fractions.len() {
        0 => "-".to_owned(),
        1 => percent(spread.mean),
        _ => format!("{:.2} ± {:.2}", 100.0 * spread.mean, 100.0 * spread.deviation),
    }
}

/// A whole number with commas between thousands: `54,000,000`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// So many of something, in the plural but for one: `1 seed`, `3 seeds`.
pub(crate) fn counted(number: usize, thing: &str) -> String {
    format!("{} {thing}{}", count(number as u64), if number == 1 { "" } else { "s" })
}

/// A whole number with a sign and commas.
pub(crate) fn signed(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", count(number.unsigned_abs()))
}

/// A table in Markdown.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        text += &format!("| {} |\n", row.join(" | "));
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(54_000_001), "54,000,001");
        assert_eq!((counted(1, "seed"), counted(3, "seed")), ("1 seed".into(), "3 seeds".into()));
        assert_eq!(percents(&[0.5]), "50.00");
        assert_eq!(percents(&[0.25, 0.75]), "50.00 ± 35.36");
        assert_eq!(
            table(&["a", "b"], &[vec!["1".into(), "2".into()]]),
            "| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        );
    }

    #[test]
    fn numbers_have_signs() {
        assert_eq!(
            (signed(-24_640), signed(0), signed(9216)),
            ("-24,640".into(), "0".into(), "9,216".into())
        );
    }
}
