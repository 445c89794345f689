//! Secrets of providers that other clients had in their files: `credentials/<provider>/<SETTING>`,
//! each a file that its owner alone can read. Certificates keep the paths only.

use std::path::{Path, PathBuf};

use super::method::Taken;
use crate::{error::Error, files};

/// Keeps the secrets among a provider's settings; gives all settings as a certificate keeps them.
///
/// Certificates that share their secrets share the files. Other secrets of the same provider get a
/// folder of their own, and what is there is never changed.
pub(super) fn keep(
    state: &Path,
    provider: &str,
    settings: &[Taken],
) -> Result<Vec<(String, String)>, Error> {
    let secrets: Vec<&Taken> = settings.iter().filter(|setting| setting.secret).collect();
    let plain = settings.iter().filter(|setting| !setting.secret);
    let mut kept: Vec<(String, String)> =
        plain.map(|setting| (setting.name.clone(), setting.value.expose().to_owned())).collect();
    if secrets.is_empty() {
        return Ok(kept);
    }
    let folder = folder(state, provider, &secrets)?;
    files::private_folder(&folder)?;
    for secret in secrets {
        let path = folder.join(&secret.name);
        if !path.exists() {
            files::replace(&path, secret.value.expose().as_bytes())?;
        }
        kept.push((format!("{}_FILE", secret.name), path.display().to_string()));
    }
    Ok(kept)
}

/// The folder with just these secrets, or one that is not there yet.
fn folder(state: &Path, provider: &str, secrets: &[&Taken]) -> Result<PathBuf, Error> {
    let all = state.join("credentials");
    let mut number = 1_u32;
    loop {
        let name = if number == 1 { provider.to_owned() } else { format!("{provider}-{number}") };
        let folder = all.join(name);
        if fits(&folder, secrets)? {
            return Ok(folder);
        }
        number = number.saturating_add(1);
    }
}

/// Whether a folder holds nothing but these secrets: all of them, or some after a run that died.
fn fits(folder: &Path, secrets: &[&Taken]) -> Result<bool, Error> {
    for name in files::names(folder)? {
        let text = files::read_if_there(&folder.join(&name))?.map(zeroize::Zeroizing::new);
        let same = |secret: &&&Taken| {
            secret.name == name && text.as_deref().is_some_and(|text| text == secret.value.expose())
        };
        if !secrets.iter().any(|secret| same(&secret)) {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use wildcert_acme::Secret;

    use super::*;

    fn taken(name: &str, value: &str) -> Taken {
        let secret = name == "X_TOKEN";
        Taken { name: name.to_owned(), from: String::new(), secret, value: Secret::new(value) }
    }

    #[test]
    fn secrets_go_to_files_that_are_shared_and_never_changed() {
        let state = tempfile::tempdir().unwrap();
        let path = |token: &str| {
            let settings = [taken("X_ZONE", "z"), taken("X_TOKEN", token)];
            let kept = keep(state.path(), "x", &settings).unwrap();
            assert_eq!(kept[0], ("X_ZONE".to_owned(), "z".to_owned()));
            assert_eq!(kept[1].0, "X_TOKEN_FILE");
            assert_eq!(std::fs::read_to_string(&kept[1].1).unwrap(), token);
            kept[1].1.clone()
        };
        let first = path("one");
        assert_eq!(first, state.path().join("credentials/x/X_TOKEN").to_str().unwrap());
        let second = path("two");
        assert!(second.contains("/x-2/"), "{second}");
        assert_eq!((path("one"), path("two")), (first.clone(), second));
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            assert_eq!(std::fs::metadata(first).unwrap().mode() & 0o777, 0o600);
        }
    }
}
