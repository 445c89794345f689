//! Messages by their ids.

use fluent_bundle::FluentValue;

use super::{Lang, catalogue::Catalogue};

/// Says things in one language; the files in `locales` hold the words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text(Lang);

impl Text {
    /// What is said in `lang`.
    pub(crate) const fn new(lang: Lang) -> Self {
        Self(lang)
    }

    /// The language.
    pub(crate) fn lang(self) -> Lang {
        self.0
    }

    /// The message `id` (or `id.attribute`) with its values: texts, and numbers that decide about
    /// plurals. In English where the language lacks it.
    pub(crate) fn say(self, id: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        let found = self.own(id, values).or_else(|| Self(Lang::En).own(id, values));
        // A test sees to it that there is no other id.
        found.unwrap_or_else(|| id.to_owned())
    }

    /// The message `id`, if this language has it itself.
    pub(super) fn own(self, id: &str, values: &[(&str, FluentValue<'_>)]) -> Option<String> {
        let values = values.iter().map(|(name, value)| (*name, value.clone())).collect();
        Catalogue::of(self.0).say(id, &values)
    }
}
