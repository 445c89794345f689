//! The facts of a certificate.

use console::measure_text_width;
use fluent_bundle::FluentValue;
use time::OffsetDateTime;
use wildcert::{CertificateInfo, Waiting};

use super::{
    table::facts,
    text::{Paint, date, domain, moment},
};
use crate::lang::Text;

/// Everything that is worth knowing of a certificate, one fact a line; what it lacks has none.
pub(crate) fn certificate_facts(
    text: Text,
    paint: Paint,
    status: &str,
    info: &CertificateInfo,
) -> String {
    let valid = [
        ("from", date(info.not_before).into()),
        ("until", date(info.not_after).into()),
        ("left", days_left(text, info.not_after - OffsetDateTime::now_utc()).into()),
    ];
    let say = |id| text.say(id, &[]);
    facts(
        paint,
        &[
            (
                say("fact-certificate"),
                format!("{} {}", paint.strong(&info.name), paint.good(status)),
            ),
            (say("fact-subject"), info.subject.clone()),
            (say("fact-domains"), wrapped(info.domains.iter().map(|name| domain(name)))),
            (say("fact-serial"), info.serial.clone()),
            (say("fact-valid"), text.say("fact-valid-range", &valid)),
            (say("fact-key"), info.key()),
            (say("fact-issuer"), info.issuer.clone()),
            ("SHA-1".to_owned(), info.fingerprint_sha1.clone()),
            ("SHA-256".to_owned(), info.fingerprint_sha256.clone()),
            (say("fact-files"), format!("{}\nfullchain.pem, privkey.pem", info.path.display())),
        ],
    )
}

/// What messages tell of a certificate that waits.
pub(crate) fn waiting_values(waiting: &Waiting) -> [(&'static str, FluentValue<'_>); 2] {
    [("window", waiting.window.as_str().into()), ("until", moment(waiting.until).into())]
}

/// `89 days left`, `expired 3 days ago`.
pub(crate) fn days_left(text: Text, left: time::Duration) -> String {
    let days = left.whole_days().unsigned_abs();
    let id = if left.is_negative() { "days-expired" } else { "days-left" };
    text.say(id, &[("days", days.into())])
}

/// Names separated by commas, in lines that fit beside their heading at 80 columns.
fn wrapped(names: impl Iterator<Item = String>) -> String {
    const WIDTH: usize = 65;
    let mut lines: Vec<String> = Vec::new();
    for name in names {
        match lines.last_mut() {
            Some(line) if measure_text_width(line) + 2 + measure_text_width(&name) <= WIDTH => {
                line.push_str(", ");
                line.push_str(&name);
            }
            Some(line) => {
                line.push(',');
                lines.push(name);
            }
            None => lines.push(name),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;

    #[test]
    fn days_are_told_before_and_after_the_end() {
        let (english, japanese) = (Text::new(Lang::En), Text::new(Lang::Ja));
        assert_eq!(days_left(english, time::Duration::hours(36)), "1 day left");
        assert_eq!(days_left(english, time::Duration::days(-3)), "expired 3 days ago");
        assert_eq!(days_left(japanese, time::Duration::days(89)), "残り 89 日");
    }

    #[test]
    fn names_are_wrapped_between_them() {
        let names: Vec<String> = (0..9).map(|n| format!("n{n}.example.test")).collect();
        let text = wrapped(names.iter().cloned());
        assert_eq!(text.lines().count(), 3);
        assert!(text.lines().all(|line| line.len() <= 66), "{text}");
        assert_eq!(text.replace('\n', " "), names.join(", "));
    }
}
