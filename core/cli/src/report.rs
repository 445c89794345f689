//! An error with all that is said about it, in somebody's language.

use wildcert::{Error, acme, plugin};

use crate::{
    explain::{self, Explanation},
    lang::{Text, describe, hints},
};

/// An error as it is printed.
#[derive(Debug)]
pub(crate) struct Report {
    /// What was tried, on what, and what came back.
    pub(crate) message: String,
    /// The word for programs.
    pub(crate) kind: &'static str,
    /// What is known of it in general: of each ACME type in it, or else of its kind.
    pub(crate) explained: Vec<Explained>,
    /// What to do in this very case.
    pub(crate) hints: Vec<String>,
}

/// What is known of a type or kind.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Explained {
    /// The ACME type without its prefix; none for our own kinds.
    pub(crate) acme_type: Option<String>,
    /// How it comes about.
    pub(crate) cause: String,
    /// What to do about it.
    pub(crate) remedy: String,
}

impl Report {
    /// What is said about an error of the engine.
    pub(crate) fn new(text: Text, error: &Error) -> Self {
        let kind = error.kind();
        let mut explained: Vec<Explained> = match error {
            Error::Acme { source, .. } => explain_types(text, source),
            _ => Vec::new(),
        };
        let mut hints = hints(text, error);
        if !explained.is_empty() {
            // What the explanation tells better; the page to visit is in no explanation.
            hints = page(error)
                .into_iter()
                .map(|page| text.say("hint-visit", &[("page", page.into())]))
                .collect();
        } else if !SELF_EVIDENT.contains(&kind) {
            let about = if is_setting(error) { "config" } else { kind };
            explained.extend(explain::of_kind(about).map(|known| explain_kind(text, known)));
        }
        Self { message: describe(text, error), kind, explained, hints }
    }
}

/// Kinds whose errors say themselves all that is to say.
const SELF_EVIDENT: &[&str] = &["deploy", "stopped", "usage"];

/// Whether a provider lacks settings; the module itself is in order then.
fn is_setting(error: &Error) -> bool {
    matches!(error, Error::Plugin(plugin::Error::Settings { .. }))
}

/// Each type that the CA named, once; the first is about the request as a whole.
fn explain_types(text: Text, error: &acme::Error) -> Vec<Explained> {
    let operation = match error {
        acme::Error::Problem { operation, .. } => Some(*operation),
        acme::Error::Validation { .. } => Some(acme::Operation::Challenge),
        _ => None,
    };
    let statuses = std::iter::once(error.status()).chain(std::iter::repeat(None));
    let types = error.problem_types().into_iter().zip(statuses);
    types
        .filter_map(|(name, status)| explain::of_type(name, status))
        .map(|known| Explained {
            acme_type: Some(known.name.to_owned()),
            cause: known.cause(text.lang()),
            remedy: known.hint_about(text.lang(), operation),
        })
        .collect()
}

fn explain_kind(text: Text, known: &Explanation) -> Explained {
    let (cause, remedy) = (known.cause(text.lang()), known.hint(text.lang()));
    Explained { acme_type: None, cause, remedy }
}

/// The page where somebody must act.
fn page(error: &Error) -> Option<String> {
    let Error::Acme { source, .. } = error else { return None };
    let problem = source.problem().filter(|one| one.short_type() == "userActionRequired")?;
    problem.instance.clone()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use wildcert::acme::Operation;

    use super::*;
    use crate::lang::Lang;

    fn refused(operation: Operation, problem: Value) -> Error {
        let source = acme::Error::Problem {
            operation,
            url: "https://ca.test/x".into(),
            problem: Box::new(serde_json::from_value(problem).unwrap()),
            retry_after: None,
        };
        Error::Acme { doing: "failed to create the order".into(), source }
    }

    fn types(report: &Report) -> Vec<&str> {
        report.explained.iter().filter_map(|one| one.acme_type.as_deref()).collect()
    }

    #[test]
    fn each_type_is_explained_once() {
        let part = |kind: &str, name: &str| {
            let kind = format!("urn:ietf:params:acme:error:{kind}");
            json!({"type": kind, "identifier": {"type": "dns", "value": name}})
        };
        let problem = json!({
            "type": "urn:ietf:params:acme:error:malformed",
            "status": 400,
            "subproblems": [
                part("caa", "a.test"),
                part("rejectedIdentifier", "b.test"),
                part("caa", "c.test"),
            ],
        });
        let error = refused(Operation::NewOrder, problem);
        for lang in Lang::ALL {
            let report = Report::new(Text::new(lang), &error);
            assert_eq!(types(&report), ["malformed", "caa", "rejectedIdentifier"]);
            assert!(report.hints.is_empty(), "the explanations say it: {:?}", report.hints);
        }
    }

    #[test]
    fn the_page_where_somebody_must_act_is_named() {
        let problem = json!({
            "type": "urn:ietf:params:acme:error:userActionRequired",
            "status": 403,
            "instance": "https://ca.test/terms",
        });
        let error = refused(Operation::NewOrder, problem);
        let report = Report::new(Text::new(Lang::En), &error);
        assert_eq!(report.hints, ["visit `https://ca.test/terms`"]);
        assert_eq!(types(&report), ["userActionRequired"]);
    }

    #[test]
    fn what_has_no_type_is_explained_by_its_kind() {
        let odd = json!({"type": "https://ca.test/odd", "detail": "no"});
        let report = Report::new(Text::new(Lang::Ja), &refused(Operation::NewOrder, odd));
        assert_eq!(types(&report), [""; 0]);
        assert_eq!(report.explained.len(), 1);
        assert!(report.explained[0].cause.contains("認証局"), "{report:?}");

        let locked = Error::Locked { name: "a".into() };
        let report = Report::new(Text::new(Lang::En), &locked);
        assert_eq!((report.kind, report.explained.len()), ("store", 1));
        assert_eq!(report.hints, Vec::from_iter(locked.hint()));

        let settings = plugin::Error::Settings { provider: "x".into(), faults: Vec::new() };
        let report = Report::new(Text::new(Lang::En), &settings.into());
        assert_eq!(report.kind, "config");
        assert!(report.explained[0].cause.contains("setting"), "{report:?}");

        let stopped = Error::Stopped(wildcert::Signal::Interrupt);
        assert!(Report::new(Text::new(Lang::En), &stopped).explained.is_empty());
    }
}
