//! Tables of a report: columns as wide as their widest cell, numbers to the right.

/// A table with a heading, one line per row, each ending with a line feed.
pub(super) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let width = |text: &str| text.chars().count();
    let columns: Vec<(usize, bool)> = heading
        .iter()
        .enumerate()
        .map(|(column, title)| {
            let cells = || rows.iter().filter_map(|row| row.get(column));
            let widest = cells().map(|cell| width(cell)).max().unwrap_or(0).max(width(title));
            (widest, cells().all(|cell| is_number(cell)))
        })
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut line = String::new();
        for (cell, &(widest, is_right)) in cells.zip(&columns) {
            let blanks = " ".repeat(widest - width(cell));
            let (before, after) = if is_right { (&*blanks, "") } else { ("", &*blanks) };
            line += &format!("{before}{cell}{after}  ");
        }
        format!("{}\n", line.trim_end())
    };
    let mut text = line(&mut heading.iter().copied());
    for row in rows {
        text += &line(&mut row.iter().map(String::as_str));
    }
    text
}

/// Also an absent one.
fn is_number(cell: &str) -> bool {
    cell.is_empty() || cell == "-" || cell.starts_with(|c: char| c == '-' || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn numbers_are_right_and_words_left() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let rows = [row(["a", "1", "x"]), row(["bé", "-100", ""])];
        assert_eq!(
            table(&["name", "n", "rest"], &rows),
            "name     n  rest\na        1  x\nbé    -100\n"
        );
    }
}
