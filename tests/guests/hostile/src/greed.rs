//! Takes more than its share.

use std::{hint::black_box, time::Duration};

use wildcert_plugin_sdk::{Context, Level, Result};

pub(crate) fn compute() {
    loop {
        black_box(());
    }
}

pub(crate) fn log(cx: &Context<'_>) {
    loop {
        cx.host.log(Level::Info, "again");
    }
}

/// Ten million lines.
pub(crate) fn lines(cx: &Context<'_>) {
    for number in 0..10_000_000 {
        cx.host.log(Level::Info, &format!("line {number}"));
    }
}

/// Entries that are kept, entries that are too large, entries that are not there.
pub(crate) fn cache(cx: &Context<'_>) {
    let (fits, large) = ("v".repeat(64 << 10), "v".repeat(65 << 10));
    for number in 0_u64.. {
        cx.host.cache_put(&number.to_string(), &fits, Duration::MAX);
        cx.host.cache_put("large\nforged line", &large, Duration::MAX);
        black_box(cx.host.cache_get("none"));
    }
}

pub(crate) fn sleep(cx: &Context<'_>) {
    loop {
        cx.host.sleep(Duration::MAX);
    }
}

pub(crate) fn memory() {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        hoard.push(black_box(vec![1; 1 << 20]));
    }
}

/// 4 GiB in one step.
pub(crate) fn memory_at_once() {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::memory_grow::<0>((1 << 16) - 1024);
}

pub(crate) fn recursion() {
    #[expect(unconditional_recursion, reason = "that is the point")]
    fn deeper(depth: u64) -> u64 {
        let room = black_box([depth; 16]);
        black_box(deeper(depth + 1)) + room[15]
    }
    black_box(deeper(0));
}

/// As many requests as it gets.
pub(crate) fn requests(cx: &Context<'_>) -> Result<Vec<String>> {
    loop {
        cx.request("GET", cx.config.require("HOSTILE_BASE")?).send()?;
    }
}
