//! What the picture calls things: populations, gates, phases, and the mark of each meaning.

use synfire_circuit::{Form, MEANINGS, Population, Quantity};
use synfire_draw::{Glyph, PhaseBand, Tone};

/// A population in words.
pub(super) const fn name(population: Population) -> &'static str {
    match population {
        Population::X => "input",
        Population::Mx => "memory of the input",
        Population::H => "hidden, z > 512",
        Population::HLow => "hidden, z > 0",
        Population::HHigh => "hidden, z > 1024",
        Population::Mh => "memory of hidden",
        Population::C => "derivative gate",
        Population::HBack => "error sent back",
        Population::O => "output, z > 512",
        Population::OLow => "output, z > 0",
        Population::OHigh => "output, z > 1024",
        Population::OBack => "error, signs swapped",
        Population::T => "target",
        Population::DPlus => "error: silent, wanted",
        Population::DMinus => "error: active, unwanted",
        Population::Gate(_) => "gate",
    }
}

/// What a gate does in the phase it is named after: clause P2.
pub(super) const fn gate(k: u8, form: Form) -> &'static str {
    match (k, form) {
        (0, Form::Sized) => "holds hidden, output",
        (0, Form::Published) => "holds output",
        (1, _) => "opens input",
        (2, _) => "opens hidden",
        (3, _) => "opens output, target",
        (4, _) => "holds error",
        (5 | 9, _) => "opens W2 and error",
        (6, _) => "opens memory, error",
        (7 | 11, _) => "opens input for W1",
        (8, Form::Sized) => "holds hidden, output",
        (8, Form::Published) => "holds hidden",
        (10, _) => "opens error",
        _ => "",
    }
}

/// What happens in the phases of the learning circuit.
pub(super) fn bands() -> Vec<PhaseBand> {
    let one = |phase, name: &str| PhaseBand {
        first: phase,
        last: phase,
        name: name.to_owned(),
        ..PhaseBand::default()
    };
    let three = |first, name: &str, parts: [&str; 3], tone| PhaseBand {
        first,
        last: first + 2,
        name: name.to_owned(),
        parts: parts.map(str::to_owned).to_vec(),
        tone,
    };
    vec![
        one(0, "rest"),
        one(1, "input"),
        one(2, "hidden"),
        one(3, "output"),
        one(4, "error"),
        three(5, "potentiation", ["W2 +", "back", "W1 +"], Tone::Up),
        one(8, "rest"),
        three(9, "depression", ["W2 -", "back", "W1 -"], Tone::Down),
    ]
}

/// The legend.
pub(super) fn legend() -> Vec<(Glyph, String)> {
    let words = [
        (Glyph::Disc, "forward"),
        (Glyph::Diamond, "target"),
        (Glyph::Up, "error, to go up"),
        (Glyph::Down, "error, to go down"),
        (Glyph::Ring, "memory and replay"),
        (Glyph::Bar, "gate and reward"),
        (Glyph::Cross, "phantom: means nothing"),
    ];
    words.map(|(glyph, words)| (glyph, words.to_owned())).to_vec()
}

/// The meaning of a spike of a population in a phase, and its mark; a spike without one is a fault.
pub(super) fn meaning(population: Population, phase: u32) -> (Glyph, Option<Quantity>) {
    let found = MEANINGS.iter().find(|row| row.population == population && row.phase == phase);
    let Some(row) = found else { return (Glyph::Cross, None) };
    let glyph = match row.quantity {
        Quantity::Input if phase == 1 => Glyph::Disc,
        Quantity::Hidden if phase == 2 => Glyph::Disc,
        Quantity::Input | Quantity::Hidden => Glyph::Ring,
        Quantity::HiddenLow
        | Quantity::HiddenHigh
        | Quantity::Output
        | Quantity::OutputLow
        | Quantity::OutputHigh => Glyph::Disc,
        Quantity::Derivative => Glyph::Bar,
        Quantity::Target => Glyph::Diamond,
        Quantity::OutputErrorPlus | Quantity::BackPlus | Quantity::HiddenErrorPlus => Glyph::Up,
        Quantity::OutputErrorMinus | Quantity::BackMinus | Quantity::HiddenErrorMinus => {
            Glyph::Down
        }
    };
    (glyph, Some(row.quantity))
}

#[cfg(test)]
mod tests {
    use super::*;
    use synfire_circuit::LEARNING_PERIOD;

    /// A spike has a meaning exactly where its population may spike.
    #[test]
    fn every_allowed_phase_has_a_meaning() {
        for population in Population::WORKING {
            for phase in 0..LEARNING_PERIOD {
                let is_allowed = population.learning_phases().contains(phase);
                let (glyph, quantity) = meaning(population, phase);
                assert_eq!(quantity.is_some(), is_allowed, "{population:?} {phase}");
                assert_eq!(glyph == Glyph::Cross, !is_allowed, "{population:?} {phase}");
            }
        }
    }

    #[test]
    fn bands_cover_every_phase_once() {
        let phases: Vec<u32> = bands().iter().flat_map(|band| band.first..=band.last).collect();
        assert_eq!(phases, (0..LEARNING_PERIOD).collect::<Vec<_>>());
    }
}
