//! What `explain` says, and how problems with several types are explained.

use std::fs;

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use wildcert_cli::Lang;
use wildcert_sandbox::{Problem, ProblemType, Sandbox, SandboxOptions};
use wildcert_tests::{Outcome, Wildcert};

struct Ca {
    runtime: Runtime,
    sandbox: Option<Sandbox>,
    home: TempDir,
}

impl Ca {
    fn new() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sandbox = runtime.block_on(Sandbox::start(SandboxOptions::default())).unwrap();
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("ca.pem"), sandbox.ca_pem()).unwrap();
        Self { runtime, sandbox: Some(sandbox), home }
    }

    fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().unwrap()
    }

    /// A registration that the CA answers with `problem`.
    fn refuse(&self, lang: Lang, problem: Problem) -> Outcome {
        self.sandbox().fail_always("newAccount", problem);
        let register = Wildcert::new(self.home.path())
            .args(["accounts", "register", "-a", "-m", "a@example.test", "--ca-bundle", "ca.pem"])
            .args(["-s", self.sandbox().directory_url(), "--lang", lang.tag()]);
        let outcome = register.run();
        self.sandbox().clear_failures();
        outcome
    }
}

impl Drop for Ca {
    fn drop(&mut self) {
        if let Some(sandbox) = self.sandbox.take() {
            self.runtime.block_on(sandbox.shutdown());
        }
    }
}

#[test]
fn each_type_in_the_parts_of_a_problem_is_explained_once() {
    let ca = Ca::new();
    let problem = Problem::new(ProblemType::Compound, "several")
        .with_subproblem("a.test", ProblemType::Caa, "no")
        .with_subproblem("b.test", ProblemType::RejectedIdentifier, "no")
        .with_subproblem("c.test", ProblemType::Caa, "no");
    let outcome = ca.refuse(Lang::Ja, problem);
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
