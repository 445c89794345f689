//! Providers as native libraries: the same operations over a table of functions, unconfined.

mod module;
mod services;
#[cfg(test)]
mod tests;

pub(crate) use module::load;
