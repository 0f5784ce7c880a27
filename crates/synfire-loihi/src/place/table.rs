//! A placement as a table of plain text.
//!
//! One line per core: where it is, what it uses of each resource out of how much, which resource binds and
//! how far it is used, and which neurons are on it. Below are the sums.

use super::placement::{Core, Placement};
use super::usage::{Resource, Usage};
use std::fmt;

/// Heads of the columns, those of resources in the order of [`Resource::ALL`].
const HEADS: [&str; 14] = [
    "core",
    "tile",
    "compartments",
    "accumulators",
    "inputs",
    "outputs",
    "words",
    "profiles",
    "thresholds",
    "formats",
    "traces",
    "rules",
    "binds",
    "populations",
];

impl Placement {
    /// The table that [`Display`](fmt::Display) prints. Sums of profiles, formats and the like say little
    /// and are left out.
    #[must_use]
    pub fn table(&self) -> String {
        let mut lines = vec![HEADS.map(str::to_owned).to_vec()];
        lines.extend(self.cores.iter().map(|core| self.line(core)));
        let totals = self.totals();
        let mut sums = vec!["all".to_owned(), String::new()];
        sums.extend(Resource::ALL.map(|resource| match resource {
            Resource::Compartments
            | Resource::AccumulatorSlots
            | Resource::InputSlots
            | Resource::OutputSlots
            | Resource::SynapseWords => totals.usage.of(resource).to_string(),
            _ => String::new(),
        }));
        sums.extend([String::new(), String::new()]);
        lines.push(sums);
        let widths: Vec<usize> = (0..HEADS.len())
            .map(|column| {
                let cells = lines.iter().map(|line| line[column].chars().count());
                cells.max().unwrap_or(0)
            })
            .collect();
        let mut table = String::new();
        for line in lines {
            let cells: Vec<String> =
                line.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
            table.push_str(cells.join("  ").trim_end());
            table.push('\n');
        }
        let count = |n: usize, thing: &str| format!("{n} {thing}{}", if n == 1 { "" } else { "s" });
        table.push_str(&format!(
            "{} on {}, {} hops of axons\n",
            count(totals.n_cores, "core"),
            count(totals.n_chips, "chip"),
            totals.n_axon_hops
        ));
        table
    }

    fn line(&self, core: &Core) -> Vec<String> {
        let (column, row) = core.id.position();
        let mut line = vec![core.id.to_string(), format!("{column},{row}")];
        line.extend(Resource::ALL.map(|resource| self.share(&core.usage, resource)));
        let (resource, found, limit) = core.usage.binding(&self.limits);
        let percent = u64::from(found) * 100 / u64::from(limit.max(1));
        line.push(format!("{resource} {percent} %"));
        let populations: Vec<String> = core
            .slices
            .iter()
            .map(|slice| {
                let name = &self.network.layer(slice.layer).name;
                match slice.n {
                    1 => format!("{name} {}", slice.first),
                    n => format!("{name} {}-{}", slice.first, slice.first + n - 1),
                }
            })
            .collect();
        line.push(populations.join(", "));
        line
    }

    fn share(&self, usage: &Usage, resource: Resource) -> String {
        let found = usage.of(resource);
        match self.limits.of(resource) {
            Some(limit) => format!("{found}/{limit}"),
            None => found.to_string(),
        }
    }
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.table())
    }
}
