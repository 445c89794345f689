//! Guests that answer what no answer is, and several at once.

use std::time::Duration;

use wildcert_plugin_sdk::ErrorKind;

use super::{FINE, Rig, WIT, artifact, guest};
use crate::{CallLimits, Error, Failure, ProviderError, samples};

/// An answer of `check` at address 16: success with one text of `length` octets at `address`.
fn one_text(address: u32, length: u32) -> String {
    format!(
        "(i32.store (i32.const 24) (i32.const 512))
         (i32.store (i32.const 28) (i32.const 1))
         (i32.store (i32.const 512) (i32.const {address}))
         (i32.store (i32.const 516) (i32.const {length}))
         (i32.const 16)"
    )
}

async fn broken(check: &str) -> String {
    match Rig::new().fails(check, "").await {
        Failure::Broken(reason) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_gibibyte_is_not_taken() {
    // 4096 texts, which are all the same 256 KiB.
    let many = "(drop (memory.grow (i32.const 4)))
        (loop $next
            (i32.store offset=131072 (local.get 2) (i32.const 200000))
            (i32.store offset=131076 (local.get 2) (i32.const 262144))
            (local.set 2 (i32.add (local.get 2) (i32.const 8)))
            (br_if $next (i32.lt_u (local.get 2) (i32.const 32768))))
        (i32.store (i32.const 24) (i32.const 131072))
        (i32.store (i32.const 28) (i32.const 4096))
        (i32.const 16)";
    assert_eq!(Rig::new().fails(many, "").await, Failure::TooLarge(16 << 20));
}

#[tokio::test]
async fn what_is_no_text_list_or_result_is_a_broken_answer() {
    let not_utf8 = format!("(i32.store8 (i32.const 600) (i32.const 255)) {}", one_text(600, 1));
    assert!(broken(&not_utf8).await.contains("invalid utf-8"));
    assert!(broken(&one_text(u32::MAX - 8, 4)).await.contains("out of bounds"));
    assert!(broken(&one_text(600, u32::MAX)).await.contains("out of bounds"));
    let neither = "(i32.store8 (i32.const 16) (i32.const 7)) (i32.const 16)";
    assert!(broken(neither).await.contains("discriminant"));
    assert!(broken("(i32.const -16)").await.contains("out of bounds"));
    assert!(broken("(i32.const 17)").await.contains("aligned"));
}

#[tokio::test]
async fn an_error_of_an_unknown_kind_is_permanent_and_stays_on_its_line() {
    let error = r#"(i32.store8 (i32.const 16) (i32.const 1))
        (i32.store (i32.const 24) (i32.const 700)) (i32.store (i32.const 28) (i32.const 4))
        (i32.store (i32.const 32) (i32.const 704)) (i32.store (i32.const 36) (i32.const 8))
        (i32.store8 (i32.const 48) (i32.const 1)) (i64.store (i32.const 56) (i64.const -1))
        (i32.const 16)"#;
    let words = r#"(data (i32.const 700) "sudo\1b[2J\nok:")"#;
    let error = Rig::new().check(error, words).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permanent);
    assert_eq!(error.to_string(), r"provider `hostile`: \u{1b}[2J\nok:");
    assert_eq!(error.retry_after(), Some(Duration::from_millis(u64::MAX)));
}

#[tokio::test]
async fn zones_stay_on_their_lines_too() {
    let words = r#"(data (i32.const 700) "a.\1b[2J\nb.")"#;
    assert_eq!(Rig::new().check(&one_text(700, 9), words).await.unwrap(), [r"a.\u{1b}[2J\nb."]);
}

#[tokio::test]
async fn all_memories_of_a_guest_count_together() {
    // 40 MiB each.
    let more = "(memory $b 640) (memory $c 640)";
    let error = Rig::new().load(&artifact(WIT, &guest(FINE, more))).await.err().unwrap();
    let Error::Start { failure, .. } = error else { panic!("{error}") };
    assert_eq!(failure, Failure::Memory(64 << 20));
}

/// What the limits could not count.
#[tokio::test]
async fn shared_and_large_memories_are_refused() {
    for memory in ["(memory 1 2 shared)", "(memory i64 1)"] {
        let mut artifact = artifact(WIT, &guest(FINE, ""));
        artifact.bytes = samples::component_around(&format!("(core module {memory})")).into();
        let error = Rig::new().load(&artifact).await.err().unwrap();
        assert!(matches!(error, Error::Compile { .. }), "{memory}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_guest_answers_while_others_are_cut() {
    let (cpu, wall) = (Duration::from_millis(100), Duration::from_secs(4));
    let rig = Rig::with(CallLimits { cpu, wall, ..CallLimits::default() });
    let log = "(call $log (i32.const 1045) (i32.const 4) (i32.const 1049) (i32.const 8))";
    let bad = [
        "(loop $again (br $again)) (unreachable)".to_owned(),
        format!("(loop $again {log} (br $again)) (unreachable)"),
        "(loop $again (call $sleep (i32.const 0)) (br $again)) (unreachable)".to_owned(),
        "(loop $again (call $sleep (i32.const -1)) (br $again)) (unreachable)".to_owned(),
    ];
    let tame = rig.load(&artifact(WIT, &guest(FINE, ""))).await.unwrap();
    let mut running = Vec::new();
    for check in bad {
        let provider = rig.load(&artifact(WIT, &guest(&check, ""))).await.unwrap();
        running.push(tokio::spawn(async move { provider.check().await }));
    }
    // Time for all of them to be at it.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(tame.check().await.unwrap(), Vec::<String>::new());
    assert!(running.iter().any(|other| !other.is_finished()), "they were still at it");
    for (number, other) in running.into_iter().enumerate() {
        let Err(ProviderError::Failed { failure, .. }) = other.await.unwrap() else {
            panic!("guest {number} got away");
        };
        let by_clock = matches!(failure, Failure::Time { .. });
        assert!(by_clock || matches!(failure, Failure::Cpu(_)), "{number}: {failure}");
        assert!(by_clock || number < 3, "{number}: {failure}");
    }
}
