//! Making an account.

use super::*;
use crate::model::Dialog;
use crate::model::onboarding::Page;
use breeze_protocol::link::InviteLink;

/// Whether the link is asked about a name, and whether it is asked for the account.
fn wishes(commands: &[Command]) -> (bool, bool) {
    let any = |wanted: fn(&LinkCommand) -> bool| {
        commands
            .iter()
            .any(|command| matches!(command, Command::Link(link) if wanted(link)))
    };
    (
        any(|link| matches!(link, LinkCommand::NameCheck { .. })),
        any(|link| matches!(link, LinkCommand::Register { .. })),
    )
}

#[test]
fn a_question_about_the_name_never_takes_the_place_of_the_account_being_made() {
    let mut model = Model::default();
    let mut mint = Count(0);
    model.onboarding.page = Page::Register;
    let link = "breeze://192.0.2.1:7463/?i=AAAAAAAAAAAAAAAAAAAAAA&pin=sha256/47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    model.book.target = Some(InviteLink::parse(link).expect("a good link"));
    model.act(at(0), Action::TypeName("Mira Ek".into()), &mut mint);
    model.act(at(1), Action::TypePassword("wind and waves".into()), &mut mint);
    let made = model.act(at(2), Action::Register, &mut mint);
    assert_eq!(wishes(&made), (false, true));
    assert_eq!(wishes(&model.apply(at(5000), Event::Tick)), (false, false));
    // And typing on while it is being made asks nothing either.
    model.act(at(5001), Action::TypeUsername("mira".into()), &mut mint);
    assert_eq!(wishes(&model.apply(at(10_000), Event::Tick)), (false, false));
    // Once it has failed, the name is asked about as before.
    let why = Failure::Lost;
    let lost = LinkEvent::Down {
        next_try_ms: None,
        restarting: false,
        why,
    };
    model.apply(at(10_001), Event::Link(lost));
    model.act(at(10_002), Action::TypeUsername("mira.e".into()), &mut mint);
    assert_eq!(wishes(&model.apply(at(15_000), Event::Tick)), (true, false));
}

#[test]
fn a_link_made_in_the_window_works_once_as_it_says_there() {
    let mut model = model();
    let dialog = Dialog::Invite {
        link: None,
        expires_ms: 0,
    };
    let commands = model.act(at(1), Action::Show(dialog), &mut Count(0));
    let uses = commands.iter().find_map(|command| match command {
        Command::Link(LinkCommand::Request(Ask::Invite, message)) => match &**message {
            breeze_protocol::ClientMessage::InviteCreate(wish) => Some(wish.uses),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(uses, Some(1));
    assert!(crate::words::tr("invite-text").contains("works once"));
}
