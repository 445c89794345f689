//! Alerts through a program of the user's.

use std::process::Stdio;

use tokio::{io::AsyncWriteExt, process::Command};

use super::Notice;
use crate::deploy::CommandLine;

/// Runs a program that gets the notice as JSON on stdin, and its words in the environment. Its stderr
/// is ours; what it prints on stdout is dropped, for ours is for results. Whoever drops this ends it.
pub(super) async fn run(command: &CommandLine, notice: &Notice<'_>) -> Result<(), String> {
    let words = command.here();
    let (program, arguments) = words.split_first().ok_or("there is no program")?;
    let mut events: Vec<&str> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for incident in notice.events {
        let (event, name) = (incident.event.as_str(), incident.certificate.as_str());
        if !events.contains(&event) {
            events.push(event);
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut child = Command::new(program)
        .args(arguments)
        .env("WILDCERT_ALERT_SUBJECT", &notice.message.subject)
        .env("WILDCERT_ALERT_TEXT", &notice.message.text)
        .env("WILDCERT_ALERT_HOST", &notice.host)
        .env("WILDCERT_ALERT_EVENTS", events.join(" "))
        .env("WILDCERT_ALERT_CERTIFICATES", names.join(" "))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("it could not be run: {error}"))?;
    let json = serde_json::to_vec(notice).unwrap_or_default();
    if let Some(mut stdin) = child.stdin.take() {
        // One that reads nothing may have ended already.
        let _ = stdin.write_all(&json).await;
    }
    let status = child.wait().await.map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("it ended with {status}")) }
}
