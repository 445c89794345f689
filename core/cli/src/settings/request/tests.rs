use std::path::PathBuf;

use clap::Parser;
use wildcert::{CaAccount, KeyType, acme::AccountKeyType};

use super::*;
use crate::{
    args::{Args, Command},
    lang::{Lang, Text},
    settings::options::tests::{english, faults, gather},
};

#[test]
fn a_good_command_line_becomes_options_and_request() {
    let (options, request) = gather(
        &[
            "-d",
            "Example.test,*.example.test",
            "--dns",
            "pdns",
            "-k",
            "RSA2048",
            "-m",
            "mailto:a@example.test",
            "-m",
            "b@example.test",
            "-a",
            "--account-key",
            "rs256",
            "--nameserver",
            "example.test=127.0.0.1:5353",
            "--dns-resolvers",
            "192.0.2.1",
            "--dns-opt",
            "PDNS_API_KEY=a=b",
            "--days",
            "10",
            "--propagation-timeout",
            "30",
            "-s",
            "letsencrypt-staging",
            "--provider-dir",
            "x",
            "--cert-name",
            "c",
            "--force",
        ],
        &[],
    )
    .unwrap();
    assert_eq!(options.path, PathBuf::from("/p"));
    let [ca] = request.cas.as_slice() else { panic!("{:?}", request.cas) };
    assert_eq!(ca.server, "letsencrypt-staging");
    assert_eq!(ca.contacts, ["a@example.test", "b@example.test"]);
    assert!(ca.terms_agreed);
    assert_eq!(ca.account_key, AccountKeyType::Rsa2048);
    assert_eq!(options.dns.nameservers[0].to_string(), "example.test.=127.0.0.1:5353");
    assert_eq!(options.dns.resolvers[0].to_string(), "192.0.2.1:53");
    assert_eq!(options.provider_dirs, [PathBuf::from("x")]);
    let names: Vec<&str> = request.identifiers.iter().map(Identifier::ascii).collect();
    assert_eq!(names, ["example.test", "*.example.test"]);
    assert_eq!(request.store_name(), "c");
    assert_eq!(request.key_type, Some(KeyType::Rsa2048));
    let [provider] = request.providers.as_slice() else { panic!("{:?}", request.providers) };
    assert_eq!(provider.module, "pdns");
    assert_eq!(provider.overrides, [("PDNS_API_KEY".to_owned(), "a=b".to_owned())]);
    assert_eq!(request.days, Some(10));
    assert_eq!(request.propagation_timeout, Some(Duration::from_secs(30)));
    assert!(request.force);
}

#[test]
fn every_fault_is_told_at_once() {
    let faults = faults(
        &[
            "-d",
            "a..b",
            "-d",
            "192.0.2.1",
            "--nameserver",
            "example.test",
            "--dns-resolvers",
            "192.0.2.1:0",
            "-k",
            "dsa",
            "--dns-opt",
            "s3cret",
            "--days",
            "x",
            "-m",
            "nobody",
            "--propagation-timeout",
            "1.5",
            "-s",
            "ftp://ca.test",
            "--account-key",
            "md5",
            "--ca-bundle",
            "/does/not/exist",
            "--eab-kid",
            "k",
            "--cert-name",
            "../x",
        ],
        &[],
    );
    let expected = [
        "--server: ",
        "--ca-bundle: `/does/not/exist` cannot be read",
        "--email: `nobody` is not an e-mail address",
        "external account binding: --eab-hmac-key is missing",
        "--account-key: ",
        "--nameserver: `example.test` names no DNS server",
        "--dns-resolvers: `192.0.2.1:0` names no DNS server",
        "--domain: `a..b` is not a usable domain name",
        "--domain: `192.0.2.1` is not a usable domain name",
        "--dns-opt: it is not of the form NAME=VALUE",
        "certificate name `../x` is not made of",
        "--key-type: `dsa` is not one of ec256",
        "no provider is named",
        "--days: `x` is not a whole number",
        "--propagation-timeout: `1.5` is not a whole number",
    ];
    assert_eq!(faults.len(), expected.len(), "{faults:#?}");
    for expected in expected {
        assert!(faults.iter().any(|fault| fault.starts_with(expected)), "{expected}: {faults:#?}");
    }
}

#[test]
fn legos_and_certbots_words_for_the_certificate_are_known() {
    let words = "-d a.test --dns x --renew-days 5 --renew-force --cert.name n --ari-disable \
                 --no-random-sleep --force-cert-domains --pem --der --reuse-key --profile p \
                 --preferred-chain c --not-after 2027-01-31T00:00:00Z --eab.kid k --eab.hmac aGk";
    let words: Vec<&str> = words.split_whitespace().collect();
    let (_, request) = gather(&words, &[]).unwrap();
    assert_eq!((request.days, request.force, request.ari), (Some(5), true, false));
    assert_eq!(request.store_name(), "n");
    assert!(request.outputs.pem && request.outputs.der && request.reuse_key);
    assert_eq!(request.profile.as_deref(), Some("p"));
    assert_eq!(request.preferred_chain.as_deref(), Some("c"));
    assert_eq!(request.not_after.unwrap().unix_timestamp(), 1_801_353_600);
    assert_eq!(request.cas[0].external.as_ref().unwrap().0, "k");
}

#[test]
fn www_is_added_to_what_is_no_wildcard_and_has_none() {
    let words = ["--dns", "x", "--with-www", "-d", "a.test,*.a.test,www.b.test,b.test"];
    let (_, request) = gather(&words, &[]).unwrap();
    let names = ["a.test", "*.a.test", "www.b.test", "b.test", "www.a.test"];
    assert_eq!(request.domains(), names);
}

#[test]
fn flags_change_a_request_only_where_they_are_given() {
    let parse = |words: &[&str]| {
        let words = ["wildcert", "renew", "--path", "/p"].iter().chain(words);
        match Args::try_parse_from(words).unwrap().command {
            Command::Renew(args) => args.wanted,
            other => panic!("{other:?}"),
        }
    };
    let overlaid = |words: &[&str]| {
        let args = parse(words);
        let ca = CaAccount {
            contacts: vec!["a@example.test".to_owned()],
            ..CaAccount::new("https://ca.test/dir")
        };
        let names = vec!["a.test".parse().unwrap()];
        let mut request = CertificateRequest::new(names, ca, ProviderInstance::new("pdns"));
        request.days = Some(7);
        let env = |name: &str| (name == "LEGO_SERVER").then(|| "zerossl".into());
        let mut settings = Settings::wanted(&env, &args);
        settings.overlay(&mut request, &args);
        settings.finish().unwrap();
        request
    };
    // The environment's CA is for new certificates: a stored one stays with its own.
    let same = overlaid(&[]);
    assert_eq!(same.cas[0].server, "https://ca.test/dir");
    assert_eq!((same.days, same.providers[0].module.as_str()), (Some(7), "pdns"));
    let other = overlaid(&["-s", "letsencrypt", "--dns", "x", "--days", "9", "-k", "ec384"]);
    assert_eq!(other.cas[0].server, "letsencrypt");
    assert_eq!(other.cas[0].contacts, ["a@example.test"]);
    assert_eq!((other.days, other.providers[0].module.as_str()), (Some(9), "x"));
}

#[test]
fn a_run_without_domain_and_provider_says_so() {
    let faults = gather(&[], &[]).unwrap_err();
    assert_eq!(faults.len(), 2);
    assert!(english(&faults[0]).starts_with("no domain is given"));
    assert!(faults[1].hint.as_ref().unwrap().to(Text::new(Lang::Ja)).contains("providers list"));
}
