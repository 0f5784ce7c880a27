//! Reads arrays from a NumPy `.npz` archive, for tests.

use npyz::NpyFile;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// The arrays of an archive, as integers in C order, with their shapes; texts as texts.
#[derive(Clone, Debug)]
pub struct Npz {
    arrays: BTreeMap<String, (Vec<usize>, Vec<i64>)>,
    texts: BTreeMap<String, Vec<String>>,
}

impl Npz {
    /// Reads a whole archive.
    ///
    /// # Panics
    /// If it is not readable: it is test data.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        let file = std::fs::File::open(path).expect("the archive opens");
        let mut archive = zip::ZipArchive::new(file).expect("the archive is a zip");
        let (mut arrays, mut texts) = (BTreeMap::new(), BTreeMap::new());
        for idx in 0..archive.len() {
            let mut entry = archive.by_index(idx).expect("the entry is readable");
            let name = entry.name().expect("a name").trim_end_matches(".npy").to_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("the entry is readable");
            let npy = NpyFile::new(&bytes[..]).expect("the entry is an array");
            let shape: Vec<usize> =
                npy.shape().iter().map(|&n| usize::try_from(n).expect("small")).collect();
            match npy.dtype().descr().trim_matches('\'') {
                "<i2" => put(&mut arrays, name, shape, npy.into_vec::<i16>().expect("i16")),
                "<i4" => put(&mut arrays, name, shape, npy.into_vec::<i32>().expect("i32")),
                "<i8" => put(&mut arrays, name, shape, npy.into_vec::<i64>().expect("i64")),
                "|u1" => put(&mut arrays, name, shape, npy.into_vec::<u8>().expect("u8")),
                _ => {
                    texts.insert(name, npy.into_vec::<String>().expect("text"));
                }
            }
        }
        Self { arrays, texts }
    }

    /// An array and its shape, if the archive has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<(&[usize], &[i64])> {
        self.arrays.get(name).map(|(shape, values)| (&shape[..], &values[..]))
    }

    /// An array that must be there.
    ///
    /// # Panics
    /// If it is not.
    #[must_use]
    pub fn array(&self, name: &str) -> (&[usize], &[i64]) {
        self.get(name).unwrap_or_else(|| panic!("the archive has no array {name}"))
    }

    /// An array of small integers, such as weights.
    ///
    /// # Panics
    /// If it is not there or a value does not fit.
    #[must_use]
    pub fn weights(&self, name: &str) -> Vec<i16> {
        self.array(name).1.iter().map(|&value| i16::try_from(value).expect("a weight")).collect()
    }

    /// A list of texts that must be there.
    ///
    /// # Panics
    /// If it is not.
    #[must_use]
    pub fn texts(&self, name: &str) -> &[String] {
        &self.texts[name]
    }
}

fn put<T: Into<i64>>(
    arrays: &mut BTreeMap<String, (Vec<usize>, Vec<i64>)>,
    name: String,
    shape: Vec<usize>,
    values: Vec<T>,
) {
    arrays.insert(name, (shape, values.into_iter().map(Into::into).collect()));
}
