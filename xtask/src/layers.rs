//! The arrows between crates, as data, and their comparison with what cargo reports.
//!
//! An arrow that is not in [`ARROWS`] is a decision, explained in `docs/architecture.md`, whose table of
//! arrows is compared with this one by `tidy`. Both directions are problems: a dependency without an
//! arrow breaks a layer, and an arrow without a dependency makes the picture wrong.
//!
//! Dev-dependencies: a crate's tests may use the crate itself (with a feature, say) and what it may
//! depend on anyway. A test that needs more belongs into the unpublished `synfire-tests`.

use crate::workspace;
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::ExitCode;

/// Who depends on whom. A missing arrow is a decision; see `docs/architecture.md`.
pub(crate) const ARROWS: &[(&str, &[&str])] = &[
    ("synfire-net", &[]),
    ("synfire-reference", &[]),
    ("synfire-npy", &[]),
    ("synfire-data", &["synfire-npy"]),
    ("synfire-draw", &[]),
    ("synfire-exchange", &["synfire-npy", "synfire-reference"]),
    ("synfire-circuit", &["synfire-net"]),
    ("synfire-loihi", &["synfire-net"]),
    ("synfire-fast", &["synfire-loihi", "synfire-net"]),
    ("synfire-verify", &["synfire-reference", "synfire-circuit", "synfire-net"]),
    (
        "synfire-train",
        &[
            "synfire-verify",
            "synfire-fast",
            "synfire-loihi",
            "synfire-circuit",
            "synfire-reference",
            "synfire-data",
            "synfire-exchange",
            "synfire-draw",
            "synfire-net",
        ],
    ),
    ("synfire-report", &["synfire-train"]),
    ("synfire-bundle", &["synfire-train"]),
    ("synfire-cli", &["synfire-bundle", "synfire-report", "synfire-train"]),
];

/// Members that are never published and may see everything; nobody may depend on them.
pub(crate) const UNPUBLISHED: &[&str] =
    &["synfire-bench", "synfire-fuzz", "synfire-reproduce", "synfire-tests", "xtask"];

/// One member of the workspace, as cargo describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Member {
    name: String,
    is_published: bool,
    dependencies: Vec<Dependency>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Dependency {
    on: String,
    is_dev: bool,
}

/// Compares the arrows with cargo's and prints every difference.
pub(crate) fn run() -> Result<ExitCode> {
    Ok(workspace::report("layers", &problems(&members(&workspace::metadata()?)?)))
}

/// The members in what `cargo metadata --no-deps` prints.
fn members(metadata: &Value) -> Result<Vec<Member>> {
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let name_of = |value: &Value| {
        value["name"].as_str().map(ToOwned::to_owned).context("cargo metadata leaves out a name")
    };
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().map_or(&[][..], Vec::as_slice);
            Ok(Member {
                name: name_of(package)?,
                // `publish = false` is an empty list of registries; no restriction is null.
                is_published: package["publish"].is_null(),
                dependencies: dependencies
                    .iter()
                    .map(|dependency| {
                        let is_dev = dependency["kind"] == "dev";
                        Ok(Dependency { on: name_of(dependency)?, is_dev })
                    })
                    .collect::<Result<_>>()?,
            })
        })
        .collect()
}

fn problems(members: &[Member]) -> Vec<String> {
    let mut problems = Vec::new();
    let ours: BTreeSet<&str> = members.iter().map(|member| member.name.as_str()).collect();
    for member in members {
        let name = &member.name;
        if UNPUBLISHED.contains(&name.as_str()) {
            if member.is_published {
                problems.push(format!("{name} is published, expected `publish = false`"));
            }
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(from, _)| from == name) else {
            problems.push(format!("{name} is in no layer: add it to ARROWS or to UNPUBLISHED"));
            continue;
        };
        if !member.is_published {
            problems.push(format!("{name} is not published, but has a layer"));
        }
        let on = |is_dev: bool| -> BTreeSet<&str> {
            let dependencies = member.dependencies.iter();
            dependencies
                .filter(|dependency| dependency.is_dev == is_dev)
                .map(|dependency| dependency.on.as_str())
                .filter(|on| ours.contains(on))
                .collect()
        };
        let (normal, dev) = (on(false), on(true));
        for on in &normal {
            if !allowed.contains(on) {
                problems.push(format!("{name} depends on {on}, an arrow that does not exist"));
            }
        }
        for on in allowed.iter().filter(|&on| !normal.contains(on)) {
            problems.push(format!("{name} does not depend on {on}: the arrow is not needed"));
        }
        for on in dev.iter().filter(|&on| on != name && !allowed.contains(on)) {
            problems.push(format!(
                "{name} dev-depends on {on}, expected itself or what it depends on; \
                 move the test to synfire-tests"
            ));
        }
    }
    for (name, _) in ARROWS.iter().filter(|(name, _)| !ours.contains(name)) {
        problems.push(format!("{name} has a layer, but is not in the workspace"));
    }
    problems
}

/// The table of arrows as `docs/architecture.md` shows it, one row per crate, without the heading.
pub(crate) fn table() -> Vec<String> {
    ARROWS
        .iter()
        .map(|(from, to)| {
            let to: Vec<_> = to.iter().map(|to| format!("`{to}`")).collect();
            let to = if to.is_empty() { "nothing of ours".to_owned() } else { to.join(", ") };
            format!("| `{from}` | {to} |")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn agreeing() -> Vec<Member> {
        let layered = ARROWS.iter().map(|(name, to)| Member {
            name: (*name).to_owned(),
            is_published: true,
            dependencies: to
                .iter()
                .map(|on| Dependency { on: (*on).to_owned(), is_dev: false })
                .collect(),
        });
        let unpublished = UNPUBLISHED.iter().map(|name| Member {
            name: (*name).to_owned(),
            is_published: false,
            dependencies: Vec::new(),
        });
        layered.chain(unpublished).collect()
    }

    fn member<'a>(members: &'a mut [Member], name: &str) -> &'a mut Member {
        members.iter_mut().find(|member| member.name == name).unwrap()
    }

    fn depend(members: &mut [Member], from: &str, on: &str, is_dev: bool) {
        member(members, from).dependencies.push(Dependency { on: on.to_owned(), is_dev });
    }

    #[test]
    fn the_workspace_keeps_its_layers() {
        let found = problems(&members(&workspace::metadata().unwrap()).unwrap());
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    #[test]
    fn agreement_has_no_problems() {
        let mut members = agreeing();
        depend(&mut members, "synfire-net", "synfire-net", true);
        depend(&mut members, "synfire-loihi", "synfire-net", true);
        depend(&mut members, "synfire-net", "serde", false);
        depend(&mut members, "synfire-tests", "synfire-cli", false);
        assert_eq!(problems(&members), Vec::<String>::new());
    }

    /// Each way to break the layers, and the words that must name it.
    #[test]
    fn every_breach_is_reported() {
        type Breach = fn(&mut Vec<Member>);
        let breaches: &[(Breach, &str)] = &[
            (
                |m| depend(m, "synfire-reference", "synfire-net", false),
                "synfire-reference depends on synfire-net, an arrow that does not exist",
            ),
            (
                |m| depend(m, "synfire-verify", "synfire-loihi", true),
                "synfire-verify dev-depends on synfire-loihi",
            ),
            (
                |m| depend(m, "synfire-train", "synfire-tests", false),
                "synfire-train depends on synfire-tests, an arrow",
            ),
            (
                |m| member(m, "synfire-circuit").dependencies.clear(),
                "synfire-circuit does not depend on synfire-net: the arrow is not needed",
            ),
            (|m| member(m, "synfire-net").is_published = false, "synfire-net is not published"),
            (|m| member(m, "xtask").is_published = true, "xtask is published, expected"),
            (
                |m| m.retain(|member| member.name != "synfire-data"),
                "synfire-data has a layer, but is not in the workspace",
            ),
            (
                |m| {
                    let name = "synfire-new".to_owned();
                    m.push(Member { name, is_published: true, dependencies: Vec::new() });
                },
                "synfire-new is in no layer",
            ),
        ];
        for (breach, expected) in breaches {
            let mut members = agreeing();
            breach(&mut members);
            let found = problems(&members);
            assert!(
                found.iter().any(|problem| problem.contains(expected)),
                "{expected}: {found:?}"
            );
        }
    }

    #[test]
    fn several_breaches_are_all_reported() {
        let mut members = agreeing();
        depend(&mut members, "synfire-reference", "synfire-net", false);
        depend(&mut members, "synfire-data", "synfire-net", false);
        assert_eq!(problems(&members).len(), 2);
    }

    #[test]
    fn metadata_is_read() {
        let json = r#"{"packages": [{"name": "a", "publish": [], "dependencies": [
            {"name": "b", "kind": "dev"}, {"name": "c", "kind": null}, {"name": "d", "kind": "build"}
        ]}, {"name": "b", "publish": null, "dependencies": []}]}"#;
        let members = members(&serde_json::from_str(json).unwrap()).unwrap();
        assert!(!members[0].is_published && members[1].is_published);
        let dev: Vec<_> = members[0].dependencies.iter().map(|d| d.is_dev).collect();
        assert_eq!(dev, [true, false, false]);
        assert!(super::members(&Value::Null).is_err());
    }
}
