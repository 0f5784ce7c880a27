//! `SHA256SUMS`: the checksum of every other file, as `sha256sum -c` reads it.

/// The file.
pub(crate) const SUMS_FILE: &str = "SHA256SUMS";
/// Most files of a bundle.
pub(crate) const MOST_FILES: usize = 2000;
/// Longest name of a file in a bundle, in bytes.
const LONGEST_NAME: usize = 200;

/// The text for these files and sums, names ascending.
pub(crate) fn write(sums: &[(String, String)]) -> String {
    let mut sums: Vec<_> = sums.iter().collect();
    sums.sort();
    sums.iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect()
}

/// The names and sums of a text; or the first line that is none, and what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Vec<(String, String)>, (usize, String)> {
    let mut sums: Vec<(String, String)> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let form = || (number, "expected 64 hexadecimal digits, two spaces and a name".to_owned());
        let (sum, name) = line.split_once("  ").ok_or_else(form)?;
        let is_sum = sum.len() == 64 && sum.bytes().all(|b| b"0123456789abcdef".contains(&b));
        if !is_sum {
            return Err(form());
        }
        check_name(name).map_err(|message| (number, message))?;
        if sums.iter().any(|(other, _)| other == name) {
            return Err((number, format!("{name} is listed twice")));
        }
        if sums.len() == MOST_FILES {
            return Err((number, format!("more than {MOST_FILES} files")));
        }
        sums.push((name.to_owned(), sum.to_owned()));
    }
    Ok(sums)
}

/// Whether a name stays within the folder, on every system: parts of letters, digits, `.`, `_` and `-`, none of which
/// begins with a dot.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    if name.len() <= LONGEST_NAME && name.split('/').all(is_plain) {
        return Ok(());
    }
    let start: String = name.chars().take(60).collect();
    Err(format!(
        "name is `{}`, expected a file within the bundle: letters, digits, `.`, `_`, `-`, parted by `/`",
        start.escape_debug()
    ))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn sums_read_back_in_order() {
        let sum = |digit: &str| digit.repeat(64);
        let sums = [("b/c.csv".to_owned(), sum("1")), ("a.toml".to_owned(), sum("f"))];
        let text = write(&sums);
        assert_eq!(text, format!("{}  a.toml\n{}  b/c.csv\n", sum("f"), sum("1")));
        assert_eq!(parse(&text).unwrap(), [sums[1].clone(), sums[0].clone()]);
    }

    #[test]
    fn names_that_climb_out_are_refused() {
        for name in
            ["../a", "a/../../b", "/etc/passwd", "a//b", "c:\\a", "a\\b", ".hidden", "", "a/", "ä"]
        {
            let text = format!("{}  good\n{}  {name}\n", "0".repeat(64), "0".repeat(64));
            let (line, message) = parse(&text).unwrap_err();
            assert_eq!(line, 2, "{name}");
            assert!(message.contains("expected a file within the bundle"), "{message}");
        }
        assert!(check_name(&"a".repeat(201)).is_err());
    }

    #[test]
    fn lines_of_another_form_are_refused() {
        let zeros = "0".repeat(64);
        for (text, message) in [
            ("abc  name", "expected 64 hexadecimal digits, two spaces and a name"),
            (&format!("{zeros} *name"), "expected 64 hexadecimal digits, two spaces and a name"),
            (&format!("{zeros}  a\n{zeros}  a"), "a is listed twice"),
        ] {
            assert_eq!(parse(text).unwrap_err().1, message);
        }
    }
}
