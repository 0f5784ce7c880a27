//! Where cores are: tiles of four on a mesh of eight by four, chips in a row.
//!
//! That a chip has 32 tiles of 4 cores is implied by its published description; the mesh of 8 columns is
//! SANA-FE's. How several chips lie to each other depends on the board; here they stand in a row from west
//! to east, so that a way within one chip is exact and a way between chips is a guess.

use std::fmt;

/// Cores of a tile.
pub const CORES_PER_TILE: u32 = 4;
/// Tiles of a chip from west to east.
pub const TILE_COLUMNS: u32 = 8;

/// A core of a chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CoreId {
    /// Number of the chip, from 0.
    pub chip: u32,
    /// Number of the core within the chip, from 0.
    pub core: u32,
}

impl CoreId {
    /// The tile within the chip, four cores each.
    #[must_use]
    pub const fn tile(self) -> u32 {
        self.core / CORES_PER_TILE
    }

    /// Column (0 to 7) and row of the tile within the chip.
    #[must_use]
    pub const fn position(self) -> (u32, u32) {
        (self.tile() % TILE_COLUMNS, self.tile() / TILE_COLUMNS)
    }

    /// Column counted over all chips in a row.
    fn column(self) -> u64 {
        u64::from(self.chip) * u64::from(TILE_COLUMNS) + u64::from(self.position().0)
    }
}

impl fmt::Display for CoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}", self.chip, self.core))
    }
}

/// The way of a spike from one core to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hops {
    /// From tile to tile along a row, those between chips included.
    pub east_west: u32,
    /// From tile to tile along a column.
    pub north_south: u32,
    /// From chip to chip.
    pub chips: u32,
}

impl Hops {
    /// Hops from tile to tile in all.
    #[must_use]
    pub const fn total(self) -> u32 {
        self.east_west.saturating_add(self.north_south)
    }
}

/// The way from one core to another: along the rows and along the columns. Within a tile it is empty.
#[must_use]
pub fn hops(from: CoreId, to: CoreId) -> Hops {
    let east_west = from.column().abs_diff(to.column());
    Hops {
        east_west: u32::try_from(east_west).unwrap_or(u32::MAX),
        north_south: from.position().1.abs_diff(to.position().1),
        chips: from.chip.abs_diff(to.chip),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chip_has_eight_by_four_tiles_of_four_cores() {
        let at = |core| CoreId { chip: 0, core };
        assert_eq!([0, 3, 4, 127].map(|core| at(core).tile()), [0, 0, 1, 31]);
        let positions = [0, 31, 32, 127].map(|core| at(core).position());
        assert_eq!(positions, [(0, 0), (7, 0), (0, 1), (7, 3)]);
        assert_eq!(hops(at(0), at(3)), Hops::default());
        assert_eq!(hops(at(127), at(0)), Hops { east_west: 7, north_south: 3, chips: 0 });
        assert_eq!(hops(at(0), at(127)).total(), 10);
    }

    #[test]
    fn chips_stand_in_a_row() {
        let [west, east] = [CoreId { chip: 1, core: 31 }, CoreId { chip: 2, core: 32 }];
        assert_eq!(hops(west, east), Hops { east_west: 1, north_south: 1, chips: 1 });
        let far = CoreId { chip: u32::MAX, core: u32::MAX };
        assert_eq!(hops(west, far).east_west, u32::MAX);
    }
}
