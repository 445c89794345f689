//! A provider for the vendor, and what may be wrong with it.

use std::marker::PhantomData;

use serde::Deserialize;
use serde_json::json;
use wildcert_plugin_sdk::{
    Context, Error, Provider, Removal, RequestBuilder, Response, Result, TxtRecord, Zone, encoding,
    pages, zones,
};

const API: &str = "https://api.vendor.example";

/// What is wrong with a provider.
///
/// Those from `UnknownPath` on ask for what the vendor does not know.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Flaw {
    None,
    WipesTheRrset,
    DeletesEveryTxt,
    WrongZone,
    NotIdempotent,
    LosesTheHandle,
    IgnoresTtl,
    SwallowsErrors,
    QuotesValues,
    RemovesByNameOnly,
    FollowsRedirects,
    NeedsTheHandle,
    ReadsOnePage,
    TellsItsKey,
    UnknownPath,
    UnknownParameter,
    MissingHeader,
    WrongBody,
    WrongContentType,
    WrongOrigin,
}

/// A kind of provider: the correct one, or one with a flaw.
pub(crate) trait Kind {
    const FLAW: Flaw;
}

pub(crate) struct Example<K>(PhantomData<K>);

#[derive(Deserialize)]
struct Zones {
    zones: Vec<ZoneEntry>,
    more: bool,
}

#[derive(Deserialize)]
struct ZoneEntry {
    id: u64,
    name: String,
}

#[derive(Deserialize)]
struct Text {
    id: u64,
    owner: String,
    value: String,
}

#[derive(Deserialize)]
struct Created {
    id: u64,
}

impl<K: Kind> Provider for Example<K> {
    fn new(cx: &Context<'_>) -> Result<Self> {
        cx.config.require("KEY")?;
        Ok(Self(PhantomData))
    }

    fn check(&self, cx: &Context<'_>) -> Result<Vec<String>> {
        let zones = Self::zones(cx).map_err(|error| match K::FLAW {
            Flaw::TellsItsKey => error.context(cx.config.get("KEY").unwrap_or_default()),
            _ => error,
        });
        Ok(zones?.into_iter().map(|zone| zone.name).collect())
    }

    fn present(&self, cx: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
        records.iter().map(|record| Self::present_one(cx, record, records)).collect()
    }

    fn remove(&self, cx: &Context<'_>, removals: &[Removal]) -> Vec<Result<()>> {
        removals.iter().map(|removal| Self::remove_one(cx, removal)).collect()
    }
}

impl<K: Kind> Example<K> {
    fn present_one(
        cx: &Context<'_>,
        record: &TxtRecord,
        all: &[TxtRecord],
    ) -> Result<Option<String>> {
        let texts = Self::texts(cx, &record.zone)?;
        let mut at_owner = Self::list(cx, &texts)?;
        at_owner.retain(|text| text.owner == record.owner);
        if K::FLAW == Flaw::WipesTheRrset {
            let ours = |text: &Text| all.iter().any(|record| record.value == text.value);
            at_owner
                .iter()
                .filter(|text| !ours(text))
                .try_for_each(|text| Self::delete(cx, &texts, &text.id.to_string()))?;
        }
        let there = at_owner.iter().find(|text| text.value == record.value);
        if let Some(text) = there.filter(|_| K::FLAW != Flaw::NotIdempotent) {
            return Ok(Some(text.id.to_string()));
        }
        let value = match K::FLAW {
            Flaw::QuotesValues => encoding::quote(&record.value),
            _ => record.value.clone(),
        };
        let ttl = if K::FLAW == Flaw::IgnoresTtl { 3600 } else { record.ttl };
        let body = json!({ "owner": record.owner, "value": value, "ttl": ttl });
        let request = Self::request(cx, "POST", &texts);
        let answer = match K::FLAW {
            Flaw::WrongBody => Self::ask(cx, request.json(&json!({ "text": body }))),
            Flaw::WrongContentType => Self::ask(cx, request.body("text/plain", body.to_string())),
            _ => Self::ask(cx, request.json(&body)),
        };
        match K::FLAW {
            Flaw::SwallowsErrors if answer.is_err() => Ok(None),
            Flaw::LosesTheHandle => answer.map(|_| Some("1".to_owned())),
            _ => Ok(Some(answer?.json::<Created>()?.id.to_string())),
        }
    }

    fn remove_one(cx: &Context<'_>, removal: &Removal) -> Result<()> {
        let Removal { record, handle } = removal;
        let texts = Self::texts(cx, &record.zone)?;
        let wanted = |text: &Text| match K::FLAW {
            Flaw::DeletesEveryTxt => true,
            Flaw::RemovesByNameOnly => text.owner == record.owner,
            _ => text.owner == record.owner && text.value == record.value,
        };
        match handle {
            Some(id) if ![Flaw::DeletesEveryTxt, Flaw::RemovesByNameOnly].contains(&K::FLAW) => {
                Self::delete(cx, &texts, id)
            }
            None if K::FLAW == Flaw::NeedsTheHandle => {
                Err(Error::permanent("the identifier is not known"))
            }
            _ => {
                let mut found = Self::list(cx, &texts)?.into_iter().filter(wanted);
                found.try_for_each(|text| Self::delete(cx, &texts, &text.id.to_string()))
            }
        }
    }

    fn zones(cx: &Context<'_>) -> Result<Vec<Zone>> {
        let path = if K::FLAW == Flaw::UnknownPath { "domains" } else { "zones" };
        let zones = pages::all(1, |page| {
            let request = Self::request(cx, "GET", &format!("{API}/{path}"));
            let answer: Zones = Self::ask(cx, request.query("page", &page.to_string()))?.json()?;
            let more = answer.more && K::FLAW != Flaw::ReadsOnePage;
            Ok((answer.zones, more.then_some(page + 1)))
        })?;
        Ok(zones.iter().map(|zone| Zone::new(zone.id.to_string(), &zone.name)).collect())
    }

    /// The URL of the texts in the zone of that name.
    fn texts(cx: &Context<'_>, name: &str) -> Result<String> {
        let mut zones = Self::zones(cx)?;
        if K::FLAW == Flaw::WrongZone {
            zones.sort_by_key(|zone| zone.name.len());
            if let Some(shortest) = zones.iter().position(|zone| name.ends_with(&zone.name)) {
                zones.truncate(shortest + 1);
            }
        }
        let zone = zones::in_listing(cx, name, || Ok(zones))?;
        let api = if K::FLAW == Flaw::WrongOrigin { "https://vendor.example" } else { API };
        Ok(format!("{api}/zones/{}/texts", zone.id))
    }

    fn list(cx: &Context<'_>, texts: &str) -> Result<Vec<Text>> {
        let request = Self::request(cx, "GET", texts);
        let request = match K::FLAW {
            Flaw::UnknownParameter => request.query("type", "TXT"),
            _ => request,
        };
        Self::ask(cx, request)?.json()
    }

    fn delete(cx: &Context<'_>, texts: &str, id: &str) -> Result<()> {
        match Self::ask(cx, Self::request(cx, "DELETE", &format!("{texts}/{id}"))) {
            Err(error) if error.status == Some(404) => Ok(()),
            answer => answer.map(drop),
        }
    }

    fn request<'a>(cx: &Context<'a>, method: &str, url: &str) -> RequestBuilder<'a> {
        let request = cx.request(method, url);
        match K::FLAW {
            Flaw::MissingHeader => request,
            _ => request.header("x-key", cx.config.get("KEY").unwrap_or_default()),
        }
    }

    fn ask(cx: &Context<'_>, request: RequestBuilder<'_>) -> Result<Response> {
        let mut answer = request.send()?;
        if K::FLAW == Flaw::FollowsRedirects
            && let Some(location) = answer.header("location")
        {
            answer = Self::request(cx, "GET", location).send()?;
        }
        answer.success(|answer| answer.text_at("/error"))
    }
}
