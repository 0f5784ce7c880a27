//! The authors' loop against running through.

#![expect(clippy::float_arithmetic, reason = "fractions of counts, for a text")]

use anyhow::{Context, Result};

use super::{Section, count, counted, percents, table};
use crate::experiment::restart::{Way, Ways};
use crate::experiment::training::{Curve, fraction};
use crate::record::Record;
use crate::statistics::Spread;

type Arm = fn(&Ways) -> &Way;
type Readout = fn(&Way) -> &Vec<u64>;

const ARMS: [(&str, &str, Arm); 3] = [
    ("through", "run through", |ways| &ways.through),
    ("rebuilt", "restarted, F- rebuilt", |ways| &ways.rebuilt),
    ("authors", "restarted as the authors do", |ways| &ways.authors),
];

const READOUTS: [(&str, Readout); 3] = [
    ("exact", |way| &way.exact),
    ("binary", |way| &way.binary),
    ("potential", |way| &way.potential),
];

pub(crate) fn restart(record: &Record) -> Result<Section> {
    let all: Vec<(String, Ways)> = record.results("restart", "seed-")?;
    let (_, first) = all.first().context("no seed")?;
    let (n_seeds, n_epochs) = (all.len(), first.through.exact.len());
    let mut section =
        Section { title: "Restarting for every epoch".to_owned(), ..Section::default() };
    section.text += &format!(
        "The authors' loop makes a new network for every epoch: all copies are set from W1 and W2, F- from W2 as \
         well, and the last sample of the \
         epoch goes without its rewards. Ours runs through: F- is kept with what it has become where a weight met \
         its limit (clause R7). {} and {n_epochs} epochs, MNIST, 400-400-10, the sized circuit on the fast engine, \
         the same start and orders for all. Running through is \
         computed by the reference here, to which spikes are equal.\n\n",
        counted(n_seeds, "seed"),
    );
    let mut rows = Vec::new();
    for (key, name, arm) in ARMS {
        let mut cells = vec![name.to_owned()];
        for (readout, of) in READOUTS {
            let last: Vec<f64> = values(&all, |ways| at(ways, arm(ways), of, n_epochs));
            let best: Vec<f64> = values(&all, |ways| {
                (1..=n_epochs).map(|epoch| at(ways, arm(ways), of, epoch)).fold(0.0, f64::max)
            });
            cells.extend([percents(&last), percents(&best)]);
            section.fact(format!("restart.{key}.{readout}.last"), percents(&last));
        }
        rows.push(cells);
    }
    let head = ["", "exact, last", "best", "binary, last", "best", "potential, last", "best"];
    section.text += "Test accuracy in percent, mean and standard deviation over seeds, last epoch and best of each \
    run:\n\n";
    section.text += &table(&head, &rows);

    let mut rows = Vec::new();
    for (key, name, arm) in &ARMS[1..] {
        let mut cells = vec![(*name).to_owned()];
        for (readout, of) in READOUTS {
            let differences = values(&all, |ways| {
                at(ways, arm(ways), of, n_epochs) - at(ways, &ways.through, of, n_epochs)
            });
            let found = difference(&differences);
            section.fact(format!("restart.{key}.{readout}.difference"), &found);
            cells.push(found);
        }
        let firsts: Vec<String> = all
            .iter()
            .map(|(_, ways)| {
                let apart = arm(ways).apart.iter().position(|apart| apart.iter().any(|&n| n > 0));
                apart.map_or("never".to_owned(), |idx| (idx + 1).to_string())
            })
            .collect();
        cells.push(firsts.join(", "));
        section.fact(format!("restart.{key}.first"), firsts.join(", "));
        let apart: Vec<[u64; 3]> =
            all.iter().filter_map(|(_, ways)| arm(ways).apart.last().copied()).collect();
        for matrix in 0..3 {
            let of: Vec<String> = apart.iter().map(|apart| count(apart[matrix])).collect();
            cells.push(of.join(", "));
        }
        rows.push(cells);
    }
    let head = [
        "against running through",
        "exact",
        "binary",
        "potential",
        "weights differ from the end of epoch",
        "W1 in the end",
        "W2",
        "F-",
    ];
    section.text += "Differences in the last epoch, paired by seed, in percentage points; and, by seed, when \
    weights first differ and how many do in the \
                     end:\n\n";
    section.text += &table(&head, &rows);

    let unmirrored: Vec<String> = all
        .iter()
        .map(|(_, ways)| {
            let first = ways.unmirrored.iter().position(|&n| n > 0);
            first.map_or("never".to_owned(), |idx| (idx + 1).to_string())
        })
        .collect();
    let in_the_end: Vec<String> =
        all.iter().map(|(_, ways)| count(ways.unmirrored.last().copied().unwrap_or(0))).collect();
    let last_errors: Vec<String> = all.iter().map(|(_, ways)| count(ways.last_errors)).collect();
    section.text += &format!(
        "Rebuilding F- changes something only once F- has become anything but the negative of W2: by seed, at the \
         end of epoch {}; in the end {} synapses. \
         The forgotten rewards matter after an epoch whose last sample has an error, which happened in {} of \
         {n_epochs} epochs. One changed update is \
         enough: from then on the runs meet other errors and go separate ways, as runs of other seeds do. ",
        unmirrored.join(", "),
        in_the_end.join(", "),
        last_errors.join(", "),
    );
    section.text += &verdict(&all, n_epochs);
    section.fact("restart.seeds", n_seeds);
    section.fact("restart.epochs", n_epochs);
    section.fact("restart.unmirrored.first", unmirrored.join(", "));
    section.fact("restart.last-errors", last_errors.join(", "));
    demands(record, &all, &mut section)?;
    Ok(section)
}

/// Whether the paired differences of the authors' loop are more than chance, in words.
fn verdict(all: &[(String, Ways)], n_epochs: usize) -> String {
    if all.len() < 3 {
        return "Too few seeds were run to say whether accuracy changes.\n\n".to_owned();
    }
    // Student's t at 97.5 % for 2 to 9 degrees of freedom.
    const T: [f64; 8] = [4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];
    let t = T.get(all.len() - 3).copied().unwrap_or(2.228);
    let mut apart = Vec::new();
    for (_, name, arm) in &ARMS[1..] {
        for (readout, of) in READOUTS {
            let differences = values(all, |ways| {
                at(ways, arm(ways), of, n_epochs) - at(ways, &ways.through, of, n_epochs)
            });
            let spread = Spread::of(&differences);
            #[expect(clippy::cast_precision_loss, reason = "a few seeds")]
            let error = spread.deviation / (differences.len() as f64).sqrt();
            if spread.mean.abs() > t * error && spread.mean.abs() > 0.0 {
                apart.push(format!("{name}, {readout}"));
            }
        }
    }
    if apart.is_empty() {
        "In no readout does the mean paired difference of the last epoch lie outside the 95 % interval around 0 \
         (Student's t): restarting costs no \
         accuracy that these seeds would show. It makes the result another one, and it is not the algorithm.\n\n"
            .to_owned()
    } else {
        format!(
            "The mean paired difference of the last epoch lies outside the 95 % interval around 0 (Student's t, no \
             correction for six comparisons) for: {}.\n\n",
            apart.join("; "),
        )
    }
}

fn demands(record: &Record, all: &[(String, Ways)], section: &mut Section) -> Result<()> {
    let faults: u64 = all.iter().map(|(_, ways)| ways.rebuilt.faults + ways.authors.faults).sum();
    section.expect("restarting: faults", "0", faults, faults == 0);
    // Nothing differs before there is a reason to.
    let early = all.iter().filter(|(_, ways)| {
        let reason = ways.unmirrored.iter().position(|&n| n > 0).unwrap_or(usize::MAX);
        ways.rebuilt.apart.iter().take(reason).any(|apart| apart.iter().any(|&n| n > 0))
    });
    let early = early.count();
    section.expect(
        "restarting with F- rebuilt: runs that differ before F- does",
        "0",
        early,
        early == 0,
    );
    let (mut n_compared, mut n_equal) = (0, 0);
    if record.has("mnist") {
        for (name, ways) in all {
            let Ok(curve) = record.result::<Curve>("mnist", name) else { continue };
            let n = curve.exact.len().min(ways.through.exact.len());
            n_compared += 1;
            let same = |a: &[u64], b: &[u64]| a[..n] == b[..n];
            let equal = same(&curve.exact, &ways.through.exact)
                && same(&curve.binary, &ways.through.binary)
                && same(&curve.potential, &ways.through.potential);
            n_equal += u32::from(equal);
        }
        section.expect(
            "running through: seeds whose three readouts by the reference equal those by spikes (item mnist) in \
             every epoch",
            n_compared.to_string(),
            n_equal,
            n_compared == n_equal,
        );
    }
    Ok(())
}

fn values(all: &[(String, Ways)], of: impl Fn(&Ways) -> f64) -> Vec<f64> {
    all.iter().map(|(_, ways)| of(ways)).collect()
}

fn at(ways: &Ways, way: &Way, of: Readout, epoch: usize) -> f64 {
    fraction(of(way).get(epoch - 1).copied().unwrap_or(0), ways.test_samples)
}

/// Mean and standard deviation in percentage points, with a sign.
fn difference(values: &[f64]) -> String {
    let spread = Spread::of(values);
    match values.len() {
        0 | 1 => format!("{:+.2}", 100.0 * spread.mean),
        _ => format!("{:+.2} ± {:.2}", 100.0 * spread.mean, 100.0 * spread.deviation),
    }
}
