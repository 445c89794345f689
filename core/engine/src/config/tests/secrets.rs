use std::{ffi::OsString, fs, path::Path};

use super::parse;
use crate::config::SecretSource;

fn source(text: &str) -> SecretSource {
    let config = parse(&format!("[providers.p.settings]\nx = {text}")).unwrap();
    config.settings.providers["p"].settings["x"].clone()
}

fn fetch(text: &str, variables: &[(&str, &str)]) -> Result<String, String> {
    let env = |name: &str| {
        let found = variables.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| OsString::from(value))
    };
    let secret = source(text).resolve_in(&env);
    secret.map(|secret| secret.expose().to_owned()).map_err(|error| {
        let hint = error.hint().map(|hint| format!(" ({hint})")).unwrap_or_default();
        format!("{error}{hint}")
    })
}

#[test]
fn a_secret_comes_from_the_file_itself_or_a_variable() {
    assert_eq!(fetch("' s3cret '", &[]), Ok(" s3cret ".to_owned()));
    assert_eq!(fetch("true", &[]), Ok("true".to_owned()));
    assert_eq!(fetch("{ env = 'T' }", &[("T", "s3cret")]), Ok("s3cret".to_owned()));
    assert_eq!(
        fetch("{ env = 'T' }", &[]),
        Err("the environment variable `T` is not set".to_owned())
    );
    assert_eq!(
        fetch("{ env = 'T' }", &[("T", "")]),
        Err(r#"the secret from { env = "T" } is empty"#.to_owned())
    );
}

#[test]
fn line_ends_after_a_file_s_secret_do_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let fetch_file = || fetch(&format!("{{ file = '{}' }}", file.display()), &[]);
    for (content, expected) in
        [("s3cret\n", "s3cret"), ("s3\ncret\r\n\n", "s3\ncret"), (" s ", " s ")]
    {
        fs::write(&file, content).unwrap();
        assert_eq!(fetch_file(), Ok(expected.to_owned()));
    }
    fs::write(&file, "\n").unwrap();
    assert!(fetch_file().unwrap_err().ends_with("is empty"));
    fs::write(&file, b"s3cret\xff").unwrap();
    let error = fetch_file().unwrap_err();
    assert!(error.ends_with("is not UTF-8") && !error.contains("s3cret"), "{error}");
    fs::remove_file(&file).unwrap();
    let error = fetch_file().unwrap_err();
    assert!(error.starts_with("failed to read the secret from `/"), "{error}");
}

#[test]
fn credentials_are_those_of_systemd() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("token"), "s3cret\n").unwrap();
    let variables = [("CREDENTIALS_DIRECTORY", folder.path().to_str().unwrap())];
    assert_eq!(fetch("{ credential = 'token' }", &variables), Ok("s3cret".to_owned()));
    assert_eq!(
        fetch("{ credential = 'token' }", &[]),
        Err("there is no credential `token`: CREDENTIALS_DIRECTORY is not set \
             (under systemd, give the service `LoadCredential=token:FILE`)"
            .to_owned())
    );
    let faults = parse("[providers.p.settings]\nx = { credential = '../shadow' }").unwrap_err();
    assert_eq!(
        faults,
        ["2: providers.p.settings.x.credential: `../shadow` is not the name of a credential"]
    );
}

#[cfg(unix)]
#[test]
fn a_program_s_output_is_the_secret() {
    assert_eq!(fetch("{ command = 'echo  s3cret' }", &[]), Ok("s3cret".to_owned()));
    assert_eq!(fetch("{ command = ['printf', 'a  b\\n'] }", &[]), Ok("a  b".to_owned()));
    // No shell: what would be a variable there is a word.
    assert_eq!(fetch("{ command = 'echo $HOME;id' }", &[]), Ok("$HOME;id".to_owned()));
    let error = fetch("{ command = ['/bin/sh', '-c', 'echo s3cret; exit 3'] }", &[]).unwrap_err();
    assert_eq!(
        error,
        "failed to get the secret from `/bin/sh`: it ended with exit status: 3 \
         (what it wrote to stderr stands above)"
    );
    let error = fetch("{ command = 'no-such-program s3cret' }", &[]).unwrap_err();
    assert!(error.starts_with("failed to get the secret from `no-such-program`: it could not"));
    assert!(error.contains("no shell") && !error.contains("s3cret"), "{error}");
    let error = fetch("{ command = ['/bin/sh', '-c', 'yes | head -c 70000'] }", &[]).unwrap_err();
    assert!(error.ends_with("it printed more than 65536 octets"), "{error}");
}

#[test]
fn a_program_with_a_folder_is_relative_to_the_configuration() {
    for text in ["{ command = './get token' }", "{ command = ['./get', 'token'] }"] {
        match source(text) {
            SecretSource::Command(words) => {
                assert_eq!(Path::new(&words[0]), Path::new("/etc/wildcert/get"));
                assert_eq!(words[1..], ["token"]);
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_source_is_one_source() {
    let faults = |text: &str| parse(&format!("[providers.p.settings]\nx = {text}")).unwrap_err();
    let one = "2: providers.p.settings.x: it does not name one of file, env, command, credential";
    assert_eq!(faults("{}"), [one]);
    assert_eq!(faults("{ file = 'a', env = 'b' }"), [one]);
    let near = "2: providers.p.settings.x.fiel: unknown key; did you mean `file`?";
    assert_eq!(faults("{ fiel = 'a' }"), [near, one]);
    assert_eq!(
        faults("{ command = [] }"),
        ["2: providers.p.settings.x.command: it names no program"]
    );
}

#[test]
fn secrets_are_never_shown() {
    for text in ["'s3cret'", "{ command = 'get s3cret' }"] {
        let source = source(text);
        assert!(!format!("{source} {source:?}").contains("s3cret"), "{source}");
    }
}
