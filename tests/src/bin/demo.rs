//! `cargo xtask demo`: a real server and two real windows. They chat, one is killed with `kill -9`, its picture goes grey.

use breeze_tests::scene::Scene;
use breeze_tests::screen::Screen;
use std::time::{Duration, Instant};

#[tokio::main]
async fn main() {
    let screen = Screen::existing().unwrap_or_else(|| {
        println!("No wide enough display: using a private one of 2400 x 900.");
        Screen::private()
    });
    println!("Starting a server and two windows; Mira and Lin join with their links ...");
    let mut scene = Scene::set(screen, "demo").await;
    if let Err(words) = scene.uncovered() {
        panic!("{words}");
    }
    println!("Both windows can be seen whole.");
    let took = scene
        .until_colour("Lin and Rosa in colour", Duration::from_secs(20))
        .await;
    println!(
        "Mira sees Lin and Rosa in colour ({} ms after Rosa came).",
        took.as_millis()
    );
    talk(&scene).await;
    scene.keep("chat");
    scene.keep_left("main-light");
    println!("Killing Lin's window with kill -9 ...");
    let begun = Instant::now();
    scene.right.kill();
    let took = scene.until_grey(begun, Duration::from_secs(10)).await;
    println!(
        "Lin's picture was grey on Mira's screen {} ms after the kill; Rosa's was still red.",
        took.as_millis()
    );
    scene.keep_left("grey-light");
    assert!(
        took <= Scene::grey_bound(),
        "that is over the bound of {:?}",
        Scene::grey_bound()
    );
    println!("Starting Lin's window again ...");
    scene.right.start(&scene.screen, None);
    let took = scene
        .until_colour("Lin in colour again", Duration::from_secs(20))
        .await;
    println!("In colour again {} ms after the window showed.", took.as_millis());
    println!("Pictures: target/demo/");
}

async fn talk(scene: &Scene) {
    scene.open_first(&scene.left);
    scene.say(&scene.left, "Did the new server come up?");
    scene.open_first(&scene.right);
    scene.say(&scene.right, "Yes, moved to the small box under my desk");
    scene.say(&scene.left, "I can see everyone going grey and coming back");
    let rosa = &scene.rosa.1;
    let mira = rosa.local().states().into_iter().find_map(|state| match state {
        breeze_protocol::message::item::ItemState::Contact(contact) => Some(contact.account),
        _ => None,
    });
    let conv = rosa.conv(mira.expect("Rosa has a friend")).await;
    rosa.say(conv, "晚上一起吃面? 🍜").await;
    breeze_tests::wait::run_for(Duration::from_secs(1)).await;
}
