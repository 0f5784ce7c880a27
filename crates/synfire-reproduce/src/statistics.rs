//! Statistics of a few numbers, by textbook formulas.

#![expect(clippy::float_arithmetic, reason = "statistics of results, not results")]

/// Mean, spread and ends of a few numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Spread {
    pub(crate) mean: f64,
    /// Standard deviation of a sample (n - 1); 0 of less than two numbers.
    pub(crate) deviation: f64,
    pub(crate) least: f64,
    pub(crate) greatest: f64,
}

impl Spread {
    /// Of no number all is 0.
    pub(crate) fn of(numbers: &[f64]) -> Spread {
        if numbers.is_empty() {
            return Spread::default();
        }
        #[expect(clippy::cast_precision_loss, reason = "a few numbers")]
        let n = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / n;
        let squares: f64 = numbers.iter().map(|x| (x - mean) * (x - mean)).sum();
        let deviation = if numbers.len() < 2 { 0.0 } else { (squares / (n - 1.0)).sqrt() };
        let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Spread { mean, deviation, least, greatest }
    }
}

/// Two-sided p of Fisher's exact test that `a` of `n_a` and `b` of `n_b` have the same probability: the sum of the
/// probabilities of all tables with these margins that are not more probable than the one found.
pub(crate) fn fisher(a: u64, n_a: u64, b: u64, n_b: u64) -> f64 {
    let total = a + b;
    let ln_choose = |n: u64, k: u64| ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k);
    let ln_probability =
        |x: u64| ln_choose(n_a, x) + ln_choose(n_b, total - x) - ln_choose(n_a + n_b, total);
    let found = ln_probability(a);
    let possible = total.saturating_sub(n_b)..=total.min(n_a);
    // Equal tables may differ by rounding.
    possible
        .map(ln_probability)
        .filter(|ln| *ln <= found + 1e-9)
        .map(f64::exp)
        .sum::<f64>()
        .min(1.0)
}

fn ln_factorial(n: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "some hundred at most")]
    (2..=n).map(|k| (k as f64).ln()).sum()
}

/// The interval of Wilson that holds the probability of which `k` of `n` were seen, with 95 %.
pub(crate) fn wilson(k: u64, n: u64) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    #[expect(clippy::cast_precision_loss, reason = "some hundred at most")]
    let (k, n) = (k as f64, n as f64);
    let z = 1.959_963_985;
    let p = k / n;
    let centre = p + z * z / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    (((centre - half) / scale).max(0.0), ((centre + half) / scale).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-4
    }

    #[test]
    fn a_spread_is_that_of_a_sample() {
        let spread = Spread::of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert!(near(spread.mean, 5.0) && near(spread.deviation, 2.138_09), "{spread:?}");
        assert!(near(spread.least, 2.0) && near(spread.greatest, 9.0));
        assert!(near(Spread::of(&[3.0]).deviation, 0.0));
    }

    /// Fisher's lady tasting tea: 3 of 4 against 1 of 4.
    #[test]
    fn the_exact_test_is_fishers() {
        assert!(near(fisher(3, 4, 1, 4), 0.485_714), "{}", fisher(3, 4, 1, 4));
        assert!(near(fisher(4, 4, 0, 4), 0.028_571));
        assert!(near(fisher(0, 100, 0, 100), 1.0));
        // By the hypergeometric distribution: 2 C(100, 6) C(100, 0) / C(200, 6).
        assert!(near(fisher(6, 100, 0, 100), 0.028_927), "{}", fisher(6, 100, 0, 100));
    }

    #[test]
    fn intervals_are_wilsons() {
        let (low, high) = wilson(4, 15);
        assert!(near(low, 0.108_98) && near(high, 0.519_51), "{low} {high}");
        let (low, high) = wilson(0, 10);
        assert!(near(low, 0.0) && near(high, 0.277_53), "{low} {high}");
    }
}
