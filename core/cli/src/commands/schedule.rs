//! `wildcert schedule`.

use std::{env::current_exe, path::PathBuf};

use serde_json::json;

use crate::{
    args::{ScheduleArgs, ScheduleInstallArgs, ScheduleRemoveArgs},
    env,
    error::Error,
    exit, json, path,
    printer::Printer,
    schedule::{Change, Form, Found, Place, Schedule, Scope, is_running, systemctl},
    settings::Settings,
};

/// Has `renew` run twice a day.
pub(crate) fn install(args: &ScheduleInstallArgs, printer: &Printer) -> Result<u8, Error> {
    let wanted = Wanted::new(&args.schedule, args.program.clone(), printer)?;
    wanted.keep_edited(args.force)?;
    let mut files = Vec::new();
    for change in &wanted.changes {
        let same = change.found() == Found::Same;
        if !same {
            wanted.place.write(change)?;
        }
        files.push((change, if same { "unchanged" } else { "written" }));
    }
    let enabled = !args.no_enable && wanted.is_managed();
    if enabled {
        systemctl(wanted.scope, &["daemon-reload"])?;
        systemctl(wanted.scope, &["enable", "--now", TIMER])?;
    }
    wanted.tell(&files, printer)?;
    if !args.schedule.json.json {
        wanted.tell_how(enabled, printer);
    }
    Ok(exit::DONE)
}

/// Shows what `install` would write.
pub(crate) fn show(args: &ScheduleArgs, printer: &Printer) -> Result<u8, Error> {
    let wanted = Wanted::new(args, None, printer)?;
    if args.json.json {
        let file = |change: &Change| {
            json!({
                "path": change.path, "text": change.text, "installed": word(change.found()),
                "difference": change.difference(),
            })
        };
        let files: Vec<_> = wanted.changes.iter().map(file).collect();
        printer.result(&json::text(&json!({ "files": files })))?;
        return Ok(exit::DONE);
    }
    for change in &wanted.changes {
        let found = format!("schedule-{}", word(change.found()));
        let found = printer.text().say(&found, &[]);
        printer.result(&format!("# {}: {found}\n{}", change.path, change.text))?;
        if matches!(change.found(), Found::Older | Found::Edited) {
            let lines = change.difference().join("\n");
            printer.result(&format!(
                "{}\n{lines}\n",
                printer.text().say("schedule-difference", &[])
            ))?;
        }
    }
    Ok(exit::DONE)
}

/// Undoes `install`.
pub(crate) fn remove(args: &ScheduleRemoveArgs, printer: &Printer) -> Result<u8, Error> {
    let wanted = Wanted::new(&args.schedule, None, printer)?;
    wanted.keep_edited(args.force)?;
    let there = wanted.changes.iter().any(|change| change.there.is_some());
    let managed = there && wanted.is_managed();
    if managed {
        systemctl(wanted.scope, &["disable", "--now", TIMER])?;
    }
    let mut files = Vec::new();
    for change in &wanted.changes {
        let there = change.there.is_some();
        if there {
            wanted.place.remove(change)?;
        }
        files.push((change, if there { "removed" } else { "absent" }));
    }
    if managed {
        systemctl(wanted.scope, &["daemon-reload"])?;
    }
    wanted.tell(&files, printer)?;
    Ok(exit::DONE)
}

/// What shall be there.
struct Wanted {
    scope: Scope,
    form: Form,
    place: Place,
    changes: Vec<Change>,
    json: bool,
}

impl Wanted {
    fn new(
        args: &ScheduleArgs,
        packaged: Option<PathBuf>,
        printer: &Printer,
    ) -> Result<Self, Error> {
        let root = packaged.is_some() || path::is_root();
        let scope = if root { Scope::System } else { Scope::User };
        let form = match args.cron || args.dir.is_none() && !is_running(scope, &env::process) {
            true => Form::Cron,
            false => Form::Systemd,
        };
        let schedule = match packaged {
            Some(program) => Schedule::packaged(&program),
            None => schedule(args, scope, printer)?,
        };
        let place = Place::choose(form, scope, args.dir.as_deref(), &env::process)?;
        let changes = place.changes(form, &schedule)?;
        Ok(Self { scope, form, place, changes, json: args.json.json })
    }

    /// Whether systemd runs and reads the folder.
    fn is_managed(&self) -> bool {
        let own = matches!(self.place, Place::Folder { own: true, .. });
        self.form == Form::Systemd && own && is_running(self.scope, &env::process)
    }

    /// Stops before anything is changed when that would lose what somebody wrote.
    fn keep_edited(&self, force: bool) -> Result<(), Error> {
        let edited = self.changes.iter().filter(|change| change.found() == Found::Edited);
        let edited: Vec<String> = edited.map(|change| change.path.clone()).collect();
        if force || edited.is_empty() { Ok(()) } else { Err(Error::Edited(edited)) }
    }

    fn tell(&self, files: &[(&Change, &'static str)], printer: &Printer) -> Result<(), Error> {
        if self.json {
            let file =
                |(change, what): &(&Change, &str)| json!({ "path": change.path, "change": what });
            let files: Vec<_> = files.iter().map(file).collect();
            return printer.result(&json::text(&json!({ "files": files })));
        }
        for (change, what) in files {
            let values = [("path", change.path.as_str().into())];
            printer.result(&printer.text().say(&format!("schedule-file-{what}"), &values))?;
        }
        Ok(())
    }

    /// Tells how to go on, and how to look.
    fn tell_how(&self, enabled: bool, printer: &Printer) {
        let own = matches!(self.place, Place::Crontab | Place::Folder { own: true, .. });
        let user = if self.scope == Scope::User { " --user" } else { "" };
        let values = [("user", user.into())];
        let say = |id: &str| printer.note(&printer.text().say(id, &values));
        match (self.form, own) {
            (_, false) => {}
            (Form::Cron, true) => say("schedule-cron"),
            (Form::Systemd, true) if enabled => {
                say("schedule-look");
                if self.scope == Scope::User {
                    say("schedule-linger");
                }
            }
            (Form::Systemd, true) => say("schedule-enable"),
        }
    }
}

/// What is to be run: the settings that hold now, and what the certificates need.
fn schedule(args: &ScheduleArgs, scope: Scope, printer: &Printer) -> Result<Schedule, Error> {
    let failed = |source| Error::System { doing: "find this program", source };
    let program = current_exe().map_err(failed)?;
    let settings = Settings::new(&env::process, &args.state);
    let mut schedule = settings.schedule(scope, program);
    let file = settings.file();
    let engine = settings.open(printer)?;
    let listing = engine.certificates()?;
    listing.damaged.iter().for_each(|error| printer.failure(error));
    schedule.serve(&file, &listing.certificates);
    Ok(schedule)
}

fn word(found: Found) -> &'static str {
    match found {
        Found::Absent => "absent",
        Found::Same => "same",
        Found::Older => "older",
        Found::Edited => "edited",
    }
}

const TIMER: &str = "wildcert.timer";
