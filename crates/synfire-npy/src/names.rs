//! Words of strangers in messages: whoever made a file chose them, how long they are, and how many.

/// Names for a message, not all of very many, and as they can be printed; `none` where there are none.
#[must_use]
pub fn listed(names: &[String], none: &str) -> String {
    const MOST: usize = 40;
    let short = |name: &String| -> String {
        name.chars().take(MOST).flat_map(char::escape_debug).collect()
    };
    let shown: Vec<String> = names.iter().take(MOST).map(short).collect();
    match names.len().saturating_sub(MOST) {
        0 if names.is_empty() => none.to_owned(),
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The beginning of a text that somebody wrote, or of a message that quotes one: 200 characters, those that move a
/// cursor escaped.
///
/// ```
/// assert_eq!(synfire_npy::printable("no tensor `\u{1b}[2J`\n"), "no tensor `\\u{1b}[2J`\\n");
/// ```
#[must_use]
pub fn printable(text: &str) -> String {
    let plain = |c: char| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() };
    text.chars().take(200).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_of_names_are_cut() {
        let names: Vec<String> = (0..1000).map(|n| format!("{n:0100}")).collect();
        let shown = listed(&names, "none");
        assert!(shown.len() < 2000 && shown.ends_with(" and 960 more"), "{shown}");
        assert_eq!(
            (listed(&names[..0], "none"), listed(&["a".into(), "b".into()], "")),
            ("none".into(), "a, b".into())
        );
    }
}
