//! Where a schedule is kept, and what is there.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    cron,
    plan::{Schedule, Scope},
    seal, systemd,
};
use crate::{env::Lookup, error::Error};

/// Who runs it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    Cron,
    Systemd,
}

/// Where a schedule is kept.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// The user's crontab, among other lines.
    Crontab,
    /// A folder of files.
    Folder {
        path: PathBuf,
        /// Whether this is the folder that is read by itself.
        own: bool,
    },
}

/// What is there in place of a file that shall be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Found {
    Absent,
    /// What `install` would write.
    Same,
    /// What an `install` wrote for other certificates, options or versions.
    Older,
    /// Something of somebody else's, or that somebody edited.
    Edited,
}

/// A file that shall be there.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    name: &'static str,
    /// As people and programs are told.
    pub(crate) path: String,
    pub(crate) text: String,
    /// What is there now.
    pub(crate) there: Option<String>,
}

impl Place {
    /// The place that is named or usual.
    ///
    /// # Errors
    /// When the user has no home.
    pub(crate) fn choose(
        form: Form,
        scope: Scope,
        named: Option<&Path>,
        env: Lookup<'_>,
    ) -> Result<Self, Error> {
        let usual = match (form, scope) {
            (Form::Cron, Scope::System) => Some(PathBuf::from("/etc/cron.d")),
            (Form::Cron, Scope::User) if named.is_none() => return Ok(Self::Crontab),
            (Form::Cron, Scope::User) => None,
            (Form::Systemd, scope) => systemd::folder(scope, env),
        };
        let named = named.map(std::path::absolute).transpose();
        let failed = |source| Error::System { doing: "find the folder", source };
        match (named.map_err(failed)?, usual) {
            (Some(path), usual) => {
                let own = usual.as_ref() == Some(&path);
                Ok(Self::Folder { path, own })
            }
            (None, Some(path)) => Ok(Self::Folder { path, own: true }),
            (None, None) => {
                Err(Error::Input(vec![crate::fault::Fault::new("fault-no-unit-folder", &[])]))
            }
        }
    }

    /// The files of a schedule, and what is there in their place.
    ///
    /// # Errors
    /// When what is there cannot be read.
    pub(crate) fn changes(&self, form: Form, schedule: &Schedule) -> Result<Vec<Change>, Error> {
        let texts = match (self, form) {
            (Self::Crontab, _) => vec![("crontab", cron::lines(schedule))],
            (_, Form::Cron) => vec![cron::file(schedule)],
            (_, Form::Systemd) => systemd::units(schedule),
        };
        let change = |(name, text)| {
            Ok(Change { name, path: self.path(name), text, there: self.read(name)? })
        };
        texts.into_iter().map(change).collect()
    }

    /// Puts a file where it belongs.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn write(&self, change: &Change) -> Result<(), Error> {
        match self {
            Self::Crontab => {
                cron::write_crontab(&cron::with(&cron::read_crontab()?, Some(&change.text)))
            }
            Self::Folder { path, .. } => {
                let file = path.join(change.name);
                let failed = |source| Error::File { doing: "write", path: file.clone(), source };
                put(path, &file, &change.text).map_err(failed)
            }
        }
    }

    /// Takes a file away.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub(crate) fn remove(&self, change: &Change) -> Result<(), Error> {
        match self {
            Self::Crontab => cron::write_crontab(&cron::with(&cron::read_crontab()?, None)),
            Self::Folder { path, .. } => {
                let file = path.join(change.name);
                fs::remove_file(&file).map_err(|source| Error::File {
                    doing: "remove",
                    path: file,
                    source,
                })
            }
        }
    }

    fn path(&self, name: &str) -> String {
        match self {
            Self::Crontab => name.to_owned(),
            Self::Folder { path, .. } => path.join(name).display().to_string(),
        }
    }

    fn read(&self, name: &str) -> Result<Option<String>, Error> {
        match self {
            Self::Crontab => Ok(cron::ours(&cron::read_crontab()?).map(str::to_owned)),
            Self::Folder { path, .. } => match fs::read_to_string(path.join(name)) {
                Ok(text) => Ok(Some(text)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(source) => Err(Error::File { doing: "read", path: path.join(name), source }),
            },
        }
    }
}

impl Change {
    /// What is there in its place.
    pub(crate) fn found(&self) -> Found {
        match &self.there {
            None => Found::Absent,
            Some(there) if *there == self.text => Found::Same,
            Some(there) if seal::is_whole(there) => Found::Older,
            Some(_) => Found::Edited,
        }
    }

    /// The lines that are there (`-`) and those that would be (`+`), from the first to the last that
    /// differ.
    pub(crate) fn difference(&self) -> Vec<String> {
        let there: Vec<&str> = self.there.iter().flat_map(|text| text.lines()).collect();
        let wanted: Vec<&str> = self.text.lines().collect();
        let same = |(one, other): &(&&str, &&str)| one == other;
        let begin = there.iter().zip(&wanted).take_while(same).count();
        let (there, wanted) = (&there[begin..], &wanted[begin..]);
        let end = there.iter().rev().zip(wanted.iter().rev()).take_while(same).count();
        let lines = |sign: char, lines: &[&str]| {
            lines[..lines.len() - end].iter().map(|line| format!("{sign} {line}")).collect()
        };
        let there: Vec<String> = lines('-', there);
        there.into_iter().chain::<Vec<String>>(lines('+', wanted)).collect()
    }
}

/// Writes a file in one step, readable by everybody.
fn put(folder: &Path, file: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    #[cfg(unix)]
    temporary.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    temporary.as_file().sync_all()?;
    temporary.persist(file)?;
    Ok(())
}

/// What a program prints, given `input`.
///
/// # Errors
/// [`Error::Program`] with what it said.
pub(super) fn output(command: &mut Command, input: Option<&str>) -> Result<String, Error> {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let name = words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let failed = |said: String| Error::Program { command: name.clone(), said };
    let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
    // What it says is read by a program.
    command.env("LC_ALL", "C").stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
    if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
        // Who does not read it says why.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(failed(if said.is_empty() { output.status.to_string() } else { said }))
}
