//! A provider that does its worst ends its own call, nothing else.

use std::{
    net::{TcpListener, UdpSocket},
    path::{Path, PathBuf},
    sync::Arc,
};

use wildcert::{
    CaAccount, CertificateRequest, Engine, Options, Outcome, ProviderInstance, Status, Stop,
    StopHandle, dns::DnsOptions,
};
use wildcert_tests::{Algorithm, FOREIGN, Form, Rig, Vendor, built, provider, reply};

/// What a hostile guest does, the cause that the error must name, and the beginning of its hint.
const GUESTS: [(&str, &str, &str); 17] = [
    ("loop", "used up its CPU budget of 2050 ms", AT_FAULT),
    ("log", "used up its CPU budget of 2050 ms", AT_FAULT),
    ("cache", "used up its CPU budget of 2050 ms", AT_FAULT),
    ("memory", "asked for more than 64 MiB of memory", AT_FAULT),
    ("memory-at-once", "asked for more than 64 MiB of memory", AT_FAULT),
    ("recursion", "crashed: out of bounds memory access", AT_FAULT),
    ("random", "it asked for 1073741824 random octets, 4096 are the most", AT_FAULT),
    ("panic", "crashed: wasm `unreachable` instruction executed", AT_FAULT),
    ("too-few", "gave a broken answer: 0 results for 1 records", AT_FAULT),
    ("too-many", "gave a broken answer: 2 results for 1 records", AT_FAULT),
    ("huge-handle", "gave a broken answer: a handle of more than 16384 octets", AT_FAULT),
    ("secret-handle", "gave a broken answer: a handle that holds a secret", AT_FAULT),
    ("huge-answer", "gave an answer of more than 16 MiB", AT_FAULT),
    ("partial", "crashed: wasm `unreachable` instruction executed", AT_FAULT),
    ("requests", "this call has sent its 80 requests", ""),
    ("get", "`localhost` leads to the private address ", "`wildcert providers show hostile`"),
    ("system", "worked: []", ""),
];

const AT_FAULT: &str =
    "the module is at fault, not your settings: try another release of `hostile`";

fn hostile() -> PathBuf {
    built("guests/hostile.wasm")
}

/// An engine with the rig's CA and DNS.
fn engine(rig: &Rig) -> (Engine, Stop, StopHandle) {
    // Another test may have done so.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let nameserver = format!("example.test={}", rig.bind.server().address());
    let options = Options {
        path: rig.path(),
        ca_bundles: vec![rig.pebble.ca_bundle()],
        dns: DnsOptions { nameservers: vec![nameserver.parse().unwrap()], ..DnsOptions::default() },
        ..Options::default()
    };
    let (handle, stop) = Stop::new();
    (Engine::open(options, Arc::new(|_| ())).unwrap(), stop, handle)
}

/// An account at the rig's CA.
fn account(rig: &Rig) -> CaAccount {
    CaAccount {
        contacts: vec!["a@example.test".to_owned()],
        terms_agreed: true,
        ..CaAccount::new(rig.pebble.directory())
    }
}

fn request(
    rig: &Rig,
    provider: &Path,
    domains: &[&str],
    settings: &[(&str, &str)],
) -> CertificateRequest {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let provider = ProviderInstance {
        overrides: settings.iter().map(own).collect(),
        ..ProviderInstance::new(provider.display().to_string())
    };
    let names = domains.iter().map(|domain| domain.parse().unwrap()).collect();
    CertificateRequest::new(names, account(rig), provider)
}

/// Asks for a certificate in every way in which a provider may misbehave, and for one with a good
/// provider, all at the same time in one engine.
#[test]
fn every_hostile_guest_is_cut_while_a_good_one_issues() {
    let rig = Rig::start();
    tokio::runtime::Runtime::new().unwrap().block_on(side_by_side(&rig));
}

async fn side_by_side(rig: &Rig) {
    let (engine, stop, _handle) = engine(rig);
    let vendor = Vendor::start(|_, stream| reply(stream, "200 OK", "{}"));
    // The account first, so that not each of them makes one.
    engine.register(&account(rig)).await.unwrap();

    let bad = GUESTS.map(|(mode, ..)| {
        let settings = [
            ("HOSTILE_MODE", mode),
            ("HOSTILE_BASE", &vendor.url()),
            ("HOSTILE_TARGET", "https://localhost/"),
            ("HOSTILE_TOKEN", "correct-horse"),
        ];
        request(rig, &hostile(), &[&format!("{mode}.example.test")], &settings)
    });
    let server = rig.bind.server().address().to_string();
    let good = request(
        rig,
        &provider("rfc2136", Form::Wasm),
        &["example.test", "*.example.test"],
        &[
            ("RFC2136_NAMESERVER", &server),
            ("RFC2136_TSIG_ALGORITHM", Algorithm::HmacSha256.name()),
            ("RFC2136_TSIG_KEY", Algorithm::HmacSha256.key()),
            ("RFC2136_TSIG_SECRET", rig.bind.secret(Algorithm::HmacSha256)),
        ],
    );
    let engine = Arc::new(engine);
    let running = bad.map(|request| {
        let (engine, stop) = (Arc::clone(&engine), stop.clone());
        tokio::spawn(async move { engine.run(&request, &stop).await })
    });
    let good = engine.run(&good, &stop).await;
    assert!(matches!(good.status, Status::Issued), "{good:?}");
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN]);

    let module = hostile().canonicalize().unwrap();
    for (running, (mode, cause, way_out)) in running.into_iter().zip(GUESTS) {
        let Outcome { status, error, .. } = running.await.unwrap();
        assert!(matches!(status, Status::Failed), "{mode}");
        let error = error.unwrap();
        let (said, hint) = (error.to_string(), error.hint().unwrap_or_default());
        assert!(said.contains("provider `hostile`") && said.contains(cause), "{mode}: {said}");
        assert!(hint.starts_with(way_out), "{mode}: {hint}");
        if way_out == AT_FAULT {
            assert!(said.contains(&format!("module `{}`", module.display())), "{mode}: {said}");
        }
    }
    // What the guest added before it crashed has been removed by a call of its own.
    let seen = vendor.requests();
    let values = |path: &str| -> Vec<String> {
        let of_path = seen.iter().filter(|request| request.starts_with(&format!("POST {path} ")));
        of_path.filter_map(|request| request.split("\r\n\r\n").nth(1).map(str::to_owned)).collect()
    };
    assert_eq!((values("/add").len(), values("/add")), (1, values("/remove")), "{seen:?}");
    // The host sent what it promised to send and not one request more.
    let asked = seen.iter().filter(|request| request.starts_with("GET / ")).count();
    assert_eq!(asked, 80);
}

#[test]
fn ten_million_lines_become_two_hundred() {
    let rig = Rig::start();
    let outcome = rig
        .wildcert("providers")
        .args([Path::new("check"), &hostile()])
        .args(["-vv"])
        .env("HOSTILE_MODE", "lines")
        .run();
    let lines = outcome.stderr.lines().filter(|line| line.contains(": line ")).count();
    assert_eq!(lines, 200, "{outcome}");
    assert!(
        outcome.stderr.contains("the provider logs too much: the rest is dropped"),
        "{outcome}"
    );
    assert!(outcome.stderr.len() < 100_000, "{outcome}");
}

#[test]
fn http_and_dns_to_undeclared_addresses_are_refused() {
    let rig = Rig::start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let target = listener.local_addr().unwrap().to_string();
    let socket = UdpSocket::bind(&target).unwrap();
    socket.set_nonblocking(true).unwrap();
    for (mode, target) in [("get", &format!("http://{target}")), ("dns", &target)] {
        let outcome = rig
            .run()
            .args([Path::new("--dns"), &hostile()])
            .env("HOSTILE_MODE", mode)
            .env("HOSTILE_TARGET", target)
            .domains(["example.test"])
            .run();
        assert_eq!(outcome.status(), (Some(4), "failed".to_owned()), "{outcome}");
        assert!(outcome.error("message").contains(target), "{outcome}");
        assert!(outcome.error("hint").contains("wildcert providers show hostile"), "{outcome}");
    }
    assert!(listener.accept().is_err(), "the guest got through");
    assert!(socket.recv(&mut [0; 12]).is_err(), "the guest got through");
}

/// Files and sockets are WASI's: who asks for them is refused before any of its code runs.
#[test]
fn wasi_and_unknown_imports_are_refused_before_anything_runs() {
    let rig = Rig::start();
    let manifest = include_str!("../guests/hostile/provider.toml");
    let component = |import: &str| {
        format!(
            "(component (@custom \".wildcert\" {manifest:?})
                (import \"{import}\" (instance)) (instance $i)
                (export \"wildcert:provider/provider@0.1.0\" (instance $i)))"
        )
    };
    let wasi = "providers get no WASI";
    let cases = [
        ("file", component("wasi:filesystem/preopens@0.2.6"), "`wasi:filesystem/preopens", wasi),
        ("socket", component("wasi:sockets/tcp@0.2.6"), "`wasi:sockets/tcp@0.2.6`", wasi),
        ("other", component("evil:host/shell@1.0.0"), "`evil:host/shell@1.0.0`", "nothing else"),
        ("later", component("wildcert:provider/files@0.2.0"), "files@0.2.0`", "nothing else"),
        (
            "core",
            "(module (import \"wasi_snapshot_preview1\" \"sock_open\" (func)))".to_owned(),
            "is a WebAssembly core module, not a component",
            "wildcert providers build",
        ),
    ];
    for (name, text, cause, way_out) in cases {
        let module = rig.home().join(format!("{name}.wasm"));
        std::fs::write(&module, wat::parse_str(&text).unwrap()).unwrap();
        let outcome = rig
            .run()
            .args([Path::new("--dns"), &module])
            .env("HOSTILE_MODE", "idle")
            .domains(["example.test"])
            .run();
        let (message, hint) = (outcome.error("message"), outcome.error("hint"));
        assert!(message.contains(module.to_str().unwrap()), "{outcome}");
        assert!(message.contains(cause) && hint.contains(way_out), "{outcome}");
    }
}
