//! Takes secrets out of what leaves a provider: log lines and error messages.

use wildcert_plugin_sdk::encoding;
use zeroize::Zeroizing;

/// What stands in a secret's place.
const MASK: &str = "****";

/// Secrets shorter than this are words of every day: they count only where they stand alone.
const SHORT: usize = 4;

/// Encoded forms and single lines shorter than this say too little to look for.
const TELLING: usize = 8;

/// What stands where a text was cut.
const CUT: &str = "…";

/// Knows the secrets of one set of settings, in every form in which they may turn up.
pub(super) struct Redactor {
    /// Anywhere in a text, longest first.
    anywhere: Vec<Zeroizing<String>>,
    /// Only between characters that are neither letters nor digits.
    alone: Vec<Zeroizing<String>>,
}

impl Redactor {
    pub(super) fn new<'a>(secrets: impl Iterator<Item = &'a str>) -> Self {
        let (mut anywhere, mut alone) = (Vec::new(), Vec::new());
        for secret in secrets.map(str::trim).filter(|secret| !secret.is_empty()) {
            if secret.chars().count() < SHORT {
                alone.push(Zeroizing::new(secret.to_owned()));
                continue;
            }
            let granted = granted(secret);
            let parts = granted.iter().map(|part| part.as_str());
            let forms = std::iter::once(secret).chain(parts).flat_map(forms);
            anywhere.extend(forms.map(Zeroizing::new));
        }
        anywhere.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        anywhere.dedup();
        Self { anywhere, alone }
    }

    /// `text` without secrets, on one line, cut to `limit` octets.
    pub(super) fn presentable(&self, text: &str, limit: usize) -> String {
        let mut line = one_line(&self.scrub(text));
        if line.len() > limit {
            line.truncate(line.floor_char_boundary(limit));
            line.push_str(CUT);
        }
        line
    }

    /// Whether a secret, in any form, is part of `text`; those that are too short to tell do not
    /// count.
    pub(super) fn betrays(&self, text: &str) -> bool {
        self.anywhere.iter().any(|secret| secret.len() >= TELLING && text.contains(secret.as_str()))
    }

    fn scrub(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.anywhere {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), MASK);
            }
        }
        for secret in &self.alone {
            text = replace_alone(&text, secret);
        }
        let parts: Vec<String> = text.split(CUT).map(|part| self.without_stump(part)).collect();
        parts.join(CUT)
    }

    /// Providers cut what a vendor says, maybe in the middle of a secret: what is left of it goes
    /// too.
    fn without_stump(&self, text: &str) -> String {
        let stump = |secret: &Zeroizing<String>| {
            let ends = (TELLING..secret.len()).rev().filter(|end| secret.is_char_boundary(*end));
            ends.filter_map(|end| secret.get(..end))
                .find(|begin| text.ends_with(begin))
                .map(str::len)
        };
        match self.anywhere.iter().filter_map(stump).max() {
            Some(length) => format!("{}{MASK}", &text[..text.len() - length]),
            None => text.to_owned(),
        }
    }
}

/// The secret itself, its lines, and what encodings make of it.
fn forms(secret: &str) -> Vec<String> {
    let lines = secret.lines().map(str::trim);
    let lines = lines.filter(|line| line.len() >= TELLING && !line.starts_with("-----"));
    let mut forms: Vec<String> = std::iter::once(secret).chain(lines).map(str::to_owned).collect();
    for percent in [encoding::percent(secret), encoding::form(&[("", secret)]).split_off(1)] {
        forms.push(lower_percent(&percent));
        forms.push(percent);
    }
    forms.push(secret.escape_debug().to_string());
    if let Ok(text) = serde_json::to_string(secret) {
        let text = text.trim_matches('"');
        forms.extend([text.to_owned(), text.replace('/', "\\/")]);
    }
    let hex: String = secret.bytes().map(|octet| format!("{octet:02x}")).collect();
    let hexes = [hex.to_uppercase(), hex];
    let encoded = (0..3).flat_map(|before| base64_core(secret, before)).chain(hexes);
    forms.extend(encoded.filter(|form| form.len() >= TELLING));
    forms
}

/// The values in a secret that grants a program variables, `NAME=VALUE`, in words as a shell splits
/// them; short ones are switches, and stay.
fn granted(secret: &str) -> Vec<Zeroizing<String>> {
    let words = shlex::split(secret).unwrap_or_default().into_iter().map(Zeroizing::new);
    let value = |word: Zeroizing<String>| {
        let (name, value) = word.split_once('=')?;
        let is_name =
            !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
        (is_name && value.trim().len() >= SHORT).then(|| Zeroizing::new(value.to_owned()))
    };
    words.filter_map(value).collect()
}

/// The same with the digits of `%2F` in lower case.
fn lower_percent(text: &str) -> String {
    let mut parts = text.split('%');
    let mut lower = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at(part.len().min(2));
        lower.extend(["%", &digits.to_lowercase(), rest]);
    }
    lower
}

/// The part of the base64 text that depends on the secret alone, when `before` octets (modulo 3)
/// stand in front of it: that is how a password sits inside `user:password`.
fn base64_core(secret: &str, before: usize) -> [String; 2] {
    let mut octets = Zeroizing::new(vec![0; before]);
    octets.extend_from_slice(secret.as_bytes());
    let text = encoding::base64(&octets);
    let core = text.get((8 * before).div_ceil(6)..8 * octets.len() / 6).unwrap_or_default();
    [core.to_owned(), core.replace('+', "-").replace('/', "_")]
}

fn replace_alone(text: &str, secret: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(secret) {
        let joins = |c: char| c.is_alphanumeric();
        let left = before.chars().next_back().or_else(|| kept.chars().next_back());
        let alone = !left.is_some_and(joins) && !after.chars().next().is_some_and(joins);
        kept.push_str(before);
        kept.push_str(if alone { MASK } else { secret });
        rest = after;
    }
    kept + rest
}

/// No control characters and none that turn the direction of writing: nobody forges a log line.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => line.push(' '),
            '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => line.extend(c.escape_unicode()),
            c if c.is_control() => line.extend(c.escape_default()),
            c => line.push(c),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrub(secrets: &[&str], text: &str) -> String {
        Redactor::new(secrets.iter().copied()).presentable(text, 1000)
    }

    #[test]
    fn every_form_of_a_secret_goes() {
        let secret = "p&ss w\"rd/+ü";
        for before in ["", "u:", "us:", "user:"] {
            let sent = encoding::base64(format!("{before}{secret}").as_bytes());
            let seen = scrub(&[secret], &format!("sent Basic {sent} to"));
            assert!(seen.contains(MASK) && !seen.contains(&sent), "{before} {seen}");
        }
        assert_eq!(scrub(&[secret], &format!("with {secret}.")), "with ****.");
        assert_eq!(scrub(&[secret], &format!("{secret:?}")), "\"****\"");
        assert_eq!(scrub(&[secret], &serde_json::json!(secret).to_string()), "\"****\"");
        assert_eq!(scrub(&[secret], &format!("?key={}", encoding::percent(secret))), "?key=****");
        assert_eq!(scrub(&[secret], &encoding::form(&[("key", secret)])), "key=****");
    }

    #[test]
    fn other_spellings_of_a_secret_go_too() {
        let secret = "p/ss+wörd";
        for spelled in ["p%2fss%2bw%c3%b6rd", r"p\/ss+wörd", "702F73732B77C3B67264"] {
            assert_eq!(scrub(&[secret], &format!("key {spelled}.")), "key ****.", "{spelled}");
        }
    }

    #[test]
    fn what_a_cut_leaves_of_a_secret_goes_too() {
        let secret = "correct-horse-bütterfly";
        for cut in ["correct-", "correct-horse-b", "correct-horse-bütterfl"] {
            assert_eq!(scrub(&[secret], &format!("key {cut}")), "key ****");
            assert_eq!(
                scrub(&[secret], &format!("key {cut}… (status 401)")),
                "key ****… (status 401)"
            );
        }
        assert_eq!(scrub(&[secret], "it was correct"), "it was correct");
    }

    #[test]
    fn a_text_betrays_secrets_that_are_long_enough_to_tell() {
        let betrays =
            |text: &str| Redactor::new(["correct-horse", "7", "zone"].into_iter()).betrays(text);
        assert!(betrays("id:correct-horse") && betrays(&encoding::base64(b"me:correct-horse")));
        assert!(!betrays("zone 7"));
    }

    #[test]
    fn short_secrets_go_only_where_they_stand_alone() {
        assert_eq!(scrub(&["ab"], "ab about (ab) cab ab"), "**** about (****) cab ****");
        assert_eq!(scrub(&[""], "nothing to hide"), "nothing to hide");
    }

    #[test]
    fn the_longer_secret_goes_first_and_lines_of_a_key_go_too() {
        assert_eq!(scrub(&["token", "token-extended"], "a token-extended b"), "a **** b");
        let pem = "-----BEGIN KEY-----\nMIIEvQIBADAN\nBgkqhkiG9w0B\n-----END KEY-----\n";
        assert_eq!(scrub(&[pem], "at BgkqhkiG9w0B: bad"), "at ****: bad");
    }

    #[test]
    fn the_values_of_granted_variables_go_too_unless_they_are_short() {
        let secret = "TOKEN=abcdefghi 'NAME=two words'\nexport DEBUG=2 PROXY";
        let sent = encoding::base64(b"abcdefghi");
        let text = format!("2 abcdefghi, {sent}; two words; PROXY DEBUG");
        assert_eq!(scrub(&[secret], &text), "2 ****, ****; ****; PROXY DEBUG");
        assert_eq!(scrub(&["a b=cdef'"], "b=cdef"), "b=cdef");
    }

    #[test]
    fn a_line_stays_a_line_and_has_an_end() {
        assert_eq!(scrub(&[], "a\nb\r\u{1b}[31m\u{202e}"), "a\\nb\\r\\u{1b}[31m\\u{202e}");
        assert_eq!(Redactor::new([].into_iter()).presentable("aüü", 2), "a…");
    }
}
