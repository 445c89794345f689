//! Both servers over the network, as their clients see them.

mod accounts;
mod acme_client;
mod dns_client;
mod issuance;
mod queries;
mod refusals;
mod revocation;
mod updates;
mod validation;
