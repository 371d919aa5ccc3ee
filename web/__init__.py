"""The doors: chat, desk, sign-in, start page."""
