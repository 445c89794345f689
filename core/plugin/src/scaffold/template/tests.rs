mod simulator;

wildcert_plugin_sdk::conformance!(crate::Exported, crate::MANIFEST, simulator::Vendor);
