//! `http.send`: one request of a provider, within its reach and its limits.

use std::{
    error::Error as _,
    time::{Duration, Instant},
};

use reqwest::{Client, Method, header::HeaderMap};
use tracing::debug;
use url::Url;
use wildcert_plugin_sdk::{Error, REPEATABLE, Request, Response};

use crate::limits::{RECEIVED, SENT};

use super::{call::Call, client::PrivateAddress, headers, retry};

/// How long one answer is waited for when the user set nothing.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The most octets of a host's name in the log: what names may have.
const HOST_SHOWN: usize = 253;

/// A request that has passed all checks.
struct Checked<'a> {
    client: &'a Client,
    method: Method,
    /// As the provider gave it.
    url: Url,
    /// As it is sent.
    destination: Url,
    headers: HeaderMap,
    body: Vec<u8>,
    /// Whether the vendor may see it twice: by its method, or because the provider says so.
    repeatable: bool,
    timeout: Duration,
}

/// Why no answer came.
enum Failed {
    Transport(reqwest::Error),
    TooLarge,
}

impl Call {
    /// Sends one request; sends it again where that is safe.
    ///
    /// # Errors
    /// When the reach refuses it, a limit is met, or no answer came.
    pub(crate) async fn send(&self, request: Request) -> Result<Response, Error> {
        let checked = self.check(request)?;
        let mut attempt = 0;
        loop {
            if let Some(pace) = &self.services.pace {
                tokio::time::sleep(pace.reserve(Instant::now())).await;
            }
            attempt += 1;
            let outcome = checked.send().await;
            let pause = match &outcome {
                Ok((response, headers)) => {
                    retry::after_answer(response.status, headers, checked.repeatable, attempt)
                }
                Err(failed) => failed.may_pass(checked.repeatable).then(|| retry::growing(attempt)),
            };
            match pause {
                Some(pause) if attempt < retry::TRIES && self.has_time_for(pause) => {
                    let host = checked.url.host_str().unwrap_or_default();
                    let host = self.presentable(host, HOST_SHOWN);
                    debug!(provider = self.services.id, host, attempt, ?pause, "sending again");
                    tokio::time::sleep(pause).await;
                }
                _ => {
                    return outcome
                        .map(|(response, _)| response)
                        .map_err(|failed| failed.told(&checked));
                }
            }
        }
    }

    fn check(&self, request: Request) -> Result<Checked<'_>, Error> {
        self.take_request()?;
        let target = self
            .services
            .reach
            .permit(&request.url)
            .map_err(|refusal| Error::config(refusal.to_string()))?;
        let method = match request.method.as_str() {
            "GET" => Method::GET,
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            "PATCH" => Method::PATCH,
            "DELETE" => Method::DELETE,
            other => return Err(Error::permanent(format!("refused to send the method `{other}`"))),
        };
        if request.body.len() > SENT {
            let length = request.body.len();
            return Err(Error::permanent(format!(
                "refused to send a body of {length} octets: {SENT} are the most"
            )));
        }
        let client =
            self.services.clients.get(target.named_by_user).map_err(|error| {
                Error::permanent(format!("no HTTP client: {}", innermost(&error)))
            })?;
        let mut headers = headers::checked(&request.headers)?;
        let said = |(name, value): &(String, String)| name == REPEATABLE && value == "true";
        let repeatable = matches!(method, Method::GET | Method::PUT | Method::DELETE)
            || request.options.iter().any(said);
        Ok(Checked {
            client,
            method,
            repeatable,
            destination: self.services.clients.destination(&target.url, &mut headers)?,
            url: target.url,
            headers,
            body: request.body,
            timeout: self.services.answer_timeout.unwrap_or(TIMEOUT),
        })
    }
}

impl Checked<'_> {
    async fn send(&self) -> Result<(Response, HeaderMap), Failed> {
        let mut request = self
            .client
            .request(self.method.clone(), self.destination.clone())
            .headers(self.headers.clone())
            .timeout(self.timeout);
        if !self.body.is_empty()
            || matches!(self.method, Method::POST | Method::PUT | Method::PATCH)
        {
            request = request.body(self.body.clone());
        }
        let mut answer = request.send().await.map_err(Failed::Transport)?;
        if answer.content_length().is_some_and(|length| length > RECEIVED as u64) {
            return Err(Failed::TooLarge);
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(Failed::Transport)? {
            if body.len() + chunk.len() > RECEIVED {
                return Err(Failed::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let headers = std::mem::take(answer.headers_mut());
        let response = Response {
            status: answer.status().as_u16(),
            headers: headers
                .iter()
                .map(|(name, value)| {
                    (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                })
                .collect(),
            body,
            options: Vec::new(),
        };
        Ok((response, headers))
    }
}

impl Failed {
    /// Whether the same request may fare better: the server has not seen it, or may see it twice.
    fn may_pass(&self, repeatable: bool) -> bool {
        let Self::Transport(error) = self else {
            return false;
        };
        let lasting =
            cause::<PrivateAddress>(error).is_some() || cause::<rustls::Error>(error).is_some();
        !lasting && (error.is_connect() || repeatable && !error.is_timeout())
    }

    fn told(self, request: &Checked<'_>) -> Error {
        let host = request.url.origin().ascii_serialization();
        let error = match self {
            Self::Transport(error) => error,
            Self::TooLarge => {
                return Error::permanent(format!(
                    "the answer of `{host}` is over {RECEIVED} octets"
                ));
            }
        };
        if let Some(private) = cause::<PrivateAddress>(&error) {
            return Error::config(format!("refused to call: {private}"));
        }
        if let Some(tls) = cause::<rustls::Error>(&error) {
            return Error::permanent(format!(
                "no secure connection to `{host}`: {tls} (SSL_CERT_FILE may name roots to trust \
                 besides the system's)"
            ));
        }
        if error.is_timeout() {
            let seconds = request.timeout.as_secs();
            return Error::transient(format!("no answer from `{host}` within {seconds} s"));
        }
        Error::transient(format!("no answer from `{host}`: {}", innermost(&error)))
    }
}

/// The error of type `T` among what caused `error`.
fn cause<T: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        cause = match error.downcast_ref::<std::io::Error>() {
            // An `io::Error` made of another error, maybe of its own kind, does not name it as its
            // source.
            Some(outer) => outer.get_ref().map(|inner| inner as _),
            None => error.source(),
        };
    }
    None
}

/// What the system or the other side said; the errors around it say only who heard it.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
        task::JoinHandle,
    };
    use wildcert_plugin_sdk::ErrorKind;

    use super::{super::call::tests_support::call, *};

    const REACH: &str = "[reach]\nhttp = ['{BASE}', 'https://localhost']\n";

    /// Gives `answers` one after the other, each on its own connection; ends with the requests.
    async fn server(answers: Vec<String>) -> (String, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move {
            let mut requests = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = Vec::new();
                while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                    let read = stream.read_buf(&mut request).await.unwrap();
                    assert_ne!(read, 0);
                }
                requests.push(String::from_utf8(request).unwrap());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            requests
        });
        (base, task)
    }

    fn answer(head: &str, body: &str) -> String {
        let length = body.len();
        format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
    }

    fn request(method: &str, url: String) -> Request {
        Request {
            method: method.to_owned(),
            url,
            headers: vec![("X-Api-Key".to_owned(), "k".to_owned())],
            body: Vec::new(),
            options: Vec::new(),
        }
    }

    #[tokio::test]
    async fn an_answer_arrives_whole_and_a_redirect_is_one() {
        let redirect = answer("302 Found\r\nLocation: http://127.0.0.1:1/\r\nX-A: b", "moved");
        let (base, server) = server(vec![redirect]).await;
        let call = call(REACH, &[("BASE", &base)]);
        let response = call.send(request("POST", format!("{base}/v1?x=1"))).await.unwrap();
        assert_eq!((response.status, response.body.as_slice()), (302, b"moved".as_slice()));
        assert!(response.headers.contains(&("x-a".to_owned(), "b".to_owned())));
        let requests = server.await.unwrap();
        assert!(requests[0].starts_with("POST /v1?x=1 HTTP/1.1\r\n"), "{requests:?}");
        assert!(requests[0].contains("x-api-key: k\r\n"), "{requests:?}");
        assert!(requests[0].contains(concat!("user-agent: wildcert/", env!("CARGO_PKG_VERSION"))));
    }

    #[tokio::test]
    async fn trouble_that_passes_is_tried_again_where_that_is_safe() {
        let unavailable = || answer("503 Unavailable\r\nRetry-After: 0", "");
        let (base, server) =
            server(vec![unavailable(), unavailable(), answer("200 OK", "in"), unavailable()]).await;
        let call = call(REACH, &[("BASE", &base)]);
        assert_eq!(call.send(request("GET", base.clone())).await.unwrap().status, 200);
        assert_eq!(call.send(request("POST", base.clone())).await.unwrap().status, 503);
        assert_eq!(server.await.unwrap().len(), 4);
    }

    #[tokio::test]
    async fn a_post_that_says_so_is_tried_again_as_a_get_is() {
        let unavailable = answer("503 Unavailable\r\nRetry-After: 0", "");
        let (base, server) = server(vec![
            unavailable.clone(),
            // No answer at all: the connection ends.
            String::new(),
            answer("200 OK", "in"),
            unavailable,
        ])
        .await;
        let call = call(REACH, &[("BASE", &base)]);
        let post = |said: &str| Request {
            options: vec![(REPEATABLE.to_owned(), said.to_owned())],
            ..request("POST", base.clone())
        };
        assert_eq!(call.send(post("true")).await.unwrap().body, b"in");
        assert_eq!(call.send(post("false")).await.unwrap().status, 503);
        assert_eq!(server.await.unwrap().len(), 4);
    }

    #[tokio::test]
    async fn too_many_requests_is_obeyed_then_passed_on() {
        let wait = || answer("429 Slow\r\nRetry-After: 0", "");
        let later = answer("429 Slow\r\nRetry-After: 3600", "");
        let (base, server) =
            server(vec![wait(), answer("200 OK", ""), wait(), wait(), wait(), later]).await;
        let call = call(REACH, &[("BASE", &base)]);
        for status in [200, 429, 429] {
            assert_eq!(call.send(request("POST", base.clone())).await.unwrap().status, status);
        }
        assert_eq!(server.await.unwrap().len(), 6);
    }

    #[tokio::test]
    async fn a_refused_connection_is_tried_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let call = call(REACH, &[("BASE", &base)]);
        let begun = Instant::now();
        let error = call.send(request("POST", base.clone())).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Transient);
        let begin = format!("no answer from `{base}`: Connection refused");
        assert!(error.message.starts_with(&begin), "{error}");
        assert!(
            begun.elapsed() >= Duration::from_millis(1500),
            "0.5 s and 1 s between three tries"
        );
    }

    #[tokio::test]
    async fn limits_hold() {
        let declared = "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n".to_owned();
        let hidden = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(RECEIVED + 1));
        let (base, server) = server(vec![declared, hidden]).await;
        let call = call(REACH, &[("BASE", &base)]);
        for _ in 0..2 {
            let error = call.send(request("POST", base.clone())).await.unwrap_err();
            assert!(error.message.contains("is over 4194304 octets"), "{error}");
        }
        server.abort();
        let large = Request { body: vec![0; SENT + 1], ..request("POST", base.clone()) };
        assert!(call.send(large).await.unwrap_err().message.contains("1048577 octets"));
        // Three of the eight requests of the call are spent.
        for _ in 0..5 {
            assert!(
                call.send(request("HEAD", base.clone()))
                    .await
                    .unwrap_err()
                    .message
                    .contains("HEAD")
            );
        }
        let error = call.send(request("GET", base)).await.unwrap_err();
        assert!(error.message.ends_with("this call has sent its 8 requests"), "{error}");
    }

    #[tokio::test]
    async fn reach_is_kept() {
        let call = call(REACH, &[("BASE", "https://api.example.com")]);
        let outside = call.send(request("GET", "https://evil.test/".to_owned())).await.unwrap_err();
        assert_eq!(outside.kind, ErrorKind::Config);
        assert!(outside.message.contains("`https://evil.test`"), "{outside}");
        // Declared and public by name, private by its address.
        let rebound = call.send(request("GET", "https://localhost/".to_owned())).await.unwrap_err();
        assert_eq!(rebound.kind, ErrorKind::Config);
        assert!(rebound.message.contains("private address"), "{rebound}");
    }

    /// The environment belongs to a whole process: this test runs itself in another one.
    #[tokio::test]
    async fn a_proxy_of_the_environment_is_used() {
        const INSIDE: &str = "WILDCERT_TEST_BEHIND_PROXY";
        if std::env::var_os(INSIDE).is_some() {
            let call = call(REACH, &[("BASE", "http://vendor.test:8080")]);
            let url = "http://vendor.test:8080/v1".to_owned();
            assert_eq!(call.send(request("GET", url)).await.unwrap().body, b"by proxy");
            return;
        }
        let (proxy, server) = server(vec![answer("200 OK", "by proxy")]).await;
        let name = "services::http::tests::a_proxy_of_the_environment_is_used";
        let run = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name])
            .env(INSIDE, "1")
            .env("HTTP_PROXY", proxy)
            .env_remove("NO_PROXY")
            .env_remove("no_proxy")
            .env_remove("REQUEST_METHOD")
            .output();
        let output = run.await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let requests = server.await.unwrap();
        assert!(requests[0].starts_with("GET http://vendor.test:8080/v1 HTTP/1.1"), "{requests:?}");
    }
}
