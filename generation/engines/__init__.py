"""Where jobs run: `subprocess` on this machine."""
