//! MNIST and Fashion-MNIST themselves, where they are at hand.
//!
//! Looked for in `$SYNFIRE_DATA_DIR`, then in `shared/datasets` beside the workspace. Where neither
//! has them the tests say so and pass: the sets are never part of the project.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::path::Path;

use synfire_data::{LoadError, Preparation, SearchPath, Source, Split, load};

#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn at_hand(source: &Source, preparation: &Preparation) -> Option<Split> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/datasets");
    let named = std::env::var_os("SYNFIRE_DATA_DIR").map(Into::into);
    match load(source, &SearchPath::new(None, named, Some(beside)), preparation) {
        Ok(split) => Some(split),
        Err(error @ LoadError::Missing { .. }) => {
            println!("skipped: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// `load` has compared the SHA-256 of all four files; here are the figures that follow from them.
#[test]
fn mnist_is_as_in_the_paper() {
    let Some(split) = at_hand(&Source::Mnist, &Preparation::of(&Source::Mnist)) else { return };
    let Split { train, test } = &split;
    assert_eq!((train.len(), test.len()), (60_000, 10_000));
    assert_eq!((train.width(), train.height(), test.n_inputs()), (20, 20, 400));
    assert_eq!((train.name(), test.name()), ("mnist train", "mnist test"));
    // Some 99 of 400; the sums were taken with NumPy.
    assert_eq!((train.total_active(), test.total_active()), (5_944_674, 1_005_880));
    // The best known labels of the set.
    assert_eq!(train.labels()[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    assert_eq!(test.labels()[..10], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    let n_fives = train.labels().iter().filter(|&&label| label == 5).count();
    assert_eq!(n_fives, 5421);
}

#[test]
fn fashion_mnist_is_whole() {
    let source = &Source::FashionMnist;
    let Some(Split { train, test }) = at_hand(source, &Preparation::of(source)) else { return };
    assert_eq!((train.len(), test.len()), (60_000, 10_000));
    assert_eq!((train.width(), train.height(), test.n_inputs()), (28, 28, 784));
    // Some 245 of 784; the sums were taken with NumPy.
    assert_eq!((train.total_active(), test.total_active()), (14_721_502, 2_458_407));
    for class in 0..10 {
        assert_eq!(train.labels().iter().filter(|&&label| label == class).count(), 6000);
    }
}

#[test]
fn crops_of_the_same_files_agree() {
    let whole = Preparation { crop: 0, ..Preparation::of(&Source::Mnist) };
    let Some(whole) = at_hand(&Source::Mnist, &whole) else { return };
    let cropped = at_hand(&Source::Mnist, &Preparation::of(&Source::Mnist)).unwrap();
    for sample_idx in (0..10_000).step_by(97) {
        let (bits, kept) = (whole.test.bits(sample_idx), cropped.test.bits(sample_idx));
        for row in 0..20 {
            assert_eq!(kept[row * 20..][..20], bits[(row + 4) * 28 + 4..][..20]);
        }
    }
}
