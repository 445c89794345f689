//! What can go wrong, and what to do then.

use std::time::Duration;

use crate::dns::Server;
use crate::name::{OwnerName, ZoneName};
use crate::report::{ServerReport, lines};

/// Any failure of this crate.
///
/// It can be cloned, since a look-up that several callers wait for fails for all of them.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is no `HOST[:PORT]`, or no `ZONE=HOST[:PORT]`.
    #[error("`{text}` names no DNS server: {fault}")]
    Address {
        /// What the user wrote.
        text: String,
        /// The first thing wrong with it.
        fault: AddressFault,
    },

    /// The chain of CNAME records is longer than any sane set-up needs.
    #[error("`{owner}` leads through more than {limit} CNAME records, the last is at `{last}`")]
    AliasChain {
        /// Where the chain begins.
        owner: OwnerName,
        /// How many records are followed.
        limit: usize,
        /// Where following stopped.
        last: OwnerName,
    },

    /// The CNAME records lead back to a name already seen.
    #[error("the CNAME records at `{owner}` form a loop: `{last}` points back to `{again}`")]
    AliasLoop {
        /// Where the chain begins.
        owner: OwnerName,
        /// The record that closes the loop.
        last: OwnerName,
        /// What it points to.
        again: OwnerName,
    },

    /// The target of a CNAME record is not a name that could hold the TXT records.
    #[error("the CNAME record at `{owner}` points to the unusable name `{target}`: {fault}")]
    AliasTarget {
        /// The record's owner.
        owner: OwnerName,
        /// The record's target, with escapes.
        target: String,
        /// What is wrong with it.
        fault: NameFault,
    },

    /// The server named for a zone answers for `owner` with a referral to a child zone.
    #[error("`{server}` does not serve `{owner}` but refers to the servers of its zone `{child}`")]
    Delegated {
        /// The name asked about.
        owner: OwnerName,
        /// The zone it lies in.
        child: ZoneName,
        /// The server that refers.
        server: Server,
    },

    /// The text is no domain name, or none that a certificate can be for.
    #[error("`{name}` is not a usable domain name: {fault}")]
    Name {
        /// What the user wrote.
        name: String,
        /// The first thing wrong with it.
        fault: NameFault,
    },

    /// The name of a DNS server that the user configured has no address.
    #[error("the DNS server `{host}` has no address: {reason}")]
    NoAddress {
        /// The name, as configured.
        host: String,
        /// What the operating system's resolver said.
        reason: String,
    },

    /// No server gave an answer that leads on.
    #[error("no server answered `{owner} {kind}`: {}", tried.join("; "))]
    NoAnswer {
        /// The name asked about.
        owner: OwnerName,
        /// The record type asked for.
        kind: String,
        /// One entry per server: what it said.
        tried: Vec<String>,
    },

    /// No recursive resolver is configured, neither by the user nor in the operating system.
    #[error("no recursive resolver is known: {reason}")]
    NoResolvers {
        /// Why the operating system's configuration gave none.
        reason: String,
    },

    /// The zone has no authoritative server with an address.
    #[error("zone `{zone}` has no authoritative server that can be asked: {reason}")]
    NoServers {
        /// The zone.
        zone: ZoneName,
        /// What its NS records lead to.
        reason: String,
    },

    /// No SOA record is found at the name or above.
    #[error("no zone holds `{owner}`: there is no SOA record for it")]
    NoZone {
        /// The name.
        owner: OwnerName,
    },

    /// The TXT records were not on every authoritative server in time.
    #[error(
        "the TXT records did not reach every authoritative server within {limit:?}{}",
        lines(servers)
    )]
    Propagation {
        /// How long was waited.
        limit: Duration,
        /// Every server asked, and what it lacks.
        servers: Vec<ServerReport>,
    },
}

/// What is wrong with a domain name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NameFault {
    /// A character that does not belong into names.
    #[error("it contains `{0}`")]
    Character(char),
    /// No label at all.
    #[error("the name is empty")]
    Empty,
    /// A label without characters.
    #[error("it has an empty label (two dots in a row, or a dot in front)")]
    EmptyLabel,
    /// A label with a hyphen at an end (RFC 1123 §2.1).
    #[error("its label `{0}` begins or ends with a hyphen")]
    Hyphen(String),
    /// A label that IDNA refuses.
    #[error("its label `{0}` is not valid in IDNA (UTS #46)")]
    Idna(String),
    /// An IP address.
    #[error("it is an IP address, and dns-01 proves domain names only")]
    IpAddress,
    /// More characters than a name may have.
    #[error("it has {length} characters, the limit is {limit}")]
    Long {
        /// Its length without trailing dot.
        length: usize,
        /// The longest possible.
        limit: usize,
    },
    /// More characters than leave room for the challenge's label.
    #[error(
        "it has {length} characters, the limit is {limit}, since `_acme-challenge.` goes in front"
    )]
    LongForChallenge {
        /// Its length without `*.` and trailing dot.
        length: usize,
        /// The longest possible.
        limit: usize,
    },
    /// A label of more than 63 characters.
    #[error("its label `{label}` has {length} characters, the limit is 63")]
    LongLabel {
        /// The label, as an A-label.
        label: String,
        /// Its length.
        length: usize,
    },
    /// A name such as `localhost` or `com`.
    #[error("it has a single label, and no public suffix issues for that")]
    SingleLabel,
    /// A `*` elsewhere than alone in front.
    #[error("`*` may only be the whole leftmost label, as in `*.example.com`")]
    Wildcard,
}

/// What is wrong with the address of a DNS server.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressFault {
    /// Brackets that are not closed, or hold something else than an IPv6 address.
    #[error("brackets go around an IPv6 address, as in `[2001:db8::1]:53`")]
    Bracket,
    /// A host that can be nothing.
    #[error("`{0}` is neither an IP address nor a name")]
    Host(String),
    /// Nothing before the port.
    #[error("HOST is missing")]
    NoHost,
    /// No `ZONE=` in front.
    #[error("the zone is missing, as in `example.com=192.0.2.1:53`")]
    NoZone,
    /// A port that is not a number from 1 to 65535.
    #[error("`{0}` is not a port (1 to 65535)")]
    Port(String),
}

impl Error {
    /// The next step for the user, where there is one; fit to follow `hint: `.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::AliasChain { .. } | Self::AliasLoop { .. } | Self::AliasTarget { .. } => Some(
                "correct the CNAME record, or remove it to have the TXT records put in place of it"
                    .to_owned(),
            ),
            Self::Delegated { child, .. } => Some(format!(
                "name a server of the child zone too: `--nameserver {child}=HOST:PORT`"
            )),
            Self::Name { fault: NameFault::Character(':' | '/'), .. } => {
                Some("give the name alone, without scheme, port or path".to_owned())
            }
            Self::NoAnswer { .. } | Self::NoServers { .. } => Some(
                "where DNS is different from here, name the zone's servers with \
                 `--nameserver ZONE=HOST:PORT`, or other resolvers with `--dns.resolvers HOST:PORT`"
                    .to_owned(),
            ),
            Self::NoResolvers { .. } => Some(
                "name resolvers with `--dns.resolvers HOST:PORT`, or the zone's servers with \
                 `--nameserver ZONE=HOST:PORT`"
                    .to_owned(),
            ),
            Self::NoZone { .. } => Some(
                "see that the domain is registered and spelled right, and that the server which \
                 `--nameserver` names for it holds its zone"
                    .to_owned(),
            ),
            Self::Propagation { servers, .. } => Some(propagation_hint(servers).to_owned()),
            Self::Address { .. } | Self::Name { .. } | Self::NoAddress { .. } => None,
        }
    }

    pub(crate) fn address(text: &str, fault: AddressFault) -> Self {
        Self::Address { text: text.to_owned(), fault }
    }

    pub(crate) fn name(name: &str, fault: NameFault) -> Self {
        Self::Name { name: name.to_owned(), fault }
    }
}

fn propagation_hint(servers: &[ServerReport]) -> &'static str {
    let is_late = |report: &ServerReport| report.lacking.iter().any(|lack| lack.answered);
    if servers.iter().any(is_late) {
        "a server that answers without the values has not been updated yet: allow more time, and \
         see that the provider writes to the zone which these servers hold"
    } else {
        "a server that does not answer for the zone does not belong into its NS records; where \
         only this machine cannot reach it, name those to ask with `--nameserver ZONE=HOST:PORT`"
    }
}
