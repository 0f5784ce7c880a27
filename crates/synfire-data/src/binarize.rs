//! From grey pixels to active inputs: crop, then threshold.
//!
//! The threshold compares the raw byte. The published code rescales first (divide by 255, twice,
//! times 256, rounded to two decimals) and asks for more than 0.5; for the 256 values a pixel can
//! have this is the same as 129 or more, which a test here shows for all of them. Not done here:
//! resampling to another size, grey levels, centring.

/// How a grey image becomes bits.
///
/// ```
/// use synfire_data::{Preparation, Source};
/// let paper = Preparation::of(&Source::Mnist);
/// assert_eq!(paper, Preparation { crop: 4, threshold: 129 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preparation {
    /// Pixels cut off on each of the four sides; must leave at least one row and one column.
    pub crop: usize,
    /// Smallest grey value, 1 to 255, that counts as 1.
    pub threshold: u8,
}

impl Preparation {
    /// The threshold of the paper: more than 0.5 after the published rescaling.
    pub const DEFAULT_THRESHOLD: u8 = 129;

    /// Whether this preparation can be applied to images of this size.
    ///
    /// # Errors
    /// If the crop leaves no pixel or every pixel would be active.
    pub fn check(&self, n_rows: usize, n_columns: usize) -> Result<(), PreparationError> {
        let allowed = (n_rows.min(n_columns).saturating_sub(1)) / 2;
        if self.crop > allowed {
            return Err(PreparationError::Crop { found: self.crop, allowed, n_rows, n_columns });
        }
        if self.threshold == 0 {
            return Err(PreparationError::Threshold);
        }
        Ok(())
    }
}

/// Why a [`Preparation`] does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and what is allowed")]
#[non_exhaustive]
pub enum PreparationError {
    /// The crop leaves no pixel.
    #[error(
        "crop is {found} pixels per side, allowed are 0 to {allowed} for {n_columns} x {n_rows} images"
    )]
    Crop { found: usize, allowed: usize, n_rows: usize, n_columns: usize },
    /// A threshold of 0 makes every pixel active.
    #[error("threshold is 0, allowed are 1 to 255")]
    Threshold,
}

/// Appends the active inputs of `image` to `active`, ascending. Input numbers count the pixels that
/// the crop leaves, row by row. The preparation has been checked against the image's size.
pub(crate) fn active_inputs(
    image: &[u8],
    n_columns: usize,
    preparation: &Preparation,
    active: &mut Vec<u32>,
) {
    let Preparation { crop, threshold } = *preparation;
    let n_rows = image.len() / n_columns;
    let kept = image.chunks_exact(n_columns).skip(crop).take(n_rows - 2 * crop);
    let mut input = 0_u32;
    for row in kept {
        for &pixel in &row[crop..n_columns - crop] {
            if pixel >= threshold {
                active.push(input);
            }
            input += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Preparation, active_inputs};

    /// The published chain, in exact integers: p / 255 / 255 * 256, rounded to two decimals, above a
    /// limit in hundredths. No pixel lands on a tie of the rounding: 51,200 p is never an odd
    /// multiple of 65,025.
    fn published(pixel: u32, limit: u32) -> bool {
        let hundredths = (2 * 25_600 * pixel + 65_025) / (2 * 65_025);
        hundredths > limit
    }

    /// All 256 values, for the three limits that were measured on the published code.
    #[test]
    fn threshold_equals_the_published_chain() {
        for (limit, threshold) in [(40, 103), (50, 129), (60, 154)] {
            for pixel in 0..=255_u8 {
                let mut active = Vec::new();
                active_inputs(&[pixel], 1, &Preparation { crop: 0, threshold }, &mut active);
                assert_eq!(!active.is_empty(), published(pixel.into(), limit), "pixel {pixel}");
            }
        }
        assert_eq!(Preparation::DEFAULT_THRESHOLD, 129);
    }

    #[test]
    fn crop_keeps_the_middle_and_renumbers() {
        let mut image = [0_u8; 30];
        // 6 columns by 5 rows; the crop of 1 leaves 4 by 3.
        for position in [0, 5, 7, 10, 13, 16, 22, 29] {
            image[position] = 200;
        }
        let mut active = Vec::new();
        active_inputs(&image, 6, &Preparation { crop: 1, threshold: 200 }, &mut active);
        assert_eq!(active, [0, 3, 4, 7, 11]);
    }

    #[test]
    fn crops_and_thresholds_that_cannot_be_are_refused() {
        let message = |crop, threshold, rows, columns| {
            Preparation { crop, threshold }.check(rows, columns).map_err(|e| e.to_string())
        };
        assert_eq!(message(13, 1, 28, 28), Ok(()));
        assert_eq!(
            message(14, 129, 28, 30),
            Err("crop is 14 pixels per side, allowed are 0 to 13 for 30 x 28 images".to_owned())
        );
        assert_eq!(message(0, 0, 28, 28), Err("threshold is 0, allowed are 1 to 255".to_owned()));
        assert!(message(usize::MAX, 1, 28, 28).is_err());
    }
}
