//! What is wrong with maintenance windows.

use wildcert::{WindowError, WindowFault};

use super::{Lang, Text, shown};

/// What is wrong with a maintenance window, and how windows are written.
pub(crate) fn describe_window(text: Text, error: &WindowError) -> [String; 2] {
    let translated = (text.lang() != Lang::En).then(|| translated(text, error)).flatten();
    translated.unwrap_or_else(|| [error.to_string(), error.hint().unwrap_or_default()])
}

fn translated(text: Text, error: &WindowError) -> Option<[String; 2]> {
    let faults: Vec<String> = error
        .faults
        .iter()
        .map(|one| fault(text, one).unwrap_or_else(|| one.to_string()))
        .collect();
    let values = [("text", shown(&error.text)), ("faults", shown(faults.join("、")))];
    Some([text.own("error-window", &values)?, text.own("error-window-hint", &[])?])
}

fn fault(text: Text, fault: &WindowFault) -> Option<String> {
    match fault {
        WindowFault::Form => text.own("error-window-form", &[]),
        WindowFault::Day(word) => text.own("error-window-day", &[("word", shown(word))]),
        WindowFault::Time(word) => text.own("error-window-time", &[("word", shown(word))]),
        WindowFault::Empty => text.own("error-window-empty", &[]),
        WindowFault::Zone { name, near } => {
            let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
            let id = if near.is_empty() { "error-window-zone" } else { "error-window-zone-near" };
            let values = [("name", shown(name)), ("near", shown(near.join(", ")))];
            text.own(id, &values)
        }
    }
}
