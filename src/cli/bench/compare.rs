//! `farthing bench --compare`: two reports, and what changed between them.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::cli::exit::{Exit, fail};
use crate::load::{Comparison, Report, SCHEMA};

/// Prints the comparison. A figure that is worse by more than `threshold`, a share, makes it exit code 6.
pub(super) fn run(before: &Path, after: &Path, threshold: f64) -> Exit {
    let (before, after) = match (read(before), read(after)) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(error), _) | (_, Err(error)) => return fail(Exit::Usage, error),
    };
    let comparison = Comparison::new(&before, &after, threshold);
    _ = io::stdout().write_all(comparison.text().as_bytes());
    if comparison.is_worse() { Exit::Threshold } else { Exit::Ok }
}

fn read(file: &Path) -> Result<Report, String> {
    let name = file.display();
    let text = fs::read_to_string(file).map_err(|error| format!("cannot read {name}: {error}"))?;
    let wrong = |error: &dyn std::fmt::Display| format!("{name} is no report of `farthing bench --json`: {error}");
    let json: serde_json::Value = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
    match json.get("schema").and_then(|schema| schema.as_str()) {
        Some(SCHEMA) => {}
        Some(other) => return Err(format!("{name} is of the form {other}; this program reads {SCHEMA}")),
        None => return Err(wrong(&"it has no schema")),
    }
    let report: Report = serde_json::from_value(json).map_err(|error| wrong(&error))?;
    if report.rounds.is_empty() { Err(format!("{name} has no rounds to compare")) } else { Ok(report) }
}
