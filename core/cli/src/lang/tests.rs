//! The catalogues are complete, agree with each other, and hold nothing that nobody says.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use fluent_bundle::FluentResource;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use super::{
    Lang, Text,
    catalogue::{EN, JA, JA_ERRORS},
};
use crate::explain;

/// Each message, and each `message.attribute`, with the variables in it.
type Messages = BTreeMap<String, BTreeSet<String>>;

fn messages(files: &[&str]) -> Messages {
    let mut messages = Messages::new();
    for file in files {
        let resource = FluentResource::try_new((*file).to_owned());
        let resource = resource.unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
        for entry in resource.entries() {
            let Entry::Message(message) = entry else { continue };
            let id = message.id.name.to_owned();
            let own = message.value.iter().map(|value| (id.clone(), value));
            let attributes = message.attributes.iter();
            let attributes = attributes.map(|one| (format!("{id}.{}", one.id.name), &one.value));
            for (id, pattern) in own.chain(attributes) {
                let mut variables = BTreeSet::new();
                collect(pattern, &mut variables);
                assert!(messages.insert(id.clone(), variables).is_none(), "{id} stands twice");
            }
        }
    }
    messages
}

fn collect(pattern: &Pattern<&str>, variables: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(inline) => variable(inline, variables),
            Expression::Select { selector, variants } => {
                variable(selector, variables);
                variants.iter().for_each(|variant| collect(&variant.value, variables));
            }
        }
    }
}

fn variable(expression: &InlineExpression<&str>, variables: &mut BTreeSet<String>) {
    match expression {
        InlineExpression::VariableReference { id } => {
            variables.insert(id.name.to_owned());
        }
        other => panic!("no message needs {other:?}"),
    }
}

/// The texts in quotes of the program's source, without its tests and the words of options.
fn literals() -> BTreeSet<String> {
    let mut literals = BTreeSet::new();
    for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let source = fs::read_to_string(&path).unwrap();
        let source = source.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for line in source.lines().filter(|line| !line.trim_start().starts_with("//")) {
            literals.extend(line.split('"').skip(1).step_by(2).map(str::to_owned));
        }
    }
    literals
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| !path.ends_with("tests.rs") && !path.iter().any(|part| part == "args"))
        .collect()
}

#[test]
fn the_languages_have_the_same_messages_with_the_same_values() {
    let (english, japanese) = (messages(EN), messages(JA));
    // Errors have their English themselves.
    let errors = messages(&[JA_ERRORS]);
    for (id, variables) in &english {
        assert_eq!(japanese.get(id), Some(variables), "{id}");
    }
    let extra = japanese.keys().filter(|id| !english.contains_key(*id));
    let extra: Vec<&String> = extra.filter(|id| !errors.contains_key(*id)).collect();
    assert_eq!(extra, [""; 0]);
}

#[test]
fn every_message_is_said_somewhere() {
    let literals = literals();
    // `list-name` is also said as `list-{heading}` with `name`.
    let composed = |id: &str| {
        id.match_indices('-').any(|(at, _)| {
            let (group, rest) = id.split_at(at + 1);
            let begins =
                |text: &String| text.strip_prefix(group).is_some_and(|s| s.starts_with('{'));
            literals.contains(rest) && literals.iter().any(begins)
        })
    };
    let unsaid: Vec<String> = messages(JA)
        .into_keys()
        .filter(|id| {
            let id = id.split('.').next().unwrap_or_default();
            !literals.contains(id) && !composed(id)
        })
        .collect();
    assert_eq!(unsaid, [""; 0]);
}

#[test]
fn everything_that_is_said_is_a_message() {
    let messages = messages(JA);
    let groups: BTreeSet<&str> =
        messages.keys().filter_map(|id| Some(id.split_once('-')?.0)).collect();
    let is_id = |text: &String| {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        plain && text.split_once('-').is_some_and(|(group, _)| groups.contains(group))
    };
    // Keys of the configuration file are written alike.
    let keys = wildcert::config::schema()["properties"].clone();
    let unknown = literals().into_iter().filter(is_id).filter(|id| !messages.contains_key(id));
    let unknown: Vec<String> = unknown.filter(|id| keys.get(id).is_none()).collect();
    assert_eq!(unknown, [""; 0]);
}

#[test]
fn each_type_has_a_meaning_a_cause_and_a_remedy_in_each_language() {
    for known in explain::ALL {
        for lang in Lang::ALL {
            for told in [known.title(lang), known.cause(lang), known.hint(lang)] {
                assert!(!told.starts_with("acme-") && !told.starts_with("kind-"), "{told}");
                assert!(!told.contains("malformed-"), "{told}");
                assert_eq!(is_japanese(&told), lang == Lang::Ja, "{told}");
            }
        }
    }
}

#[test]
fn values_stand_without_marks_around_them() {
    let said = Text::new(Lang::Ja).say("days-left", &[("days", 12_345.into())]);
    assert_eq!(said, "残り 12345 日");
}

#[test]
fn what_a_language_lacks_is_said_in_english() {
    assert_eq!(Text::new(Lang::En).own("error-locked", &[("name", "x".into())]), None);
    assert!(Text::new(Lang::Ja).own("error-locked", &[("name", "x".into())]).is_some());
    assert_eq!(Text::new(Lang::Ja).say("no-such-message", &[]), "no-such-message");
}

/// Whether a text has kana, which no proper name in an English text has.
pub(super) fn is_japanese(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{3040}'..='\u{30ff}'))
}

/// What stands in backticks in the messages of all languages.
fn code() -> Vec<String> {
    let files = EN.iter().chain(JA);
    let lines = files.flat_map(|file| file.lines()).filter(|line| !line.starts_with('#'));
    lines.flat_map(|line| line.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[test]
fn commands_and_options_that_are_named_exist() {
    let mut root = crate::app::command();
    root.build();
    let mut wrong = Vec::new();
    for code in code() {
        let mut words = code.split(' ').peekable();
        let mut command = &root;
        if words.next_if_eq(&"wildcert").is_some() {
            while let Some(next) = words.peek().and_then(|word| command.find_subcommand(word)) {
                command = next;
                words.next();
            }
            if std::ptr::eq(command, &root) {
                wrong.push(code.clone());
            }
        }
        let unknown = words.filter_map(|word| word.strip_prefix("--")).any(|option| {
            match std::ptr::eq(command, &root) {
                true => !has_option_somewhere(&root, option),
                false => !has_option(command, option),
            }
        });
        if unknown {
            wrong.push(code.clone());
        }
    }
    assert_eq!(wrong, [""; 0]);
}

fn has_option(command: &clap::Command, option: &str) -> bool {
    command.get_arguments().any(|argument| argument.get_long() == Some(option))
}

fn has_option_somewhere(command: &clap::Command, option: &str) -> bool {
    has_option(command, option)
        || command.get_subcommands().any(|command| has_option_somewhere(command, option))
}
