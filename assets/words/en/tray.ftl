# Words of Breeze's place on the desktop: the tray, closing the window, links.

# The tray.
tray-open = Open Breeze
tray-status = Status: { $status }
tray-quit = Quit Breeze
tray-standing = { $name }: { $state }
tray-connecting = Connecting…
tray-signed-out = Not signed in

# Closing the window.
closing-title = Keep Breeze running?
closing-text = Breeze can stay in the tray when its window is closed: messages go on arriving and friends see you online. Or it can quit.
closing-later = You can change this in Settings.
closing-keep = Keep running in the tray
closing-quit = Quit
settings-closing = Closing the window
settings-to-tray = Keep running in the tray
settings-to-tray-on = Breeze goes on in the tray: messages arrive, and friends see you online.
settings-to-tray-off = Closing the window quits Breeze.
no-tray-looking = Looking for a tray on this desktop…
no-tray-bus = This session has no message bus (D-Bus), so there is no tray. Closing the window quits Breeze.
no-tray-watcher = This desktop shows no tray, so nobody could find a closed window again. Closing it quits Breeze. On GNOME, the extension AppIndicator adds a tray.
no-tray-silent = This desktop’s tray does not answer, so a closed window could not be found again. Closing it quits Breeze.
no-tray-refused = This desktop’s tray has refused Breeze, so a closed window could not be found again. Closing it quits Breeze.
no-tray-unsupported = This Breeze knows no tray on this system. Closing the window quits Breeze.

# Links.
settings-links = Invite links
links-no = Links that begin with breeze:// do not open this Breeze yet.
links-package = The installed package opens links that begin with breeze://.
links-here = Links that begin with breeze:// open this Breeze. Written to { $file }
links-unknown = Looking who opens links that begin with breeze://…
links-open = Open invite links with this Breeze
links-stop = No longer open invite links
links-comment = Chat on a server of your own
links-no-home = This system keeps no list of programs that open links, so there is nothing to change.
links-failed = It could not be changed: { $why }. Look whether your home folder can be written.
opened-title = Invite link
opened-text = This link leads to the server at { $address }.
opened-key = Fingerprint of its key
opened-no-key = The link names no key, so nobody vouches for this server.
opened-same = That is the server you are signed in to, { $server }: the key is the same.
opened-other = You are signed in to { $server }, and this Breeze shows one server for now. To use the link, sign out in Settings, or open it in a second Breeze with a data folder of its own: breeze --data FOLDER
opened-copy = Copy link
join-leads = Leads to { $address }. Key: { $key }
join-leads-no-key = Leads to { $address }. The link names no key.
