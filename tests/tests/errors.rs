//! The table of errors in JPRS' guide to its ACME service (2022): each row happens to a command as
//! people run it, and its cause and remedy are printed, in English and in Japanese.
//!
//! What a client can bring about by itself the CA refuses by its own rules; the rest it is told to.

use std::{fs, process::Command, time::SystemTime};

use serde_json::Value;
use wildcert_cli::{Lang, explain};
use wildcert_sandbox::{Contacts, ExternalAccount, Policy, Problem, ProblemType};
use wildcert_tests::{Outcome, SandboxRig, Wildcert, succeed};

/// A row of the table.
struct Row {
    kind: &'static str,
    status: u16,
    /// Words of the condition, in English and Japanese, where the type stands for several.
    condition: Option<[&'static str; 2]>,
    happens: fn(&Ca) -> Outcome,
}

/// A CA like JPRS', and the language of the commands.
struct Ca {
    rig: SandboxRig,
    lang: Lang,
}

impl Ca {
    fn new(lang: Lang) -> Self {
        let policy = Policy {
            contacts: Contacts::OneToSix,
            external_accounts: vec![
                ExternalAccount::new("customer", MAC),
                ExternalAccount {
                    expires: Some(SystemTime::UNIX_EPOCH),
                    ..ExternalAccount::new("late", MAC)
                },
            ],
            ..Policy::default()
        };
        Self { rig: SandboxRig::start(policy), lang }
    }

    /// A command with the CA and the language.
    fn say(&self, words: &[&str]) -> Wildcert {
        self.rig.trusting(words).args(["--lang", self.lang.tag()])
    }

    fn at_ca(&self, words: &[&str]) -> Wildcert {
        self.say(words).args(["-s", self.rig.directory_url()])
    }

    fn register(&self, words: &[&str]) -> Outcome {
        self.at_ca(&[&["accounts", "register", "-a"], words].concat()).run()
    }

    /// `run` for the names, with everything it needs.
    fn run(&self, words: &[&str]) -> Outcome {
        self.at_ca(&[&["run", "-a", "--dns", "rfc2136"], &GOOD[..], words].concat())
            .args(self.rig.nameserver("example.test"))
            .run()
    }

    fn issued(&self) {
        let outcome = self.run(&["-d", "example.test"]);
        assert_eq!(outcome.code, Some(0), "{outcome}");
    }

    /// A `run` in which the CA answers `operation` with the problem; the status is the usual one.
    fn refused(&self, operation: &str, problem: Problem) -> Outcome {
        self.rig.fail_always(operation, problem);
        self.run(&["-d", "example.test"])
    }

    fn file(&self, name: &str) -> String {
        self.rig.home().join(name).to_str().unwrap().to_owned()
    }
}

fn problem(kind: ProblemType, status: u16) -> Problem {
    Problem::new(kind, "the CA's own words").with_status(status)
}

const MAC: &str = "RXhhbXBsZSBrZXkgZm9yIGEgc2FuZGJveA";
/// What JPRS wants of an account.
const GOOD: [&str; 6] = ["-m", "a@example.test", "--eab-kid", "customer", "--eab-hmac-key", MAC];
const SEVEN: [&str; 14] = [
    "-m",
    "a@example.test",
    "-m",
    "b@example.test",
    "-m",
    "c@example.test",
    "-m",
    "d@example.test",
    "-m",
    "e@example.test",
    "-m",
    "f@example.test",
    "-m",
    "g@example.test",
];
const EAB: [&str; 4] = ["--eab-kid", "customer", "--eab-hmac-key", MAC];

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row("accountDoesNotExist", 400, unknown_key),
    row("alreadyRevoked", 400, revoked_twice),
    row("badCSR", 400, |ca| ca.run(&["-d", "example.test", "-k", "ed25519"])),
    row("badNonce", 400, |ca| ca.refused("newOrder", problem(ProblemType::BadNonce, 400))),
    row("badPublicKey", 400, |ca| ca.refused("newAccount", problem(ProblemType::BadPublicKey, 400))),
    row("badRevocationReason", 400, |ca| { ca.issued(); ca.say(&["revoke", "example.test", "--reason", "6"]).run() }),
    row("badSignatureAlgorithm", 400, |ca| ca.register(&[&GOOD[..], &["--account-key", "ed25519"]].concat())),
    row("caa", 403, |ca| { ca.rig.add_caa("example.test.", 0, "issue", "ca.example"); ca.run(&["-d", "example.test"]) }),
    row("connection", 400, |ca| ca.refused("validation", problem(ProblemType::Connection, 400))),
    row("externalAccountRequired", 400, |ca| ca.refused("newAccount", problem(ProblemType::ExternalAccountRequired, 400))),
    row("invalidContact", 400, |ca| ca.register(&[&["-m", "a@example"], &EAB[..]].concat())),
    row("unsupportedContact", 400, |ca| ca.refused("newAccount", problem(ProblemType::UnsupportedContact, 400))),
    one_of("malformed", ["required item is missing", "必須項目がないか"], |ca| ca.refused("newOrder", problem(ProblemType::Malformed, 400))),
    one_of("malformed", ["external account (EAB) is invalid", "外部アカウントバインディング(EAB)が無効です"], |ca| ca.register(&["-m", "a@example.test", "--eab-kid", "late", "--eab-hmac-key", MAC])),
    one_of("malformed", ["Contact addresses are missing", "連絡先がない、"], |ca| ca.register(&EAB)),
    one_of("malformed", ["more than six", "7件以上ある、"], |ca| ca.register(&[&SEVEN[..], &EAB].concat())),
    one_of("malformed", ["or repeated", "または重複しています"], |ca| ca.register(&[&["-m", "a@example.test", "-m", "A@example.test"], &EAB[..]].concat())),
    one_of("malformed", ["terms of service are not agreed to", "利用規約に同意していません"], |ca| ca.refused("newAccount", problem(ProblemType::Malformed, 400))),
    one_of("malformed", ["no certificate is issued for", "証明書を発行できないドメイン名が含まれています"], |ca| ca.refused("newOrder", problem(ProblemType::Malformed, 400))),
    one_of("malformed", ["order no longer exists", "オーダーの有効期限が切れました"], |ca| ca.refused("finalize", problem(ProblemType::Malformed, 400))),
    one_of("malformed", ["order is in a state", "オーダーがこの操作を行えない状態です"], |ca| ca.refused("finalize", problem(ProblemType::Malformed, 400))),
    one_of("malformed", ["authorization of a name no longer exists", "認可(オーソリゼーション)の有効期限が切れました"], |ca| ca.refused("authorization", problem(ProblemType::Malformed, 400))),
    one_of("malformed", ["authorization of a name is in a state", "認可(オーソリゼーション)がこの操作を行えない状態です"], |ca| ca.refused("challenge", problem(ProblemType::Malformed, 400))),
    one_of("malformed", ["none of this CA's", "失効しようとした証明書がこの認証局にありません"], foreign_certificate),
    row("malformed", 405, |ca| ca.refused("newOrder", problem(ProblemType::Malformed, 405))),
    row("malformed", 415, |ca| ca.refused("newOrder", problem(ProblemType::Malformed, 415))),
    row("orderNotReady", 403, |ca| ca.refused("finalize", problem(ProblemType::OrderNotReady, 403))),
    row("rejectedIdentifier", 400, |ca| ca.refused("newOrder", problem(ProblemType::RejectedIdentifier, 400))),
    row("serverInternal", 500, |ca| ca.refused("newOrder", problem(ProblemType::ServerInternal, 500))),
    row("unauthorized", 401, given_up_elsewhere),
    row("unsupportedIdentifier", 400, |ca| ca.refused("newOrder", problem(ProblemType::UnsupportedIdentifier, 400))),
];

const fn row(kind: &'static str, status: u16, happens: fn(&Ca) -> Outcome) -> Row {
    Row { kind, status, condition: None, happens }
}

const fn one_of(kind: &'static str, words: [&'static str; 2], happens: fn(&Ca) -> Outcome) -> Row {
    Row { kind, status: 400, condition: Some(words), happens }
}

fn unknown_key(ca: &Ca) -> Outcome {
    let file = ca.file("account.pem");
    fs::write(&file, rcgen::KeyPair::generate().unwrap().serialize_pem()).unwrap();
    ca.at_ca(&["accounts", "recover", "--key", &file]).run()
}

fn revoked_twice(ca: &Ca) -> Outcome {
    ca.issued();
    let first = ca.say(&["revoke", "example.test"]).run();
    assert_eq!(first.code, Some(0), "{first}");
    ca.say(&["revoke", "example.test"]).run()
}

fn foreign_certificate(ca: &Ca) -> Outcome {
    let file = ca.file("foreign.pem");
    let params = rcgen::CertificateParams::new(["www.example.test".to_owned()]).unwrap();
    let certificate = params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
    fs::write(&file, certificate.pem()).unwrap();
    let account = ca.register(&GOOD);
    assert_eq!(account.code, Some(0), "{account}");
    ca.at_ca(&["revoke", &file]).run()
}

/// The account is given up with another copy of the state folder.
fn given_up_elsewhere(ca: &Ca) -> Outcome {
    let account = ca.register(&GOOD);
    assert_eq!(account.code, Some(0), "{account}");
    let copy = ca.rig.home().join("copy");
    succeed(Command::new("cp").arg("-a").arg(ca.rig.path()).arg(&copy));
    let words =
        ["accounts", "deactivate", "--yes", "--path", copy.to_str().unwrap(), "--ca-bundle"];
    let given_up = Wildcert::new(ca.rig.home()).args(words).args([ca.rig.ca_bundle()]).run();
    assert_eq!(given_up.code, Some(0), "{given_up}");
    ca.run(&["-d", "example.test"])
}

/// The words in front of message, cause and remedy.
fn labels(lang: Lang) -> [&'static str; 3] {
    match lang {
        Lang::En => ["error:", "cause:", "hint:"],
        Lang::Ja => ["エラー:", "原因:", "対処:"],
    }
}

#[test]
fn every_row_of_the_table_is_explained_where_it_happens_in_both_languages() {
    let mut wrong = Vec::new();
    for (number, Row { kind, status, condition, happens }) in (1..).zip(ROWS) {
        for (at, lang) in [Lang::En, Lang::Ja].into_iter().enumerate() {
            let outcome = happens(&Ca::new(lang));
            let known = explain::find(kind);
            let known = known.iter().find(|known| known.status == Some(*status)).unwrap();
            let [error, cause, hint] = labels(lang);
            let remedy = known.hint(lang);
            let mut lacks: Vec<String> = Vec::new();
            let mut wants = |there: bool, what: &str| {
                if !there {
                    lacks.push(what.to_owned());
                }
            };
            wants(outcome.code == Some(1), "exit code 1");
            let told = &outcome.stderr;
            wants(told.lines().any(|line| line.starts_with(error)), error);
            wants(told.contains(kind), kind);
            if lang == Lang::Ja {
                // The CA's own words stay as they came.
                let first = told.lines().find(|line| line.starts_with(error)).unwrap_or_default();
                let ours = first.split(kind).next().unwrap_or_default();
                let english = [" the ", "failed to", " at ", "refused"];
                wants(english.iter().all(|word| !ours.contains(word)), "Japanese only");
            }
            wants(told.contains(&format!("{cause} {}", known.cause(lang))), cause);
            wants(told.contains(&format!("{hint} {}", remedy.lines().next().unwrap())), hint);
            if let Some(words) = condition {
                wants(told.contains(words[at]), words[at]);
            }
            if !lacks.is_empty() {
                wrong.push(format!("row {number}, {kind} {status}: lacks {lacks:?}\n{outcome}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Programs get the same in JSON; its words for programs are those of English in any language.
#[test]
fn programs_are_told_type_cause_and_remedy() {
    let explained = |lang| {
        let ca = Ca::new(lang);
        ca.rig.add_caa("example.test.", 0, "issue", "ca.example");
        let outcome = ca.run(&["-d", "example.test", "-d", "www.example.test", "--json"]);
        let error = outcome.certificate()["error"].clone();
        assert_eq!(error["kind"], "acme", "{outcome}");
        let [one] = error["explanation"].as_array().unwrap().as_slice() else {
            panic!("told more than once: {outcome}");
        };
        assert_eq!(one["type"], "caa");
        for name in ["`example.test`: caa", "`www.example.test`: caa"] {
            assert!(error["message"].as_str().unwrap().contains(name), "{outcome}");
        }
        [one["cause"].clone(), one["remedy"].clone()]
    };
    let known = explain::find("caa");
    for lang in [Lang::En, Lang::Ja] {
        let [cause, remedy] = explained(lang);
        assert_eq!(cause, Value::from(known[0].cause(lang)));
        assert_eq!(remedy, Value::from(known[0].hint(lang)));
    }
}

/// A nonce that has gone stale is no error to people: the request is repeated.
#[test]
fn a_refused_nonce_is_repeated_without_a_word() {
    let ca = Ca::new(Lang::En);
    for operation in ["newAccount", "newOrder", "finalize"] {
        ca.rig.fail_next(operation, problem(ProblemType::BadNonce, 400));
    }
    let outcome = ca.run(&["-d", "example.test"]);
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert!(!outcome.stderr.contains("badNonce"), "{outcome}");
    assert_eq!(ca.rig.answers("newOrder"), ["400 badNonce", "201"]);
}

/// Conditions that are seen before the CA is asked have an explanation as well.
#[test]
fn what_is_seen_before_the_ca_is_asked_is_explained_too() {
    for (lang, words) in [(Lang::En, "--eab-kid"), (Lang::Ja, "--eab-kid")] {
        let ca = Ca::new(lang);
        let none = ca.register(&["-m", "a@example.test"]);
        let [error, cause, hint] = labels(lang);
        for wanted in [error, cause, hint, words, "14"] {
            assert!(none.stderr.contains(wanted), "{wanted}: {none}");
        }
        let terms = ca.at_ca(&["accounts", "register"]).args(GOOD).run();
        for wanted in [error, cause, hint, "--accept-tos", "/terms/"] {
            assert!(terms.stderr.contains(wanted), "{wanted}: {terms}");
        }
        assert_eq!(ca.rig.count(Some("newAccount")), 0);
    }
}
