//! Reads the golden archives: NumPy arrays in an uncompressed zip file.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use npyz::{DType, NpyFile};
use synfire_reference::Matrix;
use zip::ZipArchive;

/// One archive of vectors.
pub(crate) struct Golden {
    archive: ZipArchive<File>,
}

/// A two-dimensional array of integers, row after row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) n_rows: usize,
    pub(crate) n_columns: usize,
    pub(crate) values: Vec<i64>,
}

/// The folder with the golden vectors, if this machine has one.
pub(crate) fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("SYNFIRE_GOLDEN_DIR").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/golden");
    named.into_iter().chain([beside]).find(|folder| folder.is_dir())
}

impl Golden {
    pub(crate) fn open(path: &Path) -> Golden {
        Golden { archive: ZipArchive::new(File::open(path).unwrap()).unwrap() }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.archive.index_for_name(&format!("{name}.npy")).is_some()
    }

    pub(crate) fn table(&mut self, name: &str) -> Table {
        let mut bytes = Vec::new();
        let mut entry = self.archive.by_name(&format!("{name}.npy")).unwrap();
        entry.read_to_end(&mut bytes).unwrap();
        let npy = NpyFile::new(&bytes[..]).unwrap();
        assert_eq!(npy.order(), npyz::Order::C, "{name} is stored row after row");
        let [n_rows, n_columns] = *npy.shape() else { panic!("{name} is not a table") };
        let DType::Plain(kind) = npy.dtype() else { panic!("{name} is not an array of numbers") };
        let values = match kind.to_string().as_str() {
            "<i2" => npy.into_vec::<i16>().unwrap().into_iter().map(i64::from).collect(),
            "|u1" => npy.into_vec::<u8>().unwrap().into_iter().map(i64::from).collect(),
            "<i8" => npy.into_vec::<i64>().unwrap(),
            other => panic!("{name} has elements of type {other}"),
        };
        let (n_rows, n_columns) = (n_rows.try_into().unwrap(), n_columns.try_into().unwrap());
        Table { n_rows, n_columns, values }
    }

    pub(crate) fn matrix(&mut self, name: &str) -> Matrix {
        let table = self.table(name);
        let values = table.values.iter().map(|&value| i16::try_from(value).unwrap());
        Matrix::new(table.n_rows, table.n_columns, values.collect()).unwrap()
    }
}

impl Table {
    pub(crate) fn row(&self, row: usize) -> &[i64] {
        &self.values[row * self.n_columns..][..self.n_columns]
    }

    pub(crate) fn ones(&self, row: usize) -> Vec<u32> {
        (0..).zip(self.row(row)).filter_map(|(idx, &bit)| (bit == 1).then_some(idx)).collect()
    }
}
