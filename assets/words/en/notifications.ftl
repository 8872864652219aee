# What notifications say, and the settings about them.
notification-count = { $title } ({ $count })
notification-hidden =
    { $count ->
        [one] New message
       *[other] { $count } new messages
    }
notification-request = Wants to be your friend
notification-requests =
    { $count ->
        [one] One friend request
       *[other] { $count } friend requests
    }
notification-missed-title = While you were away
notification-missed =
    { $count ->
        [one] One new message
       *[other] { $count } new messages
    } in { $chats ->
        [one] one chat
       *[other] { $chats } chats
    }
notification-missed-both =
    { $count ->
        [one] One new message
       *[other] { $count } new messages
    }, { $requests ->
        [one] one friend request
       *[other] { $requests } friend requests
    }
notification-somebody = New message
notification-open = Open
settings-notifications = Notifications
notify-everything = Everything
notify-mentions = Mentions
notify-mentions-about = Messages of friends, requests, and in groups what names you.
notify-nothing = None
settings-show-text = Show the text of messages

# The device's token in the system's secret store.
secret-label = Breeze on { $server }
banner-secrets = Your system's password store is locked.
banner-secrets-text = Unlock it, and Breeze signs in by itself.

# The system's file dialog.
picture-no-dialog = This system has no file dialog for programs (xdg-desktop-portal). Drop the picture onto this window instead.
picture-dialog-silent = The system's file dialog does not answer. Try again, or drop the picture onto this window.

# Away by itself.
settings-away = Away when nobody is there for
away-never = Never
away-minutes = { $count } min
