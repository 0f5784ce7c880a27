//! What was checked, as text: one line per claim, with its count and verdict.

use crate::claim::Claim;
use crate::ladder::Climb;
use std::fmt::Write;

/// Whether every claim of a climb holds: no failure, and something compared for each.
#[must_use]
pub fn holds(climb: &Climb) -> bool {
    climb.failure.is_none() && vacuous(climb).next().is_none()
}

/// The rungs and claims for which nothing was compared.
fn vacuous(climb: &Climb) -> impl Iterator<Item = (usize, Claim)> {
    (0..climb.counts.len()).flat_map(move |idx| {
        Claim::ALL
            .into_iter()
            .filter(move |&claim| claim != Claim::Engines || idx > 0)
            .filter(move |&claim| climb.counts[idx].get(claim) == 0)
            .map(move |claim| (idx, claim))
    })
}

/// The report of a climb over rungs of these names; `command` repeats a failure when the case's arguments
/// are added to it.
#[must_use]
pub fn text(title: &str, climb: &Climb, rungs: &[&str], command: &str) -> String {
    let mut text = format!("{title}: {} samples\n", climb.samples);
    let empty: Vec<_> = vacuous(climb).collect();
    for (idx, (name, counts)) in rungs.iter().zip(&climb.counts).enumerate() {
        let below =
            if idx == 0 { String::new() } else { format!(", {} vs {name}", rungs[idx - 1]) };
        _ = writeln!(text, "  reference vs {name}{below}");
        for claim in Claim::ALL {
            if claim == Claim::Engines && idx == 0 {
                continue;
            }
            let failed = climb.failure.as_ref().is_some_and(|failure| {
                failure.mismatch.as_ref().is_some_and(|mismatch| mismatch.claim == claim)
                    && failure.sides.ends_with(&format!("vs {name}"))
            });
            let verdict = if failed {
                "MISMATCH"
            } else if empty.contains(&(idx, claim)) && climb.failure.is_some() {
                "not reached"
            } else if empty.contains(&(idx, claim)) {
                "FAILED: nothing was compared"
            } else {
                "ok"
            };
            let (clause, title, unit) = (claim.clause(), claim.title(), claim.unit());
            _ = writeln!(
                text,
                "    {clause} {title:<22} {:>13} {unit:<22} {verdict}",
                counts.get(claim)
            );
        }
    }
    if let Some(failure) = &climb.failure {
        _ = writeln!(text, "  FAILED: {}, {}\n    {}", failure.sides, failure.case, failure.what);
        _ = writeln!(text, "    repeat: {command} {}", failure.repeat);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_that_compared_nothing_fails() {
        let mut climb = Climb::empty(1);
        assert!(!holds(&climb));
        for claim in Claim::ALL {
            climb.counts[0].add(claim, 1);
        }
        assert!(holds(&climb));
        let mut hollow = Climb::empty(1);
        for claim in Claim::ALL.into_iter().filter(|&claim| claim != Claim::HiddenUpdate) {
            hollow.counts[0].add(claim, 1);
        }
        assert!(!holds(&hollow));
        let report = text("verify", &hollow, &["lif"], "cargo xtask verify");
        assert!(
            report.contains("E5 hidden update") && report.contains("FAILED: nothing was compared")
        );
    }
}
