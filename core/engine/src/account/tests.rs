//! Which account is meant, and what is kept on disk.

use std::path::Path;

use wildcert_acme::{AccountKey, AccountKeyType};

use super::{
    info::{key_of, read_key},
    *,
};
use crate::{Options, ca::CaAccount, engine::Engine, error::Error, files, files::death};

const CA: &str = "https://ca.test/dir";

/// An account on disk that no CA knows.
fn keep(state: &Path, server: &str, contact: &str, contacts: &[&str], status: AccountStatus) {
    let ca = CaAccount { contacts: vec![contact.to_owned()], ..CaAccount::new(server) };
    let path = folder(state, &ca).unwrap();
    files::private_folder(&path).unwrap();
    let info = AccountInfo {
        name: String::new(),
        server: ca.directory().unwrap().to_string(),
        url: Some(format!("https://ca.test/account/{contact}")),
        status,
        contacts: contacts.iter().map(|one| (*one).to_owned()).collect(),
        key_algorithm: "ES256".to_owned(),
        created: String::new(),
        path,
    };
    info.save().unwrap();
}

/// Whatever file operation a switch of keys dies at: no key is lost, `key.pem` is always there, and
/// the next try takes the remaining steps.
#[test]
fn a_switch_that_dies_at_any_step_loses_no_key() {
    let keys = || AccountKey::generate(AccountKeyType::Ec256).unwrap();
    for steps in 0.. {
        let state = tempfile::tempdir().unwrap();
        keep(state.path(), CA, "a@b.test", &["a@b.test"], AccountStatus::Valid);
        let engine = engine(state.path());
        let mut info = engine.accounts().unwrap().remove(0);
        let (old, new) = (keys(), keys());
        let write = |name: &str, key: &AccountKey| {
            let pem = key.to_pem();
            files::replace(&info.path.join(name), pem.expose().as_bytes()).unwrap();
        };
        write(KEY, &old);
        write("next.pem", &new);
        let folder = info.path.clone();
        let here = || -> Vec<String> {
            let files = files::names(&folder).unwrap().into_iter();
            let pems = files.filter(|name| name.ends_with(".pem") && !name.starts_with('.'));
            pems.map(|name| read_key(&folder.join(name)).unwrap().unwrap().thumbprint()).collect()
        };
        let died = death::after(steps, || engine.switch(&mut info, &new)).is_err();
        assert!(here().contains(&old.thumbprint()) && here().contains(&new.thumbprint()));
        assert!(folder.join(KEY).exists(), "{steps}");
        if folder.join("next.pem").exists() {
            engine.switch(&mut info, &new).unwrap();
        }
        assert_eq!(key_of(&folder).unwrap().thumbprint(), new.thumbprint());
        assert_eq!(here().len(), 2, "{steps}");
        if !died {
            assert!(steps > 5);
            break;
        }
    }
}

fn engine(state: &Path) -> Engine {
    let options = Options { path: state.to_owned(), ..Options::default() };
    Engine::open(options, std::sync::Arc::new(|_| {})).unwrap()
}

fn folder_of(state: &Path, contacts: &[&str]) -> Result<String, Error> {
    let contacts = contacts.iter().map(|one| (*one).to_owned()).collect();
    let folder = folder(state, &CaAccount { contacts, ..CaAccount::new(CA) })?;
    Ok(folder.file_name().unwrap().to_string_lossy().into_owned())
}

#[test]
fn file_names_are_plain_and_never_leave_the_folder() {
    assert_eq!(folder::file_name("localhost_14000/dir"), "localhost_14000_dir");
    assert_eq!(folder::file_name("../../etc"), ".._.._etc");
    assert_eq!(folder::file_name(".."), "_");
    assert_eq!(folder::file_name("me+x@example.com"), "me+x@example.com");
}

#[test]
fn accounts_are_called_after_their_ca_and_folder() {
    let state = tempfile::tempdir().unwrap();
    keep(state.path(), CA, "a@b.test", &["a@b.test"], AccountStatus::Valid);
    keep(state.path(), "letsencrypt", "a@b.test", &["a@b.test"], AccountStatus::Valid);
    // The lock beside the folders is no account.
    files::write_new(&state.path().join("accounts/.lock"), b"").unwrap();
    let accounts = engine(state.path()).accounts().unwrap();
    let names: Vec<&str> = accounts.iter().map(|info| info.name.as_str()).collect();
    assert_eq!(names, ["letsencrypt/a@b.test", "ca.test_dir/a@b.test"]);
}

#[test]
fn the_first_contact_tells_accounts_apart_also_after_it_was_changed() {
    let state = tempfile::tempdir().unwrap();
    let state = state.path();
    assert_eq!(folder_of(state, &[]).unwrap(), "default");
    assert_eq!(folder_of(state, &["mailto:a@b.test"]).unwrap(), "a@b.test");
    keep(state, CA, "a@b.test", &["new@b.test", "x@b.test"], AccountStatus::Valid);
    assert_eq!(folder_of(state, &[]).unwrap(), "a@b.test");
    assert_eq!(folder_of(state, &["a@b.test"]).unwrap(), "a@b.test");
    assert_eq!(folder_of(state, &["new@b.test"]).unwrap(), "a@b.test");
    assert_eq!(folder_of(state, &["x@b.test"]).unwrap(), "x@b.test");

    keep(state, CA, "z@b.test", &["z@b.test"], AccountStatus::Valid);
    let error = folder_of(state, &[]).unwrap_err();
    assert!(error.to_string().ends_with("ca.test_dir/a@b.test, ca.test_dir/z@b.test"), "{error}");
    keep(state, CA, "z@b.test", &["z@b.test"], AccountStatus::Deactivated);
    assert_eq!(folder_of(state, &[]).unwrap(), "a@b.test");
    keep(state, CA, "a@b.test", &["new@b.test"], AccountStatus::Deactivated);
    // An account that was given up is not replaced by another in silence, under no contact of it.
    assert!(folder_of(state, &[]).is_err());
    assert_eq!(folder_of(state, &["new@b.test"]).unwrap(), "new@b.test");
    assert_eq!(folder_of(state, &["z@b.test"]).unwrap(), "z@b.test");
}

#[test]
fn one_account_is_meant_or_it_is_said_which_there_are() {
    let state = tempfile::tempdir().unwrap();
    let engine = engine(state.path());
    let meant = |account: Option<&str>, server: Option<&str>, contact: Option<&str>| {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let (account, server, contact) = (text(account), text(server), text(contact));
        let found = engine.account(&AccountChoice { account, server, contact });
        found.map(|info| info.name).map_err(|error| error.to_string())
    };
    assert_eq!(meant(None, None, None).unwrap_err(), "there is no account");
    keep(state.path(), CA, "a@b.test", &["a@b.test", "c@b.test"], AccountStatus::Valid);
    let only = Ok("ca.test_dir/a@b.test".to_owned());
    assert_eq!(meant(None, None, None), only);
    keep(state.path(), CA, "z@b.test", &["z@b.test"], AccountStatus::Valid);
    keep(state.path(), "letsencrypt", "a@b.test", &["a@b.test"], AccountStatus::Valid);
    for (account, server, contact) in [
        (Some("ca.test_dir/a@b.test"), None, None),
        (Some("https://ca.test/account/a@b.test"), Some(CA), None),
        (Some("a@b.test"), Some(CA), None),
        (None, None, Some("c@b.test")),
        (None, Some(CA), Some("mailto:a@b.test")),
    ] {
        assert_eq!(meant(account, server, contact), only, "{account:?} {server:?} {contact:?}");
    }
    assert_eq!(meant(Some("z@b.test"), None, None).unwrap(), "ca.test_dir/z@b.test");
    assert_eq!(meant(None, Some("letsencrypt"), None).unwrap(), "letsencrypt/a@b.test");
    let several = meant(Some("ca.test_dir"), None, None).unwrap_err();
    assert!(several.ends_with("ca.test_dir/a@b.test, ca.test_dir/z@b.test"), "{several}");
    assert!(meant(Some("nobody"), None, None).unwrap_err().starts_with("no account of that name"));
    keep(state.path(), CA, "z@b.test", &["z@b.test"], AccountStatus::Deactivated);
    assert_eq!(meant(Some("ca.test_dir"), None, None), only);
    assert_eq!(meant(Some("z@b.test"), None, None).unwrap(), "ca.test_dir/z@b.test");
}
