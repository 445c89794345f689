//! What happens during a run, for whoever shows it.

use std::{path::PathBuf, sync::Arc};

use crate::account::RolloverStep;

/// Receives the events of a run, in order, from several tasks; must not block.
pub type Observer = Arc<dyn Fn(Event) + Send + Sync>;

/// A step of a run that began or ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A module was found, checked and loaded.
    Provider {
        /// The provider's id.
        id: String,
        /// `wasm` or `native`.
        form: String,
        /// The module's file.
        path: PathBuf,
    },
    /// A module was used for the first time and recorded in providers.lock.
    FirstUse {
        /// The provider's id.
        id: String,
        /// The module's file.
        path: PathBuf,
        /// The addresses that it may reach; "anything" for native modules.
        reach: Vec<String>,
    },
    /// A large module is compiled, which takes seconds and is done once.
    Compiling {
        /// The provider's id.
        id: String,
    },
    /// The account is there.
    Account {
        /// Its URL at the CA.
        url: String,
        /// True when this run registered it.
        registered: bool,
    },
    /// The account's key is being changed.
    Rollover(RolloverStep),
    /// The order was created.
    Order {
        /// Its URL at the CA.
        url: String,
        /// What it is for, as A-labels.
        identifiers: Vec<String>,
    },
    /// An order of an earlier run is taken up again.
    Resumed {
        /// Its URL at the CA.
        url: String,
    },
    /// A CA is passed over, as it wants to be left alone: the next one is asked.
    Limited {
        /// The CA, as the user named it.
        server: String,
        /// When it may be asked again, in RFC 3339.
        until: String,
        /// What it said.
        said: String,
    },
    /// An identifier's challenge record has its place.
    Located {
        /// The identifier, with `*.` for a wildcard.
        identifier: String,
        /// Where the record goes: the challenge's owner name after CNAMEs.
        owner: String,
        /// The zone that holds it.
        zone: String,
        /// `name (address)` of every authoritative server.
        servers: Vec<String>,
    },
    /// Records are being handed to the provider.
    Presenting {
        /// The zone.
        zone: String,
        /// How many values.
        values: usize,
    },
    /// The values of an owner name were accepted by the provider.
    Presented {
        /// The zone.
        zone: String,
        /// The owner name.
        owner: String,
        /// How many values.
        values: usize,
    },
    /// An authoritative server was asked for an owner name.
    Seen {
        /// The owner name.
        owner: String,
        /// `name (address)` of the server.
        server: String,
        /// How many of our values it has.
        found: usize,
        /// How many it should have.
        wanted: usize,
    },
    /// Every authoritative server has every value.
    Propagated,
    /// The CA was told to validate.
    Answered {
        /// How many challenges.
        challenges: usize,
    },
    /// The CA validated every authorization.
    Authorized {
        /// The identifiers, as A-labels.
        identifiers: Vec<String>,
    },
    /// The certificate was asked for.
    Finalized,
    /// Certificate and key are in the store.
    Stored {
        /// The certificate's folder.
        path: PathBuf,
    },
    /// The values of an owner name were removed.
    Removed {
        /// The zone.
        zone: String,
        /// The owner name.
        owner: String,
        /// How many values.
        values: usize,
    },
    /// A target waits, as a CA's OCSP may lag.
    Delayed {
        /// The certificate's name.
        name: String,
        /// The target's name.
        target: String,
        /// For how long.
        seconds: u64,
    },
    /// A certificate is on its way to a target.
    Deploying {
        /// The certificate's name.
        name: String,
        /// The target's name, with `@host` where there is one.
        target: String,
    },
    /// A target has the certificate, or it failed.
    Deployed {
        /// The certificate's name.
        name: String,
        /// The target's name, with `@host` where there is one.
        target: String,
        /// Whether it failed.
        failed: bool,
    },
    /// Records of an earlier run that died are being removed.
    Replaying {
        /// How many records.
        records: usize,
    },
    /// How many requests the CA got from this run.
    Requests {
        /// `operation count` pairs in the order of the protocol.
        counts: Vec<(String, u64)>,
    },
    /// Something that the user should know; the run goes on.
    Warning(String),
}
