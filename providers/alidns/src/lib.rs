//! Alibaba Cloud DNS, over its RPC API of 2015-01-09.

use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};
use wildcert_plugin_sdk::{
    Context, Error, ErrorKind, Listed, RecordApi, Records, Response, Result, TxtRecord, Zone,
    aliyun::{self, Key},
    export_provider, pages,
};

const API: &str = "https://alidns.aliyuncs.com/";

struct Alidns {
    key: Key,
    /// Of temporary keys; empty for none.
    token: String,
    line: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page<T> {
    total_count: u64,
    /// One list, under the name of its kind.
    #[serde(alias = "Domains", alias = "DomainRecords")]
    lists: BTreeMap<String, Vec<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Domain {
    domain_name: String,
    puny_code: Option<String>,
}

/// As it is listed, or only its identifier once it is made.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Record {
    record_id: String,
    #[serde(rename = "RR")]
    rr: String,
    value: String,
}

export_provider!(Records<Alidns>);

impl RecordApi for Alidns {
    fn new(cx: &Context<'_>) -> Result<Self> {
        let setting = |name| cx.config.require(name).map(str::to_owned);
        let optional = |name| cx.config.get(name).unwrap_or_default().to_owned();
        let (id, secret) = (setting("ALICLOUD_ACCESS_KEY")?, setting("ALICLOUD_SECRET_KEY")?);
        let (token, line) = (optional("ALICLOUD_SECURITY_TOKEN"), optional("ALICLOUD_LINE"));
        Ok(Self { key: Key { id, secret }, token, line })
    }

    fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
        let domains = self.all(cx, &[("Action", "DescribeDomains"), ("PageSize", "100")])?;
        let zone = |domain: Domain| {
            let name = domain.puny_code.as_ref().unwrap_or(&domain.domain_name).clone();
            Zone::new(domain.domain_name, &name)
        };
        Ok(domains.into_iter().map(zone).collect())
    }

    fn list(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Vec<Listed>> {
        let rr = zone.relative_or(owner, "@");
        let parameters = [
            ("Action", "DescribeDomainRecords"),
            ("DomainName", &zone.id),
            ("RRKeyWord", rr),
            ("TypeKeyWord", "TXT"),
            ("PageSize", "500"),
        ];
        let records: Vec<Record> = self.all(cx, &parameters)?;
        // The search finds names that contain the word.
        let records = records.into_iter().filter(|record| record.rr.eq_ignore_ascii_case(rr));
        Ok(records.map(|record| Listed { id: record.record_id, value: record.value }).collect())
    }

    fn create(&self, cx: &Context<'_>, zone: &Zone, record: &TxtRecord) -> Result<String> {
        let ttl = record.ttl.to_string();
        let parameters = [
            ("Action", "AddDomainRecord"),
            ("DomainName", &zone.id),
            ("RR", zone.relative_or(&record.owner, "@")),
            ("Type", "TXT"),
            ("Value", &record.value),
            ("TTL", &ttl),
            ("Line", &self.line),
        ];
        let answer = self.ask(cx, "POST", &parameters)?;
        Ok(answer.json::<Record>()?.record_id)
    }

    fn delete(&self, cx: &Context<'_>, _: &Zone, id: &str) -> Result<()> {
        self.ask(cx, "POST", &[("Action", "DeleteDomainRecord"), ("RecordId", id)]).map(drop)
    }
}

impl Alidns {
    fn all<T: DeserializeOwned>(&self, cx: &Context<'_>, own: &[(&str, &str)]) -> Result<Vec<T>> {
        pages::counted(|page| {
            let number = page.to_string();
            let parameters = [own, &[("PageNumber", &number)]].concat();
            let answer: Page<T> = self.ask(cx, "GET", &parameters)?.json()?;
            Ok((answer.lists.into_values().flatten().collect(), answer.total_count))
        })
    }

    /// Parameters without a value are left out. What changes something must be a POST, although the
    /// vendor takes GET: that would be sent again.
    fn ask(&self, cx: &Context<'_>, method: &str, own: &[(&str, &str)]) -> Result<Response> {
        let common = [("Version", "2015-01-09"), ("SecurityToken", &self.token)];
        let mut parameters = [own, &common].concat();
        parameters.retain(|(_, value)| !value.is_empty());
        let answer = aliyun::request(cx, method, API, &self.key, &parameters).send()?;
        let mut code = String::new();
        let outcome = answer.success(|answer| {
            code = answer.text_at("/Code")?;
            Some(format!("{} ({code})", answer.text_at("/Message")?.trim_end_matches('.')))
        });
        outcome.map_err(|error| sorted(error, &code))
    }
}

/// The vendor answers nearly everything with status 400.
fn sorted(mut error: Error, code: &str) -> Error {
    error.kind = match code.split('.').next().unwrap_or_default() {
        "Forbidden" | "NoPermission" | "SignatureDoesNotMatch" => ErrorKind::Auth,
        code if code.ends_with("AccessKeyId") || code.ends_with("SecurityToken") => ErrorKind::Auth,
        "Throttling" => ErrorKind::RateLimited,
        // A look-up that was sent again.
        "SignatureNonceUsed" => ErrorKind::Transient,
        "IncorrectDomainUser" | "InvalidDomainName" => ErrorKind::ZoneNotFound,
        _ => error.kind,
    };
    if code == "DomainRecordNotBelongToUser" {
        // The record is gone.
        error.status = Some(404);
    }
    error
}

#[cfg(test)]
mod tests;
