//! Somebody else's CSV, spikes or weights: a heading with columns in any order, others among them, quotes around values
//! and any line ends. Our own tables are read strictly, see [`parse`](crate::parse).

use crate::check::BundleProblem;
use crate::parse::shown;

/// Most columns of a line, ours and others among them.
const MOST_COLUMNS: usize = 64;

/// The lines of a list below its heading; empty ones are left out.
pub(crate) struct Listing<'a> {
    heading: &'a str,
    names: Vec<&'a str>,
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
}

/// One line of a list.
pub(crate) struct Item<'a> {
    /// Counted from 1; the heading is the first.
    pub(crate) line: usize,
    values: Vec<&'a str>,
}

impl<'a> Listing<'a> {
    /// Reads the heading.
    pub(crate) fn new(text: &'a str) -> Result<Listing<'a>, BundleProblem> {
        let mut lines = text.lines().enumerate();
        let heading = lines.next().map_or("", |(_, line)| line);
        let names = columns(heading);
        match names.len() > MOST_COLUMNS {
            true => Err(problem(1, format!("heading has more than {MOST_COLUMNS} columns"))),
            false => Ok(Listing { heading, names, lines }),
        }
    }

    /// The place of a column.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|other| *other == name)
    }

    /// The problem of a heading without the columns that are needed.
    pub(crate) fn lacks(&self, expected: &str) -> BundleProblem {
        problem(1, format!("heading is {}, expected {expected}", shown(self.heading)))
    }
}

impl<'a> Iterator for Listing<'a> {
    type Item = Result<Item<'a>, BundleProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        let (idx, line) = self.lines.by_ref().find(|(_, line)| !line.trim().is_empty())?;
        let item = Item { line: idx + 1, values: columns(line) };
        let (found, expected) = (item.values.len(), self.names.len());
        Some(match found == expected {
            true => Ok(item),
            false => Err(item.problem(format!("found {found} columns, expected {expected}"))),
        })
    }
}

impl<'a> Item<'a> {
    /// A value as it stands there.
    pub(crate) fn text(&self, column: usize) -> &'a str {
        self.values[column]
    }

    /// A value as a number of this type; `name` is what it is called.
    pub(crate) fn number<T: std::str::FromStr>(
        &self,
        column: usize,
        name: &str,
    ) -> Result<T, BundleProblem> {
        let found = self.text(column);
        found
            .parse()
            .map_err(|_| self.problem(format!("{name} is {}, expected a number", shown(found))))
    }

    /// A value as an index below `end`; `name` is what it is called.
    pub(crate) fn below(&self, column: usize, name: &str, end: u32) -> Result<u32, BundleProblem> {
        let found = self.text(column);
        let index = found.parse::<u32>().ok().filter(|&index| index < end);
        index.ok_or_else(|| {
            let last = end.saturating_sub(1);
            self.problem(format!("{name} is {}, expected 0 to {last}", shown(found)))
        })
    }

    /// Something wrong with the line.
    pub(crate) fn problem(&self, message: String) -> BundleProblem {
        problem(self.line, message)
    }
}

fn problem(line: usize, message: String) -> BundleProblem {
    BundleProblem::new("", Some(line), message)
}

/// The values of a line, without quotes and spaces around them; of more than [`MOST_COLUMNS`] one more than these.
fn columns(line: &str) -> Vec<&str> {
    let values = line.trim_end_matches('\r').split(',').take(MOST_COLUMNS + 1);
    values.map(|value| value.trim().trim_matches('"')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message<T>(result: Result<T, BundleProblem>) -> String {
        result.err().map_or_else(String::new, |problem| problem.to_string())
    }

    #[test]
    fn columns_stand_in_any_order_and_quotes_go() {
        let Ok(mut listing) = Listing::new("other, \"id\" ,step\r\n\r\nx,\"7\", 12 \r\n\n") else {
            panic!("a heading")
        };
        assert_eq!((listing.place("step"), listing.place("id")), (Some(2), Some(1)));
        assert_eq!(listing.place("layer"), None);
        let Some(Ok(item)) = listing.next() else { panic!("a line") };
        assert_eq!(item.line, 3);
        assert_eq!(item.number::<u64>(2, "step"), Ok(12));
        assert_eq!(item.below(1, "id", 8), Ok(7));
        assert_eq!(message(item.below(1, "id", 7)), ", line 3: id is `7`, expected 0 to 6");
        assert_eq!(
            message(item.number::<i64>(0, "step")),
            ", line 3: step is `x`, expected a number"
        );
        assert!(listing.next().is_none());
    }

    #[test]
    fn lines_have_as_many_columns_as_the_heading_which_has_few() {
        let text = format!("step,id\n1,2,3\n{}\n", ",".repeat(1_000_000));
        let lines: Vec<String> = Listing::new(&text).into_iter().flatten().map(message).collect();
        assert_eq!(lines[0], ", line 2: found 3 columns, expected 2");
        assert_eq!(lines[1], ", line 3: found 65 columns, expected 2");
        let wide = |n: usize| ",".repeat(n - 1);
        assert_eq!(message(Listing::new(&wide(64))), "");
        assert_eq!(message(Listing::new(&wide(65))), ", line 1: heading has more than 64 columns");
        assert_eq!(
            Listing::new("\u{1b}[2J").map(|listing| listing.lacks("`a`").message),
            Ok("heading is `\\u{1b}[2J`, expected `a`".to_owned())
        );
    }
}
