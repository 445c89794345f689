//! A relay in front of a server, which can lose what the server says.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    thread,
    time::Duration,
};

/// A TCP port of its own whose connections lead to a server's.
///
/// It reads nothing of what passes, so that TLS goes through it.
#[derive(Debug)]
pub struct Relay {
    port: u16,
    mode: Arc<AtomicU8>,
}

impl Relay {
    /// Leads to `port` of this machine.
    ///
    /// # Panics
    /// When there is no free port.
    pub fn start(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let own = listener.local_addr().expect("the address of a bound socket").port();
        let mode = Arc::new(AtomicU8::new(PASS));
        let modes = Arc::clone(&mode);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if modes.load(Ordering::SeqCst) != CUT {
                    connect(client, port, &modes);
                }
            }
        });
        Self { port: own, mode }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Lets everything pass again.
    pub fn mend(&self) {
        self.mode.store(PASS, Ordering::SeqCst);
    }

    /// Lets nothing pass any more.
    pub fn cut(&self) {
        self.mode.store(CUT, Ordering::SeqCst);
    }

    /// Lets the server hear what the client says next, and takes its answer away with the
    /// connection.
    pub fn lose_an_answer(&self) {
        self.mode.store(LOSE_ONE, Ordering::SeqCst);
    }

    /// As [`lose_an_answer`](Self::lose_an_answer), and lets nothing pass afterwards.
    pub fn lose_an_answer_and_cut(&self) {
        self.mode.store(LOSE_AND_CUT, Ordering::SeqCst);
    }
}

fn connect(client: TcpStream, port: u16, mode: &Arc<AtomicU8>) {
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return };
    let both = |one: &TcpStream, other: &TcpStream| {
        let (one, other) = (one.try_clone(), other.try_clone());
        (one.expect("a second handle"), other.expect("a second handle"))
    };
    let (there, back) = (both(&client, &server), both(&server, &client));
    let (modes, others) = (Arc::clone(mode), Arc::clone(mode));
    thread::spawn(move || carry(there.0, there.1, || modes.load(Ordering::SeqCst) != CUT));
    thread::spawn(move || {
        carry(back.0, back.1, || match others.load(Ordering::SeqCst) {
            PASS => true,
            LOSE_ONE => {
                others.store(PASS, Ordering::SeqCst);
                false
            }
            _ => {
                others.store(CUT, Ordering::SeqCst);
                false
            }
        });
    });
}

/// Carries octets until the connection ends, or `passes` says that they do not.
fn carry(mut from: TcpStream, mut to: TcpStream, passes: impl Fn() -> bool) {
    let mut octets = [0; 16 * 1024];
    let _ = to.set_write_timeout(Some(Duration::from_secs(10)));
    while let Ok(length @ 1..) = from.read(&mut octets) {
        if !passes() || to.write_all(&octets[..length]).is_err() {
            break;
        }
    }
    for stream in [from, to] {
        // It may have ended by itself.
        let _ = stream.shutdown(Shutdown::Both);
    }
}

const PASS: u8 = 0;
const CUT: u8 = 1;
const LOSE_ONE: u8 = 2;
const LOSE_AND_CUT: u8 = 3;
