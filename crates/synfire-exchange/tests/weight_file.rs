//! A weight file is not trusted: arbitrary and damaged bytes are refused, never a panic.

use proptest::prelude::*;
use synfire_exchange::synfire_reference::{Shape, WeightLimits, init};
use synfire_exchange::{WeightFile, write_weights};

fn valid() -> Vec<u8> {
    let shape = Shape::new(&[4, 3, 2]).expect("a valid shape");
    write_weights(&init::he(&shape, 1)).expect("small enough")
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(WeightFile::parse(&bytes, WeightLimits::CIRCUIT).is_err());
    }

    #[test]
    fn damaged_archives_never_panic(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        length in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut bytes = valid();
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if is_cut {
            bytes.truncate(length.index(bytes.len()));
        }
        let _ = WeightFile::parse(&bytes, WeightLimits::CIRCUIT);
    }

    #[test]
    fn every_cut_is_noticed(length in any::<prop::sample::Index>()) {
        let mut bytes = valid();
        bytes.truncate(length.index(bytes.len()));
        prop_assert!(WeightFile::parse(&bytes, WeightLimits::CIRCUIT).is_err());
    }
}
