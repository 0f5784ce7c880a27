//! The error stream of the command: whatever a message quotes of files and arguments, it moves no cursor.
//!
//! The crates escape what they quote, each at the place that knows what it is. A path has a hundred places; so this is
//! the last one, which every message passes.

use std::borrow::Cow;
use std::io::Write;

/// A text with its control characters escaped, but for line ends.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    let moves = |c: char| c.is_control() && c != '\n';
    if !text.contains(moves) {
        return text.into();
    }
    let shown = |c: char| if moves(c) { c.escape_debug().to_string() } else { c.to_string() };
    text.chars().map(shown).collect::<String>().into()
}

/// A stream that passes on texts without control characters.
pub(crate) struct PlainStream<'a>(pub(crate) &'a mut dyn Write);

impl Write for PlainStream<'_> {
    /// Each call brings whole characters: messages are formatted, and never cut.
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write_all(plain(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_a_cursor() {
        let mut passed = Vec::new();
        let mut stream = PlainStream(&mut passed);
        let name = "a\u{1b}[2J\u{9b}\r\u{7f}";
        assert!(writeln!(stream, "error: {name}: \u{b5}s").is_ok() && stream.flush().is_ok());
        let text = String::from_utf8(passed).unwrap_or_default();
        assert_eq!(text, "error: a\\u{1b}[2J\\u{9b}\\r\\u{7f}: \u{b5}s\n");
        assert!(matches!(plain("plain\n"), Cow::Borrowed("plain\n")));
    }
}
