//! Names of arrays in messages: whoever made a file chose them, and how many there are.

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
