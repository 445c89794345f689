//! Who made a module: signatures by minisign, and the keys that are trusted.

use std::{
    fs,
    path::{Path, PathBuf},
};

use wildcert_tests::{Answer, Form, Minisign, Outcome, Rig, Webhook, mode, provider};

const NAMES: [&str; 2] = ["example.test", "*.example.test"];

/// A rig that trusts a key, and a module of the user's own.
fn trusting() -> (Rig, Minisign, PathBuf) {
    let (rig, signer) = (Rig::start(), Minisign::generate());
    let trust = rig.wildcert("providers").args(["trust", &signer.key()]).run();
    assert_eq!(trust.code, Some(0), "{trust}");
    let module = rig.home().join("mine.wasm");
    fs::copy(provider("rfc2136", Form::Wasm), &module).unwrap();
    (rig, signer, module)
}

/// Runs `module`, which must be signed.
fn run(rig: &Rig, module: &Path) -> Outcome {
    let run = rig.run().args(["--force", "--require-signature", "--dns"]).args([module]);
    run.domains(NAMES).run()
}

/// Refused with these words; nothing was recorded, and nothing reached the DNS.
fn refused(rig: &Rig, outcome: &Outcome, message: &[&str], hint: &str) {
    assert_eq!(outcome.code, Some(1), "{outcome}");
    for word in message {
        assert!(outcome.error("message").contains(word), "no `{word}`: {outcome}");
    }
    assert!(outcome.error("hint").contains(hint), "no `{hint}`: {outcome}");
    assert!(!rig.path().join("providers.lock").exists(), "{outcome}");
    assert!(rig.bind.updates("example.test").is_empty(), "{outcome}");
}

/// Replaces a line of a file.
fn set_line(path: &Path, number: usize, change: impl Fn(&str) -> String) {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().enumerate();
    let line = |(at, line): (usize, &str)| if at == number { change(line) } else { line.into() };
    fs::write(path, lines.map(line).collect::<Vec<_>>().join("\n") + "\n").unwrap();
}

#[test]
fn a_module_that_a_trusted_key_signed_runs() {
    let (rig, signer, module) = trusting();
    signer.sign(&module, &[]);
    let outcome = run(&rig, &module);
    assert_eq!(outcome.status(), (Some(0), "issued".to_owned()), "{outcome}");
}

#[test]
fn an_unsigned_module_is_refused() {
    let (rig, _signer, module) = trusting();
    refused(&rig, &run(&rig, &module), &["is not signed", "mine.wasm.minisig"], "minisign -Sm");
    // The variable says the same as the option.
    let named = || rig.run().args([Path::new("--dns"), &module]).domains(NAMES);
    let variable = named().env("WILDCERT_REQUIRE_SIGNATURE", "1").run();
    refused(&rig, &variable, &["is not signed"], "minisign -Sm");
    let approve = rig.wildcert("providers").args(["approve", "--require-signature"]);
    let approve = approve.args([&module]).run();
    assert_eq!(approve.code, Some(1), "{approve}");
    let typing_error = named().env("WILDCERT_REQUIRE_SIGNATURE", "ture").run();
    assert_eq!(typing_error.code, Some(2), "{typing_error}");
    assert_eq!(named().run().code, Some(0));
}

#[test]
fn wildcerts_own_modules_need_no_signature() {
    let (rig, ..) = trusting();
    let run = rig.run().args(["--require-signature", "--dns", "rfc2136"]).domains(NAMES).run();
    assert_eq!(run.status(), (Some(0), "issued".to_owned()), "{run}");
}

#[test]
fn another_key_is_refused() {
    let (rig, _signer, module) = trusting();
    let other = Minisign::generate();
    other.sign(&module, &[]);
    let id = other.id();
    refused(&rig, &run(&rig, &module), &["is signed by the key", &id, "not trusted"], "trust KEY");
}

#[test]
fn a_key_that_borrows_the_id_of_a_trusted_one_is_refused() {
    let (rig, signer, module) = trusting();
    let other = Minisign::generate();
    let own = fs::read_to_string(signer.sign(&module, &[])).unwrap();
    // 14 digits of base64 hold the algorithm, the key's id and a little of the signature.
    let id = &own.lines().nth(1).unwrap()[..14];
    set_line(&other.sign(&module, &[]), 1, |line| format!("{id}{}", &line[14..]));
    refused(&rig, &run(&rig, &module), &["was altered"], "do not use it");
}

#[test]
fn a_tampered_module_is_refused() {
    let (rig, signer, module) = trusting();
    signer.sign(&module, &[]);
    let mut bytes = fs::read(&module).unwrap();
    // An empty custom section named `x`: another file that does the same.
    bytes.extend([0, 2, 1, b'x']);
    fs::write(&module, bytes).unwrap();
    let words = ["mine.wasm` was altered", "is not what the key", &signer.id()];
    refused(&rig, &run(&rig, &module), &words, "do not use it");
}

#[test]
fn a_tampered_comment_is_refused() {
    let (rig, signer, module) = trusting();
    let signature = signer.sign(&module, &["-t", "version 1.0"]);
    set_line(&signature, 2, |line| line.replace("1.0", "2.0"));
    let words = ["mine.wasm.minisig` was altered", "comment"];
    refused(&rig, &run(&rig, &module), &words, "do not use it");
}

#[test]
fn the_signature_of_another_file_is_refused() {
    let (rig, signer, module) = trusting();
    let other = rig.home().join("other.wasm");
    fs::copy(provider("pdns", Form::Wasm), &other).unwrap();
    fs::rename(signer.sign(&other, &[]), rig.home().join("mine.wasm.minisig")).unwrap();
    let words = ["is the signature of `other.wasm`, not of", "mine.wasm"];
    refused(&rig, &run(&rig, &module), &words, "this one is for `other.wasm`");
}

#[test]
fn what_is_no_signature_or_of_the_old_form_is_refused() {
    let (rig, signer, module) = trusting();
    let signature = rig.home().join("mine.wasm.minisig");
    fs::write(&signature, "no signature\n").unwrap();
    refused(&rig, &run(&rig, &module), &["is no signature of minisign"], "four lines");
    signer.sign(&module, &["-l"]);
    refused(&rig, &run(&rig, &module), &["minisign's old form"], "without `-l`");
}

#[test]
fn installing_keeps_the_signature() {
    let (rig, signer, module) = trusting();
    let install = |module: &Path| {
        let install = rig.wildcert("providers").args(["install", "--yes", "--json"]);
        install.args(["--require-signature"]).args([module]).run()
    };
    let unsigned = install(&module);
    assert_eq!(unsigned.code, Some(1), "{unsigned}");
    assert!(unsigned.stderr.contains("is not signed"), "{unsigned}");
    signer.sign(&module, &[]);
    let signed = install(&module);
    assert_eq!(signed.code, Some(0), "{signed}");
    assert_eq!(signed.json()["installed"][0]["signed_by"], signer.id());
    let beside = rig.path().join("providers/rfc2136.wasm.minisig");
    assert_eq!(mode(&beside), 0o644);
    let run = rig.run().args(["--require-signature", "--dns", "rfc2136"]).domains(NAMES).run();
    assert_eq!(run.status(), (Some(0), "issued".to_owned()), "{run}");
    assert!(run.stderr.contains(rig.path().to_str().unwrap()), "{run}");
    fs::remove_file(beside).unwrap();
    let run = rig.run().args(["--require-signature", "--dns", "rfc2136", "--force"]);
    let run = run.domains(NAMES).run();
    assert!(run.error("message").contains("is not signed"), "{run}");
}

#[test]
fn a_signature_is_fetched_beside_its_url() {
    let (rig, signer, module) = trusting();
    let signature = fs::read(signer.sign(&module, &[])).unwrap();
    let content = fs::read(&module).unwrap();
    let server = Webhook::answering(move |path, _| match path {
        "/mine.wasm" | "/unsigned.wasm" => Answer::file(content.clone()),
        "/mine.wasm.minisig" => Answer::file(signature.clone()),
        _ => Answer::status(404),
    });
    let digest = wildcert::plugin::Sha256Digest::of(&fs::read(&module).unwrap()).to_string();
    let install = |file: &str| {
        let url = format!("{}/{file}", server.url());
        let install = rig.wildcert("providers").args(["install", "--yes", "--require-signature"]);
        let install = install.args(["--sha256", &digest, &url]);
        install.env("SSL_CERT_FILE", server.certificate()).run()
    };
    let unsigned = install("unsigned.wasm");
    assert_eq!(unsigned.code, Some(1), "{unsigned}");
    assert!(unsigned.stderr.contains("unsigned.wasm.minisig"), "{unsigned}");
    let signed = install("mine.wasm");
    assert_eq!(signed.code, Some(0), "{signed}");
    assert!(rig.path().join("providers/rfc2136.wasm.minisig").exists(), "{signed}");
}

#[test]
fn keys_are_trusted_listed_and_trusted_no_more() {
    let (rig, signer, module) = trusting();
    signer.sign(&module, &[]);
    let trust =
        |words: &[&str]| rig.wildcert("providers").args(["trust", "--json"]).args(words).run();
    let keys = rig.path().join("providers.keys");
    assert_eq!(mode(&keys), 0o600);
    let second = Minisign::generate();
    assert_eq!(trust(&[second.public().to_str().unwrap()]).code, Some(0));
    let listed = trust(&[]);
    let ids: Vec<String> = listed.json()["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["id"].as_str().unwrap().to_owned())
        .collect();
    let mut expected = vec![signer.id(), second.id()];
    expected.sort();
    assert_eq!(ids, expected, "{listed}");

    for text in ["RWnonsense", "/etc/hostname", &signer.key()[..50]] {
        let wrong = trust(&[text]);
        assert_eq!(wrong.code, Some(2), "{wrong}");
        assert!(wrong.stderr.contains("is no public key of minisign"), "{wrong}");
    }
    let gone = trust(&[&signer.id(), "--remove"]);
    assert_eq!(gone.json()["removed"][0]["key"], signer.key(), "{gone}");
    let again = trust(&[&signer.id(), "--remove"]);
    assert_eq!(again.code, Some(1), "{again}");
    refused(&rig, &run(&rig, &module), &["not trusted"], "trust KEY");
}
