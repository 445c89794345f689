//! The environment variables that the command reads.
//!
//! Providers have variables of their own, which `wildcert providers show ID` lists.

use std::ffi::OsString;

/// The state folder.
pub const PATH: &str = "WILDCERT_PATH";
/// The configuration file.
pub const CONFIG: &str = "WILDCERT_CONFIG";
/// The log file.
pub const LOG_FILE: &str = "WILDCERT_LOG_FILE";
/// The CA.
pub const SERVER: &str = "WILDCERT_SERVER";
/// The account's contacts, separated by commas.
pub const EMAIL: &str = "WILDCERT_EMAIL";
/// Key identifier of the external account binding.
pub const EAB_KID: &str = "WILDCERT_EAB_KID";
/// HMAC key of the external account binding.
pub const EAB_HMAC_KEY: &str = "WILDCERT_EAB_HMAC_KEY";
/// Folders with providers; the plugin host reads it.
pub const PROVIDER_PATH: &str = "WILDCERT_PROVIDER_PATH";
/// Whether modules run only with the signature of a trusted key.
pub const REQUIRE_SIGNATURE: &str = "WILDCERT_REQUIRE_SIGNATURE";
/// The language of messages.
pub const LANGUAGE: &str = "WILDCERT_LANG";
/// The locale in place of all other variables.
pub const LC_ALL: &str = "LC_ALL";
/// The locale of messages.
pub const LC_MESSAGES: &str = "LC_MESSAGES";
/// The locale where no other variable says it.
pub const LANG: &str = "LANG";
/// The password of PKCS#12 files.
pub const PFX_PASSWORD: &str = "WILDCERT_PFX_PASSWORD";
/// lego's name for [`PFX_PASSWORD`].
pub const LEGO_PFX_PASSWORD: &str = "LEGO_PFX_PASSWORD";
/// lego's name for [`PATH`].
pub const LEGO_PATH: &str = "LEGO_PATH";
/// lego's name for [`SERVER`].
pub const LEGO_SERVER: &str = "LEGO_SERVER";
/// lego's name for [`EMAIL`].
pub const LEGO_EMAIL: &str = "LEGO_EMAIL";
/// lego's name for [`EAB_KID`].
pub const LEGO_EAB_KID: &str = "LEGO_EAB_KID";
/// lego's name for [`EAB_HMAC_KEY`].
pub const LEGO_EAB_HMAC: &str = "LEGO_EAB_HMAC";
/// PEM files with roots for the CA's server, separated as in `PATH`.
pub const LEGO_CA_CERTIFICATES: &str = "LEGO_CA_CERTIFICATES";
/// Whether output is coloured; see <https://no-color.org>.
pub const NO_COLOR: &str = "NO_COLOR";
/// Set by continuous integration; there is no live view then.
pub const CI: &str = "CI";
/// The terminal's kind; there is no live view on a `dumb` one.
pub const TERM: &str = "TERM";

/// Every variable with its meaning.
pub const ALL: &[(&str, &str)] = &[
    (PATH, "state folder, as `--path`"),
    (CONFIG, "configuration file, as `--config`"),
    (LOG_FILE, "file that every run is told in, as `--log-file`"),
    (SERVER, "the CA, as `--server`"),
    (EMAIL, "the account's contacts, separated by commas, as `--email`"),
    (EAB_KID, "key identifier of the external account binding, as `--eab-kid`"),
    (EAB_HMAC_KEY, "HMAC key of the external account binding, as `--eab-hmac-key`"),
    (PROVIDER_PATH, "folders with providers, separated as in `PATH`, after `--provider-dir`"),
    (REQUIRE_SIGNATURE, "`1` or `true`, as `--require-signature`; `0` or `false` for not"),
    (LANGUAGE, "language of messages, `en` or `ja`, as `--lang`"),
    (LC_ALL, "locale, such as `ja_JP.UTF-8`, where no variable above it says the language"),
    (LC_MESSAGES, "the same, after `LC_ALL`"),
    (LANG, "the same, after `LC_MESSAGES`"),
    (PFX_PASSWORD, "password of PKCS#12 files"),
    (LEGO_PFX_PASSWORD, "the same as `WILDCERT_PFX_PASSWORD`, which goes first"),
    (LEGO_PATH, "the same as `WILDCERT_PATH`, which goes first"),
    (LEGO_SERVER, "the same as `WILDCERT_SERVER`, which goes first"),
    (LEGO_EMAIL, "the same as `WILDCERT_EMAIL`, which goes first"),
    (LEGO_EAB_KID, "the same as `WILDCERT_EAB_KID`, which goes first"),
    (LEGO_EAB_HMAC, "the same as `WILDCERT_EAB_HMAC_KEY`, which goes first"),
    (LEGO_CA_CERTIFICATES, "files as `--ca-bundle`, separated as in `PATH`"),
    (NO_COLOR, "no colours when set, unless `--color always`"),
    (CI, "no live view when set"),
    (TERM, "no live view when `dumb`"),
];

/// Looks a variable up; tests bring their own.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The process's own environment, where an empty variable counts as none.
pub(crate) fn process(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
