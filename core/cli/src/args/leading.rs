//! lego's order of words: options in front of the command.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command};

/// Moves the options that stand in front of the command to behind it, where clap expects them:
/// `wildcert -m a@b.c run -d x` becomes `wildcert run -m a@b.c -d x`. lego's commands take all of
/// lego's options there, and so do ours of that name: what is of no use to them is left out.
///
/// What is no command line of ours is left as it is, for clap to complain about.
pub(crate) fn leaf_first(command: &Command, argv: Vec<OsString>) -> Vec<OsString> {
    let options: Vec<&Arg> = all_options(command);
    let mut words = argv.into_iter();
    let mut path: Vec<OsString> = words.next().into_iter().collect();
    let mut moved: Vec<Vec<OsString>> = Vec::new();
    let mut here = command;
    let mut rest: Vec<OsString> = Vec::new();
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        if text.len() > 1 && text.starts_with('-') && text != "--" {
            let wants_next = takes_next_word(&options, &text);
            let value = wants_next.then(|| words.next()).flatten();
            moved.push(std::iter::once(word).chain(value).collect());
        } else if let Some(next) = subcommand(here, &word) {
            path.push(word);
            here = next;
            // Behind the last command everything already stands where it belongs.
            if !here.has_subcommands() {
                break;
            }
        } else {
            rest.push(word);
            break;
        }
    }
    if path.len() == 2 && LEGO_COMMANDS.contains(&here.get_name()) {
        let of_run = command.find_subcommand("run");
        let of_run: Vec<&Arg> = of_run.into_iter().flat_map(Command::get_arguments).collect();
        let own: Vec<&Arg> = command.get_arguments().chain(here.get_arguments()).collect();
        let idle = |word: &OsString| !is_among(&own, word) && is_among(&of_run, word);
        moved.retain(|option| !option.first().is_some_and(idle));
    }
    path.extend(moved.into_iter().flatten());
    path.extend(rest);
    path.extend(words);
    path
}

fn subcommand<'a>(command: &'a Command, word: &OsStr) -> Option<&'a Command> {
    let word = word.to_str()?;
    let is_it =
        |sub: &&Command| sub.get_name() == word || sub.get_all_aliases().any(|alias| alias == word);
    command.get_subcommands().find(is_it)
}

fn all_options(command: &Command) -> Vec<&Arg> {
    let own = command.get_arguments().filter(|arg| !arg.is_positional());
    own.chain(command.get_subcommands().flat_map(all_options)).collect()
}

/// Whether the option `word` has its value in the next word.
fn takes_next_word(options: &[&Arg], word: &str) -> bool {
    if let Some(long) = word.strip_prefix("--") {
        return options.iter().any(|arg| takes_value(arg) && has_long(arg, long));
    }
    // A cluster of short options ends with the first that takes a value.
    let shorts: Vec<char> = word.chars().skip(1).collect();
    let valued = |short: &char| {
        options.iter().any(|arg| takes_value(arg) && arg.get_short() == Some(*short))
    };
    shorts.iter().position(valued).is_some_and(|at| at + 1 == shorts.len())
}

/// Whether `word` is one of `options`, with its value or without; clusters of short ones are none.
fn is_among(options: &[&Arg], word: &OsStr) -> bool {
    let word = word.to_string_lossy();
    let name = word.split('=').next().unwrap_or_default();
    options.iter().any(|arg| match name.strip_prefix("--") {
        Some(long) => has_long(arg, long),
        None => arg.get_short().is_some_and(|short| name == format!("-{short}")),
    })
}

fn has_long(arg: &Arg, long: &str) -> bool {
    let aliases = arg.get_all_aliases().unwrap_or_default();
    arg.get_long() == Some(long) || aliases.contains(&long)
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

/// lego's commands that have fewer options here than `run` has.
const LEGO_COMMANDS: &[&str] = &["list", "revoke"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::command;

    fn reordered(line: &str) -> String {
        let argv = line.split(' ').map(OsString::from).collect();
        let argv = leaf_first(&command(), argv);
        let words: Vec<String> = argv.iter().map(|word| word.to_string_lossy().into()).collect();
        words.join(" ")
    }

    #[test]
    fn options_in_front_of_the_command_go_behind_it() {
        let table = [
            ("w run -d x", "w run -d x"),
            ("w -d x run -d y", "w run -d x -d y"),
            ("w --accept-tos -m x -d y --dns z run", "w run --accept-tos -m x -d y --dns z"),
            ("w -am x --path=p -k rsa2048 run", "w run -am x --path=p -k rsa2048"),
            ("w -mx run", "w run -mx"),
            ("w --eab --kid run --hmac h run", "w run --eab --kid run --hmac h"),
            ("w --dns.resolvers 192.0.2.1:53 run", "w run --dns.resolvers 192.0.2.1:53"),
            ("w --path p accounts --json list", "w accounts list --path p --json"),
            ("w -v providers show -q x", "w providers show -v -q x"),
            ("w --nonsense run -d x", "w run --nonsense -d x"),
            ("w --help run", "w run --help"),
            ("w dnshelp -c x", "w dnshelp -c x"),
            ("w --path p accounts keyrollover", "w accounts keyrollover --path p"),
            // lego's options that a command of lego has no use for.
            ("w -d x --dns y -k rsa2048 --pfx revoke --reason 4", "w revoke -d x --reason 4"),
            ("w --path p --key-type=ec256 -m x -d y list -n", "w list --path p -n"),
            ("w --nonsense -d x list", "w list --nonsense"),
            ("w revoke --dns y", "w revoke --dns y"),
            ("w -d x providers list", "w providers list -d x"),
        ];
        for (line, expected) in table {
            assert_eq!(reordered(line), expected);
        }
    }

    #[test]
    fn what_names_no_command_stays_as_it_is() {
        for line in ["w", "w --version", "w nonsense -d x", "w providers", "w -- run", "w - run"] {
            assert_eq!(reordered(line), line);
        }
    }
}
