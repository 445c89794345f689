//! How much of everything a provider gets.
//!
//! `docs/concepts/provider-security.md` shows these numbers to users.

use std::time::Duration;

/// What each record of a call adds to the [`CallLimits`](crate::CallLimits).
pub(crate) const CPU_PER_RECORD: Duration = Duration::from_millis(50);
pub(crate) const WALL_PER_RECORD: Duration = Duration::from_secs(2);
/// The same for a native-only module: it starts programs of the user's, which wait themselves, and
/// ends each after five minutes.
pub(crate) const WALL_PER_PROGRAM: Duration = Duration::from_secs(310);
pub(crate) const REQUESTS_PER_RECORD: u32 = 16;

/// The most stack of a WebAssembly guest, in octets.
pub(crate) const STACK: usize = 512 << 10;

/// The most entries of all tables of a WebAssembly guest together.
pub(crate) const TABLES: usize = 100_000;

/// The most octets that a module hands over at once: an answer, or the arguments of a service.
pub(crate) const HANDED_OVER: usize = 16 << 20;

/// The most octets of an error's message, of a zone's name in its longest presentation form
/// (RFC 1035, section 5.1) and of a handle.
pub(crate) const MESSAGE: usize = 4096;
pub(crate) const NAME: usize = 1024;
pub(crate) const HANDLE: usize = 16 << 10;

/// The most octets of a request's body, of all its headers, and of an answer's body.
pub(crate) const SENT: usize = 1 << 20;
pub(crate) const HEADERS: usize = 64 << 10;
pub(crate) const RECEIVED: usize = 4 << 20;

/// The most log lines of one call, and the most octets of a line.
pub(crate) const LINES: u32 = 200;
pub(crate) const LINE: usize = 2048;

/// The most random octets of one request.
pub(crate) const RANDOM: usize = 4096;

/// The most entries of a cache, the most octets of a key and of a value, and the longest time for
/// which they are kept.
pub(crate) const CACHE_ENTRIES: usize = 256;
pub(crate) const CACHE_KEY: usize = 1024;
pub(crate) const CACHE_VALUE: usize = 64 << 10;
pub(crate) const CACHE_TTL: Duration = Duration::from_secs(7 * 24 * 3600);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CallLimits, artifact::SIZE_LIMIT};

    #[test]
    fn users_are_told_these_numbers() {
        let page = include_str!("../../../docs/concepts/provider-security.md");
        let CallLimits { cpu, memory, wall, requests } = CallLimits::default();
        let (mib, kib) = (|octets: usize| octets >> 20, |octets: usize| octets >> 10);
        let days = CACHE_TTL.as_secs() / (24 * 3600);
        for row in [
            format!("| size of the file | {} MiB |", SIZE_LIMIT >> 20),
            format!(
                "| processor time | {} s, and {} ms for each record |",
                cpu.as_secs(),
                CPU_PER_RECORD.as_millis()
            ),
            format!(
                "| time from begin to end | {} s, and {} s for each record; {} s with `native-only` |",
                wall.as_secs(),
                WALL_PER_RECORD.as_secs(),
                WALL_PER_PROGRAM.as_secs()
            ),
            format!("| memory | {} MiB |", mib(memory)),
            format!("| stack | {} KiB |", kib(STACK)),
            format!("| entries of its tables | {TABLES} |"),
            format!("| an answer, or what it hands to a service | {} MiB |", mib(HANDED_OVER)),
            format!("| an error's message | {} KiB |", kib(MESSAGE)),
            format!("| a handle | {} KiB |", kib(HANDLE)),
            format!(
                "| HTTP requests and DNS messages | {requests}, and {REQUESTS_PER_RECORD} for each \
                 record |"
            ),
            format!("| a request's body | {} MiB |", mib(SENT)),
            format!("| a request's headers | {} KiB |", kib(HEADERS)),
            format!("| a vendor's answer | {} MiB |", mib(RECEIVED)),
            format!("| log lines | {LINES} of {} KiB |", kib(LINE)),
            format!("| random octets at once | {RANDOM} |"),
            format!(
                "| entries of its cache | {CACHE_ENTRIES}, with keys of {} KiB and values of {} KiB, \
                 for {days} days |",
                kib(CACHE_KEY),
                kib(CACHE_VALUE)
            ),
        ] {
            assert!(page.contains(&row), "the page lacks\n{row}");
        }
    }
}
