//! Who is told, and how.

use url::Url;
use wildcert_plugin::Sha256Digest;

use super::{AlertKind, Notice, mail::Mail, program, webhook};
use crate::{
    config::{Alert, Config, SecretSource},
    deploy::CommandLine,
    engine::Engine,
    late::LateSecret,
};

/// Somebody who is told when something is wrong.
#[derive(Clone, Debug)]
pub struct AlertChannel {
    /// What people know it by: an address, the host of a webhook, a program.
    pub name: String,
    /// What it is told.
    pub(super) kinds: Vec<AlertKind>,
    /// How many days before its end a certificate is told of.
    pub(super) days: Option<u32>,
    /// What tells it from other channels across runs; no secret can be read out of it.
    pub(super) id: String,
    way: Way,
}

#[derive(Clone, Debug)]
enum Way {
    Command(CommandLine),
    Mail(Mail),
    Webhook { url: LateSecret, headers: Vec<(String, LateSecret)> },
}

impl AlertChannel {
    /// The channels of a configuration file.
    pub fn all(config: &Config) -> Vec<Self> {
        let alerts = config.settings.alerts.iter().enumerate();
        alerts.filter_map(|(index, alert)| Self::of(config, index, alert)).collect()
    }

    /// The one at `index`; none when it has no way, which the file's check has told.
    fn of(config: &Config, index: usize, alert: &Alert) -> Option<Self> {
        let secret = |field: &str, source: &SecretSource| {
            // The only item of a list may stand without it.
            let keys = [format!("alerts[{index}].{field}"), format!("alerts.{field}")];
            let known = keys.iter().find_map(|key| Some((key, config.line(key)?)));
            let (key, line) = known.unwrap_or((&keys[0], 1));
            let (source, key, file) = (source.clone(), key.clone(), config.file.clone());
            LateSecret::Configured { source, key, file, line }
        };
        let (name, told, way) = if let Some(command) = &alert.command {
            let program = command.here().into_iter().next().unwrap_or_default();
            (program, command.to_string(), Way::Command(command.clone()))
        } else if let Some(email) = &alert.email {
            let to = email.to.join(", ");
            let server = email.server.clone()?;
            let told = format!("{to} {server}");
            let from = email.from.clone()?;
            let password = email.password.as_ref().map(|source| secret("email.password", source));
            let login = email.username.clone().zip(password);
            (to, told, Way::Mail(Mail { to: email.to.clone(), from, server, login }))
        } else {
            let source = alert.webhook.as_ref()?;
            let (name, told) = match source {
                SecretSource::Text(text) => {
                    let url = Url::parse(text.expose()).ok();
                    let host = url.and_then(|url| url.host_str().map(str::to_owned));
                    (host.unwrap_or_default(), text.expose().to_owned())
                }
                other => (other.to_string(), other.to_string()),
            };
            let headers = alert.headers.iter();
            let headers = headers
                .map(|(name, source)| (name.clone(), secret(&format!("headers.{name}"), source)));
            let url = secret("webhook", source);
            (name, told, Way::Webhook { url, headers: headers.collect() })
        };
        let word = match &way {
            Way::Command(_) => "command",
            Way::Mail(_) => "email",
            Way::Webhook { .. } => "webhook",
        };
        let kinds = match alert.on.as_slice() {
            [] => AlertKind::ALL.map(|(_, kind)| kind).to_vec(),
            some => some.to_vec(),
        };
        let id = Sha256Digest::of(format!("{word} {told}").as_bytes()).to_string();
        Some(Self { name, kinds, days: alert.days, id, way })
    }

    /// The secrets that it needs, without those that a program tells.
    pub fn secrets(&self) -> Vec<LateSecret> {
        let all: Vec<&LateSecret> = match &self.way {
            Way::Command(_) => Vec::new(),
            Way::Mail(mail) => mail.login.iter().map(|(_, password)| password).collect(),
            Way::Webhook { url, headers } => {
                std::iter::once(url).chain(headers.iter().map(|(_, value)| value)).collect()
            }
        };
        all.into_iter().filter(|secret| !secret.is_command()).cloned().collect()
    }

    pub(super) async fn send(&self, engine: &Engine, notice: &Notice<'_>) -> Result<(), String> {
        match &self.way {
            Way::Command(command) => program::run(command, notice).await,
            Way::Mail(mail) => mail.send(engine, notice.message).await,
            Way::Webhook { url, headers } => webhook::post(engine, url, headers, notice).await,
        }
    }
}
