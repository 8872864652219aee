//! What the person does with files, and what comes of it.

use super::apply::joined;
use super::chat::Waiting;
use super::command::{Commands, LinkCommand, Mint, OutRow, StoreCommand};
use super::entry_acts::About;
use super::files::{
    Draft, FILES_MAX, FileAct, FileCommand, FileDialog, FileEvent, Preparing, Source, Transfer,
};
use super::{Dialog, Model, Now, file_name};
use crate::words::tr_with;
use breeze_protocol::message::attachment::{Attachment, FilePlace};
use breeze_protocol::message::chat::EntryKind;
use breeze_protocol::{BlobHash, ConvId, Mid};
use std::collections::BTreeSet;

impl Model {
    /// Carries a wish about files out.
    pub(super) fn act_file(&mut self, now: Now, act: FileAct, mint: &mut dyn Mint) -> Commands {
        match act {
            FileAct::Choose(conv) if self.may_attach(conv) => return vec![FileCommand::Choose(conv).into()],
            FileAct::Choose(_) => {}
            FileAct::Offer(conv, sources) => self.offer(now, conv, sources),
            FileAct::OfferText(conv) => {
                let text = self.chats.get(&conv).map(|chat| chat.draft.trim().to_owned());
                if let Some(text) = text.filter(|text| !text.is_empty()) {
                    self.offer(now, conv, vec![Source::Text(text)]);
                }
            }
            FileAct::Caption(text) => {
                if let Some(Dialog::File(FileDialog::Offer(draft))) = &mut self.dialog {
                    draft.caption = text;
                }
            }
            FileAct::LeaveOut(at) => self.leave_out(at),
            FileAct::Send => return self.send_files(now, mint),
            FileAct::Fetch(place) => return self.fetch(now, place),
            FileAct::Cancel(transfer) => return self.cancel_transfer(transfer),
            FileAct::SaveAs(file) if self.files.is_here(file.hash) => {
                return vec![FileCommand::SaveAs(file.hash, file_name::safe(&file.name)).into()];
            }
            FileAct::Open(file) if self.files.is_here(file.hash) => {
                if file_name::is_risky(&file.name) {
                    self.dialog = Some(Dialog::File(FileDialog::Risky(file)));
                } else {
                    return vec![FileCommand::Open(file.hash, file_name::safe(&file.name)).into()];
                }
            }
            FileAct::OpenAnyway(file) => {
                self.dialog = None;
                return vec![FileCommand::Open(file.hash, file_name::safe(&file.name)).into()];
            }
            FileAct::SaveAs(_) | FileAct::Open(_) => {}
            FileAct::Folder(hash) => {
                let path = self.files.saved.get(&hash).cloned();
                return path
                    .map(|path| FileCommand::Folder(path).into())
                    .into_iter()
                    .collect();
            }
            FileAct::Look(file) => self.dialog = Some(Dialog::File(FileDialog::Look(file))),
        }
        Commands::new()
    }

    /// Whether files may be sent there.
    #[must_use]
    pub fn may_attach(&self, conv: ConvId) -> bool {
        self.files.are_taken() && self.may_write(conv)
    }

    fn offer(&mut self, now: Now, conv: ConvId, mut sources: Vec<Source>) {
        if !self.may_attach(conv) || sources.is_empty() {
            return;
        }
        if sources.len() > FILES_MAX {
            sources.truncate(FILES_MAX);
            let words = tr_with("file-too-many", &[("count", (FILES_MAX as u64).into())]);
            self.toast(now, words, true);
        }
        let is_text = matches!(sources[..], [Source::Text(_)]);
        let caption = match self.chats.get_mut(&conv) {
            // What stands in the composer belongs to what is chosen beside it.
            Some(chat) if !is_text && !matches!(chat.about, Some(About::Edit { .. })) => {
                chat.draft.trim().to_owned()
            }
            _ => String::new(),
        };
        let caption = if caption.len() > self.body_limit() {
            String::new()
        } else {
            caption
        };
        self.dialog = Some(Dialog::File(FileDialog::Offer(Draft {
            conv,
            sources,
            caption,
        })));
    }

    fn leave_out(&mut self, at: usize) {
        let Some(Dialog::File(FileDialog::Offer(draft))) = &mut self.dialog else {
            return;
        };
        if at < draft.sources.len() {
            draft.sources.remove(at);
        }
        if draft.sources.is_empty() {
            self.dialog = None;
        }
    }

    fn send_files(&mut self, now: Now, mint: &mut dyn Mint) -> Commands {
        let Some(Dialog::File(FileDialog::Offer(draft))) = self.dialog.take() else {
            return Commands::new();
        };
        let (conv, limit) = (draft.conv, self.body_limit());
        let Some(chat) = self.chats.get_mut(&conv) else {
            return Commands::new();
        };
        let mut caption = draft.caption.trim().to_owned();
        if caption.len() > limit {
            self.dialog = Some(Dialog::File(FileDialog::Offer(draft)));
            return Commands::new();
        }
        let mut target = None;
        let mut commands = Commands::new();
        // What was in the composer is said now, or is the file.
        let own_text = matches!(&draft.sources[..], [Source::Text(text)] if *text == chat.draft.trim());
        if own_text || (!chat.draft.trim().is_empty() && chat.draft.trim() == caption) {
            chat.draft.clear();
            commands.push(StoreCommand::Draft(conv, String::new()).into());
        }
        if let Some(About::Reply(seq)) = chat.about {
            target = Some(seq);
            chat.about = None;
        }
        chat.new_after = None;
        let mut taking = Vec::new();
        for source in draft.sources {
            let mid = mint.mid();
            self.files.preparing.push(Preparing {
                mid,
                conv,
                name: source.name(),
                caption: std::mem::take(&mut caption),
                target: target.take(),
                ts: now.wall_ms,
            });
            taking.push((mid, conv, source));
        }
        commands.push(FileCommand::Take(taking, self.files.bytes_max).into());
        commands
    }

    fn fetch(&mut self, now: Now, place: FilePlace) -> Commands {
        let index = usize::try_from(place.index).unwrap_or(usize::MAX);
        let message = self
            .chats
            .get(&place.conv)
            .and_then(|chat| chat.messages.get(&place.seq));
        let Some(file) = message
            .and_then(|message| message.attachments.get(index))
            .cloned()
        else {
            return Commands::new();
        };
        let transfer = Transfer::Down(file.hash);
        if self.files.is_here(file.hash) || self.files.running.contains_key(&transfer) {
            return Commands::new();
        }
        self.files.failed.remove(&file.hash);
        self.files.moved(now, transfer, 0, file.size);
        vec![LinkCommand::FetchFile(place, file.hash, file.size).into()]
    }

    fn cancel_transfer(&mut self, transfer: Transfer) -> Commands {
        self.files.running.remove(&transfer);
        let mut commands: Commands = vec![LinkCommand::CancelFile(transfer).into()];
        if let Transfer::Up(mid) = transfer {
            for chat in self.chats.values_mut() {
                if let Some(at) = chat.waiting.iter().position(|waiting| waiting.mid == mid) {
                    let waiting = chat.waiting.remove(at);
                    chat.give_back(&waiting);
                    commands.push(StoreCommand::OutboxDrop(mid).into());
                }
            }
        }
        commands
    }

    /// Something happened to a file.
    pub(super) fn file_event(&mut self, now: Now, event: FileEvent) -> Commands {
        match event {
            FileEvent::Here(hashes) => self.files.here.extend(hashes),
            FileEvent::Chosen(conv, paths) => {
                self.offer(now, conv, paths.into_iter().map(Source::Path).collect());
            }
            FileEvent::Taken(mid, file) => return self.taken(mid, file),
            FileEvent::NotTaken(mid, why) => self.not_taken(now, mid, why),
            FileEvent::Moved(transfer, done, size) => self.files.moved(now, transfer, done, size),
            FileEvent::Came(hash) => {
                self.files.running.remove(&Transfer::Down(hash));
                self.files.here.insert(hash);
            }
            FileEvent::Failed(transfer, why) => return self.transfer_failed(transfer, why),
            FileEvent::Saved(hash, path) => {
                let name = path
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                self.files.saved.insert(hash, path);
                self.toast(
                    now,
                    tr_with("file-saved", &[("name", file_name::shown(&name).into())]),
                    false,
                );
            }
            FileEvent::Said(words) => self.toast(now, words, true),
        }
        Commands::new()
    }

    /// The file is in the shelf: now its message is written.
    fn taken(&mut self, mid: Mid, file: Attachment) -> Commands {
        let Some(at) = self.files.preparing.iter().position(|it| it.mid == mid) else {
            return Commands::new();
        };
        let preparing = self.files.preparing.remove(at);
        self.files.here.insert(file.hash);
        let Some(chat) = self.chats.get_mut(&preparing.conv) else {
            return Commands::new();
        };
        let row = OutRow {
            mid,
            conv: preparing.conv,
            kind: EntryKind::File,
            target: preparing.target,
            body: preparing.caption,
            attachments: vec![file],
            ts: preparing.ts,
        };
        chat.waiting.push(Waiting::new(&row));
        vec![StoreCommand::Outbox(row).into()]
    }

    fn not_taken(&mut self, now: Now, mid: Mid, why: String) {
        let Some(at) = self.files.preparing.iter().position(|it| it.mid == mid) else {
            return;
        };
        let preparing = self.files.preparing.remove(at);
        if let Some(chat) = self.chats.get_mut(&preparing.conv)
            && !preparing.caption.is_empty()
        {
            chat.draft = joined(&preparing.caption, &chat.draft);
        }
        self.toast(now, why, true);
    }

    fn transfer_failed(&mut self, transfer: Transfer, why: String) -> Commands {
        self.files.running.remove(&transfer);
        match transfer {
            Transfer::Down(hash) => {
                self.files.failed.insert(hash, why);
                Commands::new()
            }
            Transfer::Up(mid) => match self.waiting_mut(mid) {
                Some(waiting) => {
                    waiting.refused = Some(why.clone());
                    vec![StoreCommand::OutboxRefused(mid, why).into()]
                }
                None => Commands::new(),
            },
        }
    }

    /// Files of messages that are not sent yet: they must stay.
    pub(super) fn needed_files(&self) -> BTreeSet<BlobHash> {
        let waiting = self.chats.values().flat_map(|chat| &chat.waiting);
        waiting
            .flat_map(|it| &it.attachments)
            .map(|file| file.hash)
            .collect()
    }

    /// A message of one's own is on the server: its upload is over.
    pub(super) fn upload_over(&mut self, mid: Mid) {
        self.files.running.remove(&Transfer::Up(mid));
    }
}
