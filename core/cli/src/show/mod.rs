//! How things look: steps of a run, tables, facts.

mod bar;
mod facts;
mod live;
mod overview;
mod plain;
mod progress;
mod table;
mod text;

pub(crate) use facts::{certificate_facts, days_left, waiting_values};
pub(crate) use live::{Live, spinner};
pub(crate) use overview::{overview_json, overview_text};
pub(crate) use plain::Plain;
pub(crate) use table::{facts, table};
pub(crate) use text::{Paint, count, date, domain, duration, filled, hanging, moment, printable};
