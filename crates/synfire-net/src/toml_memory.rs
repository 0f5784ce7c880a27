//! How much memory a TOML text takes to read, found out before it is read.
//!
//! A TOML reader makes a tree of the whole text before anybody looks at it. A table of one key takes some thousand
//! bytes of memory and two bytes of text (`a.a.a.a = 1`), a number some hundred bytes and two of text, so that a file
//! of a few megabytes can ask for gigabytes. [`toml_memory`] goes through the tokens of a text once, keeps none of
//! them, and adds up what each can take at most; [`check_toml_memory`] refuses what is above a limit.
//!
//! It counts and does not read: what is no TOML has a size too. Nesting needs no limit here, the reader has one.
//! The sizes are those of `toml` 1 on 64 bits. Measured on 19 kinds of text (numbers, empty lines, nested lists, dotted
//! keys, networks), the reader took between a thirtieth and two thirds of the bound.

use toml_parser::Source;
use toml_parser::lexer::TokenKind;

/// Of each byte of text: the text itself, and room that the reader makes for tokens by its length.
const BYTE: u64 = 10;
/// Of each token: itself and its event, 24 bytes each, in vectors that double while they grow.
const TOKEN: u64 = 96;
/// Of each value in an array: 56 bytes, in a vector that doubles.
const VALUE: u64 = 120;
/// Of each array or inline table: a value, and room for its first four.
const NESTED: u64 = VALUE + 224;
/// Of each key, and each part of a dotted one: a table can begin there, with room for its first eleven keys.
const KEY: u64 = 1280;

/// A text that would take too much memory to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "reading it may take {found} bytes of memory, allowed are {allowed}: it has too many values or tables"
)]
pub struct TomlMemoryError {
    /// The most it can take.
    pub found: u64,
    /// The most it may take.
    pub allowed: u64,
}

/// The most bytes of memory that reading `text` as TOML can take, the text included. Takes no memory itself, and time
/// in proportion to the text.
///
/// ```
/// use synfire_net::toml_memory;
///
/// assert!(toml_memory("name = \"relay\"") < 4096);
/// // 200 kB of text, and nearly 120 MB in the end.
/// let bomb = "x = {a.a.a.a.a.a.a.a.a = 1}\n".repeat(7_000);
/// assert!(toml_memory(&bomb) > 100_000_000);
/// ```
#[must_use]
pub fn toml_memory(text: &str) -> u64 {
    let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX).saturating_mul(BYTE);
    let tokens = Source::new(text).lex().map(|token| {
        TOKEN
            + match token.kind() {
                TokenKind::Dot | TokenKind::Equals => KEY,
                TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => NESTED,
                TokenKind::LiteralString
                | TokenKind::BasicString
                | TokenKind::MlLiteralString
                | TokenKind::MlBasicString
                | TokenKind::Atom => VALUE,
                _ => 0,
            }
    });
    tokens.fold(bytes, u64::saturating_add)
}

/// Refuses a text that may take more than `allowed` bytes of memory to read.
///
/// # Errors
/// If [`toml_memory`] is above that.
pub fn check_toml_memory(text: &str, allowed: u64) -> Result<(), TomlMemoryError> {
    match toml_memory(text) {
        found if found > allowed => Err(TomlMemoryError { found, allowed }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_become_a_table_weighs_most() {
        let each = |piece: &str| {
            let text = piece.repeat(1000);
            (toml_memory(&text) - u64::try_from(text.len()).map_or(0, |n| BYTE * n)) / 1000
        };
        assert_eq!(each("1,"), 2 * TOKEN + VALUE);
        assert_eq!(each("\n"), TOKEN);
        assert_eq!(each("[1],"), 4 * TOKEN + NESTED + VALUE);
        assert_eq!(each("a."), 2 * TOKEN + KEY + VALUE);
        assert_eq!(each("a=1\n"), 4 * TOKEN + KEY + 2 * VALUE);
        // One token, however long and whatever it holds.
        assert_eq!(toml_memory("'a.b=[1,2]'"), 2 * TOKEN + VALUE + 11 * BYTE);
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let text = "a=1";
        let found = toml_memory(text);
        assert_eq!(check_toml_memory(text, found), Ok(()));
        let error = check_toml_memory(text, found - 1);
        assert_eq!(error, Err(TomlMemoryError { found, allowed: found - 1 }));
    }
}
