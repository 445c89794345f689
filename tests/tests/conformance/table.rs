//! The table at the end of the suite.

use std::{collections::BTreeSet, fs};

use wildcert_plugin::conformance::Verdict;
use wildcert_tests::{Form, own_lines, provider};

use super::Results;

/// Prints a row for each provider and form: its lines, its size, and what became of the trials.
pub(super) fn print(results: &Results) {
    println!(
        "{:<14} {:<7} {:>5} {:>7} {:>7} {:>7}  ",
        "provider", "form", "lines", "KB", "passed", "failed"
    );
    let mut reasons = Vec::new();
    for ((id, form), trials) in results {
        let count = |wanted: fn(&Verdict) -> bool| {
            trials.iter().filter(|(_, verdict)| wanted(verdict)).count()
        };
        let passed = count(|verdict| matches!(verdict, Verdict::Passed));
        let failed = count(|verdict| matches!(verdict, Verdict::Failed(_) | Verdict::Behind(_)));
        let kind = if *form == "wasm" { Form::Wasm } else { Form::Native };
        let size = fs::metadata(provider(id, kind)).map_or(0, |file| file.len() / 1000);
        println!("{id:<14} {form:<7} {:>5} {size:>7} {passed:>7} {failed:>7}", own_lines(id));
        for (trial, verdict) in trials {
            if let Verdict::NotApplicable(why) = verdict {
                reasons.push(format!("{id} {form}: {} not applicable: {why}", trial.name()));
            }
        }
    }
    let ids: BTreeSet<&String> = results.keys().map(|(id, _)| id).collect();
    let mut lines: Vec<usize> = ids.into_iter().map(|id| own_lines(id)).collect();
    lines.sort_unstable();
    println!("median of the lines: {}", lines.get(lines.len() / 2).copied().unwrap_or_default());
    reasons.sort();
    reasons.iter().for_each(|reason| println!("{reason}"));
}
