//! `[[certificates.NAME.deploy]]`: where a certificate goes when it is new.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value as Json, json};
use toml::de::DeValue;

use super::{
    reader::{Place, Reader, did_you_mean, path},
    settings::{Certificate, PfxSetting, Settings},
    table::table,
    value::{self, Value},
};
use crate::{
    deploy::{CommandLine, Mode, Owner, Span, WordsError, files::Form},
    probe::{Endpoint, EndpointError},
};

table! {
    /// A place that gets a new certificate, and what is run there.
    pub struct DeployTarget {
        /// What results and errors call it; otherwise its number, from 1.
        pub name: String,
        /// Hosts that the files go to and the commands run on, as `ssh` takes them: `host`,
        /// `user@host` or `ssh://user@host:port`; otherwise this machine.
        pub hosts: Vec<String>,
        /// The ssh program with its options; `BatchMode=yes` is added.
        pub ssh: Option<CommandLine>,
        /// Who owns the files: `user`, `user:group` or `:group`, names or numbers.
        pub owner: Option<Owner>,
        /// Permissions of the files, such as `"0640"`; otherwise 0600 for files with a private key
        /// and 0644 for others.
        pub mode: Option<Mode>,
        /// A command before anything is copied; when it fails nothing is.
        pub pre: Option<CommandLine>,
        /// A command that makes the new files count, such as `"systemctl reload nginx"`. When it
        /// fails the old files come back, and it runs again.
        pub run: Option<CommandLine>,
        /// A command in the end, whatever came of the others.
        pub post: Option<CommandLine>,
        /// Servers that must serve the new certificate with its chain then, as
        /// `[PROTOCOL://][NAME@]HOST[:PORT]`; otherwise the old files come back too.
        pub probe: Vec<Endpoint>,
        /// Seconds that each command may take; 300 unless it is said.
        pub timeout: Option<Duration>,
        /// How long to wait since the certificate was stored: `"30s"`, `"10m"`, `"1h"`.
        pub delay: Span,
        ..
        /// The files.
        pub copies: Copies,
    }
}

table! {
    /// Absolute paths that files of a certificate are copied to.
    pub struct Copies {
        /// Path for the certificate and its chain.
        pub fullchain: Option<String>,
        /// Path for the certificate alone.
        pub cert: Option<String>,
        /// Path for the chain without the certificate.
        pub chain: Option<String>,
        /// Path for the private key.
        pub key: Option<String>,
        /// Path for private key, certificate and chain in one file.
        pub combined: Option<String>,
        /// Path for the PKCS #12 file, where `pfx` has one made.
        pub pfx: Option<String>,
    }
}

/// Tells what is wrong with the targets of the certificate at `key`.
pub(super) fn check(
    reader: &mut Reader<'_>,
    key: &str,
    certificate: &Certificate,
    settings: &Settings,
) {
    let mut names = BTreeSet::new();
    let own = certificate.options.pfx.as_ref().or(settings.defaults.pfx.as_ref());
    let pfx = matches!(own, Some(PfxSetting::Yes(_)));
    let csr = reader.is_given(&path(key, "csr"));
    for (index, target) in certificate.deploy.iter().enumerate() {
        let list = path(key, "deploy");
        // The only item of a list may stand without it.
        let item = format!("{list}[{index}]");
        let at = |field: &str| path(&item, field);
        let mut faults: Vec<(String, String)> = Vec::new();
        let mut fault = |field: &str, message: String| faults.push((at(field), message));

        let ok = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if !target.name.chars().all(ok) {
            fault("name", "it is not made of letters, digits, `.`, `_` and `-`".to_owned());
        }
        let name = name(target, index);
        if !names.insert(name.clone()) {
            fault("name", format!("`{name}` is the name of another target"));
        }
        for host in &target.hosts {
            let odd = |c: char| c.is_whitespace() || c.is_control();
            if host.starts_with('-') || host.contains(odd) {
                fault("hosts", format!("`{host}` is no host that ssh could take"));
            } else if target.hosts.iter().filter(|other| *other == host).count() > 1 {
                fault("hosts", format!("`{host}` is given twice"));
            }
        }
        if target.ssh.is_some() && target.hosts.is_empty() {
            fault("ssh", "there are no `hosts` to reach by it".to_owned());
        }
        let mut paths = BTreeSet::new();
        for form in Form::ALL {
            let Some(path) = target.copies.of(form) else { continue };
            let field = form.as_str();
            if !is_path(path, !target.hosts.is_empty()) {
                fault(field, format!("`{path}` is not the absolute path of a file"));
            } else if !paths.insert(path) {
                fault(field, format!("another file goes to `{path}` already"));
            }
            if form == Form::Pfx && !pfx {
                fault(field, "no PKCS #12 file is made: `pfx` is missing".to_owned());
            } else if form.is_secret() && csr {
                fault(field, "there is no private key beside a `csr`".to_owned());
            }
        }
        let commands = [&target.pre, &target.run, &target.post];
        let idle = paths.is_empty()
            && target.probe.is_empty()
            && commands.iter().all(|command| command.is_none());
        for (key, message) in faults {
            reader.fault_of(&key, message, None);
        }
        if idle && !reader.is_wrong(&item) {
            let keys = "`fullchain`, `cert`, `chain`, `key`, `combined`, `pfx` or `run`";
            reader.fault_of(&list, format!("target `{name}` does nothing: give it {keys}"), None);
        }
    }
}

/// What results call a target, which is the one at `index`.
pub(super) fn name(target: &DeployTarget, index: usize) -> String {
    match target.name.as_str() {
        "" => (index + 1).to_string(),
        name => name.to_owned(),
    }
}

/// Whether a text names a file wherever one is when it is used; `there` on another machine.
fn is_path(text: &str, there: bool) -> bool {
    let absolute = match there {
        true => text.starts_with('/'),
        false => std::path::Path::new(text).is_absolute(),
    };
    absolute && !text.contains('\0') && !text.ends_with(['/', '.'])
}

/// A text that is split into words, a list of words, or `{ shell = "…" }`.
impl Value for CommandLine {
    fn schema() -> Json {
        let shell = json!({
            "additionalProperties": false,
            "properties": {
                "shell": { "type": "string", "description": "A line for the shell `sh`." },
            },
            "required": ["shell"],
            "type": "object",
        });
        let words = json!({ "items": String::schema(), "minItems": 1, "type": "array" });
        json!({ "anyOf": [String::schema(), words, shell] })
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        match value {
            DeValue::Array(items) => {
                let texts = items.iter().filter_map(|item| match item.get_ref() {
                    DeValue::String(text) => Some(text.to_string()),
                    _ => None,
                });
                let words: Vec<String> = texts.collect();
                if words.len() < items.len() {
                    reader.fault(place, "its words are not all texts");
                    return None;
                }
                let command = Self::new(words);
                command.map_err(|error| reader.fault(place, error)).ok()
            }
            DeValue::Table(table) => {
                let mut text = None;
                for (key, item) in table {
                    match (&**key.get_ref(), item.get_ref()) {
                        ("shell", item) => text = value::text(reader, place, item),
                        (name, _) => {
                            let near = did_you_mean(name, ["shell"]);
                            reader.fault(place, format!("unknown key `{name}`{near}"));
                            return None;
                        }
                    }
                }
                if table.is_empty() {
                    reader.fault(place, "`shell` is missing");
                }
                text.map(|text| Self::Shell(text.to_owned()))
            }
            value => value::parsed(reader, place, value, WordsError::hint),
        }
    }

    fn shown(&self, value: &DeValue<'_>) -> Option<String> {
        Some(match self {
            Self::Shell(_) => self.to_string(),
            Self::Words(_) => value::toml_text(value),
        })
    }
}

/// Values that are written as text and have no hint.
macro_rules! texts {
    ($($type:ty),+) => {
        $(impl Value for $type {
            fn schema() -> Json {
                String::schema()
            }

            fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
                value::parsed(reader, place, value, |_: &String| None)
            }
        })+
    };
}
texts!(Mode, Owner, Span);

impl Value for Endpoint {
    fn schema() -> Json {
        String::schema()
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        value::parsed(reader, place, value, |_: &EndpointError| None)
    }
}
