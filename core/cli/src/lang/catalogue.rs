//! The messages of a language: Fluent files, compiled in.

use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use super::Lang;

/// The files of each language, under the same names in `locales/en` and `locales/ja`.
pub(super) const EN: &[&str] = &[
    include_str!("../../locales/en/accounts.ftl"),
    include_str!("../../locales/en/certificates.ftl"),
    include_str!("../../locales/en/config.ftl"),
    include_str!("../../locales/en/deploy.ftl"),
    include_str!("../../locales/en/explain.ftl"),
    include_str!("../../locales/en/fault.ftl"),
    include_str!("../../locales/en/import.ftl"),
    include_str!("../../locales/en/messages.ftl"),
    include_str!("../../locales/en/probe.ftl"),
    include_str!("../../locales/en/providers.ftl"),
    include_str!("../../locales/en/run.ftl"),
    include_str!("../../locales/en/schedule.ftl"),
    include_str!("../../locales/en/status.ftl"),
];
pub(super) const JA: &[&str] = &[
    include_str!("../../locales/ja/accounts.ftl"),
    include_str!("../../locales/ja/certificates.ftl"),
    include_str!("../../locales/ja/config.ftl"),
    include_str!("../../locales/ja/deploy.ftl"),
    JA_ERRORS,
    include_str!("../../locales/ja/explain.ftl"),
    include_str!("../../locales/ja/fault.ftl"),
    include_str!("../../locales/ja/import.ftl"),
    include_str!("../../locales/ja/messages.ftl"),
    include_str!("../../locales/ja/probe.ftl"),
    include_str!("../../locales/ja/providers.ftl"),
    include_str!("../../locales/ja/run.ftl"),
    include_str!("../../locales/ja/schedule.ftl"),
    include_str!("../../locales/ja/status.ftl"),
];

/// Errors say themselves in English what they are, so that only Japanese has a file for them.
pub(super) const JA_ERRORS: &str = include_str!("../../locales/ja/errors.ftl");

/// The messages of a language.
pub(super) struct Catalogue(FluentBundle<FluentResource>);

impl Catalogue {
    /// The messages of `lang`.
    pub(super) fn of(lang: Lang) -> &'static Self {
        static ENGLISH: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::read(Lang::En, EN));
        static JAPANESE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::read(Lang::Ja, JA));
        match lang {
            Lang::En => &ENGLISH,
            Lang::Ja => &JAPANESE,
        }
    }

    fn read(lang: Lang, files: &[&str]) -> Self {
        let language: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // Terminals show the marks around values, and copying takes them along.
        bundle.set_use_isolating(false);
        for file in files {
            // What can be read of a faulty file is kept; a test tells the faults.
            let resource = FluentResource::try_new((*file).to_owned());
            bundle.add_resource_overriding(resource.unwrap_or_else(|(resource, _)| resource));
        }
        Self(bundle)
    }

    /// The message `id`, or the attribute of one: `id.attribute`.
    pub(super) fn say(&self, id: &str, values: &FluentArgs<'_>) -> Option<String> {
        let (id, attribute) = id.split_once('.').map_or((id, None), |(id, rest)| (id, Some(rest)));
        let message = self.0.get_message(id)?;
        let pattern = match attribute {
            Some(attribute) => message.get_attribute(attribute)?.value(),
            None => message.value()?,
        };
        Some(self.0.format_pattern(pattern, Some(values), &mut Vec::new()).into_owned())
    }
}
