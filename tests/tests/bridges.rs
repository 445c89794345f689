//! Providers that hand the work to the user's own programs, by lego's protocols.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf, sync::Arc};

use wildcert_tests::{FOREIGN, Rig, Webhook};

const NAMES: [&str; 2] = ["example.test", "*.example.test"];

/// A script that changes BIND's zone; `value` is shell that gives the TXT value.
fn script(rig: &Rig, arguments: &str, owner: &str, value: &str) -> PathBuf {
    let path = rig.home().join("hook");
    let text = format!(
        "#!/bin/sh\nset -e\n{arguments}\ncase $action in\npresent) change=add;;\n\
         cleanup) change=delete;;\n*) echo \"no action $action\" >&2; exit 2;;\nesac\n\
         ttl=60; [ $change = add ] || ttl=\n\
         printf 'server 127.0.0.1 {port}\\nkey hmac-sha256:%s %s\\nupdate %s %s %s TXT \"%s\"\\nsend\\n' \\\n\
         \"$RFC2136_TSIG_KEY\" \"$RFC2136_TSIG_SECRET\" $change {owner} \"$ttl\" {value} | nsupdate\n",
        port = rig.bind.server().port(),
    );
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    path
}

fn issues_through(rig: &Rig, program: &PathBuf, mode: &str) {
    let run = rig.run().args(["--dns", "exec"]).domains(NAMES);
    let outcome = run.env("EXEC_PATH", program).env("EXEC_MODE", mode).run();
    assert_eq!(outcome.status(), (Some(0), "issued".to_owned()), "{outcome}");
    assert_eq!(rig.bind.updates("example.test").len(), 4);
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN]);
}

#[test]
fn a_program_in_legos_default_mode() {
    let rig = Rig::start();
    let program = script(&rig, "action=$1", "\"$2\"", "\"$3\"");
    issues_through(&rig, &program, "");
}

#[test]
fn a_program_in_legos_raw_mode_makes_the_value_itself() {
    let rig = Rig::start();
    let arguments = "action=$1; [ \"$2\" = -- ]\n\
         value=$(printf %s \"$5\" | openssl dgst -sha256 -binary | openssl base64 | tr +/ -_ | tr -d =)";
    let program = script(&rig, arguments, "\"_acme-challenge.$3.\"", "\"$value\"");
    issues_through(&rig, &program, "RAW");
}

#[test]
fn a_program_that_fails_is_quoted() {
    let rig = Rig::start();
    let path = rig.home().join("hook");
    fs::write(&path, "#!/bin/sh\necho 'the registry is closed today' >&2\nexit 7\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    let run = rig.run().args(["--dns", "exec"]).domains(NAMES).env("EXEC_PATH", &path);
    let outcome = run.run();
    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert!(outcome.error("message").contains("the registry is closed today"), "{outcome}");
}

/// Also shows that HTTPS of providers trusts the roots of `SSL_CERT_FILE`.
#[test]
fn a_web_server_that_only_ssl_cert_file_vouches_for() {
    let rig = Arc::new(Rig::start());
    let webhook = Webhook::updating(&rig);
    let run = || {
        let run = rig.run().args(["--dns", "httpreq"]).domains(NAMES);
        run.env("HTTPREQ_ENDPOINT", webhook.url())
    };
    let untrusted = run().run();
    assert_eq!(untrusted.code, Some(1), "{untrusted}");
    assert!(untrusted.error("message").contains("SSL_CERT_FILE"), "{untrusted}");
    assert!(rig.bind.updates("example.test").is_empty());

    let trusted = run().env("SSL_CERT_FILE", webhook.certificate()).run();
    assert_eq!(trusted.status(), (Some(0), "issued".to_owned()), "{trusted}");
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN]);
}
