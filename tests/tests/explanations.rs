//! What `explain` says, and how problems with several types are explained.

use wildcert_cli::Lang;
use wildcert_sandbox::{Policy, Problem, ProblemType};
use wildcert_tests::{Outcome, SandboxRig, Wildcert};

/// A registration that a CA answers with `problem`.
fn refuse(rig: &SandboxRig, lang: Lang, problem: Problem) -> Outcome {
    rig.fail_always("newAccount", problem);
    let register = rig.trusting(&["accounts", "register", "-a", "-m", "a@example.test"]).args([
        "-s",
        rig.directory_url(),
        "--lang",
        lang.tag(),
    ]);
    let outcome = register.run();
    rig.clear_failures();
    outcome
}

#[test]
fn each_type_in_the_parts_of_a_problem_is_explained_once() {
    let rig = SandboxRig::start(Policy::default());
    let problem = Problem::new(ProblemType::Compound, "several")
        .with_subproblem("a.test", ProblemType::Caa, "no")
        .with_subproblem("b.test", ProblemType::RejectedIdentifier, "no")
        .with_subproblem("c.test", ProblemType::Caa, "no");
    let outcome = refuse(&rig, Lang::Ja, problem);
    for name in ["compound", "caa", "rejectedIdentifier"] {
        let label = format!("原因 ({name}):");
        assert_eq!(outcome.stderr.matches(&label).count(), 1, "{label} {outcome}");
    }
}

#[test]
fn explain_tells_a_type_in_the_language_of_the_environment() {
    let home = tempfile::tempdir().unwrap();
    let explain = || Wildcert::new(home.path()).args(["explain", "urn:ietf:params:acme:error:CAA"]);
    let english = explain().run();
    let japanese = explain().env("LANG", "ja_JP.eucJP").run();
    assert!(english.stdout.contains("CAA records forbid the certificate"), "{english}");
    assert!(japanese.stdout.contains("CAAレコードにより発行が禁止されています"), "{japanese}");
    let json = explain().args(["--json"]).env("LC_ALL", "ja").run().json();
    assert_eq!(json["types"][0]["type"], "caa");
    assert_eq!(json["types"][0]["status"], 403);
    assert_eq!(json["types"][0]["title"], "CAAレコードにより発行が禁止されています");

    let unknown = Wildcert::new(home.path()).args(["explain", "badCRS"]).run();
    assert_eq!(unknown.code, Some(2), "{unknown}");
    assert!(unknown.stderr.contains("did you mean `badCSR`?"), "{unknown}");
}
