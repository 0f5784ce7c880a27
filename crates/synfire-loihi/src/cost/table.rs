//! An estimate as text, every line of which says that it is one.

use super::constants::{Origin, STATIC_POWER_MW_PER_CHIP};
use super::estimate::Estimate;
use super::learning::LearningVisits;
use std::fmt;

impl fmt::Display for LearningVisits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::All => "every plastic synapse in every learning",
            Self::Touched => "synapses that a rule can reach",
        })
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = self.set();
        let plural = |n: usize, what: &str| match n {
            1 => format!("1 {what}"),
            _ => format!("{n} {what}s"),
        };
        writeln!(
            f,
            "estimate by {}: {} steps on {}, {}, {}",
            set.name,
            self.n_steps(),
            plural(self.cores().len(), "core"),
            plural(self.n_tiles(), "tile"),
            plural(self.n_chips(), "chip"),
        )?;
        writeln!(f, "estimate: constants of {}", set.source)?;
        writeln!(f, "estimate: learning visits {}", self.visits())?;
        if self.learns_delays() {
            writeln!(f, "estimate: delays learn; active updates counted by the initial delays")?;
        }
        for row in self.operations() {
            let once = row.price.energy_fj;
            write!(
                f,
                "estimate: {:<22} {:>15} x {:>4}.{:03} pJ = {:>14}",
                row.operation,
                row.count,
                once / 1000,
                once % 1000,
                energy(row.energy_fj),
            )?;
            match row.price.origin {
                Origin::Published => writeln!(f)?,
                Origin::Borrowed(from) => writeln!(f, ", constant borrowed from {from}")?,
            }
        }
        if self.phases().len() > 1 {
            for (phase, part) in self.phases().iter().enumerate() {
                writeln!(
                    f,
                    "estimate: phase {phase:>2} {:>9} steps {:>14} {:>14}",
                    part.n_steps,
                    energy(part.energy_fj),
                    time(part.time.total_ps()),
                )?;
            }
        }
        writeln!(f, "estimate: energy {}", energy(self.energy_fj()))?;
        let parts = self.time();
        writeln!(
            f,
            "estimate: time {}, of which busiest core {}, longest way {}, barrier {}",
            time(parts.total_ps()),
            time(parts.busiest_ps),
            time(parts.way_ps),
            time(parts.barrier_ps),
        )?;
        write!(
            f,
            "estimate: leakage {STATIC_POWER_MW_PER_CHIP} mW per chip, {} in this time, not in the energy above",
            energy(self.static_energy_fj()),
        )
    }
}

fn energy(femtojoules: u128) -> String {
    scaled(femtojoules, ["fJ", "pJ", "nJ", "uJ", "mJ", "J"])
}

fn time(picoseconds: u128) -> String {
    scaled(picoseconds, ["ps", "ns", "us", "ms", "s", "ks"])
}

/// A quantity in the largest unit of which there is one whole, with three decimals, rounded to the nearest,
/// half up.
fn scaled(value: u128, units: [&str; 6]) -> String {
    let mut scale = 1;
    for (idx, unit) in units.iter().enumerate() {
        // In thousandths of the unit, which rounding may bring to the next unit.
        let thousandths = value / scale * 1000 + (value % scale * 2000 + scale) / (2 * scale);
        if thousandths < 1_000_000 || idx + 1 == units.len() {
            return if idx == 0 {
                format!("{value} {unit}")
            } else {
                format!("{}.{:03} {unit}", thousandths / 1000, thousandths % 1000)
            };
        }
        scale *= 1000;
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_rounded_once_and_change_their_unit_in_time() {
        let rows = [
            (0, "0 fJ"),
            (999, "999 fJ"),
            (1000, "1.000 pJ"),
            (999_999, "999.999 pJ"),
            (999_999_499, "999.999 nJ"),
            (999_999_500, "1.000 uJ"),
            (590_000_000_000, "590.000 uJ"),
            (u128::from(u64::MAX), "18446.744 J"),
        ];
        for (femtojoules, text) in rows {
            assert_eq!(energy(femtojoules), text);
        }
        assert_eq!(time(1_500_000_499_999), "1.500 s");
        assert_eq!(time(125_000_500), "125.001 us");
    }
}
