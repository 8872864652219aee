# What went wrong, and what to do about it.
error-unknown = Something went wrong. Try again.

# Joining.
join-bad-link = This is not a usable invite link: { $why }. Ask for it again and paste the whole of it.
join-bad-address = This is neither an invite link nor an address. An invite link starts with breeze://
join-wrong-pin = The server at { $address } does not have the key that your invite vouches for. Somebody may be listening in, so nothing was sent. Ask for a new link.
join-unreachable = No server answers at { $address }. Check that it runs and that you are online, then try again.
join-name-unknown = There is no computer called { $address }. Check the spelling, then try again.
join-not-breeze = Something answers at { $address }, but it is not a Breeze server. Check the address.
join-untrusted = The certificate of { $address } is not one this computer trusts. Use an invite link, which carries the server's key.
join-lost = The connection to { $address } broke. Try again.
login-fields = Fill in username and password.
recover-fields = Fill in username, code and new password.
register-name = Your name must have 1 to 64 characters.
register-username = The username must have 2 to 32 characters.

# Refused sign-in.
refused-bad-credentials = No account has this username and password. Check both.
refused-bad-token = This device was signed out. Sign in with your password.
refused-disabled = This account has been disabled. Ask whoever runs the server.
refused-invite-invalid = This invite is used up or has expired. Ask for a new one.
refused-name-taken = Somebody has this username, or one that looks like it. Choose another.
refused-name-not-allowed = This username is not allowed. Use letters and digits of one script.
refused-weak-password = This password is too easy to guess. Use 8 to 128 characters, and not a common password.
refused-registration-closed = This server takes new people only through whoever runs it. Ask them for an account.
refused-busy = The server has too much to do right now. Try again in a moment.
refused-slow-down = Too many tries. Wait a minute, then try again.
refused-recovery-wrong = There is no such code for this username. Check both: the code has 16 letters and digits.
refused-recovery-expired = This code has expired. Ask whoever runs the server for a new one.
refused-recovery-used = This code has been used already. Ask whoever runs the server for a new one.
refused-recovery-void = Too many wrong codes were tried for this name, so this one is void. Ask whoever runs the server for a new one.
protocol-app-old = The server no longer speaks with this version of Breeze. Update Breeze on this computer.
protocol-server-old = This server is too old for this version of Breeze. Ask whoever runs it to update it.

# Refused changes.
nack-not-contact = Not delivered: this person is not among your friends any more.
nack-not-member = You are no longer part of this chat.
nack-no-right = You are not allowed to do that.
nack-too-long = This is too long. Shorten it, or send it in parts.
nack-mid-reused = The server already has another message in this one's place. Take it back and send it again.
nack-bad-reference = What this refers to does not exist any more.
nack-quota = The server's limit for this is reached. Try again tomorrow.
nack-bad-password = The old password is wrong.
nack-storage-full = The server's disk is full. Your message waits here and is sent when there is room.
nack-store-down = The server cannot reach its storage. Your message waits here and is sent later.

# Refused requests.
error-unsupported = This server does not know how to do that yet. Ask whoever runs it to update it.
error-malformed = The server does not take this. A picture must be PNG, JPEG or WebP.
error-too-large = This is too large for the server.
error-not-signed-in = You are not signed in. Sign in again.
error-out-of-order = That was too early. Try again.
error-not-found = It does not exist any more.
error-expired = It is too late for that. Start again.
error-hash-mismatch = The picture was damaged on its way. Try again.
error-internal = The server made a mistake, which is in its log. Try again later.
not-connected = You are not connected right now. Try again when the connection is back.
friend-asked = Request sent to { $name }, if that is somebody's username.

# This computer.
store-disk-full = The disk of this computer is full. Make room, then try again. Nothing was lost.
store-message = The message could not be kept on this computer, so it was not sent. It is back in the text field.
store-other = Something could not be kept on this computer. Look at its disk.
store-damaged = Part of what is kept on this computer cannot be read any more. Quit Breeze and start it again: it fetches everything from the server.
rescued =
    What was kept on this computer was damaged. It is put aside as { $place }, and your messages come back from the server. { $messages ->
        [0] No unsent message
        [one] One unsent message
       *[other] { $messages } unsent messages
    } and { $drafts ->
        [0] no draft
        [one] one draft
       *[other] { $drafts } drafts
    } could be saved.
rescued-signed-out = What was kept on this computer was damaged and is put aside as { $place }. Sign in again: your messages come back from the server.
store-broken = The data of Breeze on this computer cannot be read. Start with another folder (--data), or restore a backup of this one.
store-stuck = The disk of this computer has stopped answering. Close Breeze, look at the disk, and start again. Nothing that was sent is lost.
start-no-home = Breeze finds no place for its data. Name a folder: breeze --data FOLDER
start-no-thread = Breeze could not start: { $why }. Close other programs and try again.
start-library = a library is missing
start-no-window =
    Breeze cannot open a window: { $why }.
    It needs a display (DISPLAY or WAYLAND_DISPLAY) and OpenGL. On Debian or Ubuntu install:
    apt install libx11-6 libxcursor1 libxi6 libx11-xcb1 libxkbcommon-x11-0 libegl1 libgl1
cli-geometry = "{ $text }" is no size and place: write it like 1120x720+20+40
trouble-elsewhere = This data folder is used by another running Breeze, which has taken over. Close one of the two, then try again here.
toast-sign-in = { $device } signed in to your account from { $address }. If that was not you, sign it out in Devices.

# Hosting.
host-no-program = The program breeze-server is not beside Breeze. Install both into the same folder.
host-no-folder = The server's folder cannot be written. Make room on the disk, or start with another folder (--data).
host-no-port = No port from 7463 on is free on this computer. Stop another server, then try again.
host-no-address = The server runs, but names no address that can be used. Look into its log, server.log in the data folder.
host-failed = The server could not be started: { $why }
host-silent = The server does not answer. It may have stopped; start it again.

# Pictures.
picture-filter = Pictures
picture-not-one = This is not a PNG, JPEG or WebP picture. Choose another file.
picture-broken = This picture is damaged. Choose another file.
picture-bomb = This picture would take more than 64 MiB of memory to open. Make it smaller, then try again.
picture-too-many-pixels = This picture has more than 4096 pixels on a side. Make it smaller, then try again.
picture-too-large = This file is larger than 64 MiB. Choose a smaller one.
picture-unreadable = This file cannot be read. Check that it is still there.
profile-status-long = The status may have at most 80 characters. Shorten it.
