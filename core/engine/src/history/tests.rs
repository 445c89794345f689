use std::os::unix::fs::PermissionsExt as _;

use time::Duration;

use super::*;

fn info(name: &str, fingerprint: &str, version: &str) -> CertificateInfo {
    let mut info = CertificateInfo::sample(name);
    info.fingerprint_sha256 = fingerprint.to_owned();
    info.path = PathBuf::from("/nowhere").join(version);
    info
}

fn told(entries: &[HistoryEntry]) -> Vec<(HistoryEvent, &str)> {
    entries.iter().map(|entry| (entry.event, entry.name.as_str())).collect()
}

#[test]
fn events_are_kept_in_a_private_file() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::new(folder.path());
    assert!(history.read(&[]).unwrap().is_empty());
    history
        .append(&HistoryEntry::new(HistoryEvent::Issued, &info("a.test", "aa", "0001")))
        .unwrap();
    let mut revoked = HistoryEntry::new(HistoryEvent::Revoked, &info("b.test", "bb", "0002"));
    revoked.reason = Some("keyCompromise".to_owned());
    history.append(&revoked).unwrap();

    let entries = history.read(&[]).unwrap();
    assert_eq!(
        told(&entries),
        [(HistoryEvent::Issued, "a.test"), (HistoryEvent::Revoked, "b.test")]
    );
    assert_eq!(entries[1].reason.as_deref(), Some("keyCompromise"));
    assert_eq!(entries[1].version, "0002");
    assert_eq!(entries[0].folder, None);
    let mode = fs::metadata(&history.path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_line_that_was_cut_off_takes_no_other_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::new(folder.path());
    let entry = |name| HistoryEntry::new(HistoryEvent::Issued, &info(name, name, "0001"));
    history.append(&entry("a.test")).unwrap();
    history.append(&entry("b.test")).unwrap();
    let whole = fs::read(&history.path).unwrap();
    fs::write(&history.path, &whole[..whole.len() - 9]).unwrap();
    assert_eq!(told(&history.read(&[]).unwrap()), [(HistoryEvent::Issued, "a.test")]);

    history.append(&entry("c.test")).unwrap();
    assert_eq!(
        told(&history.read(&[]).unwrap()),
        [(HistoryEvent::Issued, "a.test"), (HistoryEvent::Issued, "c.test")]
    );
    // As a file system may leave it after a loss of power.
    let torn = [fs::read(&history.path).unwrap(), vec![0, 0xff, 0xc3]].concat();
    fs::write(&history.path, torn).unwrap();
    assert_eq!(history.read(&[]).unwrap().len(), 2);
}

#[test]
fn what_no_event_tells_comes_from_the_folders_and_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::new(folder.path());
    let first = info("a.test", "aa", "0001");
    let mut second = info("a.test", "ab", "0002");
    second.not_before += Duration::days(60);
    second.revoked = Some(crate::store::Revocation {
        time: second.not_before + Duration::DAY,
        reason: Some("superseded".to_owned()),
    });
    let third = info("b.test", "bb", "0001");
    history.append(&HistoryEntry::new(HistoryEvent::Issued, &third)).unwrap();
    let before = fs::read(&history.path).unwrap();

    let entries = history.read(&[first, second, third]).unwrap();
    assert_eq!(
        told(&entries),
        [
            (HistoryEvent::Issued, "a.test"),
            (HistoryEvent::Renewed, "a.test"),
            (HistoryEvent::Revoked, "a.test"),
            (HistoryEvent::Issued, "b.test"),
        ]
    );
    assert_eq!(entries[2].reason.as_deref(), Some("superseded"));
    assert_eq!(entries[1].folder.as_deref(), Some(Path::new("/nowhere/0002")));
    assert_eq!(fs::read(&history.path).unwrap(), before);
}

#[test]
fn many_at_once_lose_no_event() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let history = History::new(folder.path());
            scope.spawn(move || {
                for number in 0..10 {
                    let info = info("a.test", &format!("{writer}-{number}"), "0001");
                    history.append(&HistoryEntry::new(HistoryEvent::Issued, &info)).unwrap();
                }
            });
        }
    });
    assert_eq!(History::new(folder.path()).read(&[]).unwrap().len(), 80);
}
