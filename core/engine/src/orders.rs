//! Orders that wait at a CA, kept so that a run that was stopped goes on where it was.
//!
//! `certificates/.orders/<name>/` holds `order.json` and, from just before the order is finalized,
//! the private key that its certificate will belong to. It is held under the certificate's lock. What
//! is lost here costs another order and nothing else, so nothing waits for the disk.

use std::{fs, path::PathBuf};

use serde::{Deserialize, Serialize};
use url::Url;
use wildcert_acme::Secret;

use crate::{error::Error, files};

/// What was ordered, and where.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Ordered {
    /// The CA's directory URL.
    pub(crate) server: String,
    /// The account's URL.
    pub(crate) account: String,
    /// The names, as A-labels, sorted.
    pub(crate) names: Vec<String>,
    /// The profile that was asked for.
    pub(crate) profile: Option<String>,
    /// The end that was asked for, in RFC 3339.
    pub(crate) not_after: Option<String>,
    /// The certificate that it replaces.
    pub(crate) replaces: Option<String>,
    /// What the certificate's key is to be, so that another wish makes another order.
    pub(crate) key: String,
}

#[derive(Deserialize, Serialize)]
struct Entry {
    url: String,
    ordered: Ordered,
}

/// The open order of one certificate.
pub(crate) struct OpenOrder {
    folder: PathBuf,
}

impl OpenOrder {
    /// The place for the certificate `name` below the folder of the certificates.
    pub(crate) fn of(certificates: &std::path::Path, name: &str) -> Self {
        Self { folder: certificates.join(".orders").join(name) }
    }

    /// Notes that `ordered` has the URL `url`.
    pub(crate) fn note(&self, url: &Url, ordered: &Ordered) -> Result<(), Error> {
        self.forget();
        files::private_folder(&self.folder)?;
        let entry = Entry { url: url.to_string(), ordered: ordered.clone() };
        let json = serde_json::to_vec_pretty(&entry).unwrap_or_default();
        files::write_private(&self.folder.join(ORDER), &json)
    }

    /// Keeps the private key that is about to be certified.
    pub(crate) fn keep_key(&self, pem: &Secret) -> Result<(), Error> {
        files::write_private(&self.folder.join(KEY), pem.expose().as_bytes())
    }

    /// The URL and the key of an order for the same thing; the key only if it was kept.
    pub(crate) fn find(&self, wanted: &Ordered) -> Option<(Url, Option<Secret>)> {
        let text = files::read_if_there(&self.folder.join(ORDER)).ok()??;
        let entry: Entry = serde_json::from_str(&text).ok()?;
        if entry.ordered != *wanted {
            return None;
        }
        let url = Url::parse(&entry.url).ok()?;
        let key = files::read_if_there(&self.folder.join(KEY)).ok()?.map(Secret::from);
        Some((url, key))
    }

    /// Forgets the order: its certificate is stored, or it will never have one.
    pub(crate) fn forget(&self) {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!("{} cannot be removed: {error}", self.folder.display());
            }
            _ => {}
        }
    }
}

const ORDER: &str = "order.json";
const KEY: &str = "privkey.pem";

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered() -> Ordered {
        Ordered {
            server: "https://ca.test/dir".to_owned(),
            account: "https://ca.test/account/1".to_owned(),
            names: vec!["*.example.test".to_owned(), "example.test".to_owned()],
            profile: None,
            not_after: None,
            replaces: None,
            key: "ec256".to_owned(),
        }
    }

    #[test]
    fn an_order_is_found_again_for_the_same_wish_alone() {
        let state = tempfile::tempdir().unwrap();
        let order = OpenOrder::of(state.path(), "example.test");
        let url = Url::parse("https://ca.test/order/7").unwrap();
        assert!(order.find(&ordered()).is_none());
        order.note(&url, &ordered()).unwrap();
        let (found, key) = order.find(&ordered()).unwrap();
        assert!(found == url && key.is_none());
        order.keep_key(&Secret::from("pem".to_owned())).unwrap();
        assert_eq!(order.find(&ordered()).unwrap().1.unwrap().expose(), "pem");
        assert!(order.find(&Ordered { profile: Some("x".into()), ..ordered() }).is_none());
        assert!(order.find(&Ordered { account: "other".into(), ..ordered() }).is_none());
        // A new order has nothing of the one before it.
        order.note(&url, &ordered()).unwrap();
        assert!(order.find(&ordered()).unwrap().1.is_none());
        order.forget();
        assert!(order.find(&ordered()).is_none());
    }
}
