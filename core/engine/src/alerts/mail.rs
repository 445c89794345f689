//! Alerts by mail.

use std::{fmt, net::IpAddr, str::FromStr};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, SinglePart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use url::Url;

use super::{AlertMessage, LIMIT, webhook::told};
use crate::{engine::Engine, files, late::LateSecret};

/// A mail server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MailServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept from others.
    pub security: MailSecurity,
}

/// How a connection to a mail server is kept from others.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MailSecurity {
    /// It is not.
    None,
    /// By TLS that begins after a greeting in the clear (RFC 3207), and without which nothing is sent.
    StartTls,
    /// By TLS from the first octet on (RFC 8314).
    Tls,
}

/// From whom to whom, and through which server.
#[derive(Clone, Debug)]
pub(super) struct Mail {
    pub(super) to: Vec<String>,
    pub(super) from: String,
    pub(super) server: MailServer,
    pub(super) login: Option<(String, LateSecret)>,
}

impl Mail {
    pub(super) async fn send(&self, engine: &Engine, message: &AlertMessage) -> Result<(), String> {
        let mail = self.compose(message)?;
        let MailServer { host, port, security } = &self.server;
        let tls = match security {
            MailSecurity::None => Tls::None,
            MailSecurity::StartTls => Tls::Required(self.parameters(engine)?),
            MailSecurity::Tls => Tls::Wrapper(self.parameters(engine)?),
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(bare(host))
            .port(*port)
            .tls(tls)
            .timeout(Some(LIMIT));
        if let Some((name, password)) = &self.login {
            let password = password.resolve().map_err(|error| error.to_string())?;
            let password = password.expose().to_owned();
            transport = transport.credentials(Credentials::new(name.clone(), password));
        }
        let sent = transport.build::<Tokio1Executor>().send(mail).await;
        sent.map(drop).map_err(|error| format!("{}: {}", self.server, told(&error)))
    }

    fn compose(&self, message: &AlertMessage) -> Result<Message, String> {
        let mut mail = Message::builder()
            .from(address(&self.from)?)
            .subject(message.subject.replace(['\r', '\n'], " "))
            .message_id(None);
        for to in &self.to {
            mail = mail.to(address(to)?);
        }
        // Nobody is to answer it by a machine (RFC 3834 §5).
        let machine = HeaderName::new_from_ascii_str("Auto-Submitted");
        let machine = HeaderValue::new(machine, "auto-generated".to_owned());
        let text = SinglePart::plain(message.text.clone());
        mail.raw_header(machine).singlepart(text).map_err(|error| told(&error))
    }

    fn parameters(&self, engine: &Engine) -> Result<TlsParameters, String> {
        let mut builder = TlsParameters::builder(bare(&self.server.host).to_owned());
        for path in &engine.options().ca_bundles {
            let pem = std::fs::read(path)
                .map_err(|source| files::file_error("read the CA bundle", path, source))
                .map_err(|error| error.to_string())?;
            builder = builder
                .add_root_certificate(Certificate::from_pem(&pem).map_err(|error| told(&error))?);
        }
        builder.build().map_err(|error| told(&error))
    }
}

/// An address with or without a name: `a@example.com`, `Operations <a@example.com>`.
pub(crate) fn address(text: &str) -> Result<Mailbox, String> {
    text.trim().parse().map_err(|_| format!("`{text}` is not an e-mail address"))
}

impl MailServer {
    /// Whether a password may be sent to it.
    pub(crate) fn keeps_secrets(&self) -> bool {
        let address = bare(&self.host).parse::<IpAddr>();
        let here = address.map_or(self.host == "localhost", |address| address.is_loopback());
        here || self.security != MailSecurity::None
    }
}

/// A host without the brackets that URLs put around addresses of IPv6.
fn bare(host: &str) -> &str {
    host.trim_matches(['[', ']'])
}

/// `smtps://HOST[:PORT]`, `smtp+starttls://HOST[:PORT]` or `smtp://HOST[:PORT]`.
impl FromStr for MailServer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("`{text}` is no URL: {error}"))?;
        let (security, port) = match url.scheme() {
            "smtp" => (MailSecurity::None, 25),
            "smtp+starttls" => (MailSecurity::StartTls, 587),
            "smtps" => (MailSecurity::Tls, 465),
            other => {
                return Err(format!("`{other}` is none of smtps, smtp+starttls and smtp"));
            }
        };
        let plain = url.username().is_empty()
            && url.password().is_none()
            && matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none();
        match url.host_str().filter(|host| !host.is_empty()) {
            Some(host) if plain => {
                Ok(Self { host: host.to_owned(), port: url.port().unwrap_or(port), security })
            }
            Some(_) => Err("it has more than a host and a port".to_owned()),
            None => Err(format!("`{text}` names no host")),
        }
    }
}

impl fmt::Display for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.security {
            MailSecurity::None => "smtp",
            MailSecurity::StartTls => "smtp+starttls",
            MailSecurity::Tls => "smtps",
        };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_urls_with_the_ports_of_their_kind() {
        let parsed = |text: &str| text.parse::<MailServer>().map(|server| server.to_string());
        for (text, expected) in [
            ("smtp://mail.example.com", "smtp://mail.example.com:25"),
            ("smtp+starttls://mail.example.com", "smtp+starttls://mail.example.com:587"),
            ("smtps://mail.example.com/", "smtps://mail.example.com:465"),
            ("smtps://[2001:db8::1]:2465", "smtps://[2001:db8::1]:2465"),
        ] {
            assert_eq!(parsed(text).as_deref(), Ok(expected));
        }
        for text in
            ["mail.example.com", "https://a.test", "smtp://u:p@a.test", "smtp://", "smtp://a/b"]
        {
            let told = parsed(text).unwrap_err();
            assert!(!told.contains("u:p@"), "{told}");
        }
    }

    #[test]
    fn passwords_stay_on_this_machine_or_under_tls() {
        let keeps = |text: &str| text.parse::<MailServer>().unwrap().keeps_secrets();
        for text in ["smtp://localhost", "smtp://127.0.0.1:2525", "smtp://[::1]", "smtps://a.test"]
        {
            assert!(keeps(text), "{text}");
        }
        assert!(!keeps("smtp://mail.example.com") && !keeps("smtp://192.0.2.1"));
    }
}
