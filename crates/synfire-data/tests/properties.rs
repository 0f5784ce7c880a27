//! Laws of the parser, of the preparation and of the order, on made-up input.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use synfire_data::idx::{Images, Labels, parse_images, parse_labels};
use synfire_data::{Dataset, Preparation, sha256_hex, shuffle};

/// Images of some size, as an IDX file and as what must be read from it.
fn images() -> impl Strategy<Value = (Vec<u8>, Images)> {
    (1_usize..6, 1_usize..7, 1_usize..8).prop_flat_map(|(n, rows, columns)| {
        // Pixels next to the threshold are where a comparison goes wrong.
        let pixel = prop_oneof![Just(128_u8), Just(129), Just(0), Just(255), any::<u8>()];
        prop::collection::vec(pixel, n * rows * columns).prop_map(move |pixels| {
            let mut file = vec![0, 0, 8, 3];
            for size in [n, rows, columns] {
                file.extend(u32::try_from(size).unwrap().to_be_bytes());
            }
            file.extend(&pixels);
            (file, Images::new(rows, columns, pixels).unwrap())
        })
    })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Bytes that get past the first checks: a true magic number or gzip header, small or absurd sizes.
fn nearly_idx() -> impl Strategy<Value = Vec<u8>> {
    let magic = prop::sample::select(vec![0x0801_u32, 0x0803, 0x1f8b_0800, 0x0802, 0x0d03]);
    let size = prop_oneof![0_u32..5, Just(u32::MAX), Just(1 << 27), Just(1 << 16), any::<u32>()];
    let rest = prop::collection::vec(any::<u8>(), 0..40);
    (magic, prop::collection::vec(size, 0..4), rest, any::<bool>()).prop_map(
        |(magic, sizes, rest, packed)| {
            let mut bytes = magic.to_be_bytes().to_vec();
            bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
            bytes.extend(rest);
            if packed { gzip(&bytes) } else { bytes }
        },
    )
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_images(&bytes);
        let _ = parse_labels(&bytes);
    }

    /// What is accepted is accounted for to the byte.
    #[test]
    fn nearly_idx_never_panics(bytes in nearly_idx()) {
        let plain = bytes[0] == 0;
        if let Ok(images) = parse_images(&bytes) {
            let n_pixels = images.len() * images.n_rows() * images.n_columns();
            prop_assert!(!plain || bytes.len() == 16 + n_pixels);
        }
        if let Ok(labels) = parse_labels(&bytes) {
            prop_assert!(!plain || bytes.len() == 8 + labels.as_slice().len());
        }
    }

    /// A flipped or missing byte of a gzip file is found out or harmless, never a panic.
    #[test]
    fn damaged_gzip_never_panics(
        (file, images) in images(), position in any::<prop::sample::Index>(), flip in any::<u8>(),
    ) {
        let mut packed = gzip(&file);
        let cut = position.index(packed.len());
        prop_assert!(parse_images(&packed[..cut]).is_err());
        packed[cut] ^= flip;
        if let Ok(read) = parse_images(&packed) {
            // Name, time and system in the gzip header may change; the content may not.
            prop_assert_eq!(read, images);
        }
    }

    #[test]
    fn images_round_trip((file, images) in images()) {
        prop_assert_eq!(&parse_images(&gzip(&file)).unwrap(), &images);
        prop_assert_eq!(&parse_images(&file).unwrap(), &images);
    }

    #[test]
    fn labels_round_trip(labels in prop::collection::vec(any::<u8>(), 1..50)) {
        let mut file = vec![0, 0, 8, 1];
        file.extend(u32::try_from(labels.len()).unwrap().to_be_bytes());
        file.extend(&labels);
        let labels = Labels::new(labels).unwrap();
        prop_assert_eq!(&parse_labels(&gzip(&file)).unwrap(), &labels);
        prop_assert_eq!(&parse_labels(&file).unwrap(), &labels);
    }

    /// Every proper prefix of a file is refused, and so is the file with a byte more.
    #[test]
    fn only_the_whole_file_is_accepted((mut file, _) in images(), more in any::<u8>()) {
        for end in 0..file.len() {
            prop_assert!(parse_images(&file[..end]).is_err(), "prefix of {} bytes", end);
        }
        file.push(more);
        prop_assert!(parse_images(&file).is_err());
    }

    /// Crop and threshold as one would write them down: pixel by pixel, by place.
    #[test]
    fn preparation_equals_the_rule_per_pixel(
        (_, images) in images(), crop in 0_usize..4, threshold in 0_u8..=255,
    ) {
        let labels = Labels::new(vec![0; images.len()]).unwrap();
        let preparation = Preparation { crop, threshold };
        let made = Dataset::from_images("made", 1, &images, &labels, &preparation);
        let (rows, columns) = (images.n_rows(), images.n_columns());
        let possible = 2 * crop < rows.min(columns) && threshold > 0;
        prop_assert_eq!(made.is_ok(), possible);
        let Ok(made) = made else { return Ok(()) };
        prop_assert_eq!((made.width(), made.height()), (columns - 2 * crop, rows - 2 * crop));
        for sample_idx in 0..made.len() {
            let bits = made.bits(sample_idx);
            for row in crop..rows - crop {
                for column in crop..columns - crop {
                    let expected = images.image(sample_idx)[row * columns + column] >= threshold;
                    let place = (row - crop) * made.width() + (column - crop);
                    prop_assert_eq!(bits[place], expected);
                }
            }
        }
    }

    #[test]
    fn samples_survive_the_round_through_a_data_set(
        samples in prop::collection::vec((prop::collection::btree_set(0_u32..30, 0..30), 0_u8..4), 1..20),
    ) {
        let samples: Vec<(Vec<u32>, u8)> =
            samples.into_iter().map(|(list, label)| (list.into_iter().collect(), label)).collect();
        let made = Dataset::from_samples("made", (6, 5), 4, samples.clone()).unwrap();
        let back: Vec<(Vec<u32>, u8)> =
            made.iter().map(|(list, label)| (list.to_vec(), label)).collect();
        prop_assert_eq!(back, samples);
    }

    #[test]
    fn shuffles_are_permutations(n in 0_usize..3000, seed in any::<u64>(), epoch in any::<u64>()) {
        let order = shuffle(n, seed, epoch);
        prop_assert_eq!(&order, &shuffle(n, seed, epoch));
        let mut sorted = order.clone();
        sorted.sort_unstable();
        prop_assert_eq!(sorted, (0..u32::try_from(n).unwrap()).collect::<Vec<_>>());
        if n > 20 {
            prop_assert_ne!(&order, &shuffle(n, seed, epoch ^ 1));
            prop_assert_ne!(&order, &shuffle(n, seed ^ 1, epoch));
        }
    }
}

/// The order of a whole epoch of MNIST, as little-endian words. The hash was computed with a ChaCha8,
/// bounded draw and Fisher-Yates written separately in Python, from their definitions.
#[test]
fn a_full_epoch_is_pinned() {
    let bytes: Vec<u8> = shuffle(60_000, 1, 0).into_iter().flat_map(u32::to_le_bytes).collect();
    assert_eq!(
        sha256_hex(&bytes),
        "660a0c413deb3907d58efff627cfedc04c7bb0e582125ddb643045432d142f15"
    );
}
