//! `wildcert alerts`, and the words of alerts.

use serde_json::json;
use wildcert::{AlertChannel, AlertKind, AlertMessage, Engine, Incident, Outcome, host_name};

use crate::{
    args::AlertsTestArgs,
    env,
    error::Error,
    exit, json,
    lang::{Text, describe, hints},
    printer::Printer,
    settings::Settings,
    show::{Paint, date, days_left, domain, facts},
};

/// Sends a test to everybody who is alerted; gives the code for failure when somebody cannot be.
pub(crate) async fn test(args: &AlertsTestArgs, printer: &Printer) -> Result<u8, Error> {
    let settings = Settings::new(&env::process, &args.state).bundle(&args.bundle);
    let file = settings.file();
    let engine = settings.open(printer)?;
    let text = printer.text();
    let channels = AlertChannel::all(&file);
    if channels.is_empty() {
        printer.error(&text.say("alert-nobody", &[]), &[text.say("alert-nobody.hint", &[])]);
        return Ok(exit::CONFIGURATION);
    }
    let host = host_name();
    let say = |id| text.say(id, &[("host", host.as_str().into())]);
    let message = AlertMessage { subject: say("alert-test-subject"), text: say("alert-test-text") };
    let mut results = Vec::new();
    for channel in &channels {
        let error = engine.try_alert(channel, &message).await.err();
        match &error {
            Some(unsent) => printer.error(&unsent_text(text, &unsent.to, &unsent.reason), &[]),
            None if args.json.json => {}
            None => {
                let values = [("to", channel.name.as_str().into())];
                printer.result(&text.say("alert-sent", &values))?;
            }
        }
        results.push((channel, error.map(|unsent| unsent.reason)));
    }
    if args.json.json {
        let alerts = results.iter().map(|(channel, error)| {
            json!({ "to": channel.name, "sent": error.is_none(), "error": error })
        });
        printer.result(&json::text(&json!({ "alerts": alerts.collect::<Vec<_>>() })))?;
    }
    let failed = results.iter().any(|(_, error)| error.is_some());
    Ok(if failed { exit::FAILED } else { exit::DONE })
}

/// Sends what is wrong to everybody who was not told yet; who cannot be told is told of as a warning.
///
/// `outcomes` are those of the run that ends: of them more is known than was kept.
pub(super) async fn send(
    engine: &Engine,
    channels: &[AlertChannel],
    overview: &wildcert::Overview,
    outcomes: &[Outcome],
    printer: &Printer,
) {
    let text = printer.text();
    let compose = |incidents: &[Incident]| compose(text, incidents, outcomes);
    match engine.alert(channels, overview, &compose).await {
        Ok(unsent) => {
            for unsent in unsent {
                printer.warning(&unsent_text(text, &unsent.to, &unsent.reason));
            }
        }
        Err(error) => printer.warning(&describe(text, &error)),
    }
}

fn unsent_text(text: Text, to: &str, reason: &str) -> String {
    text.say("alert-unsent", &[("to", to.into()), ("reason", reason.into())])
}

/// What is said of incidents, of which there is at least one.
fn compose(text: Text, incidents: &[Incident], outcomes: &[Outcome]) -> AlertMessage {
    let host = host_name();
    let mut paragraphs: Vec<String> =
        incidents.iter().take(MOST).map(|one| paragraph(text, one, outcomes)).collect();
    if let Some(more @ 1..) = incidents.len().checked_sub(MOST) {
        paragraphs.push(text.say("alert-more", &[("count", more.into())]));
    }
    paragraphs.push(text.say("alert-footer", &[("host", host.as_str().into())]));
    AlertMessage { subject: subject(text, &host, incidents), text: paragraphs.join("\n\n") + "\n" }
}

fn subject(text: Text, host: &str, incidents: &[Incident]) -> String {
    let [only] = incidents else {
        let mut names: Vec<&str> = Vec::new();
        for incident in incidents {
            if !names.contains(&incident.certificate.as_str()) {
                names.push(&incident.certificate);
            }
        }
        let shown = names.iter().take(3).copied().collect::<Vec<_>>().join(", ");
        let names = if names.len() > 3 { shown + ", …" } else { shown };
        let count = incidents.len();
        let values = [("host", host.into()), ("count", count.into()), ("names", names.into())];
        return text.say("alert-subject-several", &values);
    };
    let values = [
        ("host", host.into()),
        ("name", only.certificate.as_str().into()),
        ("left", left(text, only).into()),
        ("target", only.target.as_deref().unwrap_or_default().into()),
    ];
    let id = match only.event {
        AlertKind::Failure => "alert-subject-failure",
        AlertKind::Expiry => "alert-subject-expiry",
        AlertKind::Deploy => "alert-subject-deploy",
    };
    text.say(id, &values)
}

fn paragraph(text: Text, incident: &Incident, outcomes: &[Outcome]) -> String {
    let say = |id| text.say(id, &[]);
    let values = [
        ("name", incident.certificate.as_str().into()),
        ("date", incident.since.map(date).unwrap_or_default().into()),
        ("target", incident.target.as_deref().unwrap_or_default().into()),
    ];
    let title = match incident.event {
        AlertKind::Failure => text.say("alert-failure", &values),
        AlertKind::Expiry => text.say("alert-expiry", &values),
        AlertKind::Deploy => text.say("alert-deploy", &values),
    };
    // The run that ends knows its errors in every language.
    let known = outcomes.iter().find(|one| one.name == incident.certificate);
    let fresh = known.and_then(|outcome| match (incident.event, &incident.target) {
        (AlertKind::Failure, _) => outcome.error.as_ref(),
        (AlertKind::Deploy, Some(target)) => {
            let here = outcome.deployed.iter().find(|one| one.label() == *target);
            here.and_then(|one| one.error.as_ref())
        }
        _ => None,
    });
    let (error, hints) = match (fresh, &incident.error) {
        (Some(error), _) => (describe(text, error), hints(text, error)),
        (None, Some(kept)) => (kept.message.clone(), kept.hint.iter().cloned().collect()),
        (None, None) => (String::new(), Vec::new()),
    };
    let domains = match incident.domains.as_slice() {
        [] => known.map(|outcome| outcome.domains.as_slice()).unwrap_or_default(),
        some => some,
    };
    let domains: Vec<String> = domains.iter().map(|name| domain(name)).collect();
    let until = incident.not_after.map(|end| {
        let values = [("date", date(end).into()), ("left", left(text, incident).into())];
        text.say("alert-until-days", &values)
    });
    let known = [
        (say("fact-domains"), domains.join(", ")),
        (say("alert-until"), until.unwrap_or_default()),
        (say("alert-target"), incident.target.clone().unwrap_or_default()),
        (say("alert-error"), error),
        (say("alert-hint"), hints.join("\n")),
    ];
    let known: Vec<(String, String)> =
        known.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    format!("{title}\n{}", facts(Paint(false), &known))
}

fn left(text: Text, incident: &Incident) -> String {
    let left = incident.days_left.map(time::Duration::days);
    left.map(|left| days_left(text, left)).unwrap_or_default()
}

/// How many incidents one message tells in words; programs get all.
const MOST: usize = 50;
