//! What was tried, as a noun.

use fluent_bundle::FluentValue;

use super::{Text, shown};

/// `doing` as the errors have it, with or without `failed to`; what is not known stays as it is.
pub(super) fn noun<'a>(text: Text, doing: &str) -> FluentValue<'a> {
    let doing = doing.strip_prefix("failed to ").unwrap_or(doing);
    let known = DOING.iter().find_map(|(english, id)| {
        let place = doing.strip_prefix(english)?;
        match place.strip_prefix(' ') {
            Some(place) if english.ends_with(" at") || english.ends_with(" number") => {
                text.own(id, &[("place", shown(place))])
            }
            None if place.is_empty() => text.own(id, &[]),
            _ => None,
        }
    });
    shown(known.unwrap_or_else(|| doing.to_owned()))
}

/// What the engine and the program say that they do; behind `at` and `number` stands which.
pub(super) const DOING: &[(&str, &str)] = &[
    ("add TXT records", "doing-add-records"),
    ("answer the challenges", "doing-answer"),
    ("ask about the account", "doing-ask-account"),
    ("bring back", "doing-bring-back"),
    ("bring the old files back", "doing-bring-old-back"),
    ("change the account's contacts", "doing-change-contacts"),
    ("change the account's key", "doing-change-key"),
    ("create the order", "doing-order"),
    ("take the order up again", "doing-resume-order"),
    ("deactivate the account", "doing-deactivate"),
    ("fetch the authorizations", "doing-authorizations"),
    ("find out which of two keys the account has", "doing-which-key"),
    ("find the CA", "doing-find-ca"),
    ("find the SDK", "doing-sdk"),
    ("find the account of the key at", "doing-find-account"),
    ("find the folder", "doing-find-folder"),
    ("find this program", "doing-find-program"),
    ("get the certificate", "doing-get"),
    ("have the names validated", "doing-validate"),
    ("keep", "doing-keep-old"),
    ("listen for signals", "doing-listen"),
    ("lock", "doing-lock"),
    ("make a temporary folder", "doing-temporary"),
    ("make an account key", "doing-account-key"),
    ("make the certificate's key", "doing-certificate-key"),
    ("make the folder", "doing-folder"),
    ("reach the CA at", "doing-reach"),
    ("read", "doing-read"),
    ("read the account key", "doing-read-account-key"),
    ("read the answer", "doing-answer-read"),
    ("read the CA bundle", "doing-read-bundle"),
    ("read the folder", "doing-read-folder"),
    ("read the journal", "doing-read-journal"),
    ("register an account at", "doing-register"),
    ("remove", "doing-remove"),
    ("remove TXT records", "doing-remove-records"),
    ("remove the old files", "doing-remove-old"),
    ("rename", "doing-rename"),
    ("revoke the certificate with serial number", "doing-revoke"),
    ("save the folder", "doing-save-folder"),
    ("set up the connection", "doing-connection"),
    ("start the simulator", "doing-simulator"),
    ("start threads", "doing-threads"),
    ("switch", "doing-switch"),
    ("write", "doing-write"),
    ("write the files", "doing-write-files"),
    ("write the journal", "doing-write-journal"),
    ("write the manual pages to", "doing-manual"),
];
