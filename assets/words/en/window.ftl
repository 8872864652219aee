# Words of the window: lists, chats, dialogs, buttons.
app-name = Breeze
