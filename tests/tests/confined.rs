//! What a hostile guest tries to reach, and what it is told.

use std::{
    io::Write as _,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tempfile::TempDir;
use wildcert::{Engine, Options, ProviderInstance};
use wildcert_tests::{Vendor, built, reply};

/// An engine that nothing but providers is asked of.
fn engine() -> (Engine, TempDir) {
    // Another test may have done so.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let options = Options { path: folder.path().to_owned(), ..Options::default() };
    (Engine::open(options, Arc::new(|_| ())).unwrap(), folder)
}

/// Runs `check` of the hostile guest with these settings.
async fn check(engine: &Engine, settings: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let module = built("guests/hostile.wasm").display().to_string();
    let instance = ProviderInstance {
        overrides: settings.iter().map(own).collect(),
        ..ProviderInstance::new(module)
    };
    engine.check_provider(&instance).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_url_means_the_same_to_who_looks_and_to_who_sends() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let own = Vendor::start(|_, stream| reply(stream, "200 OK", "{}"));
    let evil = [
        // The credentials of one reader are the host of another.
        "http://api.hostile.example@127.0.0.1:PORT/",
        "http://api.hostile.example:443@127.0.0.1:PORT/",
        "http://api.hostile.example%40127.0.0.1:PORT/",
        r"http://127.0.0.1:PORT\@api.hostile.example/",
        r"http:\\127.0.0.1:PORT\api.hostile.example",
        "http://127.0.0.1:PORT#@api.hostile.example/",
        "http://127.0.0.1:PORT?@api.hostile.example/",
        "http://127.0.0.1:PORT/@api.hostile.example/",
        "http:127.0.0.1:PORT",
        "http:/127.0.0.1:PORT/",
        "http:///127.0.0.1:PORT/",
        "//127.0.0.1:PORT/",
        // The same address, written otherwise.
        "http://127.1:PORT/",
        "http://2130706433:PORT/",
        "http://0x7f000001:PORT/",
        "http://0x7f.0.0.1:PORT/",
        "http://0177.0.0.1:PORT/",
        "http://127.0.0.1.:PORT/",
        "http://%31%32%37.0.0.1:PORT/",
        "http://１２７.0.0.1:PORT/",
        "http://①②⑦.0.0.1:PORT/",
        "http://127\t.0.0\n.1:PORT/",
        "\u{1} http://127.0.0.1:PORT/ ",
        "http://[::1]:PORT/",
        "http://[::ffff:127.0.0.1]:PORT/",
        "http://[::ffff:7f00:1]:PORT/",
        "http://[::127.0.0.1]:PORT/",
        "http://[0:0:0:0:0:0:0:1]:PORT/",
        "http://[::1%25lo]:PORT/",
        "https://[64:ff9b::7f00:1]:PORT/",
        "http://localhost:PORT/",
        "http://LOCALHOST.:PORT/",
        // Names that look like the declared one, or begin or end like it.
        "https://api.hostile.example./",
        "https://api.hostile.example.evil.test/",
        "https://evil-api.hostile.example/",
        "https://hostile.example/",
        "https://api.hostile.example:8443/",
        "http://api.hostile.example/",
        "https://аpi.hostile.example/",
        "https://xn--pi-6kc.hostile.example/",
        "https://api.hostile.example%00.evil.test/",
        "https://api.hostile.example%2eevil.test/",
        "https://api。hostile。example。evil.test/",
        "ftp://api.hostile.example/",
        "file://api.hostile.example/etc/passwd",
        "javascript:https://api.hostile.example/",
        "",
    ];
    let target = evil.map(|url| url.replace("PORT", &port.to_string())).join("|");
    // The user's own vendor stands on another port of the same address.
    let settings =
        [("HOSTILE_MODE", "urls"), ("HOSTILE_BASE", &own.url()), ("HOSTILE_TARGET", &target)];
    let outcomes = check(&engine().0, &settings).await.unwrap();
    assert_eq!(outcomes.len(), evil.len());
    for (url, outcome) in evil.iter().zip(&outcomes) {
        assert!(outcome.starts_with("refused to call"), "{url:?}: {outcome}");
    }
    assert!(listener.accept().is_err(), "the guest got through");
    assert_eq!(own.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn headers_are_one_each_and_those_of_the_connection_are_the_host_s() {
    let vendor = Vendor::start(|_, stream| reply(stream, "200 OK", "{}"));
    let evil = [
        "x-a=b\r\nx-injected: c",
        "x-a=b\nx-injected: c",
        "x-a=b\rx-injected: c",
        "x-a=b\r\n\r\nGET /injected HTTP/1.1",
        "x-a\r\nx-injected=c",
        "x-a: b\r\nx-injected=c",
        "x-a=b\0c",
        "host=evil.test",
        "Host=evil.test",
        "content-length=0",
        "transfer-encoding=chunked",
        "connection=upgrade",
        "keep-alive=timeout=1000",
        "te=trailers",
        "trailer=x",
        "upgrade=websocket",
        "expect=100-continue",
        "proxy-authorization=Basic eA==",
        "proxy-connection=keep-alive",
        ":authority=evil.test",
        "=x",
    ];
    let fair = "x-a=b";
    let target = [evil.as_slice(), &[fair]].concat().join("|");
    let settings =
        [("HOSTILE_MODE", "headers"), ("HOSTILE_BASE", &vendor.url()), ("HOSTILE_TARGET", &target)];
    let mut outcomes = check(&engine().0, &settings).await.unwrap();
    assert_eq!(outcomes.pop().as_deref(), Some("answered with 200"));
    assert_eq!(outcomes.len(), evil.len());
    for (header, outcome) in evil.iter().zip(&outcomes) {
        assert!(outcome.starts_with("refused to send the header `"), "{header:?}: {outcome}");
    }
    let [request] = vendor.requests().try_into().unwrap();
    assert!(request.contains("\r\nx-a: b\r\n") && !request.contains("injected"), "{request}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_leads_nowhere() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let inside = format!("http://{}/", listener.local_addr().unwrap());
    let head = format!("302 Found\r\nlocation: {inside}");
    let vendor = Vendor::start(move |_, stream| reply(stream, &head, ""));
    let settings = [("HOSTILE_MODE", "redirect"), ("HOSTILE_BASE", &vendor.url())];
    let said = check(&engine().0, &settings).await.unwrap_err();
    let origin = inside.trim_end_matches('/');
    assert!(said.contains(&format!("status 302: refused to call `{origin}`")), "{said}");
    assert!(listener.accept().is_err(), "the guest got through: {said}");
}

#[tokio::test]
async fn an_answer_without_end_is_cut() {
    let written = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&written);
    let vendor = Vendor::start(move |_, stream| {
        write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")?;
        let piece = vec![b'x'; 1 << 20];
        for _ in 0..1024 {
            stream.write_all(&piece)?;
            counted.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    });
    let settings = [
        ("HOSTILE_MODE", "get"),
        ("HOSTILE_BASE", &vendor.url()),
        ("HOSTILE_TARGET", &vendor.url()),
    ];
    let said = check(&engine().0, &settings).await.unwrap_err();
    assert!(said.contains("is over 4194304 octets"), "{said}");
    // The rest was never taken: no more than what the system's buffers hold.
    assert!(written.load(Ordering::SeqCst) < 64, "{} MiB", written.load(Ordering::SeqCst));
}

#[tokio::test]
async fn other_credentials_have_a_cache_of_their_own() {
    let (engine, _folder) = engine();
    let ask = async |token: &str| {
        check(&engine, &[("HOSTILE_MODE", "note"), ("HOSTILE_TOKEN", token)]).await.unwrap()
    };
    assert_eq!(ask("one-token").await, Vec::<String>::new());
    assert_eq!(ask("another-token").await, Vec::<String>::new());
    assert_eq!(ask("one-token").await, ["was here"]);
}
