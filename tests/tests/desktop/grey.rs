//! S2, R17: grey on a real screen, measured in pixels, with a friend in colour in the same shot.

use breeze_tests::scene::Scene;
use breeze_tests::screen::Screen;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn s2_a_killed_window_turns_grey_on_the_others_screen() {
    let mut scene = Scene::set(Screen::private(), "desktop-shots").await;
    scene
        .until_colour("Lin and Rosa in colour", Duration::from_secs(20))
        .await;
    scene.keep("before");
    let begun = Instant::now();
    scene.right.kill();
    let took = scene.until_grey(begun, Duration::from_secs(15)).await;
    assert!(took <= Scene::grey_bound(), "grey after {took:?}");
    scene.right.start(&scene.screen, None);
    scene
        .until_colour("Lin in colour again", Duration::from_secs(20))
        .await;
    scene.keep("back");
    assert!(scene.server.alive());
}
