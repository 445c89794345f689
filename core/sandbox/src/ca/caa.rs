//! Certification Authority Authorization (RFC 8659) and its parameters for ACME (RFC 8657).

use hickory_proto::rr::rdata::CAA;

use super::identifier::Identifier;
use super::problem::Problem;
use super::problem_type::ProblemType;
use super::validate::Resolver;
use crate::dns::absolute_name;

/// Checks that the CAA records for a name permit this CA to issue for an account after dns-01.
pub(super) async fn check(
    resolver: &Resolver,
    identifier: &Identifier,
    account_url: &str,
) -> Result<(), Problem> {
    let mut at = absolute_name(&identifier.base).map_err(Problem::malformed)?;
    // The records nearest to the name count, and no others (RFC 8659 §3).
    while !at.is_root() && resolver.reaches(&at) {
        let records = resolver.caa(&at).await?;
        if !records.is_empty() {
            return permit(&records, identifier.wildcard, account_url).map_err(|reason| {
                let detail = format!("the CAA records at `{at}` forbid issuance: {reason}");
                Problem::new(ProblemType::Caa, detail).about(identifier.clone())
            });
        }
        at = at.base_name();
    }
    Ok(())
}

/// Applies one RRset (RFC 8659 §4); the error is why it forbids.
fn permit(records: &[CAA], wildcard: bool, account_url: &str) -> Result<(), String> {
    let unknown = |record: &&CAA| {
        let tag = record.tag.to_ascii_lowercase();
        record.issuer_critical && !["issue", "issuewild", "iodef"].contains(&tag.as_str())
    };
    if let Some(record) = records.iter().find(unknown) {
        return Err(format!("the critical property `{}` is not understood", record.tag));
    }
    let of = |tag: &str| -> Vec<String> {
        let records = records.iter().filter(|record| record.tag.eq_ignore_ascii_case(tag));
        records.map(|record| String::from_utf8_lossy(&record.value).into_owned()).collect()
    };
    let mut values = if wildcard { of("issuewild") } else { Vec::new() };
    if values.is_empty() {
        values = of("issue");
    }
    if values.is_empty() || values.iter().any(|value| permits(value, account_url)) {
        return Ok(());
    }
    let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
    Err(format!("none of {} permits `{ISSUER}`, {account_url} and dns-01", values.join(", ")))
}

/// Whether one property permits the issuance: our name, and no parameter against it.
fn permits(value: &str, account_url: &str) -> bool {
    let mut parts = value.split(';').map(str::trim);
    if !parts.next().is_some_and(|issuer| issuer.eq_ignore_ascii_case(ISSUER)) {
        return false;
    }
    let (mut accounts, mut methods) = (Vec::new(), Vec::new());
    for part in parts.filter(|part| !part.is_empty()) {
        let Some((name, value)) = part.split_once('=') else { return false };
        match name.trim().to_ascii_lowercase().as_str() {
            "accounturi" => accounts.push(value.trim()),
            "validationmethods" => methods.push(value.trim()),
            _ => {}
        }
    }
    // Said twice, neither can be satisfied (RFC 8657 §3, §4).
    let account = matches!(accounts.as_slice(), [] | [_])
        && accounts.iter().all(|account| *account == account_url);
    let method = matches!(methods.as_slice(), [] | [_])
        && methods.iter().all(|list| list.split(',').any(|method| method == "dns-01"));
    account && method
}

/// The name by which CAA records permit this CA.
pub(super) const ISSUER: &str = "sandbox.test";

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "https://localhost/account/1";

    fn record(critical: bool, tag: &str, value: &str) -> CAA {
        let mut record = CAA::new_issue(critical, None, Vec::new());
        (record.tag, record.value) = (tag.into(), value.into());
        record
    }

    #[test]
    fn values_that_permit_and_values_that_do_not() {
        for (value, expected) in [
            ("sandbox.test", true),
            (" Sandbox.Test ; policy=any", true),
            ("sandbox.test; accounturi=https://localhost/account/1", true),
            ("sandbox.test; validationmethods=http-01,dns-01", true),
            ("", false),
            (";", false),
            ("other.test", false),
            ("sandbox.test; accounturi=https://localhost/account/2", false),
            ("sandbox.test; validationmethods=http-01", false),
            ("sandbox.test; validationmethods=dns-01; validationmethods=dns-01", false),
            ("sandbox.test; nonsense", false),
        ] {
            assert_eq!(permits(value, ACCOUNT), expected, "{value}");
        }
    }

    #[test]
    fn which_properties_count() {
        let issue = |value| record(false, "issue", value);
        let wild = |value| record(true, "IssueWild", value);
        let ours = "sandbox.test";
        for (records, plain, wildcard) in [
            (vec![issue("other.test"), issue(ours)], true, true),
            (vec![issue(ours), wild(";")], true, false),
            (vec![issue(";"), wild(ours)], false, true),
            (vec![wild(";")], true, false),
            (vec![record(true, "iodef", "mailto:a@example.test")], true, true),
            (vec![issue(ours), record(false, "future", "x")], true, true),
            (vec![issue(ours), record(true, "future", "x")], false, false),
        ] {
            assert_eq!(permit(&records, false, ACCOUNT).is_ok(), plain, "{records:?}");
            assert_eq!(permit(&records, true, ACCOUNT).is_ok(), wildcard, "{records:?}");
        }
    }
}
