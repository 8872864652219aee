//! The device's token: at no moment nowhere, written down no oftener than needed, and forgotten when it is worth nothing.

use super::*;
use crate::model::banner::Banner;
use crate::model::command::{Account, Commands};
use crate::model::event::Loaded;
use crate::model::token::{TokenCommand, TokenEvent, TokenPlace};
use breeze_protocol::message::sign_in::{Secret, SignedIn};
use breeze_protocol::{DeviceId, ServerId};

fn account(token: Option<&str>) -> Account {
    Account {
        server: ServerId([7; 16]),
        account: ME,
        device: DeviceId(4),
        host: "chat.example".into(),
        port: 7463,
        pin: "sha256/key".into(),
        token: token.map(|token| Secret(token.into())),
        ..Account::default()
    }
}

fn place() -> TokenPlace {
    TokenPlace {
        server: "sha256/key".into(),
        account: ME,
        device: DeviceId(4),
    }
}

fn loaded(token: Option<&str>, kept_as: Option<&str>) -> (Model, Commands) {
    let mut model = Model::default();
    let loaded = Loaded {
        account: Some(account(token)),
        token_kept_as: kept_as.map(str::to_owned),
        ..Loaded::default()
    };
    let commands = model.apply(at(0), Event::Loaded(Box::new(loaded)));
    (model, commands)
}

fn signed_in(model: &mut Model, account: Account) -> Commands {
    let signed = Box::new(SignedIn {
        account: ME,
        device: account.device,
        username: "mira".into(),
        owner: true,
        token: None,
        next_pin: None,
        addresses: Vec::new(),
    });
    let event = LinkEvent::SignedIn {
        signed,
        account: Box::new(account),
        fresh: false,
    };
    model.apply(at(5), Event::Link(event))
}

fn saved(commands: &Commands) -> Vec<Option<Secret>> {
    let saved = |command: &Command| match command {
        Command::Store(StoreCommand::SaveAccount(account)) => Some(account.token.clone()),
        _ => None,
    };
    commands.iter().filter_map(saved).collect()
}

fn used(commands: &Commands) -> bool {
    commands
        .iter()
        .any(|command| matches!(command, Command::Link(LinkCommand::Use(_))))
}

#[test]
fn a_token_in_the_database_is_used_at_once_and_offered_to_the_secret_store() {
    let (mut model, commands) = loaded(Some("t"), None);
    assert!(used(&commands));
    assert!(commands.contains(&TokenCommand::Keep(place(), Secret("t".into())).into()));
    let commands = signed_in(&mut model, account(Some("t")));
    assert_eq!(
        saved(&commands),
        [Some(Secret("t".into()))],
        "not kept elsewhere yet"
    );
    let commands = model.apply(at(6), Event::Token(TokenEvent::Kept(place())));
    assert_eq!(commands, [StoreCommand::TokenKept("sha256/key".into()).into()]);
    let commands = signed_in(&mut model, account(Some("t")));
    assert_eq!(saved(&commands), [None], "it is not written down again");
}

#[test]
fn a_token_in_the_secret_store_is_waited_for_in_words() {
    let (mut model, commands) = loaded(None, Some("sha256/key"));
    assert!(!used(&commands));
    assert!(commands.contains(&TokenCommand::Fetch(place()).into()));
    model.apply(at(1), Event::Token(TokenEvent::Shut(place())));
    assert_eq!(model.banner(at(10_000)), Some(Banner::SecretsShut));
    let again = model.act(at(2), Action::TryNow, &mut Count(0));
    assert_eq!(again, [TokenCommand::Fetch(place()).into()]);
    let commands = model.apply(
        at(3),
        Event::Token(TokenEvent::Found(place(), Secret("t".into()))),
    );
    assert!(used(&commands));
    assert_ne!(model.banner(at(10_000)), Some(Banner::SecretsShut));
    let late = model.apply(at(4), Event::Token(TokenEvent::Missing(place())));
    assert_eq!(
        (late, model.screen),
        (Commands::new(), Screen::Main),
        "an old answer changes nothing"
    );
}

#[test]
fn a_token_that_is_nowhere_means_signed_out() {
    let (model, commands) = loaded(None, None);
    assert!(!used(&commands));
    assert_eq!(model.screen, Screen::Trouble(Trouble::SignedOut));
    let (mut model, _) = loaded(None, Some("sha256/key"));
    model.apply(at(1), Event::Token(TokenEvent::Missing(place())));
    assert_eq!(model.screen, Screen::Trouble(Trouble::SignedOut));
}

#[test]
fn signing_out_or_being_signed_out_takes_it_out_of_the_secret_store() {
    let (mut model, _) = loaded(None, Some("sha256/key"));
    model.apply(
        at(1),
        Event::Token(TokenEvent::Found(place(), Secret("t".into()))),
    );
    let mut other = model.clone();
    let forget: Command = TokenCommand::Forget(place()).into();
    assert!(model.act(at(2), Action::SignOut, &mut Count(0)).contains(&forget));
    let ended = other.apply(at(2), Event::Link(LinkEvent::Ended(GoodbyeCode::Revoked)));
    assert_eq!(ended, [StoreCommand::DropToken.into(), forget]);
}

#[test]
fn a_new_key_of_the_server_is_a_new_name_in_the_secret_store() {
    let (mut model, _) = loaded(None, Some("sha256/key"));
    model.apply(
        at(1),
        Event::Token(TokenEvent::Found(place(), Secret("t".into()))),
    );
    let account = Account {
        pin: "sha256/next".into(),
        ..account(Some("t"))
    };
    let next = TokenPlace {
        server: "sha256/next".into(),
        ..place()
    };
    let commands = signed_in(&mut model, account);
    assert_eq!(
        saved(&commands),
        [Some(Secret("t".into()))],
        "in the database until it is kept anew"
    );
    assert!(commands.contains(&TokenCommand::Keep(next, Secret("t".into())).into()));
    assert!(commands.contains(&TokenCommand::Forget(place()).into()));
}
