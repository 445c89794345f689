use super::*;
use crate::dns::{self, Update};

const SETTINGS: Settings =
    Settings { key: "KEY", secret: "SECRET", algorithm: "ALGORITHM", statement: "STATEMENT" };
const SECRET: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const NOW: u64 = 1_700_000_000;

/// MACs of an update's header and zone section, and of an answer that echoes them; computed with
/// another implementation of HMAC.
const VECTORS: [(&str, &str, &str); 3] = [
    (
        "hmac-sha256",
        "d103a6a5b7c1491103eb14697361ff0bf1eff9e9a749a450ea42bc17282339b7",
        "1ee8bf79aafc30f7543aa30bd09f1fe03a6c589052d05a0e92545e1585e31702",
    ),
    (
        "HMAC-SHA384.",
        "d889ac98a6916f52f4ff64447174b9451da29c73e810ba0e121d253df0b90216\
         61ce14d5d6063aadd374395b37b84bdc",
        "34092fb2ebc285c9af8b12309a7d2f53324f02ce1737415a2a3325534fedfe5e\
         5826b656eda48878569d0bba8cfcddaf",
    ),
    (
        "hmac-sha512",
        "7331fc843d110f69fe113c8d5293118285b6ae2820c8c53563e957eb923f455f\
         1db05498a16dff59cf84c80619d10e9935e5eb833964e10ff377fe01223a36c4",
        "870ed38e4a58e4106b705d169c435b073af81ab09176fd580a304fb2503f39dc\
         700f2df86133b2cde599bfd1d1fe8ae0d45eebfcab149fa4553111f341912e82",
    ),
];

fn key(algorithm: &str) -> Key {
    Key::new("Key.Example.", algorithm, SECRET, SETTINGS).unwrap()
}

fn config(settings: &[(&str, &str)]) -> Config {
    Config::new(settings.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn request() -> Vec<u8> {
    Update::new(0x1234, "example.com.").unwrap().into_message()
}

/// What a server that knows `key` answers.
fn answer(key: &Key, request: &Signature, error: u16, other: &[u8]) -> Vec<u8> {
    let mut answer = self::request();
    answer[2] |= 0x80;
    let variables = key.variables(NOW, FUDGE, error, other);
    let mac = key.mac(&[&length(&request.0), &request.0, &answer, &variables]);
    let mut data = key.algorithm.wire_name();
    data.extend(time(NOW));
    data.extend(FUDGE.to_be_bytes());
    data.extend(length(&mac));
    data.extend(mac);
    data.extend([0x12, 0x34]);
    data.extend(error.to_be_bytes());
    data.extend(length(other));
    data.extend(other);
    answer.extend(&key.name);
    answer.extend([0, 250, 0, 255, 0, 0, 0, 0]);
    answer.extend(length(&data));
    answer.extend(data);
    wire::put_u16(&mut answer, ADDITIONAL_COUNT, 1);
    answer
}

#[test]
fn requests_and_answers_match_the_vectors() {
    for (algorithm, of_request, of_answer) in VECTORS {
        let key = key(algorithm);
        let mut message = request();
        let signature = key.sign(&mut message, NOW).unwrap();
        assert_eq!(hex(&signature.0), of_request, "{algorithm}");
        assert_eq!(Tsig::find(&message).unwrap().unwrap().mac, signature.0);
        let answer = answer(&key, &signature, 0, &[]);
        assert_eq!(hex(Tsig::find(&answer).unwrap().unwrap().mac), of_answer, "{algorithm}");
        key.verify(&signature, &answer, NOW + 299).unwrap();
    }
}

#[test]
fn every_flipped_octet_of_an_answer_is_seen() {
    let key = key("hmac-sha256");
    let signature = key.sign(&mut request(), NOW).unwrap();
    let answer = answer(&key, &signature, 0, &[]);
    // The identifier is not signed: the original one in the TSIG record is.
    for at in 2..answer.len() {
        let mut changed = answer.clone();
        changed[at] ^= 1;
        // The TSIG record's own class and TTL are fixed and not read.
        let fixed = answer.len() - 61 - 2 - 6..answer.len() - 61 - 2;
        assert!(fixed.contains(&at) || key.verify(&signature, &changed, NOW).is_err(), "{at}");
    }
    for end in 0..answer.len() {
        assert!(key.verify(&signature, &answer[..end], NOW).is_err(), "cut at {end}");
    }
}

#[test]
fn an_answer_belongs_to_its_request() {
    let key = key("hmac-sha256");
    let first = key.sign(&mut request(), NOW).unwrap();
    let second = key.sign(&mut request(), NOW + 1).unwrap();
    let error = key.verify(&second, &answer(&key, &first, 0, &[]), NOW).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Auth);
}

#[test]
fn refusals_name_the_setting() {
    let key = key("hmac-sha256");
    let signature = key.sign(&mut request(), NOW).unwrap();
    let refusal = |error: u16, other: &[u8], now: u64| {
        let answer = answer(&key, &signature, error, other);
        let error = key.verify(&signature, &answer, now).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Auth);
        error.message
    };
    assert!(refusal(16, &[], NOW).ends_with("look at `SECRET`"));
    assert!(refusal(17, &[], NOW).ends_with("look at `KEY`"));
    let server_time: Vec<u8> = time(NOW + 4000).collect();
    assert!(refusal(18, &server_time, NOW).contains("4000 s apart"));
    assert!(refusal(0, &[], NOW + 301).contains("301 s apart"));
    let unsigned = {
        let mut answer = request();
        answer[2] |= 0x80;
        key.verify(&signature, &answer, NOW).unwrap_err().message
    };
    assert!(unsigned.contains("not signed"));
}

#[test]
fn keys_come_from_three_settings_or_from_a_statement() {
    let three = config(&[("KEY", "k."), ("SECRET", SECRET), ("ALGORITHM", "hmac-sha512.")]);
    let key = Key::from_config(&three, SETTINGS).unwrap().unwrap();
    assert_eq!((key.label.as_str(), key.algorithm), ("k", Algorithm::Sha512));
    let two = config(&[("KEY", "k"), ("SECRET", SECRET)]);
    assert_eq!(Key::from_config(&two, SETTINGS).unwrap().unwrap().algorithm, Algorithm::Sha256);
    let statement = format!(
        "# made by tsig-keygen\nkey \"k\" {{\n\talgorithm hmac-sha384;\n\tsecret \"{SECRET}\";\n}};\n"
    );
    let key = Key::from_config(&config(&[("STATEMENT", &statement)]), SETTINGS).unwrap().unwrap();
    assert_eq!((key.label.as_str(), key.algorithm), ("k", Algorithm::Sha384));
    assert!(key.refused("", key.settings.secret).message.ends_with("look at `STATEMENT`"));
    assert!(Key::from_config(&config(&[]), SETTINGS).unwrap().is_none());
}

#[test]
fn settings_that_cannot_work_are_named() {
    let fault = |settings: &[(&str, &str)]| {
        let error = Key::from_config(&config(settings), SETTINGS).unwrap_err();
        assert!(!error.message.contains(SECRET), "{error}");
        (error.kind, error.message)
    };
    let (kind, message) = fault(&[("KEY", "k")]);
    assert_eq!((kind, message.contains("`SECRET` is not")), (ErrorKind::Config, true));
    assert_eq!(fault(&[("SECRET", SECRET)]).0, ErrorKind::Config);
    assert_eq!(fault(&[("KEY", "k"), ("SECRET", "no base64!")]).0, ErrorKind::Config);
    assert_eq!(fault(&[("KEY", "k..k"), ("SECRET", SECRET)]).0, ErrorKind::Config);
    assert_eq!(fault(&[("STATEMENT", "no statement")]).0, ErrorKind::Config);
    for old in ["hmac-sha1", "hmac-md5.sig-alg.reg.int."] {
        let (kind, message) = fault(&[("KEY", "k"), ("SECRET", SECRET), ("ALGORITHM", old)]);
        assert_eq!(kind, ErrorKind::Unsupported);
        assert!(message.contains("hmac-sha256") && message.contains("ALGORITHM"), "{message}");
    }
}

#[test]
fn a_key_does_not_show_its_secret() {
    let shown = format!("{:?}", key("hmac-sha256"));
    assert!(shown.contains("****") && !shown.contains("48, 49"), "{shown}");
}

#[test]
fn questions_can_be_signed_too() {
    let mut message = dns::question(1, ".", dns::SOA).unwrap();
    key("hmac-sha256").sign(&mut message, NOW).unwrap();
    assert_eq!(Tsig::find(&message).unwrap().unwrap().original_id, 1);
}
