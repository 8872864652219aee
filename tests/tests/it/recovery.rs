//! A forgotten password, from the operator's command to the new session.

use super::admin::subcommand;
use breeze_protocol::ServerMessage;
use breeze_protocol::admin::{AdminAnswer, AdminRequest};
use breeze_protocol::message::code::{GoodbyeCode, RefusedCode};
use breeze_protocol::message::sign_in::{Recover, Secret};
use breeze_tests::client::script::{instance, mid};
use breeze_tests::client::{Client, Habits};
use breeze_tests::people::star;
use breeze_tests::server::Server;

const NEW: &str = "wind and waves at four";

async fn fresh(server: &Server) -> Client {
    Client::connect(&server.endpoint(), Habits::default())
        .await
        .unwrap()
}

fn code_for(server: &Server, name: &str) -> String {
    let ask = AdminRequest::UserRecover {
        username: name.into(),
    };
    match server.admin(&ask) {
        AdminAnswer::Code { code, .. } => code.0,
        other => panic!("{other:?}"),
    }
}

fn wish(name: &str, code: &str) -> Recover {
    Recover {
        mid: mid(),
        username: name.into(),
        code: Secret(code.into()),
        new_password: Secret(NEW.into()),
        device: "new laptop".into(),
        instance: instance(),
    }
}

async fn refused(client: &Client, wish: Recover) -> RefusedCode {
    match client.ask(wish).await.unwrap() {
        ServerMessage::Refused(it) => it.code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_code_sets_a_new_password_and_signs_everybody_else_out() {
    let server = Server::start();
    let (ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let there = ann.online(&server).await;
    let code = code_for(&server, "ann");
    there.fence().await;
    let client = fresh(&server).await;
    let weak = Recover {
        new_password: Secret("12345678".into()),
        ..wish("ann", &code)
    };
    assert_eq!(refused(&client, weak).await, RefusedCode::WeakPassword);
    assert_eq!(
        refused(&client, wish("bob", &code)).await,
        RefusedCode::RecoveryWrong
    );
    assert_eq!(
        refused(&client, wish("nobody-here", &code)).await,
        RefusedCode::RecoveryWrong
    );
    // Typed by hand, in capitals and with spaces.
    let first = Recover {
        code: Secret(code.to_uppercase().replace('-', " ")),
        ..wish("ann", "")
    };
    let ServerMessage::SignedIn(signed) = client.ask(first.clone()).await.unwrap() else {
        panic!("the code lets in")
    };
    assert_eq!(signed.account, ann.account);
    assert_eq!(there.until_goodbye().await.reason, GoodbyeCode::Revoked);
    there.until_closed().await;
    // The answer was lost: the same wish again, on another connection.
    let again = fresh(&server).await;
    let ServerMessage::SignedIn(repeated) = again.ask(first).await.unwrap() else {
        panic!("a repeat lets in")
    };
    assert_eq!(repeated.account, ann.account);
    let late = fresh(&server).await;
    assert_eq!(
        refused(&late, wish("ann", &code)).await,
        RefusedCode::RecoveryUsed
    );
    let old = fresh(&server)
        .await
        .token(&ann.device.token, ann.device.instance)
        .await;
    assert_eq!(old.unwrap_err(), RefusedCode::BadToken);
    assert_eq!(
        late.login("ann", &ann.password).await.unwrap_err(),
        RefusedCode::BadCredentials
    );
    let log = server.log();
    assert!(!log.contains(&code) && !log.contains(NEW), "secrets in the log");
}

#[tokio::test]
async fn the_operator_gets_a_code_at_the_command_line_and_guessing_is_slow() {
    let server = Server::start();
    let (_ann, [_bob]) = star(&server, "ann", ["bob"]).await;
    let (fine, text) = subcommand(&server, &["user", "recover", "ann"]);
    assert!(fine && text.contains("30 minutes"), "{text}");
    let code = text.lines().nth(1).unwrap().to_owned();
    let (fine, text) = subcommand(&server, &["user", "recover", "nobody-here"]);
    assert!(!fine && text.contains("Nobody here is called"), "{text}");
    let (_, _) = subcommand(&server, &["user", "disable", "bob"]);
    let (fine, text) = subcommand(&server, &["user", "recover", "bob"]);
    assert!(!fine && text.contains("bob is shut"), "{text}");
    let mut guesses = tokio::task::JoinSet::new();
    for n in 0..12 {
        let endpoint = server.endpoint().from_host(n);
        guesses.spawn(async move {
            let client = Client::connect(&endpoint, Habits::default()).await.unwrap();
            refused(&client, wish("ann", "guessed-guessed")).await
        });
    }
    let told = guesses.join_all().await;
    assert!(told.contains(&RefusedCode::RecoveryWrong), "{told:?}");
    assert!(told.contains(&RefusedCode::SlowDown), "{told:?}");
    let (fine, text) = subcommand(&server, &["audit"]);
    assert!(fine && text.contains("recovery code made"), "{text}");
    assert!(!text.contains(&code), "{text}");
}
