//! lego's order of words: options in front of the command.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command};

/// Moves the options that stand in front of the command to behind it, where clap expects them:
/// `wildcert -m a@b.c run -d x` becomes `wildcert run -m a@b.c -d x`.
///
/// What is no command line of ours is left as it is, for clap to complain about.
pub(crate) fn leaf_first(command: &Command, argv: Vec<OsString>) -> Vec<OsString> {
    let options: Vec<&Arg> = all_options(command);
    let mut words = argv.into_iter();
    let mut path: Vec<OsString> = words.next().into_iter().collect();
    let mut moved: Vec<OsString> = Vec::new();
    let mut here = command;
    let mut rest: Vec<OsString> = Vec::new();
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        if text.len() > 1 && text.starts_with('-') && text != "--" {
            let wants_next = takes_next_word(&options, &text);
            moved.push(word);
            moved.extend(wants_next.then(|| words.next()).flatten());
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
    path.extend(moved);
    path.extend(rest);
    path.extend(words);
    path
}

fn subcommand<'a>(command: &'a Command, word: &OsStr) -> Option<&'a Command> {
    command.get_subcommands().find(|sub| OsStr::new(sub.get_name()) == word)
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

fn has_long(arg: &Arg, long: &str) -> bool {
    let aliases = arg.get_all_aliases().unwrap_or_default();
    arg.get_long() == Some(long) || aliases.contains(&long)
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

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
