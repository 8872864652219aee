# Groups and notes to oneself.
group-new = New group
group-picture-choose = Choose picture…
group-picture-none = No picture
group-title = Name of the group
group-title-hint = What the group is called
group-title-length = A group's name has 1 to 64 letters.
group-choose = Friends in it
group-filter = Find a friend
group-nobody = You have no friends to add yet. Invite somebody first.
group-none-found = No friend is called that.
group-all-in = All your friends are in this group.
group-chosen =
    { $count ->
        [0] Nobody chosen yet
        [one] One friend chosen
       *[other] { $count } friends chosen
    }
group-choose-name = Choose { $name }
group-make = Make group
group-making = Making…
group-members =
    { $count ->
        [one] One member
       *[other] { $count } members
    }
group-members-online = { $members }, { $online } online
group-about = About this group
group-add = Add friends
group-add-title = Add friends
group-add-do = Add
group-rename = Name, picture
group-rename-title = Name and picture
group-rename-do = Save
group-leave = Leave
group-leave-title = Leave { $title }?
group-leave-text = You will no longer see this group, and its messages go from this device. A member can add you again; what was written before then stays hidden.
group-leave-owner = The group then belongs to whoever has been an admin, or else a member, the longest.
group-leave-do = Leave group
group-hand-title = Hand { $title } over?
group-hand-text = { $name } will be the owner, and you an admin. Only { $name } can give the group back.
group-hand-do = Hand over
group-remove-title = Remove { $name }?
group-remove-text = { $name } will see nothing more of { $title }.
group-remove-do = Remove
group-remove-name = Remove { $name }
group-stay = Keep
group-cancel = Cancel
group-role-owner = Owner
group-role-admin = Admin
group-role-menu = Role of { $name }
group-make-owner = Hand the group over
group-make-admin = Make admin
group-make-member = Take admin back
group-yourself = You
group-somebody = Somebody
group-you = You
group-you-object = you
group-and = { $first } and { $last }
group-more =
    { $count ->
        [one] one more
       *[other] { $count } more
    }
group-told-created = { $who } made the group “{ $title }”
group-told-added = { $who } added { $whom }
group-told-removed = { $who } removed { $whom }
group-told-left = { $who } left the group
group-told-left-owner = { $who } left the group, which now belongs to { $owner }
group-told-renamed = { $who } named the group “{ $title }”
group-told-pictured = { $who } changed the group's picture
group-told-owner = { $who } handed the group over to { $whom }
group-told-admin = { $who } made { $whom } admin
group-told-member = { $who } took the admin role back from { $whom }
group-told-other = The group has changed
group-not-friend = Only friends can be added. Somebody you chose is no friend of yours any more.
group-full = That is more than a group can take: at most 100 at once, and 5,000 in all.
group-not-member = You are no longer in this group.
group-no-right = Only the owner or an admin may do that.
chat-typing-two = { $first } and { $second } are typing…
chat-typing-many =
    { $count ->
       *[other] { $count } people are typing…
    }
row-they = { $name }: { $text }
saved-title = Saved messages
saved-about = Notes to yourself, on all your devices
saved-hint = Write a note to yourself
group-folded = A message from { $name }, whom you have blocked
spoken-group = { $name }, group, { $members }
notification-group = { $who } in { $group }
