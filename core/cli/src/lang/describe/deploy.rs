//! Why a certificate did not reach a target.

use wildcert::deploy::{Back, CommandError, DeployError, Unserved};

use super::{Text, describe_finding, describe_probe, doing::noun, shown};

pub(super) fn message(text: Text, error: &DeployError, back: &Back) -> Option<String> {
    let said = failed(text, error)?;
    let own = |id, values: &[_]| text.own(id, values);
    let back = match back {
        Back::Untouched => return Some(said),
        Back::Done => own("back-done", &[])?,
        Back::CommandFailed(None) => own("back-command-failed", &[])?,
        Back::CommandFailed(Some(reason)) => {
            own("back-command-failed-so", &[("reason", shown(reason))])?
        }
        Back::Failed(reason) => own("back-failed", &[("reason", shown(reason))])?,
        // No variant ends here: a test reads them from their source.
        _ => return None,
    };
    Some(format!("{said}\n{back}"))
}

pub(super) fn failed(text: Text, error: &DeployError) -> Option<String> {
    let own = |id, values: &[_]| text.own(id, values);
    match error {
        DeployError::Command { step, command: program, source } => {
            let source = command(text, source)?.into();
            let values = [("step", shown(step)), ("command", shown(program)), ("source", source)];
            own("deploy-error-command", &values)
        }
        DeployError::Host { command: program, source } => {
            let source = command(text, source)?;
            own("deploy-error-host", &[("command", shown(program)), ("source", source.into())])
        }
        DeployError::File { doing, path, source } => {
            let path = shown(path.display());
            let values = [("doing", noun(text, doing)), ("path", path), ("source", shown(source))];
            own("error-file", &values)
        }
        DeployError::Remote { doing, source } => {
            let values = [("doing", noun(text, doing)), ("source", command(text, source)?.into())];
            own("deploy-error-remote", &values)
        }
        DeployError::Lacking { form, path } => {
            own("deploy-error-lacking", &[("form", shown(form)), ("path", shown(path))])
        }
        DeployError::Nobody { kind: "user", name } => {
            own("deploy-error-no-user", &[("name", shown(name))])
        }
        DeployError::Nobody { name, .. } => own("deploy-error-no-group", &[("name", shown(name))]),
        DeployError::Probe { endpoint, source } => {
            let reason = match source {
                Unserved::Nothing(error) => describe_probe(text, error)[0].clone(),
                Unserved::Other(findings) => {
                    let each = findings.iter().map(|one| describe_finding(text, one)[0].clone());
                    each.collect::<Vec<_>>().join("、")
                }
                other => other.to_string(),
            };
            own("deploy-error-probe", &[("endpoint", shown(endpoint)), ("reason", reason.into())])
        }
        _ => None,
    }
}

pub(super) fn command(text: Text, error: &CommandError) -> Option<String> {
    let own = |id, values: &[_]| text.own(id, values);
    let said = |output: &str| match output {
        "" => String::new(),
        output if output.contains('\n') => format!(":\n{output}"),
        output => format!(": {output}"),
    };
    match error {
        CommandError::Failed { status, output } => {
            own("command-failed", &[("status", shown(status)), ("output", said(output).into())])
        }
        CommandError::Start(source) => own("command-start", &[("source", shown(source))]),
        CommandError::Slow { limit, output } => own(
            "command-slow",
            &[("seconds", limit.as_secs().into()), ("output", said(output).into())],
        ),
        CommandError::Stopped(_) => own("command-stopped", &[]),
        _ => None,
    }
}

pub(super) fn hint(text: Text, error: &DeployError) -> Option<String> {
    let id = match (error, error.hint()) {
        // Where there is nothing to do in English.
        (_, None) => return None,
        (DeployError::Command { source, .. } | DeployError::Remote { source, .. }, _) => {
            match source {
                CommandError::Failed { .. } => "hint-command-failed",
                CommandError::Slow { .. } => "hint-command-slow",
                _ => "hint-command-start",
            }
        }
        (DeployError::Host { .. }, _) => "hint-deploy-host",
        (DeployError::File { .. }, _) => "hint-deploy-folder",
        (DeployError::Lacking { form: "pfx", .. }, _) => "hint-deploy-pfx",
        (DeployError::Lacking { .. }, _) => "hint-deploy-key",
        (DeployError::Probe { .. }, _) => "hint-deploy-probe",
        _ => return None,
    };
    text.own(id, &[])
}
