//! How everything stands, for people and for programs.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use wildcert::{CertificateInfo, Failure, Limit, Overview, Standing};

use super::{
    bar::bar,
    facts::days_left,
    table::table,
    text::{Paint, date, hanging, moment, printable},
};
use crate::{explain, json::ErrorInfo, lang::Text};

/// How everything stands: a table of the certificates, and behind it whatever is wrong, in lines of at
/// most `width` columns where names are no longer.
pub(crate) fn overview_text(text: Text, paint: Paint, width: usize, overview: &Overview) -> String {
    let now = OffsetDateTime::now_utc();
    let mut parts = Vec::new();
    if !overview.certificates.is_empty() {
        let headings = ["name", "left", "renewal", "result"];
        let headings = headings.map(|name| text.say(&format!("overview-{name}"), &[]));
        let rows: Vec<Vec<String>> =
            overview.certificates.iter().map(|one| row(text, paint, one, now)).collect();
        parts.push(table(paint, &headings, &rows));
    }
    for standing in &overview.certificates {
        parts.extend(failing(text, paint, width, standing));
        parts.extend(failing_targets(text, width, standing));
    }
    let left = left_behind(text, width, overview);
    if !left.is_empty() {
        parts.push(left);
    }
    if !overview.limits.is_empty() {
        parts.push(limits(text, paint, &overview.limits));
    }
    parts.join("\n\n")
}

/// The same for programs.
pub(crate) fn overview_json(text: Text, overview: &Overview) -> Value {
    let now = OffsetDateTime::now_utc();
    let certificates = overview.certificates.iter().map(|one| certificate_json(one, now));
    let limits = overview.limits.iter().map(|(account, limit)| {
        let mut value = serde_json::to_value(limit).unwrap_or_default();
        value["account"] = json!(account);
        value
    });
    let damaged = overview.damaged.iter().map(|error| ErrorInfo::new(text, error));
    json!({
        "certificates": certificates.collect::<Vec<_>>(),
        "limits": limits.collect::<Vec<_>>(),
        "left_behind": overview.left,
        "damaged": damaged.collect::<Vec<_>>(),
    })
}

fn certificate_json(standing: &Standing, now: OffsetDateTime) -> Value {
    let time = |time: OffsetDateTime| {
        let whole = time.replace_nanosecond(0).unwrap_or(time);
        whole.format(&Rfc3339).unwrap_or_default()
    };
    let stored = standing.certificate.as_ref();
    let results = standing.results.clone().unwrap_or_default();
    let succeeded = standing.succeeded();
    let status = match (standing.failing_since(), succeeded) {
        (Some(_), _) => "failed",
        (None, Some(_)) => "ok",
        (None, None) => "never",
    };
    json!({
        "name": standing.name,
        "domains": stored.map(|stored| &stored.domains),
        "serial": stored.map(|stored| &stored.serial),
        "not_before": stored.map(|stored| time(stored.not_before)),
        "not_after": stored.map(|stored| time(stored.not_after)),
        "days_left": stored.map(|stored| (stored.not_after - now).whole_days()),
        "share_left": stored.map(|stored| share(stored, stored.not_after - now)),
        "revoked": stored.map(|stored| stored.revoked.is_some()),
        "server": stored.map(|stored| &stored.server),
        "provider": stored.map(|stored| &stored.provider),
        "due": standing.renewal.as_ref().map(|renewal| renewal.time <= now),
        "renewal": standing.renewal,
        "status": status,
        "last_success": succeeded.map(time),
        "failing_since": standing.failing_since().map(time),
        "failures": results.failures,
        "last_attempt": results.last,
        "calls": results.calls,
        "targets": standing.targets,
    })
}

fn row(text: Text, paint: Paint, standing: &Standing, now: OffsetDateTime) -> Vec<String> {
    let say = |id| text.say(id, &[]);
    let left = match &standing.certificate {
        Some(stored) => time_left(text, paint, stored, standing, now),
        None => say("overview-none"),
    };
    let renewal = match (&standing.certificate, &standing.renewal) {
        (Some(_), Some(renewal)) if renewal.comes() <= now => paint.warn(&say("overview-now")),
        (Some(_), Some(renewal)) => date(renewal.comes()),
        (Some(_), None) => say("overview-no-renewal"),
        (None, _) => String::new(),
    };
    let revoked = standing.certificate.as_ref().and_then(|stored| stored.revoked.as_ref());
    let on = |id, time| text.say(id, &[("date", date(time).into())]);
    let targets = standing.targets.iter().filter(|state| state.error.is_some()).count();
    let result = match (standing.failing_since(), revoked, standing.succeeded()) {
        (Some(since), _, _) => paint.bad(&on("overview-failed", since)),
        (None, Some(revoked), _) => on("overview-revoked-on", revoked.time),
        (None, None, _) if targets > 0 => {
            paint.bad(&text.say("overview-targets", &[("count", targets.into())]))
        }
        (None, None, Some(time)) => on("overview-ok", time),
        (None, None, None) => text.say("overview-never", &[]),
    };
    vec![standing.name.clone(), left, renewal, result]
}

/// The share of the lifetime that is left as a bar, with the point of renewal, and the days.
fn time_left(
    text: Text,
    paint: Paint,
    stored: &CertificateInfo,
    standing: &Standing,
    now: OffsetDateTime,
) -> String {
    let left = stored.not_after - now;
    let margin = standing.renewal.as_ref().map(|renewal| stored.not_after - renewal.time);
    let margin = margin.unwrap_or_default();
    let drawn = bar(paint, BAR, share(stored, left), share(stored, margin));
    let drawn = if left.is_negative() || left <= margin / 2 {
        paint.bad(&drawn)
    } else if left <= margin {
        paint.warn(&drawn)
    } else {
        paint.good(&drawn)
    };
    let days = match left.is_negative() {
        true => days_left(text, left),
        false => text.say("overview-days", &[("days", left.whole_days().into())]),
    };
    format!("{drawn} {days}")
}

/// How much of a certificate's lifetime a time is.
fn share(stored: &CertificateInfo, time: time::Duration) -> f64 {
    let lifetime = (stored.not_after - stored.not_before).as_seconds_f64();
    if lifetime > 0.0 { (time.as_seconds_f64() / lifetime).clamp(0.0, 1.0) } else { 0.0 }
}

/// Why a certificate cannot be got.
fn failing(text: Text, paint: Paint, width: usize, standing: &Standing) -> Option<String> {
    let since = standing.failing_since()?;
    let results = standing.results.as_ref()?;
    let error = results.last.as_ref()?.error.as_ref()?;
    let values = [
        ("name", standing.name.as_str().into()),
        ("count", results.failures.into()),
        ("date", date(since).into()),
        ("what", title(text, error).into()),
    ];
    let mut lines = vec![hanging(&text.say("overview-failing", &values), 2, width)];
    let message = printable(&error.message);
    lines.extend(message.lines().map(|line| hanging(&format!("  {line}"), 4, width)));
    if let Some(hint) = &error.hint {
        let label = paint.hint(&text.say("word-hint", &[]));
        lines.push(hanging(&format!("  {label} {}", printable(hint)), 4, width));
    }
    Some(lines.join("\n"))
}

/// Why a certificate is not where it is used, for each of the targets that lack it.
fn failing_targets(text: Text, width: usize, standing: &Standing) -> Vec<String> {
    let failed = standing.targets.iter().filter_map(|state| Some((state, state.error.as_ref()?)));
    let told = failed.map(|(state, error)| {
        let values = [
            ("name", standing.name.as_str().into()),
            ("target", state.target.as_str().into()),
            ("date", date(state.time).into()),
        ];
        let mut lines = vec![hanging(&text.say("overview-target", &values), 2, width)];
        let error = printable(error);
        lines.extend(error.lines().map(|line| hanging(&format!("  {line}"), 4, width)));
        lines.join("\n")
    });
    told.collect()
}

/// What an error means, in the reader's language.
fn title(text: Text, error: &Failure) -> String {
    let known = explain::of_kind(&error.kind);
    known.map_or_else(|| error.kind.clone(), |known| known.title(text.lang()))
}

/// The records that are left behind, a line for each certificate and zone.
fn left_behind(text: Text, width: usize, overview: &Overview) -> String {
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for record in &overview.left {
        *places.entry((&record.certificate, &record.zone)).or_default() += 1;
    }
    let lines = places.into_iter().map(|((name, zone), count)| {
        let values = [("name", name.into()), ("zone", zone.into()), ("count", count.into())];
        hanging(&text.say("overview-left-behind", &values), 2, width)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn limits(text: Text, paint: Paint, limits: &[(String, Limit)]) -> String {
    let headings = ["account", "until", "names", "said"];
    let headings = headings.map(|name| text.say(&format!("limits-{name}"), &[]));
    let names = |limit: &Limit| match limit.names.as_slice() {
        [] => text.say("limits-all", &[]),
        [first] => first.clone(),
        [first, others @ ..] => format!("{first} +{}", others.len()),
    };
    let row = |(account, limit): &(String, Limit)| {
        vec![account.clone(), moment(limit.until), names(limit), printable(&limit.said)]
    };
    let rows: Vec<Vec<String>> = limits.iter().map(row).collect();
    table(paint, &headings, &rows)
}

/// How many cells a bar has.
const BAR: usize = 12;
