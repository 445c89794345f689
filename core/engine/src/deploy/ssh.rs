//! Files and commands on another machine, by the system's ssh and a POSIX shell there.
//!
//! Script and files go through the connection, so nothing of them is on a command line or in a file
//! here. The files change there as [`local`](super::local) has them change here.

use std::{fmt::Write as _, time::Duration};

use zeroize::Zeroizing;

use super::{
    command::{CommandError, Task},
    error::DeployError,
    files::Copy,
    words::{CommandLine, quoted},
};
use crate::stop::Stop;

/// Another machine.
pub(super) struct Host<'a> {
    /// As ssh takes it.
    pub(super) name: &'a str,
    /// The ssh program with its options.
    pub(super) ssh: Option<&'a CommandLine>,
    /// How long a command may take.
    pub(super) limit: Duration,
}

impl Host<'_> {
    /// Puts the files in their places; when one cannot be, none is.
    pub(super) async fn put(&self, copies: &[Copy], stop: &Stop) -> Result<(), DeployError> {
        let places: Vec<Place> = copies.iter().map(|copy| Place::of(&copy.path)).collect();
        let each = |line: &dyn Fn(&Place) -> String| {
            places.iter().map(line).collect::<Vec<_>>().join(" && ")
        };
        let news = quoted(places.iter().map(|place| place.new.as_str()));
        let olds = quoted(places.iter().flat_map(|place| [&*place.old, &*place.none]));
        let mut script = FUNCTIONS.replace("@NEW@", &news);
        for (copy, place) in copies.iter().zip(&places) {
            let size = copy.content.len().to_string();
            let owner = copy.owner.as_ref().map(ToString::to_string).unwrap_or_default();
            let mode = copy.mode.to_string();
            let call = quoted(["stage", &place.new, &size, &mode, &owner, &place.path]);
            let _ = writeln!(script, "{call} || give_up");
        }
        let leader = places.first().map(Place::kept).unwrap_or_default();
        let reversed: Vec<String> = places.iter().rev().map(|place| place.call("save")).collect();
        let _ = writeln!(script, "sync {news} 2>/dev/null || sync");
        let _ = writeln!(script, "is_open {leader} || rm -f {olds} || give_up");
        let _ = writeln!(script, "{} || give_up", reversed.join(" && "));
        let moves = each(&|place| quoted(["mv", "-f", &place.new, &place.path]));
        let _ = writeln!(script, "{moves} || {{ {}; give_up; }}", restore(&places));
        let script = script.replace("@NEW@", &news);

        let content: Vec<&[u8]> = copies.iter().map(|copy| copy.content.as_slice()).collect();
        self.script("write the files", &script, &content.concat(), Some(stop)).await
    }

    /// Has the new files stay.
    pub(super) async fn keep(&self, copies: &[Copy]) -> Result<(), DeployError> {
        let places: Vec<Place> = copies.iter().map(|copy| Place::of(&copy.path)).collect();
        let leader = places.first().map(Place::kept).unwrap_or_default();
        let others: Vec<String> = places.iter().skip(1).map(Place::kept).collect();
        let script = format!("rm -f {leader} && rm -f {leader} {}", others.join(" "));
        self.script("remove the old files", &script, &[], None).await
    }

    /// Brings the old files back, and takes away what was not there before.
    pub(super) async fn back(&self, copies: &[Copy]) -> Result<(), DeployError> {
        let places: Vec<Place> = copies.iter().map(|copy| Place::of(&copy.path)).collect();
        let script = format!("{FUNCTIONS}{}", restore(&places));
        self.script("bring the old files back", &script, &[], None).await
    }

    /// Runs a command; it ends with the connection.
    pub(super) async fn command(
        &self,
        step: &'static str,
        command: &CommandLine,
        variables: &[(String, String)],
        stop: Option<&Stop>,
    ) -> Result<(), DeployError> {
        let mut script = String::new();
        for (name, value) in variables {
            let _ = writeln!(script, "export {name}={}", quoted([value.as_str()]));
        }
        let words = command.there();
        let words = quoted(words.iter().map(String::as_str));
        script.push_str(&COMMAND.replace("@COMMAND@", &words));
        match self.run(&script, &[], stop).await {
            Err(source) if !is_connection(&source) => {
                Err(DeployError::Command { step, command: command.to_string(), source })
            }
            result => result.map_err(|source| self.unreached(source)),
        }
    }

    async fn script(
        &self,
        doing: &'static str,
        script: &str,
        content: &[u8],
        stop: Option<&Stop>,
    ) -> Result<(), DeployError> {
        match self.run(script, content, stop).await {
            Err(source) if !is_connection(&source) => Err(DeployError::Remote { doing, source }),
            result => result.map_err(|source| self.unreached(source)),
        }
    }

    /// Has a script run there, which finds `content` on its standard input.
    async fn run(
        &self,
        script: &str,
        content: &[u8],
        stop: Option<&Stop>,
    ) -> Result<(), CommandError> {
        // Whatever shell the user has there understands this much.
        let begin = format!("sh -c 'eval \"$(dd bs=1 count={} 2>/dev/null)\"'", script.len());
        let mut words = self.words();
        words.push(begin);
        let input = Zeroizing::new([script.as_bytes(), content].concat());
        let task = Task { words, variables: &[], input: Some(input), limit: self.limit };
        task.run(stop).await.map(drop)
    }

    /// ssh with its options, and the host.
    fn words(&self) -> Vec<String> {
        let mut words = self.program();
        let ours = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "--", self.name];
        words.extend(ours.map(str::to_owned));
        words
    }

    fn program(&self) -> Vec<String> {
        self.ssh.map_or_else(|| vec!["ssh".to_owned()], CommandLine::here)
    }

    fn unreached(&self, source: CommandError) -> DeployError {
        let mut words = self.program();
        words.push(self.name.to_owned());
        let command = quoted(words.iter().map(String::as_str));
        DeployError::Host { command, source }
    }
}

/// Whether it is ssh itself that failed.
fn is_connection(error: &CommandError) -> bool {
    match error {
        CommandError::Failed { status, .. } => status.code() == Some(255),
        CommandError::Start(_) => true,
        _ => false,
    }
}

/// Where a file goes, and what lies beside it meanwhile.
struct Place {
    path: String,
    new: String,
    old: String,
    none: String,
}

impl Place {
    fn of(path: &str) -> Self {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let beside = |ending: &str| format!("{folder}/.{name}.{ending}");
        Self { path: path.to_owned(), new: beside("new"), old: beside("old"), none: beside("none") }
    }

    /// What stands for the old file.
    fn kept(&self) -> String {
        quoted([self.old.as_str(), &self.none])
    }

    fn call(&self, function: &str) -> String {
        quoted([function, &self.path, &self.old, &self.none])
    }
}

/// Brings all files back, the first last.
fn restore(places: &[Place]) -> String {
    let calls: Vec<String> = places.iter().rev().map(|place| place.call("restore")).collect();
    calls.join(" && ")
}

/// No `:` is redirected: when that cannot be, a shell may end at once (XCU §2.8.1).
const FUNCTIONS: &str = r#"
LC_ALL=C
export LC_ALL
umask 077
set -C
give_up() {
    rm -f @NEW@
    exit 1
}
there() {
    [ -e "$1" ] || [ -L "$1" ]
}
is_open() {
    there "$1" || there "$2"
}
# new size mode owner path
stage() {
    if [ -d "$5" ]; then
        echo "$5 is a folder" >&2
        return 1
    fi
    rm -f "$1" && true >"$1" || return 1
    if [ "$2" -gt 0 ]; then
        dd bs=1 count="$2" 2>/dev/null >>"$1" || return 1
    fi
    if [ "$(wc -c <"$1")" -ne "$2" ]; then
        echo "$1 could not be written whole" >&2
        return 1
    fi
    if [ -n "$4" ]; then
        chown "$4" "$1" || return 1
    fi
    chmod "$3" "$1"
}
# path old none
save() {
    if is_open "$2" "$3"; then
        return 0
    elif ! there "$1"; then
        true >"$3"
    elif ! ln -P "$1" "$2" 2>/dev/null; then
        cp -pP "$1" "$2.copy" && mv -f "$2.copy" "$2"
    fi
}
restore() {
    if there "$2"; then
        mv -f "$2" "$1" 2>/dev/null || cmp -s "$2" "$1" || return 1
        rm -f "$2"
    elif there "$3"; then
        rm -f "$1" && rm -f "$3"
    fi
}
"#;

/// Runs a command in a session of its own where that can be had, and ends it when the connection
/// does, which stays open as long as somebody waits here.
const COMMAND: &str = r#"
if command -v setsid >/dev/null 2>&1; then
    own=setsid group=-
else
    own= group=
fi
exec 3<&0
$own @COMMAND@ </dev/null 3<&- &
process=$!
(
    read -r nothing <&3
    kill -TERM "$group$process"
    sleep 5
    kill -KILL "$group$process"
) >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$process"
code=$?
kill "$watch" 2>/dev/null
exit "$code"
"#;

#[cfg(unix)]
#[cfg(test)]
mod tests;
