//! Words of strangers in our messages: no characters that move a cursor, and no more of them than somebody reads.

use std::fmt;

/// Most characters of a name.
const MOST_OF_NAME: usize = 200;
/// Most characters of the beginning and the end of a message.
const MOST_OF_MESSAGE: [usize; 2] = [400, 160];

/// The beginning of a name with its control characters escaped, so that a message stays on its line.
pub(crate) struct Printable<'a>(pub(crate) &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut characters = self.0.chars();
        for character in characters.by_ref().take(MOST_OF_NAME) {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        f.write_str(if characters.next().is_some() { "..." } else { "" })
    }
}

/// A message of a library about a text of somebody's, which it may quote at any length and with any characters: at
/// most 563 characters of it, beginning and end, control characters escaped but for line ends.
///
/// ```
/// let message = synfire_net::printable("unknown field `\u{1b}[2J`, expected `name`");
/// assert_eq!(message, "unknown field `\\u{1b}[2J`, expected `name`");
/// ```
#[must_use]
pub fn printable(message: &str) -> String {
    let is_control = |c: char| c.is_control() && c != '\n';
    let plain = |c: char| if is_control(c) { c.escape_debug().to_string() } else { c.to_string() };
    let [most_of_start, most_of_end] = MOST_OF_MESSAGE;
    let n_characters = message.chars().count();
    if n_characters <= most_of_start + most_of_end {
        return message.chars().map(plain).collect();
    }
    let start = message.chars().take(most_of_start);
    let end = message.chars().skip(n_characters - most_of_end);
    // What is expected stands at the end.
    start.map(plain).chain(["...".to_owned()]).chain(end.map(plain)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_short_and_move_no_cursor() {
        let long = format!("a\tb\r\n{}z", "x".repeat(1000));
        let found = printable(&long);
        assert!(found.starts_with("a\\tb\\r\nxx") && found.ends_with("xz"), "{found}");
        // Two characters were escaped.
        assert_eq!(found.chars().count(), 400 + 3 + 160 + 2);
        assert_eq!(printable(&"x".repeat(560)), "x".repeat(560));
        assert_eq!(Printable("a\n").to_string(), "a\\n");
        assert_eq!(Printable(&"x".repeat(200)).to_string(), "x".repeat(200));
        assert_eq!(Printable(&"x".repeat(201)).to_string(), format!("{}...", "x".repeat(200)));
    }
}
