//! Every error has its Japanese: the variants are read from where they are defined.

use std::{io, process::ExitStatus, time::Duration};

use serde_json::json;
use wildcert::{
    Error, Faults, Finding, ProbeError, Signal,
    acme::{Error as Acme, Operation, Problem, Status},
    deploy::{Back, CommandError, DeployError, Unserved},
    dns::{AddressFault, Error as Dns, Lacking, NameFault, Server, ServerReport},
    plugin::{Answer, ErrorKind, ProviderError},
};

use super::{acme, deploy, describe, dns, engine, hints};
use crate::lang::{Lang, Text, tests::is_japanese};

const JA: Text = Text::new(Lang::Ja);

/// The names of the variants of `pub enum NAME {` in a source.
fn variants<'a>(source: &'a str, name: &str) -> Vec<&'a str> {
    let opening = format!("pub enum {name} {{");
    let lines = source.lines().skip_while(|line| *line != opening).skip(1);
    let names: Vec<&str> = lines
        .take_while(|line| *line != "}")
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .filter_map(|line| line.split([' ', '(', ',']).next())
        .collect();
    assert!(!names.is_empty(), "no {opening}");
    names
}

/// Every variant has a sample, each sample is said in Japanese, and nothing in it is left open.
pub(super) fn complete<T: std::fmt::Debug>(
    (source, name): (&str, &str),
    samples: &[T],
    say: impl Fn(&T) -> Option<String>,
    untranslated: &[&str],
) {
    let debugs: Vec<String> = samples.iter().map(|sample| format!("{sample:?}")).collect();
    for variant in variants(source, name) {
        let is_it = |debug: &String| debug.split([' ', '(']).next() == Some(variant);
        assert!(debugs.iter().any(is_it), "no sample of {name}::{variant}");
    }
    for (sample, debug) in samples.iter().zip(debugs) {
        let Some(said) = say(sample) else {
            let variant = debug.split([' ', '(']).next().unwrap_or_default();
            assert!(untranslated.contains(&variant), "{name}::{variant} has no Japanese");
            continue;
        };
        assert!(is_japanese(&said) && !said.contains("{$"), "{debug}: {said}");
    }
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn name_faults() -> Vec<NameFault> {
    vec![
        NameFault::Character('/'),
        NameFault::Empty,
        NameFault::EmptyLabel,
        NameFault::Hyphen(text("-a")),
        NameFault::Idna(text("xn--")),
        NameFault::IpAddress,
        NameFault::Long { length: 300, limit: 253 },
        NameFault::LongForChallenge { length: 250, limit: 237 },
        NameFault::LongLabel { label: text("a"), length: 64 },
        NameFault::SingleLabel,
        NameFault::Wildcard,
    ]
}

fn address_faults() -> Vec<AddressFault> {
    vec![
        AddressFault::Bracket,
        AddressFault::Host(text("?")),
        AddressFault::NoHost,
        AddressFault::NoZone,
        AddressFault::Port(text("0")),
    ]
}

fn dns_errors() -> Vec<Dns> {
    let owner = || "_acme-challenge.example.test".parse().unwrap();
    let zone = || "example.test".parse().unwrap();
    let server =
        || Server { name: text("ns1.example.test."), address: "192.0.2.1:53".parse().unwrap() };
    let report = |answered| ServerReport {
        server: server(),
        complete: 0,
        lacking: vec![Lacking {
            owner: owner(),
            answer: text("0 of 1"),
            answered,
            missing: vec![text("value")],
        }],
    };
    let propagation = |answered| Dns::Propagation {
        limit: Duration::from_secs(120),
        servers: vec![report(answered)],
    };
    let mut errors = vec![
        Dns::AliasChain { owner: owner(), limit: 8, last: owner() },
        Dns::AliasLoop { owner: owner(), last: owner(), again: owner() },
        Dns::AliasTarget { owner: owner(), target: text("."), fault: NameFault::Empty },
        Dns::Delegated { owner: owner(), child: zone(), server: server() },
        Dns::NoAddress { host: text("ns.test"), reason: text("gone") },
        Dns::NoAnswer { owner: owner(), kind: text("TXT"), tried: vec![text("timed out")] },
        Dns::NoResolvers { reason: text("none") },
        Dns::NoServers { zone: zone(), reason: text("none") },
        Dns::NoZone { owner: owner() },
        propagation(true),
        propagation(false),
    ];
    errors.extend(name_faults().into_iter().map(|fault| Dns::Name { name: text("x"), fault }));
    let address = |fault| Dns::Address { text: text("x"), fault };
    errors.extend(address_faults().into_iter().map(address));
    errors
}

fn problem() -> Box<Problem> {
    let problem = json!({"type": "urn:ietf:params:acme:error:caa", "detail": "CAA says no"});
    Box::new(serde_json::from_value(problem).unwrap())
}

fn acme_errors() -> Vec<Acme> {
    let url = || text("https://ca.test/x");
    let reason = || text("a reason");
    let operation = Operation::NewOrder;
    let wait = Some(Duration::from_secs(90));
    let encode = serde_json::from_str::<u8>("x").unwrap_err();
    vec![
        Acme::Connect { url: url(), reason: reason() },
        Acme::Tls { url: url(), reason: reason() },
        Acme::Broken { operation, url: url(), reason: reason() },
        Acme::Timeout { operation, url: url(), limit: Duration::from_secs(30) },
        Acme::Problem { operation, url: url(), problem: problem(), retry_after: wait },
        Acme::Status { operation, url: url(), status: 503, retry_after: wait },
        Acme::Answer { operation, url: url(), reason: reason() },
        Acme::Directory { url: url(), reason: reason() },
        Acme::Url { url: url(), reason: reason() },
        Acme::Insecure { url: url() },
        Acme::TermsNotAgreed { terms: url() },
        Acme::ExternalAccount { kid: text("k"), reason: reason() },
        Acme::Key { reason: reason() },
        Acme::Validation { order: url(), failed: Vec::new() },
        Acme::Order { order: url(), status: Status::Invalid, problem: Some(problem()) },
        Acme::StillPending {
            order: url(),
            status: Status::Processing,
            limit: Duration::from_secs(4000),
            pending: vec![text("a.test")],
        },
        Acme::KeyInUse { account: "https://ca.test/account/1".parse().unwrap() },
        Acme::Unsupported { operation },
        Acme::Unknown { what: "profile", name: text("x"), known: vec![text("y")] },
        Acme::Certificate { reason: reason() },
        Acme::Client { reason: reason() },
        Acme::Encode(encode),
    ]
}

fn answered(kind: ErrorKind) -> Box<ProviderError> {
    Box::new(ProviderError::Answered {
        provider: text("exampledns"),
        answer: Answer::new(kind, "no"),
        credentials: vec![text("EXAMPLEDNS_TOKEN")],
    })
}

fn command_errors() -> Vec<CommandError> {
    vec![
        CommandError::Failed { status: ExitStatus::default(), output: text("one\ntwo") },
        CommandError::Start(io::ErrorKind::NotFound.into()),
        CommandError::Slow { limit: Duration::from_secs(3), output: String::new() },
        CommandError::Stopped(Signal::Interrupt),
    ]
}

fn deploy_errors() -> Vec<DeployError> {
    let slow = || command_errors().remove(2);
    let nobody = |kind| DeployError::Nobody { kind, name: text("x") };
    let lacking = |form| DeployError::Lacking { form, path: text("/x") };
    let probe = |source| DeployError::Probe { endpoint: text("192.0.2.1:443"), source };
    let unreached = ProbeError::Nobody { source: io::Error::other("refused") };
    let mut errors = vec![
        DeployError::Host { command: text("ssh a"), source: slow() },
        DeployError::Remote { doing: "write the files", source: slow() },
        DeployError::File {
            doing: "keep",
            path: "/p".into(),
            source: io::ErrorKind::NotFound.into(),
        },
        lacking("key"),
        lacking("pfx"),
        nobody("user"),
        nobody("group"),
        probe(Unserved::Nothing(unreached)),
        probe(Unserved::Other(vec![Finding::Key, Finding::Order])),
    ];
    errors.extend(command_errors().into_iter().map(|source| DeployError::Command {
        step: "run",
        command: text("systemctl reload nginx"),
        source,
    }));
    errors
}

fn backs() -> Vec<Back> {
    vec![
        Back::Untouched,
        Back::Done,
        Back::CommandFailed(None),
        Back::CommandFailed(Some(text("why"))),
        Back::Failed(text("why")),
    ]
}

fn engine_errors() -> Vec<Error> {
    let (path, reason) = (|| "/p".into(), || text("a reason"));
    let source = || io::Error::other("no room");
    vec![
        Error::Acme {
            doing: text("register an account at https://ca.test/dir"),
            source: Acme::Key { reason: reason() },
        },
        Error::Dns(Dns::NoResolvers { reason: reason() }),
        Error::Plugin(wildcert::plugin::Error::NoManifest { path: path() }),
        Error::Instance {
            instance: text("internal"),
            source: Box::new(wildcert::plugin::Error::NoManifest { path: path() }),
        },
        Error::Secret {
            key: text("provider.internal.token"),
            file: path(),
            line: 7,
            source: wildcert::config::SecretError::Empty { from: text("`true`") },
        },
        Error::Provider {
            instance: text("internal"),
            doing: "add TXT records",
            zone: text("example.test."),
            source: answered(ErrorKind::Auth),
        },
        Error::Check(answered(ErrorKind::ZoneNotFound)),
        Error::Trials { reason: reason() },
        Error::NoDns01 { identifier: text("a.test"), offered: text("http-01") },
        Error::NoProvider { owner: text("o."), zones: vec![(text("a"), vec![text("b.test")])] },
        Error::Limited { server: text("jprs"), until: text("2026-11-22"), said: text("wait") },
        Error::Unasked { identifier: text("a.test") },
        Error::TermsNotAgreed { server: text("jprs"), terms: text("https://ca.test/terms") },
        Error::ExternalAccountRequired { server: text("jprs") },
        Error::AccountClosed { account: text("a"), status: "deactivated", path: path() },
        Error::NoAccount { known: Vec::new() },
        Error::NoAccount { known: vec![text("a")] },
        Error::SeveralAccounts { accounts: vec![text("a"), text("b")] },
        Error::AccountExists { path: path() },
        Error::KeyNotTaken { server: text("s"), key: text("ec256"), taken: vec![text("rsa2048")] },
        Error::Certificate { name: text("a"), reason: reason() },
        Error::Crypto { doing: "make an account key", reason: reason() },
        Error::File { doing: "write", path: path(), source: source() },
        Error::Damaged { path: path(), reason: reason() },
        Error::Deploy { source: Box::new(deploy_errors().remove(0)), back: Back::Done },
        Error::Locked { name: text("a") },
        Error::Input(Faults(vec![reason()])),
        Error::Stopped(Signal::Interrupt),
        Error::LeftBehind { count: 2, reason: reason() },
    ]
}

const COMMAND: &str = include_str!("../../../../engine/src/deploy/command.rs");
const DEPLOY: &str = include_str!("../../../../engine/src/deploy/error.rs");
const ENGINE: &str = include_str!("../../../../engine/src/error.rs");
const ACME: &str = include_str!("../../../../acme/src/error.rs");
const DNS: &str = include_str!("../../../../dns/src/error.rs");

#[test]
fn every_error_is_said_in_japanese() {
    complete((ENGINE, "Error"), &engine_errors(), |error| engine::message(JA, error), &["Plugin"]);
    complete((DEPLOY, "DeployError"), &deploy_errors(), |error| deploy::failed(JA, error), &[]);
    complete((COMMAND, "CommandError"), &command_errors(), |one| deploy::command(JA, one), &[]);
    let taken_back = |back: &Back| deploy::message(JA, &deploy_errors()[0], back);
    complete((DEPLOY, "Back"), &backs(), taken_back, &[]);
    complete((ACME, "Error"), &acme_errors(), |error| acme::message(JA, error), &[]);
    complete((DNS, "Error"), &dns_errors(), |error| dns::message(JA, error), &[]);
    complete((DNS, "NameFault"), &name_faults(), |fault| dns::name_fault(JA, fault), &[]);
    complete((DNS, "AddressFault"), &address_faults(), |fault| dns::address_fault(JA, fault), &[]);
}

#[test]
fn what_to_do_is_said_in_japanese() {
    let acme = acme_errors().into_iter();
    let acme = acme.map(|source| Error::Acme { doing: text("find the CA"), source });
    let dns = dns_errors().into_iter().map(Error::Dns);
    let deploy = deploy_errors().into_iter();
    let deploy =
        deploy.map(|source| Error::Deploy { source: Box::new(source), back: Back::Untouched });
    for error in engine_errors().into_iter().chain(acme).chain(dns).chain(deploy) {
        // Types of problems are explained instead; modules are told about in English.
        let explained = matches!(&error, Error::Acme { source, .. } if source.problem().is_some());
        let module =
            matches!(error, Error::Plugin(_) | Error::Instance { .. } | Error::Secret { .. });
        if explained || module {
            continue;
        }
        let told = hints(JA, &error);
        assert_eq!(told.len(), usize::from(error.hint().is_some()), "{error:?}");
        assert!(told.iter().all(|hint| is_japanese(hint)), "{error:?}: {told:?}");
    }
}

#[test]
fn english_is_what_the_error_says() {
    for error in engine_errors() {
        let english = Text::new(Lang::En);
        assert_eq!(describe(english, &error), error.to_string());
        assert_eq!(hints(english, &error), Vec::from_iter(error.hint()));
    }
}

#[test]
fn the_words_of_the_ca_stay_as_they_are() {
    let source = acme_errors().remove(4);
    let error = Error::Acme { doing: text("failed to create the order"), source };
    assert_eq!(
        describe(JA, &error),
        "オーダーの作成に失敗しました: 認証局が newOrder(`https://ca.test/x`)を拒否しました: caa: \
         CAA says no(1 分 30 秒後に再試行できます)"
    );
    let source = acme_errors().remove(0);
    let error = Error::Acme { doing: text("reach the CA at https://ca.test/dir"), source };
    assert_eq!(
        describe(JA, &error),
        "認証局 https://ca.test/dir への接続に失敗しました: `https://ca.test/x` に接続できません: \
         a reason"
    );
}
