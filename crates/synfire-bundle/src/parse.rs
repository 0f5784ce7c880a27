//! The tables of a case as they are read: strictly, line by line, within the memory that their length asks for.

use synfire_train::synfire_circuit::{
    CircuitShape, INFERENCE_PERIOD, LEARNING_PERIOD, PlasticWeights,
};
use synfire_train::synfire_loihi::WeightExponent;
use synfire_train::synfire_loihi::fixed::effective_weight;
use synfire_train::synfire_net::check_toml_memory;
use synfire_train::synfire_reference::WeightLimits;

use crate::case::{Case, Sample};
use crate::check::{BundleProblem, LONGEST_FILE, LONGEST_HEADER, MOST_MEMORY, at_line};
use crate::circuit::{Circuit, Kind};
use crate::contents::Contents;
use crate::folder::CASE_FILE;
use crate::header::CaseHeader;
use crate::make::CASES_DIR;
use crate::table::{CHANGES, SAMPLES, SPIKES, SYNAPSES};

/// Most neurons of a layer, as in the reference.
const MOST_NEURONS: u32 = 65_536;
/// Most samples of a case.
pub(crate) const MOST_SAMPLES: usize = 10_000;
/// The words of a case without samples.
pub(crate) const NO_SAMPLE: &str = "found no sample, expected at least 1";
/// Longest name, and longest meaning of a spike, in bytes.
const LONGEST_WORDS: usize = 100;
/// Characters of a value that are shown.
const SHOWN: usize = 40;

/// The lines of a table, each cut into its columns.
pub(crate) struct Rows<'a> {
    file: &'a str,
    n_columns: usize,
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
}

/// One line of a table.
pub(crate) struct Row<'a> {
    file: &'a str,
    /// Counted from 1; the heading is the first.
    pub(crate) line: usize,
    columns: Vec<&'a str>,
}

impl<'a> Rows<'a> {
    /// The lines below the heading, which must be this one.
    pub(crate) fn new(
        file: &'a str,
        text: &'a str,
        heading: &str,
    ) -> Result<Rows<'a>, BundleProblem> {
        let mut lines = text.lines().enumerate();
        let found = lines.next().map_or("", |(_, line)| line);
        if found != heading {
            let message = format!("heading is {}, expected `{heading}`", shown(found));
            return Err(BundleProblem::new(file, Some(1), message));
        }
        Ok(Rows { file, n_columns: heading.split(',').count(), lines })
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Result<Row<'a>, BundleProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        let (idx, line) = self.lines.next()?;
        let (file, line_number) = (self.file, idx + 1);
        // One more column than there may be is enough to see that there are too many.
        let columns: Vec<&str> = line.splitn(self.n_columns + 1, ',').collect();
        if columns.len() != self.n_columns {
            let message =
                format!("found {} columns, expected {}", line.split(',').count(), self.n_columns);
            return Some(Err(BundleProblem::new(file, Some(line_number), message)));
        }
        Some(Ok(Row { file, line: line_number, columns }))
    }
}

impl Row<'_> {
    /// A column as text.
    pub(crate) fn text(&self, column: usize) -> &str {
        self.columns[column]
    }

    /// A column as a name or a few words that may be quoted in messages.
    pub(crate) fn words(&self, column: usize, name: &str) -> Result<String, BundleProblem> {
        let found = self.columns[column];
        match found.len() <= LONGEST_WORDS && !found.contains(char::is_control) {
            true => Ok(found.to_owned()),
            false => Err(self.problem(format!(
                "{name} is {}, expected at most {LONGEST_WORDS} printable bytes",
                shown(found)
            ))),
        }
    }

    /// A column as an integer from `min` to `max`.
    pub(crate) fn number(
        &self,
        column: usize,
        name: &str,
        min: i64,
        max: i64,
    ) -> Result<i64, BundleProblem> {
        let found = self.columns[column];
        let number = found.parse::<i64>().ok().filter(|number| (min..=max).contains(number));
        number.ok_or_else(|| {
            self.problem(format!("{name} is {}, expected {min} to {max}", shown(found)))
        })
    }

    /// Something wrong with the line.
    pub(crate) fn problem(&self, message: String) -> BundleProblem {
        BundleProblem::new(self.file, Some(self.line), message)
    }
}

/// The beginning of a value, in quotes.
pub(crate) fn shown(text: &str) -> String {
    let start: String = text.chars().take(SHOWN).collect();
    format!("`{}`", start.escape_debug())
}

/// The name of a file of a case within the bundle.
pub(crate) fn file_of(case: &str, file: &str) -> String {
    format!("{CASES_DIR}/{case}/{file}")
}

/// The words of a case.
pub(crate) fn read_case_header(
    contents: Contents<'_>,
    name: &str,
) -> Result<CaseHeader, BundleProblem> {
    let file = file_of(name, CASE_FILE);
    let text = contents.text(&file, LONGEST_HEADER)?;
    check_toml_memory(&text, MOST_MEMORY)
        .map_err(|error| BundleProblem::new(&file, None, error.to_string()))?;
    let header: CaseHeader =
        toml::from_str(&text).map_err(|error| at_line(&file, &text, &error))?;
    let problem = |message: String| Err(BundleProblem::new(&file, None, message));
    if header.name != name {
        return problem(format!("name is {}, expected `{name}`", shown(&header.name)));
    }
    if let Some(found) = header.layers.iter().find(|size| !(1..=MOST_NEURONS).contains(*size)) {
        return problem(format!("layer size is {found}, expected 1 to {MOST_NEURONS}"));
    }
    let period = match header.circuit {
        Kind::Learning => LEARNING_PERIOD,
        Kind::Inference => INFERENCE_PERIOD,
    };
    if header.period != period {
        return problem(format!("period is {}, expected {period} of this circuit", header.period));
    }
    if header.samples == 0 || header.samples > MOST_SAMPLES {
        return problem(format!(
            "number of samples is {}, expected 1 to {MOST_SAMPLES}",
            header.samples
        ));
    }
    Ok(header)
}

/// A case as its files describe it, and how many golden spikes and changes they list. What the files say besides is not
/// looked at here.
pub(crate) fn read_case(
    contents: Contents<'_>,
    name: &str,
) -> Result<(Case, usize, usize), BundleProblem> {
    let header = read_case_header(contents, name)?;
    let form = header.form.parse().map_err(|_: String| {
        let form = shown(&header.form);
        let message = format!("form is {form}, expected `sized` or `published`");
        BundleProblem::new(file_of(name, CASE_FILE), None, message)
    })?;
    let mut case = Case {
        name: header.name,
        about: header.about,
        source: header.source,
        kind: header.circuit,
        form,
        layers: header.layers,
        max_active: header.max_active,
        weights: PlasticWeights {
            w1: vec![],
            w2: vec![],
            feedback_plus: vec![],
            feedback_minus: vec![],
        },
        samples: Vec::new(),
    };
    case.weights = read_weights(contents, name, &case)?;
    case.samples = read_samples(contents, name)?;
    read_inputs(contents, name, &mut case)?;
    let count = |file: &str, heading: &str| -> Result<usize, BundleProblem> {
        let file = file_of(name, file);
        let text = contents.text(&file, LONGEST_FILE)?;
        Rows::new(&file, &text, heading)?;
        Ok(text.lines().count() - 1)
    };
    Ok((case, count("spikes.csv", SPIKES)?, count("changes.csv", CHANGES)?))
}

/// The matrices, from the synapses that hold them first.
fn read_weights(
    contents: Contents<'_>,
    name: &str,
    case: &Case,
) -> Result<PlasticWeights, BundleProblem> {
    let file = file_of(name, "synapses.csv");
    let text = contents.text(&file, LONGEST_FILE)?;
    let problem = |message: String| BundleProblem::new(&file, None, message);
    let n_lines = text.lines().count();
    let [n_inputs, n_hidden, n_outputs] = case.layers.map(u64::from);
    let least = match case.kind {
        Kind::Learning => n_hidden * (3 * n_inputs + 5 * n_outputs),
        Kind::Inference => n_hidden * (n_inputs + n_outputs),
    };
    // No memory is asked for that the file does not fill.
    if least > n_lines as u64 {
        let message =
            format!("found {n_lines} lines, expected more than {least} synapses of these layers");
        return Err(problem(message));
    }
    let zeros = PlasticWeights::zeros(&case.shape());
    let circuit = Circuit::new(case.kind, case.shape(), case.form, &zeros)
        .map_err(|error| BundleProblem::new(file_of(name, CASE_FILE), None, error.to_string()))?;
    let network = circuit.network();
    let n_synapses: usize = network.projection_ids().map(|id| network.n_synapses(id)).sum();
    if n_lines != n_synapses + 1 {
        return Err(problem(format!(
            "found {n_lines} lines, expected {} of this circuit",
            n_synapses + 1
        )));
    }
    let mut matrices: Vec<Vec<i16>> = Vec::new();
    let mut rows = Rows::new(&file, &text, SYNAPSES)?;
    let ids = circuit.matrices();
    let limits = WeightLimits::CIRCUIT;
    for id in network.projection_ids() {
        let (gain, n) = (network.projection(id).gain, network.n_synapses(id));
        let place = ids.iter().position(|matrix| *matrix == id);
        let mut weights = Vec::new();
        for row in rows.by_ref().take(n) {
            let row = row?;
            if place.is_none() {
                continue;
            }
            let mantissa = row.number(2, "weight", -256, 255)?;
            let exponent = row.number(3, "exponent", -8, 7)?;
            let charge = i16::try_from(mantissa)
                .ok()
                .zip(i8::try_from(exponent).ok().and_then(WeightExponent::new))
                .map(|(mantissa, exponent)| effective_weight(mantissa, exponent));
            let weight = charge.filter(|charge| charge % gain == 0).map(|charge| charge / gain);
            let weight = weight.and_then(|weight| i16::try_from(weight).ok());
            let weight = weight.filter(|&w| limits.is_in_range(w) && limits.is_on_grid(w));
            let message = || {
                format!(
                    "weight {mantissa} with exponent {exponent} is no weight of a matrix, which is even, -256 to 254"
                )
            };
            weights.push(weight.ok_or_else(|| row.problem(message()))?);
        }
        if let Some(place) = place {
            matrices.resize(matrices.len().max(place + 1), Vec::new());
            matrices[place] = weights;
        }
    }
    let mut matrices = matrices.into_iter();
    let mut next = || matrices.next().unwrap_or_default();
    let (w1, w2) = (next(), next());
    Ok(match case.kind {
        Kind::Learning => PlasticWeights { w1, w2, feedback_plus: next(), feedback_minus: next() },
        Kind::Inference => {
            let [n_inputs, n_hidden, n_outputs] = case.layers;
            PlasticWeights::from_forward(&CircuitShape::new(n_inputs, n_hidden, n_outputs), w1, w2)
        }
    })
}

/// Labels and places of the samples.
fn read_samples(contents: Contents<'_>, name: &str) -> Result<Vec<Sample>, BundleProblem> {
    let file = file_of(name, "samples.csv");
    let text = contents.text(&file, LONGEST_FILE)?;
    let mut samples = Vec::new();
    for row in Rows::new(&file, &text, SAMPLES)? {
        let row = row?;
        if samples.len() == MOST_SAMPLES {
            return Err(row.problem(format!("more than {MOST_SAMPLES} samples")));
        }
        let index = match row.text(3) {
            "" => None,
            _ => Some(row.number(3, "index", 0, u32::MAX.into())?),
        };
        let label = row.number(4, "label", 0, i64::from(MOST_NEURONS) - 1)?;
        samples.push(Sample {
            input: Vec::new(),
            target: u32::try_from(label).unwrap_or_default(),
            index: index.and_then(|index| u32::try_from(index).ok()),
        });
    }
    match samples.is_empty() {
        true => Err(BundleProblem::new(file, None, NO_SAMPLE)),
        false => Ok(samples),
    }
}

/// The inputs of the samples, from the spikes of the generators.
fn read_inputs(contents: Contents<'_>, name: &str, case: &mut Case) -> Result<(), BundleProblem> {
    let file = file_of(name, "stimulus.csv");
    let text = contents.text(&file, LONGEST_FILE)?;
    let period = i64::from(match case.kind {
        Kind::Learning => LEARNING_PERIOD,
        Kind::Inference => INFERENCE_PERIOD,
    });
    let last = i64::try_from(case.samples.len() + 1).unwrap_or(i64::MAX / period) * period;
    for row in Rows::new(&file, &text, SPIKES)? {
        let row = row?;
        let step = row.number(0, "step", 1, last)?;
        if row.text(1) != "input" {
            continue;
        }
        let most = i64::from(case.layers[0]) - 1;
        let neuron = row.number(2, "neuron of layer input", 0, most)?;
        let sample =
            usize::try_from((step - 1) / period - 1).ok().filter(|_| (step - 1) % period == 0);
        let Some(sample) = sample.and_then(|sample| case.samples.get_mut(sample)) else {
            let message = format!(
                "layer input spikes in step {step}, expected only in the first of a sample"
            );
            return Err(row.problem(message));
        };
        let neuron = u32::try_from(neuron).unwrap_or_default();
        if sample.input.last().is_some_and(|&before| before >= neuron) {
            return Err(row.problem("neurons of a step are not ascending".to_owned()));
        }
        sample.input.push(neuron);
    }
    for (k, sample) in case.samples.iter().enumerate() {
        if sample.target >= case.layers[2] {
            let message =
                format!("label is {}, expected 0 to {}", sample.target, case.layers[2] - 1);
            return Err(BundleProblem::new(file_of(name, "samples.csv"), Some(k + 2), message));
        }
    }
    Ok(())
}
