//! Which URLs a provider may call: what its manifest declares, and what the user's settings name.

use url::{Host, Url};

use super::address::is_public;

/// The rules of one provider under one set of settings.
pub(super) struct Reach {
    rules: Vec<Rule>,
    declared: Vec<String>,
}

/// A URL that may be called.
#[derive(Debug)]
pub(super) struct Target {
    /// What was compared is what is sent.
    pub(super) url: Url,
    /// The user's own setting names this origin: it may be in a private network.
    pub(super) named_by_user: bool,
}

/// Why a URL may not be called.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("refused to call a URL that cannot be read: {0}")]
    Unreadable(#[from] url::ParseError),
    #[error("refused to call `{host}`: user name and password do not belong into a URL")]
    Credentials { host: String },
    #[error("refused to call `{origin}`: the provider may reach {declared} only")]
    Undeclared { origin: String, declared: String },
    #[error("refused to call `{origin}`: a private address that no setting names")]
    Private { origin: String },
}

enum Rule {
    /// https, this host, port 443.
    Host(String),
    /// https, any name below this one, port 443.
    Below(String),
    /// The origin of the URL in a setting.
    Setting { scheme: String, host: String, port: Option<u16> },
}

impl Reach {
    /// `declared` is the manifest's `reach.http`; `setting` gives the value of a setting, and
    /// whether the user chose it: the manifest's own default opens no private network.
    pub(super) fn new<'a>(
        declared: &[String],
        setting: impl Fn(&str) -> Option<(&'a str, bool)>,
    ) -> Self {
        let rules = declared.iter().filter_map(|entry| Rule::new(entry, &setting)).collect();
        Self { rules, declared: declared.to_vec() }
    }

    /// The URL to send to.
    ///
    /// # Errors
    /// When it cannot be read, carries credentials, or lies outside of the reach.
    pub(super) fn permit(&self, url: &str) -> Result<Target, Refusal> {
        let mut url = Url::parse(url)?;
        url.set_fragment(None);
        let host = url.host_str().unwrap_or_default().to_owned();
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials { host });
        }
        let origin = url.origin().ascii_serialization();
        let matching = |by_user: bool| {
            let mut rules = self.rules.iter().filter(|rule| rule.is_users() == by_user);
            rules.any(|rule| rule.matches(&url, &host))
        };
        let named_by_user = matching(true);
        if !named_by_user && !matching(false) {
            let declared = match self.declared.as_slice() {
                [] => "nothing".to_owned(),
                some => some.join(", "),
            };
            return Err(Refusal::Undeclared { origin, declared });
        }
        let public = match url.host() {
            Some(Host::Ipv4(address)) => is_public(address.into()),
            Some(Host::Ipv6(address)) => is_public(address.into()),
            // A name is looked at when it is resolved.
            _ => true,
        };
        if !named_by_user && !public {
            return Err(Refusal::Private { origin });
        }
        Ok(Target { url, named_by_user })
    }
}

impl Rule {
    fn new<'a>(entry: &str, setting: impl Fn(&str) -> Option<(&'a str, bool)>) -> Option<Self> {
        if let Some(name) = entry.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            let (value, chosen) = setting(name)?;
            let url = Url::parse(value).ok()?;
            let host = url.host_str()?.to_owned();
            return match (url.scheme(), chosen) {
                ("http" | "https", true) => Some(Self::Setting {
                    scheme: url.scheme().to_owned(),
                    host,
                    port: url.port_or_known_default(),
                }),
                ("https", false) => Some(Self::Host(host)),
                _ => None,
            };
        }
        let host =
            |host: &str| Url::parse(&format!("https://{host}")).ok()?.host_str().map(str::to_owned);
        match entry.strip_prefix("https://*.") {
            Some(parent) => host(parent).map(Self::Below),
            None => host(entry.strip_prefix("https://")?).map(Self::Host),
        }
    }

    fn is_users(&self) -> bool {
        matches!(self, Self::Setting { .. })
    }

    fn matches(&self, url: &Url, host: &str) -> bool {
        let port = url.port_or_known_default();
        let https = url.scheme() == "https" && port == Some(443);
        match self {
            Self::Host(name) => https && host == name,
            Self::Below(parent) => {
                let label =
                    host.strip_suffix(parent.as_str()).and_then(|rest| rest.strip_suffix('.'));
                https && label.is_some_and(|label| !label.is_empty())
            }
            Self::Setting { scheme, host: named, port: open } => {
                url.scheme() == scheme && host == named && port == *open
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach() -> Reach {
        let declared = [
            "https://api.example.com",
            "https://*.cdn.example",
            "https://bücher.example",
            "https://10.0.0.1",
            "{BASE}",
            "{PLAIN}",
            "{UNSET}",
            "{ODD}",
            "{DEFAULT}",
            "{LOCAL}",
        ];
        let settings = |name: &str| match name {
            "BASE" => Some(("https://192.168.1.9:8443/prefix/", true)),
            "PLAIN" => Some(("http://pdns.internal:8081", true)),
            "ODD" => Some(("pdns.internal:8081", true)),
            "DEFAULT" => Some(("https://default.example/v1", false)),
            "LOCAL" => Some(("http://localhost:8080", false)),
            _ => None,
        };
        Reach::new(&declared.map(str::to_owned), settings)
    }

    #[test]
    fn what_is_declared_passes() {
        for url in [
            "https://api.example.com/v1?x=1",
            "https://api.example.com:443/",
            "HTTPS://API.Example.COM/",
            "https://a.cdn.example/",
            "https://a.b.cdn.example/",
            "https://xn--bcher-kva.example/",
            "https://BÜCHER.example/",
            r"https:\\api.example.com\v1",
            "https://api.example.com/@x",
            "https://default.example/v2",
        ] {
            let target = reach().permit(url).unwrap_or_else(|refusal| panic!("{url}: {refusal}"));
            assert!(!target.named_by_user, "{url}");
        }
        for url in ["https://192.168.1.9:8443/x", "http://pdns.internal:8081/api"] {
            assert!(reach().permit(url).unwrap().named_by_user, "{url}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for url in [
            "http://api.example.com/",
            "https://api.example.com:8443/",
            "https://api.example.com./",
            "https://example.com/",
            "https://evil.api.example.com/",
            "https://api.example.com.evil.test/",
            "https://evilapi.example.com/",
            "https://cdn.example/",
            "https://evilcdn.example/",
            "https://.cdn.example/",
            "ftp://api.example.com/",
            "file:///etc/passwd",
            "data:text/plain,x",
            "https://192.168.1.9/",
            "http://192.168.1.9:8443/",
            "https://pdns.internal:8081/",
            "http://pdns.internal/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://2130706433/",
            r"https://evil.test\@api.example.com/",
            r"https://evil.test\.cdn.example/",
            "https://evil.test#.cdn.example/",
            "https://evil.test?.cdn.example",
            "//api.example.com/",
            "api.example.com",
            "",
            "https://",
            "http://localhost:8080/",
        ] {
            assert!(reach().permit(url).is_err(), "{url}");
        }
    }

    #[test]
    fn the_refusal_says_why() {
        let said = |url: &str| reach().permit(url).unwrap_err();
        assert!(matches!(said("https://me:pw@api.example.com/"), Refusal::Credentials { .. }));
        assert!(matches!(said("https://me@api.example.com/"), Refusal::Credentials { .. }));
        assert!(matches!(said("https://10.0.0.1/"), Refusal::Private { .. }));
        let undeclared = said("https://evil.test:444/secret?token=x").to_string();
        assert!(
            undeclared.starts_with("refused to call `https://evil.test:444`: "),
            "{undeclared}"
        );
        assert!(undeclared.contains("https://api.example.com, https://*.cdn.example"));
    }

    #[test]
    fn the_fragment_is_not_sent() {
        let target = reach().permit("https://api.example.com/v1#x").unwrap();
        assert_eq!(target.url.as_str(), "https://api.example.com/v1");
    }
}
