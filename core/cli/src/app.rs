//! From the words of the command line to the exit code.

use std::{env, path::PathBuf, process::ExitCode, time::Instant};

use clap::{ArgMatches, CommandFactory, FromArgMatches};
use tokio::runtime::Builder;

use crate::{
    args::{
        AccountsCommand, AlertsCommand, Args, CertificatesCommand, Command, ConfigCommand,
        ProvidersCommand, ScheduleCommand, leaf_first,
    },
    commands::{
        accounts, alerts, cas, cleanup, completions, config, demo, deploy, explain, history,
        import, list, man, probe, providers, renew, revoke, run, sandbox, schedule, status, stored,
    },
    env::{LOG_FILE, process},
    error::Error,
    exit,
    lang::{Lang, Text},
    log::Log,
    printer::Printer,
    settings,
    show::duration,
    trace,
};

/// The whole command line, for reference pages.
pub fn command() -> clap::Command {
    Args::command()
}

/// Runs the command that the process was started with.
///
/// The process must have a default crypto provider of rustls.
pub fn main() -> ExitCode {
    let argv = leaf_first(&command(), env::args_os().collect());
    let parsed = command().try_get_matches_from(argv);
    let parsed = parsed.and_then(|words| Ok((Args::from_arg_matches(&words)?, names(&words))));
    let (args, name) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help that nobody reads to its end is still help.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(exit::USAGE));
        }
    };
    let (lang, log) = settings::output(args.output.config.as_deref(), &process);
    let text = Text::new(Lang::choose(args.output.lang, &process, lang));
    let variable = || process(LOG_FILE).map(PathBuf::from);
    let path = args.output.log_file.clone().or_else(variable).or(log);
    let log = path.as_deref().map(|path| Log::open(path, text));
    let kept = log.as_ref().and_then(|log| log.as_ref().ok());
    trace::start(args.output.verbose, kept.cloned());
    let printer = Printer::new(&args.output, &process, text, kept.cloned());
    if let (Some(path), Some(Err(error))) = (path, log) {
        let path = path.display().to_string().into();
        let values = [("path", path), ("error", error.to_string().into())];
        printer.warning(&text.say("log-unwritten", &values));
    }
    let version = env!("CARGO_PKG_VERSION");
    // Its options may be secrets.
    printer.log(&text.say("log-begin", &[("name", name.into()), ("version", version.into())]));
    let started = Instant::now();
    let code = match execute(args.command, &printer) {
        Ok(code) => code,
        Err(error) => {
            match &error {
                Error::Engine(source) => printer.failure(source),
                other => {
                    printer.error(&other.message(printer.text()), &other.hints(printer.text()))
                }
            }
            error.exit_code()
        }
    };
    let values = [("code", code.into()), ("time", duration(started.elapsed()).into())];
    printer.log(&text.say("log-end", &values));
    ExitCode::from(code)
}

/// The commands that are named, as `providers list`.
fn names(words: &ArgMatches) -> String {
    match words.subcommand() {
        Some((name, words)) => format!("{name} {}", names(words)).trim_end().to_owned(),
        None => String::new(),
    }
}

fn execute(command: Command, printer: &Printer) -> Result<u8, Error> {
    match command {
        Command::Run(args) => block_on(run::run(&args, printer)),
        Command::Renew(args) => block_on(renew::renew(&args, printer)),
        Command::Deploy(args) => block_on(deploy::deploy(&args, printer)),
        Command::Revoke(args) | Command::Certificates(CertificatesCommand::Revoke(args)) => {
            block_on(revoke::revoke(&args, printer))
        }
        Command::List(args) | Command::Certificates(CertificatesCommand::List(args)) => {
            list::list(&args, printer)
        }
        Command::Show(args) => stored::show(&args, printer),
        Command::History(args) => history::history(&args, printer),
        Command::Remove(args) => stored::remove(&args, printer),
        Command::Status(args) => status::status(&args, printer),
        Command::Probe(args) => block_on(probe::probe(&args, printer)),
        Command::Alerts(AlertsCommand::Test(args)) => block_on(alerts::test(&args, printer)),
        Command::Config(ConfigCommand::Check(args)) => config::check(&args, printer),
        Command::Config(ConfigCommand::Show(args)) => config::show(&args, printer),
        Command::Config(ConfigCommand::Schema) => config::schema(printer),
        Command::Schedule(ScheduleCommand::Install(args)) => schedule::install(&args, printer),
        Command::Schedule(ScheduleCommand::Show(args)) => schedule::show(&args, printer),
        Command::Schedule(ScheduleCommand::Remove(args)) => schedule::remove(&args, printer),
        Command::Import(args) => block_on(import::import(&args, printer)),
        Command::Cleanup(args) => block_on(cleanup::cleanup(&args, printer)),
        Command::Accounts(command) => accounts_command(command, printer),
        Command::Cas(args) => cas::cas(args, printer),
        Command::Providers(ProvidersCommand::List(args)) => providers::list(&args, printer),
        Command::Providers(ProvidersCommand::Show(args)) => {
            providers::show(&args.provider, &args.list, printer)
        }
        Command::Providers(ProvidersCommand::Check(args)) => {
            block_on(providers::check(&args, printer))
        }
        Command::Providers(ProvidersCommand::New(args)) => block_on(providers::new(&args, printer)),
        Command::Providers(ProvidersCommand::Test(args)) => {
            with_workers(providers::test(&args, printer))
        }
        Command::Providers(ProvidersCommand::Build(args)) => providers::build(&args, printer),
        Command::Providers(ProvidersCommand::Install(args)) => {
            block_on(providers::install(&args, printer))
        }
        Command::Providers(ProvidersCommand::Remove(args)) => providers::remove(&args, printer),
        Command::Providers(ProvidersCommand::Trust(args)) => providers::trust(&args, printer),
        Command::Providers(ProvidersCommand::Approve(args)) => providers::approve(&args, printer),
        Command::Dnshelp(args) => match args.provider.as_ref().or(args.code.as_ref()) {
            Some(provider) => providers::show(provider, &args.list, printer),
            None => providers::list(&args.list, printer),
        },
        Command::Demo(args) => with_workers(demo::demo(&args, printer)),
        Command::Sandbox(args) => with_workers(sandbox::sandbox(&args, printer)),
        Command::Explain(args) => explain::explain(&args, printer),
        Command::Completions { shell } => completions::completions(shell, printer),
        Command::Man(args) => man::man(&args, printer),
    }
}

fn accounts_command(command: AccountsCommand, printer: &Printer) -> Result<u8, Error> {
    match command {
        AccountsCommand::Register(args) => block_on(accounts::register(&args, printer)),
        AccountsCommand::List(args) => accounts::list(&args, printer),
        AccountsCommand::Show(args) => block_on(accounts::show(&args, printer)),
        AccountsCommand::Update(args) => block_on(accounts::update(&args, printer)),
        AccountsCommand::Rollover(args) => block_on(accounts::rollover(&args, printer)),
        AccountsCommand::Deactivate(args) => block_on(accounts::deactivate(&args, printer)),
        AccountsCommand::Recover(args) => block_on(accounts::recover(&args, printer)),
    }
}

/// Runs a command on this thread. It mostly waits, and handing each answer from thread to thread takes
/// longer than working on it.
fn block_on(command: impl Future<Output = Result<u8, Error>>) -> Result<u8, Error> {
    run_on(&mut Builder::new_current_thread(), command)
}

/// Runs a command that is a server as well, and asks itself.
fn with_workers(command: impl Future<Output = Result<u8, Error>>) -> Result<u8, Error> {
    run_on(Builder::new_multi_thread().worker_threads(2), command)
}

fn run_on(
    runtime: &mut Builder,
    command: impl Future<Output = Result<u8, Error>>,
) -> Result<u8, Error> {
    let failed = |source| Error::System { doing: "start threads", source };
    let runtime = runtime.enable_all().build().map_err(failed)?;
    let result = runtime.block_on(command);
    // A question that nobody answered still waits for a line of stdin.
    runtime.shutdown_background();
    result
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::Parser;

    use super::*;
    use crate::args::RunArgs;

    fn parse(line: &str) -> Result<Args, clap::Error> {
        let argv = line.split(' ').map(OsString::from).collect();
        Args::try_parse_from(leaf_first(&command(), argv))
    }

    fn run_args(line: &str) -> RunArgs {
        match parse(line).unwrap().command {
            Command::Run(args) => *args,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn the_definition_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn legos_words_mean_the_same_before_and_after_the_command() {
        let words = "--accept-tos -m x@example.com -s https://ca.test/dir --domains a.test,b.test \
                     -d c.test -k rsa2048 --dns z --eab --kid id --hmac key --path /p --days 10 \
                     --dns.resolvers 192.0.2.1:53";
        for line in [format!("wildcert {words} run"), format!("wildcert run {words}")] {
            let args = run_args(&line);
            assert!(args.wanted.ca.accept_tos && args.wanted.ca.eab);
            assert_eq!(args.wanted.ca.email, ["x@example.com"]);
            assert_eq!(args.wanted.ca.server, ["https://ca.test/dir"]);
            assert_eq!(args.wanted.ca.eab_kid.as_deref(), Some("id"));
            assert_eq!(args.wanted.ca.eab_hmac_key.as_deref(), Some("key"));
            assert_eq!(args.wanted.certificate.domains, ["a.test", "b.test", "c.test"]);
            assert_eq!(args.wanted.certificate.key_type.as_deref(), Some("rsa2048"));
            assert_eq!(args.wanted.provider.dns.as_deref(), Some("z"));
            assert_eq!(args.wanted.certificate.days.as_deref(), Some("10"));
            assert_eq!(args.wanted.state.path.as_deref(), Some("/p".as_ref()));
            assert_eq!(args.wanted.dns_servers.dns_resolvers, ["192.0.2.1:53"]);
        }
    }

    #[test]
    fn options_on_both_sides_of_the_command_add_up() {
        let args = run_args("wildcert -d a.test -v run -d b.test -v");
        assert_eq!(args.wanted.certificate.domains, ["a.test", "b.test"]);
        assert_eq!(parse("wildcert -v run -v").unwrap().output.verbose, 2);
        let args = run_args("wildcert -a --path a run -a --path b");
        assert_eq!(args.wanted.state.path.as_deref(), Some("b".as_ref()), "the last one wins");
    }

    #[test]
    fn dnshelp_takes_its_provider_in_three_ways() {
        for (line, provider, code) in [
            ("wildcert dnshelp", None, None),
            ("wildcert dnshelp pdns", Some("pdns"), None),
            ("wildcert dnshelp -c pdns", None, Some("pdns")),
        ] {
            let Command::Dnshelp(args) = parse(line).unwrap().command else { panic!("{line}") };
            assert_eq!((args.provider.as_deref(), args.code.as_deref()), (provider, code));
        }
    }

    #[test]
    fn wrong_words_are_told_with_the_code_for_usage() {
        for line in
            ["wildcert", "wildcert nonsense", "wildcert run --nonsense", "wildcert -q -v run"]
        {
            assert_eq!(parse(line).unwrap_err().exit_code(), i32::from(exit::USAGE), "{line}");
        }
    }

    #[test]
    fn help_fits_a_terminal_of_80_columns() {
        fn check(command: &mut clap::Command) {
            let help = command.clone().term_width(80).render_long_help().to_string();
            for line in help.lines() {
                assert!(line.chars().count() <= 80, "{}: {line}", command.get_name());
            }
            command.get_subcommands_mut().for_each(check);
        }
        check(&mut command());
    }
}
