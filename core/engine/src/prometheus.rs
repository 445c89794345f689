//! How everything stands, as a text file for Prometheus' node_exporter.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>, the names as
//! <https://prometheus.io/docs/practices/naming/> wants them.

use std::{fmt::Write as _, path::Path};

use time::OffsetDateTime;

use crate::{error::Error, files, results::Attempt, status::Overview, store::CertificateInfo};

/// Writes metrics to a file in one step, readable by everybody; meanwhile they have a name that
/// node_exporter does not look for.
///
/// # Errors
/// When the file cannot be written.
pub fn write_metrics(path: &Path, overview: &Overview) -> Result<(), Error> {
    files::publish(path, overview.metrics().as_bytes())
}

impl Overview {
    /// The metrics, in the text format.
    pub fn metrics(&self) -> String {
        let mut text = Metrics::default();
        text.family("build_info", "gauge", "The wildcert that wrote this.");
        text.sample(&[("version", env!("CARGO_PKG_VERSION"))], 1.0);

        text.family("certificate_info", "gauge", "What a stored certificate is.");
        self.stored(|name, stored| {
            let labels = [
                ("name", name),
                ("serial", &stored.serial),
                ("issuer", &stored.issuer),
                ("server", &stored.server),
                ("provider", &stored.provider),
            ];
            text.sample(&labels, 1.0);
        });
        text.family(
            "certificate_not_before_timestamp_seconds",
            "gauge",
            "From when a stored certificate is valid.",
        );
        self.stored(|name, stored| text.time(name, stored.not_before));
        text.family(
            "certificate_not_after_timestamp_seconds",
            "gauge",
            "Until when a stored certificate is valid.",
        );
        self.stored(|name, stored| text.time(name, stored.not_after));
        text.family(
            "certificate_renewal_timestamp_seconds",
            "gauge",
            "From when on a certificate is renewed.",
        );
        for standing in &self.certificates {
            if let Some(renewal) = &standing.renewal {
                text.time(&standing.name, renewal.time);
            }
        }
        text.family("certificate_revoked", "gauge", "Whether a stored certificate was revoked.");
        self.stored(|name, stored| text.sample(&[("name", name)], flag(stored.revoked.is_some())));
        self.attempts(&mut text);
        self.targets(&mut text);
        text.family(
            "records_left_behind",
            "gauge",
            "TXT records that runs which died may have left in the DNS.",
        );
        text.sample(&[], count(self.left.len()));
        text.text
    }

    /// What came of the attempts.
    fn attempts(&self, text: &mut Metrics) {
        text.family(
            "certificate_failing",
            "gauge",
            "Whether the last attempt at a certificate failed.",
        );
        for standing in &self.certificates {
            let failing = standing.failing_since().is_some();
            text.sample(&[("name", &standing.name)], flag(failing));
        }
        text.family(
            "certificate_last_success_timestamp_seconds",
            "gauge",
            "When a certificate was last got.",
        );
        for standing in &self.certificates {
            if let Some(time) = standing.succeeded() {
                text.time(&standing.name, time);
            }
        }
        let last: Vec<(&str, &Attempt)> = self
            .certificates
            .iter()
            .filter_map(|one| Some((one.name.as_str(), one.results.as_ref()?.last.as_ref()?)))
            .collect();
        text.family(
            "certificate_last_attempt_timestamp_seconds",
            "gauge",
            "When the last attempt at a certificate ended.",
        );
        last.iter().for_each(|(name, attempt)| text.time(name, attempt.time));
        text.family(
            "certificate_last_attempt_duration_seconds",
            "gauge",
            "How long the last attempt at a certificate took.",
        );
        last.iter().for_each(|(name, last)| text.sample(&[("name", name)], last.seconds));
        text.family(
            "provider_calls_total",
            "counter",
            "Calls of a provider instance for a certificate.",
        );
        for standing in &self.certificates {
            let Some(results) = &standing.results else { continue };
            for (instance, calls) in &results.calls {
                for (call, number) in [("present", calls.present), ("remove", calls.remove)] {
                    let labels =
                        [("name", standing.name.as_str()), ("provider", instance), ("call", call)];
                    text.sample(&labels, number as f64);
                }
            }
        }
    }

    /// Whether the certificates are where they are used.
    fn targets(&self, text: &mut Metrics) {
        let targets = || {
            let all = self.certificates.iter();
            all.flat_map(|one| one.targets.iter().map(|state| (one.name.as_str(), state)))
        };
        text.family("deployment_failing", "gauge", "Whether a target lacks its certificate.");
        for (name, state) in targets() {
            let labels = [("name", name), ("target", state.target.as_str())];
            text.sample(&labels, flag(state.error.is_some()));
        }
        text.family(
            "deployment_last_attempt_timestamp_seconds",
            "gauge",
            "When a certificate was last brought to a target.",
        );
        for (name, state) in targets() {
            let labels = [("name", name), ("target", state.target.as_str())];
            text.sample(&labels, state.time.unix_timestamp() as f64);
        }
    }

    fn stored(&self, mut tell: impl FnMut(&str, &CertificateInfo)) {
        for standing in &self.certificates {
            if let Some(stored) = &standing.certificate {
                tell(&standing.name, stored);
            }
        }
    }
}

/// Metrics in the making.
#[derive(Default)]
struct Metrics {
    text: String,
    /// The family that samples belong to.
    family: &'static str,
}

impl Metrics {
    /// Begins the metric of a name.
    fn family(&mut self, name: &'static str, kind: &str, help: &str) {
        self.family = name;
        self.line(format_args!("# HELP wildcert_{name} {help}\n# TYPE wildcert_{name} {kind}"));
    }

    fn time(&mut self, name: &str, time: OffsetDateTime) {
        self.sample(&[("name", name)], time.unix_timestamp() as f64);
    }

    fn sample(&mut self, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = match labels.as_slice() {
            [] => String::new(),
            some => format!("{{{}}}", some.join(",")),
        };
        let family = self.family;
        self.line(format_args!("wildcert_{family}{labels} {value}"));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // A String takes everything.
        let _ = writeln!(self.text, "{line}");
    }
}

/// A label's value, in which a backslash, a quote and a line end are written otherwise.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn flag(value: bool) -> f64 {
    if value { 1.0 } else { 0.0 }
}

fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_labels_are_escaped() {
        let mut text = Metrics::default();
        text.family("x", "gauge", "X.");
        text.sample(&[("name", "a\"b\\c\nd")], 1_700_000_000.0);
        text.sample(&[], 0.25);
        let expected = "# HELP wildcert_x X.\n# TYPE wildcert_x gauge\n\
                        wildcert_x{name=\"a\\\"b\\\\c\\nd\"} 1700000000\nwildcert_x 0.25\n";
        assert_eq!(text.text, expected);
    }
}
