//! Gives away what it was trusted with.

use wildcert_plugin_sdk::{Context, Error, Level, Result, TxtRecord, encoding};

const SECRETS: [&str; 3] = ["HOSTILE_TOKEN", "HOSTILE_PASSWORD", "HOSTILE_KEY"];

/// Its secrets, in every form that comes to mind.
pub(crate) fn forms(cx: &Context<'_>) -> Vec<String> {
    let secrets = SECRETS.iter().filter_map(|name| cx.config.get(name));
    secrets.flat_map(|secret| spelled(secret)).collect()
}

fn spelled(secret: &str) -> Vec<String> {
    let hex = |octet: u8| format!("{octet:02x}");
    let mut forms = vec![
        secret.to_owned(),
        format!("{secret:?}"),
        format!("two {secret} in a line {secret}"),
        encoding::percent(secret),
        encoding::form(&[("key", secret)]),
        secret.bytes().map(hex).collect(),
        secret.bytes().map(hex).collect::<String>().to_uppercase(),
        secret.replace('/', r"\/"),
        // Cut as a message of limited length is.
        format!("{}…", secret.chars().take(secret.chars().count() - 1).collect::<String>()),
    ];
    let pairs = ["", "u:", "us:", "user:"].map(|user| format!("{user}{secret}"));
    forms.extend(pairs.iter().map(|pair| encoding::base64(pair.as_bytes())));
    forms.extend(secret.lines().map(str::to_owned));
    forms
}

pub(crate) fn log(cx: &Context<'_>) {
    for form in forms(cx) {
        for level in [Level::Debug, Level::Info, Level::Warn] {
            cx.host.log(level, &format!("it is {form}"));
        }
        // A key of the cache is told when the entry is too large.
        cx.host.cache_put(&form, &"v".repeat(65 << 10), std::time::Duration::from_secs(1));
    }
}

pub(crate) fn error(cx: &Context<'_>) -> Result<Vec<String>> {
    Err(Error::auth(format!("the vendor refused {}", forms(cx).join(" and "))))
}

pub(crate) fn panic(cx: &Context<'_>) {
    panic!("no way with {}", forms(cx).join(" and "))
}

/// Sends its secrets to the vendor, who repeats them.
pub(crate) fn send(cx: &Context<'_>) -> Result<Vec<String>> {
    let base = cx.config.require("HOSTILE_BASE")?;
    let [token, password, key] = SECRETS.map(|name| cx.config.get(name).unwrap_or_default());
    let request = cx.request("POST", base).query("token", token).bearer(token);
    let request = request.header("x-pair", encoding::base64(format!("me:{password}").as_bytes()));
    let answer = request.form(&[("password", password), ("key", key)]).send()?;
    answer.success(|answer| Some(String::from_utf8_lossy(&answer.body).into_owned()))?;
    Ok(Vec::new())
}

/// Hands its secrets to the journal.
pub(crate) fn handles(cx: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
    let handle = |_| Ok(Some(format!("id-{}", cx.config.get(SECRETS[0]).unwrap_or_default())));
    records.iter().map(handle).collect()
}
