//! Which shard a task of a Slurm job array is.
//!
//! Task k of an array `first-last:step` is shard (k - first) / step + 1 of as many as there are tasks.

use synfire_train::Shard;

use crate::UsageError;
use crate::surroundings::ArrayTask;

/// The shard of this task, if it is one of an array.
pub(super) fn shard(task: &ArrayTask) -> Result<Option<Shard>, UsageError> {
    let Some(id) = &task.id else { return Ok(None) };
    let number = |variable: &str, text: Option<&String>| {
        let name = format!("SLURM_ARRAY_TASK_{variable}");
        let Some(text) = text else {
            return Err(UsageError(format!(
                "SLURM_ARRAY_TASK_ID is there and {name} is not: name the shard with --shard"
            )));
        };
        text.parse::<u64>().map_err(|_| {
            let text = text.escape_debug();
            UsageError(format!(
                "{name} is `{text}`, expected a number; or name the shard with --shard"
            ))
        })
    };
    let id = number("ID", Some(id))?;
    let (count, min) = (number("COUNT", task.count.as_ref())?, number("MIN", task.min.as_ref())?);
    let step = task.step.as_ref().map_or(Ok(1), |step| number("STEP", Some(step)))?;
    let place = id.checked_sub(min).filter(|_| step > 0).filter(|place| place.is_multiple_of(step));
    let shard = place.map(|place| place / step + 1).and_then(|k| Shard::new(k, count).ok());
    shard.map(Some).ok_or_else(|| {
        UsageError(format!(
            "task {id} is none of the {count} of a job array without gaps from {min} in steps of {step}: name the \
             shard with --shard"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(id: &str, count: &str, min: &str, step: &str) -> Result<String, String> {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let task = ArrayTask { id: text(id), count: text(count), min: text(min), step: text(step) };
        let shard = shard(&task).map_err(|error| error.0)?;
        Ok(shard.map_or_else(String::new, |shard| shard.to_string()))
    }

    #[test]
    fn tasks_are_shards() {
        for (id, count, min, step, expected) in [
            ("", "", "", "", ""),
            ("", "5", "1", "1", ""),
            ("1", "5", "1", "1", "1/5"),
            ("5", "5", "1", "", "5/5"),
            ("0", "4", "0", "1", "1/4"),
            ("3", "4", "0", "1", "4/4"),
            ("7", "3", "3", "2", "3/3"),
            // One task of an array alone, sent again: it does what is left.
            ("3", "1", "3", "1", "1/1"),
        ] {
            assert_eq!(of(id, count, min, step), Ok(expected.to_owned()));
        }
    }

    #[test]
    fn what_is_no_task_is_refused() {
        for (id, count, min, step, expected) in [
            (
                "1",
                "",
                "1",
                "1",
                "SLURM_ARRAY_TASK_ID is there and SLURM_ARRAY_TASK_COUNT is not: name",
            ),
            ("1", "5", "", "1", "SLURM_ARRAY_TASK_MIN is not"),
            ("x", "5", "1", "1", "SLURM_ARRAY_TASK_ID is `x`, expected a number"),
            ("1", "5", "1", "-1", "SLURM_ARRAY_TASK_STEP is `-1`, expected a number"),
            (
                "7",
                "3",
                "1",
                "1",
                "task 7 is none of the 3 of a job array without gaps from 1 in steps of 1",
            ),
            ("0", "3", "1", "1", "task 0 is none of the 3"),
            ("2", "3", "1", "2", "in steps of 2"),
            ("2", "3", "1", "0", "in steps of 0"),
            ("1", "0", "1", "1", "none of the 0"),
        ] {
            let found = of(id, count, min, step).err().unwrap_or_default();
            assert!(found.contains(expected), "{found}");
        }
    }
}
