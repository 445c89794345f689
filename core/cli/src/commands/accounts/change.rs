//! `wildcert accounts update`, `rollover` and `deactivate`.

use wildcert::{AccountChoice, AccountInfo, Engine};

use super::shown;
use crate::{
    args::{ChoiceArgs, DeactivateArgs, RolloverArgs, UpdateArgs},
    env,
    error::Error,
    exit,
    fault::{Fault, Said},
    printer::Printer,
    settings::Settings,
};

/// Replaces the contacts.
pub(crate) async fn update(args: &UpdateArgs, printer: &Printer) -> Result<u8, Error> {
    let mut settings = settings(&args.choice);
    let contacts = settings.addresses(&args.email);
    let (engine, info) = find(settings, &args.choice, None, printer)?;
    let info = engine.update_account(&info, &contacts).await?;
    shown::one(&info, None, args.choice.json.json, printer)
}

/// Changes the key.
pub(crate) async fn rollover(args: &RolloverArgs, printer: &Printer) -> Result<u8, Error> {
    let mut settings = settings(&args.choice);
    let kind = settings.account_key(args.account_key.as_deref());
    let (engine, info) = find(settings, &args.choice, args.contact.email.as_deref(), printer)?;
    let info = engine.roll_over(&info, kind).await?;
    shown::one(&info, None, args.choice.json.json, printer)
}

/// Gives the account up, once somebody has confirmed it.
pub(crate) async fn deactivate(args: &DeactivateArgs, printer: &Printer) -> Result<u8, Error> {
    let (engine, info) = chosen(&args.choice, args.contact.email.as_deref(), printer)?;
    if !args.yes && !confirmed(&info, printer).await? {
        printer.note(&printer.text().say("accounts-kept", &[]));
        return Ok(exit::FAILED);
    }
    let info = engine.deactivate_account(&info).await?;
    shown::one(&info, None, args.choice.json.json, printer)
}

/// The account that is meant.
pub(super) fn chosen(
    args: &ChoiceArgs,
    contact: Option<&str>,
    printer: &Printer,
) -> Result<(Engine, AccountInfo), Error> {
    find(settings(args), args, contact, printer)
}

fn settings(args: &ChoiceArgs) -> Settings<'static> {
    Settings::new(&env::process, &args.state).bundle(&args.bundle)
}

fn find(
    mut settings: Settings<'_>,
    args: &ChoiceArgs,
    contact: Option<&str>,
    printer: &Printer,
) -> Result<(Engine, AccountInfo), Error> {
    // Whoever names the account itself needs no help from the environment.
    let server = match (&args.account, &args.server) {
        (Some(_), None) => None,
        (_, named) => settings.named_server(named.as_deref()),
    };
    let engine = settings.open(printer)?;
    let contact = contact.map(str::to_owned);
    let choice = AccountChoice { account: args.account.clone(), server, contact };
    let info = engine.account(&choice)?;
    Ok((engine, info))
}

async fn confirmed(info: &AccountInfo, printer: &Printer) -> Result<bool, Error> {
    let text = printer.text();
    if !printer.can_ask() {
        return Err(Error::Input(vec![Fault {
            message: Said::new("accounts-unconfirmed", &[("account", info.name.as_str().into())]),
            hint: Some(Said::new("accounts-hint-yes", &[])),
        }]));
    }
    let question = text.say("accounts-question", &[("account", info.name.as_str().into())]);
    Ok(printer.agreed(&question, false).await)
}
