use wildcert_dns::Identifier;

use crate::{
    config::eab_file::{EabFile, read},
    key::KeyType,
};

fn good(text: &str) -> EabFile {
    read(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn domains(file: &EabFile) -> Vec<&str> {
    file.domains.iter().map(Identifier::ascii).collect()
}

#[test]
fn spellings_of_one_command_say_the_same() {
    let spellings = [
        "sudo certbot --server https://ca.example/dir --eab-hmac-key aB-c_1 --eab-kid k.7 \
         -d example.com --key-type rsa",
        "certbot certonly --standalone --non-interactive --agree-tos --email me@example.com \
         --server=https://ca.example/dir --eab-kid='k.7' --eab-hmac-key=\"aB-c_1\" \
         -dexample.com --key-type=rsa --rsa-key-size=2048",
        "\u{feff}sudo /usr/bin/certbot --server 'https://ca.example/dir' \\\r\n  --eab-hmac-key \
         \"aB-c_1\" \\\r\n  --eab-kid k.7 \\\r\n  --domains example.com,example.com \\\r\n  \
         --key-type rsa\r\n",
        "This is certbot's command for your server:\n$ sudo -E certbot --key-type rsa -d example.com \
         --eab-kid old --eab-kid k.7\n --eab-hmac-key aB-c_1 --server https://ca.example/dir\n",
        "--server ca.example/dir --eab-kid k.7 --eab-hmac-key aB-c_1 --domain example.com \
         --key-type rsa",
    ];
    for text in spellings {
        let file = good(text);
        assert_eq!(file.server, "https://ca.example/dir", "{text}");
        assert_eq!((file.kid.as_str(), file.hmac.expose()), ("k.7", "aB-c_1"), "{text}");
        assert_eq!(domains(&file), ["example.com"], "{text}");
        assert_eq!(file.key_type, Some(KeyType::Rsa2048), "{text}");
    }
}

#[test]
fn names_and_keys_are_read() {
    let command = "certbot --server https://ca.example/ --eab-kid k --eab-hmac-key x";
    assert_eq!(good(command).key_type, None);
    assert!(good(command).domains.is_empty());
    let file = good(&format!("{command} -d example.com,*.example.com -d 例え.jp"));
    assert_eq!(domains(&file), ["example.com", "*.example.com", "xn--r8jz45g.jp"]);
    let table = [
        ("--key-type rsa --rsa-key-size 4096", KeyType::Rsa4096),
        ("--key-type ecdsa", KeyType::Ec256),
        ("--key-type=ecdsa --elliptic-curve secp384r1", KeyType::Ec384),
    ];
    for (options, expected) in table {
        assert_eq!(good(&format!("{command} {options}")).key_type, Some(expected), "{options}");
    }
}

#[test]
fn text_in_another_encoding_around_the_command_does_no_harm() {
    let mut octets = b"\x83R\x83}\x83\x93\x83h:\r\n".to_vec();
    octets.extend(b"certbot --server https://ca.example/ --eab-kid k --eab-hmac-key x\r\n");
    assert_eq!(read(&octets).unwrap().kid, "k");
}

#[test]
fn everything_that_is_missing_or_wrong_is_told_and_the_key_is_not() {
    let faults = |text: &str| read(text.as_bytes()).unwrap_err().to_string();
    assert_eq!(
        faults("hello"),
        "the certbot command lacks --server\nthe certbot command lacks --eab-kid\n\
         the certbot command lacks --eab-hmac-key"
    );
    let text = "certbot --server https://ca.example/ --eab-kid --eab-hmac-key s3cret -d a..b \
                --key-type dsa";
    let found = faults(text);
    assert!(found.contains("lacks --eab-kid") && !found.contains("s3cret"), "{found}");
    assert!(found.contains("-d: `a..b` is not"), "{found}");
    assert!(found.contains("--key-type: `dsa` is not one of"), "{found}");
    // The quote is never closed.
    let found = faults("certbot --server https://ca.example/ --eab-kid k --eab-hmac-key 's3cret");
    assert_eq!(found, "the certbot command lacks --eab-hmac-key");
}

#[test]
fn the_key_is_never_shown() {
    let file = good("certbot --server https://ca.example/ --eab-kid k --eab-hmac-key s3cret");
    assert!(!format!("{file:?}").contains("s3cret"));
}
