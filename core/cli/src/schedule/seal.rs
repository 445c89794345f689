//! How a file is known again that nobody has edited: its first line has the digest of the others.

use wildcert::plugin::Sha256Digest;

/// The text with the line above it that tells its digest.
pub(super) fn sealed(text: &str) -> String {
    format!("{BEGIN}{}\n{text}", Sha256Digest::of(text.as_bytes()))
}

/// Whether a text is as it was when it was sealed.
pub(super) fn is_whole(text: &str) -> bool {
    let Some((first, rest)) = text.split_once('\n') else { return false };
    let digest = Sha256Digest::of(rest.as_bytes()).to_string();
    first.strip_prefix(BEGIN).is_some_and(|told| told == digest)
}

/// How the first line begins.
pub(super) const BEGIN: &str = "# wildcert schedule, sha256 of the lines below: ";
