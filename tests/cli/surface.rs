//! Completions and manual pages say what `--help` says: every command, every option.

use std::collections::BTreeSet;

use synfire_cli::Status;

use crate::scratch::Scratch;

/// Every command with its `--help`, found from `synfire --help` downwards: `synfire`, `synfire chip run`.
pub(crate) fn commands() -> Vec<(String, String)> {
    let mut commands = Vec::new();
    let mut waiting = vec!["synfire".to_owned()];
    while let Some(name) = waiting.pop() {
        let words = format!("{name} --help");
        let words = words.strip_prefix("synfire ").expect("our command");
        let help = Scratch::new().synfire(words).succeeded().stdout;
        if let Some((_, list)) = help.split_once("\nCommands:\n") {
            let list = list.split("\n\n").next().expect("a list");
            for line in list.lines().filter(|line| !line.starts_with("   ")) {
                let word = line.split_whitespace().next().expect("a name");
                if word != "help" {
                    waiting.push(format!("{name} {word}"));
                }
            }
        }
        commands.push((name, help));
    }
    commands.sort();
    commands
}

/// The long names of the options in a help text.
fn options(help: &str) -> BTreeSet<&str> {
    let lines = help.lines().map(str::trim_start);
    let names = lines.filter_map(|line| {
        let long = line.strip_prefix("-h, ").or(line.strip_prefix("-V, ")).unwrap_or(line);
        long.strip_prefix("--")?.split([' ', ',']).next()
    });
    names.collect()
}

#[test]
fn completions_know_every_command_and_option() {
    let scratch = Scratch::new();
    let commands = commands();
    for (shell, option) in
        [("bash", "--"), ("zsh", "--"), ("fish", "-l "), ("elvish", "--"), ("powershell", "'--")]
    {
        let script = scratch.synfire(&format!("completions {shell}")).succeeded().stdout;
        for (name, help) in &commands {
            let word = name.split(' ').next_back().expect("a name");
            assert!(script.contains(word), "{shell}: {name}");
            for long in options(help) {
                assert!(script.contains(&format!("{option}{long}")), "{shell}: {name} --{long}");
            }
        }
    }
    let message = scratch.synfire("completions tcsh").failed(Status::Usage);
    assert!(
        message.contains("[possible values: bash, elvish, fish, powershell, zsh]"),
        "{message}"
    );
}

#[test]
fn pages_know_every_option_and_example() {
    let scratch = Scratch::new();
    let answer = scratch.synfire("man --out @/man/man1").succeeded();
    let commands = commands();
    let place = scratch.path("man/man1");
    assert_eq!(answer.stdout, format!("wrote {} pages to {}\n", commands.len(), place.display()));
    for (name, help) in &commands {
        let file = format!("man/man1/{}.1", name.replace(' ', "-"));
        let page = String::from_utf8(scratch.read(&file)).expect("text");
        let words = name.strip_prefix("synfire").expect("our command");
        assert_eq!(scratch.synfire(&format!("man{words}")).succeeded().stdout, page, "{name}");
        let plain = page.replace("\\-", "-").replace("\\e", "\\").replace("\\(aq", "'");
        assert!(plain.contains(&format!(".TH {} 1", name.replace(' ', "-"))), "{name}: {page}");
        for long in options(help) {
            assert!(plain.contains(&format!("--{long}")), "{name} --{long}: {page}");
        }
        if let Some((_, examples)) = help.split_once("\nExamples:\n") {
            assert!(plain.contains(examples.trim_end()), "{name}: {page}");
        }
    }
    assert_eq!(std::fs::read_dir(place).expect("a folder").count(), commands.len());
}

#[test]
fn a_page_of_no_command_is_refused() {
    let scratch = Scratch::new();
    let message = scratch.synfire("man chip walk").failed(Status::Usage);
    let start = "error: `synfire chip` has no command `walk`, expected check, run, nbp";
    assert!(message.starts_with(start), "{message}");
    let message = scratch.synfire("man train fast").failed(Status::Usage);
    assert_eq!(message, "error: `synfire train` has no command `fast`, expected nothing more\n");
    scratch.write("file", b"");
    let message = scratch.synfire("man --out @/file").failed(Status::Failure);
    assert!(message.contains("cannot be written"), "{message}");
}

/// `-h` fits on a screen or two; `--help` says everything.
#[test]
fn short_help_is_short() {
    for (name, long) in commands() {
        let words = name.strip_prefix("synfire").expect("our command").trim_start();
        let short = Scratch::new().synfire(&format!("{words} -h")).succeeded().stdout;
        assert!(!short.contains("Examples:"), "{name}: {short}");
        assert!(short.lines().count() < 60, "{name}: {short}");
        assert!(short.lines().count() < long.lines().count(), "{name}");
        assert_eq!(options(&short), options(&long), "{name}");
    }
}
