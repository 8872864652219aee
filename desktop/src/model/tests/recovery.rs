//! A forgotten password.

use super::*;
use crate::model::onboarding::{Busy, Page};
use breeze_protocol::link::InviteLink;
use breeze_protocol::message::code::RefusedCode;
use breeze_protocol::message::hello::{HelloOk, Registration, Roster};
use breeze_protocol::message::sign_in::Refused;
use breeze_protocol::{ServerId, limit::Limits};

fn reached(model: &mut Model) -> Vec<Command> {
    let hello = HelloOk {
        protocol: 1,
        server_id: ServerId([1; 16]),
        server_name: "Home".into(),
        epoch: Epoch([1; 16]),
        boot: 1,
        limits: Limits::default(),
        roster: Roster::Friends,
        registration: Registration::Invite,
        newest_client: String::new(),
        now_ms: 0,
    };
    let event = LinkEvent::Reached {
        hello: Box::new(hello),
        address: "192.0.2.1:7463".into(),
    };
    model.apply(at(3), Event::Link(event))
}

/// The wish among the commands: its mid and its code.
fn wish(commands: &[Command]) -> Option<(Mid, String)> {
    commands.iter().find_map(|command| match command {
        Command::Link(LinkCommand::Recover { mid, code, .. }) => Some((*mid, code.0.clone())),
        _ => None,
    })
}

fn refused(model: &mut Model, code: RefusedCode) {
    let refused = Refused { code, retry_ms: 0 };
    model.apply(at(4), Event::Link(LinkEvent::Refused(refused)));
}

#[test]
fn a_code_is_tried_once_the_server_is_reached_and_each_refusal_has_its_sentence() {
    let mut model = Model::default();
    let mut mint = Count(0);
    model.onboarding.page = Page::Login;
    model.act(at(0), Action::TypePassword("a guess".into()), &mut mint);
    model.act(at(0), Action::ShowPage(Page::Recover), &mut mint);
    assert!(
        model.onboarding.password.is_empty(),
        "the forgotten one is not kept"
    );
    model.act(at(0), Action::TypeLink("192.0.2.1".into()), &mut mint);
    model.act(at(0), Action::TypeUsername("mira".into()), &mut mint);
    model.act(at(0), Action::TypeCode("h4kq".into()), &mut mint);
    assert_eq!(
        model.act(at(1), Action::Recover, &mut mint),
        [],
        "a field is empty"
    );
    assert!(model.onboarding.error.is_some());
    model.act(at(1), Action::TypePassword("wind and waves".into()), &mut mint);
    let commands = model.act(at(2), Action::Recover, &mut mint);
    assert!(
        matches!(commands[..], [Command::Link(LinkCommand::Reach(_))]),
        "{commands:?}"
    );
    let first = wish(&reached(&mut model)).expect("the code is sent");
    assert_eq!(model.onboarding.busy, Busy::SigningIn);
    let mut sentences = std::collections::BTreeSet::new();
    for code in [
        RefusedCode::RecoveryWrong,
        RefusedCode::RecoveryExpired,
        RefusedCode::RecoveryUsed,
        RefusedCode::RecoveryVoid,
        RefusedCode::SlowDown,
    ] {
        refused(&mut model, code);
        assert_eq!(
            (model.onboarding.busy, model.onboarding.page),
            (Busy::No, Page::Recover)
        );
        sentences.insert(model.onboarding.error.clone().expect("a sentence"));
    }
    assert_eq!(sentences.len(), 5, "{sentences:?}");
    // The same words are the same wish; another code is another.
    model.act(at(5), Action::Retry, &mut mint);
    assert_eq!(wish(&reached(&mut model)), Some(first.clone()));
    refused(&mut model, RefusedCode::RecoveryWrong);
    model.act(at(6), Action::TypeCode("h4kq-w7md".into()), &mut mint);
    assert_eq!(model.onboarding.error, None, "it was about another code");
    model.act(at(7), Action::Recover, &mut mint);
    let (mid, code) = wish(&reached(&mut model)).expect("the code is sent");
    assert_ne!(mid, first.0);
    assert_eq!(code, "h4kq-w7md");
}

#[test]
fn a_server_reached_before_by_its_link_is_reached_again_with_its_pin() {
    let mut model = Model::default();
    let mut mint = Count(0);
    let link = "breeze://192.0.2.1:7463/?pin=sha256/47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    let target = InviteLink::parse(link).expect("a good link");
    model.book.target = Some(target.clone());
    model.onboarding.page = Page::Recover;
    for action in [
        Action::TypeUsername("mira".into()),
        Action::TypeCode("h4kq".into()),
        Action::TypePassword("wind and waves".into()),
    ] {
        model.act(at(0), action, &mut mint);
    }
    let commands = model.act(at(1), Action::Recover, &mut mint);
    assert_eq!(commands, [LinkCommand::Reach(Box::new(target)).into()]);
}
