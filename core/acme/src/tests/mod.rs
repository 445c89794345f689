//! The client against a CA of our own in the same process.

mod accounts;
mod errors;
mod faults;
mod issuance;
mod mock;
mod mock_accounts;
mod mock_orders;
mod orders;
mod renewal;
mod revocation;
mod rollover;
mod signatures;
