//! Away by itself: only from "online", only while the setting says so, and back at once.

use super::*;
use crate::model::away::AwayAfter;
use crate::model::command::{Commands, PlatformCommand};
use crate::model::person::Dot;
use breeze_protocol::StatusKind;

/// How the server is told to show oneself.
fn told(commands: &Commands) -> Vec<StatusKind> {
    let told = |command: &Command| match command {
        Command::Link(LinkCommand::Status(status)) => Some(*status),
        _ => None,
    };
    commands.iter().filter_map(told).collect()
}

#[test]
fn idle_is_away_for_others_and_the_choice_stays() {
    let mut model = model();
    assert_eq!(told(&model.apply(at(1), Event::Idle(true))), [StatusKind::Away]);
    assert_eq!(model.me.status, StatusKind::Online, "what was chosen is kept");
    assert_eq!(
        model.portrait(ME, at(1)).dot,
        Some(Dot::Away),
        "one sees what others see"
    );
    assert_eq!(told(&model.apply(at(2), Event::Idle(true))), [], "said once");
    assert_eq!(
        told(&model.apply(at(3), Event::Idle(false))),
        [StatusKind::Online]
    );
}

#[test]
fn an_explicit_choice_wins() {
    for chosen in [StatusKind::Away, StatusKind::Busy, StatusKind::Invisible] {
        let mut model = model();
        model.act(at(0), Action::SetStatus(chosen), &mut Count(0));
        assert_eq!(told(&model.apply(at(1), Event::Idle(true))), []);
        assert_eq!(told(&model.apply(at(2), Event::Idle(false))), []);
    }
    let mut model = model();
    model.apply(at(1), Event::Idle(true));
    let commands = model.act(at(2), Action::SetStatus(StatusKind::Busy), &mut Count(0));
    assert_eq!(told(&commands), [StatusKind::Busy]);
    let commands = model.act(at(3), Action::SetStatus(StatusKind::Online), &mut Count(0));
    assert_eq!(told(&commands), [StatusKind::Away], "nobody is there yet");
}

#[test]
fn the_setting_is_told_to_whoever_watches_and_never_means_never() {
    let mut model = model();
    assert_eq!(
        model.settings.away_after,
        AwayAfter::minutes(5),
        "UI.md: 5 minutes unless set"
    );
    model.apply(at(1), Event::Idle(true));
    let commands = model.act(at(2), Action::AwayAfter(AwayAfter(0)), &mut Count(0));
    assert_eq!(told(&commands), [StatusKind::Online]);
    assert!(commands.contains(&PlatformCommand::WatchIdle(None).into()));
    let commands = model.act(at(3), Action::AwayAfter(AwayAfter::minutes(10)), &mut Count(0));
    assert!(commands.contains(&PlatformCommand::WatchIdle(Some(600_000)).into()));
}
