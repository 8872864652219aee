# What can be done with a message, and what became of it.
message-react = React
message-react-more = More emoji
message-reply = Reply
message-forward = Forward…
message-edit = Edit
message-delete = Delete…
message-history = Earlier texts
message-more = More
message-deleted = Message deleted
message-edited = edited { $time }
message-edited-when = Sent { $sent }, edited { $edited }
message-answers = Answers
message-earlier = Earlier message
message-earlier-text = Not loaded yet
message-reaction-spoken = { $emoji } by { $names }
message-reaction-more =
    { $count ->
        [one] one more
       *[other] { $count } more
    }

# Several messages at once.
message-select = Select messages
select-spoken = Select { $message }
select-count =
    { $count ->
        [0] No message selected
        [one] One message selected
       *[other] { $count } messages selected
    }
select-copy = Copy
select-cancel = Cancel

# Six that are always at hand, separated by spaces.
reactions-quick = 👍 ❤️ 😂 😮 😢 🙏

# Above the composer.
about-reply = Answer to { $name }
about-edit = Edit message
about-cancel = Cancel

# Windows about a message.
delete-title = Delete this message?
delete-text = It goes for everybody, from every device and from the server. This cannot be taken back.
delete-do = Delete
delete-keep = Keep it
edits-title = Earlier texts
forward-title = Forward to
forward-filter = Find a chat
forward-none = No chat is called so.
emoji-title = React with

# Where emoji are picked.
emoji-insert = Insert an emoji
emoji-find = Find an emoji
emoji-none = No emoji is called so.
emoji-recent = Used last
emoji-group-SmileysAndEmotion = Faces and feelings
emoji-group-PeopleAndBody = People
emoji-group-AnimalsAndNature = Animals and nature
emoji-group-FoodAndDrink = Food and drink
emoji-group-TravelAndPlaces = Travel and places
emoji-group-Activities = Activities
emoji-group-Objects = Objects
emoji-group-Symbols = Signs
emoji-group-Flags = Flags

# Keys.
key-emoji = Ctrl+E
key-emoji-does = Insert an emoji, or type :name
key-edit = ↑
key-edit-does = Edit your last message
key-menu = Menu, Shift+F10
key-menu-does = What can be done with a message

# What can be done with a conversation as a whole.
chat-more = More about this chat
chat-pin = Pin to the top
chat-unpin = Unpin
chat-mute-hours = Mute for 8 hours
chat-mute = Mute
chat-unmute = Unmute
chat-mark-unread = Mark as unread
chat-mark-read = Mark as read
chat-archive = Archive
chat-unarchive = Take out of the archive
chat-keep = Keep messages…

# How long messages are kept.
keep-title = Keep messages
keep-text = What is older, files too, is erased for everybody in this chat: on the server and on all devices. That cannot be undone.
keep-not-yours = What is older, files too, is erased for everybody in this chat. Only the group’s owner and admins can change this.
keep-for-good = For good
keep-year = 1 year
keep-days =
    { $count ->
        [one] 1 day
       *[other] { $count } days
    }
keep-server = This server keeps messages for { $days } at most.
keep-warning = Messages older than { $days } are erased at once.
keep-save = Save
keep-erase = Erase older messages
keep-too-long = Messages can be kept for 10 years, or for good.
keep-told = { $who } set messages to be kept for { $days }
keep-told-for-good = { $who } set messages to be kept for good

# Pinned messages.
pin-on = Pin
pin-off = Unpin
pin-title = Pinned message
pin-title-of = Pinned message { $at } of { $count }
pin-by = Pinned by { $name }
pin-by-you = Pinned by you
pin-spoken = pinned
pin-unknown = Click to go there
pin-offline = Not pinned: there is no connection to the server.
pin-full = { $count } messages are pinned here already. Take one off first.
pin-no-right = Only the group’s owner and admins can pin messages.
pin-not-contact = Not pinned: you are not friends any more.
pin-gone = This message does not exist any more.
