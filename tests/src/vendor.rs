//! A vendor's API over plain HTTP, which a test answers for.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

/// A web server for `http://127.0.0.1:PORT` that remembers what it was asked.
#[derive(Debug)]
pub struct Vendor {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Vendor {
    /// Starts one; `answer` gets each request, head and body, and writes the whole answer. Each
    /// request has its own connection.
    ///
    /// # Panics
    /// When no port is free.
    pub fn start(
        answer: impl Fn(&str, &mut TcpStream) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (requests, stopped) = (Arc::<Mutex<Vec<String>>>::default(), Arc::default());
        let (seen, stop) = (Arc::clone(&requests), Arc::<AtomicBool>::clone(&stopped));
        let answer = Arc::new(answer);
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                thread::spawn(move || {
                    // A client that breaks off is its own fault.
                    let Ok((request, mut stream)) = read(stream) else { return };
                    seen.lock().expect("no panic while it was held").push(request.clone());
                    let _ = answer(&request, &mut stream);
                });
            }
        });
        Self { port, requests, stopped, thread: Some(thread) }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it was asked, head and body of each request.
    ///
    /// # Panics
    /// When a thread of it has panicked.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic while it was held").clone()
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let woken = TcpStream::connect(("127.0.0.1", self.port)).is_ok();
        if let (true, Some(thread)) = (woken, self.thread.take()) {
            // A panic in the thread has been printed.
            let _ = thread.join();
        }
    }
}

/// Writes an answer with `head`, such as `200 OK` and more header lines, and `body`.
///
/// # Errors
/// When the client has gone.
pub fn reply(stream: &mut TcpStream, head: &str, body: &str) -> io::Result<()> {
    let length = body.len();
    write!(stream, "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

fn read(stream: TcpStream) -> io::Result<(String, TcpStream)> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        if reader.read_line(&mut request)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let length = request.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    request.push_str(&String::from_utf8_lossy(&body));
    Ok((request, reader.into_inner()))
}
