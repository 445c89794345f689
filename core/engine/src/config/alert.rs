//! `[[alerts]]`: who is told when something is wrong.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use toml::de::DeValue;

use super::{
    reader::{Place, Reader, path},
    secret::SecretSource,
    table::table,
    value::{self, Value},
};
use crate::{
    alerts::{AlertKind, MailServer, mail_address, webhook_address},
    deploy::CommandLine,
};

table! {
    /// Somebody who is told when something is wrong: by one of `command`, `email` and `webhook`.
    pub struct Alert {
        /// A program that gets the alert as JSON on stdin.
        pub command: Option<CommandLine>,
        /// A mail.
        pub email: Option<AlertEmail>,
        /// A URL that the alert is posted to as JSON.
        pub webhook: Option<SecretSource>,
        /// Header fields of the webhook's request, such as `Authorization`.
        pub headers: BTreeMap<String, SecretSource>,
        /// What is told; everything unless it is said.
        pub on: Vec<AlertKind>,
        /// Tell of the end of a certificate when no more than this many days are left; otherwise
        /// when half of the time is over in which it should have been renewed.
        pub days: Option<u32>,
    }
}

table! {
    /// How an alert is mailed.
    pub struct AlertEmail {
        /// Who gets it.
        pub to: Vec<String>,
        /// Who it is from.
        pub from: Option<String>,
        /// The mail server: `smtps://HOST[:PORT]`, `smtp+starttls://HOST[:PORT]` or
        /// `smtp://HOST[:PORT]`.
        pub server: Option<MailServer>,
        /// Name of the account at the mail server, where it wants one.
        pub username: Option<String>,
        /// Its password.
        pub password: Option<SecretSource>,
    }
}

/// Tells what is wrong with the alerts.
pub(super) fn check(reader: &mut Reader<'_>, alerts: &[Alert]) {
    for (index, alert) in alerts.iter().enumerate() {
        let item = format!("alerts[{index}]");
        // The only item of a list may stand without it.
        let key = if reader.is_given(&item) { item } else { "alerts".to_owned() };
        let ways = ["command", "email", "webhook"];
        let ways: Vec<&str> =
            ways.into_iter().filter(|way| reader.is_given(&path(&key, way))).collect();
        match ways.as_slice() {
            [] => {
                let message = "none of `command`, `email` and `webhook` is given";
                reader.fault_of(&key, message, None);
            }
            [_] => {}
            [_, second, ..] => {
                let hint = Some("write a table `[[alerts]]` for each".to_owned());
                let message = "only one of `command`, `email` and `webhook` may be given";
                reader.fault_of(&path(&key, second), message, hint);
            }
        }
        if reader.is_given(&path(&key, "headers")) && !ways.contains(&"webhook") {
            reader.fault_of(&path(&key, "headers"), "there is no `webhook` beside it", None);
        }
        if let Some(SecretSource::Text(url)) = &alert.webhook
            && let Err(error) = webhook_address(url.expose())
        {
            reader.fault_of(&path(&key, "webhook"), error, None);
        }
        if let Some(email) = &alert.email {
            check_email(reader, &path(&key, "email"), email);
        }
    }
}

fn check_email(reader: &mut Reader<'_>, key: &str, email: &AlertEmail) {
    for field in ["to", "from", "server"] {
        if !reader.is_given(&path(key, field)) {
            reader.fault_of(key, format!("`{field}` is missing"), None);
        }
    }
    for (field, addresses) in [("to", email.to.as_slice()), ("from", email.from.as_slice())] {
        for error in addresses.iter().filter_map(|text| mail_address(text).err()) {
            reader.fault_of(&path(key, field), error, None);
        }
    }
    match (&email.username, &email.password) {
        (Some(_), None) => reader.fault_of(key, "`password` is missing beside `username`", None),
        (None, Some(_)) => reader.fault_of(key, "`username` is missing beside `password`", None),
        _ => {}
    }
    let clear = email.server.as_ref().filter(|server| !server.keeps_secrets());
    if let (Some(server), Some(_)) = (clear, &email.password) {
        let message = format!("the password would be sent to {} in the clear", server.host);
        let hint = "write smtps:// or smtp+starttls://".to_owned();
        reader.fault_of(&path(key, "server"), message, Some(hint));
    }
}

impl Value for AlertKind {
    fn schema() -> Json {
        value::words(&Self::ALL)
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        value::word(reader, place, value, &Self::ALL)
    }
}

impl Value for MailServer {
    fn schema() -> Json {
        String::schema()
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        value::parsed(reader, place, value, |_: &String| None)
    }
}
