//! Presence: what is believed, and what it looks like.

use super::super::event::StoreEvent;
use super::*;

#[test]
fn a_notice_changes_section_picture_and_fade() {
    let mut model = model();
    change(&mut model, at(500), ROSA, 2, PresenceState::Doubtful);
    let portrait = model.portrait(ROSA, at(500));
    assert_eq!(
        (portrait.before, portrait.paint, portrait.dot),
        (Paint::Colour, Paint::Half, None)
    );
    assert_eq!(portrait.since_mono_ms, 500);
    assert_eq!(
        model.sections(at(500))[0].heading,
        Heading::Online,
        "doubtful moves nobody"
    );
    assert_eq!(model.sections(at(500))[0].rows.len(), 1);
    change(&mut model, at(2500), ROSA, 3, PresenceState::Offline);
    let portrait = model.portrait(ROSA, at(2500));
    assert_eq!(
        (portrait.before, portrait.paint, portrait.since_mono_ms),
        (Paint::Half, Paint::Grey, 2500)
    );
    assert_eq!(model.sections(at(2500))[0].heading, Heading::Offline);
    assert!(matches!(model.headline(ROSA).standing, Standing::LastSeen(_)));
    assert_eq!(model.headline(JON).standing, Standing::NeverSeen);
}

#[test]
fn r5_only_another_process_ends_the_session() {
    let mut model = model();
    model.apply(at(1), Event::Link(LinkEvent::Ended(GoodbyeCode::Replaced)));
    assert!(matches!(model.screen, Screen::Trouble(Trouble::Other(_))));
    model.act(at(2), Action::Retry, &mut Count(0));
    assert_eq!(model.screen, Screen::Main);
}

#[test]
fn r6_an_older_version_and_another_source_are_dropped() {
    let mut model = model();
    change(&mut model, at(1), ROSA, 5, PresenceState::Online);
    change(&mut model, at(2), ROSA, 4, PresenceState::Offline);
    change(&mut model, at(2), ROSA, 5, PresenceState::Offline);
    assert_eq!(state(&model, ROSA), PresenceState::Online);
    let other = PresenceSource { node: 0, boot: 11 };
    let entries = vec![PresenceEntry(ROSA, 99, PresenceState::Offline, None, 0)];
    server(
        &mut model,
        at(3),
        Presence {
            source: other,
            entries,
        },
    );
    assert_eq!(state(&model, ROSA), PresenceState::Online);
}

#[test]
fn r12_a_notice_about_somebody_unknown_waits_for_the_profile() {
    let mut model = model();
    let stranger = AccountId(77);
    change(&mut model, at(1), stranger, 1, PresenceState::Busy);
    assert!(!model.people.contains_key(&stranger));
    befriend(&mut model, stranger, "Zoe");
    assert_eq!(state(&model, stranger), PresenceState::Busy);
}

#[test]
fn r16_an_unsettled_server_moves_nobody() {
    let mut model = model();
    change(&mut model, at(1), ROSA, 2, PresenceState::Unknown);
    let portrait = model.portrait(ROSA, at(1));
    assert_eq!(
        (portrait.paint, portrait.unsure, portrait.dot),
        (Paint::Colour, true, None)
    );
    assert_eq!(model.sections(at(1))[0].heading, Heading::Online);
    assert_eq!(model.headline(ROSA).standing, Standing::LastKnown(Known::Online));
}

#[test]
fn r17_a_lost_server_is_last_known_after_a_second_and_not_before() {
    let mut model = model();
    down(&mut model, at(10_000));
    model.apply(at(10_999), Event::Tick);
    assert_eq!(model.banner(at(10_999)), None);
    assert!(!model.portrait(ROSA, at(10_999)).unsure);
    assert_eq!(model.next_change_ms(at(10_400)), Some(600));
    model.apply(at(11_000), Event::Tick);
    let portrait = model.portrait(ROSA, at(11_000));
    assert_eq!(
        (portrait.paint, portrait.unsure, portrait.dot),
        (Paint::Colour, true, None)
    );
    let next = crate::model::banner::Banner::Reconnecting { next_try_s: Some(2) };
    assert_eq!(model.banner(at(11_000)), Some(next));
    let headings: Vec<_> = model
        .sections(at(11_000))
        .iter()
        .map(|section| section.heading)
        .collect();
    assert_eq!(headings, [Heading::LastKnownOnline, Heading::LastKnownOffline]);
    assert_eq!(model.portrait(ME, at(11_000)).dot, None);
    resumed(&mut model, at(12_000), ResumeMode::Delta);
    snapshot(&mut model, at(12_000), &[(JON, 1, PresenceState::Online)]);
    server(&mut model, at(12_000), Synced { cursor: 9 });
    assert!(!model.portrait(ROSA, at(12_000)).unsure);
    assert_eq!(
        (state(&model, ROSA), state(&model, JON)),
        (PresenceState::Offline, PresenceState::Online)
    );
}

#[test]
fn a_reconnect_within_a_second_changes_nothing_on_the_screen() {
    let mut model = model();
    let before = (model.sections(at(0)), model.banner(at(0)));
    down(&mut model, at(5000));
    resumed(&mut model, at(5400), ResumeMode::Delta);
    snapshot(&mut model, at(5400), &[(ROSA, 1, PresenceState::Online)]);
    model.apply(at(6500), Event::Tick);
    assert_eq!(
        model.unsure_since, None,
        "a snapshot has come: everybody is known"
    );
    server(&mut model, at(6500), Synced { cursor: 9 });
    assert_eq!((model.sections(at(6500)), model.banner(at(6500))), before);
}

#[test]
fn silence_is_unsure_at_once_and_a_pong_takes_it_back() {
    let mut model = model();
    model.apply(
        at(1),
        Event::Server(
            Stamp::default(),
            TypingNotice {
                conv: CONV,
                account: ROSA,
            }
            .into(),
        ),
    );
    assert!(model.chats[&CONV].typing_until > 0);
    model.apply(at(2), Event::Link(LinkEvent::Unsure));
    assert!(model.portrait(ROSA, at(2)).unsure);
    assert_eq!(model.chats[&CONV].typing_until, 0);
    model.apply(at(3), Event::Link(LinkEvent::Sure));
    assert!(!model.portrait(ROSA, at(3)).unsure);
}

#[test]
fn a_stale_snapshot_plus_the_changes_is_a_fresh_snapshot() {
    let mut live = model();
    change(&mut live, at(1), ROSA, 2, PresenceState::Doubtful);
    change(&mut live, at(2), JON, 1, PresenceState::Away);
    change(&mut live, at(3), ROSA, 3, PresenceState::Offline);
    change(&mut live, at(4), ROSA, 4, PresenceState::Online);
    let mut fresh = model();
    snapshot(
        &mut fresh,
        at(4),
        &[(ROSA, 4, PresenceState::Online), (JON, 1, PresenceState::Away)],
    );
    for who in [ROSA, JON] {
        assert_eq!(state(&live, who), state(&fresh, who));
        assert_eq!(
            live.people[&who].presence.version,
            fresh.people[&who].presence.version
        );
        assert_eq!(live.paint(&live.people[&who]), fresh.paint(&fresh.people[&who]));
    }
}

#[test]
fn a_snapshot_in_chunks_counts_with_its_last_one_and_takes_changes_in_between() {
    let mut model = model();
    let entries = vec![PresenceEntry(JON, 4, PresenceState::Online, None, 0)];
    server(
        &mut model,
        at(1),
        PresenceSnapshot {
            source: SOURCE,
            chunk: 0,
            last: false,
            entries,
        },
    );
    change(&mut model, at(1), JON, 5, PresenceState::Busy);
    assert_eq!(state(&model, JON), PresenceState::Offline);
    let entries = vec![PresenceEntry(ROSA, 1, PresenceState::Online, None, 0)];
    server(
        &mut model,
        at(2),
        PresenceSnapshot {
            source: SOURCE,
            chunk: 1,
            last: true,
            entries,
        },
    );
    assert_eq!(
        (state(&model, ROSA), state(&model, JON)),
        (PresenceState::Online, PresenceState::Busy)
    );
}

#[test]
fn nothing_moves_by_time_alone_when_nothing_relative_is_shown() {
    let mut model = model();
    change(&mut model, at(0), JON, 1, PresenceState::Online);
    assert_eq!(
        model.next_change_ms(at(0)),
        Some(1000),
        "gaps of the history are looked for"
    );
    for event in [
        Event::Tick,
        Event::Store(StoreEvent::Gap(CONV, None)),
        Event::Tick,
    ] {
        model.apply(at(1000), event);
    }
    assert_eq!(model.next_change_ms(at(1000)), None);
    change(&mut model, at(0), JON, 2, PresenceState::Offline);
    assert_eq!(
        model.next_change_ms(at(10_000)),
        Some(50_000),
        "\"last seen\" turns once a minute"
    );
}

#[test]
fn the_banner_of_a_silent_link_stays_when_the_link_is_given_up() {
    let mut model = model();
    model.apply(at(5000), Event::Link(LinkEvent::Unsure));
    assert_eq!(model.banner(at(5000)), Some(crate::model::banner::Banner::Silent));
    down(&mut model, at(10_000));
    assert!(model.banner(at(10_000)).is_some());
}
