//! Dynamic updates (RFC 2136), signed with TSIG (RFC 8945).

use std::collections::BTreeMap;

use wildcert_plugin_sdk::{
    Context, Error, ErrorKind, Provider, Removal, Result, TxtRecord,
    dns::{self, Rcode, Update},
    export_provider,
    tsig::{self, Key, Settings},
};

const SERVER: &str = "RFC2136_NAMESERVER";
const KEY: Settings = Settings {
    key: "RFC2136_TSIG_KEY",
    secret: "RFC2136_TSIG_SECRET",
    algorithm: "RFC2136_TSIG_ALGORITHM",
    statement: "RFC2136_TSIG",
};

/// So many changes fit into one message whatever their length: a name has at most 255 octets, its
/// record 10 more, a value 256 with its length; TCP carries 65 535.
const CHANGES: usize = 120;

struct Rfc2136 {
    server: String,
    key: Option<Key>,
}

export_provider!(Rfc2136);

impl Provider for Rfc2136 {
    fn new(cx: &Context<'_>) -> Result<Self> {
        let server = cx.config.require(SERVER)?.to_owned();
        Ok(Self { server, key: Key::from_config(cx.config, KEY)? })
    }

    /// Asks a question that every server has some answer to. What the answer is does not matter:
    /// its signature proves that server and key agree. The rights of the key show only in updates,
    /// and a server does not list zones.
    fn check(&self, cx: &Context<'_>) -> Result<Vec<String>> {
        let question = dns::question(id(cx), ".", dns::SOA)?;
        self.exchange(cx, question).map(|_| Vec::new())
    }

    fn present(&self, cx: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
        let results = self.update(cx, records.iter(), |update, record| {
            update.add_txt(&record.owner, record.ttl, &record.value)
        });
        results.into_iter().map(|result| result.map(|()| None)).collect()
    }

    fn remove(&self, cx: &Context<'_>, removals: &[Removal]) -> Vec<Result<()>> {
        self.update(cx, removals.iter().map(|removal| &removal.record), |update, record| {
            update.delete_txt(&record.owner, &record.value)
        })
    }
}

impl Rfc2136 {
    /// Changes all records of a zone in one message; one result per record.
    fn update<'r>(
        &self,
        cx: &Context<'_>,
        records: impl ExactSizeIterator<Item = &'r TxtRecord>,
        change: impl Fn(&mut Update, &TxtRecord) -> Result<()>,
    ) -> Vec<Result<()>> {
        let mut results = vec![Ok(()); records.len()];
        let mut zones: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for (record, result) in records.zip(&mut results) {
            zones.entry(&record.zone).or_default().push((record, result));
        }
        for (zone, mut changes) in zones {
            for changes in changes.chunks_mut(CHANGES) {
                let outcome = (|| {
                    let mut update = Update::new(id(cx), zone)?;
                    changes.iter().try_for_each(|(record, _)| change(&mut update, record))?;
                    match self.exchange(cx, update.into_message())? {
                        Rcode::NOERROR => Ok(()),
                        rcode => Err(self.refusal(zone, rcode)),
                    }
                })();
                changes.iter_mut().for_each(|(_, result)| **result = outcome.clone());
            }
        }
        results
    }

    /// Signs and sends one message, and verifies the answer.
    fn exchange(&self, cx: &Context<'_>, mut message: Vec<u8>) -> Result<Rcode> {
        let signature = match &self.key {
            Some(key) => Some((key, key.sign(&mut message, cx.host.now() / 1000)?)),
            None => None,
        };
        let answer = cx.host.exchange(&self.server, &message)?;
        let rcode = dns::rcode(&message, &answer)?;
        if let Some((key, signature)) = signature {
            // A server in trouble answers without having looked at the signature.
            let in_trouble = matches!(rcode, Rcode::FORMERR | Rcode::SERVFAIL | Rcode::NOTIMP);
            if in_trouble && !tsig::is_signed(&answer) {
                return Err(self.refusal(".", rcode));
            }
            let now = cx.host.now() / 1000;
            key.verify(&signature, &answer, now).map_err(|error| {
                error.context(format!("server `{}` answered {rcode}", self.server))
            })?;
        }
        Ok(rcode)
    }

    fn refusal(&self, zone: &str, rcode: Rcode) -> Error {
        let (kind, meaning) = match rcode {
            Rcode::REFUSED if self.key.is_some() => (
                ErrorKind::Auth,
                "its `update-policy` or `allow-update` does not grant this key these names",
            ),
            Rcode::REFUSED => (
                ErrorKind::Auth,
                "it does not take unsigned updates from here; set `RFC2136_TSIG_KEY`",
            ),
            Rcode::NOTAUTH => (ErrorKind::ZoneNotFound, "it is not the zone's primary server"),
            Rcode::NOTZONE => (ErrorKind::ZoneNotFound, "it cuts zones elsewhere"),
            Rcode::NOTIMP => (ErrorKind::Unsupported, "it does not take updates"),
            Rcode::SERVFAIL => (ErrorKind::Transient, "its log tells why"),
            _ => (ErrorKind::Permanent, "its log tells why"),
        };
        let server = &self.server;
        Error::new(kind, format!("server `{server}` answered {rcode} for zone `{zone}`: {meaning}"))
    }
}

fn id(cx: &Context<'_>) -> u16 {
    cx.host.random(2).iter().fold(0, |id, octet| id << 8 | u16::from(*octet))
}

#[cfg(test)]
mod tests;
