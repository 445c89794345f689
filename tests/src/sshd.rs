//! Other machines: sshd on loopback, each with keys of its own and a folder that is its home.

use std::{
    fs,
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::{
    guide::succeed,
    ports,
    process::Process,
    program,
    tls_servers::{is_root, script},
};

/// Machines that can be reached by ssh as `NAME` with [`config`](Self::config).
#[derive(Debug)]
pub struct Machines {
    folder: TempDir,
    machines: Vec<Machine>,
}

#[derive(Debug)]
struct Machine {
    name: &'static str,
    port: u16,
    process: Option<Process>,
}

impl Machines {
    /// Prepares machines; none runs yet.
    ///
    /// # Panics
    /// When there are no keys to be had.
    pub fn new(names: &[&'static str]) -> Self {
        let folder = TempDir::with_prefix("wildcert-ssh-").expect("a temporary folder");
        let home = folder.path();
        keygen(&home.join("user"));
        let mut config = format!(
            "UserKnownHostsFile {0}/known\nIdentityFile {0}/user\nIdentitiesOnly yes\n\
             StrictHostKeyChecking yes\nGlobalKnownHostsFile none\n",
            home.display()
        );
        let mut known = String::new();
        let machine = |name: &&'static str| {
            let own = home.join(name);
            fs::create_dir_all(own.join("home")).expect("a new folder");
            keygen(&own.join("host"));
            let port = ports::free();
            let key = fs::read_to_string(own.join("host.pub")).expect("a key");
            known.push_str(&format!("{name} {key}"));
            config.push_str(&format!(
                "Host {name}\nHostName 127.0.0.1\nPort {port}\nHostKeyAlias {name}\n"
            ));
            // Whoever logs in is in this machine's folder: so `/proc/self/cwd` is another one
            // on each.
            script(
                &own.join("login"),
                &format!("cd '{}/home' && eval \"$SSH_ORIGINAL_COMMAND\"\n", own.display()),
            );
            let text = format!(
                "ListenAddress 127.0.0.1:{port}\nHostKey {0}/host\nAuthorizedKeysFile {1}/user.pub\n\
                 PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n\
                 PermitRootLogin yes\nForceCommand {0}/login\n",
                own.display(),
                home.display()
            );
            fs::write(own.join("sshd.conf"), text).expect("a file");
            Machine { name, port, process: None }
        };
        let machines = names.iter().map(machine).collect();
        fs::write(home.join("known"), known).expect("a file");
        fs::write(home.join("config"), config).expect("a file");
        Self { folder, machines }
    }

    /// Starts the sshd of a machine.
    ///
    /// # Panics
    /// When it does not come up, or there is no such machine.
    pub fn start(&mut self, name: &str) {
        let privilege_separation = Path::new("/run/sshd");
        assert!(
            !is_root() || privilege_separation.is_dir(),
            "`sshd` wants a folder of root's: mkdir -m 0755 /run/sshd"
        );
        let own = self.folder.path().join(name);
        let machine = self.machines.iter_mut().find(|machine| machine.name == name);
        let machine = machine.expect("a machine of that name");
        let port = machine.port;
        let start = || {
            // It starts itself anew for each connection, and so wants its whole path.
            let mut command = program::command("sshd");
            command.args(["-D", "-e", "-f"]).arg(own.join("sshd.conf"));
            (command, ())
        };
        let answers = |(): &()| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        let (process, ()) = Process::start("sshd", &own.join("log"), start, answers);
        machine.process = Some(process);
    }

    /// Ends the sshd of a machine.
    pub fn stop(&mut self, name: &str) {
        let own = self.machines.iter_mut().filter(|machine| machine.name == name);
        own.for_each(|machine| machine.process = None);
    }

    /// The file that ssh is told of by `-F`.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    /// A file of a machine, which calls it `/proc/self/cwd/FILE`.
    pub fn file(&self, machine: &str, file: &str) -> PathBuf {
        self.folder.path().join(machine).join("home").join(file)
    }
}

fn keygen(path: &Path) {
    let mut command = program::command("ssh-keygen");
    succeed(command.args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"]).arg(path));
}
