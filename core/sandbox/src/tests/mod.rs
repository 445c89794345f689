//! Both servers over the network, as their clients see them.

mod account_rules;
mod accounts;
mod acme_client;
mod caa;
mod dns_client;
mod failures;
mod issuance;
mod order_rules;
mod queries;
mod refusals;
mod renewal;
mod revocation;
mod updates;
mod validation;
