//! The network of a real window changes: its only address goes and comes back, as when a cable is plugged in again.

use breeze_protocol::link::InviteLink;
use breeze_tests::network::{self, Network};
use breeze_tests::scene::join;
use breeze_tests::screen::Screen;
use breeze_tests::server::Plan;
use breeze_tests::window::Window;
use breeze_tests::{pixels, programs, wait};
use std::time::{Duration, Instant};

/// The banner's colour in the light theme, where it stands.
const BANNER: [u8; 3] = [255, 244, 220];
const BANNER_AT: (u32, u32) = (940, 50);
/// A change of the network is found out within 2 s, and shown by the frame after.
const SHOWN_MAX: Duration = Duration::from_millis(3_500);
/// From the address being back to the session being back.
const RECOVERED_MAX: Duration = Duration::from_secs(3);
/// Long enough for several failed tries: the pause between two would be several seconds by then.
const AWAY: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_goes_and_comes_back_is_noticed_at_once() {
    let network = Network::private();
    let (screen, server) = (Screen::private(), Plan::new().in_network(&network).start());
    let mut window = Window::left();
    window.in_network(&network);
    let link = server.start_line().owner_link.clone().unwrap();
    let mut link = InviteLink::parse(&link.0).unwrap();
    network::ADDRESS.clone_into(&mut link.host);
    window.start(&screen, Some(&link.to_string()));
    join(&screen, &window, "Mira Ek");
    let area = window.area();
    let banner = || {
        let shot = screen.shot();
        let pixel = shot.get_pixel(area.x + BANNER_AT.0, area.y + BANNER_AT.1).0;
        pixels::close(pixel, BANNER, 8).then_some(shot)
    };
    wait::until("the window's session", Duration::from_secs(20), || {
        (server.sessions() == 1 && banner().is_none()).then_some(())
    })
    .await;
    for away in [Duration::ZERO, AWAY] {
        let begun = Instant::now();
        network.take_address();
        let shot = wait::until("the banner", wait::SOON, banner).await;
        let shown = begun.elapsed();
        screen.keep(&shot, &programs::picture_folder("desktop-shots"), "address-gone");
        wait::run_for(away).await;
        assert!(banner().is_some(), "still shown honestly");
        let begun = Instant::now();
        network.give_address();
        wait::until("the window to be live again", wait::SOON, || {
            banner().is_none().then_some(())
        })
        .await;
        let recovered = begun.elapsed();
        println!("shown after {shown:?}; away {away:?}; recovered {recovered:?} after the address was back");
        assert!(shown <= SHOWN_MAX, "shown after {shown:?}");
        assert!(recovered <= RECOVERED_MAX, "recovered after {recovered:?}");
        assert_eq!(server.sessions(), 1);
    }
}
