//! The orders of the mock and what belongs to them.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::mock::{Mock, MockState};

#[derive(Default)]
pub(super) struct MockOrder {
    pub(super) names: Vec<String>,
    pub(super) answered: HashSet<usize>,
    pub(super) deactivated: HashSet<usize>,
    pub(super) looks_since_finalize: Option<u32>,
}

fn is_bad(mock: &Mock, name: &str) -> bool {
    mock.behaviour.bad_names.contains(&name)
}

pub(super) fn order(mock: &Mock, state: &MockState, number: usize) -> Value {
    let order = &state.orders[number];
    let all_answered = order.answered.len() == order.names.len();
    let status = match order.looks_since_finalize {
        Some(0 | 1) if mock.behaviour.signs_later => "processing",
        Some(_) => "valid",
        None if !all_answered || mock.behaviour.never_validates => "pending",
        None if order.names.iter().any(|name| is_bad(mock, name)) => "invalid",
        None => "ready",
    };
    let authorizations =
        (0..order.names.len()).map(|index| mock.at(&format!("authorization/{number}-{index}")));
    let identifiers = order.names.iter().map(|name| json!({ "type": "dns", "value": name }));
    let mut body = json!({
        "status": status, "finalize": mock.at(&format!("finalize/{number}")),
        "identifiers": identifiers.collect::<Vec<_>>(),
        "authorizations": authorizations.collect::<Vec<_>>(),
    });
    if status == "valid" {
        body["certificate"] = mock.at(&format!("certificate/{number}")).into();
    }
    if mock.behaviour.odd {
        body["error"] = json!("a text where an object belongs");
        body["colour"] = json!({ "deep": [null, 1] });
    }
    body
}

pub(super) fn authorization(mock: &Mock, state: &MockState, number: usize, index: usize) -> Value {
    let order = &state.orders[number];
    let name = &order.names[index];
    let status = match () {
        () if order.deactivated.contains(&index) => "deactivated",
        () if mock.behaviour.never_validates || !order.answered.contains(&index) => "pending",
        () if is_bad(mock, name) => "invalid",
        () => "valid",
    };
    let mut challenges = vec![challenge(mock, state, number, index)];
    if mock.behaviour.odd {
        challenges.insert(0, json!("not even an object"));
        challenges.insert(1, json!({ "type": "dns-persist-01", "issuer-domain-names": ["x"] }));
        challenges.insert(
            2,
            json!({
                "type": "telepathy-01", "url": mock.at("telepathy"), "status": "dreaming",
            }),
        );
    }
    let mut body = json!({
        "status": status, "challenges": challenges, "expires": "2030-01-01T00:00:00Z",
        "identifier": { "type": "dns", "value": name.trim_start_matches("*.") },
    });
    if name.starts_with("*.") {
        body["wildcard"] = true.into();
    }
    body
}

pub(super) fn challenge(mock: &Mock, state: &MockState, number: usize, index: usize) -> Value {
    let order = &state.orders[number];
    let answered = order.answered.contains(&index);
    let mut body = json!({
        "type": "dns-01", "url": mock.at(&format!("challenge/{number}-{index}")),
        "token": format!("token-{number}-{index}"),
        "status": if answered { "processing" } else { "pending" },
    });
    if answered && is_bad(mock, &order.names[index]) {
        body["status"] = "invalid".into();
        body["error"] = json!({
            "type": "urn:ietf:params:acme:error:dns", "detail": "NXDOMAIN looking up TXT",
        });
    }
    body
}
