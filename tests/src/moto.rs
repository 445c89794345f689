//! moto: Amazon's services in Python, with the check of signatures that botocore makes.

use std::{
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    process::Command,
};

use tempfile::TempDir;

use crate::{
    ports,
    process::Process,
    venv::{self, succeed},
};

/// What pip installs: the services need no more of `moto[server]` than this.
const PACKAGES: [&str; 3] = ["moto==5.2.5", "flask==3.1.3", "flask-cors==6.0.5"];

/// Requests that are let in unsigned: those of [`SET_UP`].
const UNSIGNED: &str = "4";

/// For requests without a body, moto lets botocore sign the headers or the query in the body's place,
/// so that not even botocore's own requests pass; with the empty body they do.
const SERVE: &str = r#"
import sys
from moto.iam import access_control

create = access_control.IAMRequestBase._create_aws_request

def create_of_body(self):
    self._data = self._body
    return create(self)

access_control.IAMRequestBase._create_aws_request = create_of_body
from moto.server import main
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
"#;

const SET_UP: &str = r#"
import boto3, json, sys
policy = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["route53:*"], "Resource": "*"}]}
iam = boto3.client("iam")
iam.create_user(UserName="wildcert")
iam.put_user_policy(UserName="wildcert", PolicyName="dns", PolicyDocument=json.dumps(policy))
key = iam.create_access_key(UserName="wildcert")["AccessKey"]
boto3.client("route53").create_hosted_zone(Name=sys.argv[1], CallerReference="test")
print(key["AccessKeyId"], key["SecretAccessKey"])
"#;

const VALUES: &str = r#"
import boto3, sys
route53 = boto3.client("route53")
for zone in route53.list_hosted_zones()["HostedZones"]:
    for rrset in route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]:
        if (rrset["Name"], rrset["Type"]) == (sys.argv[1], "TXT"):
            for record in rrset["ResourceRecords"]:
                print(record["Value"])
"#;

/// A running moto whose Route 53 has one zone and takes signed requests only.
#[derive(Debug)]
pub struct Moto {
    port: u16,
    python: PathBuf,
    key: (String, String),
    #[expect(dead_code, reason = "ends with this value, before its folder goes")]
    process: Process,
    #[expect(dead_code, reason = "it holds the server's log")]
    folder: TempDir,
}

impl Moto {
    /// Starts one with `zone`, an absolute name; the first start on a machine installs it.
    ///
    /// # Panics
    /// When it cannot be installed or does not come up.
    pub fn start(zone: &str) -> Self {
        let python = venv::python("moto", &PACKAGES);
        let folder = TempDir::with_prefix("wildcert-moto-").expect("a temporary folder");
        let prepare = || {
            let port = ports::free();
            let mut command = Command::new(&python);
            command.args(["-c", SERVE, &port.to_string()]);
            command.env("INITIAL_NO_AUTH_ACTION_COUNT", UNSIGNED);
            (command, port)
        };
        let ready = |port: &u16| TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_ok();
        let (process, port) =
            Process::start("moto", &folder.path().join("moto.log"), prepare, ready);
        let nobody = ("nobody".to_owned(), "nothing".to_owned());
        let mut moto = Self { port, python, key: nobody, process, folder };
        let made = moto.ask(SET_UP, zone);
        let (id, secret) = made.trim().split_once(' ').expect("an access key and its secret");
        moto.key = (id.to_owned(), secret.to_owned());
        moto
    }

    /// The URL of its services.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// An access key that may do everything in Route 53, and its secret.
    pub fn key(&self) -> (&str, &str) {
        (&self.key.0, &self.key.1)
    }

    /// The TXT values at `owner` as Amazon's own library reads them: quoted, sorted.
    pub fn values(&self, owner: &str) -> Vec<String> {
        let mut values: Vec<String> = self.ask(VALUES, owner).lines().map(str::to_owned).collect();
        values.sort();
        values
    }

    /// Runs a script of Amazon's library.
    fn ask(&self, script: &str, argument: &str) -> String {
        let mut command = Command::new(&self.python);
        command.args(["-c", script, argument]);
        command.envs([("AWS_ACCESS_KEY_ID", &self.key.0), ("AWS_SECRET_ACCESS_KEY", &self.key.1)]);
        command.envs([("AWS_ENDPOINT_URL", self.url()), ("AWS_REGION", "us-east-1".to_owned())]);
        succeed(command.env("AWS_DEFAULT_REGION", "us-east-1"))
    }
}
