//! The facts of a certificate.

use time::OffsetDateTime;
use wildcert::CertificateInfo;

use super::{
    table::facts,
    text::{Paint, date},
};

/// Everything that is worth knowing of a certificate, one fact a line.
pub(crate) fn certificate_facts(paint: Paint, status: &str, info: &CertificateInfo) -> String {
    let valid = format!(
        "{} to {} ({})",
        date(info.not_before),
        date(info.not_after),
        days_left(info.not_after - OffsetDateTime::now_utc())
    );
    facts(
        paint,
        &[
            ("certificate", format!("{} {}", paint.strong(&info.name), paint.good(status))),
            ("domains", wrapped(&info.domains)),
            ("serial", info.serial.clone()),
            ("valid", valid),
            ("key", info.key_type.to_string()),
            ("issuer", info.issuer.clone()),
            ("SHA-256", info.fingerprint_sha256.clone()),
            ("files", format!("{}\nfullchain.pem, privkey.pem", info.path.display())),
        ],
    )
}

/// `89 days left`, `expired 3 days ago`.
pub(crate) fn days_left(left: time::Duration) -> String {
    use super::text::count;
    let days = count(usize::try_from(left.whole_days().abs()).unwrap_or_default(), "day");
    if left.is_negative() { format!("expired {days} ago") } else { format!("{days} left") }
}

/// Names separated by commas, in lines that fit beside their heading at 80 columns.
fn wrapped(names: &[String]) -> String {
    const WIDTH: usize = 65;
    let mut lines: Vec<String> = Vec::new();
    for name in names {
        match lines.last_mut() {
            Some(line) if line.len() + 2 + name.len() <= WIDTH => {
                line.push_str(", ");
                line.push_str(name);
            }
            Some(line) => {
                line.push(',');
                lines.push(name.clone());
            }
            None => lines.push(name.clone()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_told_before_and_after_the_end() {
        assert_eq!(days_left(time::Duration::hours(36)), "1 day left");
        assert_eq!(days_left(time::Duration::days(-3)), "expired 3 days ago");
    }

    #[test]
    fn names_are_wrapped_between_them() {
        let names: Vec<String> = (0..9).map(|n| format!("n{n}.example.test")).collect();
        let text = wrapped(&names);
        assert_eq!(text.lines().count(), 3);
        assert!(text.lines().all(|line| line.len() <= 66), "{text}");
        assert_eq!(text.replace('\n', " "), names.join(", "));
    }
}
