//! The marks of a raster by phase: each has a shape and a colour of its own, so that either is enough.

/// The shape of a mark. Every shape has a colour of its own, but none needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Glyph {
    /// A filled disc.
    Disc,
    /// A hollow ring.
    Ring,
    /// A diamond.
    Diamond,
    /// A triangle that points upwards.
    Up,
    /// A triangle that points downwards.
    Down,
    /// An upright bar.
    Bar,
    /// A diagonal cross.
    Cross,
}

impl Glyph {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Disc, Self::Ring, Self::Diamond, Self::Up, Self::Down, Self::Bar, Self::Cross];

    /// The class of its marks in the picture's style.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Disc => "k-disc",
            Self::Ring => "k-ring",
            Self::Diamond => "k-diamond",
            Self::Up => "k-up",
            Self::Down => "k-down",
            Self::Bar => "k-bar",
            Self::Cross => "k-cross",
        }
    }

    /// Its colour on white, and on black.
    pub(crate) const fn colours(self) -> [&'static str; 2] {
        match self {
            Self::Disc => ["#0064a8", "#63b8f0"],
            Self::Ring => ["#41627d", "#9db8cf"],
            Self::Diamond => ["#00785a", "#3fd0a4"],
            Self::Up => ["#c24d00", "#ff9c52"],
            Self::Down => ["#8a3391", "#dd9be4"],
            Self::Bar => ["#444", "#ccc"],
            Self::Cross => ["#c00020", "#ff7080"],
        }
    }

    /// The outline about a middle, about seven pixels wide and high.
    pub(crate) fn path(self, x: i32, y: i32) -> String {
        match self {
            Self::Disc => format!("M{} {y}a3 3 0 1 0 6 0a3 3 0 1 0-6 0z", x - 3),
            Self::Ring => format!("M{}.5 {y}a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0z", x - 3),
            Self::Diamond => format!("M{x} {}l4 4l-4 4l-4-4z", y - 4),
            Self::Up => format!("M{x} {}l4 6h-8z", y - 3),
            Self::Down => format!("M{x} {}l-4-6h8z", y + 3),
            Self::Bar => format!("M{} {}h3v6h-3z", x - 1, y - 3),
            Self::Cross => format!("M{} {}l6 6m0-6l-6 6", x - 3, y - 3),
        }
    }
}
