//! The simulated vendor as a server: `wildcert providers test FILE --simulator COMMAND` runs it.

#[path = "../src/tests/simulator.rs"]
mod simulator;

fn main() -> std::io::Result<()> {
    wildcert_plugin_sdk::testing::serve::<simulator::Vendor>()
}
