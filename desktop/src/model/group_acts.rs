//! Wishes about groups: making one, adding, removing, leaving, names, roles; and the dialogs they are made in.

use super::command::{Ask, Command, Commands, LinkCommand, Mint, PlatformCommand, StoreCommand};
use super::entries::nack_words;
use super::event::PictureEvent;
use super::group::{Group, PictureOf};
use super::person::Person;
use super::{Dialog, Model, Now};
use crate::words::tr;
use breeze_protocol::limit::{GROUP_ADD_MAX, TITLE_CHARS};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::group::{
    GroupCreate, GroupInvite, GroupLeave, GroupRemove, GroupRename, GroupRole, Members, MembersPage, Role,
};
use breeze_protocol::{AccountId, BlobHash, ClientMessage, ConvId};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A picture ready for the server.
pub type Packed = (BlobHash, Arc<Vec<u8>>);

/// What is being chosen in a dialog about groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupDraft {
    /// The name being typed.
    pub title: String,
    /// The picture: the one there is, or the new one.
    pub avatar: Option<BlobHash>,
    /// The new one, cut to its middle and packed.
    pub picture: Option<Packed>,
    /// What the list of friends is filtered by.
    pub filter: String,
    /// Who is chosen.
    pub chosen: BTreeSet<AccountId>,
    /// The server has been asked.
    pub busy: bool,
    /// What went wrong, in words.
    pub error: Option<String>,
}

/// A dialog about a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupDialog {
    /// Choose friends and a name.
    New(GroupDraft),
    /// The group: name, members, what one may do.
    About(ConvId),
    /// Choose friends to add.
    Add(ConvId, GroupDraft),
    /// Another name.
    Rename(ConvId, GroupDraft),
    /// Really leave?
    Leave(ConvId),
    /// Really remove this member?
    Remove(ConvId, AccountId),
    /// Really hand the group over to this member?
    HandOver(ConvId, AccountId),
}

/// A wish about groups.
#[derive(Debug, Clone, PartialEq)]
pub enum GroupAct {
    /// Begin a new group.
    New,
    /// The name was typed.
    TypeTitle(String),
    /// Choose a picture in the system's file dialog.
    ChoosePicture,
    /// No picture.
    NoPicture,
    /// The filter of the friends was typed.
    TypeFilter(String),
    /// Choose somebody, or no longer.
    Choose(AccountId),
    /// Carry out what the dialog says: make, add, rename.
    Confirm,
    /// Show a group.
    About(ConvId),
    /// Choose friends to add.
    Add(ConvId),
    /// Give it another name.
    Rename(ConvId),
    /// Ask whether to leave.
    AskLeave(ConvId),
    /// Leave.
    Leave(ConvId),
    /// Ask whether to remove somebody.
    AskRemove(ConvId, AccountId),
    /// Remove somebody.
    Remove(ConvId, AccountId),
    /// Ask whether to hand the group over.
    AskHandOver(ConvId, AccountId),
    /// Give somebody a role.
    SetRole(ConvId, AccountId, Role),
}

impl Model {
    /// Carries a wish about groups out.
    pub(super) fn act_group(&mut self, act: GroupAct, mint: &mut dyn Mint) -> Commands {
        match act {
            GroupAct::New => self.show_group(GroupDialog::New(GroupDraft::default())),
            GroupAct::TypeTitle(text) => self.draft(|draft| draft.title = text),
            GroupAct::ChoosePicture => {
                self.draft(|draft| draft.busy = true);
                return vec![PlatformCommand::ChoosePicture.into()];
            }
            GroupAct::NoPicture => self.draft(|draft| (draft.avatar, draft.picture) = (None, None)),
            GroupAct::TypeFilter(text) => self.draft(|draft| draft.filter = text),
            GroupAct::Choose(account) => self.draft(|draft| {
                if !draft.chosen.remove(&account) && draft.chosen.len() < GROUP_ADD_MAX {
                    draft.chosen.insert(account);
                }
            }),
            GroupAct::Confirm => return self.confirm_group(mint),
            GroupAct::About(conv) => {
                self.show_group(GroupDialog::About(conv));
                return self.ask_members(conv);
            }
            GroupAct::Add(conv) => self.show_group(GroupDialog::Add(conv, GroupDraft::default())),
            GroupAct::Rename(conv) => {
                let Some(group) = self.group(conv) else {
                    return Commands::new();
                };
                let draft = GroupDraft {
                    title: group.title.clone(),
                    avatar: group.avatar,
                    ..GroupDraft::default()
                };
                self.show_group(GroupDialog::Rename(conv, draft));
            }
            GroupAct::AskLeave(conv) => self.show_group(GroupDialog::Leave(conv)),
            GroupAct::Leave(conv) => {
                self.dialog = None;
                let mid = mint.mid();
                return plain(GroupLeave { mid, conv });
            }
            GroupAct::AskRemove(conv, account) => self.show_group(GroupDialog::Remove(conv, account)),
            GroupAct::Remove(conv, account) => {
                self.show_group(GroupDialog::About(conv));
                let mid = mint.mid();
                return plain(GroupRemove { mid, conv, account });
            }
            GroupAct::AskHandOver(conv, account) => self.show_group(GroupDialog::HandOver(conv, account)),
            GroupAct::SetRole(conv, account, role) => {
                self.show_group(GroupDialog::About(conv));
                let mid = mint.mid();
                let wish = GroupRole {
                    mid,
                    conv,
                    account,
                    role,
                };
                return plain(wish);
            }
        }
        Commands::new()
    }

    fn show_group(&mut self, dialog: GroupDialog) {
        self.status_menu = false;
        self.dialog = Some(Dialog::Group(dialog));
    }

    /// A group one is in.
    #[must_use]
    pub fn group(&self, conv: ConvId) -> Option<&Group> {
        self.chats.get(&conv).and_then(|chat| chat.group.as_ref())
    }

    fn draft(&mut self, change: impl FnOnce(&mut GroupDraft)) {
        if let Some(draft) = self.group_draft() {
            draft.error = None;
            change(draft);
        }
    }

    /// What is being chosen about a group, if anything.
    pub(super) fn group_draft(&mut self) -> Option<&mut GroupDraft> {
        match &mut self.dialog {
            Some(Dialog::Group(
                GroupDialog::New(draft) | GroupDialog::Add(_, draft) | GroupDialog::Rename(_, draft),
            )) => Some(draft),
            _ => None,
        }
    }

    fn confirm_group(&mut self, mint: &mut dyn Mint) -> Commands {
        let Some(Dialog::Group(dialog)) = self.dialog.clone() else {
            return Commands::new();
        };
        let (wish, named): (Command, bool) = match dialog {
            GroupDialog::New(draft) if !draft.busy => {
                let (mid, title) = (mint.mid(), draft.title.trim().to_owned());
                let members = draft.chosen.into_iter().collect();
                self.book.group_picture = draft.picture.map(|it| (mint.mid(), title.clone(), it));
                (ask(GroupCreate { mid, title, members }), true)
            }
            GroupDialog::Add(conv, draft) if !draft.busy && !draft.chosen.is_empty() => {
                let (mid, accounts) = (mint.mid(), draft.chosen.into_iter().collect());
                (ask(GroupInvite { mid, conv, accounts }), false)
            }
            GroupDialog::Rename(conv, draft) if !draft.busy => {
                let wish = GroupRename {
                    mid: mint.mid(),
                    conv,
                    title: draft.title.trim().to_owned(),
                    avatar: draft.avatar,
                };
                let command = match draft.picture {
                    Some(picture) => LinkCommand::SetGroup(wish, picture).into(),
                    None => ask(wish),
                };
                (command, true)
            }
            _ => return Commands::new(),
        };
        let Some(draft) = self.group_draft() else {
            return Commands::new();
        };
        if named && !TITLE_CHARS.contains(&draft.title.trim().chars().count()) {
            draft.error = Some(tr("group-title-length"));
            return Commands::new();
        }
        draft.busy = true;
        draft.error = None;
        vec![wish]
    }

    /// What was wished in a dialog is done.
    pub(super) fn group_done(&mut self) {
        self.dialog = match self.dialog.take() {
            Some(Dialog::Group(GroupDialog::Add(conv, _) | GroupDialog::Rename(conv, _))) => {
                Some(Dialog::Group(GroupDialog::About(conv)))
            }
            other => other,
        };
    }

    /// A group was made: it is opened as soon as it is here.
    pub(super) fn group_made(&mut self, conv: ConvId) -> Commands {
        self.dialog = None;
        let mut commands = Commands::new();
        if let Some((mid, title, picture)) = self.book.group_picture.take() {
            let wish = GroupRename {
                mid,
                conv,
                title,
                avatar: Some(picture.0),
            };
            commands.push(LinkCommand::SetGroup(wish, picture).into());
        }
        if self.chats.contains_key(&conv) {
            commands.extend(self.show_chat(conv));
        } else {
            self.book.opening_conv = Some(conv);
        }
        commands
    }

    /// What was wished in a dialog was refused, or nobody knows.
    pub(super) fn group_failed(&mut self, now: Now, words: String) {
        self.book.group_picture = None;
        match self.group_draft() {
            Some(draft) => {
                draft.busy = false;
                draft.error = Some(words);
            }
            None => self.toast(now, words, true),
        }
    }

    /// Asks for the members of a group that are not known.
    pub(super) fn ask_members(&self, conv: ConvId) -> Commands {
        match self.group(conv) {
            Some(group) if !group.is_whole() => vec![members(conv, 0)],
            _ => Commands::new(),
        }
    }

    /// A page of members: who they are, and the next page if there is one.
    pub(super) fn members_page(&mut self, page: MembersPage) -> Commands {
        let conv = page.conv;
        let me = self.me.account;
        let Some(group) = self.chats.get_mut(&conv).and_then(|chat| chat.group.as_mut()) else {
            return Commands::new();
        };
        if page.page == 0 {
            group.members.clear();
            group.admins.clear();
        }
        let mut commands = Commands::new();
        for row in page.rows {
            if !group.members.contains(&row.account) {
                group.members.push(row.account);
            }
            if row.role == Role::Admin {
                group.admins.push(row.account);
            }
            if row.account == me || self.people.contains_key(&row.account) {
                continue;
            }
            if let Some(hash) = row.avatar {
                commands.push(StoreCommand::NeedBlob(PictureOf::Person(row.account), hash).into());
            }
            let person = Person {
                username: row.username,
                display_name: row.display_name,
                avatar: row.avatar,
                ..Person::unknown(row.account)
            };
            self.people.insert(row.account, person);
        }
        if page.more {
            commands.push(members(conv, page.page + 1));
        }
        commands
    }
}

/// A picture for a group was read, or was not. It is cut to its middle at once.
pub(super) fn group_picture(draft: &mut GroupDraft, event: PictureEvent) -> Commands {
    match event {
        PictureEvent::None => draft.busy = false,
        PictureEvent::Read(picture) => {
            let (zoom, centre) = (100, (500, 500));
            let pack = PlatformCommand::Pack {
                picture,
                zoom,
                centre,
            };
            return vec![pack.into()];
        }
        PictureEvent::Refused(words) => {
            draft.busy = false;
            draft.error = Some(words);
        }
        PictureEvent::Packed(hash, bytes) => {
            draft.busy = false;
            draft.avatar = Some(hash);
            draft.picture = Some((hash, bytes.clone()));
            return vec![StoreCommand::PutBlob(hash, bytes).into()];
        }
    }
    Commands::new()
}

/// Why a wish about a group was refused, in words.
#[must_use]
pub fn group_words(code: NackCode) -> String {
    match code {
        NackCode::NotContact => tr("group-not-friend"),
        NackCode::Quota => tr("group-full"),
        NackCode::NotMember => tr("group-not-member"),
        NackCode::NoRight => tr("group-no-right"),
        other => nack_words(other),
    }
}

fn ask(message: impl Into<ClientMessage>) -> Command {
    LinkCommand::Request(Ask::Group, Box::new(message.into())).into()
}

fn plain(message: impl Into<ClientMessage>) -> Commands {
    vec![LinkCommand::Request(Ask::Plain, Box::new(message.into())).into()]
}

fn members(conv: ConvId, page: u32) -> Command {
    LinkCommand::Request(Ask::Members(conv), Box::new(Members { conv, page }.into())).into()
}
