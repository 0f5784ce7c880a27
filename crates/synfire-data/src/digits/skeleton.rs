//! The stroke skeletons of the ten digits, as data.
//!
//! A skeleton is a list of marks on a field whose x runs from -30 (left) to 30 and whose y runs
//! from -50 (top) to 50. [`Mark::Down`] sets the pen down, the others lead it on: smoothly through
//! [`Mark::Smooth`], with a change of direction at [`Mark::Corner`]. Every digit has several
//! skeletons, one for each common way of writing it; each is equally likely.
//!
//! Drawn for this project by eye; no data set was traced or measured.

/// A point of a skeleton and how the pen passes it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mark {
    /// The pen touches down.
    Down(i8, i8),
    /// The pen passes without changing direction.
    Smooth(i8, i8),
    /// The pen passes and may turn sharply.
    Corner(i8, i8),
}

/// One way of writing one digit.
pub(crate) type Skeleton = &'static [Mark];

const fn d(x: i8, y: i8) -> Mark {
    Mark::Down(x, y)
}
const fn s(x: i8, y: i8) -> Mark {
    Mark::Smooth(x, y)
}
const fn c(x: i8, y: i8) -> Mark {
    Mark::Corner(x, y)
}

/// The skeletons of each digit; the index is the digit.
// One mark per line, as rustfmt would have it, hides the shapes.
#[rustfmt::skip]
pub(crate) const SKELETONS: [&[Skeleton]; 10] = [
    // 0: closed oval; oval whose end crosses its start; narrow; begun at the side.
    &[
        &[d(0, -50), s(-21, -36), s(-27, 0), s(-20, 36), s(0, 50), s(20, 36), s(27, 0),
          s(20, -36), s(0, -50)],
        &[d(10, -48), s(-12, -46), s(-26, -14), s(-22, 30), s(0, 50), s(22, 32), s(26, -8),
          s(14, -40), s(-8, -44)],
        &[d(2, -50), s(-13, -30), s(-16, 6), s(-9, 40), s(2, 50), s(13, 36), s(16, 2), s(11, -36),
          s(2, -50)],
        &[d(-22, -16), s(-26, 14), s(-14, 42), s(8, 46), s(26, 22), s(24, -18), s(8, -44),
          s(-14, -36), s(-23, -12)],
    ],
    // 1: bare stroke; leaning stroke; with a flag; with flag and foot; short flag and bent stem.
    &[
        &[d(0, -50), s(1, 0), s(0, 50)],
        &[d(12, -50), s(0, 0), s(-10, 50)],
        &[d(-17, -28), c(5, -50), s(4, 0), s(4, 50)],
        &[d(-15, -32), c(2, -50), s(2, 0), s(2, 48), d(-20, 49), s(24, 48)],
        &[d(-8, -38), c(4, -50), s(6, -10), s(0, 50)],
    ],
    // 2: swan neck with a corner; with a loop at the foot; short neck; wavy foot; open and flat.
    &[
        &[d(-24, -28), s(-12, -46), s(8, -50), s(24, -34), s(19, -8), s(-4, 20), c(-28, 46),
          s(0, 45), s(29, 47)],
        &[d(-22, -32), s(-6, -49), s(16, -44), s(22, -22), s(10, 6), s(-10, 32), s(-25, 46),
          s(-28, 34), s(-14, 31), s(4, 43), s(29, 44)],
        &[d(-20, -40), s(-2, -50), s(18, -40), s(16, -14), s(-2, 12), c(-24, 44), s(2, 48),
          s(26, 42)],
        &[d(-26, -20), s(-18, -44), s(6, -50), s(25, -32), s(20, -6), s(2, 18), s(-24, 42),
          s(-6, 38), s(10, 46), s(30, 40)],
        &[d(-24, -44), s(0, -49), s(22, -38), s(18, -12), s(-6, 16), c(-26, 50), s(28, 50)],
    ],
    // 3: two bows meeting in a corner; a small loop in the waist; flat top; smooth waist.
    &[
        &[d(-22, -40), s(-4, -50), s(18, -42), s(20, -22), c(-4, -4), s(20, 6), s(25, 28),
          s(4, 50), s(-25, 38)],
        &[d(-20, -44), s(4, -50), s(20, -34), s(12, -14), s(-6, -4), s(-10, -10), s(0, -9),
          s(22, 10), s(20, 38), s(-4, 50), s(-24, 42)],
        &[d(-22, -47), c(22, -49), c(-3, -10), s(18, 0), s(25, 24), s(8, 48), s(-22, 42)],
        &[d(-18, -48), s(8, -48), s(20, -30), s(8, -10), s(6, -4), s(24, 16), s(14, 44),
          s(-10, 50), s(-24, 44)],
    ],
    // 4: open, straight; closed; open and round like a y; closed with a short stem.
    &[
        &[d(-18, -46), s(-21, -20), c(-25, 8), s(28, 4), d(13, -32), s(12, 8), s(10, 50)],
        &[d(10, -50), s(-8, -20), c(-28, 16), s(30, 15), d(11, -50), s(10, 0), s(9, 50)],
        &[d(-20, -46), s(-24, -14), s(-10, 2), s(8, -2), s(18, -14), d(21, -48), s(16, 2),
          s(9, 50)],
        &[d(-14, -50), s(-20, -22), c(-22, 2), s(4, 1), s(28, -2), d(20, -50), s(16, -4),
          s(14, 50)],
        &[d(14, 50), s(15, 0), c(16, -50), s(-6, -18), c(-26, 12), s(2, 12), s(26, 10)],
    ],
    // 5: hat, neck, belly; hat as a stroke of its own; like an S; wide belly.
    &[
        &[d(23, -48), c(-15, -48), c(-19, -8), s(4, -15), s(25, 6), s(21, 36), s(-2, 50),
          s(-25, 40)],
        &[d(-13, -46), c(-18, -6), s(2, -14), s(23, 2), s(23, 32), s(2, 50), s(-23, 44),
          d(-13, -46), s(8, -46), s(28, -50)],
        &[d(24, -46), s(2, -49), s(-17, -36), s(-15, -12), s(8, -2), s(22, 18), s(12, 44),
          s(-10, 50), s(-24, 42)],
        &[d(20, -50), s(4, -46), c(-14, -46), c(-24, -4), s(2, -10), s(28, 12), s(20, 42),
          s(-6, 48), s(-28, 34)],
    ],
    // 6: bent back with a round bowl; straight back; bowl that crosses the back; big bowl.
    &[
        &[d(16, -50), s(-8, -30), s(-23, 8), s(-17, 40), s(4, 50), s(23, 34), s(20, 10), s(2, 2),
          s(-20, 22)],
        &[d(0, -50), s(-14, -16), s(-22, 20), s(-12, 46), s(8, 48), s(22, 28), s(12, 8),
          s(-6, 10), s(-20, 28)],
        &[d(20, -44), s(0, -42), s(-18, -14), s(-22, 20), s(-8, 48), s(14, 44), s(20, 20),
          s(4, 4), s(-26, 16)],
        &[d(6, -50), s(-18, -22), s(-26, 16), s(-12, 46), s(14, 46), s(27, 20), s(12, -6),
          s(-10, -2), s(-24, 18)],
    ],
    // 7: plain; with a bar; with a serif; with serif and bar; round shoulder.
    &[
        &[d(-25, -45), c(25, -48), s(6, 0), s(-8, 50)],
        &[d(-25, -46), c(25, -47), s(8, -2), s(-7, 50), d(-13, 2), s(21, -1)],
        &[d(-25, -30), c(-23, -46), c(25, -46), s(4, 2), s(-4, 50)],
        &[d(-27, -34), s(-20, -46), s(0, -42), c(24, -48), s(4, 4), s(-12, 50), d(-17, 6),
          s(22, 2)],
        &[d(-26, -40), s(-6, -49), s(16, -46), s(22, -30), s(10, 4), s(2, 50)],
    ],
    // 8: one stroke begun at the right; two ovals; begun in the middle; open at the top right.
    &[
        &[d(17, -38), s(-1, -50), s(-19, -36), s(-10, -12), s(10, 8), s(22, 29), s(6, 50),
          s(-14, 47), s(-21, 28), s(-8, 7), s(12, -13), s(19, -32), s(10, -47)],
        &[d(0, -50), s(-17, -40), s(-15, -16), s(0, -6), s(15, -16), s(17, -40), s(0, -50),
          d(0, -6), s(-21, 12), s(-20, 38), s(0, 50), s(20, 38), s(21, 12), s(0, -6)],
        &[d(0, -4), s(-17, -22), s(-10, -45), s(8, -48), s(19, -28), s(2, -4), s(-19, 18),
          s(-16, 43), s(4, 50), s(22, 34), s(16, 12), s(0, -4)],
        &[d(22, -46), s(4, -49), s(-17, -38), s(-12, -14), s(12, 10), s(18, 34), s(2, 50),
          s(-17, 38), s(-8, 10), s(10, -16), s(24, -40)],
    ],
    // 9: round head and bent tail; straight stem; hooked tail; head open at the top.
    &[
        &[d(20, -30), s(2, -50), s(-19, -36), s(-17, -12), s(2, -4), s(19, -22), s(20, -30),
          s(19, 6), s(8, 50)],
        &[d(18, -44), s(-4, -50), s(-22, -30), s(-14, -8), s(6, -10), c(20, -42), s(18, 4),
          s(16, 50)],
        &[d(18, -34), s(0, -50), s(-20, -34), s(-15, -10), s(6, -6), s(21, -30), s(22, 10),
          s(10, 44), s(-8, 50), s(-22, 38)],
        &[d(10, -48), s(-12, -44), s(-22, -22), s(-8, -4), s(12, -14), s(20, -42), s(14, 4),
          s(-4, 50)],
    ],
];

#[cfg(test)]
mod tests {
    use super::{Mark, SKELETONS};

    #[test]
    fn every_skeleton_is_drawable_and_on_the_field() {
        for (digit, skeletons) in SKELETONS.iter().enumerate() {
            assert!(skeletons.len() >= 4, "digit {digit} has {} skeletons", skeletons.len());
            for skeleton in *skeletons {
                assert!(matches!(skeleton[0], Mark::Down(..)), "digit {digit}");
                assert!(!matches!(skeleton[skeleton.len() - 1], Mark::Down(..)), "digit {digit}");
                for pair in skeleton.windows(2) {
                    let both = matches!(pair, [Mark::Down(..), Mark::Down(..)]);
                    assert!(!both, "digit {digit}: a stroke without length");
                }
                for mark in *skeleton {
                    let (Mark::Down(x, y) | Mark::Smooth(x, y) | Mark::Corner(x, y)) = *mark;
                    assert!(x.abs() <= 30 && y.abs() <= 50, "digit {digit}: {mark:?}");
                }
            }
        }
    }
}
