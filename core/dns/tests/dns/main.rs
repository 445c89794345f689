//! Look-ups and propagation against DNS servers that the tests run themselves on loopback.

#[cfg(test)]
mod locate;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod propagation;
