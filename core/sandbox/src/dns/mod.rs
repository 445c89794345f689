//! The authoritative DNS server: zones, answers, updates, and the sockets they arrive at.

mod answer;
mod client;
mod respond;
mod server;
mod tsig;
mod update;
mod zone;
mod zones;

pub(crate) use client::query;
pub(crate) use server::DnsServer;
pub(crate) use zones::{Zones, absolute_name, txt_value};

/// The longest message over UDP: what passes every network in one packet.
const MAX_UDP: u16 = 1232;
