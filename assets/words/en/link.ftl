# Before there is a window: what this computer lacks to open one.
graphics-no-display = Breeze needs a screen: neither DISPLAY nor WAYLAND_DISPLAY is set. Start it from a desktop session.
graphics-missing = Breeze cannot open a window: libraries are missing. On Debian or Ubuntu: sudo apt install { $packages }
