use wildcert_plugin_sdk::{conformance, recordings};

use crate::{Exported, MANIFEST};

mod simulator;

conformance!(Exported, MANIFEST, simulator::Vendor);
recordings!(Exported, MANIFEST, simulator::Vendor);
