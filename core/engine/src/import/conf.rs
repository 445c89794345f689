//! The two forms of configuration that other clients write: assignments of a shell, and certbot's
//! INI.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Names with their values; the last of several counts.
#[derive(Debug, Default)]
pub(super) struct Conf(Vec<(String, String)>);

impl Conf {
    /// Reads lines of `NAME=value`, quoted as a shell wants it. Commands between them are passed over,
    /// and `$NAME` stands for what was assigned before.
    pub(super) fn shell(text: &str) -> Self {
        let mut conf = Self::default();
        conf.read_shell(text);
        conf
    }

    /// Reads more of them.
    pub(super) fn read_shell(&mut self, text: &str) {
        for line in text.lines() {
            let line = line.trim_start();
            let line = line.strip_prefix("export ").unwrap_or(line);
            let Some((name, value)) = line.split_once('=') else { continue };
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty() || !name.chars().all(is_name) {
                continue;
            }
            // A shell assigns the first word; the rest would be a command.
            let word = shlex::split(value).and_then(|words| words.into_iter().next());
            let word = word.unwrap_or_default();
            let value =
                if value.trim_start().starts_with('\'') { word } else { self.expanded(&word) };
            self.0.push((name.to_owned(), value));
        }
    }

    /// Reads the lines `name = value` of certbot's form, those of all sections.
    pub(super) fn ini(text: &str) -> Self {
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.starts_with(['#', ';', '[']));
        let pairs = lines.filter_map(|line| line.split_once('='));
        // Older plugins' names have that of their package before them: `certbot_dns_x:dns_x_token`.
        let plain = |name: &str| name.rsplit(':').next().unwrap_or_default().trim().to_owned();
        Self(pairs.map(|(name, value)| (plain(name), unquoted(value))).collect())
    }

    /// The value of a name, unless it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The whole number of a name.
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.get(name)?.trim().parse().ok()
    }

    /// Every name that has a value.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let names = self.0.iter().map(|(name, _)| name.as_str());
        names.filter_map(|name| Some((name, self.get(name)?)))
    }

    /// Puts values in place of `$NAME` and `${NAME}`.
    fn expanded(&self, text: &str) -> String {
        let mut parts = text.split('$');
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = |name: &str| name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let (name, rest) = match part.strip_prefix('{').and_then(|part| part.split_once('}')) {
                Some(braced) => braced,
                None => part.split_at(end(part).unwrap_or(part.len())),
            };
            match self.get(name) {
                Some(value) => whole.push_str(value),
                None if name.is_empty() => whole.push('$'),
                None => {}
            }
            whole.push_str(rest);
        }
        whole
    }
}

/// A value of acme.sh's, which writes some in base64; none when that is broken.
pub(super) fn acme_sh(value: &str) -> Option<String> {
    let inside = value.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
    match inside {
        Some(base64) => String::from_utf8(STANDARD.decode(base64).ok()?).ok(),
        None => Some(value.to_owned()),
    }
}

/// What stands in quotes, else what stands before a comment.
fn unquoted(value: &str) -> String {
    let value = value.trim();
    for quote in ["\"\"\"", "'''", "\"", "'"] {
        let inside = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote));
        if let Some((inside, _)) = inside {
            return inside.to_owned();
        }
    }
    value.split('#').next().unwrap_or_default().trim().to_owned()
}

const BEGIN: &str = "__ACME_BASE64__START_";
const END: &str = "__ACME_BASE64__END_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_are_read_as_a_shell_reads_them() {
        let conf = Conf::shell(
            "# A='comment'\nBASE=/var/lib\nexport DIR=\"${BASE}/x\"\nKEPT='$BASE'\nWORDS=\"a b\" # c\n\
             PRICE=5$\nempty=\nif [ x = y ]; then\nDIR=$DIR/y\n",
        );
        for (name, value) in [
            ("DIR", Some("/var/lib/x/y")),
            ("KEPT", Some("$BASE")),
            ("WORDS", Some("a b")),
            ("PRICE", Some("5$")),
            ("empty", None),
            ("A", None),
        ] {
            assert_eq!(conf.get(name), value, "{name}");
        }
    }

    #[test]
    fn certbots_values_lose_quotes_and_comments() {
        let conf = Conf::ini(
            "# renew_before_expiry = 30 days\n[renewalparams]\nserver = https://ca.test/dir\n\
             dns_x_token = \"a # b\" # c\ncertbot_dns_x:dns_x_key = 01 # the old one\n[[webroot_map]]\n",
        );
        for (name, value) in [
            ("renew_before_expiry", None),
            ("server", Some("https://ca.test/dir")),
            ("dns_x_token", Some("a # b")),
            ("dns_x_key", Some("01")),
        ] {
            assert_eq!(conf.get(name), value, "{name}");
        }
    }

    #[test]
    fn acme_sh_writes_some_values_in_base64() {
        assert_eq!(acme_sh("plain").as_deref(), Some("plain"));
        let command = acme_sh("__ACME_BASE64__START_Y3AgJ2EnIGI=__ACME_BASE64__END_");
        assert_eq!(command.as_deref(), Some("cp 'a' b"));
        assert_eq!(acme_sh("__ACME_BASE64__START_%__ACME_BASE64__END_"), None);
    }
}
