//! The table at the end of the suite.

use std::{fs, path::Path};

use wildcert_plugin::conformance::Verdict;
use wildcert_tests::{Form, provider};

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
        println!("{id:<14} {form:<7} {:>5} {size:>7} {passed:>7} {failed:>7}", lines(id));
        for (trial, verdict) in trials {
            if let Verdict::NotApplicable(why) = verdict {
                reasons.push(format!("{id} {form}: {} not applicable: {why}", trial.name()));
            }
        }
    }
    reasons.sort();
    reasons.iter().for_each(|reason| println!("{reason}"));
}

/// The lines of a provider's own code: neither blank nor comment.
fn lines(id: &str) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../providers").join(id).join("src");
    let files = folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
    let own = files
        .filter(|path| path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs"));
    let texts = own.filter_map(|path| fs::read_to_string(path).ok());
    texts.map(|text| text.lines().filter(|line| is_code(line)).count()).sum()
}

fn is_code(line: &str) -> bool {
    let line = line.trim_start();
    !line.is_empty() && !line.starts_with("//")
}
