//! The machine that measured, from what the system says about it; no names of hosts or users.
//!
//! On systems without `/proc` most lines are missing and the page says so by leaving them out.

use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// What a reader needs to compare with another machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Machine {
    /// `cargo xtask bench` with its options.
    pub(super) command: String,
    /// The day of the measurement, UTC.
    pub(super) date: String,
    /// What is described and its description, in the order of the page.
    pub(super) lines: Vec<(&'static str, String)>,
}

/// Instruction sets that a bench may hang on, of those that `/proc/cpuinfo` lists.
const LANES: [&str; 8] =
    ["sse2", "sse4_2", "avx", "avx2", "bmi2", "avx512f", "avx512bw", "avx512_vnni"];

impl Machine {
    pub(super) fn describe(root: &Path, arguments: &[String]) -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let cpuinfo = read("/proc/cpuinfo");
        let mut lines = Vec::new();
        let mut add = |what, text: Option<String>| {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                lines.push((what, text));
            }
        };
        add("processor", processor(&cpuinfo));
        add("instruction sets", field(&cpuinfo, "flags").map(lanes));
        add("cores", std::thread::available_parallelism().ok().map(|n| n.to_string()));
        add("caches", Some(caches(Path::new("/sys/devices/system/cpu/cpu0/cache"))));
        add("memory", memory(&read("/proc/meminfo")));
        let release = read("/proc/sys/kernel/osrelease");
        add("system", Some(format!("{} {}", std::env::consts::OS, release.trim())));
        add("load before", read("/proc/loadavg").split(' ').next().map(ToOwned::to_owned));
        add("compiler", output(Command::new("rustc").arg("-V").current_dir(root)));
        let flags = std::env::var("RUSTFLAGS").unwrap_or_default();
        let target = "release profile, default target features";
        add("flags", Some(if flags.is_empty() { target.to_owned() } else { flags }));
        let mut git = Command::new("git");
        git.current_dir(root).args(["describe", "--always", "--dirty", "--abbrev=10"]);
        add("revision", output(&mut git));
        let mut words = vec!["cargo xtask".to_owned()];
        words.extend(without_paths(arguments));
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Self { command: words.join(" "), date: date(seconds / 86_400), lines }
    }
}

/// The arguments, places of data shortened: they say something about a machine that nobody else has.
fn without_paths(arguments: &[String]) -> impl Iterator<Item = String> + '_ {
    let mut is_place = false;
    arguments.iter().map(move |argument| {
        let shown = match argument.split_once('=') {
            Some(("--data-dir", _)) => "--data-dir=DIR",
            _ if is_place => "DIR",
            _ => argument,
        };
        is_place = argument == "--data-dir";
        shown.to_owned()
    })
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first value of this name in `name : value` lines.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim())
}

fn processor(cpuinfo: &str) -> Option<String> {
    let [family, model, stepping] =
        ["cpu family", "model", "stepping"].map(|name| field(cpuinfo, name).unwrap_or("?"));
    let name = field(cpuinfo, "model name")?;
    let virtual_machine = field(cpuinfo, "flags")
        .is_some_and(|flags| flags.split(' ').any(|flag| flag == "hypervisor"));
    let place = if virtual_machine { ", in a virtual machine" } else { "" };
    Some(format!("{name}, family {family}, model {model}, stepping {stepping}{place}"))
}

fn lanes(flags: &str) -> String {
    let has = |lane: &&str| flags.split(' ').any(|flag| flag == *lane);
    LANES.into_iter().filter(has).collect::<Vec<_>>().join(", ")
}

fn memory(meminfo: &str) -> Option<String> {
    let kib: u64 = field(meminfo, "MemTotal")?.strip_suffix("kB")?.trim().parse().ok()?;
    Some(format!("{} MiB", kib / 1024))
}

/// The caches that the first core sees.
fn caches(folder: &Path) -> String {
    let mut all = Vec::new();
    for idx in 0..8 {
        let read = |name: &str| {
            let path = folder.join(format!("index{idx}")).join(name);
            std::fs::read_to_string(path).map(|text| text.trim().to_owned())
        };
        if let (Ok(level), Ok(kind), Ok(size)) = (read("level"), read("type"), read("size")) {
            all.push(format!("L{level} {} {size}", kind.to_lowercase()));
        }
    }
    all.join(", ")
}

/// The day so many days after 1970-01-01.
fn date(days: u64) -> String {
    let mut left = days;
    let mut year = 1970;
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    loop {
        let in_year = if is_leap(year) { 366 } else { 365 };
        if left < in_year {
            break;
        }
        left -= in_year;
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for in_month in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if left < in_month {
            break;
        }
        left -= in_month;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", left + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    const CPUINFO: &str = "processor\t: 0\ncpu family\t: 25\nmodel\t\t: 1\nmodel name\t: AMD EPYC\n\
        stepping\t: 1\nflags\t\t: fpu sse2 avx2 hypervisor bmi2\n\nprocessor\t: 1\nmodel\t: 9\n";

    #[test]
    fn the_processor_is_described() {
        let expected = "AMD EPYC, family 25, model 1, stepping 1, in a virtual machine";
        assert_eq!(processor(CPUINFO).as_deref(), Some(expected));
        assert_eq!(processor(""), None);
        assert_eq!(field(CPUINFO, "flags").map(lanes).as_deref(), Some("sse2, avx2, bmi2"));
        assert_eq!(memory("MemTotal:       2048 kB\n").as_deref(), Some("2 MiB"));
        assert_eq!(memory("MemTotal: many\n"), None);
    }

    #[test]
    fn days_become_dates() {
        let dates = [0, 58, 59, 364, 365, 789, 11_016, 20_778].map(date);
        let expected = [
            "1970-01-01",
            "1970-02-28",
            "1970-03-01",
            "1970-12-31",
            "1971-01-01",
            "1972-02-29",
            "2000-02-29",
            "2026-11-21",
        ];
        assert_eq!(dates, expected);
    }

    #[test]
    fn places_of_data_are_not_shown() {
        let shown = |arguments: &[&str]| {
            let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
            without_paths(&arguments).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            shown(&["bench", "--data-dir", "/home/x", "--quick"]),
            "bench --data-dir DIR --quick"
        );
        assert_eq!(shown(&["bench", "--data-dir=/home/x"]), "bench --data-dir=DIR");
    }

    #[test]
    fn this_machine_has_a_date_and_a_command() {
        let machine = Machine::describe(&workspace::root(), &["bench".to_owned()]);
        assert_eq!(machine.command, "cargo xtask bench");
        assert_eq!(machine.date.len(), 10);
        assert!(machine.lines.iter().any(|(what, _)| *what == "compiler"), "{machine:?}");
    }
}
