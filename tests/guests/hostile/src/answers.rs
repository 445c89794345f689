//! Leaves things half done.

use std::time::Duration;

use wildcert_plugin_sdk::{Context, Result, TxtRecord};

/// Adds the records at the vendor and crashes before it says so.
pub(crate) fn half_done(cx: &Context<'_>, records: &[TxtRecord]) -> ! {
    for record in records {
        if let Err(error) = tell(cx, "add", record) {
            panic!("{error}");
        }
    }
    panic!("{} records are there", records.len())
}

/// Removes the record when the mode is one that adds it.
pub(crate) fn undo(cx: &Context<'_>, mode: &str, record: &TxtRecord) -> Result<()> {
    if mode == "partial" { tell(cx, "remove", record) } else { Ok(()) }
}

/// What an earlier call left in the cache; leaves something there for the next.
pub(crate) fn note(cx: &Context<'_>) -> Vec<String> {
    let found = cx.host.cache_get("note").into_iter().collect();
    cx.host.cache_put("note", "was here", Duration::from_secs(60));
    found
}

fn tell(cx: &Context<'_>, action: &str, record: &TxtRecord) -> Result<()> {
    let url = format!("{}/{action}", cx.config.require("HOSTILE_BASE")?);
    cx.request("POST", url).form(&[("value", &record.value)]).send()?.success(|_| None).map(|_| ())
}
