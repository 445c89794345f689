//! `wildcert probe`.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use wildcert::{Endpoint, Engine, ProbeError, Served, Verdict, config::Config, probe as look_at};

use crate::{
    args::ProbeArgs,
    env,
    error::Error,
    exit,
    fault::Fault,
    json,
    lang::{Text, describe_finding, describe_probe, finding_word, probe_word},
    printer::Printer,
    settings::Settings,
    show::{date, days_left, domain, table},
};

/// One server, and what it serves.
struct Probed {
    endpoint: Endpoint,
    result: Result<(Served, Verdict), ProbeError>,
}

/// Checks what servers serve against the store.
pub(crate) async fn probe(args: &ProbeArgs, printer: &Printer) -> Result<u8, Error> {
    let settings = Settings::new(&env::process, &args.state);
    let endpoints = wanted(args, &settings.file())?;
    let engine = settings.open(printer)?;
    let limit = Duration::from_secs(args.timeout.into());
    let mut probes = Vec::new();
    for (endpoint, name) in endpoints {
        probes.push(tokio::spawn(async move {
            let served = look_at(&endpoint, name.as_deref(), limit).await;
            (endpoint, served)
        }));
    }
    let mut all = Vec::new();
    for probe in probes {
        let failed = |error: tokio::task::JoinError| Error::System {
            doing: "probe side by side",
            source: error.into(),
        };
        let (endpoint, served) = probe.await.map_err(failed)?;
        all.push(Probed { endpoint, result: judged(&engine, served)? });
    }
    show(&all, args.json.json, printer)?;
    let good = |probed: &Probed| matches!(&probed.result, Ok((_, verdict)) if verdict.is_good());
    Ok(if all.iter().all(good) { exit::DONE } else { exit::FAILED })
}

/// The servers, each with the name to ask for where it says none itself; everything that is wrong with
/// them at once.
fn wanted(args: &ProbeArgs, file: &Config) -> Result<Vec<(Endpoint, Option<String>)>, Error> {
    let mut faults = Vec::new();
    let mut name = None;
    if let Some(text) = &args.name {
        match Endpoint::parse_name(text) {
            Ok(parsed) => name = Some(parsed),
            Err(_) => faults.push(Fault::new("fault-server-name", &[("name", text.into())])),
        }
    }
    let mut endpoints = Vec::new();
    for text in &args.endpoints {
        match text.parse::<Endpoint>() {
            Ok(endpoint) => endpoints.push((endpoint, name.clone())),
            Err(error) => faults.push(Fault::of_endpoint(&error)),
        }
    }
    if args.endpoints.is_empty() {
        endpoints = configured(file, name.as_deref());
        if endpoints.is_empty() {
            faults.push(Fault::new("fault-no-endpoint", &[]));
        }
    }
    if faults.is_empty() { Ok(endpoints) } else { Err(Error::Input(faults)) }
}

/// The servers that deploy targets name, each once.
fn configured(file: &Config, name: Option<&str>) -> Vec<(Endpoint, Option<String>)> {
    let mut endpoints = Vec::new();
    for certificate in file.settings.certificates.values() {
        let domains: Vec<String> = certificate.domains.iter().map(ToString::to_string).collect();
        for endpoint in certificate.deploy.iter().flat_map(|target| &target.probe) {
            let name = name.map(str::to_owned).or_else(|| endpoint.name_for(&domains));
            let one = (endpoint.clone(), name);
            if !endpoints.contains(&one) {
                endpoints.push(one);
            }
        }
    }
    endpoints
}

fn judged(
    engine: &Engine,
    served: Result<Served, ProbeError>,
) -> Result<Result<(Served, Verdict), ProbeError>, Error> {
    match served {
        Ok(served) => {
            let verdict = engine.judge(&served)?;
            Ok(Ok((served, verdict)))
        }
        Err(error) => Ok(Err(error)),
    }
}

fn show(all: &[Probed], as_json: bool, printer: &Printer) -> Result<(), Error> {
    let text = printer.text();
    if as_json {
        let list: Vec<Value> = all.iter().map(|probed| value(text, probed)).collect();
        return printer.result(&json::text(&json!({ "endpoints": list })));
    }
    let headings = ["endpoint", "certificate", "until", "left", "result"];
    let headings: Vec<String> =
        headings.iter().map(|name| text.say(&format!("probe-{name}"), &[])).collect();
    let rows: Vec<Vec<String>> = all.iter().map(|probed| row(printer, probed)).collect();
    printer.result(&table(printer.paint(), &headings, &rows))?;
    for probed in all {
        for [message, hint] in troubles(text, probed) {
            let hints: Vec<String> =
                Some(hint).filter(|hint| !hint.is_empty()).into_iter().collect();
            printer.error(&format!("{}: {message}", probed.endpoint), &hints);
        }
    }
    Ok(())
}

fn row(printer: &Printer, probed: &Probed) -> Vec<String> {
    let (text, paint) = (printer.text(), printer.paint());
    let endpoint = probed.endpoint.to_string();
    let dash = || "-".to_owned();
    match &probed.result {
        Err(error) => {
            let result = paint.bad(&probe_word(text, error));
            vec![endpoint, dash(), dash(), dash(), result]
        }
        Ok((served, verdict)) => {
            let stored = verdict.certificate.as_ref().map(|info| info.name.clone());
            let first = || served.leaf.domains.first().map(|name| domain(name));
            let findings = verdict.findings.iter();
            let words: Vec<String> = findings.map(|finding| finding_word(text, finding)).collect();
            let result = match words.is_empty() {
                true => paint.good(&text.say("probe-good", &[])),
                false => paint.bad(&words.join(", ")),
            };
            vec![
                endpoint,
                stored.or_else(first).unwrap_or_else(dash),
                date(served.leaf.not_after),
                days_left(text, served.leaf.not_after - OffsetDateTime::now_utc()),
                result,
            ]
        }
    }
}

/// What is wrong, each with what to do about it.
fn troubles(text: Text, probed: &Probed) -> Vec<[String; 2]> {
    match &probed.result {
        Err(error) => vec![describe_probe(text, error)],
        Ok((_, verdict)) => {
            verdict.findings.iter().map(|finding| describe_finding(text, finding)).collect()
        }
    }
}

/// A server for programs.
fn value(text: Text, probed: &Probed) -> Value {
    let told = |[message, hint]: [String; 2]| json!({ "message": message, "hint": Some(hint).filter(|hint| !hint.is_empty()) });
    let mut value = json!({ "endpoint": probed.endpoint.to_string(), "ok": false });
    match &probed.result {
        Err(error) => {
            value["error"] = told(describe_probe(text, error));
            value["error"]["kind"] = error.kind().into();
        }
        Ok((served, verdict)) => {
            let left = served.leaf.not_after - OffsetDateTime::now_utc();
            let findings = verdict.findings.iter().map(|finding| {
                let mut one = serialized(finding);
                merge(&mut one, told(describe_finding(text, finding)));
                one
            });
            value["ok"] = verdict.is_good().into();
            value["server_name"] = json!(served.name);
            value["address"] = json!(served.address);
            value["version"] = json!(served.version);
            value["certificate"] = json!(verdict.certificate.as_ref().map(|info| &info.name));
            value["served"] = serialized(&served.leaf);
            value["served"]["days_left"] = left.whole_days().into();
            value["served"]["chain_length"] = served.chain.len().into();
            value["findings"] = findings.collect();
        }
    }
    value
}

fn serialized(value: &impl Serialize) -> Value {
    // The engine's own types have nothing that JSON could refuse.
    serde_json::to_value(value).unwrap_or_default()
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}
