//! A simulator as an HTTP server on loopback, for modules that run in a plugin host.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use serde::Serialize;

use super::{
    simulation::{Setup, Simulation},
    simulator::{Answer, Simulator},
};
use crate::types::{Request, Response};

/// The header that tells a simulator for which vendor's origin a request was meant.
pub const ORIGIN_HEADER: &str = "x-simulated-origin";

/// Where the suite sets up a simulator and reads what it has come to.
const CONTROL: &str = "/.simulator";

/// The longest body that is read.
const BODY_LIMIT: usize = 16 << 20;

/// A simulator that listens on loopback until the process ends.
pub struct Server<S> {
    /// Where it listens.
    pub address: SocketAddr,
    simulation: Arc<Mutex<Simulation<S>>>,
}

impl<S: Simulator> Server<S> {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// When there is no port.
    pub fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let simulation = Arc::new(Mutex::new(Simulation::new(Setup::default())));
        let shared = Arc::clone(&simulation);
        std::thread::spawn(move || accept(&listener, &shared));
        Ok(Self { address, simulation })
    }

    /// The simulation behind it.
    pub fn simulation(&self) -> MutexGuard<'_, Simulation<S>> {
        self.simulation.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves `S` for `wildcert providers test --simulator`: prints the address on stdout, and ends when
/// stdin does.
///
/// # Errors
/// When there is no port, or stdout is closed.
pub fn serve<S: Simulator>() -> std::io::Result<()> {
    let server = Server::<S>::start()?;
    writeln!(std::io::stdout(), "http://{}", server.address)?;
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    Ok(())
}

fn accept<S: Simulator>(listener: &TcpListener, simulation: &Arc<Mutex<Simulation<S>>>) {
    for stream in listener.incoming().flatten() {
        let simulation = Arc::clone(simulation);
        std::thread::spawn(move || converse(stream, &simulation));
    }
}

/// Answers the requests of one connection, until either side closes it.
fn converse<S: Simulator>(stream: TcpStream, simulation: &Mutex<Simulation<S>>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let request = read_request(&mut reader)?;
        let mut simulation = simulation.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = match request.url.strip_prefix(CONTROL) {
            Some(what) => control(&mut simulation, &request, what),
            None => {
                let origin = request.headers.iter().find(|(name, _)| name == ORIGIN_HEADER);
                let url = format!("{}{}", origin?.1, request.url);
                // None: the connection closes without an answer.
                simulation.handle(&Request { url, ..request }, now())?
            }
        };
        drop(simulation);
        write_answer(&mut writer, &answer)?;
    }
}

fn control<S: Simulator>(
    simulation: &mut Simulation<S>,
    request: &Request,
    what: &str,
) -> Response {
    fn json(value: &impl Serialize) -> Answer {
        match serde_json::to_string(value) {
            Ok(text) => Answer::text(200, "application/json", text),
            Err(error) => Answer::text(500, "text/plain", error.to_string()),
        }
    }
    let answer = match (request.method.as_str(), what) {
        ("GET", "/facts") => json(&Simulation::<S>::facts()),
        ("GET", "/state") => json(simulation.state()),
        ("PUT", "/setup") => match serde_json::from_slice(&request.body) {
            Ok(setup) => {
                *simulation = Simulation::new(setup);
                Answer::empty(204)
            }
            Err(error) => Answer::text(400, "text/plain", error.to_string()),
        },
        _ => Answer::empty(404),
    };
    answer.into()
}

/// One request, with the path in place of an absolute URL; none when the connection ends or what
/// came is no HTTP/1.1.
fn read_request(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, url) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0_usize);
    let mut body = vec![0; (length <= BODY_LIMIT).then_some(length)?];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, url, headers, body, options: Vec::new() })
}

fn write_answer(writer: &mut impl Write, answer: &Response) -> Option<()> {
    let mut head = format!("HTTP/1.1 {} Simulated\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if answer.status != 204 {
        head.push_str(&format!("content-length: {}\r\n", answer.body.len()));
    }
    head.push_str("\r\n");
    writer.write_all(&[head.as_bytes(), &answer.body].concat()).ok()
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
