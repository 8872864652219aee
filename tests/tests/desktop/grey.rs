//! S2, R17: grey on a real screen, measured in pixels, with a friend in colour in the same shot.

use breeze_tests::scene::Scene;
use breeze_tests::screen::Screen;
use breeze_tests::wait;
use breeze_tests::window::Window;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn s2_a_killed_window_turns_grey_on_the_others_screen() {
    let mut scene = Scene::set(Screen::private(), "desktop-shots").await;
    scene
        .until_colour("Lin and Rosa in colour", Duration::from_secs(20))
        .await;
    scene.keep("before");
    assert_eq!(scene.uncovered(), Ok(()));
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

#[tokio::test(flavor = "multi_thread")]
async fn a_covered_window_is_told_with_a_sentence() {
    let scene = Scene::set(Screen::private(), "desktop-shots").await;
    assert_eq!(scene.uncovered(), Ok(()));
    let mut third = Window::at(1400, 500);
    third.start(&scene.screen, None);
    let words = scene
        .uncovered()
        .expect_err("a third window lies over the right one");
    assert!(
        words.starts_with("Lin's window cannot be seen whole: at "),
        "{words}"
    );
    drop(third);
    wait::until("the third window is gone", wait::SOON, || scene.uncovered().ok()).await;
}
