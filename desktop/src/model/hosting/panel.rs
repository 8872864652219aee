//! The hosted server's events, and the wishes of its panel.

use super::{Autostart, Busy, HostAct, Hosting, Look, PEOPLE_PAGES_MAX, TTLS_S, USES};
use crate::model::command::{Commands, HostCommand, LinkCommand};
use crate::model::event::HostEvent;
use crate::model::onboarding::{Busy as Joining, Page};
use crate::model::{Dialog, Model, Now, Screen};
use crate::words::tr;
use breeze_protocol::admin::StartLine;
use breeze_protocol::link::InviteLink;

impl Model {
    /// Milliseconds until the panel on the screen is to look again.
    pub(in crate::model) fn panel_change_ms(&self, now: Now) -> Option<u64> {
        let hosting = self.hosting.as_ref().filter(|hosting| hosting.running)?;
        let shown = self.dialog == Some(Dialog::Host);
        hosting.look_in_ms(now).filter(|ms| shown && *ms > 0)
    }

    /// What the person does in the panel.
    pub(in crate::model) fn act_hosting(&mut self, act: HostAct) -> Commands {
        let Some(hosting) = &mut self.hosting else {
            return Commands::new();
        };
        let panel = &mut hosting.panel;
        match act {
            HostAct::Tab(tab) => {
                panel.tab = tab;
                panel.stale();
            }
            HostAct::Look => return panel.look(),
            HostAct::Ttl(place) => panel.ttl = place.min(TTLS_S.len() - 1),
            HostAct::Uses(place) => panel.uses = place.min(USES.len() - 1),
            HostAct::MakeInvite => {
                panel.busy = Busy::Inviting;
                panel.stale();
                let (uses, ttl_s) = (USES[panel.uses], TTLS_S[panel.ttl]);
                return vec![HostCommand::Invite { uses, ttl_s }.into()];
            }
            HostAct::Revoke(invite) => {
                panel.stale();
                return vec![HostCommand::Revoke(invite).into()];
            }
            HostAct::Disable(username, disabled) => {
                panel.stale();
                return vec![HostCommand::SetDisabled(username, disabled).into()];
            }
            HostAct::ResetPassword(username) => {
                panel.stale();
                return vec![HostCommand::ResetPassword(username).into()];
            }
            HostAct::Recover(username) => {
                panel.stale();
                return vec![HostCommand::Recover(username).into()];
            }
            HostAct::ForgetPassword => (panel.password, panel.code) = (None, None),
            HostAct::MorePeople => {
                panel.people_pages = (panel.people_pages.max(1) + 1).min(PEOPLE_PAGES_MAX);
                panel.taken = None;
            }
            HostAct::Start => {
                panel.busy = Busy::Starting;
                panel.stale();
                return vec![HostCommand::Start(String::new()).into()];
            }
            HostAct::Autostart(on) => {
                panel.busy = Busy::System;
                panel.stale();
                return vec![HostCommand::Autostart(on).into()];
            }
        }
        Commands::new()
    }

    /// Stops the hosted server.
    pub(in crate::model) fn stop_hosting(&mut self) -> Commands {
        if let Some(hosting) = &mut self.hosting {
            hosting.panel.busy = Busy::Stopping;
            hosting.panel.stale();
        }
        vec![HostCommand::Stop.into()]
    }

    /// The hosted server says something.
    pub(in crate::model) fn host_event(&mut self, now: Now, event: HostEvent) -> Commands {
        match event {
            HostEvent::Running {
                start,
                wished,
                foreign,
            } => return self.host_runs(&start, wished, foreign),
            HostEvent::Idle => {
                self.hosting.get_or_insert_default();
            }
            HostEvent::Failed(words) => self.host_failed(now, words),
            HostEvent::Nearby(found, more) => {
                self.onboarding.near = found;
                self.onboarding.near_more = more;
            }
            HostEvent::Stopped => {
                if self.dialog == Some(Dialog::QuitHosting) {
                    self.dialog = None;
                }
                self.host_gone(false);
            }
            HostEvent::Died => self.host_gone(true),
            event => self.panel_event(now, event),
        }
        Commands::new()
    }

    fn panel_event(&mut self, now: Now, event: HostEvent) {
        let Some(hosting) = &mut self.hosting else {
            return;
        };
        let panel = &mut hosting.panel;
        match event {
            HostEvent::Invite(link, expires_ms) => {
                hosting.link = Some(link);
                panel.expires_ms = expires_ms;
                panel.busy = Busy::No;
                panel.taken = None;
            }
            HostEvent::Look(look) => {
                panel.asked = false;
                panel.taken = Some(now.mono_ms);
                panel.seen.take_in(*look);
            }
            HostEvent::Password(username, password) => {
                (panel.password, panel.code) = (Some((username, password)), None);
            }
            HostEvent::Code(username, code, expires_ms) => {
                (panel.password, panel.code) = (None, Some((username, code, expires_ms)));
            }
            HostEvent::Autostart(autostart) => {
                hosting.autostart = autostart;
                panel.busy = Busy::No;
            }
            HostEvent::Said(words) => {
                panel.busy = Busy::No;
                panel.said = Some(words);
            }
            _ => {}
        }
    }

    fn host_runs(&mut self, start: &StartLine, wished: bool, foreign: bool) -> Commands {
        let hosting = self.hosting.get_or_insert_default();
        hosting.address.clone_from(&start.address);
        hosting.pin.clone_from(&start.pin);
        hosting.foreign = foreign;
        (hosting.running, hosting.died) = (true, false);
        hosting.panel.busy = Busy::No;
        hosting.panel.asked = false;
        hosting.panel.stale();
        if self.screen != Screen::Onboarding {
            return vec![LinkCommand::TryNow.into()];
        }
        if !wished {
            return Commands::new();
        }
        let owner = start
            .owner_link
            .as_ref()
            .and_then(|link| InviteLink::parse(&link.0).ok());
        let known = format!("breeze://{}/?pin={}", start.address, start.pin);
        let Some(target) = owner.or_else(|| InviteLink::parse(&known).ok()) else {
            self.onboarding.busy = Joining::No;
            self.onboarding.error = Some(tr("host-no-address"));
            return Commands::new();
        };
        self.onboarding.hosting = true;
        self.reach(target)
    }

    fn host_gone(&mut self, died: bool) {
        let Some(hosting) = &mut self.hosting else {
            return;
        };
        // Nobody but whoever started it can start it again.
        if hosting.foreign {
            self.hosting = None;
            if self.dialog == Some(Dialog::Host) {
                self.dialog = None;
            }
            return;
        }
        (hosting.running, hosting.died) = (false, died);
        let panel = &mut hosting.panel;
        (panel.busy, panel.asked) = (Busy::No, false);
        panel.seen = Look {
            log: panel.seen.log.take(),
            ..Look::default()
        };
    }

    fn host_failed(&mut self, now: Now, words: String) {
        if let Some(hosting) = &mut self.hosting {
            hosting.panel.busy = Busy::No;
        }
        if self.screen != Screen::Onboarding {
            match &mut self.hosting {
                Some(hosting) if self.dialog == Some(Dialog::Host) => hosting.panel.said = Some(words),
                _ => self.toast(now, words, true),
            }
            return;
        }
        self.onboarding.busy = Joining::No;
        self.onboarding.page = Page::Ways;
        self.onboarding.error = Some(words);
    }

    /// Whether quitting must ask what becomes of the server: not when the system runs it, or somebody else does.
    pub(in crate::model) fn quit_asks(&self) -> bool {
        let asks = |it: &Hosting| it.running && !it.foreign && it.autostart != Autostart::On;
        self.hosting.as_ref().is_some_and(asks)
    }
}
