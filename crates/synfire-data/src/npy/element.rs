//! The elements of an array, and the grey values or labels that they stand for.

use synfire_npy::{ElementType, Header};

use super::{Content, NpyError};

/// The types that are read.
pub(super) const ALL: &str = "booleans, integers or floating-point numbers of 1 to 8 bytes";
const GREY: &str = "a grey value from 0 to 255";
const LABEL: &str = "a class number from 0 to 255";
const BOOL: &str = "a boolean, 0 or 1";
const SHARE: &str =
    "a number from 0 to 1; grey values from 0 to 255 are stored as integers, x.astype('uint8')";

/// Whether images or labels may be of this type.
pub(super) fn check(header: &Header, content: Content) -> Result<(), NpyError> {
    let refused = |found: &str, expected| Err(NpyError::Type { found: found.to_owned(), expected });
    match (content, header.element) {
        (Content::Labels, ElementType::Float { .. }) => {
            refused("floating-point numbers", "integers as labels, y.astype('uint8')")
        }
        (_, ElementType::Bool | ElementType::Integer { .. } | ElementType::Float { .. }) => Ok(()),
        _ => refused(&header.descr, ALL),
    }
}

/// The grey value or label that an element stands for; otherwise the element and what was expected.
pub(super) fn byte(
    header: &Header,
    bytes: &[u8],
    content: Content,
) -> Result<u8, (String, &'static str)> {
    let mut word = [0; 8];
    for (place, &byte) in bytes.iter().enumerate() {
        let place = if header.is_big_endian { bytes.len() - 1 - place } else { place };
        word[place] = byte;
    }
    let word = u64::from_le_bytes(word);
    match header.element {
        ElementType::Bool => match (word, content) {
            (0, _) => Ok(0),
            (1, Content::Images) => Ok(255),
            (1, Content::Labels) => Ok(1),
            _ => Err((word.to_string(), BOOL)),
        },
        ElementType::Integer { n_bytes, is_signed } => {
            let sign = 1_i128 << (8 * n_bytes - 1);
            let number = i128::from(word);
            let number = if is_signed && number >= sign { number - 2 * sign } else { number };
            let expected = if content == Content::Images { GREY } else { LABEL };
            u8::try_from(number).map_err(|_| (number.to_string(), expected))
        }
        ElementType::Float { n_bytes } => {
            let format = FloatFormat::of(n_bytes);
            format.grey(word).ok_or_else(|| (format.shown(word), SHARE))
        }
        // Refused before.
        _ => Err((header.descr.clone(), GREY)),
    }
}

/// A binary format of IEEE 754: sign, exponent and fraction from the highest bit down.
#[derive(Clone, Copy)]
struct FloatFormat {
    n_exponent: u32,
    n_fraction: u32,
}

impl FloatFormat {
    const fn of(n_bytes: usize) -> FloatFormat {
        match n_bytes {
            2 => FloatFormat { n_exponent: 5, n_fraction: 10 },
            4 => FloatFormat { n_exponent: 8, n_fraction: 23 },
            _ => FloatFormat { n_exponent: 11, n_fraction: 52 },
        }
    }

    /// 255 times the number, rounded to the nearest, upwards in the middle; `None` outside 0 to 1.
    fn grey(self, word: u64) -> Option<u8> {
        let FloatFormat { n_exponent, n_fraction } = self;
        let is_negative = word >> (n_exponent + n_fraction) != 0;
        let exponent = word >> n_fraction & ((1 << n_exponent) - 1);
        let fraction = word & ((1 << n_fraction) - 1);
        let significand = if exponent == 0 { fraction } else { fraction | 1 << n_fraction };
        if significand == 0 {
            // Also of the negative zero, which equals zero.
            return Some(0);
        }
        if is_negative {
            return None;
        }
        // The number is the significand over 2^shift.
        let shift = (1 << (n_exponent - 1)) - 1 + u64::from(n_fraction);
        let shift = shift.checked_sub(exponent.max(1)).filter(|&shift| shift > 0)?;
        // A significand has 53 bits at most, so that from here on 255 times the number is below a half.
        if shift > 62 {
            return Some(0);
        }
        if significand > 1 << shift {
            return None;
        }
        let grey = (255 * significand + (1 << (shift - 1))) >> shift;
        u8::try_from(grey).ok()
    }

    /// The number in words.
    fn shown(self, word: u64) -> String {
        match self.n_fraction {
            52 => f64::from_bits(word).to_string(),
            23 => f32::from_bits(u32::try_from(word).unwrap_or(0)).to_string(),
            _ => format!("the 16-bit float 0x{word:04x}"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::FloatFormat;

    /// Fractions of 255 are the grey values they were made from, whatever they were computed with.
    #[test]
    fn floats_give_back_the_bytes_they_were_made_from() {
        let [single, double] = [4, 8].map(FloatFormat::of);
        for byte in 0..=255_u8 {
            let (by_four, by_eight) = (f32::from(byte) / 255.0, f64::from(byte) / 255.0);
            assert_eq!(single.grey(by_four.to_bits().into()), Some(byte));
            assert_eq!(double.grey(by_eight.to_bits()), Some(byte));
            assert_eq!(double.grey((f64::from(by_four)).to_bits()), Some(byte));
            // Between two grey values the nearer one, to the last bit of the middle.
            if byte < 255 {
                let middle = (f64::from(byte) + 0.5) / 255.0;
                let [below, above] =
                    [-1e-9, 1e-9].map(|step| double.grey((middle + step).to_bits()));
                assert_eq!((below, above), (Some(byte), Some(byte + 1)));
            }
        }
        let tiny = [f64::MIN_POSITIVE, 5e-324, 1e-300, 1e-19, 0.0, -0.0];
        assert!(tiny.iter().all(|number| double.grey(number.to_bits()) == Some(0)));
        let outside =
            [1.0 + f64::EPSILON, 2.0, 255.0, 1e300, f64::INFINITY, f64::NAN, -1e-300, -1.0];
        assert!(outside.iter().all(|number| double.grey(number.to_bits()).is_none()));
        assert_eq!(single.grey(f32::NAN.to_bits().into()), None);
    }

    /// All 65,536 numbers of sixteen bits, against their value in exact halves of 2^-24.
    #[test]
    fn every_half_is_rounded_right() {
        for word in 0..=u16::MAX {
            let (exponent, fraction) = (u32::from(word >> 10 & 31), u64::from(word & 1023));
            // In units of 2^-24, the smallest number there is.
            let units = match exponent {
                0 => Some(fraction),
                31 => None,
                _ => Some((fraction | 1024) << (exponent - 1)),
            };
            let is_negative = word >> 15 == 1;
            let expected = units
                .filter(|&units| units <= 1 << 24 && (!is_negative || units == 0))
                .map(|units| u8::try_from((510 * units + (1 << 24)) >> 25).unwrap());
            assert_eq!(FloatFormat::of(2).grey(word.into()), expected, "0x{word:04x}");
        }
    }
}
