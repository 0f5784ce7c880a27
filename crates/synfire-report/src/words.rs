//! Numbers in words.

/// A fraction in per cent, two decimals.
pub(crate) fn percent(fraction: f64) -> String {
    format!("{:.2}", 100.0 * fraction)
}

/// A part of a whole in per cent: two decimals, or more where it would round to nothing.
pub(crate) fn share(part: u64, whole: u64) -> String {
    let value = 100.0 * ratio(part, whole);
    match part {
        0 => "0".to_owned(),
        _ if value < 0.01 => format!("{value:.1e}"),
        _ => format!("{value:.2}"),
    }
}

/// A part of a whole.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(crate) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A count with commas between thousands.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut words = String::new();
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            words.push(',');
        }
        words.push(digit);
    }
    words
}

/// A count of things, with an s where there are several.
pub(crate) fn count(n: u64, thing: &str) -> String {
    format!("{} {thing}{}", grouped(n), if n == 1 { "" } else { "s" })
}

/// Energy in a unit that suits it.
pub(crate) fn energy(femtojoules: u128) -> String {
    in_units(femtojoules, &["fJ", "pJ", "nJ", "\u{b5}J", "mJ", "J", "kJ"])
}

/// Time in a unit that suits it.
pub(crate) fn time(picoseconds: u128) -> String {
    const HOUR_PS: u128 = 3_600_000_000_000_000;
    if picoseconds >= HOUR_PS {
        let tenths = picoseconds / (HOUR_PS / 10);
        return format!("{}.{} h", tenths / 10, tenths % 10);
    }
    in_units(picoseconds, &["ps", "ns", "\u{b5}s", "ms", "s"])
}

/// Three significant digits in the largest unit of which there is one whole.
#[expect(clippy::cast_precision_loss, reason = "three digits are written")]
fn in_units(value: u128, units: &[&str]) -> String {
    let mut scaled = value as f64;
    let mut unit_idx = 0;
    while scaled >= 999.5 && unit_idx + 1 < units.len() {
        scaled /= 1000.0;
        unit_idx += 1;
    }
    let decimals = match scaled {
        _ if unit_idx == 0 => 0,
        small if small < 9.995 => 2,
        middle if middle < 99.95 => 1,
        _ => 0,
    };
    format!("{scaled:.decimals$} {}", units[unit_idx])
}

/// The first so many characters of a name.
pub(crate) fn cut(name: &str, n_chars: usize) -> String {
    match name.chars().count() > n_chars {
        false => name.to_owned(),
        true => name.chars().take(n_chars - 1).chain(['\u{2026}']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_at_a_glance() {
        let counts = [0, 12, 999, 1000, 3_600_000].map(grouped);
        assert_eq!(counts, ["0", "12", "999", "1,000", "3,600,000"]);
        assert_eq!(
            (percent(0.95771), count(1, "fault")),
            ("95.77".to_owned(), "1 fault".to_owned())
        );
        let shares = [(0, 9), (1, 3), (1, 1_000_000)].map(|(part, whole)| share(part, whole));
        assert_eq!(shares, ["0", "33.33", "1.0e-4"]);
        let energies = [7, 1000, 590_000_000_000, 2_500_000_000, 999_600_000].map(energy);
        assert_eq!(energies, ["7 fJ", "1.00 pJ", "590 \u{b5}J", "2.50 \u{b5}J", "1.00 \u{b5}J"]);
        assert_eq!(
            (time(1_500_000_000), time(24_120_000_000_000_000)),
            ("1.50 ms".into(), "6.7 h".into())
        );
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(
            (cut("h\u{e9}llo", 5), cut("h\u{e9}llo!", 5)),
            ("h\u{e9}llo".into(), "h\u{e9}ll\u{2026}".into())
        );
    }
}
