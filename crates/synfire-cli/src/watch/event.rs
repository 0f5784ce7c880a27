//! The JSON lines of `synfire train --json` and `synfire sweep run --json`: one object a line, as things happen.
//!
//! Each has the key `event`; what concerns one of several runs has the key `seed` or `trial` as well.
//!
//! | `event` | further keys |
//! |---|---|
//! | `started` | `dir`, `epochs_done` (more than 0 if the run is resumed), `run`: what `run.toml` says |
//! | `epoch` | those of the row in `metrics.csv` |
//! | `notice` | `kind`, `text`, and as far as they apply `epoch`, `sample`, `classes` |
//! | `checkpoint` | `epochs_done`, and of the next epoch `samples_done`: up to there the run is on disk |
//! | `stopped` | `dir`, `epochs_done`, `samples_done`, `is_saved`, `resume`: the command that goes on |
//! | `failed` | `error` |
//! | `skipped` | `reason`: `done` before, or `busy` in another process |
//! | `finished` | results |
//!
//! The last line is `finished`, `stopped` or `failed`, without `seed` or
//! `trial`. In a run of several seeds that was stopped
//! it is `finished`, with the seeds that are not in `open`; there are no `checkpoint` lines.

use std::io::Write;

use serde::Serialize;
use serde_json::{Value, json};
use synfire_train::{Milestone, Notice};

/// Which one of several runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RunName {
    Seed(u64),
    Trial(String),
}

impl std::fmt::Display for RunName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RunName::Seed(seed) => write!(f, "seed {seed}"),
            RunName::Trial(id) => write!(f, "trial {id}"),
        }
    }
}

/// A line: `event` first, then which one of several runs it is about, if there are, then what there is to say.
#[derive(Serialize)]
pub(crate) struct Line<'a, T> {
    pub(crate) event: &'a str,
    #[serde(flatten)]
    pub(crate) run: Option<&'a RunName>,
    #[serde(flatten)]
    pub(crate) content: T,
}

impl<T: Serialize> Line<'_, T> {
    /// Writes the line; it is there at once.
    pub(crate) fn write(&self, stream: &mut dyn Write) -> std::io::Result<()> {
        writeln!(stream, "{}", serde_json::to_string(self)?)?;
        stream.flush()
    }
}

/// What a line says about a checkpoint.
pub(super) fn of_milestone(milestone: Milestone) -> Value {
    json!({ "epochs_done": milestone.epochs, "samples_done": milestone.samples })
}

/// What a line says about a notice.
pub(super) fn of_notice(notice: &Notice) -> Value {
    let text = notice.to_string();
    match notice {
        Notice::Mismatch { epoch, sample_idx, .. } => {
            json!({ "kind": "mismatch", "epoch": epoch, "sample": sample_idx, "text": text })
        }
        Notice::WeightsDiffer { epoch, .. } => {
            json!({ "kind": "weights-differ", "epoch": epoch, "text": text })
        }
        Notice::Fault { epoch, sample_idx, .. } => {
            json!({ "kind": "fault", "epoch": epoch, "sample": sample_idx, "text": text })
        }
        Notice::TestFault { epoch, .. } => {
            json!({ "kind": "test-fault", "epoch": epoch, "text": text })
        }
        Notice::DeadClasses { epoch, classes } => {
            json!({ "kind": "dead-classes", "epoch": epoch, "classes": classes, "text": text })
        }
        Notice::Dataset(_) => json!({ "kind": "dataset", "text": text }),
        Notice::NoCheckpoints => json!({ "kind": "no-checkpoints", "text": text }),
        Notice::OtherProgram { .. } => json!({ "kind": "other-program", "text": text }),
        _ => json!({ "kind": "other", "text": text }),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn a_line_begins_with_its_event() {
        let notice = Notice::DeadClasses { epoch: 3, classes: vec![1, 7] };
        let run = RunName::Seed(5);
        let line = Line { event: "notice", run: Some(&run), content: of_notice(&notice) };
        let text = serde_json::to_string(&line).unwrap();
        assert!(text.starts_with(r#"{"event":"notice","seed":5,"#), "{text}");
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&read["kind"], &read["epoch"]), (&"dead-classes".into(), &3.into()));
        assert_eq!(read["classes"], json!([1, 7]));
        assert_eq!(read["text"], notice.to_string());
        let line = Line { event: "failed", run: None, content: json!({ "error": "a\nb" }) };
        let text = serde_json::to_string(&line).unwrap();
        assert_eq!(text, r#"{"event":"failed","error":"a\nb"}"#, "one line, whatever the text");
        let run = RunName::Trial("0f".to_owned());
        let line = Line { event: "skipped", run: Some(&run), content: json!({ "reason": "done" }) };
        let text = serde_json::to_string(&line).unwrap();
        assert_eq!(text, r#"{"event":"skipped","trial":"0f","reason":"done"}"#);
    }
}
