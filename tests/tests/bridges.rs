//! Providers that hand the work to the user's own programs, by the protocols of other clients.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use wildcert_tests::{Algorithm, FOREIGN, Outcome, Rig, Webhook, Wildcert};

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

/// `update add|delete NAME VALUE` through nsupdate, which runs while `see` notes the names of the
/// variables and all command lines of the machine.
const UPDATE: &str = r#"
see() {
    env | sed -n 's/^\([A-Za-z0-9_]*\)=.*/\1/p' >>"$SEEN/variables"
    for process in /proc/[0-9]*; do
        tr '\0' ' ' <"$process/cmdline"
        echo
    done >>"$SEEN/commands" 2>/dev/null
}
update() {
    ttl=60
    [ "$1" = add ] || ttl=
    {
        printf 'server 127.0.0.1 %s\nkey hmac-sha256:%s %s\n' "$PORT" "$RFC2136_TSIG_KEY" "$SECRET"
        printf 'update %s %s. %s TXT "%s"\nsend\n' "$1" "$2" "$ttl" "$3"
        sleep 0.2
        see
    } | nsupdate
}
"#;

/// A rig, and what scripts see of the world.
struct Bridge {
    rig: Rig,
    seen: PathBuf,
}

impl Bridge {
    fn new() -> Self {
        let rig = Rig::start();
        let seen = rig.home().join("seen");
        fs::create_dir(&seen).unwrap();
        Self { rig, seen }
    }

    /// Writes a script of the user's; `update` is part of it.
    fn script(&self, name: &str, mode: u32, text: &str) -> PathBuf {
        let path = self.rig.home().join(name);
        fs::write(&path, format!("#!/bin/sh\n{UPDATE}\n{text}")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    /// The variables for scripts: one is handed on, the others are set, one of them a secret.
    fn granted(&self) -> String {
        let secret = self.rig.bind.secret(Algorithm::HmacSha256);
        let (port, seen) = (self.rig.bind.server().port(), self.seen.display());
        format!(
            "RFC2136_TSIG_KEY\nexport PORT={port} # of BIND\nSEEN='{seen}'\nSECRET=\"{secret}\"\n"
        )
    }

    fn run(&self, provider: &str) -> Wildcert {
        self.rig.run().args(["--dns", provider, "-v"]).domains(NAMES)
    }

    /// The certificate is there, the records are gone, and nobody saw what was not for him.
    fn issued(&self, outcome: &Outcome, own: &[&str]) {
        assert_eq!(outcome.status(), (Some(0), "issued".to_owned()), "{outcome}");
        assert_eq!(self.rig.bind.updates("example.test").len(), 4);
        assert_eq!(self.rig.challenge_values("example.test"), [FOREIGN]);

        let variables = fs::read_to_string(self.seen.join("variables")).unwrap();
        let variables: BTreeSet<&str> = variables.lines().collect();
        // wildcert has RFC2136_NAMESERVER, RFC2136_TSIG_SECRET and others; PWD is the shell's own.
        let shared = ["HOME", "PATH", "PORT", "PWD", "RFC2136_TSIG_KEY", "SECRET", "SEEN"];
        let expected: BTreeSet<&str> = shared.iter().chain(own).copied().collect();
        assert_eq!(variables, expected);

        let commands = fs::read_to_string(self.seen.join("commands")).unwrap();
        assert!(commands.contains("nsupdate") && commands.contains(" --dns "), "{commands}");
        let secret = self.rig.bind.secret(Algorithm::HmacSha256);
        assert!(!commands.contains(secret), "the secret stands on a command line:\n{commands}");
        assert!(!outcome.to_string().contains(secret), "{outcome}");
    }
}

#[test]
fn a_script_that_keeps_to_what_acme_sh_documents() {
    let bridge = Bridge::new();
    let script = bridge.script(
        "dns_bind.sh",
        0o600,
        r#"
        dns_bind_add() {
            fulldomain=$1
            txtvalue=$2
            PORT="${PORT:-$(_readaccountconf_mutable PORT)}"
            if [ -z "$PORT" ]; then
                _err "You did not say which port."
                return 1
            fi
            _saveaccountconf_mutable PORT "$PORT"
            _debug "key" "$SECRET"
            _info "adding $(printf '%s' "$txtvalue" | _digest sha256 hex | cut -c 1-8) with $SECRET"
            _contains "$fulldomain" "^_acme-challenge" && update add "$fulldomain" "$txtvalue"
        }
        dns_bind_rm() {
            update delete "$1" "$2"
        }
        "#,
    );
    let file = private(&bridge.rig.home().join("variables"), &bridge.granted());
    let run = bridge.run("exec-acmesh").env("EXEC_ACMESH_SCRIPT", &script);
    let outcome = run.env("EXEC_ACMESH_ENV_FILE", &file).run();
    bridge.issued(&outcome, &["WILDCERT_FOLDER", "WILDCERT_SAVED"]);
    assert!(outcome.stderr.contains(" with ****"), "{outcome}");
}

#[test]
fn hooks_of_certbot() {
    let bridge = Bridge::new();
    let hook = bridge.script(
        "hook",
        0o700,
        r#"
        [ -z "$CERTBOT_TOKEN" ] && [ "$CERTBOT_ALL_DOMAINS" = example.test,example.test ] || exit 1
        owner=_acme-challenge.$CERTBOT_DOMAIN
        case $1 in
        add)
            update add "$owner" "$CERTBOT_VALIDATION"
            echo "id of $CERTBOT_VALIDATION"
            ;;
        remove)
            [ "$CERTBOT_AUTH_OUTPUT" = "id of $CERTBOT_VALIDATION" ] || exit 1
            update delete "$owner" "$CERTBOT_VALIDATION"
            ;;
        esac
        "#,
    );
    let line = |word: &str| format!("'{}' {word}", hook.display());
    let run = bridge.run("exec-certbot").env("EXEC_CERTBOT_AUTH_HOOK", line("add"));
    let run = run.env("EXEC_CERTBOT_CLEANUP_HOOK", line("remove"));
    let outcome = run.env("EXEC_CERTBOT_ENV", bridge.granted()).run();
    let own = ["ALL_DOMAINS", "AUTH_OUTPUT", "DOMAIN", "REMAINING_CHALLENGES", "VALIDATION"];
    bridge.issued(
        &outcome,
        &own.map(|name| format!("CERTBOT_{name}")).each_ref().map(|n| n.as_str()),
    );
}

#[test]
fn a_hook_of_dehydrated() {
    let bridge = Bridge::new();
    let hook = bridge.script(
        "hook",
        0o700,
        r#"
        word=$1
        shift
        case $word in
        startup_hook | exit_hook) echo "$word" >>"$SEEN/around" ;;
        deploy_challenge | clean_challenge)
            [ "$word" = deploy_challenge ] && change=add || change=delete
            while [ $# -ge 3 ]; do
                [ -n "$2" ] && update "$change" "_acme-challenge.$1" "$3" || exit 1
                shift 3
            done
            ;;
        esac
        "#,
    );
    private(&bridge.rig.home().join("hook.env"), &bridge.granted());
    let file = format!(
        "[providers.old]\nprovider = 'exec-dehydrated'\n[providers.old.settings]\n\
         dehydrated-hook = '{}'\ndehydrated-hook-chain = 'yes'\n\
         dehydrated-env = {{ file = 'hook.env' }}\n",
        hook.display()
    );
    let file = private(&bridge.rig.home().join("wildcert.toml"), &file);
    let outcome = bridge.run("old").env("WILDCERT_CONFIG", &file).run();
    bridge.issued(&outcome, &[]);
    let around = fs::read_to_string(bridge.seen.join("around")).unwrap();
    assert_eq!(around, "startup_hook\nexit_hook\n".repeat(2));
}

#[test]
fn a_grant_that_cannot_be_is_told_before_anything_is_run() {
    let bridge = Bridge::new();
    let run = bridge.run("exec-dehydrated").env("EXEC_DEHYDRATED_HOOK", "/bin/true");
    let outcome = run.args(["--dns-opt", "EXEC_DEHYDRATED_ENV=ABSENT 'se cret'"]).run();
    assert_eq!(outcome.code, Some(4), "{outcome}");
    assert_eq!(outcome.error("kind"), "config", "{outcome}");
    let message = outcome.error("message");
    assert!(
        message.contains("`ABSENT` is to be handed on") && !message.contains("se cret"),
        "{message}"
    );
}

fn private(path: &Path, text: &str) -> PathBuf {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    path.to_owned()
}
