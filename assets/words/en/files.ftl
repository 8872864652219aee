# Files and pictures in messages.

file-attach = Attach files
file-drop = Drop files to send them to { $name }
file-drop-none = This server takes no files
file-offer-title =
    { $count ->
        [one] Send this file?
       *[other] Send these { $count } files?
    }
file-offer-to = To { $name }
file-caption = Caption
file-caption-hint = Say something about it
file-send =
    { $count ->
        [one] Send file
       *[other] Send { $count } files
    }
file-leave-out = Leave out { $name }
file-cancel = Cancel
file-too-many = At most { $count } files are sent at once. Put more into an archive.
file-text-name = message.txt
file-picture-name = picture.png
file-preview = The copied picture
file-as-text = Send as text file

file-fetch = Download { $name }
file-stop = Stop { $name }
file-open = Open { $name }
file-look = Look at { $name }
file-save = Save { $name } as…
file-folder = Show the folder of { $name }
file-again = Try again: { $name }
file-spoken = File { $name }, { $size }, { $state }
file-picture-spoken = Picture { $name }, { $size }, { $state }

file-reading = Reading from your disk
file-waiting = Waiting for the connection
file-absent = Not downloaded
file-here = On this computer
file-running = { $done } of { $size }
file-running-rate = { $done } of { $size } · { $rate }/s
file-size-b = { $n } bytes
file-size-kb = { $n } kB
file-size-mb = { $n } MB
file-size-gb = { $n } GB

file-saved = Saved as { $name }
file-not-saved = The file could not be saved ({ $why }). Choose another folder.
file-not-opened = No program on this computer opens it. Save it and choose a program yourself.
file-unreadable = { $name } could not be read. Check its permissions and try again.
file-not-one = { $name } is not a file. Put a folder into an archive to send it.
file-too-large = { $name } is larger than the { $mib } MiB this server takes.
file-refused = The server did not take this file. Try again later.
file-refused-size = The file is larger than this server takes.
file-refused-quota = Your room for files on this server is used up. Delete messages with files, or ask the operator for more.
file-gone = This file is no longer on the server.
file-gone-here = This file is no longer on this computer. Attach it again.
file-damaged = The file arrived damaged. Try again.
file-not-kept = The file could not be kept on this computer. Is the disk full?

file-risky-title = Open a program?
file-risky-text = “{ $name }” may run on this computer and change or read your files. Open it only if you expected it and trust who sent it.
file-risky-open = Open it anyway
file-risky-keep = Keep it closed
file-picture-missing = This picture cannot be shown. Save it to look at it with another program.
