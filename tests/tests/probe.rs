//! What servers serve, beside the store: `wildcert probe` before `openssl s_server`, and before what is
//! no TLS server at all.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _, copy},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde_json::Value;
use wildcert_sandbox::Policy;
use wildcert_tests::{Outcome, SandboxRig, TlsServer};

const NAME: &str = "example.test";

/// A state folder with a wildcard certificate.
fn rig() -> SandboxRig {
    let rig = SandboxRig::start(Policy::default());
    let issued = rig.run().domains([NAME, "*.example.test"]).run();
    assert_eq!(issued.code, Some(0), "{issued}");
    rig
}

fn probe(rig: &SandboxRig, words: &[&str]) -> Outcome {
    rig.wildcert(&["probe", "--json"]).args(words).run()
}

/// Serves the stored certificate: `chain` says what follows it.
fn serve(rig: &SandboxRig, chain: Option<&Path>, options: &[&str]) -> TlsServer {
    let stored = rig.stored(NAME);
    let chain = chain.map(|path| path.to_str().unwrap());
    let chain = chain.map(|chain| ["-cert_chain", chain]);
    let options = [options, chain.as_ref().map_or(&[][..], |chain| &chain[..])].concat();
    TlsServer::start(&stored.file("cert.pem"), &stored.file("privkey.pem"), &options)
}

fn www(address: SocketAddr) -> String {
    format!("www.example.test@{address}")
}

/// What is said of the only server.
fn only(outcome: &Outcome) -> Value {
    let mut json = outcome.json();
    let all = json["endpoints"].as_array_mut().unwrap();
    assert_eq!(all.len(), 1, "{outcome}");
    all.remove(0)
}

/// The kinds of findings; the kind of error where nothing was seen.
fn kinds(server: &Value) -> Vec<String> {
    let text = |value: &Value| value["kind"].as_str().unwrap().to_owned();
    match server["findings"].as_array() {
        Some(findings) => findings.iter().map(text).collect(),
        None => vec![text(&server["error"])],
    }
}

#[test]
fn the_stored_certificate_with_its_chain_is_as_it_should_be() {
    let rig = rig();
    let chain = rig.stored(NAME).file("chain.pem");
    for (options, version) in [
        (&["-tls1_3"][..], "TLS 1.3"),
        (&["-tls1_2"], "TLS 1.2"),
        // It ends the handshake when no certificate of the client comes.
        (&["-tls1_2", "-Verify", "1", "-verify_return_error"], "TLS 1.2"),
    ] {
        let server = serve(&rig, Some(&chain), options);
        let outcome = probe(&rig, &[&www(server.address())]);
        let seen = only(&outcome);
        assert_eq!((outcome.code, kinds(&seen)), (Some(0), Vec::new()), "{options:?}: {outcome}");
        assert_eq!(seen["ok"], true);
        assert_eq!(seen["certificate"], NAME);
        assert_eq!(seen["version"], version, "{outcome}");
        assert_eq!(seen["address"], server.address().to_string());
        assert_eq!(seen["served"]["serial"], rig.stored(NAME).serial().as_str());
        assert!(seen["served"]["days_left"].as_i64().unwrap() > 80, "{outcome}");
        assert_eq!(seen["served"]["chain_length"], 2);
    }
}

#[test]
fn an_older_certificate_is_told_with_both_serial_numbers() {
    let rig = rig();
    let folder = rig.path().join("certificates/.archive").join(NAME);
    let old = rig.stored(NAME).serial();
    let first: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [first] = first.as_slice() else { panic!("{first:?}") };
    let chain = first.join("chain.pem");
    let server = TlsServer::start(
        &first.join("cert.pem"),
        &first.join("privkey.pem"),
        &["-cert_chain", chain.to_str().unwrap()],
    );
    let endpoint = www(server.address());
    assert_eq!(probe(&rig, &[&endpoint]).code, Some(0), "it is the newest");

    let renewed = rig.run().domains([NAME, "*.example.test"]).args(["--force"]).run();
    assert_eq!(renewed.code, Some(0), "{renewed}");
    let outcome = probe(&rig, &[&endpoint]);
    let seen = only(&outcome);
    assert_eq!((outcome.code, kinds(&seen)), (Some(1), vec!["older".to_owned()]), "{outcome}");
    let finding = &seen["findings"][0];
    assert_eq!(finding["serial"], old.as_str());
    assert_eq!(finding["newest"], rig.stored(NAME).serial().as_str());

    let removed = rig.wildcert(&["remove", NAME]).run();
    assert_eq!(removed.code, Some(0), "{removed}");
    let outcome = probe(&rig, &[&endpoint]);
    let seen = only(&outcome);
    assert_eq!(kinds(&seen), ["older"], "{outcome}");
    assert_eq!(seen["findings"][0]["newest"], Value::Null, "taken out of use: {outcome}");
}

#[test]
fn a_wrong_chain_is_told() {
    let rig = rig();
    let stored = rig.stored(NAME);
    let alone = serve(&rig, None, &[]);
    let outcome = probe(&rig, &[&www(alone.address())]);
    let seen = only(&outcome);
    assert_eq!((outcome.code, kinds(&seen)), (Some(1), vec!["missing".to_owned()]), "{outcome}");
    let lacking = seen["findings"][0]["subjects"][0].as_str().unwrap();
    assert!(lacking.contains("sandbox intermediate"), "{lacking}");

    let long = rig.home().join("long.pem");
    fs::write(&long, stored.read("chain.pem") + rig.sandbox.issuer_root_pem()).unwrap();
    let server = serve(&rig, Some(&long), &[]);
    let outcome = probe(&rig, &[&www(server.address())]);
    assert_eq!(kinds(&only(&outcome)), ["extra"], "{outcome}");
    let text = rig.wildcert(&["probe", &www(server.address())]).run();
    assert!(text.stdout.contains("chain too long"), "{text}");
    assert!(text.stderr.contains("hint: give the server fullchain.pem as it is stored"), "{text}");
}

#[test]
fn certificates_of_others_expired_ones_and_wrong_names_are_told() {
    let rig = rig();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["www.example.test".to_owned()]).unwrap();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2020, 3, 1);
    let (cert, private) = (rig.home().join("other.pem"), rig.home().join("other.key"));
    fs::write(&cert, params.self_signed(&key).unwrap().pem()).unwrap();
    fs::write(&private, key.serialize_pem()).unwrap();
    let server = TlsServer::start(&cert, &private, &[]);
    let outcome = probe(&rig, &[&www(server.address())]);
    let seen = only(&outcome);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(kinds(&seen), ["other", "expired"], "{outcome}");
    assert_eq!(seen["findings"][0]["wanted"], rig.stored(NAME).serial().as_str());
    assert_eq!(seen["findings"][0]["certificate"]["domains"][0], "www.example.test");

    // A name that no stored certificate is for.
    let outcome = probe(&rig, &["--name", "www.other.test", &server.address().to_string()]);
    let seen = only(&outcome);
    assert_eq!(kinds(&seen), ["other", "expired", "name"], "{outcome}");
    assert_eq!(seen["findings"][0]["wanted"], Value::Null);
    assert_eq!(seen["certificate"], Value::Null);

    // The stored certificate, asked for under a name that it does not have.
    let chain = rig.stored(NAME).file("chain.pem");
    let own = serve(&rig, Some(&chain), &[]);
    let outcome = probe(&rig, &["--name", "a.b.example.test", &own.address().to_string()]);
    assert_eq!((outcome.code, kinds(&only(&outcome))), (Some(1), vec!["name".to_owned()]));
    // An address has no name to be for.
    let outcome = probe(&rig, &[&own.address().to_string()]);
    assert_eq!(outcome.code, Some(0), "{outcome}");
}

#[test]
fn who_does_not_answer_with_tls_is_told_in_time() {
    let rig = rig();
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = gone.local_addr().unwrap().to_string();
    drop(gone);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silence = silent.local_addr().unwrap().to_string();
    let mail = talk(None, &[("220 mx.example.test ESMTP", "")]).to_string();
    let closes = talk(None, &[]).to_string();
    let chain = rig.stored(NAME).file("chain.pem");
    let server = serve(&rig, Some(&chain), &["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]);
    let old = www(server.address());
    let begun = Instant::now();
    let outcome = probe(&rig, &["--timeout", "2", &nobody, &silence, &mail, &closes, &old]);
    assert!(begun.elapsed() < Duration::from_secs(6), "all at the same time");
    assert_eq!(outcome.code, Some(1), "{outcome}");
    let json = outcome.json();
    let all = json["endpoints"].as_array().unwrap();
    let told: Vec<String> = all.iter().flat_map(kinds).collect();
    assert_eq!(told, ["nobody", "silent", "no-tls", "broken", "refused"], "{outcome}");
    let text = |at: usize, member: &str| all[at]["error"][member].as_str().unwrap().to_owned();
    assert!(text(2, "message").contains("220 mx.example.test ESMTP"), "{outcome}");
    assert!(text(2, "hint").contains("smtp://"), "{outcome}");
    assert!(text(4, "message").contains("neither TLS 1.2 nor TLS 1.3"), "{outcome}");
}

#[test]
fn tls_that_begins_later_is_asked_for() {
    let rig = rig();
    let chain = rig.stored(NAME).file("chain.pem");
    let server = serve(&rig, Some(&chain), &[]);
    let tls = Some(server.address());
    let smtp = talk(
        tls,
        &[
            ("220-mx.example.test ESMTP\r\n220 ready", "EHLO [127.0.0.1]"),
            ("250-mx.example.test\r\n250-SIZE 1000\r\n250 StartTLS", "STARTTLS"),
            ("220 go on", ""),
        ],
    );
    let imap =
        talk(tls, &[("* OK ready", "a1 STARTTLS"), ("* CAPABILITY IMAP4rev2\r\na1 OK begin", "")]);
    let pop3 = talk(tls, &[("+OK ready", "STLS"), ("+OK begin", "")]);
    let ftp = talk(tls, &[("220 ready", "AUTH TLS"), ("234 begin", "")]);
    let endpoint =
        |protocol: &str, address: SocketAddr| format!("{protocol}://mx.example.test@{address}");
    let all = [
        endpoint("smtp", smtp),
        endpoint("imap", imap),
        endpoint("pop3", pop3),
        endpoint("ftp", ftp),
    ];
    let outcome = probe(&rig, &all.each_ref().map(String::as_str));
    assert_eq!(outcome.code, Some(0), "{outcome}");

    let plain =
        talk(None, &[("220 mx ESMTP", "EHLO [127.0.0.1]"), ("250-mx\r\n250 SIZE 1000", "")]);
    let no = talk(None, &[("* OK ready", "a1 STARTTLS"), ("a1 NO not today", "")]);
    // Whoever answers more than was asked may be somebody in between.
    let more = talk(
        tls,
        &[
            ("220 mx ESMTP", "EHLO [127.0.0.1]"),
            ("250 STARTTLS", "STARTTLS"),
            ("220 go on\r\n250 and more", ""),
        ],
    );
    let wrong = [endpoint("smtp", plain), endpoint("imap", no), endpoint("smtp", more)];
    let outcome = probe(&rig, &wrong.each_ref().map(String::as_str));
    let json = outcome.json();
    let text = |at: usize| json["endpoints"][at]["error"]["message"].as_str().unwrap().to_owned();
    assert!(text(0).ends_with("it does not offer STARTTLS"), "{outcome}");
    assert!(text(1).ends_with("a1 NO not today"), "{outcome}");
    assert!(text(2).contains("more than that before the handshake"), "{outcome}");
}

#[test]
fn without_words_the_servers_of_the_deploy_targets_are_probed() {
    let rig = rig();
    let chain = rig.stored(NAME).file("chain.pem");
    let server = serve(&rig, Some(&chain), &[]);
    let config = rig.home().join("wildcert.toml");
    let target = format!(
        "[certificates.\"example.test\"]\ndomains = [\"*.example.test\"]\n\
         [[certificates.\"example.test\".deploy]]\nrun = \"true\"\nprobe = \"{}\"\n",
        server.address()
    );
    fs::write(&config, target).unwrap();
    let words = ["--config", config.to_str().unwrap()];
    let outcome = probe(&rig, &words);
    let seen = only(&outcome);
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert_eq!(seen["server_name"], "www.example.test", "one that the certificate is for");

    fs::write(&config, "").unwrap();
    let outcome = probe(&rig, &words);
    assert_eq!(outcome.code, Some(2), "{outcome}");
    let wrong = rig.wildcert(&["probe", "http://a.test", "a.test:x", "--name", "*.test"]).run();
    assert_eq!(wrong.code, Some(2), "{wrong}");
    for part in ["`http` is none of", "`x` is not a port", "`*.test` is no server name"] {
        assert!(wrong.stderr.contains(part), "{part}: {wrong}");
    }
    let japanese = rig.wildcert(&["probe", "--lang", "ja", "127.0.0.1:1"]).run();
    assert!(japanese.stdout.contains("接続不可"), "{japanese}");
    assert!(japanese.stderr.contains("127.0.0.1:1: 接続できません"), "{japanese}");
}

/// A server for one connection that says each first text, and waits for the line that is the second;
/// then it leads to `tls`, or waits for the other side to end.
fn talk(tls: Option<SocketAddr>, words: &'static [(&'static str, &'static str)]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap());
        for (say, wait_for) in words {
            stream.write_all(format!("{say}\r\n").as_bytes()).unwrap();
            if !wait_for.is_empty() {
                let mut line = String::new();
                lines.read_line(&mut line).unwrap();
                assert_eq!(line.trim_end(), *wait_for);
            }
        }
        let Some(tls) = tls else {
            if !words.is_empty() {
                let _ = copy(&mut lines, &mut std::io::sink());
            }
            return;
        };
        let mut server = TcpStream::connect(tls).unwrap();
        let (mut back, mut client) = (server.try_clone().unwrap(), stream.try_clone().unwrap());
        thread::spawn(move || copy(&mut back, &mut client));
        let _ = copy(&mut lines, &mut server);
    });
    address
}
