# Words of the window: lists, chats, dialogs, buttons.
app-name = Breeze

# Time.
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday
weekday-short-1 = Mon
weekday-short-2 = Tue
weekday-short-3 = Wed
weekday-short-4 = Thu
weekday-short-5 = Fri
weekday-short-6 = Sat
weekday-short-7 = Sun
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
month-short-1 = Jan
month-short-2 = Feb
month-short-3 = Mar
month-short-4 = Apr
month-short-5 = May
month-short-6 = Jun
month-short-7 = Jul
month-short-8 = Aug
month-short-9 = Sep
month-short-10 = Oct
month-short-11 = Nov
month-short-12 = Dec
date = { $day } { $month }
date-year = { $day } { $month } { $year }
date-full = { $weekday }, { $day } { $month } { $year }, { $time }
day-today = Today
day-yesterday = Yesterday
last-seen-never = Never seen yet
last-seen-now = Last seen just now
last-seen-min = Last seen { $count } min ago
last-seen-minutes =
    { $count ->
        [one] Last seen one minute ago
       *[other] Last seen { $count } minutes ago
    }
last-seen-h = Last seen { $count } h ago
last-seen-hours =
    { $count ->
        [one] Last seen one hour ago
       *[other] Last seen { $count } hours ago
    }
last-seen-yesterday = Last seen yesterday
last-seen-on = Last seen { $day }

# Presence.
presence-online = Online
presence-away = Away
presence-busy = Busy
presence-doubtful = Link lost { $seconds } s ago
last-known-online = Last known: online
last-known-away = Last known: away
last-known-busy = Last known: busy
last-known-offline = Last known: offline
spoken-online = online
spoken-away = away
spoken-busy = busy
spoken-doubtful = link lost a moment ago
spoken-offline = offline
spoken-you = You
spoken-unread =
    { $count ->
        [one] one unread message
       *[other] { $count } unread messages
    }
spoken-marked = marked as unread
spoken-named = you are mentioned
spoken-muted = muted

# Rail.
rail-me = You, { $name }, { $status }. Change your status
rail-chats = Chats
rail-people = People
rail-people-waiting =
    { $count ->
        [one] People, one request waits
       *[other] People, { $count } requests wait
    }
rail-search = Search everything
rail-host = Your server
rail-settings = Settings
status-menu = Your status
status-online = Online
status-away = Away
status-busy = Busy
status-invisible = Invisible
status-profile = Edit profile…

# List.
list-filter = Filter
list-filter-key = Ctrl L
list-clear = Clear filter
list-none-title = Nobody found
list-none-text = No name or username matches.
list-empty-title = Nobody here yet
list-empty-text = Send a friend a link. It makes you friends and opens your chat.
list-empty-button = Invite a friend
heading-online = Online
heading-offline = Offline
heading-last-known-online = Last known online
heading-last-known-offline = Last known offline
heading-recent = Recent
heading-pinned = Pinned
heading-archived = Archived
row-typing = typing…
row-you = You: { $text }
row-draft = Draft: { $text }

# Searching.
search-field = Search people and messages
search-hint = Search people and messages
search-close = Close the search
search-people = People
search-messages = Messages
search-hit = { $chat }, { $date }, { $author }: { $text }
search-empty-title = Search everything
search-empty-text = People by name, and every message you may read. Two letters of a word are enough.
search-busy = Searching…
search-busy-text = Older messages come from the server.
search-none-title = Nothing found
search-none-text = Check the spelling, or try the beginning of a word.
search-not-here = This message is not on this computer. It can be shown once you are connected.
find-field = Search this chat
find-hint = Search this chat
find-older = Older hit
find-newer = Newer hit
find-close = Close the search of this chat
find-count = { $at } of { $count }
find-count-more = { $at } of { $count } or more
switch-title = Go to
switch-field = Name
switch-hint = Name of a person or chat
switch-keys = ↑ and ↓ choose, Enter opens.

# Chat.
chat-back = Back to the list
chat-find = Find in this chat
chat-about = About this person
chat-new = New messages
chat-jump = Jump to the newest message
chat-jump-count =
    { $count ->
        [one] Jump to the newest message, one unread
       *[other] Jump to the newest message, { $count } unread
    }
chat-typing = { $name } is typing…
composer-hint = Message { $name }
composer-send = Send
composer-closed = You have blocked this person. Unblock them to write.
composer-left = Room for { $count } more
composer-over =
    { $count ->
        [one] One letter too long. Shorten it to send.
       *[other] { $count } letters too long. Shorten it to send.
    }
message-copy = Copy message
message-unsupported = This message needs a newer Breeze.
message-late = Not on the server yet.
message-retry = Try again
message-take-back = Edit again
message-old =
    { $days ->
        [one] Written a day ago and never sent.
       *[other] Written { $days } days ago and never sent.
    }
message-send-old = Send now
message-discard = Discard
tick-waiting = waiting to be sent
tick-late = not sent yet
tick-refused = refused
tick-old = not sent for a long time
tick-stored = sent
tick-delivered = delivered
tick-read = read
no-chat-title = Pick a chat
no-chat-text = Choose somebody on the left, or press Alt and an arrow key.
no-friends-title = Welcome to Breeze
no-friends-text = Invite the first friend, and talk.
no-messages-text = This is the beginning of your chat with { $name }. Say hello.
no-messages-loading = Getting your messages…

# Banner.
banner-reconnecting = Reconnecting…
banner-restarting = The server restarts…
banner-next-try = Next try in { $seconds } s. Messages you send now wait in the outbox.
banner-trying = Trying now. Messages you send now wait in the outbox.
banner-try-now = Try now
banner-silent = The server does not answer.
banner-silent-text = Messages you send now wait in the outbox.
banner-syncing = Catching up…
banner-syncing-text = Getting what happened meanwhile.
banner-rolled-back = The server lost its newest data.
banner-rolled-back-text = Your messages are safe on this computer and wait until its operator says that it goes on.
toast-close = Close

# Onboarding.
welcome-title = Welcome to Breeze
welcome-text = Chat on a server of your own. Pick one way in.
welcome-login = I have an account already
join-title = Join with an invite
join-text = Paste the link a friend sent you. It names the server and its key, so nobody can stand in between.
join-field = Invite link or server address
join-hint = breeze://…
join-button = Join
join-busy = Connecting…
host-title = Host on this computer
host-text = Start your own server with one click and invite people from it. It runs until you stop it.
host-field = Name of your server
host-hint = Name: My Breeze
host-button = Start hosting
host-busy = Starting…
problem-retry = Try again
problem-host = Host a server here
form-back = Back
new-title = Who are you?
new-text = You are joining { $server }.
new-name = Your name
new-name-hint = As your friends know you
new-username = Username
new-password = Password
new-password-hint = At least 8 characters
new-button = Start chatting
new-busy = Making your account…
username-help = Friends find you by it.
username-asking = Checking…
username-free = This one is free.
username-taken = Somebody has this one.
username-not-allowed = Use 2 to 32 small letters, digits, dots or dashes.
username-offer = Use { $name }
password-show = Show the password
password-hide = Hide the password
login-title = Sign in
login-link = Server address or invite link
login-link-hint = breeze://… or chat.example.org
login-button = Sign in
login-busy = Signing in…
login-forgot = Forgot the password?
recover-title = Set a new password
recover-text = Ask whoever runs the server for a recovery code. It is good for half an hour, and signs all your devices out.
recover-code = Recovery code
recover-code-hint = xxxx-xxxx-xxxx-xxxx
recover-password = New password
recover-button = Set password and sign in
recover-back = Back to signing in

# Dialogs.
dialog-close = Close
dialog-cancel = Cancel
profile-title = Your profile
profile-picture = Your picture
profile-crop = Your picture: drag to place it, scroll to zoom
profile-choose = Choose picture…
profile-initials = Use initials
profile-drop = Or drop a picture here, or paste one from your files
profile-zoom = Zoom
profile-crop-help = Drag the picture to place it, scroll to zoom
profile-name = Display name
profile-status = Status
profile-state = State
profile-status-text = Status text
profile-status-hint = What are you up to?
profile-save = Save
profile-saving = Saving…
people-title = People
people-add = Add by username
people-add-hint = The exact username
people-ask = Ask
people-incoming = Want to be your friend
people-outgoing = You asked
people-blocked = Blocked
people-wants = @{ $name }
people-waiting = Waits for an answer
people-accept = Accept
people-decline = Decline
people-withdraw = Take back
people-unblock = Unblock
people-invite-text = Somebody is not on this server yet? Send them a link.
invite-title = Invite a friend
invite-text = Whoever opens this link joins this server as your friend. It works once.
invite-making = Making a link…
invite-until = Good until { $time }.
invite-copy = Copy link
settings-title = Settings
settings-theme = Theme
theme-system = System
theme-light = Light
theme-dark = Dark
settings-order = Order of the list
order-online = Online first
order-recent = Newest chats first
settings-clock = Clock
clock-system = As the system
clock-12 = 12 hours
clock-24 = 24 hours
clock-am = { $time } AM
clock-pm = { $time } PM
settings-motion = Reduce motion
settings-ctrl-enter = Send with Ctrl+Enter, not Enter
settings-account = Signed in as { $name } on { $server }
settings-devices = Devices
settings-keys = Keyboard
settings-sign-out = Sign out
quit-title = Your server is running
quit-text = Friends stay connected while it runs. Stop it now, or leave it running in the background?
quit-keep = Keep running
quit-stop = Stop hosting
person-title = About
person-block = Block
person-unfriend = End friendship
devices-title = Your devices
devices-loading = Asking the server…
devices-revoke = Sign out
devices-this = This device
devices-live = Connected, heard { $seconds } s ago
devices-since = Signed in { $time }

# Keyboard.
keys-title = Keyboard
key-send = Enter
key-send-does = Send
key-newline = Shift+Enter
key-newline-does = New line
key-step = Alt+↑ / Alt+↓
key-step-does = Previous or next chat
key-number = Ctrl+1 … 9
key-number-does = Chat at that place
key-unread = Ctrl+Tab
key-unread-does = Next unread chat
key-switch = Ctrl+K
key-switch-does = Go to a chat by name
key-find = Ctrl+F
key-find-does = Search this chat
key-search = Ctrl+Shift+F
key-search-does = Search everything
key-filter = Ctrl+L
key-filter-does = Filter the list
key-escape = Esc
key-escape-does = Cancel, clear or close
key-people = Ctrl+N
key-people-does = People
key-settings = Ctrl+,
key-settings-does = Settings
key-page = Page ↑ / Page ↓
key-page-does = Scroll the chat
key-ends = Ctrl+Home / Ctrl+End
key-ends-does = Oldest or newest message
key-zoom = Ctrl + / - / 0
key-zoom-does = Larger, smaller, normal
key-help = F1
key-help-does = This list
key-quit = Ctrl+Q
key-quit-does = Quit

# Trouble.
trouble-folder-in-use-title = Breeze is already open
trouble-folder-in-use-text = Another Breeze uses the data folder { $place }. Close it, then try again.
trouble-folder-unwritable-title = Breeze cannot save anything
trouble-folder-unwritable-text = The data folder { $place } cannot be written. Make it writable or free some space, then try again.
trouble-newer-data-title = Your data is newer than this Breeze
trouble-newer-data-text = A newer Breeze has been used here. Install that version again; nothing was changed.
trouble-wrong-pin-title = This is not the server you know
trouble-wrong-pin-text = The server at { $place } shows another key than before. Somebody may stand in between, so Breeze does not connect. Ask its operator; if the key was really changed, sign in again with a new invite link.
trouble-signed-out-title = You were signed out
trouble-signed-out-text = This device was signed out from somewhere else. Your messages are still here. Sign in to go on.
trouble-disabled-title = Your account is disabled
trouble-disabled-text = The operator of this server has disabled your account. Ask them about it.
trouble-server-old-title = The server is too old
trouble-server-old-text = It speaks an older protocol than this Breeze. Ask its operator to update it.
trouble-app-old-title = This Breeze is too old
trouble-app-old-text = The server speaks a newer protocol. Install the newest Breeze.
trouble-other-title = Something is missing
trouble-sign-in = Sign in again
trouble-copy = Copy details
trouble-quit = Quit
