//! Everything a person can do in the window. Views return these; `Model::act` turns them into commands.

use super::chat::BubbleKey;
use super::entry_acts::EntryAct;
use super::files::FileAct;
use super::group_acts::GroupAct;
use super::hosting::HostAct;
use super::keeping::KeepingAct;
use super::onboarding::Page;
use super::window::{Closing, WindowPlace};
use super::{ClockChoice, Dialog, ThemeChoice};
use breeze_protocol::message::prefs::PrefsChange;
use breeze_protocol::{AccountId, ConvId, DeviceId, StatusKind};

/// A wish of the person.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    // Onboarding.
    /// Go to a page of onboarding.
    ShowPage(Page),
    /// The link field was typed in.
    TypeLink(String),
    /// The field with the hosted server's name was typed in.
    TypeHostName(String),
    /// Your name.
    TypeName(String),
    /// Username.
    TypeUsername(String),
    /// Password.
    TypePassword(String),
    /// Show or hide the password.
    ShowPassword(bool),
    /// Use the offered username.
    TakeOffer,
    /// Join with the link or address.
    Join,
    /// Use this address, found on the network, as if it had been typed.
    JoinNear(String),
    /// Trust the fingerprint shown.
    Trust,
    /// Start the server on this computer.
    StartHosting,
    /// Make the account.
    Register,
    /// Sign in.
    Login,
    /// Recovery code.
    TypeCode(String),
    /// Set the new password by the code, and sign in.
    Recover,
    /// Try again what failed.
    Retry,

    // List.
    /// Filter the list.
    Filter(String),
    /// Open the chat with a friend.
    OpenPerson(AccountId),
    /// Open a group, or the notes to oneself.
    OpenChat(ConvId),
    /// Open the next or previous chat of the list.
    Step(i32),
    /// Back from the chat to the list (narrow window).
    CloseChat,
    /// The list was dragged to this width.
    ListWidth(u32),

    // Chat.
    /// The composer's text changed.
    Compose(ConvId, String),
    /// An emoji was chosen: it stands among the first from now on.
    UsedEmoji(String),
    /// Send the composer's text.
    Send(ConvId),
    /// Try a late or refused message again.
    RetryMessage(ConvId, BubbleKey),
    /// Take a refused message back into the composer.
    TakeBack(ConvId, BubbleKey),
    /// Send a message after all that was written long ago.
    SendOld(ConvId, BubbleKey),
    /// Throw such a message away.
    Discard(ConvId, BubbleKey),
    /// Answer, edit, delete, mark or forward a message.
    Entry(ConvId, EntryAct),
    /// Entries up to here are on screen in a focused window.
    Seen(ConvId, u64),
    /// Anything about searching.
    Search(super::search::SearchAct),
    /// The top of what is in memory came into view.
    Older(ConvId),
    /// Copy this text.
    Copy(String),
    /// About files.
    File(FileAct),
    /// Reconnect now.
    TryNow,

    // Dialogs.
    /// Open a dialog.
    Show(Dialog),
    /// Close the dialog.
    CloseDialog,
    /// Open or close the status menu.
    StatusMenu(bool),
    /// How to be seen.
    SetStatus(StatusKind),
    /// The name to befriend.
    TypeFriend(String),
    /// Ask that name.
    AskFriend,
    /// Answer a request; `false` on an outgoing one takes it back.
    AnswerFriend(AccountId, bool),
    /// End a friendship.
    Unfriend(AccountId),
    /// Block.
    Block(AccountId),
    /// Unblock.
    Unblock(AccountId),
    /// Make, change or leave a group.
    Group(GroupAct),
    /// Make an invite link.
    MakeInvite,
    /// Sign a device out.
    Revoke(DeviceId),

    // Profile.
    /// Display name.
    TypeDisplayName(String),
    /// Status text.
    TypeStatusText(String),
    /// Status in the profile's draft.
    DraftStatus(StatusKind),
    /// Open the system's file dialog.
    ChoosePicture,
    /// A file was dropped or named.
    PictureFile(std::path::PathBuf),
    /// Zoom and middle of the crop.
    Crop {
        /// 100 to 400.
        zoom: u32,
        /// Thousandths.
        centre: (u32, u32),
    },
    /// Back to initials.
    UseInitials,
    /// Save the profile.
    SaveProfile,

    // Settings, hosting, program.
    /// Theme.
    SetTheme(ThemeChoice),
    /// The clock.
    SetClock(ClockChoice),
    /// No fades.
    ReduceMotion(bool),
    /// Order of the list.
    ByRecency(bool),
    /// Show what is put away.
    ShowArchived(bool),
    /// Keep a conversation otherwise.
    Keep(ConvId, PrefsChange),
    /// How long messages of a conversation are kept.
    Keeping(KeepingAct),
    /// Ctrl+Enter sends.
    CtrlEnter(bool),
    /// In the panel of the server hosted here.
    Host(HostAct),
    /// What to be notified of.
    NotifyOf(super::NotifyOf),
    /// Notifications say who wrote, and not what.
    HideMessageText(bool),
    /// When to be away by oneself.
    AwayAfter(super::away::AwayAfter),
    /// Stop the server hosted here.
    StopHosting,
    /// Sign out of this device.
    SignOut,
    /// The window wants to close.
    CloseWindow,
    /// The answer to the question on closing.
    ChooseClosing(Closing),
    /// Closing the window leaves Breeze in the tray (true) or ends it.
    CloseToTray(bool),
    /// The window stands here now; it is remembered.
    WindowPlace(WindowPlace),
    /// `breeze://` links open this program (true), or no longer.
    HandleLinks(bool),
    /// End Breeze.
    Quit,
    /// Quit; stop (true) or leave (false) the hosted server.
    QuitHosting(bool),
    /// The window has, or lost, the keyboard.
    Focus(bool),
    /// Forget a toast.
    DropToast(usize),
}
