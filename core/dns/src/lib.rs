//! Names, zones, authoritative servers and propagation for the dns-01 challenge.
//!
//! The road of one identifier through this crate:
//!
//! 1. [`Identifier`] is what the user asks a certificate for; it knows its
//!    [`challenge_owner`](Identifier::challenge_owner).
//! 2. [`Dns::locate`] follows the CNAMEs of that name, finds the zone by its SOA record and every
//!    address of the zone's authoritative servers: a [`Location`].
//! 3. [`Dns::wait`] asks each of these servers until all of them answer with the [`Expected`]
//!    values.
//!
//! Questions go to the servers of the longest matching [`NameserverOverride`], otherwise to the
//! recursive resolvers. Propagation is only ever asked of authoritative servers, so that no
//! recursive resolver remembers that the records were not there yet.

mod address;
mod ask;
mod dns;
mod error;
mod flight;
mod identifier;
mod locate;
mod look;
mod name;
mod report;
mod wait;
mod wire;

pub use crate::address::{NameserverOverride, ResolverAddr, host_and_port};
pub use crate::dns::{Dns, DnsOptions, Server};
pub use crate::error::{AddressFault, Error, NameFault};
pub use crate::identifier::Identifier;
pub use crate::locate::Location;
pub use crate::name::{OwnerName, ZoneName};
pub use crate::report::{Lacking, ServerReport};
pub use crate::wait::{Expected, Sighting};
