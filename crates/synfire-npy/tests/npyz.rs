//! Arrays against another reader and writer of `.npy` files, the crate npyz.

use npyz::{NpyFile, WriterBuilder};
use proptest::prelude::*;
use synfire_npy::{Array, Npz, Values, parse_npy, write_npy, write_npz};

fn shape() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..5_usize, 0..4)
}

fn values(n: usize) -> impl Strategy<Value = Values> {
    prop_oneof![
        prop::collection::vec(any::<i8>(), n).prop_map(Values::from),
        prop::collection::vec(any::<i16>(), n).prop_map(Values::from),
        prop::collection::vec(any::<i32>(), n).prop_map(Values::from),
        prop::collection::vec(any::<i64>(), n).prop_map(Values::from),
        prop::collection::vec(any::<u8>(), n).prop_map(Values::from),
        prop::collection::vec(any::<u32>(), n).prop_map(Values::from),
        prop::collection::vec(any::<bool>(), n).prop_map(Values::from),
        prop::collection::vec(-1e9_f32..1e9, n).prop_map(Values::from),
        prop::collection::vec("[a-z+<\u{e9}]{0,3}", n).prop_map(Values::from),
    ]
}

fn array() -> impl Strategy<Value = Array> {
    shape().prop_flat_map(|shape| {
        values(shape.iter().product())
            .prop_map(move |values| Array::new(&shape, values).expect("as many values"))
    })
}

/// The values of a file as npyz reads them.
fn read(bytes: &[u8]) -> Option<(Vec<u64>, Values)> {
    let file = NpyFile::new(bytes).ok()?;
    let shape = file.shape().to_vec();
    let values = match file.dtype().descr().trim_matches('\'') {
        "|i1" => file.into_vec::<i8>().ok()?.into(),
        "<i2" => file.into_vec::<i16>().ok()?.into(),
        "<i4" => file.into_vec::<i32>().ok()?.into(),
        "<i8" => file.into_vec::<i64>().ok()?.into(),
        "|u1" => file.into_vec::<u8>().ok()?.into(),
        "<u4" => file.into_vec::<u32>().ok()?.into(),
        "|b1" => file.into_vec::<bool>().ok()?.into(),
        "<f4" => file.into_vec::<f32>().ok()?.into(),
        text if text.starts_with("<U") => file.into_vec::<String>().ok()?.into(),
        other => panic!("{other}"),
    };
    Some((shape, values))
}

proptest! {
    #[test]
    fn npyz_reads_what_is_written(array in array()) {
        let (shape, values) = read(&write_npy(&array)).expect("npyz reads it");
        let expected: Vec<u64> = array.shape().iter().map(|&side| side as u64).collect();
        prop_assert_eq!((shape, &values), (expected, array.values()));
    }

    #[test]
    fn what_npyz_writes_is_read(
        rows in 1..6_usize,
        columns in 1..6_usize,
        is_fortran in any::<bool>(),
        seed in any::<i16>(),
    ) {
        let value = |row: usize, column: usize| seed.wrapping_add(i16::try_from(10 * row + column).expect("small"));
        let in_c_order: Vec<i16> =
            (0..rows).flat_map(|row| (0..columns).map(move |column| value(row, column))).collect();
        let stored: Vec<i16> = if is_fortran {
            (0..columns).flat_map(|column| (0..rows).map(move |row| value(row, column))).collect()
        } else {
            in_c_order.clone()
        };
        let order = if is_fortran { npyz::Order::Fortran } else { npyz::Order::C };
        let mut bytes = Vec::new();
        let options = npyz::WriteOptions::new().default_dtype().shape(&[rows as u64, columns as u64]).order(order);
        let mut writer = options.writer(&mut bytes).begin_nd().expect("in memory");
        writer.extend(stored).expect("in memory");
        writer.finish().expect("in memory");
        let expected = Array::new(&[rows, columns], in_c_order).expect("as many values");
        prop_assert_eq!(parse_npy(&bytes).expect("read"), expected);
    }

    #[test]
    fn archives_come_back(arrays in prop::collection::vec(array(), 0..4)) {
        let names: Vec<String> = (0..arrays.len()).map(|n| format!("a{n}")).collect();
        let bytes = write_npz(names.iter().map(String::as_str).zip(&arrays)).expect("small");
        let mut archive = Npz::parse(&bytes).expect("an archive");
        for (name, array) in names.iter().zip(&arrays) {
            prop_assert_eq!(&archive.array(name).expect("is there"), array);
        }
    }

    #[test]
    fn damaged_arrays_never_panic(
        array in array(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = write_npy(&array);
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = parse_npy(&bytes);
    }
}
