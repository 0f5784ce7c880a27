//! Initial weights: He-style normal values, drawn by an exact integer method (clause R8).
//!
//! Each forward weight is `1024 * sqrt(2 / (n_in + n_out))` times a standard normal deviate,
//! clipped to -240..=240, with its magnitude rounded down to a multiple of the weight step.
//! Feedback starts as transpose and negative transpose.
//!
//! The deviate is drawn by Karney's method (Sampling exactly from the normal distribution, ACM
//! Transactions on Mathematical Software 42:3, 2016): integers and 64-bit fractions that are only
//! ever compared with each other, as von Neumann did for the exponential. No logarithm and no
//! floating point occurs, so all machines draw the same weights; up to the 64-bit fraction the
//! distribution is exactly normal. Each weight has its own stream: domain `init`, index of the
//! forward matrix, stream `source * n_targets + target`.

use crate::draw::Draw;
use crate::matrix::Matrix;
use crate::shape::Shape;
use crate::weights::Weights;

/// Largest magnitude of an initial weight. It leaves some room for learning below the limits.
const CLIP: i16 = 240;

/// He-style initial weights; equal shapes and seeds give equal weights on every machine and in
/// every release.
///
/// ```
/// use synfire_reference::{Shape, init};
///
/// let shape = Shape::new(&[400, 400, 10])?;
/// let weights = init::he(&shape, 1);
/// assert!(weights.forward()[0].values().iter().all(|w| w.abs() <= 240 && w % 2 == 0));
/// # Ok::<(), synfire_reference::ShapeError>(())
/// ```
#[must_use]
pub fn he(shape: &Shape, seed: u64) -> Weights {
    let limits = shape.limits();
    let pairs = shape.sizes().windows(2).zip(0_u32..);
    let forward = pairs.map(|(pair, index)| {
        let (n_sources, n_targets) = (pair[0], pair[1]);
        let mut matrix = Matrix::zeros(n_sources, n_targets);
        let mut draw = Draw::new(*b"init", index, seed, 0);
        for (stream, weight) in (0_u64..).zip(matrix.values_mut()) {
            draw.restart(stream);
            let deviate = Deviate::draw(&mut draw);
            let magnitude = deviate.scaled(n_sources + n_targets).min(CLIP);
            let floored = magnitude - magnitude % limits.step();
            *weight = limits.saturate(if deviate.is_negative { -floored } else { floored });
        }
        matrix
    });
    Weights::with_mirrored_feedback(forward.collect(), limits)
}

/// A standard normal deviate: sign, integer part, and fraction in units of 2^-64.
struct Deviate {
    is_negative: bool,
    whole: u64,
    fraction: u64,
}

impl Deviate {
    /// Karney's algorithm N.
    fn draw(draw: &mut Draw) -> Deviate {
        loop {
            // N1: whole part k with probability proportional to exp(-k / 2).
            let mut whole = 0_u64;
            while is_within_half_life(draw) {
                whole += 1;
            }
            // N2: keep k with probability exp(-k (k - 1) / 2).
            if !(0..whole * whole.saturating_sub(1)).all(|_| is_within_half_life(draw)) {
                continue;
            }
            // N3, N4: keep fraction x with probability exp(-x (2 k + x) / 2).
            let fraction = draw.word();
            if (0..=whole).all(|_| keeps_fraction(draw, whole, fraction)) {
                let is_negative = draw.word() >> 63 == 1;
                return Deviate { is_negative, whole, fraction };
            }
        }
    }

    /// Magnitude times `1024 * sqrt(2 / n)`, rounded down; `i16::MAX` if it does not fit.
    fn scaled(&self, n: usize) -> i16 {
        // In units of 2^-32 the magnitude is below 2^39 for any whole part that can occur, and
        // the square below stays within 128 bits far beyond it. Rounding down before the root and
        // after it is rounding down once: both keep the largest integer not above the result.
        let magnitude = (u128::from(self.whole) << 32) | u128::from(self.fraction >> 32);
        let square = magnitude.saturating_mul(magnitude).saturating_mul(2 << 20);
        i16::try_from((square / n.max(1) as u128).isqrt() >> 32).unwrap_or(i16::MAX)
    }
}

/// True with probability exp(-1/2): von Neumann's run of decreasing fractions, started at 1/2, has
/// even length.
fn is_within_half_life(draw: &mut Draw) -> bool {
    let mut bound = 1 << 63;
    let mut is_even = true;
    loop {
        let fraction = draw.word();
        if fraction >= bound {
            return is_even;
        }
        bound = fraction;
        is_even = !is_even;
    }
}

/// True with probability exp(-x (2 k + x) / (2 k + 2)): a run started at x that survives each step
/// with probability (2 k + x) / (2 k + 2) has even length. Karney's algorithm B.
fn keeps_fraction(draw: &mut Draw, whole: u64, x: u64) -> bool {
    let mut bound = x;
    let mut is_even = true;
    loop {
        let fraction = draw.word();
        if fraction >= bound {
            return is_even;
        }
        let choice = draw.below(2 * whole + 2);
        let survives = choice < 2 * whole || choice == 2 * whole && draw.word() < x;
        if !survives {
            return is_even;
        }
        bound = fraction;
        is_even = !is_even;
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::limits::WeightLimits;

    /// The values this release draws. They must never change: runs are named by their seed.
    #[test]
    fn weights_are_pinned() {
        let shape = Shape::new(&[400, 400, 10]).unwrap();
        let weights = he(&shape, 1);
        assert_eq!(weights.forward()[0].row(0)[..12], W1);
        assert_eq!(weights.forward()[1].row(399), W2);
        let other = he(&shape, 2);
        assert_eq!(other.forward()[0].row(399)[388..], OTHER);
        let sum: i64 = weights
            .matrices()
            .flat_map(|(_, matrix)| matrix.values())
            .zip(1_i64..)
            .map(|(&weight, place)| i64::from(weight) * (place % 1009))
            .sum();
        assert_eq!(sum, SUM);
    }

    // Rows from an independent program (Python, its own ChaCha and Karney's method from the paper).
    const W1: [i16; 12] = [-30, 22, 50, -8, -26, -2, 4, 52, 22, 10, -14, 100];
    const W2: [i16; 10] = [-86, -12, -88, 54, 44, 84, -22, -122, -4, 16];
    const OTHER: [i16; 12] = [34, -4, -102, 16, -28, -4, 24, -78, -52, -102, -4, -36];
    // Over every weight of every matrix, as this release draws them.
    const SUM: i64 = -24_605_702;

    /// Means of powers 1 to 4, and the share beyond two standard deviations, of 200,000 deviates.
    /// The bounds are four standard errors.
    #[test]
    fn deviates_are_normal() {
        let mut draw = Draw::new(*b"test", 0, 7, 0);
        let n = 200_000_u32;
        let mut powers = [0.0; 4];
        let mut n_beyond = 0_u32;
        for _ in 0..n {
            let deviate = Deviate::draw(&mut draw);
            let magnitude = deviate.whole as f64 + deviate.fraction as f64 / 2_f64.powi(64);
            let value = if deviate.is_negative { -magnitude } else { magnitude };
            let mut power = 1.0;
            for sum in &mut powers {
                power *= value;
                *sum += power / f64::from(n);
            }
            n_beyond += u32::from(magnitude > 2.0);
        }
        // Variances of x, x^2, x^3, x^4 are 1, 2, 15, 96.
        let error = |variance: f64| 4.0 * (variance / f64::from(n)).sqrt();
        assert!(powers[0].abs() < error(1.0), "{powers:?}");
        assert!((powers[1] - 1.0).abs() < error(2.0), "{powers:?}");
        assert!(powers[2].abs() < error(15.0), "{powers:?}");
        assert!((powers[3] - 3.0).abs() < error(96.0), "{powers:?}");
        let share = f64::from(n_beyond) / f64::from(n);
        assert!((share - 0.045_500_26).abs() < error(0.0455 * 0.9545), "{share}");
    }

    /// R8: the standard deviation of 400-400-10's first matrix is 51.2, of its second 71.5, both
    /// before rounding towards zero; rounding takes about one unit off every magnitude.
    #[test]
    fn matrices_have_he_spread() {
        let weights = he(&Shape::new(&[400, 400, 10]).unwrap(), 3);
        for (matrix, spread) in weights.forward().iter().zip([51.2, 71.516]) {
            let values = matrix.values().iter().map(|&w| f64::from(w));
            let restored = values.map(|w| w + w.signum());
            let variance = restored.map(|w| w * w).sum::<f64>() / matrix.values().len() as f64;
            assert!((variance.sqrt() / spread - 1.0).abs() < 0.03, "{}", variance.sqrt());
        }
    }

    #[test]
    fn magnitudes_are_rounded_down_and_clipped() {
        // 1024 sqrt(2 / 8) = 512: a deviate of 0.25 gives 128, one just below it 127.
        let quarter = Deviate { is_negative: false, whole: 0, fraction: 1 << 62 };
        assert_eq!(quarter.scaled(8), 128);
        let below = Deviate { is_negative: false, whole: 0, fraction: (1 << 62) - 1 };
        assert_eq!(below.scaled(8), 127);
        let huge = Deviate { is_negative: true, whole: u64::MAX, fraction: 0 };
        assert_eq!(huge.scaled(8), i16::MAX);
        // With 1 + 1 neurons the spread is 1024: nearly all weights are clipped.
        let shape = Shape::new(&[60, 1]).unwrap();
        let weights = he(&shape, 1);
        let extremes = weights.forward()[0].values();
        assert!(extremes.contains(&240) && extremes.contains(&-240));
        assert!(extremes.iter().all(|w| w.abs() <= 240));
        let narrow = shape.with_limits(WeightLimits::new(-9, 30, 3).unwrap()).unwrap();
        let values = he(&narrow, 1);
        assert!(values.forward()[0].values().iter().all(|w| w % 3 == 0 && (-9..=30).contains(w)));
        assert_eq!(values.check(&narrow), Ok(()));
    }
}
