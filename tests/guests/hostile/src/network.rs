//! Tries to get where it may not.

use std::{env, fs, net::TcpStream, thread};

use wildcert_plugin_sdk::{Context, Error, Request, Result};

/// What the language offers besides the host: one line for each thing that worked.
pub(crate) fn system() -> Result<Vec<String>> {
    let mut worked = Vec::new();
    worked.extend(fs::read("/etc/passwd").map(|octets| format!("read {} octets", octets.len())));
    worked.extend(fs::write("hostile-was-here", "").map(|()| "wrote a file".to_owned()));
    worked.extend(TcpStream::connect("127.0.0.1:9").map(|_| "connected".to_owned()));
    worked.extend(thread::Builder::new().spawn(|| ()).map(|_| "made a thread".to_owned()));
    worked.extend(env::var_os("HOME").map(|_| "saw the environment".to_owned()));
    Err(Error::permanent(format!("worked: {worked:?}")))
}

pub(crate) fn get(cx: &Context<'_>) -> Result<Vec<String>> {
    let url = cx.config.require("HOSTILE_TARGET")?;
    cx.request("GET", url).send()?.success(|_| None).map(|_| Vec::new())
}

/// What came of each URL.
pub(crate) fn urls(cx: &Context<'_>) -> Result<Vec<String>> {
    let urls = cx.config.require("HOSTILE_TARGET")?.split('|');
    Ok(urls.map(|url| told(cx.request("GET", url).send().map(|answer| answer.status))).collect())
}

/// What came of each header, given as `NAME=VALUE`.
pub(crate) fn headers(cx: &Context<'_>) -> Result<Vec<String>> {
    let send = |header: &str| {
        let (name, value) = header.split_once('=').unwrap_or((header, "x"));
        // Past the SDK, which might know better.
        cx.host.send(Request {
            method: "GET".to_owned(),
            url: cx.config.require("HOSTILE_BASE")?.to_owned(),
            headers: vec![(name.to_owned(), value.to_owned())],
            body: Vec::new(),
            options: Vec::new(),
        })
    };
    let headers = cx.config.require("HOSTILE_TARGET")?.split('|');
    Ok(headers.map(|header| told(send(header).map(|answer| answer.status))).collect())
}

/// Goes where the vendor sends it.
pub(crate) fn redirect(cx: &Context<'_>) -> Result<Vec<String>> {
    let answer = cx.request("GET", cx.config.require("HOSTILE_BASE")?).send()?;
    let told = format!("status {}", answer.status);
    let url = answer.header("location").unwrap_or_default().to_owned();
    cx.request("GET", url).send().map_err(|error| error.context(told)).map(|_| Vec::new())
}

pub(crate) fn dns(cx: &Context<'_>) -> Result<Vec<String>> {
    let server = cx.config.require("HOSTILE_TARGET")?;
    cx.host.exchange(server, &[0; 12]).map(|_| Vec::new())
}

fn told(outcome: Result<u16>) -> String {
    match outcome {
        Ok(status) => format!("answered with {status}"),
        Err(error) => error.message,
    }
}
