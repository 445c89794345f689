//! A CA as seen from outside: its directory and the accounts it has.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde::Serialize;
use tokio::sync::OnceCell;
use url::Url;

use crate::http::Transport;
use crate::jws::{self, Jws};
use crate::nonce::PATIENCE;
use crate::post::Post;
use crate::types::AccountBody;
use crate::{Account, AccountKey, Directory, Error, NewAccount, Operation, RequestCounts};

/// How to reach a CA.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// The URL of its directory; see [`directory_url`](crate::directory_url).
    pub directory: Url,
    /// The root certificates to trust, all of them; if empty, the system's.
    pub roots: Vec<reqwest::Certificate>,
    /// How long one request may take.
    pub timeout: Duration,
    /// The `User-Agent` (RFC 8555 §6.1 demands one).
    pub user_agent: String,
}

impl ClientOptions {
    /// The system's roots, 30 seconds, and this crate's name as `User-Agent`.
    pub fn new(directory: Url) -> ClientOptions {
        ClientOptions {
            directory,
            roots: Vec::new(),
            timeout: Duration::from_secs(30),
            user_agent: concat!("wildcert/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// A client of one CA; clones share its connections, nonces and directory.
///
/// Proxies come from the environment (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`); a CA on this
/// machine is always reached directly.
#[derive(Clone)]
pub struct Client(Arc<Core>);

impl Client {
    /// Sets a client up; nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Client`] if the root certificates cannot be used or the system has none.
    pub fn new(options: ClientOptions) -> Result<Client, Error> {
        Client::with_patience(options, PATIENCE)
    }

    /// What the CA offers (RFC 8555 §7.1.1); fetched once.
    ///
    /// # Errors
    /// [`Error::Directory`] if something else than a directory answers, or what prevents the
    /// request.
    pub async fn directory(&self) -> Result<&Directory, Error> {
        self.0.directory().await
    }

    /// Creates an account, or finds the one that this key has already (RFC 8555 §7.3).
    ///
    /// # Errors
    /// [`Error::TermsNotAgreed`] and [`Error::ExternalAccount`] before anything is sent;
    /// [`Error::Problem`] if the CA refuses.
    pub async fn register(&self, key: AccountKey, new: NewAccount) -> Result<Account, Error> {
        let directory = self.directory().await?;
        if let (Some(terms), false) = (&directory.terms_of_service, new.terms_agreed) {
            return Err(Error::TermsNotAgreed { terms: terms.clone() });
        }
        let binding = match &new.external {
            Some(external) => Some(jws::bind(&key, external, &directory.new_account)?),
            None => None,
        };
        let payload = NewAccountBody {
            contact: new.contact_urls(),
            terms_of_service_agreed: new.terms_agreed,
            external_account_binding: binding,
            only_return_existing: false,
        };
        self.new_account(key, payload).await
    }

    /// Finds the account of a key (RFC 8555 §7.3.1).
    ///
    /// This is also how to find out which of two keys is an account's after a change of keys that
    /// was interrupted: the new one if it has an account, else the old one.
    ///
    /// # Errors
    /// [`Error::Problem`] of type `accountDoesNotExist` if it has none; any other error says
    /// nothing about the key.
    pub async fn find_account(&self, key: AccountKey) -> Result<Account, Error> {
        let payload = NewAccountBody {
            contact: Vec::new(),
            terms_of_service_agreed: false,
            external_account_binding: None,
            only_return_existing: true,
        };
        self.new_account(key, payload).await
    }

    /// An account that is known from before; nothing is sent.
    pub fn account(&self, key: AccountKey, url: Url) -> Account {
        Account::new(Arc::clone(&self.0), key, url, AccountBody::default())
    }

    /// How many requests were sent so far.
    pub fn requests(&self) -> RequestCounts {
        self.0.transport.counters.snapshot()
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.0
    }

    pub(crate) fn of(core: Arc<Core>) -> Client {
        Client(core)
    }

    pub(crate) fn with_patience(
        options: ClientOptions,
        patience: Duration,
    ) -> Result<Client, Error> {
        let transport = Transport::new(&options, patience)?;
        let directory = OnceCell::new();
        Ok(Client(Arc::new(Core { transport, url: options.directory, directory })))
    }

    async fn new_account(
        &self,
        key: AccountKey,
        payload: NewAccountBody,
    ) -> Result<Account, Error> {
        let payload = serde_json::to_vec(&payload).map_err(Error::Encode)?;
        let answer = self
            .0
            .post(Post {
                operation: Operation::NewAccount,
                url: &self.directory().await?.new_account,
                key: &key,
                kid: None,
                payload: &payload,
                accept: None,
            })
            .await?;
        // Some CAs send no body for an account that exists; its URL is what matters.
        let body = answer.json().unwrap_or_default();
        Ok(Account::new(Arc::clone(&self.0), key, answer.location()?, body))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.0.url)
    }
}

/// What all clones of a client, and its accounts, share.
pub(crate) struct Core {
    pub(crate) transport: Transport,
    url: Url,
    directory: OnceCell<Directory>,
}

impl Core {
    pub(crate) async fn directory(&self) -> Result<&Directory, Error> {
        self.directory
            .get_or_try_init(async || {
                let answer = self.transport.plain(Operation::Directory, Method::GET, &self.url);
                Directory::read(&self.url, answer.await)
            })
            .await
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewAccountBody {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contact: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    terms_of_service_agreed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_account_binding: Option<Jws>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    only_return_existing: bool,
}
