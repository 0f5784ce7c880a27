//! The known files of the known sets, by the SHA-256 of their unpacked content.
//!
//! gzip containers differ between mirrors, the content does not. The values were taken from the
//! canonical files as their authors published them; a file with another sum is another data set, and
//! results on it would not be comparable.

use sha2::{Digest, Sha256};

use crate::source::Source;

/// The part a file plays in a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    TrainImages,
    TrainLabels,
    TestImages,
    TestLabels,
}

impl Part {
    /// In the order in which they are read.
    pub(crate) const ALL: [Part; 4] =
        [Part::TrainImages, Part::TrainLabels, Part::TestImages, Part::TestLabels];

    /// What is in it, for messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Part::TrainImages => "training images",
            Part::TrainLabels => "training labels",
            Part::TestImages => "test images",
            Part::TestLabels => "test labels",
        }
    }
}

/// One file of a known data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// Name without `.gz`, as the authors published it.
    pub name: &'static str,
    /// SHA-256 of the unpacked content, in lower-case hexadecimal.
    pub sha256: &'static str,
    /// Length of the unpacked content.
    pub n_bytes: u64,
    pub(crate) part: Part,
}

const fn known(name: &'static str, part: Part, n_bytes: u64, sha256: &'static str) -> KnownFile {
    KnownFile { name, sha256, n_bytes, part }
}

/// Both sets have 60,000 and 10,000 images of 28 x 28 pixels.
const fn four_files(sums: [&'static str; 4]) -> [KnownFile; 4] {
    [
        known("train-images-idx3-ubyte", Part::TrainImages, 16 + 60_000 * 28 * 28, sums[0]),
        known("train-labels-idx1-ubyte", Part::TrainLabels, 8 + 60_000, sums[1]),
        known("t10k-images-idx3-ubyte", Part::TestImages, 16 + 10_000 * 28 * 28, sums[2]),
        known("t10k-labels-idx1-ubyte", Part::TestLabels, 8 + 10_000, sums[3]),
    ]
}

const MNIST: [KnownFile; 4] = four_files([
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
]);

const FASHION_MNIST: [KnownFile; 4] = four_files([
    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
]);

/// The files that make up `source`: train images, train labels, test images, test labels; none for
/// [`Source::Digits`] and a user's own sets.
#[must_use]
pub const fn known_files(source: &Source) -> &'static [KnownFile] {
    match source {
        Source::Digits | Source::Idx(_) | Source::Npy(_) => &[],
        Source::Mnist => &MNIST,
        Source::FashionMnist => &FASHION_MNIST,
    }
}

/// The SHA-256 of `bytes`, in lower-case hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut sum = Sha256Sum::default();
    sum.add(bytes);
    sum.hex()
}

/// A SHA-256 in the making.
#[derive(Default)]
pub(crate) struct Sha256Sum(Sha256);

impl Sha256Sum {
    /// Continues with these bytes.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The sum of all bytes, in lower-case hexadecimal.
    pub(crate) fn hex(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{known_files, sha256_hex};
    use crate::source::Source;

    /// FIPS 180-4, the one-block and the empty message.
    #[test]
    fn digests_are_written_as_everywhere() {
        assert_eq!(
            sha256_hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            sha256_hex(b""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn every_known_sum_is_well_formed_and_its_own() {
        let mut sums: Vec<&str> = [Source::Mnist, Source::FashionMnist]
            .iter()
            .flat_map(known_files)
            .map(|file| file.sha256)
            .collect();
        assert!(sums.iter().all(|sum| sum.len() == 64));
        assert!(sums.iter().all(|sum| sum.bytes().all(|b| b"0123456789abcdef".contains(&b))));
        sums.sort_unstable();
        sums.dedup();
        assert_eq!(sums.len(), 8);
        assert_eq!(known_files(&Source::Digits), []);
    }
}
