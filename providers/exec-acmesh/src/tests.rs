//! Our own scripts, which keep to what acme.sh documents for theirs.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "a server on loopback")]

use std::{
    env,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    os::unix::fs::{PermissionsExt as _, symlink},
    thread,
};

use wildcert_plugin_sdk::{
    ErrorKind,
    manifest::Manifest,
    testing::{FakeHost, record, removal, the_error},
};

use super::*;

const OWNER: &str = "_acme-challenge.example.com.";
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/dns_example.sh");
const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/dns_vectors.sh");
const ENV: &str = "EXEC_ACMESH_ENV";
const KEY: &str = "s3cret-key";

fn run<T>(
    settings: &[(&str, &str)],
    operation: impl FnOnce(&AcmeSh, &Context<'_>) -> T,
) -> (T, Vec<String>) {
    let host = FakeHost::default();
    // What comes first counts.
    let settings = [settings, &[(SCRIPT, EXAMPLE)]].concat();
    let result = host.call(&settings, |cx| operation(&AcmeSh::new(cx).unwrap(), cx));
    (result, host.log_lines())
}

/// What the example says when it is to add `value`.
fn said(value: &str, settings: &[(&str, &str)]) -> Vec<String> {
    let (results, log) =
        run(settings, |provider, cx| provider.present(cx, &[record(OWNER, value)]));
    assert_eq!(results, [Ok(None)], "{log:?}");
    log.iter().skip(1).map(|line| line.trim_start_matches("info: ").to_owned()).collect()
}

#[test]
fn each_value_is_a_call_of_the_scripts_function() {
    let (_, log) = run(&[(ENV, "KEY='two words'")], |provider, cx| {
        let results = provider.present(cx, &[record(OWNER, "a"), record(OWNER, "-b")]);
        assert_eq!(results, [Ok(None), Ok(None)]);
        assert_eq!(provider.remove(cx, &[removal(OWNER, "a", None)]), [Ok(())]);
        assert_eq!(provider.check(cx), Ok(Vec::new()));
    });
    assert_eq!(
        log,
        [
            "info: add _acme-challenge.example.com a **** unset",
            "info: add _acme-challenge.example.com -b **** unset",
            "info: rm _acme-challenge.example.com a",
        ]
    );
}

#[test]
fn a_failure_keeps_the_last_complaint() {
    let (error, _) =
        run(&[], |provider, cx| the_error(provider.present(cx, &[record(OWNER, "fail")])));
    assert_eq!(error.kind, ErrorKind::Permanent);
    let words = format!("`dns_example_add` for `{OWNER}`: exit status: 3: no such zone");
    assert_eq!(error.message, words);
}

#[test]
fn documented_functions_do_what_is_documented() {
    let settings = [(SCRIPT, VECTORS)];
    let (results, log) =
        run(&settings, |provider, cx| provider.present(cx, &[record(OWNER, "value")]));
    assert_eq!(results, [Ok(None)], "{log:?}");
    let expected = [
        "hmac: 5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        "hmac-long: 80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f\
         2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
        "hmac-sha1: 4c9007f4026250c6bc8414f9bf50c86c2d7235da",
        "digest: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "digest-base64: kAFQmDzST7DWlj99KOF/cg==",
        "url: a%20b%2f%c3%a4~-_.%2a%25%26%3dZ9",
        "url-upper: a%20b%2F%C3%A4",
        "h2b: A%B",
        "base64: Zm8=",
        "base64url: --__",
        "dbase64: fo",
        "normalize: {\"a\":\"x : y\",\"b\":[ 1, {\"c\" :true}],\"d\": 5}",
        "encode: a\\\"b\\\\c\\nd\\te",
        "decode: a\"b\\n/d",
        "egrep: name=\"two\"",
        "head: 2",
        "case: abc",
        "field: b",
        "field-of: a",
        "math: 6",
        "math: no words",
        "idn: xn--bcher-kva.example",
        "contains: yes",
        "starts: yes",
        "ends: yes",
        "exists: yes",
        "date: 1",
        "time: yes",
        "sed: two",
    ];
    assert_eq!(log, expected.map(|line| format!("info: {line}")));
}

#[test]
fn what_is_saved_lasts_for_the_call_or_in_the_users_folder() {
    let values = |values: &[&str]| values.iter().map(|v| record(OWNER, v)).collect::<Vec<_>>();
    let token = "info: token it's a token, id 42";
    let (_, log) = run(&[], |provider, cx| {
        provider.present(cx, &values(&["save", "saved"]));
        provider.present(cx, &values(&["saved"]));
    });
    assert_eq!([log[2].as_str(), &log[4]], [token, "info: token , id"]);

    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved");
    let settings = [(SAVED, saved.to_str().unwrap())];
    let (_, log) = run(&settings, |provider, cx| {
        provider.present(cx, &values(&["save"]));
        provider.present(cx, &values(&["saved", "forget", "saved"]));
    });
    assert_eq!([log[2].as_str(), &log[5]], [token, "info: token , id"]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&saved), 0o700);
    said("save", &settings);
    assert_eq!(mode(&saved.join("account/TOKEN")), 0o600);

    let (_, log) = run(&settings, |provider, cx| {
        assert!(provider.present(cx, &values(&["outside"]))[0].is_err());
    });
    let refused = "info: `../outside` is no name for a saved value";
    assert!(log.iter().any(|line| line == refused), "{log:?}");
    fs::set_permissions(&saved, fs::Permissions::from_mode(0o750)).unwrap();
    let (error, _) = run(&settings, |provider, cx| provider.check(cx).unwrap_err());
    assert!(error.message.contains("mode 750"), "{error}");
}

#[test]
fn requests_go_through_curl_and_through_wget() {
    let url = echo();
    let granted = format!("KEY={KEY} URL={url}");
    let with_curl = said("request", &[(ENV, &granted)]);
    let without =
        only(&["cat", "cut", "grep", "mktemp", "openssl", "rm", "sed", "tail", "tr", "wget"]);
    let granted = format!("{granted} PATH={}", without.path().display());
    let with_wget = said("request", &[(ENV, &granted)]);
    let odd = "a\"b\\c";
    let expected = [
        format!("answer GET /zones?name=example.com&key=**** [Bearer ****][{odd}][]"),
        "status 200".to_owned(),
        format!(
            "answer PUT /records [Bearer ****][{odd}][application/json]{{\"text\": \"a\\nb ****\"}}"
        ),
        format!("answer DELETE /absent [Bearer ****][{odd}][application/x-www-form-urlencoded]"),
        "status 404, kept 0 kept".to_owned(),
    ];
    assert_eq!(with_curl, expected);
    assert_eq!(with_wget, expected);
}

#[test]
fn a_server_that_is_not_there_is_an_error() {
    let (error, _) = run(&[(ENV, "URL=http://127.0.0.1:1")], |provider, cx| {
        the_error(provider.present(cx, &[record(OWNER, "nobody")]))
    });
    assert!(error.message.contains("exit status: 7: curl: (7)"), "{error}");
}

#[test]
fn what_a_vendor_said_gives_curl_no_orders() {
    let folder = tempfile::tempdir().unwrap();
    said("order", &[(ENV, &format!("URL={} FOLDER={}", echo(), folder.path().display()))]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Every user of the machine can read command lines.
#[test]
fn no_program_gets_a_secret_as_an_argument() {
    let folder = tempfile::tempdir().unwrap();
    let spy = |program: &str| {
        let text = format!(
            "#!/bin/sh\necho \"{program} $*\" >>{0}/seen\ncat >>{0}/read\n",
            folder.path().display()
        );
        let path = folder.path().join(program);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    };
    ["curl", "openssl"].into_iter().for_each(spy);
    let path = format!("{}:{}", folder.path().display(), env::var("PATH").unwrap());
    let granted = format!("KEY={KEY} URL=https://vendor.example 'PATH={path}'");
    said("request", &[(ENV, &granted)]);
    said("hmac", &[(ENV, &granted)]);
    let seen = fs::read_to_string(folder.path().join("seen")).unwrap();
    assert!(seen.lines().count() > 4 && !seen.contains(KEY), "{seen}");
    let read = fs::read_to_string(folder.path().join("read")).unwrap();
    assert!(read.contains(&format!("\nheader = \"Authorization: Bearer {KEY}\"\n")), "{read}");
}

#[test]
fn debugging_shows_more_but_no_secret() {
    let granted = format!("KEY={KEY}");
    assert_eq!(said("debug", &[(ENV, &granted)]), ["captured"]);
    let lines = said("debug", &[(ENV, &format!("{granted} DEBUG=2"))]);
    assert_eq!(lines, ["one", "two", "secret ****", "captured"]);
}

#[test]
fn what_is_no_script_is_a_fault_of_the_settings() {
    for (script, words) in [
        ("/nonexistent/dns_example.sh", "there is no file `/nonexistent/dns_example.sh`"),
        ("/etc/hook.sh", "the name of `/etc/hook.sh` is not of the form dns_NAME.sh"),
    ] {
        FakeHost::default().call(&[(SCRIPT, script)], |cx| {
            let error = AcmeSh::new(cx).and_then(|provider| provider.check(cx)).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Config);
            assert_eq!(error.message, format!("`{SCRIPT}`: {words}"));
        });
    }
    // The vectors have no function that removes.
    let (error, _) = run(&[(SCRIPT, VECTORS)], |provider, cx| provider.check(cx).unwrap_err());
    assert!(
        error.message.ends_with("dns_vectors.sh defines no function dns_vectors_rm"),
        "{error}"
    );
}

#[test]
fn the_manifest_is_valid_and_says_native_only() {
    let (manifest, unknown) = Manifest::parse(MANIFEST).unwrap();
    assert_eq!((manifest.id.as_str(), unknown.len()), ("exec-acmesh", 0));
    assert!(manifest.native_only);
}

/// A folder for `PATH` that holds these programs only.
fn only(programs: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = env::var_os("PATH").unwrap();
    for program in programs {
        let found =
            env::split_paths(&path).map(|folder| folder.join(program)).find(|p| p.is_file());
        let found = found.unwrap_or_else(|| panic!("`{program}` is not installed"));
        symlink(found, folder.path().join(program)).unwrap();
    }
    folder
}

/// The URL of a server that answers with what it was asked: 404 at `/absent`.
fn echo() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || listener.incoming().flatten().for_each(answer));
    format!("http://{address}")
}

fn answer(stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut lines = reader.by_ref().lines().map_while(|line| line.ok().filter(|l| !l.is_empty()));
    let Some(first) = lines.next() else { return };
    let headers: Vec<String> = lines.collect();
    let header = |name: &str| {
        let found = headers.iter().filter_map(|line| line.split_once(": "));
        let mut found = found.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.to_owned()).unwrap_or_default()
    };
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap().replace('\n', "\\n");
    let values =
        ["authorization", "x-odd", "content-type"].map(|name| format!("[{}]", header(name)));
    let asked = first.trim_end_matches(" HTTP/1.1");
    let status = if asked.contains("/absent") { "404 Not Found" } else { "200 OK" };
    let text = format!("{asked} {}{body}", values.concat());
    let length = text.len();
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    let mut stream = stream;
    stream.write_all((head + &text).as_bytes()).unwrap();
}
