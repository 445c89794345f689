use std::cell::RefCell;

use wildcert_plugin_sdk::{
    manifest::Manifest,
    testing::{FakeHost, record, removal, the_error},
};

use super::*;

const OWNER: &str = "_acme-challenge.example.com.";
const UNSIGNED: [(&str, &str); 1] = [(SERVER, "192.0.2.1:5353")];
const SIGNED: [(&str, &str); 3] = [
    (SERVER, "192.0.2.1"),
    ("RFC2136_TSIG_KEY", "key.example"),
    ("RFC2136_TSIG_SECRET", "MDEyMzQ1Njc4OWFiY2RlZg=="),
];

/// The request's header and zone section as an answer; the count of changes goes back to 0.
fn answer(request: &[u8], rcode: u16) -> Vec<u8> {
    let zone_end = 12 + request[12..].iter().position(|octet| *octet == 0).unwrap() + 5;
    let mut answer = request[..zone_end].to_vec();
    answer[2] |= 0x80;
    answer[3] = u8::try_from(rcode).unwrap();
    answer[8..12].fill(0);
    answer
}

/// Runs `operation` against a server that answers with `rcode`, and gives the messages it got.
fn run<T>(
    settings: &[(&str, &str)],
    rcode: u16,
    operation: impl FnOnce(&Rfc2136, &Context<'_>) -> T,
) -> (T, Vec<Vec<u8>>) {
    let seen = RefCell::new(Vec::new());
    let host = FakeHost::with_dns(|server, request| {
        assert_eq!(server, settings[0].1);
        seen.borrow_mut().push(request.to_vec());
        Ok(answer(request, rcode))
    });
    let result = host.call(settings, |cx| operation(&Rfc2136::new(cx).unwrap(), cx));
    drop(host);
    (result, seen.into_inner())
}

fn count(message: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([message[at], message[at + 1]])
}

fn contains(message: &[u8], part: &[u8]) -> bool {
    message.windows(part.len()).any(|window| window == part)
}

#[test]
fn all_values_of_a_zone_go_in_one_update() {
    let records = [
        record(OWNER, "one"),
        record("_acme-challenge.example.org.", "other"),
        record(OWNER, "two"),
        record("_acme-challenge.www.example.com.", "three"),
    ];
    let (results, messages) = run(&UNSIGNED, 0, |provider, cx| provider.present(cx, &records));
    assert_eq!(results, vec![Ok(None); 4]);
    let [com, org] = messages.as_slice() else { panic!("{} messages", messages.len()) };
    assert_eq!([count(com, 4), count(com, 6), count(com, 8), count(com, 10)], [1, 0, 3, 0]);
    assert_eq!(count(org, 8), 1);
    assert_eq!(com[2] >> 3 & 0xf, 5, "opcode UPDATE");
    for value in [&b"\x03one"[..], b"\x03two", b"\x05three"] {
        // TXT, IN, 120 s.
        let data = [&[0, 16, 0, 1, 0, 0, 0, 120, 0][..], &[value.len() as u8], value].concat();
        assert!(contains(com, &data));
    }
    assert!(contains(org, b"\x05other") && !contains(com, b"\x05other"));
}

#[test]
fn removal_names_the_exact_value() {
    let removals = [removal(OWNER, "one", Some("handle")), removal(OWNER, "two", None)];
    let (results, messages) = run(&UNSIGNED, 0, |provider, cx| provider.remove(cx, &removals));
    assert_eq!(results, [Ok(()), Ok(())]);
    assert_eq!(messages.len(), 1);
    // TXT, NONE, 0 s.
    assert!(contains(&messages[0], b"\0\x10\0\xfe\0\0\0\0\0\x04\x03one"));
    assert!(contains(&messages[0], b"\0\x10\0\xfe\0\0\0\0\0\x04\x03two"));
}

#[test]
fn many_values_are_split_before_a_message_is_full() {
    let long = [["x".repeat(60).as_str(); 3].join("."), "example.com.".into()].join(".");
    let records: Vec<_> = (0..250).map(|_| record(&long, &"v".repeat(255))).collect();
    let (results, messages) = run(&UNSIGNED, 0, |provider, cx| provider.present(cx, &records));
    assert!(results.len() == 250 && results.iter().all(Result::is_ok));
    assert_eq!(messages.iter().map(|m| count(m, 8)).collect::<Vec<_>>(), [120, 120, 10]);
    assert!(messages.iter().all(|message| message.len() < 65_000));
}

#[test]
fn refusals_have_kinds_and_say_what_they_mean() {
    for (rcode, kind, words) in [
        (5, ErrorKind::Auth, "RFC2136_TSIG_KEY"),
        (9, ErrorKind::ZoneNotFound, "NOTAUTH for zone `example.com.`"),
        (10, ErrorKind::ZoneNotFound, "NOTZONE"),
        (2, ErrorKind::Transient, "SERVFAIL"),
        (4, ErrorKind::Unsupported, "does not take updates"),
        (1, ErrorKind::Permanent, "FORMERR"),
    ] {
        let records = [record(OWNER, "one")];
        let (results, _) = run(&UNSIGNED, rcode, |provider, cx| provider.present(cx, &records));
        let error = the_error(results);
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.message.contains(words), "{error}");
        assert!(error.message.contains("192.0.2.1:5353"), "{error}");
    }
}

#[test]
fn signed_requests_need_signed_answers() {
    let records = [record(OWNER, "one")];
    for (rcode, kind, words) in [
        (0, ErrorKind::Auth, "not signed"),
        (5, ErrorKind::Auth, "answered REFUSED: TSIG key `key.example`"),
        (9, ErrorKind::Auth, "RFC2136_TSIG_KEY"),
        (2, ErrorKind::Transient, "SERVFAIL"),
    ] {
        let (results, messages) =
            run(&SIGNED, rcode, |provider, cx| provider.present(cx, &records));
        assert_eq!(count(&messages[0], 10), 1, "the request is signed");
        let error = the_error(results);
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.message.contains(words), "{error}");
    }
}

#[test]
fn an_unknown_key_is_told_from_an_unknown_zone() {
    let host = FakeHost::with_dns(|_, request| {
        let mut answer = answer(request, 9);
        answer[11] = 1;
        answer.extend(b"\x03key\x07example\0\0\xfa\0\xff\0\0\0\0\0\x1d\x0bhmac-sha256\0");
        // No time, no MAC, BADKEY, no other data.
        answer.extend(b"\0\0\0\0\0\0\x01\x2c\0\0\x07\x07\0\x11\0\0");
        Ok(answer)
    });
    host.call(&SIGNED, |cx| {
        let provider = Rfc2136::new(cx).unwrap();
        let error = the_error(provider.present(cx, &[record(OWNER, "one")]));
        assert_eq!(error.kind, ErrorKind::Auth);
        assert!(error.message.contains("BADKEY"), "{error}");
        assert!(error.message.ends_with("look at `RFC2136_TSIG_KEY`"), "{error}");
        assert_eq!(provider.check(cx).unwrap_err().kind, ErrorKind::Auth);
    });
}

#[test]
fn a_check_asks_and_changes_nothing() {
    let (result, messages) = run(&UNSIGNED, 5, |provider, cx| provider.check(cx));
    assert_eq!(result, Ok(Vec::new()));
    assert_eq!(messages[0][2] >> 3 & 0xf, 0, "opcode QUERY");
    let (result, _) = run(&SIGNED, 5, |provider, cx| provider.check(cx));
    assert_eq!(result.unwrap_err().kind, ErrorKind::Auth);
}

#[test]
fn the_manifest_is_valid() {
    let (manifest, unknown) = Manifest::parse(MANIFEST).unwrap();
    assert!(unknown.is_empty(), "{unknown:?}");
    for name in [SERVER, KEY.key, KEY.secret, KEY.algorithm, KEY.statement] {
        assert!(manifest.config.iter().any(|setting| setting.name == name), "{name}");
    }
}
