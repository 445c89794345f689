use super::parse;
use crate::config::Config;

fn faults(text: &str) -> Vec<String> {
    parse(text).unwrap_err()
}

#[test]
fn every_fault_is_told_at_once_with_its_line_and_key() {
    let found = faults(
        r#"path = 7
pahts = "x"
email = ["me@example.com", "me@example.com", "nobody"]
days = 0
nameservers = ["192.0.2.1"]
server = "letsencypt"
lang = "de"
ca-bundle = ["a.pem", 3]

[cas.inernal]
email = "a@example.com"
[cas.own]
server = "http://ca.example/"
eab-kid = "k"

[providers.work]
zones = ["a..b"]
propagation-timeout = 86401
setings = {}

[certificates.main]
domains = ["example.com", "EXAMPLE.com", "192.0.2.1"]
key-tpye = "ec384"
providers = ["wrok"]
server = "inernl"
not-after = "tomorrow"
pfx = { fromat = "des" }

[certificates.both]
domains = "example.com"
csr = "x.csr"
key-type = "dsa"

[certificates.none]
account = "nobody"

[certificates."../x"]
domains = "example.com"
"#,
    );
    let expected = [
        "1: path: expected text, found a whole number",
        "2: pahts: unknown key; did you mean `path`?",
        "3: email: `me@example.com` is given twice",
        "3: email: `nobody` is not an e-mail address",
        "4: days: 0 is not within 1 to 4294967295",
        "5: nameservers[0]: `192.0.2.1` names no DNS server: the zone is missing",
        "6: server: ",
        "7: lang: `de` is not one of en, ja",
        "8: ca-bundle[1]: expected text, found a whole number",
        "10: cas.inernal: no server is given, and `inernal` is no short name of a CA",
        "12: cas.own: `eab-hmac-key` is missing beside `eab-kid`",
        "13: cas.own.server: ",
        "17: providers.work.zones[0]: `a..b` is not a usable domain name",
        "18: providers.work.propagation-timeout: 86401 is not within 1 to 86400",
        "19: providers.work.setings: unknown key; did you mean `settings`?",
        "22: certificates.main.domains[2]: `192.0.2.1` is not a usable domain name",
        "22: certificates.main.domains: `example.com` is given twice",
        "23: certificates.main.key-tpye: unknown key; did you mean `key-type`?",
        "24: certificates.main.providers: there is no table `[providers.wrok]`; did you mean `work`?",
        "25: certificates.main.server: ",
        "26: certificates.main.not-after: `tomorrow` is not written as 2030-01-31T12:00:00Z",
        "27: certificates.main.pfx.fromat: unknown key; did you mean `format`?",
        "30: certificates.both.domains: it cannot stand beside `csr`",
        "32: certificates.both.key-type: `dsa` is not one of ec256",
        "32: certificates.both.key-type: it cannot stand beside `csr`",
        "34: certificates.none: neither `domains` nor `csr` is given",
        "35: certificates.none.account: `nobody` is not an e-mail address",
        r#"37: certificates."../x": the name is not made of letters, digits, `.`, `_` and `-`"#,
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\n{expected}");
    }
    let near = |line: &str| found.iter().any(|fault| fault.starts_with(line));
    assert!(found[6].ends_with("did you mean `letsencrypt`?"), "{}", found[6]);
    assert!(found[19].ends_with("did you mean `inernal`?"), "{}", found[19]);
    assert!(!near("20:"), "{found:#?}");
}

#[test]
fn a_text_that_is_no_toml_is_told_by_line_and_not_by_content() {
    let text =
        "path = 's'\n[providers.a.settings]\ntoken = s3cret\nkey = 's3cret\nother = \"s3cret\n";
    let found = faults(text);
    assert!(found.len() > 1, "{found:#?}");
    for (fault, line) in found.iter().zip(["3: ", "4: "]) {
        assert!(fault.starts_with(line), "{found:#?}");
    }
    assert!(!found.join("\n").contains("s3cret"), "{found:#?}");
    let found = faults("path = 'a'\npath = 'b'\n");
    assert!(found.len() == 1 && found[0].starts_with("2: "), "{found:#?}");
}

#[test]
fn a_secret_in_the_wrong_place_is_not_repeated() {
    let text = "[cas.a]\nserver = 'https://a.test/'\neab-kid = 'k'\neab-hmac-key = ['s3cret']\n\
                [providers.b]\nsettings = 's3cret'\n[providers.c.settings]\n\
                x = { file = { a = 's3cret' } }\ny = { command = ['s3cret', 7] }\n\
                z = { value = 's3cret' }\n[certificates.d]\ndomains = 'a.test'\npfx = 's3cret'\n";
    let found = faults(text);
    let keys = [
        "4: cas.a.eab-hmac-key: expected text or where it comes from, found a list",
        "6: providers.b.settings: expected a table, found text",
        "8: providers.c.settings.x.file: expected text, found a table",
        "9: providers.c.settings.y.command: expected a list of texts",
        "10: providers.c.settings.z.value: unknown key",
        "10: providers.c.settings.z: it does not name one of file, env, command, credential",
        "13: certificates.d.pfx: expected `true`, `false` or a table, found text",
    ];
    assert_eq!(found.len(), keys.len() + 1, "{found:#?}");
    for key in keys {
        assert!(found.iter().any(|fault| fault.starts_with(key)), "{key}: {found:#?}");
    }
    let error = Config::parse(text, "w.toml".as_ref()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
}

#[test]
fn it_is_clear_which_provider_sets_a_record() {
    let certificate = "[certificates.c]\ndomains = 'a.test'\n";
    let same =
        "[providers.one]\nzones = 'a.test'\n[providers.two]\nzones = ['b.test', 'A.test.']\n";
    let expected =
        ["4: providers.two.zones: `one` and `two` both set the records below `a.test.`".to_owned()];
    assert_eq!(faults(same), expected);
    assert_eq!(faults(&format!("{same}{certificate}")), expected);
    // Certificates that choose leave no doubt.
    parse(&format!("{same}{certificate}providers = ['one']")).unwrap();
    let both = faults(&format!("{same}{certificate}providers = ['one', 'two']"));
    assert_eq!(
        both,
        ["7: certificates.c.providers: `one` and `two` both set the records below `a.test.`"]
    );
    let everything = "[providers.one]\n[providers.two]\n[providers.three]\nzones = 'a.test'\n";
    assert_eq!(
        faults(everything),
        ["2: providers.two: `one` and `two` both set the records that no `zones` name"]
    );
    let twice = faults("[providers.one]\nzones = ['a.test', 'a.test']\n");
    assert_eq!(twice, ["2: providers.one.zones: `a.test.` is given twice"]);
    parse("[providers.one]\n[providers.three]\nzones = 'a.test'\n").unwrap();
}

#[test]
fn external_accounts_are_given_whole_and_once() {
    let ca = |more: &str| faults(&format!("[cas.zerossl]\n{more}"));
    assert_eq!(
        ca("eab-hmac-key = 'x'"),
        ["1: cas.zerossl: `eab-kid` is missing beside `eab-hmac-key`"]
    );
    let both = ca("eab-kid = 'k'\neab-hmac-key = 'x'\neab-file = 'f'");
    assert_eq!(both, ["1: cas.zerossl: `eab-file` says what `eab-kid` and `eab-hmac-key` say"]);
}

#[test]
fn one_fault_brings_no_other_with_it() {
    let of = |text: &str| faults(&format!("[certificates.c]\ndomains = {text}"));
    assert_eq!(of("[]"), ["2: certificates.c.domains: it names no domain"]);
    assert_eq!(of("['a..b']").len(), 1);
    assert_eq!(of("7").len(), 1);
}

#[test]
fn names_of_tables_can_be_names_of_files() {
    for name in ["'.hidden'", "'a b'", "'a/b'", "''"] {
        let found = faults(&format!("[certificates.{name}]\ndomains = 'a.test'\n"));
        assert!(found.len() == 1 && found[0].contains("the name is"), "{name}: {found:#?}");
    }
}

#[test]
fn windows_that_nobody_waits_for_are_told() {
    let certificate =
        "[certificates.a]\ndomains = \"example.com\"\nwindows = \"daily 3:00-4:00\"\n";
    let found = faults(&format!("{certificate}days = 10\nemergency-days = 10"));
    assert_eq!(
        found,
        [
            "5: certificates.a.emergency-days: no window would be waited for: it is due with 10 days left"
        ]
    );
    assert!(parse(&format!("{certificate}days = 10\nemergency-days = 9")).is_ok());
    let found = faults("windows = [\"Sun 2:00-3:00\", \"Sun 2:00-3:00 Tokio\",\n7]");
    assert!(found[0].starts_with("1: windows[1]: `Sun 2:00-3:00 Tokio` is no maintenance window"));
    assert_eq!(found[1], "2: windows[2]: expected text, found a whole number");
}
