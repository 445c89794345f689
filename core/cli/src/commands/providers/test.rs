//! `wildcert providers test`.

use std::{
    net::SocketAddr,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use wildcert::{
    TrialGround,
    plugin::conformance::{Trial, Verdict},
};

use crate::{
    args::TestArgs, env, error::Error, exit, fault::Fault, json, printer::Printer,
    settings::Settings,
};

/// Runs the conformance suite on a provider: TAP version 14, or JSON.
pub(crate) async fn test(args: &TestArgs, printer: &Printer) -> Result<u8, Error> {
    let settings =
        Settings::new(&env::process, &args.list.state).dirs(&args.list.dirs).dns(&args.dns);
    let mut settings = settings.signature(&args.signature);
    let overrides = settings.provider_options(&args.dns_opt);
    let engine = settings.open(printer)?;
    // Held to the end: it ends the simulator when it goes.
    let mut simulator = None;
    let ground = match (&args.simulator, &args.zone) {
        (Some(command), _) => {
            let (process, address) = start(command).await?;
            simulator = Some(process);
            TrialGround::Simulator(address)
        }
        (None, zone) => TrialGround::Zone(owner(zone.as_deref().unwrap_or_default())?),
    };
    let tap = !args.list.json.json;
    let failure = Arc::new(Mutex::new(None));
    let written = Arc::clone(&failure);
    if tap {
        printer.result(&format!("TAP version 14\n1..{}", Trial::ALL.len()))?;
    }
    let screen = printer.clone();
    let mut number = 0;
    let report = Box::new(move |trial: Trial, verdict: &Verdict| {
        number += 1;
        if tap && let Err(error) = screen.result(&line(number, trial, verdict)) {
            *written.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        }
    });
    let verdicts = engine.test_provider(&args.provider, &overrides, ground, report).await?;
    drop(simulator);
    if let Some(error) = failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(error);
    }
    if !tap {
        let trials: Vec<Value> =
            verdicts.iter().map(|(trial, verdict)| object(*trial, verdict)).collect();
        printer.result(&json::text(&json!({ "provider": args.provider, "trials": trials })))?;
    }
    let failed = |verdict: &Verdict| matches!(verdict, Verdict::Failed(_) | Verdict::Behind(_));
    match verdicts.iter().any(|(_, verdict)| failed(verdict)) {
        true => Ok(exit::FAILED),
        false => Ok(exit::DONE),
    }
}

/// Starts a simulator and reads where it listens.
async fn start(command: &str) -> Result<(Child, SocketAddr), Error> {
    let failed = |source| Error::System { doing: "start the simulator", source };
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut process = Command::new(shell)
        .args([flag, command])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let mut line = String::new();
    if let Some(stdout) = process.stdout.take() {
        BufReader::new(stdout).read_line(&mut line).await.map_err(failed)?;
    }
    let address = line.trim().strip_prefix("http://").and_then(|text| text.parse().ok());
    match address.filter(|address: &SocketAddr| address.ip().is_loopback()) {
        Some(address) => Ok((process, address)),
        None => Err(fault(
            format!(
                "--simulator `{command}` did not print where it listens, but {:?}",
                line.trim()
            ),
            "it prints a line such as `http://127.0.0.1:4711`, then runs until its stdin ends",
        )),
    }
}

fn owner(zone: &str) -> Result<wildcert::dns::OwnerName, Error> {
    zone.parse().map_err(|error| fault(format!("--zone `{zone}`: {error}"), "such as example.com"))
}

fn fault(message: String, hint: &str) -> Error {
    Error::Input(vec![Fault { message: message.into(), hint: Some(hint.to_owned().into()) }])
}

/// A trial as a line of TAP, with a YAML block when it failed.
fn line(number: usize, trial: Trial, verdict: &Verdict) -> String {
    let name = trial.name();
    match verdict {
        Verdict::Passed => format!("ok {number} - {name}"),
        Verdict::NotApplicable(why) => format!("ok {number} - {name} # SKIP {why}"),
        Verdict::Failed(fault) => {
            format!("not ok {number} - {name}\n  ---\n  message: {fault:?}\n  ...")
        }
        Verdict::Behind(earlier) => {
            let earlier = earlier.name();
            format!(
                "not ok {number} - {name}\n  ---\n  message: \"not run: {earlier} failed\"\n  ..."
            )
        }
    }
}

fn object(trial: Trial, verdict: &Verdict) -> Value {
    let (outcome, message) = match verdict {
        Verdict::Passed => ("passed", None),
        Verdict::NotApplicable(why) => ("not-applicable", Some(why.clone())),
        Verdict::Failed(fault) => ("failed", Some(fault.clone())),
        Verdict::Behind(earlier) => ("not-run", Some(format!("{} failed", earlier.name()))),
    };
    json!({ "trial": trial.name(), "outcome": outcome, "message": message })
}
