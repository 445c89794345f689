use std::os::unix::fs::PermissionsExt as _;

use time::Duration;
use wildcert_dns::Identifier;

use super::*;
use crate::{
    certificate::{Issued, tests::chain},
    csr::{Csr, ExternalCsr},
    files::death,
    key::KeyType,
    outputs::{Outputs, Pfx, PfxFormat},
};

/// A store of its own, and certificates to put in it.
struct Rig {
    folder: tempfile::TempDir,
    store: Store,
}

struct Made {
    issued: Issued,
    csr: Csr,
    names: Vec<Identifier>,
}

fn made() -> Made {
    let names = vec!["example.com".parse().unwrap(), "*.example.com".parse().unwrap()];
    let csr = Csr::new(KeyType::Ec256, &names).unwrap();
    let issued = Issued::check("example.com", &chain(&csr), &csr, &names).unwrap();
    Made { issued, csr, names }
}

fn new<'a>(name: &'a str, made: &'a Made, outputs: &'a Outputs) -> NewCertificate<'a> {
    NewCertificate {
        name,
        identifiers: &made.names,
        issued: &made.issued,
        csr: &made.csr,
        outputs,
        server: "https://ca.test/dir".to_owned(),
        account: "https://ca.test/account/7".to_owned(),
        provider: "rfc2136".to_owned(),
        certificate_url: "https://ca.test/certificate/7".to_owned(),
        renewal: Default::default(),
    }
}

fn everything() -> Outputs {
    let pfx = Pfx { password: wildcert_acme::Secret::new("x").into(), format: PfxFormat::Sha256 };
    Outputs { pem: true, der: true, pfx: Some(pfx) }
}

impl Rig {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { store: Store::new(folder.path()), folder }
    }

    fn save(&self, name: &str, made: &Made) -> CertificateInfo {
        self.store.save(&new(name, made, &Outputs::default())).unwrap()
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join("certificates").join(path)
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The names beside the folders, hidden ones left out.
    fn beside(&self) -> Vec<String> {
        let names = files::names(&self.at("")).unwrap();
        names.into_iter().filter(|name| !name.starts_with('.')).collect()
    }

    /// That the newest certificate is this one, whole.
    fn holds(&self, name: &str, made: &Made) -> bool {
        let Some(info) = self.store.read(name).unwrap() else { return false };
        let chain = format!("{}{}", made.issued.leaf_pem(), made.issued.issuers_pem());
        info.serial == made.issued.serial
            && self.text(&format!("{name}/fullchain.pem")) == chain
            && self.text(&format!("{name}/cert.pem")) == made.issued.leaf_pem()
            && self.text(&format!("{name}/csr.pem")) == made.csr.pem()
            && self.store.key(name).unwrap().unwrap().serialized_der()
                == made.csr.key().unwrap().serialized_der()
    }

    fn events(&self) -> Vec<HistoryEvent> {
        let entries = self.store.history(None, None).unwrap();
        entries.into_iter().map(|entry| entry.event).collect()
    }
}

#[test]
fn what_is_saved_is_read_and_stands_where_lego_looks() {
    let rig = Rig::new();
    let made = made();
    let info = rig.store.save(&new("example.com", &made, &everything())).unwrap();
    assert!(rig.holds("example.com", &made));
    let read = rig.store.read("example.com").unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("{info:?}"));
    assert_eq!(read.path, rig.at("example.com"));
    assert_eq!((read.key_type, read.key_bits), (Some(KeyType::Ec256), 256));
    assert_eq!(read.domains, ["example.com", "*.example.com"]);
    assert_eq!((read.outputs, read.external_csr), (everything().kinds(), false));
    let endings = ["", ".crt", ".der", ".issuer.crt", ".json", ".key", ".pem", ".pfx"];
    assert_eq!(rig.beside(), endings.map(|ending| format!("example.com{ending}")));
    for name in rig.beside() {
        let mode = fs::metadata(rig.at(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
    assert_eq!(rig.text("example.com.key"), rig.text("example.com/privkey.pem"));

    // A form that is no longer wanted goes, and with it its link.
    rig.save("example.com", &made);
    assert_eq!(rig.beside().len(), 5);
    assert!(!rig.at("example.com/bundle.pfx").exists());
}

#[test]
fn a_certificate_without_a_private_key_leaves_none_beside_it() {
    let rig = Rig::new();
    let mut made = made();
    rig.save("example.com", &made);
    let request = rig.at("example.com/csr.pem");
    made.csr = Csr::from(&ExternalCsr::read(&request).unwrap());
    let info = rig.save("example.com", &made);
    assert!(info.external_csr);
    assert_eq!(rig.beside().len(), 4);
    assert!(!rig.at("example.com/privkey.pem").exists());
    assert!(fs::symlink_metadata(rig.at("example.com.key")).is_err());
    assert!(rig.store.key("example.com").unwrap().is_none());
}

#[test]
fn files_of_other_clients_stay_as_they_are() {
    let rig = Rig::new();
    files::private_folder(&rig.at("other.example")).unwrap();
    for name in ["example.com.key", "other.crt", "other.json", "note.txt", "other.example/x"] {
        fs::write(rig.at(name), "foreign").unwrap();
    }
    rig.save("example.com", &made());
    assert_eq!(rig.text("example.com.key"), "foreign");
    let listing = rig.store.list().unwrap();
    assert_eq!((listing.certificates.len(), listing.damaged.len()), (1, 0));
    rig.store.remove("example.com").unwrap().unwrap();
    assert_eq!(rig.text("example.com.key"), "foreign");
}

#[test]
fn one_damaged_certificate_does_not_hide_the_others() {
    let rig = Rig::new();
    for name in ["a.example", "b.example"] {
        rig.save(name, &made());
    }
    fs::write(rig.at("a.example/certificate.json"), "{").unwrap();
    let listing = rig.store.list().unwrap();
    assert_eq!(listing.certificates.len(), 1);
    assert!(listing.damaged[0].to_string().contains("a.example"), "{:?}", listing.damaged);
}

#[test]
fn names_lead_nowhere_else() {
    let rig = Rig::new();
    rig.save("example.com", &made());
    for name in ["", ".", "..", ".archive", "../certificates/example.com", "x/../example.com"] {
        assert!(rig.store.read(name).unwrap().is_none(), "{name}");
        assert!(rig.store.versions(name).unwrap().is_empty(), "{name}");
        assert!(rig.store.remove(name).unwrap().is_none(), "{name}");
    }
}

#[test]
fn a_certificate_is_found_by_its_serial_number_wherever_it_is() {
    let rig = Rig::new();
    let (old, newer) = (made(), made());
    rig.save("example.com", &old);
    rig.save("example.com", &newer);
    rig.store.remove("example.com").unwrap();
    rig.save("example.com", &made());
    let spelled: Vec<String> = old
        .issued
        .serial
        .as_bytes()
        .chunks(2)
        .map(|pair| String::from_utf8_lossy(pair).to_uppercase())
        .collect();
    for text in [old.issued.serial.clone(), spelled.join(":"), format!("0x00{}", spelled.concat())]
    {
        let found = rig.store.by_serial(&text).unwrap();
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].path, rig.at(".removed/example.com.1/0001"));
        assert_eq!(found[0].replaced_by.as_ref().unwrap().serial, newer.issued.serial);
    }
    assert!(rig.store.by_serial("00").unwrap().is_empty());
}

#[test]
fn what_was_replaced_is_told_until_it_is_revoked_or_has_ended() {
    let rig = Rig::new();
    let (old, newer) = (made(), made());
    rig.save("example.com", &old);
    assert!(rig.store.superseded().unwrap().is_empty());
    rig.save("example.com", &newer);
    rig.save("other.example", &made());
    let superseded = rig.store.superseded().unwrap();
    let [found] = superseded.as_slice() else { panic!("{superseded:?}") };
    assert_eq!(found.serial, old.issued.serial);
    let replacement = found.replaced_by.clone().unwrap();
    assert_eq!(replacement.serial, newer.issued.serial);
    assert!(OffsetDateTime::now_utc() - replacement.time < Duration::MINUTE);
    let versions = rig.store.versions("example.com").unwrap();
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[1].replaced_by, None);

    rig.store.revoked(found, Some("superseded")).unwrap();
    rig.store.revoked(found, None).unwrap();
    assert!(rig.store.superseded().unwrap().is_empty());
    let revoked = rig.store.by_serial(&found.serial).unwrap()[0].revoked.clone().unwrap();
    assert_eq!(revoked.reason.as_deref(), Some("superseded"));
    assert!(rig.store.read("example.com").unwrap().unwrap().revoked.is_none());

    // One that nobody ever linked to came after the newest, and is not in its way.
    fs::rename(rig.at(".archive/example.com/0001"), rig.at(".archive/example.com/0003")).unwrap();
    fs::remove_file(rig.at(".archive/example.com/0003/revoked.json")).unwrap();
    assert!(rig.store.superseded().unwrap().is_empty());
}

#[test]
fn an_ended_certificate_needs_no_reminder() {
    let rig = Rig::new();
    rig.save("example.com", &made());
    rig.save("example.com", &made());
    let path = rig.at(".archive/example.com/0001/certificate.json");
    let mut info: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(rig.store.superseded().unwrap().len(), 1);
    info["not_after"] = "2020-01-01T00:00:00Z".into();
    fs::write(&path, info.to_string()).unwrap();
    assert!(rig.store.superseded().unwrap().is_empty());
}

#[test]
fn the_revocation_of_the_newest_is_known_and_told() {
    let rig = Rig::new();
    let info = rig.save("example.com", &made());
    rig.store.revoked(&info, Some("keyCompromise")).unwrap();
    let read = rig.store.read("example.com").unwrap().unwrap();
    assert_eq!(read.revoked.unwrap().reason.as_deref(), Some("keyCompromise"));
    assert!(!rig.text("example.com.json").contains("revoked"));
    let entries = rig.store.history(Some("example.com"), Some(&info.serial)).unwrap();
    let [issued, revoked] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((issued.event, revoked.event), (HistoryEvent::Issued, HistoryEvent::Revoked));
    assert_eq!((issued.version.as_str(), revoked.version.as_str()), ("0001", "0001"));
    assert_eq!(revoked.reason.as_deref(), Some("keyCompromise"));
    assert_eq!(
        fs::read_to_string(revoked.csr().unwrap()).unwrap(),
        rig.text("example.com/csr.pem")
    );
    assert!(rig.store.history(Some("other.example"), None).unwrap().is_empty());
}

#[test]
fn the_history_outlives_removal_and_a_new_beginning() {
    let rig = Rig::new();
    let (old, newer) = (made(), made());
    rig.save("example.com", &old);
    rig.store.remove("example.com").unwrap();
    assert!(rig.beside().is_empty());
    assert!(rig.store.list().unwrap().certificates.is_empty());
    rig.save("example.com", &newer);
    rig.store.remove("example.com").unwrap();
    use HistoryEvent::{Issued, Removed};
    assert_eq!(rig.events(), [Issued, Removed, Issued, Removed]);
    let entries = rig.store.history(None, Some(&old.issued.serial)).unwrap();
    assert_eq!(entries.len(), 2);
    let certificate = entries[0].certificate().unwrap();
    assert_eq!(fs::read_to_string(certificate).unwrap(), old.issued.leaf_pem());
    assert!(rig.at(".removed/example.com.2/0001").is_dir());
}

#[test]
fn whenever_a_renewal_dies_the_old_or_the_new_is_there_whole() {
    let (old, newer, last) = (made(), made(), made());
    let outputs = everything();
    let mut saw = [0; 2];
    for steps in 0.. {
        let rig = Rig::new();
        rig.store.save(&new("example.com", &old, &outputs)).unwrap();
        let died = death::after(steps, || rig.store.save(&new("example.com", &newer, &outputs)));
        let (is_old, is_new) = (rig.holds("example.com", &old), rig.holds("example.com", &newer));
        assert!(is_old != is_new, "after {steps} steps: old {is_old}, new {is_new}");
        saw[usize::from(is_new)] += 1;
        assert_eq!(rig.store.list().unwrap().certificates.len(), 1);
        let links: Vec<String> = rig.beside();
        assert_eq!(links.len(), 8, "after {steps} steps: {links:?}");
        assert!(links.iter().all(|link| rig.at(link).exists()), "after {steps} steps");
        let known = rig.store.versions("example.com").unwrap().len();
        assert_eq!(rig.events().len(), known, "after {steps} steps");

        rig.store.save(&new("example.com", &last, &outputs)).unwrap();
        assert!(rig.holds("example.com", &last), "after {steps} steps");
        if died.is_ok() {
            break;
        }
    }
    assert!(saw[0] > 10 && saw[1] > 1, "{saw:?}");
}

#[test]
fn whenever_the_first_issuance_dies_nothing_or_all_is_there() {
    let (first, again) = (made(), made());
    for steps in 0.. {
        let rig = Rig::new();
        let died = death::after(steps, || rig.store.save(&new("a.test", &first, &everything())));
        let listed = rig.store.list().unwrap();
        assert!(listed.damaged.is_empty(), "after {steps} steps");
        assert_eq!(listed.certificates.len(), usize::from(rig.holds("a.test", &first)));
        rig.store.save(&new("a.test", &again, &everything())).unwrap();
        assert!(rig.holds("a.test", &again), "after {steps} steps");
        assert_eq!(rig.beside().len(), 8);
        if died.is_ok() {
            break;
        }
        assert!(steps < 200);
    }
}

#[test]
fn whenever_a_removal_dies_nothing_is_lost_and_it_can_be_done_again() {
    let (old, newer) = (made(), made());
    for steps in 0.. {
        let rig = Rig::new();
        rig.save("example.com", &old);
        rig.save("example.com", &newer);
        let died = death::after(steps, || rig.store.remove("example.com"));
        for made in [&old, &newer] {
            let found = rig.store.by_serial(&made.issued.serial).unwrap();
            assert_eq!(found.len(), 1, "after {steps} steps");
            let certificate = fs::read_to_string(found[0].path.join("cert.pem")).unwrap();
            assert_eq!(certificate, made.issued.leaf_pem());
        }
        let listed = !rig.store.list().unwrap().certificates.is_empty();
        assert_eq!(listed, rig.holds("example.com", &newer), "after {steps} steps");
        rig.store.remove("example.com").unwrap();
        assert!(rig.beside().is_empty(), "after {steps} steps: {:?}", rig.beside());
        assert!(rig.at(".removed/example.com.1/0002").is_dir());
        use HistoryEvent::{Issued, Removed, Renewed};
        assert_eq!(rig.events(), [Issued, Renewed, Removed], "after {steps} steps");
        if died.is_ok() {
            break;
        }
        assert!(steps < 200);
    }
}

#[test]
fn ten_thousand_certificates_cost_less_than_a_second() {
    let rig = Rig::new();
    let json = {
        rig.save("example.com", &made());
        rig.text("example.com/certificate.json")
    };
    for number in 0..10_000 {
        let name = format!("c{number}.example.com");
        let version = rig.at(".archive").join(&name).join("0001");
        fs::create_dir_all(&version).unwrap();
        fs::write(version.join(INFO), json.replace("example.com", &name)).unwrap();
        std::os::unix::fs::symlink(&version, rig.at(&name)).unwrap();
        for ending in [".crt", ".issuer.crt", ".key", ".json"] {
            let target = format!("{name}/{INFO}");
            std::os::unix::fs::symlink(target, rig.at(&format!("{name}{ending}"))).unwrap();
        }
    }
    let begin = busy();
    let listing = rig.store.list().unwrap();
    let listed = busy() - begin;
    assert_eq!(listing.certificates.len(), 10_001);
    assert!(rig.store.superseded().unwrap().is_empty());
    let both = busy() - begin;
    println!("listed in {listed:?}, with a look for what was replaced in {both:?}");
    assert!(both.as_secs_f64() < 1.0, "listed in {listed:?}, with superseded ones in {both:?}");
}

/// How long this thread has been on a processor: what other processes do does not count.
fn busy() -> std::time::Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    std::time::Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}
