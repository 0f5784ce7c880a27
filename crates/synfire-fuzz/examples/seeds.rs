//! Writes the seeds of every target below a folder, `NAME/seed-0` and so on, and beside them `NAME.dict`.
//!
//! Prints a line for each target: its name, the length of its longest input, what it is about. This is what
//! `cargo xtask fuzz` begins with.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]

use std::fs;
use std::path::PathBuf;

use synfire_fuzz::TARGETS;

fn main() -> std::io::Result<()> {
    let dir = PathBuf::from(std::env::args_os().nth(1).unwrap_or_else(|| "seeds".into()));
    for target in TARGETS {
        let folder = dir.join(target.name);
        fs::create_dir_all(&folder)?;
        for (idx, seed) in (target.seeds)().iter().enumerate() {
            fs::write(folder.join(format!("seed-{idx}")), seed)?;
        }
        let words: String = target.words.iter().map(|word| format!("{}\n", quoted(word))).collect();
        fs::write(dir.join(format!("{}.dict", target.name)), words)?;
        println!("{} {} {}", target.name, target.longest, target.about);
    }
    Ok(())
}

/// A word as libFuzzer's dictionaries have it.
fn quoted(word: &str) -> String {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    };
    format!("\"{}\"", word.bytes().map(escaped).collect::<String>())
}
