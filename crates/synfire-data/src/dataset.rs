//! A data set as a circuit wants it: per sample the ascending list of active inputs and a label.
//!
//! The lists lie end to end in one vector (compressed sparse rows): a quarter of the inputs is
//! active, and everything that trains walks the active ones. A [`Dataset`] that exists is valid: at
//! least one sample, every list strictly ascending and within the picture, every label a class.
//!
//! Nothing here opens files; see [`load`](crate::load).

use crate::binarize::{self, Preparation, PreparationError};
use crate::checksum::Sha256Sum;
use crate::idx::{Images, Labels};

/// Samples as ascending lists of active inputs, with labels.
///
/// ```
/// let split = synfire_data::digits::generate(synfire_data::digits::SEED, 100, 10)?;
/// let train = &split.train;
/// assert_eq!((train.len(), train.n_inputs(), train.n_classes()), (100, 400, 10));
/// assert!(train.input(0).windows(2).all(|pair| pair[0] < pair[1]));
/// println!("a {}:\n{}", train.label(0), train.ascii(0));
/// # Ok::<(), synfire_data::DatasetError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    name: String,
    width: usize,
    height: usize,
    n_classes: usize,
    /// Where each list starts in `active`, and where the last one ends.
    starts: Vec<usize>,
    active: Vec<u32>,
    labels: Vec<u8>,
}

/// A training set and a test set of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Samples to learn from.
    pub train: Dataset,
    /// Samples to be judged by, never learned from.
    pub test: Dataset,
}

/// The active inputs of images, image by image, before their labels are known.
pub(crate) struct InputLists {
    preparation: Preparation,
    n_rows: usize,
    n_columns: usize,
    n_images: usize,
    /// Whether crop and threshold fit; if not, images are only counted.
    is_prepared: bool,
    starts: Vec<usize>,
    active: Vec<u32>,
}

impl InputLists {
    /// No images yet, of this many rows and columns.
    pub(crate) fn new(
        (n_rows, n_columns): (usize, usize),
        preparation: &Preparation,
    ) -> InputLists {
        InputLists {
            preparation: *preparation,
            n_rows,
            n_columns,
            n_images: 0,
            is_prepared: preparation.check(n_rows, n_columns).is_ok(),
            starts: vec![0],
            active: Vec::new(),
        }
    }

    /// Number of images so far.
    pub(crate) const fn len(&self) -> usize {
        self.n_images
    }

    /// Number of active inputs so far.
    pub(crate) fn n_active(&self) -> usize {
        self.active.len()
    }

    /// Rows and columns of each image, before the crop.
    pub(crate) const fn size(&self) -> (usize, usize) {
        (self.n_rows, self.n_columns)
    }

    /// Adds the next image, given as its pixels row by row.
    pub(crate) fn add(&mut self, image: &[u8]) {
        self.n_images += 1;
        if self.is_prepared {
            binarize::active_inputs(image, self.n_columns, &self.preparation, &mut self.active);
            self.starts.push(self.active.len());
        }
    }
}

/// Why samples do not make a [`Dataset`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields say what was found and what is allowed")]
#[non_exhaustive]
pub enum DatasetError {
    /// Images and labels disagree on the number of samples.
    #[error("number of images is {images}, number of labels is {labels}, expected equal numbers")]
    SampleCount { images: usize, labels: usize },
    /// No sample at all.
    #[error("number of samples is 0, expected at least 1")]
    Empty,
    /// A picture without pixels or with more than can be numbered.
    #[error("picture size is {width} x {height}, allowed are 1 to 4294967295 pixels in all")]
    Size { width: usize, height: usize },
    /// The number of classes does not fit a label.
    #[error("number of classes is {found}, allowed are 1 to 256")]
    Classes { found: usize },
    /// A label is not a class.
    #[error("label of sample {sample} is {found}, allowed are 0 to {}", n_classes - 1)]
    Label { sample: usize, found: u8, n_classes: usize },
    /// An active input lies outside the picture.
    #[error("active input of sample {sample} is {found}, allowed are 0 to {}", n_inputs - 1)]
    Input { sample: usize, found: u32, n_inputs: usize },
    /// A list of active inputs is not strictly ascending.
    #[error("active input {second} of sample {sample} follows {first}, expected ascending order")]
    Order { sample: usize, first: u32, second: u32 },
    /// More or fewer samples asked for than there are.
    #[error(
        "samples {start} to {end} (end excluded) were asked for, expected at least one of 0 to {len}"
    )]
    Range { start: usize, end: usize, len: usize },
    /// Crop or threshold does not fit the images.
    #[error(transparent)]
    Preparation(#[from] PreparationError),
}

impl Dataset {
    /// A data set from samples made elsewhere, each an ascending list of active inputs and a label.
    ///
    /// # Errors
    /// The first sample that breaks a rule of this type, or sizes out of range.
    pub fn from_samples<I, S>(
        name: &str,
        (width, height): (usize, usize),
        n_classes: usize,
        samples: I,
    ) -> Result<Dataset, DatasetError>
    where
        I: IntoIterator<Item = (S, u8)>,
        S: AsRef<[u32]>,
    {
        let mut dataset = Dataset::without_samples(name, width, height, n_classes)?;
        let n_inputs = dataset.n_inputs();
        for (sample, (list, label)) in samples.into_iter().enumerate() {
            let list = list.as_ref();
            if let Some(pair) = list.windows(2).find(|pair| pair[0] >= pair[1]) {
                return Err(DatasetError::Order { sample, first: pair[0], second: pair[1] });
            }
            if let Some(&found) = list.last().filter(|&&last| last as usize >= n_inputs) {
                return Err(DatasetError::Input { sample, found, n_inputs });
            }
            dataset.active.extend_from_slice(list);
            dataset.end_sample(label)?;
        }
        dataset.with_samples()
    }

    /// A data set with `n_classes` classes from grey images, cropped and compared with the threshold.
    ///
    /// # Errors
    /// If images and labels differ in number, a label is not a class, or the preparation does not
    /// fit the images.
    pub fn from_images(
        name: &str,
        n_classes: usize,
        images: &Images,
        labels: &Labels,
        preparation: &Preparation,
    ) -> Result<Dataset, DatasetError> {
        let mut inputs = InputLists::new((images.n_rows(), images.n_columns()), preparation);
        images.iter().for_each(|image| inputs.add(image));
        Dataset::from_inputs(name, n_classes, inputs, labels)
    }

    /// A data set from images of which only the active inputs were kept.
    pub(crate) fn from_inputs(
        name: &str,
        n_classes: usize,
        inputs: InputLists,
        labels: &Labels,
    ) -> Result<Dataset, DatasetError> {
        let labels = labels.as_slice();
        if inputs.n_images != labels.len() {
            return Err(DatasetError::SampleCount {
                images: inputs.n_images,
                labels: labels.len(),
            });
        }
        let InputLists { preparation, n_rows, n_columns, starts, mut active, .. } = inputs;
        preparation.check(n_rows, n_columns)?;
        let left = |side: usize| side - 2 * preparation.crop;
        let dataset = Dataset::without_samples(name, left(n_columns), left(n_rows), n_classes)?;
        let wrong = labels.iter().position(|&label| usize::from(label) >= n_classes);
        if let Some(sample) = wrong {
            return Err(DatasetError::Label { sample, found: labels[sample], n_classes });
        }
        active.shrink_to_fit();
        Dataset { starts, active, labels: labels.to_vec(), ..dataset }.with_samples()
    }

    fn without_samples(
        name: &str,
        width: usize,
        height: usize,
        n_classes: usize,
    ) -> Result<Dataset, DatasetError> {
        let numbered = |n_inputs: &usize| u32::try_from(*n_inputs).is_ok_and(|n| n > 0);
        if width.checked_mul(height).filter(numbered).is_none() {
            return Err(DatasetError::Size { width, height });
        }
        if !(1..=256).contains(&n_classes) {
            return Err(DatasetError::Classes { found: n_classes });
        }
        Ok(Dataset {
            name: name.to_owned(),
            width,
            height,
            n_classes,
            starts: vec![0],
            active: Vec::new(),
            labels: Vec::new(),
        })
    }

    /// Closes the list of the sample under construction.
    fn end_sample(&mut self, label: u8) -> Result<(), DatasetError> {
        let (sample, n_classes) = (self.labels.len(), self.n_classes);
        if usize::from(label) >= n_classes {
            return Err(DatasetError::Label { sample, found: label, n_classes });
        }
        self.labels.push(label);
        self.starts.push(self.active.len());
        Ok(())
    }

    fn with_samples(mut self) -> Result<Dataset, DatasetError> {
        self.active.shrink_to_fit();
        if self.labels.is_empty() { Err(DatasetError::Empty) } else { Ok(self) }
    }

    /// What the set is called in reports, for example `mnist train`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of samples; at least 1.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Always false: a set without samples is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Pixels per row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows per picture.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Inputs of a network that reads this set: one per pixel.
    #[must_use]
    pub fn n_inputs(&self) -> usize {
        self.width * self.height
    }

    /// Number of classes, 1 to 256; labels are below it.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// The active inputs of sample `sample_idx`, strictly ascending, each below
    /// [`n_inputs`](Dataset::n_inputs). Input `row * width + column` is the pixel at that place.
    ///
    /// # Panics
    /// If `sample_idx` is not below [`len`](Dataset::len).
    #[must_use]
    pub fn input(&self, sample_idx: usize) -> &[u32] {
        &self.active[self.starts[sample_idx]..self.starts[sample_idx + 1]]
    }

    /// The class of sample `sample_idx`.
    ///
    /// # Panics
    /// If `sample_idx` is not below [`len`](Dataset::len).
    #[must_use]
    pub fn label(&self, sample_idx: usize) -> u8 {
        self.labels[sample_idx]
    }

    /// The class of sample `sample_idx` as the position of the output neuron that should fire.
    ///
    /// # Panics
    /// If `sample_idx` is not below [`len`](Dataset::len).
    #[must_use]
    pub fn target(&self, sample_idx: usize) -> usize {
        usize::from(self.labels[sample_idx])
    }

    /// All labels in sample order.
    #[must_use]
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// All samples in order: active inputs and label.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[u32], u8)> {
        (0..self.len()).map(|sample_idx| (self.input(sample_idx), self.label(sample_idx)))
    }

    /// The SHA-256, in hexadecimal, of everything a network is shown: number of samples, inputs and classes in
    /// 32 bits each, lowest byte first; then per sample its label and its inputs, input k in bit k mod 8 of
    /// byte k / 8. Equal data sets have equal ones, whatever they are called.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut sum = Sha256Sum::default();
        let mut bytes = Vec::new();
        for n in [self.len(), self.n_inputs(), self.n_classes] {
            bytes.extend(u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes());
        }
        for (input, label) in self.iter() {
            bytes.push(label);
            let first = bytes.len();
            bytes.resize(first + self.n_inputs().div_ceil(8), 0);
            for &input_idx in input {
                bytes[first + input_idx as usize / 8] |= 1 << (input_idx % 8);
            }
            if bytes.len() >= 1 << 16 {
                sum.add(&bytes);
                bytes.clear();
            }
        }
        sum.add(&bytes);
        sum.hex()
    }

    /// Active inputs of all samples together.
    #[must_use]
    pub fn total_active(&self) -> usize {
        self.active.len()
    }

    /// Active inputs per sample, on average. For reports; exact sums are in
    /// [`total_active`](Dataset::total_active).
    #[must_use]
    #[expect(
        clippy::float_arithmetic,
        reason = "a figure for reports, never part of a computation"
    )]
    pub fn mean_active(&self) -> f64 {
        self.total_active() as f64 / self.len() as f64
    }

    /// Active inputs of the sample that has most of them; what bounds on potentials start from.
    #[must_use]
    pub fn max_active(&self) -> usize {
        self.starts.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0)
    }

    /// The pixels of sample `sample_idx`, row by row.
    ///
    /// # Panics
    /// If `sample_idx` is not below [`len`](Dataset::len).
    #[must_use]
    pub fn bits(&self, sample_idx: usize) -> Vec<bool> {
        let mut bits = vec![false; self.n_inputs()];
        for &input in self.input(sample_idx) {
            bits[input as usize] = true;
        }
        bits
    }

    /// Sample `sample_idx` as lines of `#` and `.`, each ended by a line feed.
    ///
    /// # Panics
    /// If `sample_idx` is not below [`len`](Dataset::len).
    #[must_use]
    pub fn ascii(&self, sample_idx: usize) -> String {
        let bits = self.bits(sample_idx);
        let line = |row: &[bool]| {
            row.iter().map(|&bit| if bit { '#' } else { '.' }).chain(['\n']).collect::<String>()
        };
        bits.chunks_exact(self.width).map(line).collect()
    }

    /// The samples `start..end`, in order.
    ///
    /// # Errors
    /// If the range is empty or reaches past the end.
    pub fn slice(&self, range: std::ops::Range<usize>) -> Result<Dataset, DatasetError> {
        let std::ops::Range { start, end } = range;
        if start >= end || end > self.len() {
            return Err(DatasetError::Range { start, end, len: self.len() });
        }
        let (first, last) = (self.starts[start], self.starts[end]);
        Ok(Dataset {
            name: self.name.clone(),
            width: self.width,
            height: self.height,
            n_classes: self.n_classes,
            starts: self.starts[start..=end].iter().map(|position| position - first).collect(),
            active: self.active[first..last].to_vec(),
            labels: self.labels[start..end].to_vec(),
        })
    }

    /// The first `n_samples` samples.
    ///
    /// # Errors
    /// If `n_samples` is 0 or more than there are.
    pub fn truncated(&self, n_samples: usize) -> Result<Dataset, DatasetError> {
        self.slice(0..n_samples)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::{Dataset, Preparation};
    use crate::checksum::sha256_hex;
    use crate::idx::{Images, Labels};

    fn three() -> Dataset {
        let samples = [(vec![0, 2, 5], 1), (vec![], 0), (vec![3], 2)];
        Dataset::from_samples("three", (3, 2), 3, samples).unwrap()
    }

    #[track_caller]
    fn refused(samples: &[(&[u32], u8)], message: &str) {
        let error = Dataset::from_samples("bad", (3, 2), 3, samples.iter().copied()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn fingerprints_are_those_of_what_is_shown() {
        // 3 samples, 6 inputs, 3 classes; then label and one byte of inputs each.
        let bytes = [3, 0, 0, 0, 6, 0, 0, 0, 3, 0, 0, 0, 1, 0b10_0101, 0, 0, 2, 0b1000];
        assert_eq!(three().fingerprint(), sha256_hex(&bytes));
        let other = [(vec![0, 2, 5], 1), (vec![], 0), (vec![4], 2)];
        let other = Dataset::from_samples("three", (3, 2), 3, other).unwrap();
        assert_ne!(other.fingerprint(), three().fingerprint());
        let renamed =
            three().iter().map(|(input, label)| (input.to_vec(), label)).collect::<Vec<_>>();
        let renamed = Dataset::from_samples("other", (3, 2), 3, renamed).unwrap();
        assert_eq!(renamed.fingerprint(), three().fingerprint());
        // More samples than are hashed at once.
        let many = (0..20_000).map(|k| (vec![k % 40], 0));
        let many = Dataset::from_samples("many", (40, 1), 1, many).unwrap();
        let mut bytes: Vec<u8> = [20_000_u32, 40, 1].iter().flat_map(|n| n.to_le_bytes()).collect();
        for k in 0..20_000_u64 {
            bytes.push(0);
            bytes.extend(&(1_u64 << (k % 40)).to_le_bytes()[..5]);
        }
        assert_eq!(many.fingerprint(), sha256_hex(&bytes));
    }

    #[test]
    fn samples_come_back_as_given() {
        let set = three();
        assert_eq!((set.len(), set.is_empty(), set.n_inputs()), (3, false, 6));
        assert_eq!((set.width(), set.height(), set.n_classes()), (3, 2, 3));
        assert_eq!((set.name(), set.labels()), ("three", &[1, 0, 2][..]));
        assert_eq!((set.input(0), set.input(1), set.input(2)), (&[0, 2, 5][..], &[][..], &[3][..]));
        assert_eq!((set.label(2), set.target(2)), (2, 2));
        assert_eq!((set.total_active(), set.max_active()), (4, 3));
        assert_eq!(set.bits(0), [true, false, true, false, false, true]);
        assert_eq!(set.ascii(0), "#.#\n..#\n");
        assert_eq!(set.iter().nth(2), Some((&[3][..], 2)));
        let halves = Dataset::from_samples("h", (2, 1), 1, [(vec![0], 0), (vec![0, 1], 0)]);
        assert!((halves.unwrap().mean_active() - 1.5).abs() < 1e-12);
    }

    #[test]
    fn slices_keep_samples_whole() {
        let set = three();
        let tail = set.slice(1..3).unwrap();
        assert_eq!(tail.iter().collect::<Vec<_>>(), set.iter().skip(1).collect::<Vec<_>>());
        assert_eq!(set.truncated(3).unwrap(), set);
        assert_eq!(set.truncated(1).unwrap().input(0), [0, 2, 5]);
        let message = |range| set.slice(range).unwrap_err().to_string();
        let rest = "(end excluded) were asked for, expected at least one of 0 to 3";
        assert_eq!(message(0..0), format!("samples 0 to 0 {rest}"));
        assert_eq!(message(2..4), format!("samples 2 to 4 {rest}"));
    }

    #[test]
    fn bad_samples_are_located() {
        refused(&[], "number of samples is 0, expected at least 1");
        refused(&[(&[], 0), (&[], 3)], "label of sample 1 is 3, allowed are 0 to 2");
        refused(&[(&[6], 0)], "active input of sample 0 is 6, allowed are 0 to 5");
        refused(
            &[(&[1], 0), (&[1, 4, 4], 0)],
            "active input 4 of sample 1 follows 4, expected ascending order",
        );
        let none: [(&[u32], u8); 0] = [];
        let sized = |size, classes| {
            Dataset::from_samples("bad", size, classes, none).unwrap_err().to_string()
        };
        let pixels = "allowed are 1 to 4294967295 pixels in all";
        assert_eq!(sized((0, 2), 3), format!("picture size is 0 x 2, {pixels}"));
        assert_eq!(
            sized((1 << 16, 1 << 16), 3),
            format!("picture size is 65536 x 65536, {pixels}")
        );
        assert_eq!(sized((3, 2), 257), "number of classes is 257, allowed are 1 to 256");
    }

    #[test]
    fn images_and_labels_must_match() {
        let images = Images::new(2, 2, vec![129; 8]).unwrap();
        let made = |labels: &[u8], crop| {
            let labels = Labels::new(labels.to_vec()).unwrap();
            Dataset::from_images("i", 10, &images, &labels, &Preparation { crop, threshold: 129 })
        };
        assert_eq!(made(&[3, 4], 0).unwrap().total_active(), 8);
        assert_eq!(
            made(&[3], 0).unwrap_err().to_string(),
            "number of images is 2, number of labels is 1, expected equal numbers"
        );
        assert_eq!(
            made(&[3, 10], 0).unwrap_err().to_string(),
            "label of sample 1 is 10, allowed are 0 to 9"
        );
        assert_eq!(
            made(&[3, 4], 1).unwrap_err().to_string(),
            "crop is 1 pixels per side, allowed are 0 to 0 for 2 x 2 images"
        );
    }
}
