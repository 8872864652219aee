# What went wrong, and what to do about it.
error-unknown = Something went wrong. Try again.
