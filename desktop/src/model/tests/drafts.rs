//! Drafts on all devices: said after a pause, one at a time; taken over where nobody has written since.

use super::*;
use crate::model::entry_acts::EntryAct;
use breeze_protocol::limit::DRAFT_BYTES_MAX;
use breeze_protocol::message::control::Done;
use breeze_protocol::message::draft::Draft;

fn talk() -> Model {
    let mut model = model();
    server(&mut model, at(0), entry(1, ROSA, "hello"));
    model.open = Some(CONV);
    model
}

fn said(commands: &[Command]) -> Vec<String> {
    let of = |command: &Command| match command {
        Command::Link(LinkCommand::Request(Ask::Draft(_), message)) => match &**message {
            breeze_protocol::ClientMessage::Draft(draft) => Some(draft.text.clone()),
            _ => None,
        },
        _ => None,
    };
    commands.iter().filter_map(of).collect()
}

fn kept(commands: &[Command]) -> Vec<String> {
    let of = |command: &Command| match command {
        Command::Store(StoreCommand::Draft(_, text)) => Some(text.clone()),
        _ => None,
    };
    commands.iter().filter_map(of).collect()
}

fn compose(model: &mut Model, ms: u64, text: &str) {
    model.act(at(ms), Action::Compose(CONV, text.into()), &mut Count(0));
}

fn tick(model: &mut Model, ms: u64) -> Vec<Command> {
    model.apply(at(ms), Event::Tick)
}

fn done(model: &mut Model, ms: u64) -> Vec<Command> {
    let reply = Reply::Message(Box::new(Done {}.into()));
    model.apply(at(ms), Event::Answer(Ask::Draft(CONV), reply))
}

fn told(model: &mut Model, ms: u64, text: &str) -> Vec<Command> {
    let draft = Draft {
        conv: CONV,
        text: text.into(),
    };
    server(model, at(ms), ItemState::Draft(draft).into_item(9))
}

#[test]
fn a_draft_is_kept_here_at_once_and_said_after_a_pause() {
    let mut model = talk();
    compose(&mut model, 1000, "I am");
    let commands = tick(&mut model, 1600);
    assert_eq!(
        (kept(&commands), said(&commands)),
        (vec!["I am".to_owned()], vec![])
    );
    compose(&mut model, 2000, "I am on");
    tick(&mut model, 2600);
    assert!(said(&tick(&mut model, 4900)).is_empty());
    assert_eq!(said(&tick(&mut model, 5200)), ["I am on"]);
    // One at a time: what is written meanwhile is said when the answer has come.
    compose(&mut model, 5300, "I am on the");
    tick(&mut model, 5900);
    assert!(said(&tick(&mut model, 9000)).is_empty());
    let commands = done(&mut model, 9100);
    assert!(changes(&commands).contains(&&Change::DraftKnown(CONV, "I am on".into())));
    assert_eq!(said(&commands), ["I am on the"]);
    done(&mut model, 9200);
    // Sent: nothing is left, and that is said at once.
    let commands = model.act(at(9300), Action::Send(CONV), &mut Count(0));
    assert_eq!(said(&commands), [""]);
    done(&mut model, 9400);
    assert!(said(&tick(&mut model, 20_000)).is_empty());
}

#[test]
fn what_was_begun_elsewhere_comes_where_nobody_has_written_since() {
    let mut model = talk();
    let commands = told(&mut model, 1, "from my phone");
    assert_eq!(model.chats[&CONV].draft, "from my phone");
    assert_eq!(kept(&commands), ["from my phone"]);
    assert!(
        said(&tick(&mut model, 9000)).is_empty(),
        "the server has it already"
    );
    compose(&mut model, 10_000, "from my phone, and here");
    told(&mut model, 10_100, "on my phone again");
    assert_eq!(
        model.chats[&CONV].draft, "from my phone, and here",
        "the words at hand stay"
    );
    tick(&mut model, 10_600);
    assert_eq!(said(&tick(&mut model, 14_000)), ["from my phone, and here"]);
    // An echo of something older does not undo what is on its way.
    told(&mut model, 14_100, "on my phone again");
    assert_eq!(model.chats[&CONV].draft, "from my phone, and here");
    told(&mut model, 14_200, "from my phone, and here");
    done(&mut model, 14_300);
    server(&mut model, at(15_000), ItemState::DraftGone(CONV).into_item(12));
    assert_eq!(model.chats[&CONV].draft, "", "sent from there");
}

#[test]
fn a_lost_link_says_it_again_and_one_too_long_stays_here() {
    let mut model = talk();
    compose(&mut model, 1000, "half a thought");
    tick(&mut model, 1600);
    assert_eq!(said(&tick(&mut model, 5000)), ["half a thought"]);
    model.apply(at(5100), Event::Answer(Ask::Draft(CONV), Reply::Lost));
    let commands = server(&mut model, at(6000), Synced { cursor: 9 });
    assert_eq!(said(&commands), ["half a thought"]);
    done(&mut model, 6100);
    assert!(said(&server(&mut model, at(7000), Synced { cursor: 9 })).is_empty());
    compose(&mut model, 8000, &"x".repeat(DRAFT_BYTES_MAX + 1));
    tick(&mut model, 8600);
    assert!(said(&tick(&mut model, 20_000)).is_empty());
}

#[test]
fn what_is_answered_is_kept_and_let_go_of() {
    let (mut model, mut mint) = (talk(), Count(0));
    let mut kept = |model: &mut Model, action: Action| -> Vec<Option<u64>> {
        let of = |command: Command| match command {
            Command::Store(StoreCommand::Answers(CONV, seq)) => Some(seq),
            _ => None,
        };
        let commands = model.act(at(10), action, &mut mint);
        commands.into_iter().filter_map(of).collect()
    };
    let reply = || Action::Entry(CONV, EntryAct::Reply(1));
    assert_eq!(kept(&mut model, reply()), [Some(1)]);
    assert!(
        kept(&mut model, Action::Compose(CONV, "yes".into())).is_empty(),
        "as before"
    );
    assert_eq!(kept(&mut model, Action::Send(CONV)), [None]);
    assert_eq!(kept(&mut model, reply()), [Some(1)]);
    assert_eq!(kept(&mut model, Action::Entry(CONV, EntryAct::Cancel)), [None]);
}
