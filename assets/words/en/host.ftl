# The panel of the server hosted on this computer.
hosting-title = Your server
hosting-none = No server is hosted from this app.
hosting-running = Running
hosting-since = Running for { $time }
hosting-stopped = Stopped
hosting-died = Your server stopped
hosting-starting = Starting…
hosting-stopping = Stopping…
hosting-text = It runs on this computer until you stop it.
hosting-foreign = It was started outside Breeze. It can be looked at and stopped from here.
hosting-tabs = Parts of this panel
hosting-tab-server = Server
hosting-tab-invite = Invite
hosting-tab-people = People
hosting-tab-log = Log
hosting-address = Address
hosting-copy-address = Copy address
hosting-words = Fingerprint in words
hosting-words-text = Whoever joins by address sees eight words. They must be these.
hosting-stop = Stop hosting
hosting-start = Start hosting
hosting-start-again = Start again
hosting-people = People
hosting-people-count = { $people }, { $sessions } connected
hosting-disk = Disk
hosting-disk-use = { $used } used, { $pictures } of it pictures, { $free } free
hosting-folder = Folder
hosting-version = Version
hosting-looking = Looking…

banner-host-died = Your server stopped.
banner-host-died-text = Nobody can reach it until it runs again.
banner-host-starting = Starting it again…

# Invites.
hosting-link = Invite link
hosting-link-text = Whoever opens the link or scans the code joins this server as your friend.
hosting-ttl = Valid for
ttl-hour = 1 hour
ttl-day = 1 day
ttl-week = 1 week
hosting-uses = For
uses-one = 1 person
uses-ten = 10 people
uses-hundred = 100 people
hosting-limits = A link ends after 30 days at the latest, and none is good for ever.
hosting-make = Make invite link
hosting-make-another = Make another link
hosting-making = Making a link…
hosting-copy-link = Copy link
hosting-qr = QR code of the invite link
hosting-open-invites = Open invites
hosting-no-invites = No link is open.
hosting-invite-row = { $uses ->
    [one] 1 person may join
   *[other] { $uses } people may join
 }
hosting-invite-until = until { $time }, made by { $maker }
hosting-invite-owner = the server, for its owner
hosting-revoke = Take back
hosting-revoke-name = Take back invite { $number }
hosting-more-invites = There are more: breeze-server invites lists them.

# People and sessions.
hosting-sessions = Connected now
hosting-no-sessions = Nobody is connected.
hosting-heard = heard { $seconds } s ago
hosting-session = { $name }, { $address }, heard { $seconds } seconds ago
hosting-more-sessions = There are more: breeze-server sessions lists them.
hosting-everybody = Everybody
hosting-no-people = Nobody has an account yet.
hosting-owner = owner
hosting-disabled = shut
hosting-connected = connected
hosting-disable = Disable
hosting-disable-name = Disable { $name }
hosting-enable = Enable
hosting-enable-name = Enable { $name }
hosting-reset = New password
hosting-reset-name = New password for { $name }
hosting-password = The new password of { $name }. It is shown only now.
hosting-password-copy = Copy password
hosting-password-done = I have noted it
hosting-recover-name = One-time code for { $name }
hosting-code = { $name } sets a new password with this code, by “Forgot the password?” where one signs in with an account. It works once, until { $until }, signs all their devices out, and is shown only now.
hosting-code-copy = Copy code
hosting-files = { $size } of files
hosting-files-of = { $size } of { $quota } for files
hosting-more-people = Show more
hosting-too-many = There are more: breeze-server user list shows everybody.

# The log.
hosting-log-text = What the server noted lately, newest last. It never holds messages or passwords.
hosting-log-empty = Nothing yet.
hosting-log-copy = Copy all

# Starting with the system.
autostart = Start when I log in to this computer
autostart-asking = Asking the system…
autostart-none = This system has no systemd of yours to start it. It starts with Breeze instead.
autostart-other = Another Breeze of yours already starts its server with the system.
autostart-failed = The system did not do it: { $why }
autostart-slow = it took too long

# Words for amounts.
size-bytes = { $n } B
size-kib = { $n } KiB
size-mib = { $n } MiB
size-gib = { $n } GiB
age-seconds = { $n } s
age-minutes = { $n } min
age-hours = { $h } h { $m } min
age-days = { $d } d { $h } h

# The file a hosted server reads its settings from.
host-settings-file = # Settings of the server hosted from Breeze. Yours to change; breeze-server.toml in the sources explains every line.

# On this network.
near-title = On this network
near-looking = Looking for servers near you…
near-found = { $count ->
    [one] Found one server near you.
   *[other] Found { $count } servers near you.
 }
near-many = Many answer here. If yours is missing, type its address.
near-none = If yours does not show up, type its address or use an invite link.
near-join = Join { $name } at { $address }

# Trusting a server.
trust-title = Do you know this server?
trust-text = Nobody vouches for { $address }. Ask whoever runs it to read you its eight words: they are in the panel of their server. If one differs, somebody stands in between.
trust-fingerprint = Fingerprint
trust-button = They are the same: trust it
login-invite = New here? Ask for an invite link and paste it on the first page. It makes your account.
