//! The client against a CA of our own in the same process.

mod accounts;
mod faults;
mod issuance;
mod mock;
mod signatures;
