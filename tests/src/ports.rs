//! Free ports.

use std::{
    net::{Ipv4Addr, TcpListener, UdpSocket},
    ops::Range,
    process,
    sync::atomic::{AtomicU16, Ordering},
};

/// Below the ports that systems choose by themselves: until a server binds its port, no client's
/// socket takes it.
const RANGE: Range<u16> = 12_000..32_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A loopback port that is free for UDP and TCP and that no other caller in this process got.
pub(crate) fn free() -> u16 {
    let size = RANGE.end - RANGE.start;
    // Processes that run at the same time begin far from each other.
    let first = process::id().wrapping_mul(7_919) % u32::from(size);
    loop {
        let at = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = RANGE.start + u16::try_from((first + at) % u32::from(size)).expect("below size");
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        if tcp.is_ok() && UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
